"""Our own addresses on the server, beside Streamlit's."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing, suppress
from pathlib import Path

import plotly
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import FileResponse
from starlette.routing import BaseRoute, Route, WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from live import manager
from live.broadcast import Feeds
from live.gate import NO_RUN, admitted, refuse
from live.latent import explore
from live.timeline import moments, strip

DONE = 1000
PLOTLY = Path(plotly.__file__).parent / "package_data" / "plotly.min.js"

_feeds = Feeds()


async def plotly_js(request: Request) -> FileResponse:
    """Plotly's JavaScript from the installed package: no CDN, so it works in a classroom without internet."""
    return FileResponse(PLOTLY, media_type="text/javascript", headers={"Cache-Control": "public, max-age=86400"})


async def watch_run(socket: WebSocket) -> None:
    """Push frames of one run until it ends or the browser goes; close with a reason where it may not be watched."""
    run_id = socket.path_params["run_id"]
    live = manager.get()
    if not await admitted(socket, live, run_id):
        return
    try:
        view = await run_in_threadpool(live.view, run_id)
    except ValueError:
        await refuse(socket, NO_RUN, "no such run")
        return
    pushing = asyncio.create_task(_push(socket, _feeds.watch((run_id, live.life(run_id)), lambda: view, live.scores(run_id))))
    listening = asyncio.create_task(_until_gone(socket))
    try:
        await asyncio.wait({pushing, listening}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in (pushing, listening):
            task.cancel()
        await asyncio.gather(pushing, listening, return_exceptions=True)


async def _push(socket: WebSocket, frames: AsyncGenerator[bytes]) -> None:
    with suppress(WebSocketDisconnect):
        async with aclosing(frames) as each:
            async for frame in each:
                await socket.send_bytes(frame)
        await socket.close(DONE)


async def _until_gone(socket: WebSocket) -> None:
    """Wait for the browser to leave; whatever it says is not asked for, and not kept."""
    while (await socket.receive())["type"] != "websocket.disconnect":
        pass


ROUTES: list[BaseRoute] = [
    Route("/assets/plotly.min.js", plotly_js),
    WebSocketRoute("/live/run/{run_id}", watch_run),
    WebSocketRoute("/live/latent/{run_id}", explore),
    Route("/live/run/{run_id}/moments", moments),
    Route("/live/run/{run_id}/strip", strip),
]
