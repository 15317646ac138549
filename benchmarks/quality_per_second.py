"""Which settings draw well soonest? FD (own CNN) after 15, 30, 60, 120 and 300 seconds of one processor core, beside five classic programs.

    python -m benchmarks.quality_per_second                                (every setting, five minutes each: hours)
    python -m benchmarks.quality_per_second --seconds 60 --drop 1.5        (leave a setting once it is 1.5 times as far off as the best)
    python -m benchmarks.quality_per_second --only "mlp gamma 0.3" classic-small --seconds 300 --seeds 3

Time is processor time that the run's steps took, so that neighbours on the machine make a run last longer and hardly change what comes
of it. Pictures for people, which the loop draws by the clock on the wall, are not counted, nor is scoring. Each FD is of 2,000 fakes
against 2,000 reals, with the averaged and with the living generator; a setting counts with the better of the two, so that programs that
never had an average lose nothing by it. Rows are kept as they come (quality_per_second.jsonl); one that reaches as far as it is asked to
is not made again. Writes docs/quality.md with its picture.

Goal: after five minutes half the FD of the best classic program at the same seconds.
"""

from __future__ import annotations

import gan_core  # noqa: F401 - before torch: it tells its threads how to wait  # isort: skip
import argparse
import json
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

from benchmarks.quality_picture import draw_curves
from benchmarks.quality_settings import CLASSICS, SETTINGS
from benchmarks.recognisable import FOUND, SURE
from benchmarks.step_rate import heading
from gan_core.config import RunConfig
from gan_core.data import DATA, load_now
from gan_core.events import Metrics, Publish, Weights
from gan_core.loop import train
from gan_core.metrics import referee
from gan_core.metrics.classes import histogram
from gan_core.metrics.target import Target

ROOT = Path(__file__).parents[1]
ROWS, PAGE, PICTURES = ROOT / "benchmarks" / "quality_per_second.jsonl", ROOT / "docs" / "quality.md", ROOT / "docs" / "pictures"
MARKS = (15.0, 30.0, 60.0, 120.0, 300.0)
COUNT = 2_000
GOAL = 0.5
SHOWN = 6
"""Curves in a picture beside the classics'."""
INTRODUCTION = """# Quality per second

Written by `python -m benchmarks.quality_per_second`: FD by the data set's own CNN (2,000 fakes against 2,000 reals) after so many
seconds of one processor core, spent on steps alone; the better of averaged and living generator; median of the seeds (and range). What the
settings are stands in `benchmarks/quality_settings.py`. A dash: not that far. Why the presets are as they are: `docs/decisions/quality.md`.
"""


@dataclass(frozen=True)
class Row:
    """How a run came along."""

    setting: str
    data: str
    seed: int
    config: dict[str, object]
    """Where it differs from RunConfig's defaults."""
    seconds: list[float] = field(default_factory=list)
    """Of processor time, at which it was scored."""
    steps: list[int] = field(default_factory=list)
    averaged: list[float] = field(default_factory=list)
    """FD at those seconds."""
    living: list[float] = field(default_factory=list)
    found: list[int] = field(default_factory=list)
    """Classes that at least FOUND of the averaged generator's fakes are taken for at those seconds."""
    sure: list[float] = field(default_factory=list)
    """Share of them that the CNN is sure of (SURE): benchmarks.recognisable's test, of more fakes."""
    ended: str = ""
    """Why it was not taken further, if there was a reason."""

    @property
    def best(self) -> list[float]:
        """FD of the better generator at those seconds."""
        return [min(pair) for pair in zip(self.averaged, self.living, strict=True)]

    @property
    def key(self) -> tuple[str, str, int]:
        """What there is one row of."""
        return self.setting, self.data, self.seed


