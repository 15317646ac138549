"""Small messages leave at once.

Linux lets a small message wait until the one before it has been acknowledged (Nagle's algorithm), and a browser acknowledges when it next
has something to say, or after 40 ms. asyncio switches that off for the sockets it makes, and not for the one Streamlit hands to it.
"""

from __future__ import annotations

import socket
from contextlib import suppress

from starlette.types import ASGIApp, Receive, Scope, Send


class NoDelay:
    """Switches it off for every connection of the server. ASGI names no socket; uvicorn's `receive` belongs to something that has one."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on."""
        transport = getattr(getattr(receive, "__self__", None), "transport", None)
        if transport is not None and (connection := transport.get_extra_info("socket")) is not None:
            with suppress(OSError):  # the browser has left, or it is no TCP socket
                connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        await self.app(scope, receive, send)
