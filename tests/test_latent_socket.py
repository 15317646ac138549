"""The socket of a latent space, spoken to as a server speaks to an ASGI app."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import numpy as np
import pytest
from kept_runs import keep_run
from starlette.routing import Router
from starlette.types import Message
from test_asks import asked
from test_broadcast import Frame, decode
from test_routes import HOME, scope_of
from test_runner import SOON
from tiny import serve, tiny_config

from gan_core import loop
from gan_core.events import Weights
from gan_core.store import RunStore
from live import latent as latent_module
from live import manager as manager_module
from live.gate import NO_RUN, NO_TICKET, NOT_OURS
from live.latent import BAD, UNANSWERED
from live.manager import LiveManager
from live.portrait import Portrait
from live.routes import ROUTES
from live.turns import Client

app = Router(routes=ROUTES)
TEXT = "text"


class Visit:
    """A browser's side of the socket: says what the test has put into `said`, and keeps what it is sent."""

    def __init__(self, live: LiveManager, run_id: str, *, ticket: str | None = None, headers: dict[str, str] = HOME) -> None:
        query = urlencode({"ticket": live.tickets.issue(run_id) if ticket is None else ticket})
        self.scope = scope_of("websocket", f"/live/latent/{run_id}", headers, query)
        self.frames: list[Frame] = []
        self.code: int | None = None
        self.reason = ""
        self.said: asyncio.Queue[Message] = asyncio.Queue()
        self.said.put_nowait({"type": "websocket.connect"})
        self.on_frame: Callable[[], Any] = lambda: None
        self.taking = asyncio.Event()
        self.taking.set()

    def say(self, message: bytes | str) -> None:
        self.said.put_nowait({"type": "websocket.receive", "text" if isinstance(message, str) else "bytes": message})

    def leave(self) -> None:
        self.said.put_nowait({"type": "websocket.disconnect", "code": 1001})

    async def __call__(self) -> Visit:
        async with asyncio.timeout(10 * SOON):
            await app(self.scope, self.said.get, self._send)
        return self

    async def _send(self, message: Message) -> None:
        if message["type"] == "websocket.send":
            await self.taking.wait()
            self.frames.append(decode(message["bytes"]))
            self.on_frame()
        elif message["type"] == "websocket.close":
            self.code, self.reason = message["code"], message["reason"]


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[RunStore, str]]:
    with pytest.MonkeyPatch.context() as monkeypatch:
        yield keep_run(tmp_path_factory.mktemp("runs"), monkeypatch, moments=2)


@pytest.fixture
def live(kept: tuple[RunStore, str]) -> Iterator[LiveManager]:
    live = manager_module.install(lambda: LiveManager(loop.train, kept[0].root))
    yield live
    assert live.close()
    manager_module.uninstall()


def visited(live: LiveManager, run_id: str, *messages: bytes | str, answers: int = 0, **how: Any) -> Visit:
    """A visit that says this, leaves after so many answers, or stays until it is shut out."""

    async def visit() -> Visit:
        visit = Visit(live, run_id, **how)
        for message in messages:
            visit.say(message)
        visit.on_frame = lambda: visit.leave() if len(visit.frames) == answers else None
        return await visit()

    return asyncio.run(visit())


def test_questions_are_answered(live: LiveManager, kept: tuple[RunStore, str]) -> None:
    z = np.ones((3, 4), np.float32)
    visit = visited(live, kept[1], asked("draw", z, id=5), asked("path", id=6, lane="film"), answers=2)
    frames = {frame.header["id"]: frame for frame in visit.frames}
    assert frames.keys() == {5, 6}
    assert frames[5].array(frames[5].header["pictures"]).shape == (3, 16, 16, 1)
    assert frames[5].array(frames[5].header["verdict"]).shape == (3,)
    assert frames[6].array(frames[6].header["pictures"]).shape == (12, 16, 16, 1)
    assert visit.code is None


@pytest.mark.parametrize(
    ("message", "reason"),
    [
        ("hello", "binary"),
        (b"", "frame"),
        (bytes(400_000), "bytes"),
        (asked("draw", ask="steal"), "ask"),
        (asked("draw", np.full((1, 4), np.nan, np.float32)), "finite"),
        (asked("draw", np.zeros((1, 5), np.float32)), "shape"),
        (asked("path", frames=10_000), "frames"),
    ],
)
def test_who_sends_anything_else_is_shut_out_with_a_reason(
    live: LiveManager, kept: tuple[RunStore, str], message: bytes | str, reason: str
) -> None:
    visit = visited(live, kept[1], message)
    assert (visit.code, visit.frames) == (BAD, [])
    assert BAD == 4400
    assert reason in visit.reason


@pytest.mark.parametrize("ticket", ["", "9.9", "other run"])
def test_without_a_valid_ticket_nothing_is_answered(live: LiveManager, kept: tuple[RunStore, str], ticket: str) -> None:
    ticket = live.tickets.issue("other") if ticket == "other run" else ticket
    visit = visited(live, kept[1], asked("draw"), ticket=ticket)
    assert (visit.frames, visit.code) == ([], NO_TICKET)


@pytest.mark.parametrize(
    "headers",
    [HOME | {"origin": "http://evil.example"}, {"host": "evil.example", "origin": "http://evil.example"}, {"host": "localhost:8501"}, {}],
)
def test_another_site_gets_nothing_even_with_a_ticket(live: LiveManager, kept: tuple[RunStore, str], headers: dict[str, str]) -> None:
    visit = visited(live, kept[1], asked("draw"), headers=headers)
    assert (visit.frames, visit.code) == ([], NOT_OURS)


