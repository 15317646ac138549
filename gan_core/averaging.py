"""The averaged generator: a running mean of the living one's weights, which draws calmer pictures."""

from __future__ import annotations

import torch
from torch import Tensor, nn

RAMP = 0.05
"""The half-life never exceeds this share of the images seen, so that early averages do not remember the noise they began as
(Karras et al. 2020, StyleGAN2-ADA; without it short runs average over garbage)."""


def decay(batch_size: int, *, images: int, halflife_images: float) -> float:
    """Weight of the past in one update: 0.5 ** (batch / half-life), with the ramp; 0 means "copy"."""
    halflife = min(halflife_images, RAMP * images)
    return 0.5 ** (batch_size / halflife) if halflife > 0 else 0.0


@torch.no_grad()
def follow(average: nn.Module, living: nn.Module, by: float | Tensor) -> None:
    """Move `average` towards `living`: weights by the share `by` of the way, buffers (BatchNorm's statistics) are copied."""
    mine: list[Tensor] = list(average.parameters())
    theirs: list[Tensor] = list(living.parameters())
    if isinstance(by, Tensor):
        # _foreach_lerp_ would fetch a scalar from the device, and a CUDA graph is not allowed to.
        way = torch._foreach_sub(theirs, mine)
        torch._foreach_mul_(list(way), by)
        torch._foreach_add_(mine, list(way))
    else:
        torch._foreach_lerp_(mine, theirs, by)
    for buffer, other in zip(average.buffers(), living.buffers(), strict=True):
        buffer.copy_(other)
