"""No message waits for the acknowledgement of the one before it, on a server whose socket is made as Streamlit makes it."""

from __future__ import annotations

import asyncio
import socket
from types import SimpleNamespace
from typing import Any

import pytest
import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send
from websockets.asyncio.client import connect

import app as our_app
from live.nodelay import NoDelay


class Witness:
    """An app that notes whether the connection it is asked over sends small messages at once."""

    def __init__(self) -> None:
        self.prompt: dict[str, bool] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        connection = receive.__self__.transport.get_extra_info("socket")  # type: ignore[attr-defined]
        self.prompt[scope["type"]] = connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY) != 0
        await receive()
        if scope["type"] == "websocket":
            await send({"type": "websocket.accept"})
            await send({"type": "websocket.close", "code": 1000})
        else:
            await send({"type": "http.response.start", "status": 204, "headers": []})
            await send({"type": "http.response.body", "body": b""})


async def visited(app: ASGIApp) -> None:
    """Ask the app once over HTTP and once over a socket."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        port = listening.getsockname()[1]
        server = uvicorn.Server(uvicorn.Config(app, lifespan="off", ws="websockets-sansio", log_config=None, timeout_graceful_shutdown=1))
        serving = asyncio.create_task(server.serve([listening]))
        while not server.started:
            await asyncio.wait({serving}, timeout=0.01)
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"GET / HTTP/1.1\r\nHost: here\r\nConnection: close\r\n\r\n")
        assert (await reader.read()).startswith(b"HTTP/1.1 204")
        writer.close()
        async with connect(f"ws://127.0.0.1:{port}/") as client:
            await client.wait_closed()
        server.should_exit = True
        await serving


@pytest.mark.parametrize("wrapped", [False, True], ids=["without", "with"])
def test_small_messages_wait_only_without_it(wrapped: bool) -> None:
    witness = Witness()
    asyncio.run(visited(NoDelay(witness) if wrapped else witness))
    assert witness.prompt == {"http": wrapped, "websocket": wrapped}, "once neither waits without it, it is not needed any more"


def test_the_app_has_it_before_all_else() -> None:
    assert our_app.app._user_middleware[0].cls is NoDelay


@pytest.mark.parametrize("owner", [None, SimpleNamespace(), SimpleNamespace(transport=SimpleNamespace(get_extra_info=lambda name: None))])
def test_a_server_that_shows_no_socket_is_served_all_the_same(owner: Any) -> None:
    passed = []

    async def receive(self: Any = None) -> dict[str, Any]:
        return {}

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        passed.append(scope["type"])

    async def send(message: Any) -> None: ...

    receiving: Any = receive if owner is None else receive.__get__(owner)
    asyncio.run(NoDelay(app)({"type": "lifespan"}, receiving, send))
    assert passed == ["lifespan"]
