"""Figures of merit of runs at work, measured beside them in one thread that rests much longer than it works.

It reads the averaged generators that a run keeps every two seconds anyway, so the run thread does nothing for it.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import torch

from gan_core.config import RunConfig
from gan_core.data import DATA, load_now
from gan_core.metrics import referee
from gan_core.metrics.scores import Scores, add_live, live_scores
from gan_core.metrics.target import Target
from gan_core.run_manager import RunManager
from gan_core.store import RunStore

COUNT = 1_000
SHARE = 0.05
"""Of one core's time, on average: one part of work, nineteen of rest."""
FIRST_S, AT_LEAST_S, GROWTH = 5.0, 10.0, 0.01
"""Before the first measurement; between two; and as a share of the run's age: a run of days needs no line every ten seconds."""
LOOK_S = 1.0
"""How often it looks whether a run has a newer generator."""
FIGURES = ("coverage", "fd", "missing", "precision", "modes", "on-mode", "mode-kl", "energy")
"""Those of METRICS that are measured while a run is at work, as far as the data allow them."""


class _Closed(Exception):
    """The scorer was closed while it worked."""


class ScoresOf:
    """The scores of one run, for whoever watches it."""

    def __init__(self, scorer: Scorer, run_id: str) -> None:
        self._scorer, self._run_id = scorer, run_id

    def newest(self) -> Scores | None:
        """What was measured last."""
        return self._scorer.newest(self._run_id)

    def listen(self, wake: Callable[[], None]) -> Callable[[], None]:
        """Call `wake` after each measurement; returns what ends that."""
        return self._scorer.listen(self._run_id, wake)


class Scorer:
    """Measures the runs of a manager while they are at work, the longest waiting first. All methods may be called from any thread."""

    def __init__(
        self,
        store: RunStore,
        runs: RunManager,
        *,
        count: int = COUNT,
        share: float = SHARE,
        first_s: float = FIRST_S,
        pause_s: float = AT_LEAST_S,
    ) -> None:
        self.store, self.runs = store, runs
        self.count, self.share, self.first_s, self.pause_s = count, share, first_s, pause_s
        self._changed = threading.Condition()
        self._closed = False
        self._thread: threading.Thread | None = None
        self._newest: dict[str, Scores | None] = {}
        self._due: dict[str, float] = {}
        self._hopeless: set[str] = set()
        self._target: tuple[str, Target] | None = None
        self._listeners: list[tuple[str, Callable[[], None]]] = []
        self._resting_until = self._batch_began = 0.0

    def follow(self, run_id: str) -> None:
        """Begin to measure this run, now or again."""
        with self._changed:
            self._hopeless.discard(run_id)
            self._newest.pop(run_id, None)
            self._due[run_id] = time.monotonic() + self.first_s
            if self._thread is None and not self._closed:
                self._thread = threading.Thread(target=self._work, name="scorer", daemon=True)
                self._thread.start()
            self._changed.notify_all()

    def newest(self, run_id: str) -> Scores | None:
        """What was measured of the run last; None where nothing was yet."""
        with self._changed:
            if run_id in self._newest:
                return self._newest[run_id]
        kept = self._kept(run_id)
        with self._changed:
            return self._newest.setdefault(run_id, kept)

    def listen(self, run_id: str, wake: Callable[[], None]) -> Callable[[], None]:
        """Call `wake` after each measurement of the run; returns what ends that."""
        entry = (run_id, wake)
        with self._changed:
            self._listeners.append(entry)

        def deaf() -> None:
            with self._changed:
                if entry in self._listeners:
                    self._listeners.remove(entry)

        return deaf

    def close(self, timeout: float = 2.0) -> None:
        """Measure nothing any more."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
            thread = self._thread
        if thread is not None:
            thread.join(timeout)

    def _kept(self, run_id: str) -> Scores | None:
        try:
            kept = live_scores(self.store.folder(run_id))
        except (ValueError, OSError):
            return None
        return kept[-1] if kept else None

    def _work(self) -> None:
        torch.set_num_threads(1)  # of this thread: the others keep theirs
        while (run_id := self._next()) is not None:
            began, worked = time.monotonic(), time.thread_time()
            try:
                self._measure(run_id)
            except _Closed:
                return
            except (ValueError, OSError, RuntimeError):
                self._hopeless.add(run_id)  # its data are gone, or its disk is full: the run itself will say so, or go on without figures
            spent = time.thread_time() - worked
            handle = self.runs.get(run_id)
            place = handle.snapshot().place if handle else None
            with self._changed:
                self._resting_until = began + spent / self.share
                self._due[run_id] = time.monotonic() + max(self.pause_s, GROWTH * place.elapsed_s if place else 0.0)

    def _next(self) -> str | None:
        """The run to measure now, waited for; None when closed."""
        with self._changed:
            while not self._closed:
                now = time.monotonic()
                active = [handle.run_id for handle in self.runs.active()]
                self._due = {run_id: due for run_id, due in self._due.items() if run_id in active}
                if self._target is not None and self._target[0] not in active:
                    self._target = None  # its reals need room
                if now >= self._resting_until:
                    ready = [
                        run_id for run_id, due in self._due.items() if due <= now and run_id not in self._hopeless and self._is_new(run_id)
                    ]
                    if ready:
                        return min(ready, key=self._due.__getitem__)
                self._changed.wait(LOOK_S if self._due else None)
        return None

    def _is_new(self, run_id: str) -> bool:
        newest, last = self._step(run_id), self._newest.get(run_id)
        return newest is not None and (last is None or newest != last.step)

    def _step(self, run_id: str) -> int | None:
        try:
            averages = self.store.moments(run_id).averages
        except (ValueError, OSError):
            return None
        return averages[-1] if len(averages) > 1 else None  # the first is kept at once, when nothing has been learned

    def _measure(self, run_id: str) -> None:
        step, self._batch_began = self._step(run_id), time.monotonic()
        if step is None:
            return
        config = self.store.config(run_id)
        target = self._target_of(run_id, config)
        weights = self.store.average(run_id, step)
        if not all(bool(torch.isfinite(tensor).all()) for tensor in weights.values() if tensor.is_floating_point()):
            return
        evidence = target.evidence(target.draw(weights))
        self._tell(run_id, target.scores(evidence, step, "averaged", only=FIGURES))

    def _target_of(self, run_id: str, config: RunConfig) -> Target:
        """The reals of a run, looked at once."""
        if self._target is None or self._target[0] != run_id:
            data = load_now(config.data, config.request)
            judge = referee.at_hand(config.data, data) if DATA[config.data].kind == "image" else None
            self._target = (run_id, Target(config, data, judge, count=self.count, done=self._breathe))
        return self._target[1]

    def _breathe(self) -> None:
        """Between two batches: let others have the processor for as long, and end where nobody wants it any more."""
        with self._changed:
            self._changed.wait_for(lambda: self._closed, time.monotonic() - self._batch_began)
            self._batch_began = time.monotonic()
            if self._closed:
                raise _Closed

    def _tell(self, run_id: str, scores: Scores) -> None:
        add_live(self.store.folder(run_id), scores)
        with self._changed:
            self._newest[run_id] = scores
            for watched, wake in self._listeners:
                if watched == run_id:
                    wake()
