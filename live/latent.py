"""The socket of a latent space: questions in, answers out, one binary message each (docs/decisions/latent.md)."""

from __future__ import annotations

import asyncio
from collections import deque
from contextlib import suppress
from weakref import WeakKeyDictionary, ref

from starlette.concurrency import run_in_threadpool
from starlette.websockets import WebSocket, WebSocketDisconnect

from live import manager
from live.asks import BadAsk, read_ask
from live.gate import NO_RUN, admitted, refuse
from live.portrait import Portrait
from live.turns import Client

BAD = 4400
UNANSWERED = 16
"""Questions of one browser that may wait for their answer; it is not listened to before one is sent."""
UNSENT = 4
"""Answers that may wait for a slow browser; it is not served before one is taken."""


async def explore(socket: WebSocket) -> None:
    """Answer a browser's questions about one run until it leaves; close with a reason where it may not ask, or asks nonsense."""
    run_id, live = socket.path_params["run_id"], manager.get()
    if not await admitted(socket, live, run_id):
        return
    try:
        config = await run_in_threadpool(live.store.config, run_id)
    except ValueError:
        await refuse(socket, NO_RUN, "no such run")
        return
    await _Visit(socket, live.portrait, run_id).serve(config.latent_dim)


class _Post:
    """What the looking thread made, on its way to the event loop, which is woken once for all of it."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop_of = ref(loop)
        self._made: deque[tuple[asyncio.Queue[tuple[bytes, bool]], bytes, bool]] = deque()

    def put(self, outbox: asyncio.Queue[tuple[bytes, bool]], message: bytes, *, answers: bool) -> None:
        """Take a message for `flush` to send."""
        self._made.append((outbox, message, answers))

    def flush(self) -> None:
        """Wake the loop, unless there is nothing for it."""
        if self._made and (loop := self._loop_of()) is not None:
            batch, self._made = self._made, deque()
            with suppress(RuntimeError):  # the loop is closed: nobody is there any more
                loop.call_soon_threadsafe(self._hand_out, batch)

    @staticmethod
    def _hand_out(batch: deque[tuple[asyncio.Queue[tuple[bytes, bool]], bytes, bool]]) -> None:
        for outbox, message, answers in batch:
            outbox.put_nowait((message, answers))


_POSTS: WeakKeyDictionary[asyncio.AbstractEventLoop, _Post] = WeakKeyDictionary()


class _Visit:
    """One browser's connection: what it asked and has not been sent yet."""

    def __init__(self, socket: WebSocket, portrait: Portrait, run_id: str) -> None:
        self._socket, self._portrait = socket, portrait
        self._post = _POSTS.setdefault(loop := asyncio.get_running_loop(), _Post(loop))
        self._outbox: asyncio.Queue[tuple[bytes, bool]] = asyncio.Queue()  # each with whether it answers a question
        self._room = asyncio.Semaphore(UNANSWERED)
        self._made = self._sent = 0
        self._client = Client(run_id, self._made_answer, tell=self._tell, flush=self._post.flush, congested=self._congested)

    async def serve(self, latent_dim: int) -> None:
        """Listen and answer until the browser leaves."""
        await run_in_threadpool(self._portrait.join, self._client)
        answering = asyncio.create_task(self._answer())
        listening = asyncio.create_task(self._listen(latent_dim))
        try:
            await asyncio.wait({answering, listening}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            self._portrait.leave(self._client)
            for task in (answering, listening):
                task.cancel()
            await asyncio.gather(answering, listening, return_exceptions=True)

    def _made_answer(self, message: bytes) -> None:
        """From the looking thread."""
        self._made += 1
        self._post.put(self._outbox, message, answers=True)

    def _tell(self, message: bytes) -> None:
        self._post.put(self._outbox, message, answers=False)
        self._post.flush()

    def _congested(self) -> bool:
        return self._made - self._sent >= UNSENT

    async def _answer(self) -> None:
        with suppress(WebSocketDisconnect):
            while True:
                message, answers = await self._outbox.get()
                await self._socket.send_bytes(message)
                if answers:
                    waited_for = self._congested()
                    self._sent += 1
                    self._room.release()
                    if waited_for:
                        self._portrait.wake()

    async def _listen(self, latent_dim: int) -> None:
        while (message := await self._socket.receive())["type"] != "websocket.disconnect":
            try:
                ask = read_ask(message.get("bytes"), latent_dim)
            except BadAsk as reason:
                await refuse(self._socket, BAD, str(reason))
                return
            await self._room.acquire()
            self._portrait.ask(self._client, ask)
