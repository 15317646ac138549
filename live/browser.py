"""Which browser is asking: a random name in a cookie, set with the page, so that a reload is the same browser."""

from __future__ import annotations

import secrets

from starlette.datastructures import MutableHeaders
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Message, Receive, Scope, Send

COOKIE = "ganscope_browser"
LIFETIME_S = 365 * 24 * 3600


class BrowserCookie:
    """Gives every browser that fetches a page its name, if it has none."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on; add the cookie to an HTML answer."""
        # Starlette reads cookies as browsers do. Python's SimpleCookie gives up at those that other programs on this machine may have set.
        if scope["type"] != "http" or COOKIE in HTTPConnection(scope).cookies:
            return await self.app(scope, receive, send)

        async def send_with_cookie(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                if headers.get("content-type", "").startswith("text/html"):
                    name = secrets.token_urlsafe(24)
                    headers.append("set-cookie", f"{COOKIE}={name}; Path=/; Max-Age={LIFETIME_S}; HttpOnly; SameSite=Lax")
            await send(message)

        return await self.app(scope, receive, send_with_cookie)
