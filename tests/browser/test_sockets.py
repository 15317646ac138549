"""Who may listen to a run: pages of ours that were given a ticket, and nobody else."""

from __future__ import annotations

import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

pytestmark = pytest.mark.browser


def closed_with(url, origin):
    """The code with which the server ends a connection that it will not serve."""
    with connect(url, origin=origin) as socket:
        try:
            socket.recv(timeout=30)
        except ConnectionClosed as closed:
            return closed.rcvd.code
    return None


def test_foreign_pages_and_strangers_are_refused(visit, server):
    screen = visit("/?data=digits&network=mlp&width=32&batch_size=32&threads=1")
    with screen.page.expect_websocket(lambda socket: "/live/run/" in socket.url) as opened:
        screen.press("start")
    screen.trains()
    ticketed = opened.value.url.replace("localhost", "127.0.0.1")
    own, foreign = f"http://127.0.0.1:{server.port}", "http://evil.example"
    assert closed_with(ticketed, own) is None
    assert closed_with(ticketed, foreign) == 4403
    assert closed_with(ticketed.partition("?")[0], own) == 4401
    assert closed_with(ticketed.partition("?")[0], foreign) == 4403
