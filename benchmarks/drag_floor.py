"""How closely can pixels follow the pointer here at all? A bare page dragged as `scrub` drags ours: the floor under its figures.

    python -m benchmarks.drag_floor

A ground, a canvas and a few lines of script; the other end of its socket, a process of its own, sends each question back at once with
28 x 28 pixels behind it. The page follows the pointer once a frame (pointermove) or as it moves (pointerrawupdate), without any network or
over the socket, at last with one of the cores busy, as beside a run that trains. What `scrub` has above these figures is ours.
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus

from playwright.sync_api import Page
from websockets.asyncio.server import ServerConnection, serve
from websockets.datastructures import Headers
from websockets.http11 import Request, Response

from benchmarks.live_app import chromium
from benchmarks.scrub import WATCH_PAD_JS, Pad, p95, parts
from benchmarks.step_rate import ROOT, heading, table

SIDE = 28
WAYS = {
    "once a frame, no network": ("pointermove", "local", False),
    "once a frame, over a socket": ("pointermove", "socket", False),
    "as it moves, no network": ("pointerrawupdate", "local", False),
    "as it moves, over a socket": ("pointerrawupdate", "socket", False),
    "as it moves, over a socket, a core busy": ("pointerrawupdate", "socket", True),
}
"""What is dragged -> the event it follows, where its pictures come from, and whether something else works beside it."""
PAGE = """<!doctype html><meta charset="utf-8"><title>floor</title>
<style>
  body { margin: 0; display: flex; gap: 20px; padding: 100px }
  .ex-ground, canvas { width: 440px; height: 440px; background: #ddd }
</style>
<canvas data-canvas="picture" width="440" height="440"></canvas><div class="ex-ground"></div>
<script>
const [follows, from] = location.search.slice(1).split(",");
const pen = document.querySelector("canvas").getContext("2d");
const small = Object.assign(document.createElement("canvas"), { width: SIDE, height: SIDE }).getContext("2d");
const pixels = small.createImageData(SIDE, SIDE);
const socket = new WebSocket(location.origin.replace("http", "ws") + "/live/latent/");
let count = 0;
socket.binaryType = "arraybuffer";
socket.onopen = () => (document.body.dataset.open = "true");
socket.onmessage = ({ data }) => paint(new Uint8Array(data, data.byteLength - SIDE * SIDE));
function paint(bytes) {
  new Uint32Array(pixels.data.buffer).forEach((_, i, all) => (all[i] = 0xff000000 | (bytes[i] * 0x010101)));
  small.putImageData(pixels, 0, 0);
  pen.drawImage(small.canvas, 0, 0, 440, 440);
}
document.querySelector(".ex-ground").addEventListener(follows, () => {
  const header = new TextEncoder().encode(JSON.stringify({ id: ++count, lane: "pad", filling: "x".repeat(90) }));
  const bytes = new Uint8Array(4 + header.length + 4 * 64);
  new DataView(bytes.buffer).setUint32(0, header.length, true);
  bytes.set(header, 4);
  if (from === "socket") return socket.send(bytes);
  pad.sent.set(count, { moves: pad.moves.splice(0), at: performance.now() });
  [pad.answered, pad.arrived] = [count, performance.now()];
  return paint(new Uint8Array(SIDE * SIDE).fill(count));
});
</script>""".replace("SIDE", str(SIDE)).encode()


def page_of(connection: ServerConnection, request: Request) -> Response | None:
    """The page, unless it is the socket that is asked for."""
    if "Upgrade" in request.headers:
        return None
    return Response(HTTPStatus.OK, "OK", Headers({"Content-Type": "text/html", "Content-Length": str(len(PAGE))}), PAGE)


async def answer(connection: ServerConnection) -> None:
    """Send each question back with pixels behind it."""
    async for message in connection:
        assert isinstance(message, bytes)
        await connection.send(message + bytes(SIDE * SIDE))


async def be_server() -> None:
    """Serve until ended; the port is the first line of the output."""
    async with serve(answer, "localhost", 0, process_request=page_of, compression=None) as server:
        print(next(iter(server.sockets)).getsockname()[1], flush=True)
        await asyncio.Event().wait()


@contextmanager
def process(*words: str) -> Iterator[subprocess.Popen[str]]:
    """Python with these words, ended at the end."""
    with subprocess.Popen([sys.executable, *words], cwd=ROOT, stdout=subprocess.PIPE, text=True) as child:
        try:
            yield child
        finally:
            child.kill()


class Bare(Pad):
    """The bare page, with the pointer held down on its ground."""

    def __init__(self, page: Page, address: str) -> None:
        page.goto(address)
        page.locator("body[data-open]").wait_for()
        self._take_hold(page)


def dragged(page: Page, address: str, seconds: float, *, busy: bool) -> tuple[dict[str, list[float]], float]:
    """What `Pad.drag` finds on the bare page, with or without other work beside it."""
    with process("-c", "while True: pass" if busy else ""):
        pad = Bare(page, address)
        pad.drag(1.0)
        found = pad.drag(seconds)
        pad.let_go()
    return found


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=6.0, help="length of each drag")
    parser.add_argument("--serve", action="store_true", help="be the bare page's server, and nothing else")
    asked = parser.parse_args()
    if asked.serve:
        asyncio.run(be_server())
        return
    print(heading())
    rows = [["", "pointer to pixel, p95 ms", "pictures a second", ""]]
    with process("-m", "benchmarks.drag_floor", "--serve") as server, chromium() as page:
        assert server.stdout is not None
        port = int(server.stdout.readline())
        page.add_init_script(WATCH_PAD_JS)
        for words, (event, source, busy) in WAYS.items():
            found, rate = dragged(page, f"http://localhost:{port}/?{event},{source}", asked.seconds, busy=busy)
            times = found["times"]
            rows += [[words, f"{p95(times):.1f} (median {statistics.median(times):.1f})", f"{rate:.1f}", ""], *parts(found)]
    print(table(rows))


if __name__ == "__main__":
    main()
