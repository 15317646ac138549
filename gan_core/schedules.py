"""How a knob moves over a run: one cosine from its start value to its end value (Huang et al. 2024, section 4)."""

from __future__ import annotations

import math


def cosine(start: float, end: float, *, images: int, burn_in_images: float) -> float:
    """The knob's value after `images` real images: `start` at 0, `end` from `burn_in_images` on; no burn-in means `start`."""
    if burn_in_images <= 0:
        return start
    progress = min(images / burn_in_images, 1.0)
    return end + (start - end) * 0.5 * (1.0 + math.cos(math.pi * progress))
