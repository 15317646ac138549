"""Clients without a screen that drag through a latent space, as browsers do: for the benchmark of many at once."""

from __future__ import annotations

import asyncio
import itertools
import json
import math
import threading
import time
from collections import deque
from types import TracebackType
from typing import Any

import numpy as np
from websockets.asyncio.client import connect
from websockets.sync.client import connect as connect_now

from benchmarks.live_app import Server
from gan_core.store import RunStore
from live.frames import Payload, packed
from live.tickets import Tickets

IN_FLIGHT, CROWDED = 2, 32
"""Questions of a lane that a browser lets wait for their answer (of what it would ask meanwhile it keeps the newest), and for how many
answers it is one alone after one was dropped, as in latent_link.js."""
JUDGE_S, SLOW_S = 0.25, 0.05
"""Between two questions for D's verdict on the picture that was shown last, and how long an answer takes where the next CROWDED pictures
are asked for with their verdicts instead, as in explore_pieces.js."""


def address(server: Server, run_id: str) -> str:
    """Where the run's latent space is asked, with a ticket."""
    ticket = Tickets(server.runs / ".ticket-secret").issue(run_id)
    return f"ws://localhost:{server.port}/live/latent/{run_id}?ticket={ticket}"


def question(header: dict[str, Any], z: np.ndarray[Any, Any]) -> bytes:
    """A question about some z, as it is sent."""
    payload = Payload()
    place = {"z": payload.add(z.astype(np.float32))}
    return packed({"weights": "living", "at": None, "labels": None} | header | place, payload)


def read(message: Any) -> dict[str, Any]:
    """The header of an answer."""
    header: dict[str, Any] = json.loads(message[4 : 4 + int.from_bytes(message[:4], "little")])
    return header


def strip_seconds(server: Server, run_id: str, frames: int = 120) -> float:
    """Seconds until a walk of so many frames is there."""
    keys = np.random.default_rng(0).standard_normal((4, RunStore(server.runs).config(run_id).latent_dim))
    asked = {"id": 1, "ask": "path", "lane": "strip", "how": "slerp", "frames": frames, "closed": True, "ease": True}
    with connect_now(address(server, run_id), origin=server.url, max_size=None, compression=None) as connection:  # type: ignore[arg-type]
        began = time.perf_counter()
        connection.send(question(asked, keys))
        answer = read(connection.recv())
    assert answer["pictures"]["shape"][0] == frames, answer
    return time.perf_counter() - began


class Draggers:
    """So many clients on one thread; `drag` sets them in motion or lets them rest."""

    def __init__(self, server: Server, run_id: str, count: int, pointer_hz: float) -> None:
        self._server, self._run_id, self._count, self._every_s = server, run_id, count, 1 / pointer_hz
        self._dim = RunStore(server.runs).config(run_id).latent_dim
        self._dragging = False
        self._times: deque[float] = deque()
        self._there = threading.Barrier(2)
        self._troubles: list[Any] = []
        self._done: asyncio.Event | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread = threading.Thread(target=lambda: asyncio.run(self._all()), name="draggers", daemon=True)

    def __enter__(self) -> Draggers:
        self._thread.start()
        self._there.wait(60)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        assert self._loop is not None
        assert self._done is not None
        self._loop.call_soon_threadsafe(self._done.set)
        self._thread.join(30)
        if self._troubles:
            raise RuntimeError(f"Clients ended before their time: {self._troubles}")

    def drag(self, dragging: bool) -> None:
        """Move all pointers from now on, or none."""
        self._dragging = dragging

    def take(self) -> list[float]:
        """Milliseconds from move to answer since this was last asked."""
        return [self._times.popleft() for _ in range(len(self._times))]

    async def _all(self) -> None:
        self._loop, self._done = asyncio.get_running_loop(), asyncio.Event()
        clients = [asyncio.create_task(self._client(number)) for number in range(self._count)]
        self._there.wait(60)
        await self._done.wait()
        for client in clients:
            client.cancel()
        ends = await asyncio.gather(*clients, return_exceptions=True)
        self._troubles = [end for end in ends if not isinstance(end, asyncio.CancelledError)]

    async def _client(self, number: int) -> None:
        corners = np.random.default_rng(number).standard_normal((2, self._dim))
        carried: dict[int, list[float]] = {}  # moves that a question was the first to follow, until a picture shows them
        flying: dict[int, float] = {}
        waiting: list[float] = []
        url, moves, alone, asked, judged, slow = self._server.url, 0, 0, itertools.count(1), 0.0, 0
        async with connect(address(self._server, self._run_id), origin=url, max_size=None, compression=None) as socket:  # type: ignore[arg-type]

            async def send(lane: str = "pad") -> None:
                share, number = moves * 0.01, next(asked)
                z = math.cos(share) * corners[:1] + math.sin(share) * corners[1:]
                if lane == "pad":
                    flying[number] = time.perf_counter()
                    carried[number], waiting[:] = list(waiting), []
                await socket.send(question({"id": number, "ask": "draw", "lane": lane, "verdict": slow > 0 or lane != "pad"}, z))

            def may_ask() -> bool:
                return len(flying) < (1 if alone else IN_FLIGHT)

            async def listen() -> None:
                nonlocal alone, judged, slow
                async for message in socket:
                    answer, now = read(message), time.perf_counter()
                    if answer.get("lane") != "pad":
                        continue
                    took_s = now - flying.pop(answer["id"])
                    alone = CROWDED if answer.get("dropped") else max(0, alone - 1)
                    if not answer.get("dropped"):  # its picture also follows the moves whose own was dropped for it
                        slow = CROWDED if took_s > SLOW_S else max(0, slow - 1)
                        for number in [number for number in carried if number <= answer["id"]]:
                            self._times.extend(1000 * (now - then) for then in carried.pop(number))
                    if answer.get("verdict") is None and now > judged + JUDGE_S and not answer.get("dropped"):
                        judged = now
                        await send("pad-verdict")
                    if waiting and may_ask():
                        await send()

            listening = asyncio.create_task(listen())
            try:
                await asyncio.sleep(number * self._every_s / self._count)
                while not listening.done():
                    due = time.perf_counter() + self._every_s
                    if self._dragging:
                        moves += 1
                        waiting.append(time.perf_counter())
                        if may_ask():
                            await send()
                    await asyncio.sleep(max(0.0, due - time.perf_counter()))
            finally:
                listening.cancel()
