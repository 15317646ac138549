"""A browser keeps its name over reloads, and its scripts cannot read it."""

from __future__ import annotations

import asyncio
from http.cookies import SimpleCookie

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import Message, Scope

from live.browser import COOKIE, LIFETIME_S, BrowserCookie


async def page(request: Request) -> Response:
    return HTMLResponse("<p>page</p>")


async def data(request: Request) -> Response:
    return JSONResponse({})


async def text(request: Request) -> Response:
    return PlainTextResponse("text")


async def own_cookie(request: Request) -> Response:
    response = HTMLResponse("<p>page</p>")
    response.set_cookie("another", "1")
    return response


ROUTES = [Route("/", page), Route("/data", data), Route("/text", text), Route("/own", own_cookie)]
app = Starlette(routes=ROUTES, middleware=[Middleware(BrowserCookie)])


def cookies(path: str, sent: str | None = None) -> list[str]:
    """The cookies the answer sets."""
    told: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Message) -> None:
        told.append(message)

    headers = [(b"host", b"localhost")] + ([(b"cookie", sent.encode("latin-1"))] if sent is not None else [])
    scope: Scope = {
        "type": "http",
        "method": "GET",
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "headers": headers,
        "scheme": "http",
        "http_version": "1.1",
        "server": ("localhost", 8501),
    }
    asyncio.run(app(scope, receive, send))
    assert told[0]["status"] == 200
    return [value.decode() for name, value in told[0]["headers"] if name == b"set-cookie"]


def test_a_page_gives_a_new_browser_its_name_once() -> None:
    (cookie,) = cookies("/")
    morsel = SimpleCookie(cookie)[COOKIE]
    assert len(morsel.value) >= 32
    assert cookies("/", f"{COOKIE}={morsel.value}") == []


def test_scripts_and_other_sites_cannot_use_it() -> None:
    morsel = SimpleCookie(cookies("/")[0])[COOKIE]
    assert morsel["httponly"]
    assert morsel["samesite"].lower() == "lax"
    assert morsel["path"] == "/"
    assert int(morsel["max-age"]) == LIFETIME_S


def test_every_browser_gets_another_name() -> None:
    assert len({cookies("/")[0] for _ in range(5)}) == 5


@pytest.mark.parametrize("path", ["/data", "/text"])
def test_what_is_no_page_sets_nothing(path: str) -> None:
    assert cookies(path) == []


def test_the_page_s_own_cookies_stay() -> None:
    assert sorted(cookie.partition("=")[0] for cookie in cookies("/own")) == ["another", COOKIE]


@pytest.mark.parametrize("foreign", ["other=1", 'json={"a": 1, "b": "c"}', "a/b=1", "bad", "é=1", "=;;", "x=(1,2)"])
@pytest.mark.parametrize("order", [1, -1])
def test_cookies_of_other_programs_on_this_machine_do_no_harm(foreign: str, order: int) -> None:
    # All ports of a machine share their cookies, so any other server's may be there.
    assert len(cookies("/", foreign)) == 1
    assert cookies("/", "; ".join([f"{COOKIE}=name", foreign][::order])) == []


def test_sockets_are_passed_on() -> None:
    seen: list[Scope] = []

    async def inner(scope: Scope, receive: object, send: object) -> None:
        seen.append(scope)

    scope: Scope = {"type": "websocket", "headers": []}
    asyncio.run(BrowserCookie(inner)(scope, None, None))  # type: ignore[arg-type]
    assert seen == [scope]
