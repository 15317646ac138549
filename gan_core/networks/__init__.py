"""The networks the players can have: one row a family. Adding one is a file beside this and a line in `NETWORKS`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import torch
from torch import nn

from gan_core.networks import dcgan, mlp, modern
from gan_core.networks.layers import first_side
from gan_core.sentences import Sentence


class BuildGenerator(Protocol):
    """Makes z (batch, latent_dim) -> sample (batch, *shape)."""

    def __call__(self, shape: tuple[int, ...], *, latent_dim: int, width: int, rng: torch.Generator) -> nn.Module: ...


class BuildCritic(Protocol):
    """Makes sample (batch, *shape) -> logits (batch,)."""

    def __call__(self, shape: tuple[int, ...], *, width: int, rng: torch.Generator) -> nn.Module: ...


@dataclass(frozen=True)
class Network:
    """How to make both players, and what they can draw."""

    generator: BuildGenerator
    critic: BuildCritic
    check: Callable[[tuple[int, ...]], None]
    """Raises ValueError, with the sentence for the user, where samples of this shape cannot be drawn."""
    batch_norm: bool
    """Whether the generator has BatchNorm, which needs batches of at least two."""
    source: str
    help: str
    """One sentence for the menu."""
    critic_batch_norm: bool = False
    """Whether the critic has BatchNorm, which makes a verdict depend on the whole batch: no gradient penalty goes with it."""


def draws_anything(shape: tuple[int, ...]) -> None:
    """No complaint: fully connected layers do not care."""


def draws_squares(shape: tuple[int, ...]) -> None:
    """ValueError for what convolutions cannot draw."""
    if len(shape) != 3:
        raise ValueError(Sentence("Convolutional networks draw pictures, and these data are points in a plane; take the network mlp."))
    first_side(shape[1])


NETWORKS: dict[str, Network] = {
    "mlp": Network(
        mlp.generator,
        mlp.critic,
        draws_anything,
        False,
        "Goodfellow et al. 2014",
        "Fully connected layers: the fastest; fit for points and small pictures.",
    ),
    "dcgan": Network(
        dcgan.generator,
        dcgan.critic,
        draws_squares,
        True,
        "Radford et al. 2016",
        "Convolutions that grow a picture from 4 or 7 pixels; the one most courses teach.",
    ),
    "modern": Network(
        modern.generator,
        modern.critic,
        draws_squares,
        False,
        "Huang et al. 2024 (R3GAN)",
        "Residual blocks without normalisation: the best pictures per image seen, slower per step.",
    ),
}