@pytest.mark.parametrize("run_id", ["nothing", ".."])
def test_a_run_that_is_not_there_says_so(live: LiveManager, run_id: str) -> None:
    visit = visited(live, run_id, asked("draw"))
    assert (visit.frames, visit.code) == ([], NO_RUN)


class Deaf(Portrait):
    """A portrait that answers nobody before it is told to."""

    def __init__(self, store: RunStore) -> None:
        super().__init__(store, None)  # type: ignore[arg-type]
        self.client: Client | None = None
        self.questions: list[Any] = []
        self.gone = False

    def join(self, client: Client) -> None:
        self.client = client

    def ask(self, client: Client, ask: Any) -> None:
        self.questions.append(ask)

    def leave(self, client: Client) -> None:
        self.gone = True


def test_a_browser_with_sixteen_open_questions_is_not_listened_to(live: LiveManager, kept: tuple[RunStore, str]) -> None:
    live.portrait.close()
    live.portrait = deaf = Deaf(kept[0])

    async def visit() -> list[int]:
        visit, counts = Visit(live, kept[1]), []
        for number in range(1, 41):
            visit.say(asked("draw", id=number))
        seen = asyncio.Event()
        visit.on_frame = seen.set
        going = asyncio.create_task(visit())
        while len(deaf.questions) < UNANSWERED:
            await asyncio.sleep(0)
        for _ in range(3):
            for _ in range(50):
                await asyncio.sleep(0)  # whatever could be read by now is read
            counts.append(len(deaf.questions))
            assert deaf.client is not None
            deaf.client.answer(asked("draw"))
            deaf.client.flush()
            await seen.wait()
            seen.clear()
        deaf.client.news(7)
        await seen.wait()
        for _ in range(50):
            await asyncio.sleep(0)
        counts.append(len(deaf.questions))
        assert visit.frames[-1].header == {"news": 7}
        going.cancel()
        await asyncio.gather(going, return_exceptions=True)
        return counts

    assert asyncio.run(visit()) == [16, 17, 18, 19], "an answer makes room for one question, news for none"
    assert deaf.gone


def test_a_slow_browser_is_congested_until_it_takes_its_answers(live: LiveManager, kept: tuple[RunStore, str]) -> None:
    live.portrait.close()
    live.portrait = deaf = Deaf(kept[0])

    async def visit() -> None:
        visit = Visit(live, kept[1])
        visit.taking.clear()
        going = asyncio.create_task(visit())
        while deaf.client is None:
            await asyncio.sleep(0)
        for _ in range(latent_module.UNSENT):
            assert not deaf.client.congested()
            deaf.client.answer(asked("draw"))
        deaf.client.flush()
        assert deaf.client.congested()
        deaf.client.news(3)
        taken = asyncio.Event()
        visit.on_frame = lambda: taken.set() if len(visit.frames) == latent_module.UNSENT else None
        visit.taking.set()
        await taken.wait()
        while deaf.client.congested():
            await asyncio.sleep(0)
        assert all("id" in frame.header for frame in visit.frames), "who cannot keep up is not told of news either"
        visit.leave()
        await going

    asyncio.run(visit())


# Runs at work


def test_a_run_at_work_is_drawn_while_it_learns(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    serve(monkeypatch, "digits")
    live = manager_module.install(lambda: LiveManager(loop.train, tmp_path))
    try:
        run_id = live.start(tiny_config(), "ann")
        handle = live.handle(run_id, "ann")
        assert handle.wait_for(lambda now: now.started is not None, 10 * SOON)

        async def watch() -> Visit:
            visit, pictures = Visit(live, run_id), list[Any]()

            def on_frame() -> None:
                frame = visit.frames[-1]
                if "news" in frame.header:
                    visit.say(asked("draw", id=len(visit.frames)))
                else:
                    pictures.append(frame.array(frame.header["pictures"]))
                if len(pictures) == 3:
                    visit.leave()

            visit.on_frame = on_frame
            visit.say(asked("draw"))
            return await visit()

        visit = asyncio.run(watch())
        answers = [frame for frame in visit.frames if "id" in frame.header]
        steps = [frame.header["step"] for frame in answers]
        assert sorted(steps) == steps
        assert steps[-1] > steps[0]
        first, last = (frame.array(frame.header["pictures"]) for frame in (answers[0], answers[-1]))
        assert (first != last).any()
        assert isinstance(handle.weights(), Weights)
    finally:
        assert live.close()
        manager_module.uninstall()
    assert live.portrait._thread is not None
    assert not live.portrait._thread.is_alive()


def test_answers_of_a_turn_wake_the_loop_once(live: LiveManager, kept: tuple[RunStore, str], monkeypatch: pytest.MonkeyPatch) -> None:
    live.portrait.close()
    live.portrait = deaf = Deaf(kept[0])

    async def visit() -> int:
        visit, wakes = Visit(live, kept[1]), []
        going = asyncio.create_task(visit())
        while deaf.client is None:
            await asyncio.sleep(0)
        loop = asyncio.get_running_loop()
        call = loop.call_soon_threadsafe
        monkeypatch.setattr(loop, "call_soon_threadsafe", lambda *what: wakes.append(what) or call(*what))
        for _ in range(3):
            deaf.client.answer(asked("draw"))
        for _ in range(3):
            deaf.client.flush()
        taken = asyncio.Event()
        visit.on_frame = lambda: taken.set() if len(visit.frames) == 3 else None
        await taken.wait()
        woken = len(wakes)
        visit.leave()
        await going
        return woken

    assert asyncio.run(visit()) == 1
