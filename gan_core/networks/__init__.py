"""The networks the players can have: one row a family. Adding one is a file beside this and a line in `NETWORKS`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Protocol

import torch
from torch import nn

from gan_core.networks import classic, dcgan, mlp, modern
from gan_core.networks.conditional import EMBEDDING, conditional_critic, conditional_generator
from gan_core.networks.layers import first_side
from gan_core.networks.two_scales import halved, two_scales
from gan_core.sentences import Sentence


class BuildGenerator(Protocol):
    """Makes z (batch, latent_dim) -> sample (batch, *shape)."""

    def __call__(self, shape: tuple[int, ...], *, latent_dim: int, width: int, rng: torch.Generator) -> nn.Module: ...


class BuildCritic(Protocol):
    """Makes sample (batch, *shape) -> logits (batch,): an nn.Sequential that ends in Linear(features, 1) and Flat()."""

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
    deep: bool = False
    """Whether both players take a `depth`, their number of hidden layers."""


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
        deep=True,
    ),
    "mlp-bn": Network(
        partial(classic.mlp_generator, growth=(1, 2, 4, 8), batch_norm=True),
        partial(classic.mlp_critic, growth=(4, 2)),
        draws_anything,
        True,
        "Linder-Noren 2018, PyTorch-GAN, gan.py (its BatchNorm's eps of 0.8 mended)",
        "Fully connected, G with BatchNorm and layers of 1, 2, 4 and 8 times the width: a popular program's players.",
    ),
    "mlp-growing": Network(
        partial(classic.mlp_generator, growth=(1, 2, 4)),
        partial(classic.mlp_critic, growth=(2, 1)),
        draws_anything,
        False,
        "Linder-Noren 2017, Keras-GAN, gan.py, without BatchNorm",
        "Fully connected, G growing from 1 to 4 times the width, D shrinking from 2 to 1: no BatchNorm.",
    ),
    "mlp-small": Network(
        partial(classic.mlp_generator, growth=(1, 2)),
        partial(classic.mlp_critic, growth=(2, 1)),
        draws_anything,
        False,
        "Goodfellow et al. 2014, in the size of many a notebook",
        "Fully connected, two layers a player, of 1 and 2 times the width: the smallest one here.",
    ),
    "dcgan": Network(
        dcgan.generator,
        dcgan.critic,
        draws_squares,
        True,
        "Radford et al. 2016",
        "Convolutions that grow a picture from 4 or 7 pixels; the one most courses teach.",
    ),
    "dcgan-dropout": Network(
        classic.dcgan_dropout_generator,
        classic.dcgan_dropout_critic,
        draws_squares,
        True,
        "TensorFlow's tutorial on DCGAN (2019), after Radford et al. 2016",
        "Wider convolutions, and a D that forgets three in ten of its features each time, so that it never grows too sure.",
    ),
    "dense-up": Network(
        classic.dense_up_generator,
        classic.dense_critic,
        draws_squares,
        True,
        "TensorFlow's tutorial on DCGAN (2019), with a dense critic",
        "A dense layer draws small pictures, convolutions enlarge them; D has one dense layer with dropout.",
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


def check_depth(name: str, **depths: int) -> None:
    """ValueError, naming the setting, where the layers of a network cannot be chosen and a depth other than 0 is."""
    for setting, depth in depths.items():
        if depth and not NETWORKS[name].deep:
            raise ValueError(
                Sentence(
                    "{name} is {value}, and the network {network} has layers of its own. Set it to 0, or take the network {others}.",
                    name=setting,
                    value=depth,
                    network=name,
                    others=", ".join(other for other, row in NETWORKS.items() if row.deep),
                )
            )


def make_generator(
    name: str, shape: tuple[int, ...], *, latent_dim: int, width: int, rng: torch.Generator, depth: int = 0, classes: int = 0
) -> nn.Module:
    """The generator of a row: z -> samples, or (z, labels) -> samples where it is to be told one of `classes`.

    `depth` is how many hidden layers it has; 0 for the row's own.
    """
    build = _of_depth(NETWORKS[name].generator, depth)
    if not classes:
        return build(shape, latent_dim=latent_dim, width=width, rng=rng)
    return conditional_generator(build(shape, latent_dim=latent_dim + EMBEDDING, width=width, rng=rng), classes, rng)


def make_critic(
    name: str, shape: tuple[int, ...], *, width: int, rng: torch.Generator, depth: int = 0, scales: int = 1, classes: int = 0
) -> nn.Module:
    """The critic of a row: samples -> logits, or (samples, labels) -> logits where it is to be told one of `classes`.

    With 2 `scales` it has a second one beside it, half as wide, that sees pictures at half the size.
    """
    build = _of_depth(NETWORKS[name].critic, depth)
    critic = build(shape, width=width, rng=rng)
    if scales == 2:
        critic = two_scales(critic, build(halved(shape), width=max(1, width // 2), rng=rng))
    return conditional_critic(critic, classes, rng) if classes else critic


def _of_depth(build: Callable[..., nn.Module], depth: int) -> Callable[..., nn.Module]:
    return partial(build, depth=depth) if depth else build
