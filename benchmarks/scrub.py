"""How closely do pixels follow the pointer? Dragging over the Explore page's pad, alone and among others, beside a run that trains.

    python -m benchmarks.scrub

One server, one DCGAN on 28 pixels: first stored, then at work. A real Chromium drags over the pad with a pointer that moves 60 times a
second; a move's time to the pixel ends when the first picture is on the canvas that was asked for at that move or after it. Then bare
clients drag beside each other: theirs is from the move to the answer, as for people at other machines, but with their own work on these
cores. Steps a second with those clients dragging are held against the same clients connected and still, in windows that follow one another.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import time
from collections.abc import Sequence

from playwright.sync_api import Page

from benchmarks.draggers import Draggers, strip_seconds
from benchmarks.live_app import Server, chromium, click
from benchmarks.step_rate import ROOT, heading, table

ALONE_MS, BESIDE_MS, FRAMES_HZ, CROWD_MS, STEPS, STRIP_S, HEAP_MB = 16.7, 33.0, 45.0, 150.0, 0.7, 1.0, 2.0
POINTER_HZ = 60.0
CLIENTS = 20
SETTINGS = {"data": "glyphs", "network": "dcgan", "width": 32, "threads": 1}
WATCH_PAD_JS = """
(() => {
  const pad = (window.pad = { moves: [], sent: new Map(), drawn: 0, answered: 0, arrived: 0, times: [], heard: [], rounds: [] });
  const header = (bytes) => {
    const size = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true);
    return JSON.parse(new TextDecoder().decode(bytes.subarray(4, 4 + size)));
  };
  let noted = 0; // a browser may tell the same move twice: as it comes, and before the next frame
  const note = ({ target, timeStamp }) => {
    if (timeStamp <= noted || !target.closest?.(".ex-ground")) return;
    noted = timeStamp;
    pad.moves.push([timeStamp, performance.now()]);
  };
  for (const name of ["pointerrawupdate", "pointermove"]) window.addEventListener(name, note, true);
  window.WebSocket = class extends WebSocket {
    constructor(...all) {
      super(...all);
      this.latent = String(all[0]).includes("/live/latent/");
      if (!this.latent) return;
      this.addEventListener("message", ({ data }) => {
        const { id, lane, dropped } = header(new Uint8Array(data));
        if (lane !== "pad" || dropped || !pad.sent.has(id)) return;
        [pad.answered, pad.arrived] = [id, performance.now()]; // also answers what was dropped before it
      });
    }
    send(message) {
      const asked = this.latent ? header(message) : {};
      if (asked.lane === "pad") pad.sent.set(asked.id, { moves: pad.moves.splice(0), at: performance.now() });
      return super.send(message);
    }
  };
  const draw = CanvasRenderingContext2D.prototype.drawImage;
  CanvasRenderingContext2D.prototype.drawImage = function (...all) {
    const done = draw.apply(this, all);
    if (this.canvas.dataset?.canvas !== "picture" || !pad.sent.has(pad.answered)) return done;
    const now = performance.now();
    for (const [id, { moves, at }] of pad.sent) {
      if (id > pad.answered) continue;
      pad.times.push(...moves.map(([moved]) => now - moved));
      pad.heard.push(...moves.map(([moved, heard]) => heard - moved));
      if (id === pad.answered) pad.rounds.push(pad.arrived - at);
      pad.sent.delete(id);
    }
    pad.drawn += 1;
    return done;
  };
})();
"""


def p95(values: Sequence[float]) -> float:
    """The value that 95 of 100 stay below."""
    return sorted(values)[min(len(values) - 1, int(0.95 * len(values)))]


def store_run(server: Server, seconds: float) -> str:
    """Train a run without a screen for a while, so that there is one to look at; its id."""
    settings = [part for name, value in SETTINGS.items() for part in ("--set", f"{name}={value}")]
    command = [sys.executable, "-m", "gan_core", "train", *settings, "--seconds", str(seconds), "--out", str(server.runs)]
    subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    return server.run.name


def start_run(server: Server, page: Page) -> str:
    """Start a run by its link and a click; its id."""
    page.goto(f"{server.url}/?" + "&".join(f"{name}={value}" for name, value in SETTINGS.items()))
    click(page, "start")
    page.wait_for_function("bench.states.running > 0", polling=100)
    time.sleep(10.0)  # until its first checkpoint, and until what is slow at a start is over
    return server.run.name


class Pad:
    """The page that explores, with the pointer held down on its pad."""

    def __init__(self, server: Server, page: Page, run_id: str) -> None:
        page.goto(f"{server.url}/explore?run={run_id}")
        page.locator(".gs-explore[data-connected=true]").wait_for()
        page.wait_for_function("pad.drawn > 0", polling=100)
        page.locator("[data-canvas=map][data-drawn]").wait_for()
        self._take_hold(page)

    def _take_hold(self, page: Page) -> None:
        """Press the pointer's button over the ground."""
        ground = page.locator(".ex-ground")
        ground.scroll_into_view_if_needed()
        box = ground.bounding_box()
        assert box is not None
        self._page, self._box, self._moves = page, box, 0
        self._move()
        page.mouse.down()

    def _move(self) -> None:
        """To and fro on a slanted way, so that each move is to a new place."""
        self._moves += 1
        across, down = (0.1 + 0.8 * abs((self._moves * share) % 2 - 1) for share in (0.013, 0.0071))
        self._page.mouse.move(self._box["x"] + across * self._box["width"], self._box["y"] + down * self._box["height"])

    def drag(self, seconds: float) -> tuple[dict[str, list[float]], float]:
        """Drag for a while; milliseconds of each move to its pixels, to the page, and of each question to its answer; pictures a second."""
        self._page.evaluate("Object.assign(pad, { times: [], heard: [], rounds: [], drawn: 0 })")
        began, moves = time.perf_counter(), 0
        while time.perf_counter() < began + seconds:
            moves += 1
            self._move()
            time.sleep(max(0.0, began + moves / POINTER_HZ - time.perf_counter()))
        times, drawn = self._page.evaluate("[{ times: pad.times, heard: pad.heard, rounds: pad.rounds }, pad.drawn]")
        return times, drawn / (time.perf_counter() - began)

    def heap_mb(self, frames: int) -> list[float]:
        """The page's heap in MB, garbage collected, from picture 500 on in ten parts until so many were drawn."""
        probe, readings, drawn, first = self._page.context.new_cdp_session(self._page), [], 0.0, min(500, frames // 2)
        for due in (first + part * (frames - first) // 10 for part in range(11)):
            while drawn < due:
                drawn += 2.0 * self.drag(2.0)[1]
            probe.send("HeapProfiler.collectGarbage")
            readings.append(probe.send("Runtime.getHeapUsage")["usedSize"] / 2**20)
        return readings

    def let_go(self) -> None:
        """Release the pointer."""
        self._page.mouse.up()


def crowd(server: Server, run_id: str, *, rounds: int, seconds: float) -> tuple[list[float], list[float]]:
    """Clients that drag at once: milliseconds from a move to its answer, and steps a second against the same clients still."""
    times: list[float] = []
    ratios: list[float] = []
    with Draggers(server, run_id, CLIENTS, POINTER_HZ) as clients:
        for number in range(rounds):
            rates: dict[bool, float] = {}
            for dragging in (False, True) if number % 2 == 0 else (True, False):
                clients.drag(dragging)
                time.sleep(1.5)
                (began, first), _ = server.mark(), clients.take()
                time.sleep(seconds)
                ended, last = server.mark()
                rates[dragging] = (last - first) / (ended - began)
                times += clients.take() if dragging else []
            ratios.append(rates[True] / rates[False])
            print(
                f"  round {number + 1}/{rounds}: {rates[False]:.1f} steps/s still, {rates[True]:.1f} dragging", file=sys.stderr, flush=True
            )
    return times, ratios


def parts(found: dict[str, list[float]]) -> list[list[str]]:
    """Lines of the two parts of a way that are not the page's: from the pointer to the page, and from a question to its answer."""
    words = {"heard": "  of it until Chromium tells the page", "rounds": "  of it from a question to its answer"}
    return [[text, f"{p95(found[name]):.1f} (median {statistics.median(found[name]):.1f})", "", ""] for name, text in words.items()]


def row(words: str, value: float, goal: float, *, digits: int = 1, least: bool = False, more: str = "") -> list[str]:
    """A line of the table: figure, goal, and whether it was met."""
    met = value >= goal if least else value <= goal
    return [words, f"{value:,.{digits}f}{more}", f"{'>=' if least else '<='} {goal:g}", "met" if met else "MISSED"]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=15.0, help="length of each drag and window")
    parser.add_argument("--rounds", type=int, default=4, help="windows of the clients that drag at once, each beside a still one")
    parser.add_argument("--frames", type=int, default=5000, help="pictures over which the heap is followed")
    asked = parser.parse_args()
    print(heading())
    with Server() as server, chromium() as page:
        page.add_init_script(WATCH_PAD_JS)
        stored = store_run(server, 15.0)
        pad = Pad(server, page, stored)
        pad.drag(2.0)
        alone, alone_hz = pad.drag(asked.seconds)
        heap = pad.heap_mb(asked.frames)
        pad.let_go()
        strip = statistics.median(strip_seconds(server, stored) for _ in range(5))
        at_work = start_run(server, page)
        pad = Pad(server, page, at_work)
        pad.drag(2.0)
        beside, beside_hz = pad.drag(asked.seconds)
        pad.let_go()
        page.goto("about:blank")
        crowded, ratios = crowd(server, at_work, rounds=asked.rounds, seconds=asked.seconds)
    median = statistics.median
    rows = [
        ["", "measured", "goal", ""],
        row("pointer to pixel, nothing trains, p95 ms", p95(alone["times"]), ALONE_MS, more=f" (median {median(alone['times']):.1f})"),
        *parts(alone),
        row("pictures a second, nothing trains", alone_hz, FRAMES_HZ, least=True),
        row("pointer to pixel, a run trains, p95 ms", p95(beside["times"]), BESIDE_MS, more=f" (median {median(beside['times']):.1f})"),
        *parts(beside),
        row("pictures a second, a run trains", beside_hz, FRAMES_HZ, least=True),
        row(f"move to answer, {CLIENTS} clients, a run trains, p95 ms", p95(crowded), CROWD_MS, more=f" (median {median(crowded):.1f})"),
        row(f"steps/s, {CLIENTS} clients dragging to still", median(ratios), STEPS, digits=2, least=True),
        row("strip of 120 frames, s", strip, STRIP_S, digits=2),
        row(f"browser heap, growth to {asked.frames:,} frames, MB", heap[-1] - heap[0], HEAP_MB, more=f" (from {heap[0]:.1f})"),
    ]
    print(table(rows))


if __name__ == "__main__":
    main()
