"""Can one read what the generator draws? A classifier that never saw a fake says which class each sample is, and how sure it is.

    python -m benchmarks.recognisable                                      (the default preset, 90 s)
    python -m benchmarks.recognisable --data fashion-mnist --seconds 300 --picture fashion.png

Trains through `gan_core.loop`, draws samples at fresh z with the averaged generator, and judges them with the data set's own CNN
(gan_core/metrics/referee.py), which knows the train split. So that the figures mean something, the same is asked of held-out reals (the
best one can hope for), of the same generator before its first step, and of pictures that show nothing: noise, the mean of many reals,
two reals laid over each other.

Such a classifier is sure of much that shows nothing, because it must choose a class. The strict judge beside it had such pictures in its
training, as a class of their own; a sample counts for it only where it is sure of a real class. The goal is the plain judge's.
"""

from __future__ import annotations

# isort: off
import gan_core  # noqa: F401 - before torch: it tells its threads how to wait

# isort: on
import argparse
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import torch
from torch import Tensor

from benchmarks.step_rate import heading, table
from gan_core.config import RunConfig
from gan_core.data import DataSet, load_now
from gan_core.events import Finished, Metrics, Publish, Started
from gan_core.images import to_bytes, to_pictures
from gan_core.looking import draw
from gan_core.loop import train
from gan_core.metrics import referee
from gan_core.metrics.classes import histogram
from gan_core.metrics.referee import Referee
from gan_core.networks import make_generator
from gan_core.pictures import write_picture
from gan_core.presets import PRESETS

FOUND, SURE = 0.03, 0.8
"""A class is found with this share of the samples; a sample is recognised at this confidence."""
GOAL = 0.8
"""Share of recognised samples, with every class found."""
SHEET = 64


@dataclass(frozen=True)
class Seen:
    """What a judge makes of some images."""

    found: int
    """Classes that enough of them are taken for."""
    smallest: float
    """Share of the class that the fewest are taken for."""
    sure: float
    """Share of the images it recognises."""


@dataclass(frozen=True)
class Judge:
    """A classifier; what it knows beyond the first `classes` classes are pictures that show nothing."""

    referee: Referee
    classes: int

    def look_at(self, images: Tensor) -> Seen:
        """Its judgement of uint8 images (n, channels, height, width)."""
        _, chances = self.referee.look(images)
        assert chances is not None
        shares = histogram(chances)[: self.classes]
        sure = chances[:, : self.classes].amax(1) >= SURE
        return Seen(int((shares >= FOUND).sum()), float(shares.min()), float(sure.double().mean()))


