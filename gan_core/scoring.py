"""The command that scores a run: all figures with their floors, as a table or as JSON."""

from __future__ import annotations

import argparse
import json
import textwrap
from typing import Any, NoReturn

from tqdm import tqdm

from gan_core.files import runs_folder
from gan_core.metrics import METRICS
from gan_core.metrics.base import in_words, worded
from gan_core.metrics.score import COUNT, score
from gan_core.metrics.scores import Scores
from gan_core.take import RUN_HELP, run_of


def add_score(commands: Any) -> None:
    """Add `score` to the command line's subparsers."""
    scoring = commands.add_parser("score", help="measure how good a run's samples are")
    scoring.set_defaults(command=_score)
    scoring.add_argument("run", metavar="RUN", help=RUN_HELP)
    scoring.add_argument("--weights", choices=("averaged", "living"), default="averaged", help="with which weights (averaged)")
    scoring.add_argument("--count", type=int, default=COUNT, metavar="N", help=f"samples of each side ({COUNT})")
    scoring.add_argument("--fid", action="store_true", help="also FID and KID, by torch-fidelity (takes minutes without a GPU)")
    scoring.add_argument("--json", action="store_true", help="one JSON object instead of a table")


def _score(options: argparse.Namespace) -> int:
    store, run_id = run_of(options.run, runs_folder())
    bar: tqdm[NoReturn] = tqdm(desc="score", bar_format="{l_bar}{bar}| {n}/{total} {elapsed}", leave=False, delay=0.3)

    def move(done: int, total: int) -> None:
        bar.total = total
        bar.update(done - bar.n)

    try:
        scores = score(store, run_id, weights=options.weights, count=options.count, inception=options.fid, progress=move)
    finally:
        bar.close()
    print(json.dumps({"run": run_id} | scores.to_dict()) if options.json else table(run_id, scores))
    return 0


def table(run_id: str, scores: Scores) -> str:
    """The figures as text, one a line; beside each what real samples get, and what is good."""
    judge = f", features of the {scores.judge}" if scores.judge else ""
    right = f" (right about {scores.accuracy:.1%} of held-out images)" if scores.accuracy is not None else ""
    lines = [f"{run_id}, step {scores.step:,}, {scores.weights} weights, {scores.count:,} samples of each side{judge}{right}", ""]
    rows = [("", "score", "reals", "good is")]
    for name, figure in scores.figures.items():
        metric = METRICS[name]
        rows.append((metric.label.format(judge=scores.judge), worded(metric, figure), in_words(metric, figure.floor), metric.good))
    widths = [max(len(row[column]) for row in rows) for column in range(3)]
    lines += ["  ".join([row[0].ljust(widths[0]), row[1].rjust(widths[1]), row[2].rjust(widths[2]), row[3]]).rstrip() for row in rows]
    if scores.shares:
        pairs = zip(scores.classes, scores.shares, strict=True)
        lines += ["", *textwrap.wrap("shares: " + ", ".join(f"{name} {share:.1%}" for name, share in pairs), 100)]
    return "\n".join([*lines, *(f"\n{note}" for note in scores.notes)])
