"""How a knob moves over a run: one cosine from its start value to its end value (Huang et al. 2024, section 4)."""

from __future__ import annotations

import math


def cosine(start: float, end: float, *, images: int, burn_in_images: float) -> float:
    """The knob's value after `images` real images: `start` at 0, `end` from `burn_in_images` on; no burn-in means `start`."""
    if burn_in_images <= 0:
        return start
    progress = min(images / burn_in_images, 1.0)
    return end + (start - end) * 0.5 * (1.0 + math.cos(math.pi * progress))


def rising(end: float, begin_share: float, *, images: int, burn_in_images: float) -> float:
    """The value of a knob that is set to what it is after the burn-in, and begins at a share of that; no burn-in means `end`."""
    return cosine(end * begin_share, end, images=images, burn_in_images=burn_in_images) if burn_in_images > 0 else end


def rising_beta(end: float, begin_share: float, *, images: int, burn_in_images: float) -> float:
    """Adam's beta whose memory, 1 / (1 - beta) updates long, begins at a share of what it becomes: 0.1 leads from 0.9 to 0.99."""
    if burn_in_images <= 0:
        return end
    begin = max(0.0, 1.0 - (1.0 - end) / begin_share)
    return cosine(begin, end, images=images, burn_in_images=burn_in_images)
