"""Points in the plane, in modes one can count: the sets on which mode collapse is seen and measured."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from gan_core.data.base import DataSet, Loading, Request

TRAIN_POINTS = 50_000
HELDOUT_POINTS = 10_000


@dataclass(frozen=True)
class Plane:
    """Where the modes lie, and how wide each of them is, in the data's own units."""

    centres: Callable[[], Tensor]
    sd: float
    seed: int


def ring(modes: int = 8) -> Tensor:
    """Centres float32 (modes, 2) on the unit circle, at the angles 2 pi k / modes."""
    # Not linspace(0, 2 pi, modes): that has both ends, which are one point, so a much copied "ring of 8" has 7 modes.
    angles = torch.arange(modes, dtype=torch.float64) * (2 * math.pi / modes)
    return torch.stack((angles.cos(), angles.sin()), dim=1).float()


def grid(side: int = 5, spacing: float = 2.0) -> Tensor:
    """Centres float32 (side * side, 2) of a square grid around the origin."""
    along = (torch.arange(side) - (side - 1) / 2) * spacing
    return torch.cartesian_prod(along, along)


def pair(distance: float = 2.0) -> Tensor:
    """Centres float32 (2, 2), side by side."""
    return torch.tensor([[-distance / 2, 0.0], [distance / 2, 0.0]])


PLANES: dict[str, Plane] = {
    "two-gaussians": Plane(pair, sd=0.25, seed=2),
    "ring-8": Plane(ring, sd=0.02, seed=8),
    "grid-25": Plane(grid, sd=0.05, seed=25),
}


def spots(name: str) -> tuple[Tensor, float] | None:
    """Centres and standard deviation of a data set's modes; None where it has none that one could count."""
    return (centres(name), sd(name)) if name in PLANES else None


def centres(name: str) -> Tensor:
    """Centres float32 (modes, 2) in the data's own units; ValueError if no plane has that name."""
    return _plane(name).centres()


def sd(name: str) -> float:
    """Standard deviation of a mode along each axis, in the data's own units; ValueError if no plane has that name."""
    return _plane(name).sd


def shape(_: Request) -> tuple[int, ...]:
    """(2,): one point."""
    return (2,)


def load(name: str) -> Callable[[Request], Loading]:
    """The `load` of a row of the registry: there is nothing to wait for, so it yields no progress."""

    def loading(_: Request) -> Loading:
        yield from ()
        return make(name)

    return loading


def make(name: str) -> DataSet:
    """50,000 training and 10,000 held-out points, labelled with the index of their mode; the same at every call."""
    plane = _plane(name)
    middle = plane.centres()
    generator = torch.Generator().manual_seed(plane.seed)
    labels = torch.randint(len(middle), (TRAIN_POINTS + HELDOUT_POINTS,), generator=generator)
    points = middle[labels] + plane.sd * torch.randn(len(labels), 2, generator=generator)
    points, scale = to_unit_variance(points, TRAIN_POINTS)
    return DataSet(
        train=points[:TRAIN_POINTS].clone(),
        heldout=points[TRAIN_POINTS:].clone(),
        train_labels=labels[:TRAIN_POINTS].clone(),
        heldout_labels=labels[TRAIN_POINTS:].clone(),
        classes=tuple(f"mode {k}" for k in range(len(middle))),
        scale=scale,
    )


def to_unit_variance(points: Tensor, train: int) -> tuple[Tensor, float]:
    """Points (n, 2) over one number, and that number: so that the first `train` of them have a standard deviation of 1.

    One number for both axes keeps angles and distances as they are; held-out points have no say in it.
    """
    scale = float(points[:train].double().std(correction=0))
    return points / scale, scale


def _plane(name: str) -> Plane:
    """The plane of that name; ValueError if there is none."""
    if name not in PLANES:
        raise ValueError(f"{name!r} is no set of points in the plane: choose one of {', '.join(PLANES)}.")
    return PLANES[name]
