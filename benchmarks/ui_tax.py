"""What does watching cost? Steps a second of a run that nobody watches, with a real Chromium, and with 1, 5 and 30 sockets.

    python -m benchmarks.ui_tax --rounds 6 --seconds 10

One server (`streamlit run app.py`), one run of the default preset, started by a click on Start. Windows follow one another, in every
second round backwards; between any two of them lies one with the page closed, and each is compared with the mean of its two closed
neighbours, so that what else the machine does takes its share of both. Steps come from the run's own events on disk. The sockets are
clients in a process of their own, which receive all frames and draw nothing: what they cost is the server's part, as for people who
watch from other machines; their own processor time is in the last column. The browser draws on the cores that train (in software here:
there is no graphics card), in a page without the counters that the other benchmarks put into theirs.

Windows differ from each other by a tenth and more, through what the machine makes of a second of processor time. What watching takes from a
run is told more sharply by its thread: the share of the window that it was on a core, and that it waited for one (the rest it slept, or
waited for the lock that all Python threads share). Both are the kernel's own counts (schedstat).

A bare page is three canvases with lines and one with a picture, drawn as often as ours by a dozen lines of script, beside one socket:
about what Chromium and a listener cost at the least, whatever the page is made of.

A stranger is a program that only counts, in twelve bursts a second, for as much of a core as Chromium and its driver took in the window
before: what its row loses is what any neighbour of that size costs a run on this machine.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

from playwright.sync_api import Page

from benchmarks.live_app import Server, chromium, page_of, start
from benchmarks.step_rate import heading, spread, table
from benchmarks.viewers import viewers

CLOSED, BROWSER, BARE, STRANGER = "page closed", "one Chromium", "a bare page", "a stranger"
GOALS = {BROWSER: 0.97, "1 socket": 0.97, "5 sockets": 0.95, "30 sockets": 0.85}
"""Who watches -> the share of the steps that should be left."""
CONDITIONS = (BROWSER, STRANGER, BARE, *list(GOALS)[1:])
"""In this order; a stranger takes what Chromium took in the window before."""
COUNTS = """
import sys, time
share, period = float(sys.argv[1]), 1 / 12
while True:
    began = time.monotonic()
    while time.monotonic() - began < share * period: pass
    time.sleep((1 - share) * period)
"""
CANVASES = """
<canvas id=grid width=272 height=272></canvas>
<canvas class=chart width=680 height=150></canvas>
<canvas class=chart width=680 height=150></canvas>
<canvas class=chart width=680 height=150></canvas>
<script>
const pens = [...document.querySelectorAll(".chart")].map((chart) => chart.getContext("2d"));
const grid = document.querySelector("#grid").getContext("2d");
const noise = grid.createImageData(272, 272);
noise.data.forEach((_, i, pixels) => (pixels[i] = i % 4 === 3 ? 255 : 255 * Math.random()));
function line(pen, colour, number) {
  pen.beginPath();
  for (let i = 0; i < 300; i++) pen.lineTo((i * 680) / 300, 75 + 40 * Math.sin(0.1 * i + number) + 9 * Math.random());
  pen.strokeStyle = colour;
  pen.stroke();
}
setInterval(() => pens.forEach((pen) => {
  pen.clearRect(0, 0, 680, 150);
  ["#2266dd", "#cc5522", "#aaaaff", "#ffccaa"].forEach((colour, number) => line(pen, colour, number));
}), 1000 / 11.5);
setInterval(() => grid.putImageData(noise, 0, 0), 1000 / 4.3);
</script>"""
"""Curves and a picture, as often as the live view has them."""
PARTS = ("server", "Chromium", "clients")
RATIOS = {"ratio": "rate", "share": "on"}
"""What is held against the closed windows before and after."""


def cpu_seconds(server: Server) -> dict[str, float]:
    """Processor seconds used so far by the server, by Chromium and by the clients (Playwright, the sockets and this program)."""
    parents, used = {}, {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            name, _, rest = stat.read_text().partition("(")[2].rpartition(")")
            fields = rest.split()
            parents[int(stat.parent.name)] = int(fields[1])
            used[int(stat.parent.name)] = (name, (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK"))
    total = dict.fromkeys(PARTS, 0.0)
    for pid, (name, seconds) in used.items():
        line = [pid]
        while line[-1] in parents:
            line.append(parents[line[-1]])
        if os.getpid() in line:
            total["server" if server.process.pid in line else "Chromium" if "chrom" in name else "clients"] += seconds
    return total


def threads_of(server: Server) -> dict[str, tuple[float, float]]:
    """Seconds that each of the server's threads has been on a core so far, and waited for one."""
    found = {}
    for path in Path(f"/proc/{server.process.pid}/task").glob("*/schedstat"):
        with suppress(OSError):
            on, waited, _ = path.read_text().split()
            found[path.parent.name] = (int(on) / 1e9, int(waited) / 1e9)
    return found