def judges_of(name: str, data: DataSet, seed: int) -> tuple[Judge, Judge]:
    """The plain judge, the data set's own CNN, and the strict one, made from the train split alone; ValueError without labels."""
    if data.train_labels is None or data.heldout_labels is None or data.train.dtype != torch.uint8:
        raise ValueError("Only labelled images can be judged: choose images that have classes.")
    nothing = torch.cat(list(floors(data.train, len(data.train) // 4, seed + 1).values()))
    labels = torch.cat([data.train_labels, torch.full((len(nothing),), len(data.classes))])
    more = replace(data, train=torch.cat([data.train, nothing]), train_labels=labels, classes=(*data.classes, "nothing"))
    plain = referee.trained(data) if referee.needs_training(name, data) else referee.at_hand(name, data)
    return Judge(plain, len(data.classes)), Judge(referee.trained(more, seed=seed), len(data.classes))


@dataclass(frozen=True)
class Trained:
    """What came out of a run, and what it took."""

    untrained: Mapping[str, Tensor]
    living: Mapping[str, Tensor]
    averaged: Mapping[str, Tensor]
    steps: int
    images: int
    seconds: float
    threads: int


def trained(config: RunConfig, seconds: float) -> Trained:
    """Train for `seconds` of the clock on the wall, counted from when the run has its data."""
    run, began, threads = train(config), time.perf_counter(), 0
    untrained: Mapping[str, Tensor] = {}
    event = next(run)
    while not isinstance(event, Finished):
        if isinstance(event, Started):
            threads, untrained = event.threads, run.send(Publish()).averaged
            began = time.perf_counter()
        elif isinstance(event, Metrics) and time.perf_counter() - began >= seconds:
            break
        event = next(run)
    took, weights = time.perf_counter() - began, run.send(Publish()) if not isinstance(event, Finished) else None
    run.close()
    if weights is None:
        raise ValueError("The run ended by itself: set stop_after_epochs to 0.")
    return Trained(untrained, weights.living, weights.averaged, event.place.step, event.place.images, took, threads)


def drawn(config: RunConfig, weights: Mapping[str, Tensor], count: int) -> Tensor:
    """`count` samples uint8 (count, channels, height, width) at z that no training step has seen."""
    rng = torch.Generator().manual_seed(config.seed + 1_000_003)
    generator = make_generator(config.network, config.shape, latent_dim=config.latent_dim, rng=rng, **config.size_generator)
    generator.load_state_dict({name: weight.cpu() for name, weight in weights.items()})
    z = torch.randn(count, config.latent_dim, generator=rng)
    return torch.cat([to_bytes(draw(generator, part)) for part in z.split(250)])


def floors(reals: Tensor, count: int, seed: int) -> dict[str, Tensor]:
    """Pictures in which there is nothing to recognise, and one kind in which there is too much; uint8, `count` of each."""
    rng = torch.Generator().manual_seed(seed)

    def some() -> Tensor:
        return reals[torch.randint(len(reals), (count,), generator=rng)].float()

    return {
        "two reals laid over each other": ((some() + some()) / 2).round().byte(),
        "blur: means of 100 reals": (torch.stack([some() for _ in range(100)]).mean(0)).round().byte(),
        "noise": torch.randint(256, (count, *reals.shape[1:]), generator=rng, dtype=torch.uint8),
    }


def chosen(asked: argparse.Namespace) -> RunConfig:
    """The preset with what was asked changed; ValueError, with the sentence, where it cannot be."""
    if asked.preset not in PRESETS:
        raise ValueError(f"There is no preset {asked.preset!r}: choose one of {', '.join(PRESETS)}.")
    changes = dict(pair.partition("=")[::2] for pair in asked.set)
    changes |= {"data": asked.data} if asked.data else {}
    return PRESETS[asked.preset].config.but(**{"device": "cpu", "seed": str(asked.seed)} | changes)


def judged(asked: argparse.Namespace, config: RunConfig, run: Trained, data: DataSet, judges: tuple[Judge, Judge]) -> tuple[str, Tensor]:
    """The table with what it says, and the averaged generator's samples."""
    plain, strict = judges
    order = torch.randperm(len(data.heldout), generator=torch.Generator().manual_seed(asked.seed))
    kinds = {
        "held-out reals": data.heldout[order[: asked.samples]],
        "averaged generator": drawn(config, run.averaged, asked.samples),
        "living generator": drawn(config, run.living, asked.samples),
        "generator before its first step": drawn(config, run.untrained, asked.samples),
    } | floors(data.heldout, asked.samples, asked.seed)
    seen = {name: (plain.look_at(images), strict.look_at(images)) for name, images in kinds.items()}
    best = seen["held-out reals"]
    rows = [
        [
            f"{config.data}, {asked.samples:,} of each",
            "classes",
            "smallest",
            f"sure >= {SURE}",
            "of reals'",
            "strict: classes",
            "sure",
            "of reals'",
        ]
    ]
    for name, pair in seen.items():
        each = zip(pair, best, strict=True)
        (a, b), (c, d) = ((f"{one.sure:.1%}", f"{one.sure / max(top.sure, 1e-9):.2f}") for one, top in each)
        rows.append([name, f"{pair[0].found}/{plain.classes}", f"{pair[0].smallest:.1%}", a, b, f"{pair[1].found}/{plain.classes}", c, d])
    mine = seen["averaged generator"][0]
    met = "met" if mine.found == plain.classes and mine.sure >= GOAL else "MISSED"
    right = " and ".join(f"{judge.referee.accuracy:.1%}" for judge in (plain, strict))
    words = f"judges   plain and strict, right about {right} of {len(data.heldout):,} held-out images\n\n"
    goal = f"Every class with {FOUND:.0%}, and {GOAL:.0%} of the averaged generator's samples recognised by the plain judge: {met}.\n"
    return words + table(rows) + goal, kinds["averaged generator"]


def report(asked: argparse.Namespace, config: RunConfig) -> str:
    """Train, judge, and say so."""
    data = load_now(config.data, config.request)
    judges = judges_of(config.data, data, asked.seed)  # first, so that what cannot be judged is not trained either
    run = trained(config, asked.seconds)
    words, fakes = judged(asked, config, run, data, judges)
    if asked.picture:
        write_picture(asked.picture, to_pictures(fakes[:SHEET]))
    return (
        f"run      {config.network} width {config.width}, {config.game}, {config.penalty}, seed {config.seed}, {run.threads} threads: "
        f"{run.seconds:.1f} s, {run.steps:,} steps ({run.steps / run.seconds:.1f}/s), {run.images / len(data.train):.1f} epochs\n" + words
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=90.0, help="of training, on the wall's clock")
    parser.add_argument("--preset", default=next(iter(PRESETS)), help=f"one of {', '.join(PRESETS)}")
    parser.add_argument("--data", default="", help="other data than the preset's")
    parser.add_argument("--set", nargs="*", default=[], metavar="KEY=VALUE", help="settings that differ from the preset")
    parser.add_argument("--samples", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--picture", type=Path, help="write 64 samples of the averaged generator to this PNG")
    asked = parser.parse_args()
    print(heading())
    try:
        print(report(asked, chosen(asked)))
    except (ValueError, FloatingPointError) as problem:
        print(f"No figures: {problem}")


if __name__ == "__main__":
    main()