def main() -> None:
    """Train, score, keep; write the page."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", nargs="+", choices=SETTINGS, default=list(SETTINGS), metavar="SETTING")
    parser.add_argument("--data", default="fashion-mnist", choices=[name for name, source in DATA.items() if source.labelled])
    parser.add_argument("--seconds", type=float, default=MARKS[-1], help="of processor time a run")
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--drop", type=float, default=0.0, help="leave a run where its FD is so many times the best one's at that time")
    parser.add_argument("--nowhere", action="store_true", help="print rows, keep none")
    options = parser.parse_args()
    print(heading())
    place = None if options.nowhere else ROWS
    for seed in range(options.seeds):
        for name in options.only:
            row = Row(name, options.data, seed, SETTINGS[name])
            if not enough(kept(place), row, seconds=options.seconds, drop=options.drop):
                measure(row, seconds=options.seconds, drop=options.drop, place=place)
    if place:
        write_page(kept(place))
        print(f"wrote {PAGE.relative_to(ROOT)}")


def enough(rows: Sequence[Row], wanted: Row, *, seconds: float, drop: float) -> bool:
    """Whether this is known already: the same settings, that far; or dropped before, where settings are dropped."""
    last = max((mark for mark in MARKS if mark <= seconds), default=0.0)
    same = [row for row in rows if row.key == wanted.key and row.config == wanted.config]
    return any(max(row.seconds, default=-1.0) >= last or (drop > 0 and bool(row.ended)) for row in same)


def measure(row: Row, *, seconds: float, drop: float, place: Path | None) -> None:
    """Train one setting, keeping its row at every mark."""
    config = RunConfig(data=row.data, seed=row.seed, threads=1, device="cpu").but(**row.config)
    data = load_now(config.data, config.request)
    target = Target(config, data, referee.at_hand(config.data, data), count=COUNT, done=lambda: None)
    try:
        for mark, weights in at_marks(config, [mark for mark in MARKS if mark <= seconds]):
            row.seconds.append(mark)
            row.steps.append(weights.place.step)
            for name, fds in (("living", row.living), ("averaged", row.averaged)):
                evidence = target.evidence(target.draw(getattr(weights, name)))
                fds.append(target.scores(evidence, weights.place.step, name, only=["fd"]).figures["fd"].value)
            assert evidence.fake.chances is not None
            row.found.append(int((histogram(evidence.fake.chances) >= FOUND).sum()))
            row.sure.append(round(float((evidence.fake.chances.amax(1) >= SURE).double().mean()), 4))
            best = best_at(mark, [*kept(place), row], row.data)
            if 0 < drop * best < row.best[-1]:
                row = ended(row, f"{row.best[-1] / best:.1f} times the best at {mark:.0f} s")
            keep(row, place)
            if row.ended:
                break
    except FloatingPointError as error:
        keep(ended(row, str(error)), place)


def at_marks(config: RunConfig, marks: Sequence[float], clock: Callable[[], float] = time.process_time) -> Iterator[tuple[float, Weights]]:
    """Each mark with the weights that the steps of so many seconds made; what is done between two of them is not counted."""
    run, spent, left = train(config), 0.0, list(marks)
    try:
        while left:
            began = clock()
            event = next(run)
            spent += clock() - began if isinstance(event, Metrics) else 0.0
            while left and spent >= left[0]:
                weights = run.send(Publish())
                assert isinstance(weights, Weights)
                yield left.pop(0), weights
    finally:
        run.close()


def ended(row: Row, why: str) -> Row:
    """The row, taken no further."""
    return Row(**asdict(row) | {"ended": why})


def best_at(mark: float, rows: Sequence[Row], data: str) -> float:
    """The lowest FD on these data at a mark."""
    return min(row.best[row.seconds.index(mark)] for row in rows if row.data == data and mark in row.seconds)


def keep(row: Row, place: Path | None) -> None:
    """Write a row in place of the same setting's earlier one, and say it."""
    print(json.dumps(asdict(row)), flush=True)
    if place:
        rows = {other.key: other for other in kept(place)} | {row.key: row}
        place.write_text("".join(json.dumps(asdict(other)) + "\n" for other in rows.values()), encoding="utf-8")


