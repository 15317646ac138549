"""Does every preset do what it says? Each is trained from three seeds, scored, and its sheets are kept.

    python -m benchmarks.presets                                  (all that can be had on this machine, 5 minutes a run at most)
    python -m benchmarks.presets --only ring-8 grid-25 --seeds 1 --seconds 60

Runs whose data are not at hand, or that want a GPU this machine lacks, are left out and named. A run trains on one processor thread for
as many seconds of that thread's own time: neighbours on the machine make it last longer, and hardly change what comes of it. A preset for
images is trained on glyphs and on Fashion-MNIST where it is one of the classic programs. Writes docs/presets.md and the first seed's
sheets beside it; rows of earlier runs that are not repeated stay.

Goals: ring-8 finds 8 of 8 modes and has 70 % of its points on them within 10 s; grid-25 finds 25 of 25, has 84 % on them and a reverse KL
of at most 0.02 within 60 s. That KL is of the modes' shares among the points that are on a mode, against even shares (`share-kl`). The one
of the Score panel (`mode-kl`) has a bin for points on no mode besides: 16 % of them alone cost 0.16 ln(0.16 / 0.011) +
0.84 ln(0.84 / 0.989), which is 0.3, so 84 % and 0.02 could not be met together.
"""

from __future__ import annotations

import gan_core  # noqa: F401 - before torch: it tells its threads how to wait  # isort: skip
import argparse
import json
import math
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

from gan_core.config import RunConfig
from gan_core.data import DATA, Request
from gan_core.devices import at_hand
from gan_core.events import Metrics, Samples, Save, Started
from gan_core.history import PLACE
from gan_core.loop import train
from gan_core.metrics.base import Figure
from gan_core.metrics.score import score
from gan_core.pictures import scatter_image, sheet_image
from gan_core.presets import PRESETS, Preset
from gan_core.store import RunStore

ROOT = Path(__file__).parents[1]
PAGE, PICTURES, ROWS = ROOT / "docs" / "presets.md", ROOT / "docs" / "pictures" / "presets", ROOT / "benchmarks" / "presets.jsonl"
FIGURES = {"image": ("fd", "recall", "missing"), "plane": ("modes", "on-mode", "share-kl", "mode-kl", "energy")}
"""Of gan_core.metrics, with the averaged generator; share-kl is made here (see above)."""
HEADS = {
    "fd": "FD",
    "recall": "recall",
    "missing": "classes missing",
    "modes": "modes",
    "on-mode": "on mode",
    "share-kl": "reverse KL",
    "mode-kl": "reverse KL with the rest",
    "energy": "energy distance",
}
"""In the order of the page."""
INTRODUCTION = """# What comes of the presets

Written by `python -m benchmarks.presets`: one processor thread, seconds of its own time, median of the seeds (and their range), averaged
generator; in brackets the same figure of held-out samples. FD is by an own CNN of each data set, so it compares only on the same data.
Reverse KL is of the modes' shares among the points that are on one. With the rest, as Runs has it under mode balance, the points that are
off every mode count as a mode of their own: 16 % of them alone make 0.3. The pictures are the first seed's, not chosen; points are the
living generator's.
"""
CLASSIC_DATA = ("glyphs", "fashion-mnist")
LOSSES = ("loss/critic", "loss/generator")
CURVES = {"fails-collapse": LOSSES, "fails-sure-critic": ("gradient/generator",), "fails-no-leash": LOSSES}
"""Of presets that are meant to fail: where one sees it, or does not."""


@dataclass(frozen=True)
class Row:
    """What came of one preset on one data set."""

    preset: str
    data: str
    seconds: float
    """Of processor time, in each of the runs."""
    steps: int
    """In the first of them."""
    figures: dict[str, list[float]]
    """Name -> its value for each seed."""
    floors: dict[str, float]
    """The same of held-out samples."""
    failed: list[str]
    """Why runs ended early, if any did."""
    curves: dict[str, list[list[float]]] = field(default_factory=dict)
    """Of CURVES: where each run began and where it ended."""


def main() -> None:
    """Train, score, write the page."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", nargs="+", choices=PRESETS, default=list(PRESETS), metavar="PRESET")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument(
        "--seconds", type=float, default=300, help="of processor time a run, at most; a preset's own time where that is less"
    )
    parser.add_argument("--nowhere", action="store_true", help="print rows, and write neither page nor pictures")
    options = parser.parse_args()
    print(f"python -m benchmarks.presets {' '.join(sys.argv[1:])}   {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f} at the start")
    for preset in (PRESETS[name] for name in options.only):
        for config in configs_of(preset):
            if reason := out_of_reach(preset, config):
                print(f"{preset.name} on {config.data}: left out, {reason}")
                continue
            seconds = min(options.seconds, 1.5 * preset.seconds)
            row, samples = tried(preset, config, seeds=range(options.seeds), seconds=seconds)
            print(json.dumps(asdict(row)), flush=True)
            if not options.nowhere:
                keep(row, samples)
    if options.nowhere:
        return
    PAGE.write_text(page(kept()), encoding="utf-8")
    print(f"wrote {PAGE.relative_to(ROOT)}")


def configs_of(preset: Preset) -> Iterator[RunConfig]:
    """The preset's settings on the data it is to be tried on."""
    for data in CLASSIC_DATA if preset.name.startswith("classic-") else (preset.config.data,):
        yield preset.config.but(data=data, threads=1)


def out_of_reach(preset: Preset, config: RunConfig) -> str:
    """Why it cannot be tried here; empty where it can."""
    if preset.gpu and not at_hand("cuda"):
        return "it wants a GPU"
    return "" if DATA[config.data].where(Request()) else "its data are not here"


