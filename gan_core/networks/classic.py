"""The players of five programs from which many learnt what a GAN is, at any width; their presets set the widths that were published.

- mlp-bn: Linder-Noren's PyTorch-GAN, gan.py: 128-256-512-1024 with BatchNorm from the second layer against 512-256. The program
  gives BatchNorm an eps of 0.8, meant as a momentum, so that it hardly normalises; here eps is torch's own.
- mlp-growing: his Keras-GAN, gan.py, without its BatchNorm: 256-512-1024 against 512-256.
- mlp-small: 128-256 against 256-128, as in many a notebook.
- dense-up and dcgan-dropout: TensorFlow's tutorial on DCGAN, with a dense critic and with its own.

A linear layer before BatchNorm has no bias, for BatchNorm takes away what it would add. Fully connected layers begin as torch
begins them, convolutions as DCGAN does.
"""

from __future__ import annotations

import math

import torch
from torch import nn

from gan_core.networks.layers import Flat, Shaped, dcgan_weights, first_side, from_own_stream, is_picture, leaky, uniform_weights

DROPOUT = 0.3
LEAST = 16
"""Channels under which dense-up does not go, unless it began with fewer."""


@from_own_stream
def mlp_generator(
    shape: tuple[int, ...], *, latent_dim: int, width: int, rng: torch.Generator, growth: tuple[int, ...], batch_norm: bool = False
) -> nn.Module:
    """z (batch, latent_dim) -> sample (batch, *shape): a hidden layer for each of `growth`, that many times `width` wide."""
    layers: list[nn.Module] = []
    fan_in = latent_dim
    for number, times in enumerate(growth):
        normal = batch_norm and number > 0
        layers += [nn.Linear(fan_in, times * width, bias=not normal), *([nn.BatchNorm1d(times * width)] if normal else []), leaky()]
        fan_in = times * width
    ending = [nn.Tanh()] if is_picture(shape) else []
    network = nn.Sequential(*layers, nn.Linear(fan_in, math.prod(shape)), *ending, Shaped(shape))
    uniform_weights(network, rng)
    return network


@from_own_stream
def mlp_critic(shape: tuple[int, ...], *, width: int, rng: torch.Generator, growth: tuple[int, ...]) -> nn.Module:
    """Samples (batch, *shape) -> logits (batch,)."""
    layers: list[nn.Module] = [nn.Flatten()]
    fan_in = math.prod(shape)
    for times in growth:
        layers += [nn.Linear(fan_in, times * width), leaky()]
        fan_in = times * width
    network = nn.Sequential(*layers, nn.Linear(fan_in, 1), Flat())
    uniform_weights(network, rng)
    return network


@from_own_stream
def dense_up_generator(shape: tuple[int, ...], *, latent_dim: int, width: int, rng: torch.Generator) -> nn.Module:
    """z (batch, latent_dim) -> pictures (batch, *shape): one dense layer draws a small picture, transposed convolutions enlarge it."""
    channels, side, _ = shape
    start, now = first_side(side), width
    layers = _dense_start(latent_dim, now, start)
    while start < side // 2:
        after = min(now, max(LEAST, now // 4))
        layers += [nn.ConvTranspose2d(now, after, 4, 2, 1, bias=False), nn.BatchNorm2d(after), leaky()]
        now, start = after, start * 2
    network = nn.Sequential(*layers, nn.ConvTranspose2d(now, channels, 4, 2, 1), nn.Tanh())
    dcgan_weights(network, rng)
    return network


@from_own_stream
def dense_critic(shape: tuple[int, ...], *, width: int, rng: torch.Generator) -> nn.Module:
    """Pictures (batch, *shape) -> logits (batch,): one hidden layer that forgets a part of what it saw each time."""
    network = nn.Sequential(nn.Flatten(), nn.Linear(math.prod(shape), width), leaky(), nn.Dropout(DROPOUT), nn.Linear(width, 1), Flat())
    uniform_weights(network, rng)
    return network


@from_own_stream
def dcgan_dropout_generator(shape: tuple[int, ...], *, latent_dim: int, width: int, rng: torch.Generator) -> nn.Module:
    """z (batch, latent_dim) -> pictures (batch, *shape): 5x5 transposed convolutions, the first of which keeps the size."""
    channels, side, _ = shape
    start, now = first_side(side), 2 * width
    layers = [
        *_dense_start(latent_dim, 2 * now, start),
        nn.ConvTranspose2d(2 * now, now, 5, 1, 2, bias=False),
        nn.BatchNorm2d(now),
        leaky(),
    ]
    while start < side // 2:
        after = max(width, now // 2)
        layers += [nn.ConvTranspose2d(now, after, 5, 2, 2, 1, bias=False), nn.BatchNorm2d(after), leaky()]
        now, start = after, start * 2
    network = nn.Sequential(*layers, nn.ConvTranspose2d(now, channels, 5, 2, 2, 1), nn.Tanh())
    dcgan_weights(network, rng)
    return network


@from_own_stream
def dcgan_dropout_critic(shape: tuple[int, ...], *, width: int, rng: torch.Generator) -> nn.Module:
    """Pictures (batch, *shape) -> logits (batch,): 5x5 convolutions of stride 2, dropout behind each."""
    channels, side, _ = shape
    end, now = first_side(side), width
    layers: list[nn.Module] = [nn.Conv2d(channels, now, 5, 2, 2), leaky(), nn.Dropout(DROPOUT)]
    side //= 2
    while side > end:
        layers += [nn.Conv2d(now, 2 * now, 5, 2, 2), leaky(), nn.Dropout(DROPOUT)]
        now, side = 2 * now, side // 2
    network = nn.Sequential(*layers, nn.Flatten(), nn.Linear(now * end * end, 1), Flat())
    dcgan_weights(network, rng)
    return network


def _dense_start(latent_dim: int, channels: int, side: int) -> list[nn.Module]:
    numbers = channels * side * side
    return [nn.Linear(latent_dim, numbers, bias=False), nn.BatchNorm1d(numbers), leaky(), nn.Unflatten(1, (channels, side, side))]
