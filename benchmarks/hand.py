"""How quickly does the page follow the hand, and the run? From the server's start to a page, from click to grid, from step to pixel.

    python -m benchmarks.hand --servers 3 --starts 3 --seconds 30 --switches 40 --forks 5

The default preset on one server after the other. A page is usable when its Start button is there. A step is done when its row of curves
is written (the steps of one row share its time), and shown two frames after the curve or the grid that has it was drawn, when the pixels
are on the screen. A switch is measured from the click in the menu to the other page's heading being on the screen, and to what of that page
comes late, beside the run that trains, with it paused, and beside it between two bare pages of another Streamlit (its own share); a fork
from the click in the dialog to the first grid of the new run, its parent having been stopped before.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
from collections.abc import Mapping, Sequence

from playwright.sync_api import Page

from benchmarks.live_app import Server, chromium, click, start
from benchmarks.live_path import live_path
from benchmarks.step_rate import heading, table

PAGE_S, FIRST_GRID_S, PIXEL_P95_S, CURVES_HZ, GRID_HZ, PAUSE_S, SWITCH_P95_S, FORK_S = 8.0, 1.0, 0.25, 10.0, 4.0, 0.25, 0.15, 2.0
SEEN = """([name, last]) => new Promise((found) => {
  const began = performance.now();
  const since = () => (performance.now() - began) / 1000;
  document.querySelector(`[data-testid=stSidebarNav] a[href$="${name}"]`).click();
  const wanted = name === "runs" ? "Runs" : "Train";
  let named = 0;
  const look = () => {
    const there = [...document.querySelectorAll("[data-testid=stMain] h1")].some((title) => title.textContent === wanted);
    if (there && !named) requestAnimationFrame(() => (named = since()));
    if (named && document.querySelector(last)) requestAnimationFrame(() => found([named, since()]));
    else requestAnimationFrame(look);
  };
  look();
})"""
LAST = {"runs": "[class*=st-key-open-] button", "/": ".gs-view[data-state] .gs-stage"}
"""What of each page comes late: a run's buttons, the live view."""


def switches(page: Page, count: int, last: Mapping[str, str] = LAST) -> list[tuple[float, float]]:
    """Seconds of each of `count` switches, from Train to Runs and back: to the page's heading, to what comes late."""
    seconds = []
    for turn in range(count):
        name = "runs" if turn % 2 == 0 else "/"
        named, whole = page.evaluate(SEEN, [name, last[name]])
        seconds.append((named, whole))
        page.wait_for_timeout(700)
    return seconds


def bare_switches(page: Page, count: int) -> list[tuple[float, float]]:
    """The same between two pages that hold a heading and nothing else, in a server of their own; the run goes on in the other."""
    with Server("benchmarks/bare_pages.py") as bare:
        page.goto(bare.url)
        page.locator("[data-testid=stMain] h1").wait_for()
        page.wait_for_timeout(2000)
        return switches(page, count, dict.fromkeys(LAST, "h1"))


def paused_switches(page: Page, count: int) -> list[tuple[float, float]]:
    """The same between the app's pages while the run is paused."""
    click(page, "pause")
    page.locator(".gs-view[data-state=paused]").wait_for()
    seconds = switches(page, count)
    click(page, "resume")
    page.locator(".gs-view[data-state=running]").wait_for()
    return seconds


def fork(page: Page) -> float:
    """Stop the run on screen and fork its last checkpoint; seconds from the click to the first grid of the fork."""
    click(page, "stop")
    page.locator(".gs-view[data-state=stopped]").wait_for()
    page.locator(".st-key-fork button:visible").first.click()
    page.locator(".st-key-fork-go button").click()
    page.wait_for_function("bench.firstGrid > 0", polling=50)
    page.locator(".gs-view[data-state=running]").wait_for()
    clicked, grid = page.evaluate("[bench.click / 1000, bench.firstGrid / 1000]")
    page.wait_for_timeout(3000)
    return float(grid - clicked)


def pause(page: Page, server: Server) -> tuple[float, float]:
    """Press Pause, later Resume; seconds until the run wrote its last event, and until the page said "paused"."""
    click(page, "pause")
    page.wait_for_function("bench.states.paused > 0", polling=100)
    page.wait_for_timeout(1000)
    clicked, said = page.evaluate("[bench.click / 1000, bench.states.paused / 1000]")
    wrote = (server.run / "events.jsonl").stat().st_mtime
    click(page, "resume")
    page.wait_for_function("bench.states.running > 0", polling=100)
    page.wait_for_timeout(1000)
    return max(0.0, wrote - clicked), said - clicked


