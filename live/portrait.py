"""The looking thread: z in, pixels out, for every browser that looks at any run.

One thread for the whole process. It draws what several browsers ask of the same networks in one batch, serves browsers in turn, a
slice at a time, and rests while a run trains, so that looking never takes more than its share of a core.
"""

from __future__ import annotations

import itertools
import logging
import threading
import time
from collections import OrderedDict, deque
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import torch

from gan_core.events import Weights
from gan_core.looks import shown
from gan_core.run_manager import RunManager
from gan_core.store import RunStore
from live.answers import ASKS, Answer, Aside, Draw, Drawn, Need, Trouble, Work
from live.asks import Ask
from live.frames import Payload, packed
from live.subjects import Shelf, Subject

log = logging.getLogger(__name__)

BATCH = 64
"""Images that are drawn at once for all questions together, at most (the first question's slice always is)."""
SHARE = 0.35
"""Of one core, that looking takes at most while a run of this process trains."""
JOINED_S = 2.0
ODD = (RuntimeError, ValueError, TypeError, LookupError, ArithmeticError, OSError)
"""What can go wrong in an answer, for instance because of a file that was damaged; the question is answered with trouble."""


class Client:
    """One browser that looks at one run. `answer` and `tell` take a message, from the looking thread, and never wait."""

    def __init__(
        self, run_id: str, answer: Callable[[bytes], None], *, tell: Callable[[bytes], None], congested: Callable[[], bool] = lambda: False
    ) -> None:
        self.run_id, self.answer, self.congested = run_id, answer, congested
        self._tell = tell
        self.seen: Weights | None = None
        self.told: Weights | None = None
        self.lanes: OrderedDict[str, deque[Job]] = OrderedDict()

    def news(self, step: int) -> None:
        """Tell it that newer weights of its run are there."""
        if not self.congested():
            self._tell(packed({"news": step}, Payload()))