def kept(place: Path | None) -> list[Row]:
    """Every row that was measured, where rows are kept."""
    lines = place.read_text(encoding="utf-8").splitlines() if place and place.exists() else []
    return [Row(**json.loads(line)) for line in lines]


Curves = dict[str, dict[float, list[float]]]
"""Setting -> mark -> its seeds' FD."""


def curves_of(rows: Sequence[Row]) -> Curves:
    """The settings' curves, those first that got farthest with the lowest FD."""
    curves: Curves = {}
    for row in rows:
        for mark, fd in zip(row.seconds, row.best, strict=True):
            curves.setdefault(row.setting, {}).setdefault(mark, []).append(fd)
    return dict(sorted(curves.items(), key=lambda pair: (-max(pair[1]), statistics.median(pair[1][max(pair[1])]))))


def write_page(rows: Sequence[Row]) -> None:
    """docs/quality.md and its pictures: a table a data set."""
    parts = [INTRODUCTION]
    for data in dict.fromkeys(row.data for row in rows):
        mine = [row for row in rows if row.data == data]
        curves = curves_of(mine)
        shown = [name for name in curves if name not in CLASSICS][:SHOWN] + [name for name in curves if name in CLASSICS]
        medians = {name: {mark: statistics.median(fds) for mark, fds in curves[name].items()} for name in shown}
        picture = PICTURES / f"quality-{data}.png"
        draw_curves(picture, medians, MARKS, dashed=list(CLASSICS), title=f"FD (own CNN) on {data}, lower is better")
        parts += [f"\n## {data}\n\n", table(curves), verdict(curves), f"\n![FD against seconds on {data}](pictures/{picture.name})\n"]
        left = [f"`{row.setting}` (seed {row.seed}: {row.ended})" for row in mine if row.ended]
        parts += [f"\nTaken no further: {', '.join(left)}.\n"] if left else []
    PAGE.write_text("".join(parts), encoding="utf-8")


def table(curves: Curves) -> str:
    """FD at each mark, in Markdown."""
    lines = ["| setting | " + " | ".join(f"{mark:.0f} s" for mark in MARKS) + " |", "| --- |" + " --- |" * len(MARKS)]
    for name, curve in curves.items():
        lines.append(f"| `{name}` | " + " | ".join(said(curve[mark]) if mark in curve else "-" for mark in MARKS) + " |")
    return "\n".join(lines) + "\n"


def said(values: Sequence[float]) -> str:
    """Median, and the range if there is one."""
    low, middle, high = (f"{value:.3g}" for value in (min(values), statistics.median(values), max(values)))
    return middle if len(values) == 1 else f"{middle} ({low} to {high})"


def verdict(curves: Curves) -> str:
    """How far ahead of the classics at the last mark that both sides have reached; empty where there is none."""
    ours, classics = ({n: c for n, c in curves.items() if (n in CLASSICS) is classic} for classic in (False, True))
    for mark in reversed(MARKS):
        sides = [{n: statistics.median(c[mark]) for n, c in side.items() if mark in c} for side in (ours, classics)]
        if all(sides):
            (mine, fd), (theirs, other) = (min(side.items(), key=lambda pair: pair[1]) for side in sides)
            words = "waits for that mark and all five" if mark < MARKS[-1] or len(sides[1]) < len(CLASSICS) else "met"
            words = "not met" if words == "met" and fd > GOAL * other else words
            said_of = f"`{mine}` has {fd / other:.2f} of the FD of `{theirs}`, the best of {len(sides[1])} of {len(CLASSICS)} classics"
            return f"\nAfter {mark:.0f} s {said_of}. The goal, {GOAL} after {MARKS[-1]:.0f} s: {words}.\n"
    return ""


if __name__ == "__main__":
    main()
