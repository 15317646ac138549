"""A run's figures of merit: draw fakes, look at them and at as many reals with the same eyes, compare."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Literal

import torch
from torch import Tensor

from gan_core.config import RunConfig
from gan_core.data import DATA, DataSet, planes
from gan_core.images import to_network
from gan_core.looking import critic_of, draw, sample
from gan_core.metrics import METRICS, Evidence, Seen, measured, referee
from gan_core.metrics.classes import histogram
from gan_core.metrics.distances import PART, nearest
from gan_core.metrics.inception import distances
from gan_core.metrics.neighbours import K
from gan_core.metrics.referee import LOOK_BATCH, Progress, Referee
from gan_core.metrics.scores import Scores, keep_scores
from gan_core.sentences import Sentence
from gan_core.store import RunStore
from gan_core.streams import stream

COUNT, LEAST, MOST = 2_000, 50, 20_000
"""Samples of each side, where nothing else is asked for; the fewest and the most that can be."""
NEAREST = 500
"""How many are looked up among all training samples, pixel by pixel."""
PREFIXES = {"averaged": "average.", "living": "generator."}
Weights = Literal["averaged", "living"]


class Target:
    """The real side of a comparison, seen once: every scoring of a run against it costs its fakes only."""

    def __init__(self, config: RunConfig, data: DataSet, judge: Referee | None, *, count: int, done: Callable[[], object]) -> None:
        self.config, self.judge, self.done = config, judge, done
        self.count = min(count, len(data.train), len(data.heldout))
        if self.count <= K:
            raise ValueError(
                Sentence(
                    "{data} has {count} images held out for comparison, and {least} are needed.",
                    data=config.data,
                    count=self.count,
                    least=K + 1,
                )
            )
        self.train, self.heldout = (_some(part, self.count, name) for part, name in ((data.train, "train"), (data.heldout, "held-out")))
        self.labels: tuple[Tensor, Tensor] | None = None
        if config.told and data.train_labels is not None and data.heldout_labels is not None:
            self.labels = (_some(data.train_labels, self.count, "train"), _some(data.heldout_labels, self.count, "held-out"))
        self.plane = None
        if DATA[config.data].kind == "plane":
            self.plane = (planes.centres(config.data), planes.sd(config.data))
            self.train, self.heldout = self.train * data.scale, self.heldout * data.scale
        self.classes = self._names(data)
        labels = data.train_labels
        self.shares = torch.bincount(labels, minlength=len(data.classes)) / len(labels) if labels is not None and self.classes else None
        self.real, self.real_heldout = self.see(self.train), self.see(self.heldout)
        self.floor = self._against(self.real_heldout)

    def _names(self, data: DataSet) -> tuple[str, ...]:
        """Of what samples are counted by: modes, or classes that the judge knows."""
        if self.plane:
            return tuple(f"mode {index}" for index in range(len(self.plane[0])))
        return data.classes if self.judge and self.judge.classes == data.classes else ()

    def see(self, samples: Tensor) -> Seen:
        """Samples as the figures see them: uint8 images, or points in the data's own units."""
        if self.judge is None:
            return Seen(samples)
        return Seen(*self.judge.look(samples, self.done))

    def evidence(self, fakes: Tensor) -> Evidence:
        """Fakes against the reals; what stands on pixels and on D is not in it."""
        return self._against(self.see(fakes))

    def _against(self, fake: Seen) -> Evidence:
        return Evidence(fake, self.real, self.real_heldout, self.shares, self.plane)

    def draw(self, weights: Mapping[str, Tensor], prefix: str = "") -> Tensor:
        """As many fakes of a generator as there are reals, from z that no one else is shown."""
        drawn = []
        for index, part in enumerate(torch.split(torch.arange(self.count), LOOK_BATCH)):
            pictures = torch.from_numpy(sample(self.config, weights, prefix=prefix, count=len(part), seed=1_000_003 + index))
            drawn.append(pictures if self.plane else pictures.permute(0, 3, 1, 2).contiguous())
            self.done()
        return torch.cat(drawn)

    def scores(self, evidence: Evidence, step: int, weights: str, *, only: Sequence[str] = tuple(METRICS)) -> Scores:
        """The figures that can be had of the evidence, of those asked for."""
        same = evidence.real is self.real and evidence.heldout is self.real_heldout
        floor = self.floor if same else evidence.floor()  # whose distances are known already
        figures = {name: measured(METRICS[name], evidence, floor) for name in only if evidence.has(METRICS[name].needs)}
        return Scores(
            step,
            weights,
            self.count,
            self.judge.name if self.judge else "",
            self.judge.accuracy if self.judge else None,
            {name: figure.rounded() for name, figure in figures.items()},
            self.classes,
            self._shares(evidence),
            self._shares(floor),
        )

    def _shares(self, evidence: Evidence) -> tuple[float, ...]:
        chances = evidence.fake.chances
        found = evidence.modes.shares if self.plane else histogram(chances).tolist() if chances is not None and self.classes else ()
        return tuple(round(share, 5) for share in found)


