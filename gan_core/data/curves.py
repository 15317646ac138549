"""Points in the plane along curves: shapes that a generator has to bend its noise into, where no modes can be counted."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from gan_core.data.base import DataSet, Loading, Request
from gan_core.data.planes import HELDOUT_POINTS, TRAIN_POINTS, to_unit_variance


@dataclass(frozen=True)
class Curve:
    """Where points lie, but for noise of standard deviation `sd` along each axis."""

    at: Callable[[Tensor, Tensor], Tensor]
    """Points (n, 2) of a share t (n,) of the way along a branch (n,), both float32; t is even between 0 and 1."""
    sd: float
    seed: int
    branches: tuple[str, ...] = ()
    """Names of the branches, where there is more than one: they are the classes."""


def line(t: Tensor, _: Tensor) -> Tensor:
    """A straight line from (-1, -1/2) to (1, 1/2)."""
    return torch.stack((2 * t - 1, t - 0.5), dim=1)


def spiral(t: Tensor, branch: Tensor) -> Tensor:
    """Two arms that leave the middle in opposite directions and wind once around it; evenly full along their length."""
    # The length of r = a angle grows with the angle's square, nearly.
    angle = 2 * math.pi * (0.04 + 0.96 * t).sqrt()
    return turned(angle / (2 * math.pi), angle + math.pi * branch)


def two_moons(t: Tensor, branch: Tensor) -> Tensor:
    """Two half circles of radius 1, each with an end in the other's hollow."""
    x, y = (math.pi * t).cos(), (math.pi * t).sin()
    return torch.stack((x - 0.5 + branch, (y - 0.25) * (1 - 2 * branch)), dim=1)


def swiss_roll(t: Tensor, _: Tensor) -> Tensor:
    """A roll of one and a half turns, seen from the side; fuller inside, as when a sheet is rolled up by even angles."""
    angle = 1.5 * math.pi * (1 + 2 * t)
    return turned(angle / (4.5 * math.pi), angle)


def turned(radius: Tensor, angle: Tensor) -> Tensor:
    """Points (n, 2) at these radii and angles."""
    return torch.stack((radius * angle.cos(), radius * angle.sin()), dim=1)


CURVES: dict[str, Curve] = {
    "line": Curve(line, sd=0.02, seed=1),
    "spiral": Curve(spiral, sd=0.02, seed=3, branches=("arm 1", "arm 2")),
    "two-moons": Curve(two_moons, sd=0.05, seed=4, branches=("moon 1", "moon 2")),
    "swiss-roll": Curve(swiss_roll, sd=0.02, seed=5),
}


def load(name: str) -> Callable[[Request], Loading]:
    """The `load` of a row of the registry: there is nothing to wait for, so it yields no progress."""

    def loading(_: Request) -> Loading:
        yield from ()
        return make(name)

    return loading


def make(name: str) -> DataSet:
    """50,000 training and 10,000 held-out points, labelled with their branch where there are two; the same at every call."""
    curve = CURVES[name]
    generator = torch.Generator().manual_seed(curve.seed)
    count = TRAIN_POINTS + HELDOUT_POINTS
    branch = torch.randint(max(1, len(curve.branches)), (count,), generator=generator)
    points = curve.at(torch.rand(count, generator=generator), branch.float())
    points = points + curve.sd * torch.randn(count, 2, generator=generator)
    points, scale = to_unit_variance(points, TRAIN_POINTS)
    train, heldout = points[:TRAIN_POINTS].clone(), points[TRAIN_POINTS:].clone()
    if not curve.branches:
        return DataSet(train, heldout, scale=scale)
    return DataSet(train, heldout, branch[:TRAIN_POINTS].clone(), branch[TRAIN_POINTS:].clone(), curve.branches, scale)
