"""What keeps a run."""

from __future__ import annotations

from typing import Protocol

from gan_core.events import Event, RunState


class Recorder(Protocol):
    """What keeps a run: `record.RunRecord` on disk, or a list in a test."""

    def append(self, event: Event) -> None:
        """Take one event, in the run thread."""

    def close(self, state: RunState, message: str) -> None:
        """The last word: how the run ended, and why if it failed."""