def score(
    store: RunStore,
    run_id: str,
    *,
    weights: Weights = "averaged",
    count: int = COUNT,
    inception: bool = False,
    progress: Progress = lambda done, total: None,
) -> Scores:
    """All figures of the run's last checkpoint, kept in its folder too; equal arguments give equal figures.

    An own CNN is trained first where the data have classes and none is at hand. ValueError, saying why, where the run cannot be scored.
    """
    began = time.perf_counter()
    if not LEAST <= count <= MOST:
        raise ValueError(Sentence("count is {count}, and it has to be from {least} to {most}.", count=count, least=LEAST, most=MOST))
    config = store.config(run_id)
    tensors, step = _weights(store, run_id)
    data = _loaded(config, progress)
    work = _Work(progress, _amount(config, data, count))
    judge = _judge(config, data, work.done)
    target = Target(config, data, judge, count=count, done=work.done)
    fakes = target.draw(tensors, PREFIXES[weights])
    evidence = target.evidence(fakes)
    if judge is not None:
        evidence = _with_pixels(_with_critic(evidence, target, tensors), target, fakes, data)
    notes: tuple[str, ...] = ()
    if inception and judge is not None:
        try:
            evidence = _with_inception(evidence, target, fakes)
        except ValueError as error:
            notes = (str(error),)
    scores = replace(target.scores(evidence, step, weights), notes=notes, seconds=round(time.perf_counter() - began, 3))
    keep_scores(store.folder(run_id), scores)
    work.end()
    return scores


def _weights(store: RunStore, run_id: str) -> tuple[Mapping[str, Tensor], int]:
    """Every tensor of the last checkpoint, and its step."""
    if store.status(run_id).checkpoint_step < 0:
        raise ValueError(
            Sentence(
                "The run {run} has no checkpoint yet: the first one is written after some seconds, and whenever it is stopped.", run=run_id
            )
        )
    checkpoint = store.checkpoint(run_id)
    players = (*PREFIXES.values(), "critic.")
    tensors = {name: tensor for name, tensor in checkpoint.tensors.items() if name.startswith(players)}
    if not all(bool(torch.isfinite(tensor).all()) for tensor in tensors.values() if tensor.is_floating_point()):
        raise ValueError(Sentence("The run {run} cannot be scored: some of its weights are not finite numbers any more.", run=run_id))
    return tensors, checkpoint.place.step


def _loaded(config: RunConfig, progress: Progress) -> DataSet:
    """The run's data; ValueError where they cannot be had now."""
    loading = DATA[config.data].load(config.request)
    while True:
        try:
            next(loading)
        except StopIteration as end:
            data: DataSet = end.value
            return data
        progress(0, 0)


class _Work:
    """Counts what is done for whoever waits."""

    def __init__(self, progress: Progress, total: int) -> None:
        self.progress, self.total, self.count = progress, total, 0
        progress(0, total)

    def done(self) -> None:
        self.count += 1
        self.progress(min(self.count, self.total), self.total)

    def end(self) -> None:
        self.progress(self.total, self.total)


def _amount(config: RunConfig, data: DataSet, count: int) -> int:
    """How often `done` will be called, about."""
    batches = -(-min(count, len(data.train), len(data.heldout)) // LOOK_BATCH)
    if DATA[config.data].kind == "plane":
        return batches
    learning = referee.training_steps(data) if referee.needs_training(config.data, data) else 0
    return learning + 4 * batches + 2 * -(-len(data.train) // PART)


def _judge(config: RunConfig, data: DataSet, done: Callable[[], object]) -> Referee | None:
    """Who looks at the run's images, made if need be; None for planes, which speak for themselves."""
    if DATA[config.data].kind == "plane":
        return None
    if referee.needs_training(config.data, data):
        referee.keep(referee.trained(data, done), config.data, data)
    return referee.at_hand(config.data, data)


def _some(samples: Tensor, count: int, what: str) -> Tensor:
    return samples[torch.randperm(len(samples), generator=stream(0, f"scored {what}"))[:count]]


def _with_critic(evidence: Evidence, target: Target, tensors: Mapping[str, Tensor]) -> Evidence:
    """The evidence, with what D says of the reals."""
    critic = critic_of(
        target.config, {name.removeprefix("critic."): tensor for name, tensor in tensors.items() if name.startswith("critic.")}
    )
    told = target.labels or (None, None)
    parts = torch.split(torch.arange(target.count), LOOK_BATCH)
    real, heldout = (
        replace(
            seen, logits=torch.cat([draw(critic, to_network(images[part]), labels[part] if labels is not None else None) for part in parts])
        )
        for seen, images, labels in ((evidence.real, target.train, told[0]), (evidence.heldout, target.heldout, told[1]))
    )
    return replace(evidence, real=real, heldout=heldout)


def _with_pixels(evidence: Evidence, target: Target, fakes: Tensor, data: DataSet) -> Evidence:
    """The evidence, with how near fakes and held-out images are to the training images."""
    train = data.train.flatten(1)
    fake, heldout = (
        replace(seen, to_train=nearest(images[:NEAREST].flatten(1), train, target.done))
        for seen, images in ((evidence.fake, fakes), (evidence.heldout, target.heldout))
    )
    return replace(evidence, fake=fake, heldout=heldout)


def _with_inception(evidence: Evidence, target: Target, fakes: Tensor) -> Evidence:
    """The evidence, with FID and KID; ValueError where they cannot be had."""
    pairs = ((evidence.fake, fakes), (evidence.heldout, target.heldout))
    fake, heldout = (replace(seen, inception=distances(images, target.train)) for seen, images in pairs)
    return replace(evidence, fake=fake, heldout=heldout)
