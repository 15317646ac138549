"""Does anything grow while somebody watches for long? Browser heap, DOM nodes, the server's memory and its threads, by the hour.

    python -m benchmarks.soak --minutes 10

One server, one run of the default preset, started by a click on Start and watched in a real Chromium all the time. Before each reading
the browser collects its garbage. The first fifth of the time fills buffers (curves, kept moments, caches) and is left out; growth an
hour is the slope of a straight line through the rest, the median slope of all pairs of readings, so that one odd reading does not tilt
it. The bounds are what a day in front of a class may cost: 0.5 GB on either side in eight hours.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
from collections.abc import Sequence
from itertools import combinations
from pathlib import Path

from playwright.sync_api import CDPSession, Page

from benchmarks.live_app import Server, chromium, start
from benchmarks.memory import memory_mb
from benchmarks.step_rate import heading, table

GOALS = {
    "browser heap, MB": 60.0,
    "DOM nodes": 500.0,
    "server RssAnon, MB": 60.0,
    "server VmRSS, MB": 60.0,
    "server threads": 1.0,
    "open files": 5.0,
}
"""What is read -> how much it may grow in an hour."""
SETTLING = 0.2
"""Share of the time that fills buffers."""


def reading(browser: CDPSession, server: Server) -> dict[str, float]:
    """One of each."""
    browser.send("HeapProfiler.collectGarbage")
    metrics = {entry["name"]: entry["value"] for entry in browser.send("Performance.getMetrics")["metrics"]}
    rss, anonymous = memory_mb(server.process.pid)
    process = Path(f"/proc/{server.process.pid}")
    values = (
        metrics["JSHeapUsedSize"] / 2**20,
        metrics["Nodes"],  # those that are in no document any more and still held, too
        anonymous,
        rss,
        float(len(list((process / "task").iterdir()))),
        float(len(list((process / "fd").iterdir()))),
    )
    return dict(zip(GOALS, values, strict=True))


def an_hour(times: Sequence[float], values: Sequence[float]) -> float:
    """Growth an hour: the median slope of all pairs (Theil and Sen)."""
    slopes = [(values[b] - values[a]) / (times[b] - times[a]) for a, b in combinations(range(len(times)), 2)]
    return 3600 * statistics.median(slopes)


def soak(page: Page, server: Server, *, seconds: float, every_s: float) -> list[tuple[float, dict[str, float]]]:
    """Readings and when they were taken, in seconds since the first."""
    browser = page.context.new_cdp_session(page)
    browser.send("Performance.enable")
    began, rows = time.monotonic(), []
    while not rows or rows[-1][0] < seconds:
        rows.append((time.monotonic() - began, reading(browser, server)))
        facts = ", ".join(f"{name} {value:.1f}" for name, value in rows[-1][1].items())
        print(f"  {rows[-1][0]:.0f} s: {facts}", file=sys.stderr, flush=True)
        page.wait_for_timeout(1000 * every_s)
    return rows


def report(rows: Sequence[tuple[float, dict[str, float]]], seconds: float) -> str:
    """First and last reading after the settling, and the growth an hour beside its bound."""
    kept = [row for row in rows if row[0] >= SETTLING * seconds]
    times = [at for at, _ in kept]
    shown = [["", "at the start", "settled", "at the end", "growth an hour", "goal"]]
    for name, goal in GOALS.items():
        values = [row[name] for _, row in kept]
        growth = an_hour(times, values)
        shown.append([name, *(f"{value:,.1f}" for value in (rows[0][1][name], values[0], values[-1])), f"{growth:+,.1f}", f"<= {goal:g}"])
    return f"{table(shown)}{len(kept)} readings over {times[-1] - times[0]:.0f} s."


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--readings", type=int, default=60)
    asked = parser.parse_args()
    print(heading())
    seconds = 60 * asked.minutes
    with Server() as server, chromium() as page:
        start(page, server)
        rows = soak(page, server, seconds=seconds, every_s=seconds / asked.readings)
        step = server.mark()[1]
    print(report(rows, seconds))
    print(f"The run had come to step {step:,}.")


if __name__ == "__main__":
    main()
