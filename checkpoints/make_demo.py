"""Makes a bundled demo run anew: `.venv/bin/python checkpoints/make_demo.py demo-glyphs`, some ten minutes on two cores.

A run as the app makes it, with a knob turned on the way; afterwards thinned to what five megabytes hold. It says of itself that it
is bundled: it can be looked at, forked and taken along, not continued, changed or deleted.
"""

from __future__ import annotations

import dataclasses
import json
import math
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent))

from PIL import Image  # noqa: E402

from gan_core.config import RunConfig  # noqa: E402
from gan_core.events import Metrics, Place, Save, Set  # noqa: E402
from gan_core.files import read_json, write_json  # noqa: E402
from gan_core.history import History  # noqa: E402
from gan_core.loop import train  # noqa: E402
from gan_core.moments import AVERAGE_ENDING, CHECKPOINT_ENDING, SAMPLE_ENDINGS, kept_steps, name_of  # noqa: E402
from gan_core.past import place_of, read_events  # noqa: E402
from gan_core.store import RunStore  # noqa: E402


@dataclass(frozen=True)
class Demo:
    """A run that comes with GANscope, and how much of it."""

    config: RunConfig
    steps: int
    orders: dict[int, Save | Set]
    """Finished steps -> what is said then: a checkpoint to fork from, and slower steps once the shapes are there."""
    samples: int
    """Kept moments with pictures."""
    averages: int
    """Kept moments with a generator to look through."""
    checkpoints: int


DEMOS = {
    "demo-glyphs": Demo(
        RunConfig(data="glyphs", network="dcgan", width=16, latent_dim=16, gamma=0.3, lr_generator=2e-3, lr_critic=2e-3, seed=3, threads=1),
        9_000,
        {3_000: Save(), 6_000: Set("lr_generator", 5e-4), 6_001: Set("lr_critic", 5e-4)},
        samples=44,
        averages=12,
        checkpoints=3,
    ),
    "demo-fashion": Demo(
        RunConfig(
            data="fashion-mnist", network="dcgan", width=24, latent_dim=32, gamma=0.3, lr_generator=2e-3, lr_critic=2e-3, seed=5, threads=1
        ),
        14_000,
        {10_000: Set("lr_generator", 5e-4), 10_001: Set("lr_critic", 5e-4)},
        samples=24,
        averages=8,
        checkpoints=1,
    ),
}
ROWS = 512


def make(name: str) -> None:
    """Train, thin, and put the run in its place."""
    demo, store = DEMOS[name], RunStore(HERE)
    record = store.new(demo.config)
    source, orders = train(demo.config, until_step=demo.steps), sorted(demo.orders.items())
    for event in source:
        record.append(event)
        while isinstance(event, Metrics) and orders and event.place.step >= orders[0][0]:
            record.append(source.send(orders.pop(0)[1]))
        if isinstance(event, Metrics) and event.place.step % 500 < event.steps:
            print(f"{event.place.step:6,} steps, {event.place.elapsed_s:5.0f} s", flush=True)  # noqa: T201
    record.close("stopped", "")
    thin(record.folder, name)
    target = HERE / name
    shutil.rmtree(target, ignore_errors=True)
    record.folder.rename(target)


def thin(folder: Path, name: str) -> None:
    """Fewer moments, smaller pictures, shorter curves; what is left is a run like any other."""
    demo = DEMOS[name]
    for part, endings, most in (
        ("samples", SAMPLE_ENDINGS, demo.samples),
        ("weights", [AVERAGE_ENDING], demo.averages),
        ("weights", [CHECKPOINT_ENDING], demo.checkpoints),
    ):
        steps = kept_steps(folder / part, endings[0])
        for step in set(steps) - spread(steps, most):
            for ending in endings:
                (folder / part / name_of(step, ending)).unlink(missing_ok=True)
    for sheet in folder.rglob("*.png"):
        with Image.open(sheet) as image:
            image.load()
        image.save(sheet, optimize=True)
    shorten(folder / "events.jsonl", set(kept_steps(folder / "samples", SAMPLE_ENDINGS[0])))
    (folder / "lock").unlink(missing_ok=True)
    status = read_json(folder / "status.json")
    room = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    write_json(folder / "status.json", status | {"run_id": name, "bundled": True, "bytes": room})


def spread(steps: list[int], most: int) -> set[int]:
    """At most so many of the ascending steps, the last one among them: each about as many times as late as the one before."""
    wanted = [(steps[-1] + 1) ** (1 - share / max(1, most - 1)) - 1 for share in range(most)]
    return {min(steps, key=lambda step: abs(math.log1p(step) - math.log1p(place))) for place in wanted}


def shorten(path: Path, shown: set[int]) -> None:
    """The same events with at most ROWS measurements, neighbours merged as the live view merges them, and grids of `shown` alone."""
    history, others = History(ROWS), []
    for event in read_events(path):
        if event["event"] == "metrics":
            history.append(Metrics(place_of(event), event["steps"], event["values"]))
        elif event["event"] != "samples" or event["step"] in shown:
            others.append(event)
    rows, before, lines = history.since(None), 0, []
    for step, epoch, images, elapsed_s, *values in rows.values.tolist():
        place = dataclasses.asdict(Place(int(step), round(epoch, 4), int(images), round(elapsed_s, 2)))
        curves = {name: float(f"{value:.5g}") for name, value in zip(rows.names, values, strict=True) if value == value}
        lines.append({"event": "metrics"} | place | {"steps": int(step) - before, "values": curves})
        before = int(step)
    first, *rest = others
    ordered = [first, *sorted(lines + [event for event in rest if "step" in event], key=lambda event: event["step"])]
    ended = [event for event in rest if "step" not in event]
    path.write_text("".join(json.dumps(event, separators=(",", ":")) + "\n" for event in ordered + ended), encoding="utf-8")


if __name__ == "__main__":
    for wanted in sys.argv[1:] or DEMOS:
        make(wanted)