def tried(preset: Preset, config: RunConfig, *, seeds: Sequence[int], seconds: float) -> tuple[Row, Samples | None]:
    """What comes of a run from each seed, and the first one's samples."""
    names, figures, floors, failed, steps = FIGURES[DATA[config.data].kind], dict[str, list[float]](), dict[str, float](), list[str](), 0
    curves, samples = {name: list[list[float]]() for name in CURVES.get(preset.name, ())}, None
    with tempfile.TemporaryDirectory(prefix="ganscope-presets-") as folder:
        store = RunStore(Path(folder))
        for seed in seeds:
            run_id, why = trained(store, config.but(seed=seed, device="auto" if preset.gpu else "cpu"), seconds)
            failed += [why] if why else []
            steps = steps or store.status(run_id).step
            if store.status(run_id).checkpoint_step > 0:
                for name, figure in measured(store, run_id).items():
                    if name in names:
                        figures.setdefault(name, []).append(figure.value)
                        floors[name] = figure.floor
            for name, ends in curves.items():
                ends.append(ends_of(store, run_id, name))
            if seed == seeds[0]:
                samples = store.samples(run_id)
    return Row(preset.name, config.data, seconds, steps, figures, floors, failed, curves), samples


def ends_of(store: RunStore, run_id: str, name: str) -> list[float]:
    """A curve's first value and its last."""
    rows = store.history(run_id).since(None)
    return rows.values[[0, -1], len(PLACE) + rows.names.index(name)].tolist()


def measured(store: RunStore, run_id: str) -> dict[str, Figure]:
    """The run's figures, and for points how even the modes' shares are among the points that are on one."""
    scores = score(store, run_id)
    if "modes" not in scores.figures:
        return scores.figures
    value, floor = (share_kl(shares) for shares in (scores.shares, scores.floor_shares))
    return scores.figures | {"share-kl": Figure(value, floor)}


def share_kl(shares: Sequence[float]) -> float:
    """KL(modes' shares | even shares) in nats, of the points that are on a mode; 0 where there are none."""
    on_a_mode = sum(shares)
    return sum(share * math.log(share * len(shares) / on_a_mode) for share in shares if share > 0) / max(on_a_mode, 1e-12)


def trained(store: RunStore, config: RunConfig, seconds: float) -> tuple[str, str]:
    """Train for so many seconds of processor time, a GPU for as many on the clock; the run's id, and why it ended early, if it did."""
    clock = time.perf_counter if config.device == "auto" else time.process_time
    record, run, why = store.new(config), train(config), ""
    began = clock()
    try:
        for event in run:
            record.append(event)
            if isinstance(event, Started):
                began = clock()
            if isinstance(event, Metrics) and clock() - began >= seconds:
                record.append(run.send(Save()))
                break
    except FloatingPointError as error:
        why = str(error)
    finally:
        run.close()
        record.close("failed" if why else "stopped", why)
    return record.run_id, why


def keep_picture(name: str, samples: Samples) -> None:
    """The averaged generator's images, the living one's points: where points hop, their average stands still in the middle."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    image = sheet_image(samples.averaged) if samples.averaged.ndim == 4 else scatter_image(samples.living)
    image.save(PICTURES / f"{name}.png", optimize=True)


def keep(row: Row, samples: Samples | None) -> None:
    """Remember a row and its picture, in place of earlier ones of the same preset and data."""
    if samples is not None:
        keep_picture(f"{row.preset}-{row.data}", samples)
    rows = {(other.preset, other.data): other for other in kept()} | {(row.preset, row.data): row}
    ROWS.write_text("".join(json.dumps(asdict(other)) + "\n" for other in rows.values()), encoding="utf-8")


def kept() -> list[Row]:
    """Every row that was ever measured, of presets that still are."""
    lines = ROWS.read_text(encoding="utf-8").splitlines() if ROWS.exists() else []
    rows = [Row(**json.loads(line)) for line in lines]
    return sorted((row for row in rows if row.preset in PRESETS), key=lambda row: list(PRESETS).index(row.preset))


def page(rows: list[Row]) -> str:
    """docs/presets.md: what is known of each preset."""
    parts = [INTRODUCTION]
    for preset in PRESETS.values():
        mine = [row for row in rows if row.preset == preset.name]
        mark = "" if preset.tried else " *(untested here)*"
        parts.append(f"\n## `{preset.name}`: {preset.title}{mark}\n\n{preset.help} {preset.look}\n")
        parts += [section(row) for row in mine]
    return "".join(parts)


def section(row: Row) -> str:
    """One preset on one data set."""
    said = [f"{head} {spread(row.figures[name])} ({row.floors[name]:.3g})" for name, head in HEADS.items() if name in row.figures]
    said += ["{} {} at first, {} at last".format(name, *map(spread, zip(*ends, strict=True))) for name, ends in row.curves.items()]
    runs = max(map(len, row.figures.values()), default=len(row.failed))
    lines = [f"\n**{row.data}**, {runs} x {row.seconds:.0f} s, {row.steps:,} steps: {'; '.join(said) or 'nothing to score'}.\n"]
    lines += [f"\nEnded early: {why}\n" for why in sorted(set(row.failed))]
    name = f"{row.preset}-{row.data}.png"
    if (PICTURES / name).exists():
        lines.append(f"\n![Samples of {row.preset} on {row.data}](pictures/presets/{name})\n")
    return "".join(lines)


def spread(values: Sequence[float]) -> str:
    """Median, and range if there is one."""
    low, middle, high = (f"{value:.3g}" for value in (min(values), statistics.median(values), max(values)))
    return middle if low == high else f"{middle} ({low} to {high})"


if __name__ == "__main__":
    main()
