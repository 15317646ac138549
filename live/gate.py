"""Who may open a socket of ours: a page that we served, with a ticket for the run."""

from __future__ import annotations

from contextlib import suppress

from starlette.websockets import WebSocket, WebSocketDisconnect

from live.manager import LiveManager
from live.tickets import own_names, same_site

NOT_OURS, NO_TICKET, NO_RUN = 4403, 4401, 4404


async def admitted(socket: WebSocket, live: LiveManager, run_id: str) -> bool:
    """Accept a socket; whether it may go on. Where not, it is closed with a reason."""
    await socket.accept()
    if not same_site(socket.headers, own_names()):
        await refuse(socket, NOT_OURS, "host or origin not allowed")
        return False
    if not live.tickets.valid(socket.query_params.get("ticket", ""), run_id):
        await refuse(socket, NO_TICKET, "ticket missing, wrong or expired")
        return False
    return True


async def refuse(socket: WebSocket, code: int, reason: str) -> None:
    """Close a socket; that a browser has left meanwhile is no error."""
    with suppress(WebSocketDisconnect):
        await socket.close(code, reason)
