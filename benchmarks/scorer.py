"""What do live scores cost? Steps a second of one run while the scorer beside it works, and while it rests.

    python -m benchmarks.scorer --rounds 6 --seconds 30

One process, one run of the default preset, with the threads that the app gives it and with the app's own scorer (`live/scorer.py`), which
is switched on for every second window: each such window is compared with the mean of its two neighbours, so that what else the machine does
takes its share of both. A generator is measured ten seconds after the one before, at most; so in a window of 30 s three are, as in every
30 s of a run. The reals are looked at once a run: that is the warm-up's, and stands beside the table.
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


class Switched(Scorer):
    """A scorer that can be told to rest, and counts what it does."""

    on, working, measured, spent_s = True, False, 0, 0.0

    def _is_new(self, run_id: str) -> bool:
        return self.on and super()._is_new(run_id)

    def _measure(self, run_id: str) -> None:
        self.working, began = True, time.thread_time()
        super()._measure(run_id)
        self.working, self.measured, self.spent_s = False, self.measured + 1, self.spent_s + time.thread_time() - began


def mark(handle: RunHandle) -> tuple[float, int]:
    """When the run tells its next place, and the step of it."""
    before = handle.snapshot().place
    if not handle.wait_for(lambda now: now.place != before, PATIENCE_S):
        raise RuntimeError("The run has stopped.")
    place = handle.snapshot().place
    assert place is not None
    return time.perf_counter(), place.step


def window(handle: RunHandle, scorer: Switched, *, on: bool, seconds: float) -> dict[str, float]:
    """Steps a second, the generators that were measured meanwhile, and the share of a core that took."""
    scorer.on = on
    end = time.monotonic() + PATIENCE_S
    while scorer.working and time.monotonic() < end:
        time.sleep(0.1)
    time.sleep(0.0 if on else SETTLE_S)
    (began, first), measured, spent_s = mark(handle), scorer.measured, scorer.spent_s
    time.sleep(seconds)
    ended, last = mark(handle)
    whole = ended - began
    return {"rate": (last - first) / whole, "measured": scorer.measured - measured, "cores": (scorer.spent_s - spent_s) / whole}


def windows(handle: RunHandle, scorer: Switched, rounds: int, seconds: float) -> tuple[list[dict[str, float]], list[dict[str, float]]]:
    """Those with the scorer at work, "ratio" being to the neighbours, and those at rest."""
    at_rest, at_work = [window(handle, scorer, on=False, seconds=seconds)], []
    for number in range(rounds):
        at_work.append(window(handle, scorer, on=True, seconds=seconds))
        at_rest.append(window(handle, scorer, on=False, seconds=seconds))
        at_work[-1]["ratio"] = at_work[-1]["rate"] / statistics.mean(row["rate"] for row in at_rest[-2:])
        print(f"  round {number + 1}/{rounds}: {at_work[-1]['rate']:.1f} steps/s, {at_work[-1]['ratio']:.3f}", file=sys.stderr, flush=True)
    return at_work, at_rest


def report(at_work: list[dict[str, float]], at_rest: list[dict[str, float]]) -> str:
    """What the figures cost."""
    rows = [["scorer", "steps/s", "ratio to rest", "goal", "generators measured a window", "its cores"]]
    rows.append(["at rest", spread([row["rate"] for row in at_rest]), "1", "", "0", "0"])
    facts = [spread([row[name] for row in at_work], digits) for name, digits in (("rate", 1), ("ratio", 3), ("measured", 0), ("cores", 3))]
    rows.append(["at work", facts[0], facts[1], f">= {GOAL:g}", *facts[2:]])
    met = "met" if statistics.median(row["ratio"] for row in at_work) >= GOAL else "MISSED"
    idle = "" if all(row["measured"] for row in at_work) else "In some windows nothing was measured: they tell nothing of the scorer.\n"
    return f"{table(rows)}Goal {GOAL:g}: {met}.\n{idle}"


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
            while scorer.measured < 1 and time.monotonic() < end:  # the reals, and the first generator
                time.sleep(0.1)
            if not scorer.measured:
                raise SystemExit("No generator was measured: the machine is too busy for any figure.")
            print(f"The first measurement, reals and all: {scorer.spent_s:.2f} s of a core.\n")
            print(report(*windows(handle, scorer, asked.rounds, asked.seconds)))
        finally:
            scorer.close()
            runs.stop_all(30.0)


if __name__ == "__main__":
    main()
