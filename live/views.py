"""Runs as they are watched: at work, or read from disk; and what is said when one fails."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from gan_core.events import Place
from gan_core.history import Rows
from gan_core.sentences import Sentence
from gan_core.snapshot import Snapshot
from gan_core.store import RunStore
from live.coaching import coach_of


class Viewable(Protocol):
    """A run one can watch: at work (`RunHandle`) or on disk (`StoredRun`)."""

    def snapshot(self) -> Snapshot:
        """The run as it is now."""

    def rows(self, end: tuple[int, int] | None) -> Rows:
        """The curves after `end`."""

    def listen(self, wake: Callable[[], None]) -> Callable[[], None]:
        """Call `wake` after every change; returns what ends that."""


class StoredRun:
    """A run nobody is working on, read from disk once."""

    def __init__(self, store: RunStore, run_id: str) -> None:
        status, past = store.status(run_id), store.past(run_id)
        self._history = past.history
        self._snapshot = Snapshot(
            run_id,
            status.state,
            status.message,
            started=store.started(run_id),
            place=Place(status.step, status.epoch, status.images, status.elapsed_s),
            samples=store.samples(run_id),
            knobs=status.knobs,
            marks=past.marks,
            coach=coach_of(store, run_id).sayings,
        )

    def snapshot(self) -> Snapshot:
        """The run as it was left."""
        return self._snapshot

    def rows(self, end: tuple[int, int] | None) -> Rows:
        """The curves after `end`."""
        return self._history.since(end)

    def listen(self, wake: Callable[[], None]) -> Callable[[], None]:
        """Nothing will change, so `wake` is never called."""
        return lambda: None


def explain(error: BaseException) -> str:
    """What went wrong, as a sentence for the screen."""
    if isinstance(error, ValueError | FloatingPointError):
        return str(error)
    if "out of memory" in str(error).lower():
        return Sentence("The device ran out of memory. A smaller batch_size or width needs less.")
    return Sentence(
        "Something unexpected went wrong ({kind}: {error}). The run's folder holds everything up to its last checkpoint.",
        kind=type(error).__name__,
        error=error,
    )