def window(server: Server, seconds: float) -> dict[str, float]:
    """Steps a second, the processor each part took, in cores, and what became of the run's thread: the one that was on a core most."""
    before, threads, (began, first) = cpu_seconds(server), threads_of(server), server.mark()
    time.sleep(seconds)
    (ended, last), later, after = server.mark(), threads_of(server), cpu_seconds(server)
    on, waited = max((later[name][0] - threads[name][0], later[name][1] - threads[name][1]) for name in later.keys() & threads.keys())
    took = {name: after[name] - before[name] for name in after} | {"on": on, "waited": waited}
    return {"rate": (last - first) / (ended - began)} | {name: value / (ended - began) for name, value in took.items()}


def watched(server: Server, page: Page, seconds: float) -> dict[str, float]:
    """A window with the page open in Chromium."""
    page.goto(server.url)
    page.locator("[data-samples-step]:not([data-samples-step=''])").wait_for()
    time.sleep(3.0)
    measured = window(server, seconds)
    page.goto("about:blank")
    return measured


def bare(server: Server, page: Page, seconds: float) -> dict[str, float]:
    """A window with the bare page open, beside one socket."""
    page.set_content(CANVASES)
    with viewers(server, 1):
        time.sleep(2.0)
        measured = window(server, seconds)
    page.goto("about:blank")
    return measured


def heard(server: Server, count: int, seconds: float) -> dict[str, float]:
    """A window with so many sockets; also the frames a second that each received."""
    with viewers(server, count) as received:
        began = time.perf_counter()
        time.sleep(1.0)
        measured = window(server, seconds)
    return measured | {"frames": statistics.mean(received) / (time.perf_counter() - began)}


def neighboured(server: Server, share: float, seconds: float) -> dict[str, float]:
    """A window beside a stranger who takes this share of a core."""
    with subprocess.Popen([sys.executable, "-c", COUNTS, str(share)]) as stranger:
        try:
            time.sleep(1.0)
            return window(server, seconds)
        finally:
            stranger.kill()


def rounds_of(server: Server, page: Page, rounds: int, seconds: float) -> dict[str, list[dict[str, float]]]:
    """Every window, by who watched; ratios are to the closed windows before and after."""
    measured: dict[str, list[dict[str, float]]] = {condition: [] for condition in (CLOSED, *CONDITIONS)}
    takes = {
        BROWSER: lambda: watched(server, page, seconds),
        BARE: lambda: bare(server, page, seconds),
        STRANGER: lambda: neighboured(server, measured[BROWSER][-1]["Chromium"] + measured[BROWSER][-1]["clients"], seconds),
    }
    page.goto("about:blank")
    for number in range(rounds):
        closed = [window(server, seconds)]
        order = CONDITIONS[:: 1 if number % 2 == 0 else -1]
        for condition in order:
            time.sleep(1.5)
            taken = takes[condition]() if condition in takes else heard(server, int(condition.split()[0]), seconds)
            time.sleep(1.5)
            closed.append(window(server, seconds))
            taken |= {ratio: taken[name] / statistics.mean(row[name] for row in closed[-2:]) for ratio, name in RATIOS.items()}
            measured[condition].append(taken)
            print(
                f"  round {number + 1}/{rounds}  {condition}: {taken['rate']:.1f} steps/s, {taken['ratio']:.3f}",
                file=sys.stderr,
                flush=True,
            )
        measured[CLOSED] += closed
    return measured


def report(measured: dict[str, list[dict[str, float]]]) -> str:
    """What watching costs."""
    heads = ["watching", "steps/s", "ratio to closed", "goal", "run on a core, to closed", "it waits for one"]
    rows = [[*heads, *(f"{part}, cores" for part in PARTS), "frames/s each"]]
    for condition, windows in measured.items():
        ratios = "1" if condition == CLOSED else spread([row["ratio"] for row in windows], 3)
        goal = f">= {GOALS[condition]:g}" if condition in GOALS else ""
        cores = [f"{statistics.median(row[part] for row in windows):.2f}" for part in PARTS]
        frames = f"{statistics.median(row['frames'] for row in windows):.1f}" if "frames" in windows[0] else ""
        share = "1" if condition == CLOSED else spread([row["share"] for row in windows], 3)
        thread = [share, f"{statistics.median(row['waited'] for row in windows):.1%}"]
        rows.append([condition, spread([row["rate"] for row in windows]), ratios, goal, *thread, *cores, frames])
    return table(rows)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=6)
    parser.add_argument("--seconds", type=float, default=10.0, help="length of each window")
    asked = parser.parse_args()
    print(heading())
    with Server() as server, chromium() as page:
        start(page, server)
        page.goto("about:blank")
        browser = page.context.browser
        assert browser is not None
        print(report(rounds_of(server, page_of(browser), asked.rounds, asked.seconds)))


if __name__ == "__main__":
    main()
