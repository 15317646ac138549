"""Our own addresses, spoken to as a server speaks to an ASGI app (Starlette's TestClient would need one package more)."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from starlette.routing import Router
from starlette.types import Message, Scope
from test_broadcast import decode
from test_manager import TINY, fake_train, stopped
from test_runner import SOON, past

from live import manager as manager_module
from live.gate import NO_RUN, NO_TICKET, NOT_OURS
from live.manager import LiveManager
from live.routes import DONE, PLOTLY, ROUTES

HOME = {"host": "localhost:8501", "origin": "http://localhost:8501"}
app = Router(routes=ROUTES)


def scope_of(kind: str, path: str, headers: dict[str, str], query: str = "") -> Scope:
    return {
        "type": kind,
        "method": "GET",
        "path": path,
        "raw_path": path.encode(),
        "query_string": query.encode(),
        "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
        "scheme": "ws" if kind == "websocket" else "http",
        "subprotocols": [],
    }


class Visit:
    """A browser's side of one WebSocket: what it was sent, and the code it was closed with."""

    def __init__(self, run_id: str, ticket: str | None, headers: dict[str, str]) -> None:
        query = urlencode({"life": 1} | ({"ticket": ticket} if ticket is not None else {}))
        self.scope = scope_of("websocket", f"/live/run/{run_id}", headers, query)
        self.frames: list[bytes] = []
        self.code: int | None = None
        self.leave = asyncio.Event()
        self.on_frame: Callable[[], None] = lambda: None

    async def __call__(self) -> Visit:
        async with asyncio.timeout(SOON):
            await app(self.scope, self._receive(), self._send)
        return self

    def _receive(self) -> Any:
        told = iter([{"type": "websocket.connect"}])

        async def receive() -> Message:
            if (message := next(told, None)) is not None:
                return message
            await self.leave.wait()
            return {"type": "websocket.disconnect", "code": 1001}

        return receive

    async def _send(self, message: Message) -> None:
        if message["type"] == "websocket.send":
            self.frames.append(message["bytes"])
            self.on_frame()
        elif message["type"] == "websocket.close":
            self.code = message["code"]


def visited(run_id: str, ticket: str | None, headers: dict[str, str] = HOME) -> Visit:
    """A visit until the server closes it."""

    async def visit() -> Visit:
        return await Visit(run_id, ticket, headers)()

    return asyncio.run(visit())


@pytest.fixture
def live(tmp_path: Path) -> Iterator[LiveManager]:
    live = manager_module.install(lambda: LiveManager(fake_train, tmp_path))
    yield live
    assert live.close()
    manager_module.uninstall()


def begun(live: LiveManager, step: int = 2) -> str:
    run_id = live.start(TINY, "ann")
    assert live.handle(run_id, "ann").wait_for(past(step), SOON)
    return run_id


def test_a_run_is_pushed_until_it_ends(live: LiveManager) -> None:
    run_id = begun(live)

    async def watch() -> Visit:
        visit = Visit(run_id, live.tickets.issue(run_id), HOME)

        def stop_after_three() -> None:
            if len(visit.frames) == 3:
                live.handle(run_id, "ann").stop()

        visit.on_frame = stop_after_three
        return await visit()

    visit = asyncio.run(watch())
    assert visit.code == DONE == 1000
    frames = [decode(frame) for frame in visit.frames]
    assert len(frames) >= 4
    first, last = frames[0].header, frames[-1].header
    assert (first["run"], first["state"], first["rows"]["reset"]) == (run_id, "running", True)
    assert first["reals"] is not None
    assert first["samples"] is not None
    assert last["state"] == "stopped"
    # The rows of all frames together are the run's rows: none twice, none missing.
    steps = [row[0] for frame in frames for row in frame.rows()]
    assert not any(frame.header["rows"]["reset"] for frame in frames[1:] if frame.header["rows"])
    assert steps == live.store.history(run_id).since(None).values[:, 0].tolist()


def test_an_ended_run_is_shown_from_disk_and_closed(live: LiveManager) -> None:
    run_id = begun(live)
    stopped(live, run_id, "ann")
    visit = visited(run_id, live.tickets.issue(run_id))
    assert (len(visit.frames), visit.code) == (1, DONE)
    frame = decode(visit.frames[0])
    assert frame.header["state"] == "stopped"
    assert len(frame.rows()) == len(live.store.history(run_id))


