"""Runs on disk as training would have left them, made by hand in no time: every moment has pictures of its own."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from gan_core.config import RunConfig
from gan_core.data import DATA
from gan_core.events import Changed, Checkpoint, Metrics, Pictures, Place, Samples, Started
from gan_core.store import RunStore
from gan_core.streams import shown_z

EVERY = 50
"""Steps from one moment to the next."""
IMAGES_AN_EPOCH, STEPS_A_SECOND = 1437, 100


def place(step: int) -> Place:
    return Place(step, 32 * step / IMAGES_AN_EPOCH, 32 * step, step / STEPS_A_SECOND)


def pictures(seed: int, kind: str) -> Pictures:
    rng = np.random.default_rng(seed)
    if kind == "plane":
        return rng.normal(size=(1024, 2)).astype(np.float32)
    return rng.integers(0, 256, (64, 16, 16, 1), dtype=np.uint8)


def values(step: int) -> dict[str, float]:
    names = ("loss/critic", "loss/generator", "verdict/margin", "gradient/critic", "gradient/generator")
    return {name: 1 + np.sin(step / 300 + number).item() for number, name in enumerate(names)}


def verdicts(step: int) -> tuple[float, ...]:
    return tuple(round(step / 1000 + image / 100, 4) for image in range(64))


def kept_run(root: Path, *, moments: int = 40, data: str = "digits", marks: dict[int, tuple[str, float]] | None = None) -> str:
    """The id of a stopped run: a moment every EVERY steps, checkpoints at a half and at the end, knobs turned at `marks`."""
    record = RunStore(root).new(RunConfig(data=data, network="mlp", width=32, batch_size=32, threads=1))
    kind, last = DATA[data].kind, EVERY * (moments - 1)
    z = shown_z(kind, record.config.latent_dim).numpy()
    record.append(Started(place(0), kind, "cpu", 1, IMAGES_AN_EPOCH, 1, 1, pictures(10**6, kind), z, {"gamma": 1.0}))
    for step in range(0, last + 1, EVERY // 5):
        if step:
            record.append(Metrics(place(step), EVERY // 5, values(step)))
        if step in (marks or {}):
            record.append(Changed(place(step), *(marks or {})[step]))
        if step % EVERY == 0:
            both = (pictures(2 * step, kind), pictures(2 * step + 1, kind))
            said = verdicts(step) if kind == "image" else ()
            record.append(Samples(place(step), *both, False, said, said))
        if step in (last // EVERY // 2 * EVERY, last):
            record.append(Checkpoint(place(step), {}, {"live": {}}))
    record.close("stopped", "")
    return record.run_id
