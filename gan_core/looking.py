"""What people look at: samples from the same z, D's verdict on each. Nothing here moves a weight or a stream of the run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import repeat

import torch
from torch import Tensor, nn

from gan_core.config import RunConfig
from gan_core.data import DATA, DataSet, load_now
from gan_core.events import Pictures
from gan_core.games import EACH, GAMES
from gan_core.images import to_bytes, to_network, to_pictures
from gan_core.networks import make_critic, make_generator
from gan_core.networks.conditional import Conditional, played
from gan_core.noise import NOISES
from gan_core.streams import SHOWN, shown_labels, shown_z, stream

DRAW_BATCH = 256


class Shown:
    """The z and the reals of a run that people see: the same from its first step to its last, and in every run they fit."""

    def __init__(self, config: RunConfig, data: DataSet, device: str) -> None:
        self.kind, self.scale = DATA[config.data].kind, data.scale
        self.z = shown_z(self.kind, config.latent_dim, config.noise).to(device)
        chosen = torch.randperm(len(data.train), generator=stream(0, "shown reals"))[: SHOWN[self.kind]]
        self.reals = data.train[chosen]
        self.classes = data.classes if config.told else ()
        self.labels = shown_labels(self.kind, len(self.classes)).to(device) if config.told else None
        self.reals_labels = data.labels[chosen].to(device) if config.told else None

    def all_of(self, label: int) -> Tensor:
        """Labels that ask for one class alone."""
        return torch.full((len(self.z),), label, device=self.z.device)

    def pictures(self, samples: Tensor) -> Pictures:
        """Samples as people see them, from network output or from the data's bytes."""
        if self.kind == "plane":
            return _points(samples, self.scale)
        return to_pictures(samples if samples.dtype == torch.uint8 else to_bytes(samples))

    def verdicts(self, critic: nn.Module, game: str, *drawn: Tensor, labels: Tensor | None = None) -> list[tuple[float, ...]]:
        """D's verdict on each sample of some batches, drawn of these classes, on the game's axis; none for points."""
        if self.kind == "plane":
            return [() for _ in drawn]
        real = to_network(self.reals.to(drawn[0].device))
        told = torch.cat([self.reals_labels, *[labels] * len(drawn)]) if labels is not None and self.reals_labels is not None else None
        logits_real, *fakes = torch.split(draw(critic, torch.cat([real, *drawn]), told), [len(real), *map(len, drawn)])
        if labels is not None and self.reals_labels is not None:
            logits_real = means_by_class(logits_real, self.reals_labels, labels)[None]
        return [tuple(EACH[GAMES[game].axis](fake, logits_real).tolist()) for fake in fakes]


@torch.no_grad()
def draw(network: nn.Module, x: Tensor, labels: Tensor | None = None) -> Tensor:
    """What a player makes of `x` (z, or images), for looking: in eval mode, so that BatchNorm's statistics stay as they are.

    `labels` (len(x),) are for players that are told the class; without them every class takes its turn.
    """
    training = network.training
    network.eval()
    try:
        return played(network, x, labels)
    finally:
        network.train(training)


def means_by_class(logits_real: Tensor, labels_real: Tensor, labels: Tensor) -> Tensor:
    """For each of `labels` the mean logit of the reals of that class, or of all reals where none is of it; (len(labels),)."""
    same = (labels[:, None] == labels_real).to(logits_real.dtype)
    count = same.sum(1)
    return torch.where(count > 0, same @ logits_real / count.clamp(min=1), logits_real.mean())


def blank_generator(config: RunConfig, classes: int = 0) -> nn.Module:
    """The generator that a run with these settings begins with, on the CPU; told one of so many classes, if any."""
    return make_generator(
        config.network,
        config.shape,
        latent_dim=config.latent_dim,
        rng=stream(config.seed, "generator"),
        classes=classes,
        **config.size_generator,
    )


def classes_in(config: RunConfig, shapes: Mapping[str, Sequence[int]]) -> int:
    """How many classes a run's player is told, by the shapes of its weights; 0 where it is told none."""
    shape = shapes.get("classes.weight", ()) if config.told else ()
    return shape[0] if shape else 0


def generator_of(config: RunConfig, weights: Mapping[str, Tensor]) -> nn.Module:
    """A run's generator with these weights (names as in its state_dict, any float type), in eval mode on the CPU."""
    generator = blank_generator(config, classes_in(config, {name: tensor.shape for name, tensor in weights.items()}))
    generator.load_state_dict(weights)
    return generator.requires_grad_(False).eval()


def critic_of(config: RunConfig, weights: Mapping[str, Tensor]) -> nn.Module:
    """A run's critic with these weights, in eval mode on the CPU."""
    classes = classes_in(config, {name: tensor.shape for name, tensor in weights.items()})
    critic = make_critic(config.network, config.shape, rng=stream(config.seed, "critic"), classes=classes, **config.size_critic)
    critic.load_state_dict(weights)
    return critic.requires_grad_(False).eval()


def sample(config: RunConfig, tensors: Mapping[str, Tensor], *, prefix: str, count: int, seed: int, label: int | None = None) -> Pictures:
    """`count` samples of a stored generator as people see them; the same seed draws the same ones.

    `tensors` are a checkpoint's, `prefix` says whose weights: "average." or "generator.". A generator that is told the class
    draws all of them of class `label`, or of each class in turn.
    """
    generator = generator_of(config, {name.removeprefix(prefix): tensor for name, tensor in tensors.items() if name.startswith(prefix)})
    z = NOISES[config.noise].draw(count, config.latent_dim, stream(seed, "sample"))
    labels = labels_for(generator, count, label)
    parts = zip(torch.split(z, DRAW_BATCH), torch.split(labels, DRAW_BATCH) if labels is not None else repeat(None), strict=False)
    samples = torch.cat([draw(generator, part, told) for part, told in parts])
    if DATA[config.data].kind == "plane":
        return _points(samples, load_now(config.data, config.request).scale)
    return to_pictures(to_bytes(samples))


def labels_for(generator: nn.Module, count: int, label: int | None = None) -> Tensor | None:
    """Labels (count,) for a generator: all `label`, or each class in turn; None for one that is not told the class."""
    if not isinstance(generator, Conditional):
        return None
    return torch.full((count,), label) if label is not None else torch.arange(count) % generator.classes.num_embeddings


def _points(samples: Tensor, scale: float) -> Pictures:
    """Points in the data's own units, from those of unit variance that networks see."""
    points: Pictures = (samples.float() * scale).cpu().numpy()
    return points
