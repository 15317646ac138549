"""What the critic is shown instead of the samples themselves: changed at random, and so that a gradient passes through.

Reals and fakes go through the same kinds of change, in the generator's move too, each sample with a draw of its own (Zhao et al. 2020,
DiffAugment). Were only reals changed, the generator would learn to draw the changes. Pictures are in [-1, 1], and 0 is grey.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

Change = Callable[[Tensor, torch.Generator], Tensor]
"""(pictures (batch, channels, height, width), stream) -> as many, each changed by a draw of its own."""


def brightness(x: Tensor, rng: torch.Generator) -> Tensor:
    """Lighter or darker by up to 0.5."""
    return x + (_drawn(x, rng) - 0.5)


def contrast(x: Tensor, rng: torch.Generator) -> Tensor:
    """Differences from the picture's own mean times 0.5 to 1.5."""
    mean = x.mean((1, 2, 3), keepdim=True)
    return (x - mean) * (_drawn(x, rng) + 0.5) + mean


def translation(x: Tensor, rng: torch.Generator) -> Tensor:
    """Moved by up to an eighth of the side in both directions; what comes in from outside is grey."""
    for axis in (2, 3):
        side = x.shape[axis]
        most = int(side / 8 + 0.5)
        shift = torch.randint(-most, most + 1, (len(x), 1, 1, 1), generator=rng, device=x.device)
        came_from = _places(x, axis) + shift
        inside = (came_from >= 0) & (came_from < side)
        x = x.gather(axis, came_from.clamp(0, side - 1).expand_as(x)) * inside
    return x


def cutout(x: Tensor, rng: torch.Generator) -> Tensor:
    """A grey square of half the side, anywhere, also partly outside."""
    inside = torch.ones((), dtype=torch.bool, device=x.device)
    for axis in (2, 3):
        size = int(x.shape[axis] / 2 + 0.5)
        centre = torch.randint(0, x.shape[axis] + 1 - size % 2, (len(x), 1, 1, 1), generator=rng, device=x.device)
        first = centre - size // 2
        inside = inside & (_places(x, axis) >= first) & (_places(x, axis) < first + size)
    return x * ~inside


def _drawn(x: Tensor, rng: torch.Generator) -> Tensor:
    return torch.rand(len(x), 1, 1, 1, generator=rng, device=x.device)


def _places(x: Tensor, axis: int) -> Tensor:
    """0, 1, 2 ... along one axis."""
    shape = [1, 1, 1, 1]
    shape[axis] = -1
    return torch.arange(x.shape[axis], device=x.device).view(shape)


@dataclass(frozen=True)
class Augment:
    """Which changes are made, one after the other."""

    changes: tuple[Change, ...]
    help: str
    """One sentence for the menu."""


def augmented(x: Tensor, augment: Augment, *, share: float | Tensor, rng: torch.Generator) -> Tensor:
    """The pictures with a `share` of them changed, differentiable."""
    changed = x
    for change in augment.changes:
        changed = change(changed, rng)
    return torch.where(_drawn(x, rng) < share, changed, x)


AUGMENTS: dict[str, Augment] = {
    "none": Augment((), "D sees the pictures as they are."),
    "brightness": Augment((brightness,), "Lighter or darker."),
    "contrast": Augment((contrast,), "More or less contrast."),
    "colour": Augment((brightness, contrast), "Brightness and contrast."),
    "translation": Augment((translation,), "Moved by up to an eighth of the side."),
    "cutout": Augment((cutout,), "A square of half the side is missing."),
    "translation+cutout": Augment((translation, cutout), "Both; the usual choice for few grey pictures."),
    "all": Augment((brightness, contrast, translation, cutout), "All four; the strongest, for a few hundred pictures."),
}
