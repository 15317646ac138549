"""The one manager of a process: which runs there are, who controls which, and who waits for a free device.

It is found again when Streamlit reloads changed sources: a manager made per module would start a second trainer beside the
first at every save, and the first would go on unseen.
"""

from __future__ import annotations

import sys
import threading
import time
import types
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Protocol

from gan_core.config import RunConfig
from gan_core.devices import pick, threads_beside_a_page
from gan_core.events import ALIVE, Checkpoint, EventSource, Place
from gan_core.history import Rows
from gan_core.record import Status
from gan_core.run_manager import Busy, RunManager
from gan_core.runner import RunHandle, Snapshot
from gan_core.store import RunStore
from live.tickets import Tickets

Train = Callable[[RunConfig, Checkpoint | None], EventSource]
"""`gan_core.loop.train`, or a fake of it."""
_HOME = "_ganscope_live_manager"


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
        status = store.status(run_id)
        self._history = store.history(run_id)
        place = Place(status.step, status.epoch, status.images, status.elapsed_s)
        self._snapshot = Snapshot(
            run_id, status.state, status.message, started=store.started(run_id), place=place, samples=store.samples(run_id)
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


@dataclass(frozen=True)
class Waiting:
    """Someone who starts as soon as the device is free."""

    config: RunConfig
    browser: str
    since: float


class LiveManager:
    """Starts, continues and stops runs on behalf of browsers. All methods may be called from any thread."""

    def __init__(self, train: Train, root: Path, limit: int = 1) -> None:
        self.store = RunStore(root)
        self.runs = RunManager(limit)
        self.tickets = Tickets(root / ".ticket-secret")
        self._train = train
        self._lock = threading.RLock()
        self._owners: dict[str, str] = {}
        self._lives: dict[str, int] = {}
        self._queue: list[Waiting] = []

    def start(self, config: RunConfig, browser: str) -> str:
        """Start a new run that `browser` controls and return its id; Busy where the device is taken, ValueError where it cannot be."""
        device = pick(config.device)
        if device == "cpu" and config.threads == 0:
            config = config.but(threads=threads_beside_a_page())
        handle = self.runs.start(device, lambda: self._new(config))
        self._given_to(handle, browser)
        return handle.run_id

    def go_on(self, run_id: str, browser: str) -> None:
        """Continue a stopped or interrupted run from its last checkpoint; Busy or ValueError where that cannot be."""
        config = self.store.config(run_id)
        self._given_to(self.runs.start(pick(config.device), lambda: self._reopened(run_id)), browser)

    def wait(self, config: RunConfig, browser: str) -> None:
        """Start the run as soon as its device is free; a browser waits for one run at most, the last it asked for.

        ValueError where this machine lacks the device.
        """
        pick(config.device)
        with self._lock:
            self.leave_queue(browser)
            self._queue.append(Waiting(config, browser, time.time()))
        self._start_waiting()

    def leave_queue(self, browser: str) -> None:
        """Forget what `browser` waits for."""
        with self._lock:
            self._queue = [waiting for waiting in self._queue if waiting.browser != browser]

    def queue(self) -> tuple[Waiting, ...]:
        """Who waits, first come first."""
        with self._lock:
            return tuple(self._queue)

    def controls(self, run_id: str, browser: str) -> bool:
        """Whether `browser` may pause and stop the run: it started it, or continued it last."""
        with self._lock:
            return self._owners.get(run_id) == browser

    def handle(self, run_id: str, browser: str) -> RunHandle:
        """The run, for pausing or stopping it; ValueError where it is not at work here or belongs to another browser."""
        handle = self.runs.get(run_id)
        if handle is None:
            raise ValueError(f"The run {run_id} is not at work here.")
        if not self.controls(run_id, browser):
            raise ValueError(f"The run {run_id} was started by another browser, and only that one can pause or stop it.")
        return handle

    def view(self, run_id: str) -> Viewable:
        """The run for watching: at work, or from disk; ValueError where there is none."""
        handle = self.runs.get(run_id)
        if handle is None or handle.snapshot().state not in ALIVE:
            return StoredRun(self.store, run_id)
        return handle

    def knows(self, run_id: str) -> bool:
        """Whether there is such a run, and it can be read."""
        try:
            self.store.status(run_id)
        except ValueError:
            return False
        return True

    def status(self, run_id: str) -> Status:
        """Where the run stands this moment: from memory where it is at work here, else from disk; ValueError where there is none."""
        handle = self.runs.get(run_id)
        if handle is None:
            return self.store.status(run_id)
        snapshot = handle.snapshot()
        if snapshot.state not in ALIVE:
            return self.store.status(run_id)
        place = asdict(snapshot.place) if snapshot.place else {}
        device = snapshot.started.device if snapshot.started else ""
        return Status(run_id, snapshot.state, snapshot.message, device=device, **place)

    def delete(self, run_id: str) -> None:
        """Remove an ended run from disk and memory; ValueError where it is at work."""
        self.store.delete(run_id)
        self.runs.forget(run_id)

    def life(self, run_id: str) -> int:
        """How often this process has started or continued the run; a watcher of an earlier life connects anew."""
        with self._lock:
            return self._lives.get(run_id, 0)

    def close(self, timeout: float = 4.5) -> bool:
        """Let nobody start any more, stop and save every run; whether all ended within `timeout` seconds."""
        with self._lock:
            self._queue.clear()
        return self.runs.stop_all(timeout)

    def _new(self, config: RunConfig) -> RunHandle:
        record = self.store.new(config)
        return RunHandle(record.run_id, lambda: self._train(config, None), record=record, explain=explain)

    def _reopened(self, run_id: str) -> RunHandle:
        checkpoint, history = self.store.checkpoint(run_id), self.store.history(run_id)
        record = self.store.reopen(run_id)
        return RunHandle(run_id, lambda: self._train(record.config, checkpoint), record=record, history=history, explain=explain)

    def _given_to(self, handle: RunHandle, browser: str) -> None:
        with self._lock:
            self._owners[handle.run_id] = browser
            self._lives[handle.run_id] = self._lives.get(handle.run_id, 0) + 1
        handle.listen(lambda: self._ended(handle))
        self._ended(handle)  # it may have ended before anyone listened

    def _ended(self, handle: RunHandle) -> None:
        # Called in the ending run's thread, under its lock: the next one is started from a thread of its own.
        if handle.snapshot().state not in ALIVE and self._queue:
            threading.Thread(target=self._start_waiting, name="start waiting run", daemon=True).start()

    def _start_waiting(self) -> None:
        with self._lock:
            for waiting in tuple(self._queue):
                with suppress(Busy):
                    self.start(waiting.config, waiting.browser)
                    self._queue.remove(waiting)


def explain(error: BaseException) -> str:
    """What went wrong, as a sentence for the screen."""
    if isinstance(error, ValueError | FloatingPointError):
        return str(error)
    if "out of memory" in str(error).lower():
        return "The device ran out of memory. A smaller batch_size or width needs less."
    return (
        f"Something unexpected went wrong ({type(error).__name__}: {error}). The run's folder holds everything up to its last checkpoint."
    )


def install(make: Callable[[], LiveManager]) -> LiveManager:
    """The process's manager; `make` is called only if there is none yet."""
    home = sys.modules.setdefault(_HOME, types.ModuleType(_HOME))
    return home.__dict__.setdefault("manager", None) or _put(home, make())


def get() -> LiveManager:
    """The process's manager; RuntimeError before `install`."""
    manager: LiveManager | None = getattr(sys.modules.get(_HOME), "manager", None)
    if manager is None:
        raise RuntimeError("GANscope's manager is not there: start the app with `streamlit run app.py`.")
    return manager


def uninstall() -> None:
    """Forget the process's manager, as the app's end does."""
    sys.modules.pop(_HOME, None)


def _put(home: types.ModuleType, manager: LiveManager) -> LiveManager:
    home.__dict__["manager"] = manager
    return manager
