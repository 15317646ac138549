"""Does the server grow while somebody watches? Its memory after 100 and after 1,000 refreshes of the grid, with one client.

    python -m benchmarks.memory                      (about eight minutes: two grids a second, one more at each epoch's end)

The run is started in a real Chromium, which then goes away; a bare client on the run's socket counts the grids. VmRSS is what the system
has given the process, RssAnon the part that is not mapped from files: a leak shows there, and it shows as the same growth in each part
of the way, so the second half is compared with the first.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from benchmarks.live_app import Server, chromium, start
from benchmarks.step_rate import heading, table

GOAL_MB = 10.0
PARTS = 9
"""Readings between the first and the last one."""


def memory_mb(pid: int) -> tuple[float, float]:
    """VmRSS and RssAnon of a process, in MB."""
    facts = dict(line.split(":", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines() if ":" in line)
    rss, anonymous = (int(facts[name].split()[0]) / 1024 for name in ("VmRSS", "RssAnon"))
    return rss, anonymous


def readings(server: Server, at: Sequence[int]) -> Iterator[tuple[int, int, float, float]]:
    """Refresh, step, VmRSS and RssAnon whenever the grid has been refreshed so many times."""
    count, due = 0, list(at)
    with server.socket(server.run.name) as connection:
        for frame in connection:
            header = json.loads(frame[4 : 4 + int.from_bytes(frame[:4], "little")])
            count += header["samples"] is not None
            if due and count >= due[0]:
                due.pop(0)
                yield count, header["place"]["step"], *memory_mb(server.process.pid)
            if not due:
                return


def report(rows: Sequence[tuple[int, int, float, float]], seconds: float) -> str:
    """The table and what it says."""
    shown = [["refreshes", "step", "VmRSS, MB", "RssAnon, MB"]]
    shown += [[f"{count:,}", f"{step:,}", f"{rss:.1f}", f"{anonymous:.1f}"] for count, step, rss, anonymous in rows]
    growth = rows[-1][2] - rows[0][2]
    halves = [rows[len(rows) // 2][3] - rows[0][3], rows[-1][3] - rows[len(rows) // 2][3]]
    met = "met" if growth <= GOAL_MB else "MISSED"
    return (
        f"{table(shown)}VmRSS grew by {growth:.1f} MB from refresh {rows[0][0]:,} to {rows[-1][0]:,}, in {seconds:.0f} s; "
        f"goal {GOAL_MB:g} MB: {met}.\n"
        f"RssAnon grew by {halves[0]:.1f} MB in the first half of the way and by {halves[1]:.1f} MB in the second.\n"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--first", type=int, default=100, help="refreshes before the first reading")
    parser.add_argument("--last", type=int, default=1000)
    asked = parser.parse_args()
    print(heading())
    at = [asked.first + (asked.last - asked.first) * part // PARTS for part in range(PARTS + 1)]
    with Server() as server:
        with chromium() as page:
            start(page, server)
        began, rows = time.monotonic(), []
        for row in readings(server, at):
            rows.append(row)
            print(f"  refresh {row[0]:,}: {row[2]:.1f} MB", file=sys.stderr, flush=True)
        print(report(rows, time.monotonic() - began))


if __name__ == "__main__":
    main()
