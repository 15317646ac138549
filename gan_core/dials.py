"""The numbers of a move that may be others in the next one: as they stand now, or as scalars on the device that keep their place.

A CUDA graph goes on reading what it read when it was captured, from the same addresses. So whatever a slider or a schedule turns
has to be a tensor there; everywhere else it is a plain number, and costs nothing.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from gan_core.averaging import decay
from gan_core.config import RunConfig
from gan_core.schedules import cosine, rising, rising_beta

Number = float | Tensor


@dataclass(frozen=True, slots=True)
class Dials:
    """What turns in a run, worked out to what the move multiplies with: each a plain number, or a scalar on the device."""

    lr_critic: Number
    lr_generator: Number
    penalty: Number
    """What the penalty is multiplied with: half of gamma, and as many times that as steps go without one."""
    smoothing: Number
    share: Number
    """The share of samples that are changed before the critic sees them."""
    noise: Number
    dropout: Number
    follow: Number
    """How far the average moves towards the living generator; 1 copies it."""


def dials_of(config: RunConfig, images: int) -> Dials:
    """All of them after `images` real images, as plain numbers."""
    progress: dict[str, Any] = {"images": images, "burn_in_images": 1000 * config.burn_in_kimg}
    halflife_kimg = rising(config.ema_halflife_kimg, config.ema_begin, **progress)
    return Dials(
        lr_critic=cosine(config.lr_critic, config.lr_critic * config.lr_end, **progress),
        lr_generator=cosine(config.lr_generator, config.lr_generator * config.lr_end, **progress),
        penalty=0.5 * cosine(config.gamma, config.gamma * config.gamma_end, **progress) * config.penalty_every,
        smoothing=config.label_smoothing,
        share=rising(config.augment_share, config.augment_begin, **progress),
        noise=cosine(config.instance_noise, config.instance_noise * config.noise_end, **progress),
        dropout=config.critic_dropout,
        follow=1.0 - decay(config.batch_size, images=images, halflife_images=1000 * halflife_kimg),
    )


def beta2_of(config: RunConfig, images: int) -> float:
    """Adam's second beta, which the optimiser takes as a plain number only."""
    return rising_beta(config.beta2, config.beta2_begin, images=images, burn_in_images=1000 * config.burn_in_kimg)


class DeviceDials:
    """The same numbers as scalars on a device, at addresses that stay: `turn` writes those that have changed, and waits for nothing."""

    def __init__(self, device: str) -> None:
        names = [field.name for field in dataclasses.fields(Dials)]
        self._stand: dict[str, float] = dict.fromkeys(names, 0.0)
        self.scalars = Dials(**{name: torch.zeros((), device=device) for name in names})

    def turn(self, dials: Dials) -> None:
        """Let the scalars be what `dials`, plain numbers, say. One small kernel for each that is another than before."""
        for name, stands in self._stand.items():
            value = getattr(dials, name)
            if value != stands:
                getattr(self.scalars, name).fill_(value)
                self._stand[name] = value