def test_two_browsers_see_the_same_run(live: LiveManager) -> None:
    run_id = begun(live)
    live.handle(run_id, "ann").pause()

    async def watch() -> list[Visit]:
        visits = [Visit(run_id, live.tickets.issue(run_id), HOME) for _ in range(2)]

        def stop_when_both_watch() -> None:
            if all(visit.frames for visit in visits):
                live.handle(run_id, "ann").stop()

        for visit in visits:
            visit.on_frame = stop_when_both_watch
        return await asyncio.gather(*(visit() for visit in visits))

    one, other = asyncio.run(watch())
    # One that is slower for a moment gets the same rows in fewer frames.
    rows = [[row for frame in map(decode, visit.frames) if frame.header["rows"] for row in frame.rows()] for visit in (one, other)]
    assert str(rows[0]) == str(rows[1])
    assert {decode(visit.frames[-1]).header["state"] for visit in (one, other)} == {"stopped"}
    assert (one.code, other.code) == (DONE, DONE)


def test_a_browser_that_leaves_disturbs_nobody(live: LiveManager) -> None:
    run_id = begun(live)

    async def watch() -> Visit:
        visit = Visit(run_id, live.tickets.issue(run_id), HOME)
        visit.on_frame = visit.leave.set
        return await visit()

    visit = asyncio.run(watch())
    assert visit.frames
    handle = live.handle(run_id, "ann")
    place = handle.snapshot().place
    assert place is not None
    assert handle.wait_for(past(place.step + 2), SOON)
    assert visited_again(live, run_id).code == DONE


def visited_again(live: LiveManager, run_id: str) -> Visit:
    stopped(live, run_id, "ann")
    return visited(run_id, live.tickets.issue(run_id))


@pytest.mark.parametrize("how", ["none", "empty", "garbage", "other run", "expired"])
def test_without_a_valid_ticket_nothing_is_sent(live: LiveManager, how: str) -> None:
    run_id = begun(live)
    ticket = {
        "none": None,
        "empty": "",
        "garbage": "9.9",
        "other run": live.tickets.issue("other"),
        "expired": live.tickets.issue(run_id, 0),
    }
    visit = visited(run_id, ticket[how])
    assert (visit.frames, visit.code) == ([], NO_TICKET)
    assert NO_TICKET == 4401


@pytest.mark.parametrize(
    "headers",
    [
        HOME | {"origin": "http://evil.example"},
        {"host": "evil.example", "origin": "http://evil.example"},
        {"host": "localhost:8501"},
        HOME | {"origin": "null"},
        HOME | {"origin": "http://[::1"},
        {},
    ],
)
def test_another_site_gets_nothing_even_with_a_ticket(live: LiveManager, headers: dict[str, str]) -> None:
    run_id = begun(live)
    visit = visited(run_id, live.tickets.issue(run_id), headers)
    assert (visit.frames, visit.code) == ([], NOT_OURS)
    assert NOT_OURS == 4403


@pytest.mark.parametrize("run_id", ["nothing", "..", "a b"])
def test_a_run_that_is_not_there_says_so(live: LiveManager, run_id: str) -> None:
    visit = visited(run_id, live.tickets.issue(run_id))
    assert (visit.frames, visit.code) == ([], NO_RUN)
    assert NO_RUN == 4404


@pytest.mark.parametrize("ticket", [True, False])
def test_who_left_before_the_refusal_is_no_error(live: LiveManager, ticket: bool) -> None:
    visit = Visit("nothing", live.tickets.issue("nothing") if ticket else None, HOME)

    async def gone(message: Message) -> None:
        if message["type"] == "websocket.close":
            raise OSError("the browser has gone")

    visit._send = gone  # type: ignore[method-assign]
    assert asyncio.run(visit()).code is None


def test_plotly_comes_from_the_installed_package() -> None:
    told: list[Message] = []

    async def receive() -> Message:
        await asyncio.Event().wait()
        raise AssertionError

    async def send(message: Message) -> None:
        told.append(message)

    asyncio.run(app(scope_of("http", "/assets/plotly.min.js", HOME), receive, send))
    headers = dict(told[0]["headers"])
    assert told[0]["status"] == 200
    assert headers[b"content-type"].startswith(b"text/javascript")
    assert b"max-age" in headers[b"cache-control"]
    body = b"".join(message.get("body", b"") for message in told[1:])
    assert body == PLOTLY.read_bytes()
    assert b"plotly.js v" in body[:200]
