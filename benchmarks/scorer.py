"""What do live scores cost? Steps a second of one run while the scorer beside it works, and while it rests.

    python -m benchmarks.scorer --rounds 6 --seconds 30

One process, one run of the default preset, with the threads that the app gives it and with the app's own scorer (`live/scorer.py`), which
is switched on for every second window. What it costs is told twice. Each such window is compared with the mean of its two neighbours, so
that what else the machine does takes its share of both; and with itself, the steps while a generator is measured against the steps before
and after. A generator takes a second of every ten or so and nothing happens in between, so the second ratio is the finer one and is held
against the goal: the first is as unsure as the machine is uneven from one half minute to the next. The reals are looked at once a run: that
is the warm-up's, and stands beside the table.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.step_rate import heading, spread, table
from gan_core.loop import train
from gan_core.presets import PRESETS
from gan_core.run_manager import RunManager
from gan_core.runner import RunHandle
from gan_core.store import RunStore
from live.orders import Workshop
from live.scorer import Scorer

GOAL = 0.95
"""The share of the steps that should be left."""
PATIENCE_S = 300.0
SETTLE_S = 1.0


Mark = tuple[float, int]
"""When, and at which step."""


class Switched(Scorer):
    """A scorer that can be told to rest, and counts what it does."""

    on, working, spent_s = True, False, 0.0

    def __init__(self, store: RunStore, runs: RunManager) -> None:
        super().__init__(store, runs)
        self.spans: list[tuple[Mark, Mark]] = []

    def _is_new(self, run_id: str) -> bool:
        return self.on and super()._is_new(run_id)

    def _measure(self, run_id: str) -> None:
        handle = self.runs.get(run_id)
        assert handle is not None
        self.working, first, began = True, mark(handle), time.thread_time()
        super()._measure(run_id)
        self.spent_s += time.thread_time() - began
        self.spans.append((first, mark(handle)))
        self.working = False


def mark(handle: RunHandle) -> Mark:
    """When the run tells its next place, and the step of it."""
    before = handle.snapshot().place
    if not handle.wait_for(lambda now: now.place != before, PATIENCE_S):
        raise RuntimeError("The run has stopped.")
    place = handle.snapshot().place
    assert place is not None
    return time.perf_counter(), place.step


def rest(scorer: Switched) -> None:
    """Return when nothing is being measured."""
    end = time.monotonic() + PATIENCE_S
    while scorer.working and time.monotonic() < end:
        time.sleep(0.05)


def window(handle: RunHandle, scorer: Switched, *, on: bool, seconds: float) -> dict[str, float]:
    """Steps a second, also between the measurements; how many generators were measured, how long that took, on the clock and of a core."""
    scorer.on = on
    rest(scorer)
    time.sleep(0.0 if on else SETTLE_S)
    first, past, spent_s = mark(handle), len(scorer.spans), scorer.spent_s
    time.sleep(seconds)
    rest(scorer)
    last, spans = mark(handle), scorer.spans[past:]
    whole, steps = last[0] - first[0], last[1] - first[1]
    busy_s, busy_steps = sum(end[0] - begin[0] for begin, end in spans), sum(end[1] - begin[1] for begin, end in spans)
    between = (steps - busy_steps) / (whole - busy_s)
    return {
        "rate": steps / whole,
        "within": steps / whole / between,
        "slowed": busy_steps / busy_s / between if spans else 1.0,
        "measured": len(spans),
        "clock": busy_s / whole,
        "cores": (scorer.spent_s - spent_s) / whole,
    }


def windows(handle: RunHandle, scorer: Switched, rounds: int, seconds: float) -> tuple[list[dict[str, float]], list[dict[str, float]]]:
    """Those with the scorer at work, "ratio" being to the neighbours, and those at rest."""
    at_rest, at_work = [window(handle, scorer, on=False, seconds=seconds)], []
    for number in range(rounds):
        at_work.append(window(handle, scorer, on=True, seconds=seconds))
        at_rest.append(window(handle, scorer, on=False, seconds=seconds))
        now = at_work[-1]
        now["ratio"] = now["rate"] / statistics.mean(row["rate"] for row in at_rest[-2:])
        told = ", ".join(f"{name} {now[name]:.3f}" for name in ("rate", "ratio", "within", "slowed", "clock", "cores"))
        print(f"  round {number + 1}/{rounds}: {told}", file=sys.stderr, flush=True)
    return at_work, at_rest


def report(at_work: list[dict[str, float]], at_rest: list[dict[str, float]]) -> str:
    """What the figures cost."""
    names = {"rate": 1, "ratio": 3, "within": 3, "slowed": 3, "measured": 0, "clock": 3, "cores": 3}
    facts = {name: spread([row[name] for row in at_work], digits) for name, digits in names.items()}
    rows = [
        ["steps/s, the scorer at rest", spread([row["rate"] for row in at_rest]), ""],
        ["steps/s, the scorer at work", facts["rate"], ""],
        ["- ratio to the windows beside it", facts["ratio"], ""],
        ["- ratio to the steps between two measurements", facts["within"], f">= {GOAL:g}"],
        ["- the same, while a generator is measured", facts["slowed"], ""],
        ["generators measured a window", facts["measured"], ""],
        ["its share of the clock", facts["clock"], ""],
        ["its share of a core", facts["cores"], ""],
    ]
    met = "met" if statistics.median(row["within"] for row in at_work) >= GOAL else "MISSED"
    idle = "" if all(row["measured"] for row in at_work) else "In some windows nothing was measured: they tell nothing of the scorer.\n"
    return f"{table([['', 'median (range)', 'goal'], *rows])}Goal {GOAL:g}: {met}.\n{idle}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=6)
    parser.add_argument("--seconds", type=float, default=30.0, help="length of each window")
    parser.add_argument("--preset", default=next(iter(PRESETS)), choices=list(PRESETS))
    asked = parser.parse_args()
    print(heading())
    with tempfile.TemporaryDirectory(prefix="ganscope-bench-") as root:
        store, runs = RunStore(Path(root)), RunManager()
        scorer = Switched(store, runs)
        handle = runs.start(*Workshop(train, store, scorer).prepared(PRESETS[asked.preset].config))
        try:
            scorer.follow(handle.run_id)
            end = time.monotonic() + PATIENCE_S
            while not scorer.spans and time.monotonic() < end:  # the reals, and the first generator
                time.sleep(0.1)
            if not scorer.spans:
                raise SystemExit("No generator was measured: the machine is too busy for any figure.")
            print(f"The first measurement, reals and all: {scorer.spent_s:.2f} s of a core.\n")
            print(report(*windows(handle, scorer, asked.rounds, asked.seconds)))
        finally:
            scorer.close()
            runs.stop_all(30.0)


if __name__ == "__main__":
    main()
