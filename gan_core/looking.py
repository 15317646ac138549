"""What people look at: samples from the same z, D's verdict on each. Nothing here moves a weight or a stream of the run."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor, nn

from gan_core.config import RunConfig
from gan_core.data import DATA, DataSet, load_now
from gan_core.events import Pictures
from gan_core.games import EACH, GAMES
from gan_core.images import to_bytes, to_network, to_pictures
from gan_core.networks import NETWORKS
from gan_core.streams import SHOWN, shown_z, stream

DRAW_BATCH = 256


class Shown:
    """The z and the reals of a run that people see: the same from its first step to its last, and in every run they fit."""

    def __init__(self, config: RunConfig, data: DataSet, device: str) -> None:
        self.kind, self.scale = DATA[config.data].kind, data.scale
        self.z = shown_z(self.kind, config.latent_dim).to(device)
        self.reals = data.train[torch.randperm(len(data.train), generator=stream(0, "shown reals"))[: SHOWN[self.kind]]]

    def pictures(self, samples: Tensor) -> Pictures:
        """Samples as people see them, from network output or from the data's bytes."""
        if self.kind == "plane":
            return _points(samples, self.scale)
        return to_pictures(samples if samples.dtype == torch.uint8 else to_bytes(samples))

    def verdicts(self, critic: nn.Module, game: str, *drawn: Tensor) -> list[tuple[float, ...]]:
        """D's verdict on each sample of some batches, on the game's axis; none for points."""
        if self.kind == "plane":
            return [() for _ in drawn]
        real = to_network(self.reals.to(drawn[0].device))
        logits = torch.split(draw(critic, torch.cat([real, *drawn])), [len(real), *map(len, drawn)])
        return [tuple(EACH[GAMES[game].axis](fake, logits[0]).tolist()) for fake in logits[1:]]


@torch.no_grad()
def draw(network: nn.Module, x: Tensor) -> Tensor:
    """What a player makes of `x` (z, or images), for looking: in eval mode, so that BatchNorm's statistics stay as they are."""
    training = network.training
    network.eval()
    try:
        drawn: Tensor = network(x)
        return drawn
    finally:
        network.train(training)


def blank_generator(config: RunConfig) -> nn.Module:
    """The generator that a run with these settings begins with, on the CPU."""
    return NETWORKS[config.network].generator(
        config.shape, latent_dim=config.latent_dim, width=config.width, rng=stream(config.seed, "generator")
    )


def generator_of(config: RunConfig, weights: Mapping[str, Tensor]) -> nn.Module:
    """A run's generator with these weights (names as in its state_dict, any float type), in eval mode on the CPU."""
    generator = blank_generator(config)
    generator.load_state_dict(weights)
    return generator.requires_grad_(False).eval()


def critic_of(config: RunConfig, weights: Mapping[str, Tensor]) -> nn.Module:
    """A run's critic with these weights, in eval mode on the CPU."""
    critic = NETWORKS[config.network].critic(config.shape, width=config.width, rng=stream(config.seed, "critic"))
    critic.load_state_dict(weights)
    return critic.requires_grad_(False).eval()


def sample(config: RunConfig, tensors: Mapping[str, Tensor], *, prefix: str, count: int, seed: int) -> Pictures:
    """`count` samples of a stored generator as people see them; the same seed draws the same ones.

    `tensors` are a checkpoint's, `prefix` says whose weights: "average." or "generator.".
    """
    generator = generator_of(config, {name.removeprefix(prefix): tensor for name, tensor in tensors.items() if name.startswith(prefix)})
    z = torch.randn(count, config.latent_dim, generator=stream(seed, "sample"))
    samples = torch.cat([draw(generator, part) for part in torch.split(z, DRAW_BATCH)])
    if DATA[config.data].kind == "plane":
        return _points(samples, load_now(config.data, config.request).scale)
    return to_pictures(to_bytes(samples))


def _points(samples: Tensor, scale: float) -> Pictures:
    """Points in the data's own units, from those of unit variance that networks see."""
    points: Pictures = (samples.float() * scale).cpu().numpy()
    return points
