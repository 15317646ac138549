"""Where a run stands, in one small file; and whether a living process holds the run.

A lock on the run's folder, which the system frees when a process dies, tells a run at work from an interrupted one.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from gan_core.events import ALIVE, RunState
from gan_core.sentences import from_parts

_ONE_HERE = threading.Lock()
"""Threads of this process wait for each other without looking at a file again and again."""


@dataclass(frozen=True)
class Status:
    """What is known of a run without opening its events."""

    run_id: str
    state: RunState
    message: str = ""
    """Why it failed, as a sentence."""
    message_parts: Mapping[str, Any] = field(default_factory=dict)
    """The same by its template and values, where it has them: `reason` is made of them."""
    created_at: float = 0.0
    """Seconds since 1970."""
    updated_at: float = 0.0
    step: int = 0
    epoch: float = 0.0
    images: int = 0
    elapsed_s: float = 0.0
    device: str = ""
    threads: int = 0
    checkpoint_step: int = -1
    """The step a run would continue from; -1 where there is no checkpoint."""
    knobs: Mapping[str, Any] = field(default_factory=dict)
    """The live knobs as they stand now: the settings', unless somebody turned one."""
    parent: str = ""
    """The run this one was forked from, if it was."""
    fork_step: int = -1
    """Up to this step the two are one."""
    spark: Mapping[str, tuple[float, ...]] = field(default_factory=dict)
    """Small curves for a list: name -> at most some 30 values over all steps."""
    bytes: int = 0
    """Room the run takes on disk."""
    bundled: bool = False
    """Whether it came with GANscope: to be looked at and forked, not to be changed."""
    facts: Mapping[str, str] = field(default_factory=dict)
    """Data, network and game, then what else differs from the default, as texts: what a list says without the settings' file."""

    pace: float | None = None
    """Halves of a step a second, of a run at work that was slowed down; None for as fast as it can."""
    way: str = ""
    """How steps are played, of a run at work on a GPU."""

    @property
    def reason(self) -> str:
        """Why it failed, as a `Sentence` again if it was one, so that it can be said in another language."""
        try:
            return from_parts(self.message_parts) if self.message else ""
        except ValueError:
            return self.message  # it was no sentence of ours, or somebody wrote in the file

    @property
    def resumable(self) -> bool:
        """Whether the run has ended and can go on."""
        return self.state not in ALIVE and self.checkpoint_step >= 0 and not self.bundled


@contextmanager
def asking(folder: Path) -> Iterator[None]:
    """Nobody else, in this process or another, asks meanwhile whether a run beside this one is held, or takes hold of it.

    Asking takes hold of a run for a moment: without this, two who ask take each other for its owner.
    """
    with _ONE_HERE, FileLock(folder.parent / ".asking.lock", thread_local=False, poll_interval=0.005):
        yield


def held(folder: Path) -> bool:
    """Whether a living process holds the run."""
    lock = FileLock(folder / "lock", thread_local=False)
    try:
        with asking(folder), lock.acquire(timeout=0):
            return False
    except Timeout:
        return True