class Job:
    """A question on its way to an answer."""

    def __init__(self, client: Client, ask: Ask) -> None:
        self.client, self.ask = client, ask
        self.work: Work | None = None
        self.need: Need = None
        self.weights: Weights | None = None
        self.step = -1
        self.aside = False
        """Whether it waits for another thread."""


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
        self._clock, self._effort = clock, effort
        self._closing, self._woken = threading.Event(), threading.Event()
        self._rest = rest or self._closing.wait
        self._inbox: deque[Callable[[], None]] = deque()
        self._clients: OrderedDict[Client, Subject] = OrderedDict()
        self._subjects: dict[str, Subject] = {}
        self._shelf = Shelf()
        self._thread: threading.Thread | None = None
        self._starting = threading.Lock()
        self._pause_s: float | None = None

    def join(self, client: Client) -> None:
        """Let a browser in; ValueError where there is no such run."""
        self.store.config(client.run_id)
        with self._starting:
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="looking", daemon=True)
                self._thread.start()
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

    def _tell(self, what: Callable[[], None]) -> None:
        self._inbox.append(what)
        self._woken.set()

    # All that follows happens in the looking thread alone.

    def _run(self) -> None:
        torch.set_num_threads(1)
        while not self._closing.is_set():
            if not self.turn():
                self._woken.wait(self._pause_s)
                self._woken.clear()
        for subject in self._subjects.values():
            subject.close()

    def turn(self) -> bool:
        """Take in what was said, and do one slice of work; whether there was any."""
        while self._inbox:
            self._inbox.popleft()()
        now = self._clock()
        dues = [due for subject in self._subjects.values() if (due := subject.tick(now)) is not None]
        self._pause_s = min(dues, default=None)
        began = self._effort()
        job = self._next()
        if job is None:
            return False
        self._serve(job)
        if self._trains():
            self._rest((self._effort() - began) * (1.0 / SHARE - 1.0))
        return True

    def _trains(self) -> bool:
        return any(handle.snapshot().state != "paused" for handle in self.runs.active())

    def _joined(self, client: Client) -> None:
        if client.run_id not in self._subjects:
            self._subjects[client.run_id] = Subject(client.run_id, self.store, self.runs, shelf=self._shelf, wake=self._woken.set)
        self._clients[client] = self._subjects[client.run_id]
        self._clients[client].viewers.append(client)

    def _asked(self, client: Client, ask: Ask) -> None:
        if (subject := self._clients.get(client)) is None:
            return
        subject.asked(ask, self._clock())
        lane = client.lanes.setdefault(ask.lane, deque())
        while lane and lane[-1].work is None:
            self._drop(lane.pop())
        lane.append(Job(client, ask))

    def _drop(self, job: Job) -> None:
        client, ask = job.client, job.ask
        client.answer(packed({"id": ask.id, "ask": ask.kind, "lane": ask.lane, "dropped": True}, Payload()))

    def _left(self, client: Client) -> None:
        if (subject := self._clients.pop(client, None)) is None:
            return
        client.lanes.clear()
        subject.viewers.remove(client)
        if not subject.viewers:
            subject.close()
            del self._subjects[client.run_id]

    def _next(self) -> Job | None:
        """A job that can go on: browsers take turns, and so do the lanes of each."""
        for client in list(self._clients):
            if (job := self._ready(client)) is not None:
                self._clients.move_to_end(client)
                client.lanes.move_to_end(job.ask.lane)
                return job
        return None

    def _ready(self, client: Client) -> Job | None:
        if client.congested():
            return None
        for jobs in list(client.lanes.values()):
            if jobs and not jobs[0].aside and self._begun(jobs[0]):
                return jobs[0]
        return None

    def _begun(self, job: Job) -> bool:
        """Whether the job is under way; it begins as soon as there are weights to look through."""
        if job.work is not None:
            return True
        subject = self._clients[job.client]
        try:
            found = subject.look(job.ask, self._clock())
        except Trouble as trouble:
            self._answer(job, {"trouble": trouble.code})
            return False
        except ODD:
            self._fail(job, "no_weights")
            return False
        if found is None:
            return False
        look, job.weights = found
        job.step = look.step
        job.work = ASKS[job.ask.kind](job.ask, look, subject)
        self._go_on(job, None)
        return job.work is not None

    def _serve(self, job: Job) -> None:
        """One slice: a batch of drawings for this job and whoever else wants the same networks, or whatever else comes next."""
        if isinstance(job.need, Draw):
            jobs = self._batch(job, job.need)
            needs = [other.need for other in jobs if isinstance(other.need, Draw)]
            try:
                together = draw_together(needs)
            except ODD:
                for other in jobs:
                    self._fail(other, "busy")
                return
            for other, drawn in zip(jobs, together, strict=True):
                self._go_on(other, drawn)
        else:
            self._go_on(job, None)

    def _batch(self, first: Job, need: Draw) -> list[Job]:
        jobs, room = [first], BATCH - len(need.z)
        for client in list(self._clients):
            other = self._ready(client) if client is not first.client else None
            if other is not None and isinstance(other.need, Draw) and other.need.look is need.look and len(other.need.z) <= room:
                room -= len(other.need.z)
                jobs.append(other)
        return jobs

    def _go_on(self, job: Job, sent: Any) -> None:
        """Hand the job what it needed, and see what it needs next; answer where that was all."""
        assert job.work is not None
        try:
            job.need = job.work.send(sent)
        except StopIteration as end:
            self._answer(job, end.value)
        except Trouble as trouble:
            self._answer(job, {"trouble": trouble.code})
        except ODD:
            self._fail(job, "busy")
        else:
            if isinstance(job.need, Aside):
                self._go_on(job, job.need.call())

    def _fail(self, job: Job, code: str) -> None:
        log.exception("A question about run %s could not be answered.", job.client.run_id)
        self._answer(job, {"trouble": code})

    def _answer(self, job: Job, answer: Answer) -> None:
        client, ask, payload = job.client, job.ask, Payload()
        job.work = None
        client.lanes[ask.lane].remove(job)
        if not client.lanes[ask.lane]:
            del client.lanes[ask.lane]
        if job.weights is not None:
            client.seen = job.weights
        header = {"id": ask.id, "ask": ask.kind, "lane": ask.lane, "at": ask.at, "weights": ask.weights, "step": job.step}
        fields = {name: payload.add(value) if isinstance(value, np.ndarray) else value for name, value in answer.items()}
        client.answer(packed(header | fields, payload))


@torch.inference_mode()
def draw_together(needs: list[Draw]) -> list[Drawn]:
    """What came of each of some drawings through the same networks: one forward for all, one more for the verdicts that are wanted."""
    look = needs[0].look
    images = torch.split(look.draw(torch.cat([need.z for need in needs])), [len(need.z) for need in needs])
    judged = [image for image, need in zip(images, needs, strict=True) if need.verdict and look.critic is not None]
    verdicts: Iterator[Any] = iter(())
    if judged:
        values = look.verdicts(look.logits(torch.cat(judged)))
        verdicts = iter(np.split(values, list(itertools.accumulate(map(len, judged)))[:-1]))
    pictures = np.split(shown(torch.cat(images)), list(itertools.accumulate(map(len, images)))[:-1])
    return [
        Drawn(picture, next(verdicts) if need.verdict and look.critic is not None else None)
        for picture, need in zip(pictures, needs, strict=True)
    ]
