"""People who watch a run without a screen, in a process of their own: each receives every frame and draws nothing.

    python -m benchmarks.viewers ADDRESS ORIGIN COUNT

One line on stdout when all have their first frame; the frames each has received, as JSON, once stdin is closed.
"""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from websockets.asyncio.client import connect

from benchmarks.live_app import ROOT, Server


@contextmanager
def viewers(server: Server, count: int) -> Iterator[list[int]]:
    """So many viewers of the newest run; the list has the frames each received, once they have left."""
    command = [sys.executable, "-m", "benchmarks.viewers", server.address(server.run.name), server.url, str(count)]
    process = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    received: list[int] = []
    try:
        if process.stdout.readline() != "watching\n":
            raise RuntimeError("The viewers have not seen the run.")
        yield received
    finally:
        said, _ = process.communicate(timeout=60)
    received += json.loads(said)
    if not all(received):
        raise RuntimeError(f"A viewer received nothing: {received}")


async def _watch(address: str, origin: Any, count: int) -> list[int]:
    received, first = [0] * count, asyncio.Barrier(count + 1)

    async def one(number: int) -> None:
        async with connect(address, origin=origin, max_size=None, compression=None) as socket:
            await socket.recv()
            await first.wait()
            async for _ in socket:
                received[number] += 1
        raise RuntimeError(f"Viewer {number + 1} was sent away.")

    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(one(number)) for number in range(count)]
        await first.wait()
        print("watching", flush=True)
        await asyncio.to_thread(sys.stdin.read)
        for task in tasks:
            task.cancel()
    return received


if __name__ == "__main__":
    print(json.dumps(asyncio.run(_watch(sys.argv[1], sys.argv[2], int(sys.argv[3])))))