def usable(page: Page, server: Server) -> float:
    """Seconds from the server's start to the Start button on the screen."""
    page.goto(server.url)
    page.locator(".st-key-start button:visible").first.wait_for()
    return time.time() - server.began


def begun(page: Page, asked: argparse.Namespace) -> dict[str, list[float]]:
    """What becomes of servers that have just begun, but for the last one; seconds by what was waited for."""
    pages, grids = [], []
    for number in range(asked.servers):
        with Server() as server:
            pages.append(usable(page, server))
            grids.append(start(page, server)[-1])
            print(f"  server {number + 1}: page after {pages[-1]:.2f} s, grid {grids[-1]:.2f} s after Start", file=sys.stderr, flush=True)
            page.goto("about:blank")
    return {"server's start to a usable page": pages, "Start on a new server to the first grid": grids}


def again(page: Page, server: Server, count: int) -> list[float]:
    """Seconds from Start to the first grid, again and again on one server; the last run goes on."""
    seconds = []
    for number in range(count):
        if number:
            click(page, "stop")
            page.locator(".st-key-continue button").wait_for()
        seconds.append(start(page, server)[-1])
    page.locator(".st-key-pause button").wait_for()
    return seconds


def p95(times: Sequence[float]) -> float:
    """The value that 95 of 100 do not exceed."""
    return sorted(times)[min(len(times) - 1, int(0.95 * len(times)))]


def late(what: str, times: Sequence[float], goal: float) -> list[str]:
    """A row of seconds whose 95th percentile, or worst of few, has a goal."""
    return [f"{what} ({len(times)}), s", f"{statistics.median(times):.3f}", f"{p95(times):.3f}", f"<= {goal:g}"]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--servers", type=int, default=3, help="that are started")
    parser.add_argument("--starts", type=int, default=3, help="clicks on Start on a server that has trained before")
    parser.add_argument("--seconds", type=float, default=30.0, help="of looking at curves and grids")
    parser.add_argument("--pauses", type=int, default=5)
    parser.add_argument("--switches", type=int, default=40)
    parser.add_argument("--forks", type=int, default=5)
    asked = parser.parse_args()
    print(heading())
    with chromium() as page:
        starts = begun(page, asked)
        with Server() as server:
            start(page, server)
            click(page, "stop")
            page.locator(".st-key-continue button").wait_for()
            starts["Start later to the first grid"] = again(page, server, asked.starts)
            shown, rates = live_path(server, page, asked.seconds)
            pauses = [pause(page, server) for _ in range(asked.pauses)]
            page.wait_for_timeout(8000)  # a first checkpoint
            count = asked.switches + asked.switches % 2
            turned = {"page switch while training": switches(page, count), "page switch, the run paused": paused_switches(page, count)}
            turned["the same between bare pages, while training"] = bare_switches(page, count)
            page.goto(server.url)
            page.locator(".gs-view[data-state=running]").wait_for()
            forked = [fork(page) for _ in range(asked.forks)]
    rows = [["", "median", "p95 or worst", "goal"]]
    rows += [late(what, times, PAGE_S if "page" in what else FIRST_GRID_S) for what, times in starts.items()]
    rows += [late(f"step done to its {what} on the screen", [time / 1000 for time in times], PIXEL_P95_S) for what, times in shown.items()]
    for index, what in enumerate(("Pause to the run's last event", "Pause to the page saying so")):
        rows.append(late(what, [pair[index] for pair in pauses], PAUSE_S))
    for what, pairs in turned.items():
        rows.append(late(what, [named for named, _ in pairs], SWITCH_P95_S))
        rows.append([*late("- to all of it", [whole for _, whole in pairs], 0)[:3], ""])
    rows.append(late("fork: click to first grid", forked, FORK_S))
    print(table(rows))
    words = {"rows": ("curves received", CURVES_HZ), "drawn": ("curves drawn", CURVES_HZ), "grids": ("grids received", GRID_HZ)}
    words["painted"] = ("grids painted", GRID_HZ)
    print(table([["", "Hz", "goal"], *([what, f"{rates[name]:.1f}", f">= {goal:g}"] for name, (what, goal) in words.items())]))


if __name__ == "__main__":
    main()
