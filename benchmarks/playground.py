"""Does the Playground keep up? Frames a second with all its layers on, and how long a class waits for all eight modes of ring-8.

    python -m benchmarks.playground

The page's own settings, on one thread. Seconds are from the click on Play to the page saying 8/8, each on a server and a browser of its
own and with another seed, some seconds after the page is there: a server that has just begun still warms up for the Train page. Frames
are those that the plane painted; beside a run that trains everything on it moves, and of a paused one another fake is taken in hand
sixty times a second, which paints the plane anew each time.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
from collections.abc import Sequence

from playwright.sync_api import Page

from benchmarks.live_app import Server, chromium
from benchmarks.step_rate import heading, table
from ui.components.plane_view import LAYERS

FRAMES_HZ, MODES_S = 50.0, 10.0
POINTER_HZ = 60.0
READ_S = 10.0
PLAY = ".pl-bar [data-do=toggle]"
RING = 0.81
"""How far from the middle of the square, as a share of half its side, the modes of ring-8 lie."""
ALL_MODES_JS = """() => document.querySelector("[data-figure=modes] dd span").textContent === "8/8"
  && (performance.timeOrigin + performance.now() - bench.click) / 1000"""
FRAMES_JS = """seconds => new Promise((counted) => {
  const view = document.querySelector(".gs-plane-view");
  const [began, first, step] = [performance.now(), view.gsPlane.frames, Number(view.dataset.step)];
  let [seen, last] = [first, began];
  const gaps = [];
  const look = () => {
    const now = performance.now();
    if (view.gsPlane.frames > seen) [seen, last] = [view.gsPlane.frames, (gaps.push(now - last), now)];
    const went = (now - began) / 1000;
    if (went < seconds) return requestAnimationFrame(look);
    return counted([(seen - first) / went, gaps, (Number(view.dataset.step) - step) / went]);
  };
  requestAnimationFrame(look);
})"""


def opened(server: Server, page: Page, **link: object) -> None:
    """Go to the Playground by a link and wait until its plane is there."""
    page.goto(f"{server.url}/playground?threads=1&" + "&".join(f"{name}={value}" for name, value in link.items()))
    page.locator(".gs-plane-view[data-mode]").wait_for()
    page.locator(".pl-empty:not(:empty)").wait_for()


def modes_s(server: Server, page: Page, seed: int) -> float:
    """Seconds from Play until the page says that the fakes are on all modes."""
    opened(server, page, seed=seed)
    page.wait_for_timeout(1000 * READ_S)
    page.locator(PLAY).click()
    return float(page.wait_for_function(ALL_MODES_JS, polling=50).json_value())


def trained(page: Page, windows: int, seconds: float) -> tuple[list[float], list[float], list[float]]:
    """Frames a second beside the run at work, milliseconds between two of them, and the run's steps a second, for some windows."""
    rates, gaps, steps = [], [], []
    for _ in range(windows):
        rate, between, went = page.evaluate(FRAMES_JS, seconds)
        rates.append(rate)
        gaps += between
        steps.append(went)
    return rates, gaps, steps


def paused(page: Page, windows: int, seconds: float) -> list[float]:
    """Frames a second of a plane at rest, while a pointer takes fakes of two modes in turn."""
    page.locator(PLAY).click()
    page.locator(".gs-plane-view[data-state=paused]").wait_for()
    page.wait_for_timeout(1000)
    box = page.locator(".pl-frame canvas").bounding_box()
    assert box is not None
    places = [(box["x"] + (1 + RING * x) / 2 * box["width"], box["y"] + (1 - RING * y) / 2 * box["height"]) for x, y in ((1, 0), (0, 1))]
    rates = []
    for _ in range(windows):
        page.evaluate(f"void (window.counted = ({FRAMES_JS})({seconds}))")
        began, moves = time.perf_counter(), 0
        while time.perf_counter() < began + seconds:
            moves += 1
            page.mouse.move(*places[moves % 2])
            time.sleep(max(0.0, began + moves / POINTER_HZ - time.perf_counter()))
        rates.append(page.evaluate("counted")[0])
    return rates


def worst(values: Sequence[float], *, least: bool = False, digits: int = 1) -> list[str]:
    """Median and worst of some figures."""
    return [f"{statistics.median(values):.{digits}f}", f"{min(values) if least else max(values):.{digits}f}"]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=5, help="of ring-8, each with another seed")
    parser.add_argument("--windows", type=int, default=5, help="in which frames are counted, beside a run and of a paused one")
    parser.add_argument("--seconds", type=float, default=8.0, help="length of each")
    asked = parser.parse_args()
    print(heading())
    waits = []
    for seed in range(asked.runs):
        with Server() as server, chromium() as page:
            waits.append(modes_s(server, page, seed))
            print(f"  seed {seed}: 8/8 after {waits[-1]:.2f} s", file=sys.stderr, flush=True)
    with Server() as server, chromium() as page:
        opened(server, page, layers=",".join(LAYERS))
        page.locator(PLAY).click()
        page.wait_for_function(ALL_MODES_JS)
        beside, gaps, steps = trained(page, asked.windows, asked.seconds)
        still = paused(page, asked.windows, asked.seconds)
    often = f"{sorted(gaps)[int(0.95 * len(gaps))]:.1f} (p95)"
    rows = [
        ["", "median", "worst", "goal"],
        [f"ring-8, Play to 8/8 modes ({len(waits)}), s", *worst(waits, digits=2), f"<= {MODES_S:g}"],
        ["frames a second, all layers, the run trains", *worst(beside, least=True), f">= {FRAMES_HZ:g}"],
        ["frames a second, all layers, the run is paused", *worst(still, least=True), f">= {FRAMES_HZ:g}"],
        ["from frame to frame beside the run, ms", f"{statistics.median(gaps):.1f}", often, ""],
        ["steps a second meanwhile", *worst(steps, least=True, digits=0), ""],
    ]
    print(table(rows))


if __name__ == "__main__":
    main()
