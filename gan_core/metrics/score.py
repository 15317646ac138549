"""A run's figures of merit: draw fakes, look at them and at as many reals with the same eyes, compare."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Literal

import torch
from torch import Tensor

from gan_core.config import RunConfig
from gan_core.data import DATA, DataSet
from gan_core.images import to_network
from gan_core.looking import critic_of, draw
from gan_core.metrics import Evidence, referee
from gan_core.metrics.distances import PART, nearest
from gan_core.metrics.inception import distances
from gan_core.metrics.referee import LOOK_BATCH, Progress, Referee
from gan_core.metrics.scores import Scores, keep_scores
from gan_core.metrics.target import Target, fakes_of
from gan_core.sentences import Sentence
from gan_core.store import RunStore

COUNT, LEAST, MOST = 2_000, 50, 20_000
"""Samples of each side, where nothing else is asked for; the fewest and the most that can be."""
NEAREST = 500
"""How many are looked up among all training samples, pixel by pixel."""
PREFIXES = {"averaged": "average.", "living": "generator."}
Weights = Literal["averaged", "living"]


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
    notes = target.notes
    if inception and judge is not None:
        try:
            evidence = _with_inception(evidence, target, fakes)
        except ValueError as error:
            notes = (*notes, str(error))
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
    batches = -(-fakes_of(config, data, count) // LOOK_BATCH)
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
