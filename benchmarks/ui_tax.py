"""What does watching cost, and how lively is it? Steps a second with the page closed, open in Chromium, and with a bare socket instead.

    python -m benchmarks.ui_tax --rounds 6 --seconds 15

One server (`streamlit run app.py`), one run of the default preset, started by a click on Start; windows follow one another, in every
second round backwards, and each is compared with the closed one of its round. Steps come from the run's own events on disk. The bare
socket receives all frames and draws nothing: what it costs is the server's part, as for someone who watches from another machine; the
rest of the tax is the browser drawing on the same cores (in software here: there is no graphics card). Playwright hears every frame as
well, which a user's browser is spared; its part of the processor is in the table.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path

from playwright.sync_api import Page
from websockets.exceptions import ConnectionClosed

from benchmarks.live_app import Server, chromium, click, start
from benchmarks.step_rate import heading, spread, table

TAX, CURVES_HZ, GRID_HZ, FIRST_GRID_S, PAUSE_S = 0.95, 5.0, 1.0, 2.0, 0.25
CONDITIONS = ("closed", "open in Chromium", "bare socket")


def pause(page: Page, server: Server) -> tuple[float, float]:
    """Press Pause, later Resume; seconds until the run wrote its last event, and until the page said "paused"."""
    click(page, "pause")
    page.wait_for_function("bench.states.paused > 0", polling=100)
    time.sleep(1.0)
    clicked, said = page.evaluate("[bench.click / 1000, bench.states.paused / 1000]")
    wrote = (server.run / "events.jsonl").stat().st_mtime
    click(page, "resume")
    page.wait_for_function("bench.states.running > 0", polling=100)
    time.sleep(1.0)
    return max(0.0, wrote - clicked), said - clicked


def cpu_seconds(server: Server) -> dict[str, float]:
    """Processor seconds used so far by the server, by Chromium and by what drives it (Playwright and this program)."""
    parents, used = {}, {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            name, _, rest = stat.read_text().partition("(")[2].rpartition(")")
            fields = rest.split()
            parents[int(stat.parent.name)] = int(fields[1])
            used[int(stat.parent.name)] = (name, (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK"))
    total = {"server": 0.0, "Chromium": 0.0, "Playwright": 0.0}
    for pid, (name, seconds) in used.items():
        line = [pid]
        while line[-1] in parents:
            line.append(parents[line[-1]])
        if os.getpid() in line:
            total["server" if server.process.pid in line else "Chromium" if "chrom" in name else "Playwright"] += seconds
    return total


def window(server: Server, seconds: float) -> dict[str, float]:
    """Steps a second, and the processor each part took, in cores."""
    before, (began, first) = cpu_seconds(server), server.mark()
    time.sleep(seconds)
    (ended, last), after = server.mark(), cpu_seconds(server)
    return {"rate": (last - first) / (ended - began)} | {name: (after[name] - before[name]) / (ended - began) for name in after}


def watched(server: Server, page: Page, seconds: float) -> dict[str, float]:
    """A window with the page open, and what it received and drew, a second."""
    page.goto(server.url)
    page.wait_for_function("bench.grids > 1 && bench.painted > 1", polling=250)
    time.sleep(2.0)
    page.evaluate("Object.assign(bench, { frames: 0, rows: 0, grids: 0, drawn: 0, painted: 0, since: performance.now() })")
    measured = window(server, seconds)
    counts = page.evaluate("({ ...bench, seconds: (performance.now() - bench.since) / 1000 })")
    page.goto("about:blank")
    return measured | {name: counts[name] / counts["seconds"] for name in ("rows", "drawn", "grids", "painted")}


def bare(server: Server, seconds: float) -> dict[str, float]:
    """A window with one client that receives everything and draws nothing."""
    with server.socket(server.run.name) as connection:

        def receive() -> None:
            with suppress(ConnectionClosed):
                for _ in connection:
                    pass

        thread = threading.Thread(target=receive)
        thread.start()
        time.sleep(1.0)
        measured = window(server, seconds)
    thread.join()
    return measured


def rounds_of(server: Server, page: Page, rounds: int, seconds: float) -> dict[str, list[dict[str, float]]]:
    """Every window, by condition."""
    measured: dict[str, list[dict[str, float]]] = {condition: [] for condition in CONDITIONS}
    page.goto("about:blank")
    for number in range(rounds):
        for condition in CONDITIONS if number % 2 == 0 else CONDITIONS[::-1]:
            time.sleep(1.5)
            take = {"closed": window, "bare socket": bare}.get(condition)
            measured[condition].append(take(server, seconds) if take else watched(server, page, seconds))
            print(f"  round {number + 1}/{rounds}  {condition}: {measured[condition][-1]['rate']:.1f} steps/s", file=sys.stderr, flush=True)
    return measured


def report(starts: list[list[float]], pauses: list[tuple[float, float]], measured: dict[str, list[dict[str, float]]]) -> str:
    """Two tables: what watching costs, and how lively the page is."""
    parts = ("server", "Chromium", "Playwright")
    tax = [["watching", "steps/s", "ratio to closed", *(f"{part}, cores" for part in parts)]]
    for condition in CONDITIONS:
        rows = measured[condition]
        ratios = [row["rate"] / closed["rate"] for row, closed in zip(rows, measured["closed"], strict=True)]
        cores = [f"{statistics.median(row[part] for row in rows):.2f}" for part in parts]
        tax.append([condition, spread([row["rate"] for row in rows]), spread(ratios, 3), *cores])
    browser = measured[CONDITIONS[1]]
    lively = [["how lively", "median (range)", "goal"]]
    for kind, those in (("a new server", starts[:1]), ("later", starts[1:])):
        for words, times in zip(("run made", "data ready", "first grid seen"), zip(*those, strict=True), strict=False):
            goal = f"<= {FIRST_GRID_S:g}" if words == "first grid seen" else ""
            lively.append([f"Start, {kind}: {words}, s", spread(times, 2), goal])
    for name, words, goal in (
        ("rows", "frames with curves received, Hz", CURVES_HZ),
        ("drawn", "curves drawn, Hz", CURVES_HZ),
        ("grids", "frames with grids received, Hz", GRID_HZ),
        ("painted", "grids painted, Hz", GRID_HZ),
    ):
        lively.append([words, spread([row[name] for row in browser], 2), f">= {goal:g}"])
    for index, words in enumerate(("Pause to the run's last event, s", "Pause to the page saying so, s")):
        lively.append([words, spread([pair[index] for pair in pauses], 3), f"<= {PAUSE_S:g}"])
    return f"{table(tax)}Goal: at least {TAX:g} open in Chromium.\n\n{table(lively)}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=6)
    parser.add_argument("--seconds", type=float, default=15.0, help="length of each window")
    parser.add_argument("--starts", type=int, default=4, help="clicks on Start, the first on a server that has just begun")
    parser.add_argument("--pauses", type=int, default=5)
    asked = parser.parse_args()
    print(heading())
    with Server() as server, chromium() as page:
        starts = []
        for number in range(asked.starts):
            if number:
                click(page, "stop")
                page.locator(".st-key-continue button").wait_for()
            starts.append(start(page, server))
            print(f"  start {number + 1}: first grid after {starts[-1][-1]:.2f} s", file=sys.stderr, flush=True)
        page.locator(".st-key-pause button").wait_for()
        pauses = [pause(page, server) for _ in range(asked.pauses)]
        measured = rounds_of(server, page, asked.rounds, asked.seconds)
        print(report(starts, pauses, measured))


if __name__ == "__main__":
    main()
