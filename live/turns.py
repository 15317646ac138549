"""Who is served next: browsers take turns, the lanes of a browser take turns, and of what waits in a lane the newest wins."""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Callable, Iterator

import numpy as np

from gan_core.events import Weights
from live.asks import Ask
from live.frames import Payload, packed
from live.needs import Answer, Need, Work
from live.subjects import Subject


class Client:
    """One browser that looks at one run. `answer`, `tell` and `flush` are called by the looking thread and never wait."""

    def __init__(
        self,
        run_id: str,
        answer: Callable[[bytes], None],
        *,
        tell: Callable[[bytes], None],
        flush: Callable[[], None] = lambda: None,
        congested: Callable[[], bool] = lambda: False,
    ) -> None:
        """`flush`: send now what it was answered. `congested`: whether it has so many answers to take that it should be given no more."""
        self.run_id, self.answer, self.flush, self.congested = run_id, answer, flush, congested
        self.seen: Weights | None = None
        self.told: Weights | None = None
        self.lanes: OrderedDict[str, deque[Job]] = OrderedDict()
        self._tell = tell

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
        """Those of a run at work that it is answered with."""
        self.step = -1
        self.served = self.aside = False
        """Whether it has had a turn; whether it waits for another thread."""


class Turns:
    """The browsers there are, and what each of them waits for."""

    def __init__(self) -> None:
        self.clients: OrderedDict[Client, Subject] = OrderedDict()
        self._given: list[Client] = []

    def put(self, client: Client, ask: Ask) -> list[Ask]:
        """Let a question wait in its lane; what waited there before, and is dropped for it."""
        lane = client.lanes.setdefault(ask.lane, deque())
        dropped = []
        while lane and not lane[-1].served:
            dropped.append(lane.pop().ask)
        lane.append(Job(client, ask))
        return dropped

    def done(self, job: Job) -> None:
        """Forget a job that was answered."""
        lanes, lane = job.client.lanes, job.ask.lane
        lanes[lane].remove(job)
        if not lanes[lane]:
            del lanes[lane]

    def next(self, begun: Callable[[Job], bool], rather: Callable[[Job], bool]) -> Job | None:
        """The job whose turn it is, of those that are under way or can begin now, one of those one would `rather` do if there is one."""
        ready = list(self.ready(begun))
        return next(filter(rather, ready), ready[0] if ready else None)

    def took(self, job: Job) -> None:
        """The job has its turn: its browser, and its lane of the browser, go to the end of the queue."""
        self.clients.move_to_end(job.client)
        job.client.lanes.move_to_end(job.ask.lane)

    def ready(self, begun: Callable[[Job], bool]) -> Iterator[Job]:
        """The jobs that can go on, in the order of their turns."""
        for client in list(self.clients):
            if client.congested():
                continue
            for jobs in list(client.lanes.values()):
                if jobs and not jobs[0].aside and begun(jobs[0]):
                    yield jobs[0]

    def give(self, client: Client, ask: Ask, answer: Answer) -> None:
        """Answer a question, as soon as the turn is over."""
        client.answer(message(ask, answer))
        self._given.append(client)

    def hand_over(self) -> int:
        """Send the turn's answers, and how many: waking the event loop for each would hand over the interpreter's lock for each."""
        given, self._given = self._given, []
        for client in given:
            client.flush()
        return len(given)


def message(ask: Ask, answer: Answer) -> bytes:
    """The answer to a question, as it is sent."""
    payload = Payload()
    fields = {name: payload.add(value) if isinstance(value, np.ndarray) else value for name, value in answer.items()}
    return packed({"id": ask.id, "ask": ask.kind, "lane": ask.lane, "at": ask.at, "weights": ask.weights} | fields, payload)
