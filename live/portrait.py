"""The looking thread: z in, pixels out, for every browser that looks at any run.

One thread for the whole process. It draws what several browsers ask of the same networks in one batch, serves browsers in turn, a
slice at a time, and rests while a run trains, so that looking never takes more than its share of a core.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import torch

from gan_core.run_manager import RunManager
from gan_core.store import RunStore
from live.answers import ASKS, SLICE, of_class
from live.asks import Ask
from live.budget import Budget
from live.library import Library
from live.needs import ODD, Answer, Aside, Draw, Trouble, draw_together, quick
from live.subjects import Shelf, Subject
from live.turns import Client, Job, Turns

log = logging.getLogger(__name__)

BATCH = 64
"""Images that are drawn at once for all questions together, at most (the first question's slice always is)."""
ASIDES = 8
"""Questions that may wait for the other thread; one more is told that it is busy."""
JOINED_S = 2.0


class Portrait:
    """Answers questions about latent spaces. `join`, `ask` and `leave` may be called from any thread and return at once."""

    def __init__(
        self,
        store: RunStore,
        runs: RunManager,
        *,
        clock: Callable[[], float] = time.monotonic,
        effort: Callable[[], float] = time.thread_time,
        rest: Callable[[float], object] | None = None,
    ) -> None:
        """`effort`: seconds of a core this thread has taken; `rest` waits for so many seconds."""
        self.store, self.runs = store, runs
        self._clock = clock
        self._closing, self._woken = threading.Event(), threading.Event()
        self._budget = Budget(clock, effort)
        self._rest, self._doze = rest or self._closing.wait, rest or self._pause
        self._inbox: deque[Callable[[], None]] = deque()
        self._turns, self._quick_next = Turns(), True
        self._subjects: dict[str, Subject] = {}
        self._shelf, self._library = Shelf(), Library()
        self._aside: ThreadPoolExecutor | None = None
        self._asides = 0
        self._thread: threading.Thread | None = None
        self._starting = threading.Lock()
        self._pause_s: float | None = None

    def join(self, client: Client) -> None:
        """Let a browser in; ValueError where there is no such run."""
        self.store.config(client.run_id)
        self._begin()
        self._tell(lambda: self._joined(client))

    def ask(self, client: Client, ask: Ask) -> None:
        """Answer a question of a browser that was let in, some time."""
        self._tell(lambda: self._asked(client, ask))

    def leave(self, client: Client) -> None:
        """Forget a browser and what it asked."""
        self._tell(lambda: self._left(client))

    def wake(self) -> None:
        """Look again: a browser that was slow has taken an answer."""
        self._woken.set()

    def close(self) -> None:
        """Answer nothing more."""
        self._closing.set()
        self._woken.set()
        if self._thread is not None:
            self._thread.join(JOINED_S)

    def _begin(self) -> None:
        with self._starting:
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="looking", daemon=True)
                self._thread.start()

    def _tell(self, what: Callable[[], None]) -> None:
        self._inbox.append(what)
        self._woken.set()

    # All that follows happens in the looking thread alone.

    def _run(self) -> None:
        torch.set_num_threads(1)
        while not self._closing.is_set():
            if not self.turn():
                self._pause(self._pause_s)
        for subject in self._subjects.values():
            subject.close()
        if self._aside is not None:
            self._aside.shutdown(wait=False, cancel_futures=True)

    def _pause(self, seconds: float | None) -> None:
        self._woken.wait(seconds)
        self._woken.clear()

    def turn(self) -> bool:
        """Take in what was said, and do one slice of work, or rest before it; whether there was any."""
        self._budget.begin(any(handle.snapshot().state != "paused" for handle in self.runs.active()))
        while self._inbox:
            self._inbox.popleft()()
        dues = [due for subject in self._subjects.values() if (due := subject.tick(self._clock())) is not None]
        self._pause_s = min(dues, default=None)
        wide_s = self._budget.wait_s(quick=False)
        job = self._turns.next(self._begun, lambda job: quick(job.need) is (self._quick_next or wide_s > 0))
        hand = job is not None and quick(job.need)
        held = wide_s > 0 and not hand
        if job is not None and not held:
            self._quick_next = not hand
            self._turns.took(job)
            self._serve(job)
        self._budget.settle(self._turns.hand_over(), wide=job is not None and not hand and not held)
        if job is not None and held:
            self._doze(wide_s)  # a hand may come meanwhile, and need not wait
        elif hand_s := self._budget.wait_s(quick=True):
            self._rest(hand_s)
        return job is not None

    def _joined(self, client: Client) -> None:
        if client.run_id not in self._subjects:
            try:
                subject = Subject(client.run_id, self.store, self.runs, library=self._library, shelf=self._shelf, wake=self._woken.set)
            except ValueError:  # deleted since it was let in
                return
            self._subjects[client.run_id] = subject
        self._turns.clients[client] = subject = self._subjects[client.run_id]
        subject.viewers.append(client)

    def _asked(self, client: Client, ask: Ask) -> None:
        if (subject := self._turns.clients.get(client)) is None:
            self._turns.give(client, ask, {"trouble": "no_weights"})
            return
        subject.asked(ask, self._clock())
        for late in self._turns.put(client, ask):
            self._turns.give(client, late, {"dropped": True})

    def _left(self, client: Client) -> None:
        if (subject := self._turns.clients.pop(client, None)) is None:
            return
        client.lanes.clear()
        subject.viewers.remove(client)
        if not subject.viewers:
            subject.close()
            del self._subjects[client.run_id]

    def _begun(self, job: Job) -> bool:
        """Whether the job is under way; it begins as soon as there are weights to look through."""
        if job.work is not None:
            return True
        subject = self._turns.clients[job.client]
        try:
            found = subject.look(job.ask, self._clock())
            if found is None:
                return False
            look, job.weights = of_class(found[0], job.ask), found[1]
        except ODD as error:
            self._fail(job, error, "no_weights")
            return False
        job.step = look.step
        job.work = ASKS[job.ask.kind](job.ask, look, subject)
        self._go_on(job, None)
        return job.work is not None and not job.aside

    def _serve(self, job: Job) -> None:
        """One slice: a batch of drawings for this job and whoever else wants the same networks, or whatever else comes next."""
        job.served = True
        if not isinstance(job.need, Draw):
            self._go_on(job, None)
            return
        jobs = self._batch(job, job.need)
        needs = [other.need for other in jobs if isinstance(other.need, Draw)]
        try:
            together = draw_together(needs)
        except ODD as error:
            for other in jobs:
                self._fail(other, error, "busy")
            return
        for other, drawn in zip(jobs, together, strict=True):
            self._go_on(other, drawn)

    def _batch(self, first: Job, need: Draw) -> list[Job]:
        jobs, room = [first], (BATCH if quick(need) else SLICE) - len(need.z)
        for other in self._turns.ready(self._begun):
            if other is first or not isinstance(other.need, Draw) or other.need.look is not need.look:
                continue
            if quick(other.need) is quick(need) and len(other.need.z) <= room:
                room -= len(other.need.z)
                other.served = True
                jobs.append(other)
        return jobs

    def _go_on(self, job: Job, sent: Any, trouble: BaseException | None = None) -> None:
        """Hand the job what it needed (or tell it what went wrong), and see what it needs next; answer where that was all."""
        assert job.work is not None
        try:
            job.need = job.work.send(sent) if trouble is None else job.work.throw(trouble)
        except StopIteration as end:
            self._answer(job, end.value)
        except ODD as error:
            self._fail(job, error, "busy")
        else:
            if isinstance(job.need, Aside):
                self._put_aside(job, job.need)

    def _put_aside(self, job: Job, need: Aside) -> None:
        if self._asides >= ASIDES:
            self._answer(job, {"trouble": "busy"})
            return
        self._aside = self._aside or ThreadPoolExecutor(1, "looking aside", torch.set_num_threads, (1,))
        job.served = job.aside = True
        self._asides += 1
        self._aside.submit(need.call).add_done_callback(lambda done: self._tell(lambda: self._came_back(job, done)))

    def _came_back(self, job: Job, done: Future[Any]) -> None:
        self._asides, job.aside = self._asides - 1, False
        if job.client in self._turns.clients and not done.cancelled():
            trouble = done.exception()
            self._go_on(job, None if trouble else done.result(), trouble)

    def _fail(self, job: Job, error: Exception, code: str) -> None:
        if not isinstance(error, Trouble):
            log.error("A question about run %s could not be answered.", job.client.run_id, exc_info=error)
        self._answer(job, {"trouble": error.code if isinstance(error, Trouble) else code})

    def _answer(self, job: Job, answer: Answer) -> None:
        job.work = None
        self._turns.done(job)
        if job.weights is not None:
            job.client.seen = job.weights
        self._turns.give(job.client, job.ask, {"step": job.step} | answer)
