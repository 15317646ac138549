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
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from gan_core.config import RunConfig
from gan_core.events import ALIVE, Set
from gan_core.run_manager import Busy, RunManager
from gan_core.runner import RunHandle
from gan_core.sentences import Sentence
from gan_core.status import Status
from gan_core.store import RunStore
from live.jobs import Jobs
from live.orders import Order, Train, Workshop
from live.portrait import Portrait
from live.scorer import Scorer, ScoresOf
from live.tickets import Tickets
from live.views import StoredRun, Viewable

ANSWER_S = 2.0
"""How long a page waits for a run to answer a turned knob."""
_HOME = "_ganscope_live_manager"


@dataclass(frozen=True)
class Waiting:
    """Someone whose order is carried out as soon as the device is free."""

    order: Order
    browser: str
    since: float


class LiveManager:
    """Starts, continues and stops runs on behalf of browsers. All methods may be called from any thread."""

    def __init__(self, train: Train, root: Path, limit: int = 1) -> None:
        self.store = RunStore(root)
        self.runs = RunManager(limit)
        self.jobs = Jobs(self.store)
        self.scorer = Scorer(self.store, self.runs)
        self.tickets = Tickets(root / ".ticket-secret")
        self.workshop = Workshop(train, self.store, self.scorer)
        self.portrait = Portrait(self.store, self.runs)
        self._lock = threading.RLock()
        self._owners: dict[str, str] = {}
        self._lives: dict[str, int] = {}
        self._queue: list[Waiting] = []
        self._troubles: dict[str, str] = {}

    def start(self, order: Order, browser: str, ready: Callable[[RunHandle], None] | None = None) -> str:
        """Start, fork or continue a run that `browser` controls then, and return its id.

        `ready` is told of the run before its first event, to pause it, say. Busy where the device is taken, ValueError where it cannot be.
        """
        device, make = self.workshop.prepared(order)

        def made() -> RunHandle:
            handle = make()
            if ready is not None:
                ready(handle)
            return handle

        handle = self.runs.start(device, made)
        self._given_to(handle, browser)
        return handle.run_id

    def wait(self, order: Order, browser: str) -> None:
        """Carry the order out as soon as its device is free; a browser waits for one at most, the last it asked for.

        ValueError where this machine lacks the device, or the order can never be carried out.
        """
        self.workshop.prepared(order)
        with self._lock:
            self.leave_queue(browser)
            self._queue.append(Waiting(order, browser, time.time()))
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
            raise ValueError(Sentence("The run {run} is not at work here.", run=run_id))
        if not self.controls(run_id, browser):
            raise ValueError(Sentence("The run {run} was started by another browser, and only that one can pause or stop it.", run=run_id))
        return handle

    def turn(self, run_id: str, browser: str, name: str, value: Any) -> None:
        """Turn a live knob; ValueError, saying why, where it cannot be turned.

        Returns when the run has answered, or after a while: between two long steps it answers later.
        """
        handle = self.handle(run_id, browser)
        before = handle.snapshot()
        handle.send(Set(name, value))
        handle.wait_for(lambda now: now.marks != before.marks or now.refused is not before.refused or now.state not in ALIVE, ANSWER_S)
        refused = handle.snapshot().refused
        if refused is not None and refused is not before.refused:
            raise ValueError(refused.message)

    def pace(self, run_id: str, browser: str, halves_per_s: float | None) -> None:
        """Let the run go by so many halves of a step a second, or with None as fast as it can; ValueError where it cannot."""
        self.handle(run_id, browser).pace(halves_per_s)

    def config(self, run_id: str) -> RunConfig:
        """The run's settings as they stand: those it began with, and the knobs turned since; ValueError where they cannot be read."""
        handle = self.runs.get(run_id)
        knobs = handle.snapshot().knobs if handle else {}
        return self.store.config(run_id).but(**(knobs or self.store.status(run_id).knobs))

    def view(self, run_id: str) -> Viewable:
        """The run for watching: at work, or from disk; ValueError where there is none."""
        handle = self.runs.get(run_id)
        if handle is None or handle.snapshot().state not in ALIVE:
            return StoredRun(self.store, run_id)
        return handle

    def scores(self, run_id: str) -> ScoresOf:
        """What is measured of the run while it is at work."""
        return ScoresOf(self.scorer, run_id)

    def knows(self, run_id: str) -> bool:
        """Whether there is such a run, and it can be read."""
        try:
            self.store.status(run_id)
        except ValueError:
            return False
        return True

    def status(self, run_id: str) -> Status:
        """Where the run stands this moment: what a run at work here knows is newer than its file; ValueError where there is none."""
        handle = self.runs.get(run_id)
        if handle is None:
            return self.store.status(run_id)
        snapshot = handle.snapshot()
        if snapshot.state not in ALIVE:
            return self.store.status(run_id)
        place = asdict(snapshot.place) if snapshot.place else {}
        if snapshot.started:
            place["device"] = snapshot.started.device
        return replace(
            self.store.status(run_id), state=snapshot.state, message=snapshot.message, pace=snapshot.pace, way=snapshot.way, **place
        )

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
        self.scorer.close()
        self.jobs.close()
        self.portrait.close()
        return self.runs.stop_all(timeout)

    def _given_to(self, handle: RunHandle, browser: str) -> None:
        with self._lock:
            self._owners[handle.run_id] = browser
            self._lives[handle.run_id] = self._lives.get(handle.run_id, 0) + 1
        self.scorer.follow(handle.run_id)
        handle.listen(lambda: self._ended(handle))
        self._ended(handle)  # it may have ended before anyone listened

    def _ended(self, handle: RunHandle) -> None:
        # Called in the ending run's thread, under its lock: the next one is started from a thread of its own.
        if handle.snapshot().state not in ALIVE and self._queue:
            threading.Thread(target=self._start_waiting, name="start waiting run", daemon=True).start()

    def _start_waiting(self) -> None:
        with self._lock:
            for waiting in tuple(self._queue):
                try:
                    self.start(waiting.order, waiting.browser)
                except Busy:
                    continue
                except ValueError as error:
                    self._troubles[waiting.browser] = str(error)
                self._queue.remove(waiting)

    def trouble(self, browser: str) -> str:
        """Why what `browser` waited for could not be started, told once; empty where nothing went wrong."""
        with self._lock:
            return self._troubles.pop(browser, "")


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
