"""How quickly does the page follow the hand? Page switches while a run trains, and a fork from the click to its first grid.

    python -m benchmarks.hand --switches 40 --forks 5

One server, one run of the default preset. A switch is measured from the click in the menu to the other page's heading being on the screen;
a fork from the click in the dialog to the first grid of the new run, its parent having been stopped before.
"""

from __future__ import annotations

import argparse
import statistics

from playwright.sync_api import Page

from benchmarks.live_app import Server, chromium, click, start
from benchmarks.step_rate import heading, table

SWITCH_P95_S, FORK_S = 0.2, 2.0
SEEN = """([name]) => new Promise((found) => {
  const began = performance.now();
  document.querySelector(`[data-testid=stSidebarNav] a[href$="${name}"]`).click();
  const wanted = name === "runs" ? "Runs" : "Train";
  const look = () => {
    const there = [...document.querySelectorAll("[data-testid=stMain] h1")].some((title) => title.textContent === wanted);
    if (there) requestAnimationFrame(() => found((performance.now() - began) / 1000));
    else requestAnimationFrame(look);
  };
  look();
})"""


def switches(page: Page, count: int) -> list[float]:
    """Seconds of each of `count` switches, from Train to Runs and back."""
    seconds = []
    for turn in range(count):
        seconds.append(page.evaluate(SEEN, ["runs" if turn % 2 == 0 else "/"]))
        page.wait_for_timeout(700)
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


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--switches", type=int, default=40)
    parser.add_argument("--forks", type=int, default=5)
    asked = parser.parse_args()
    print(heading())
    with Server() as server, chromium() as page:
        start(page, server)
        page.wait_for_timeout(12_000)  # a first checkpoint
        turned = sorted(switches(page, asked.switches + asked.switches % 2))
        forked = sorted(fork(page) for _ in range(asked.forks))
    p95 = turned[int(0.95 * len(turned))]
    print(
        table(
            [
                ["", "median", "p95 or worst", "goal"],
                ["page switch while training, s", f"{statistics.median(turned):.3f}", f"{p95:.3f}", f"<= {SWITCH_P95_S}"],
                ["fork: click to first grid, s", f"{statistics.median(forked):.2f}", f"{forked[-1]:.2f}", f"<= {FORK_S}"],
            ]
        )
    )


if __name__ == "__main__":
    main()
