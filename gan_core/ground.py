"""A game on a plane as people see it: D's verdict everywhere, where G puts the noise, where each fake is pulled, how good they are.

Places are in the data's own units, as samples are; the players see them divided by the data's scale. What takes more than a few
milliseconds is a generator that yields between two slices.
"""

from __future__ import annotations

import math
from collections.abc import Generator
from dataclasses import dataclass
from functools import cached_property

import torch
from torch import Tensor

from gan_core.config import RunConfig
from gan_core.data import DataSet, planes
from gan_core.games import EACH, GAMES, Axis
from gan_core.looking import Shown
from gan_core.looks import Look, OneClass
from gan_core.metrics.modes import modes
from gan_core.noise import NOISES
from gan_core.streams import stream

MARGIN = 0.2
"""How much room there is around the training points, as a share of how far they reach."""
FIGURE_POINTS = 2_000
"""Points of each kind that figures are made of, at most."""
SLICE = 512
"""Points that a player is shown at once."""

Slices = Generator[None, None, Tensor]


@dataclass(frozen=True)
class Ground:
    """What stays as it is while a game is played on a plane."""

    scale: float
    """Multiply what the players see by this to have it in the data's own units."""
    span: tuple[float, float, float]
    """Centre and half the side of the square in which everything is drawn."""
    reals: Tensor
    """The reals people are shown, as the players see them."""
    reals_labels: Tensor
    """Their classes where the players are told them; else (0,)."""
    z: Tensor
    """The z people are shown the fakes of."""
    noise: str
    figure_z: Tensor
    heldout: Tensor
    """Held-out reals that fakes are measured by."""
    heldout_spread: float
    """Their mean distance from each other."""
    energy_floor: float
    """The energy distance that as many training points get."""
    modes: tuple[Tensor, float] | None
    """Centres and standard deviation of the modes, where the data have some."""


def ground_of(config: RunConfig, data: DataSet) -> Ground:
    """The ground of a run on these points."""
    shown, train = Shown(config, data, "cpu"), data.train * data.scale
    low, high = train.amin(0), train.amax(0)
    centre, half = (low + high) / 2, float((high - low).max()) / 2 * (1 + MARGIN)
    heldout, training = (_some(part * data.scale, purpose) for part, purpose in ((data.heldout, "held-out"), (data.train, "training")))
    return Ground(
        data.scale,
        (float(centre[0]), float(centre[1]), half),
        reals=shown.reals,
        reals_labels=shown.reals_labels if shown.reals_labels is not None else torch.empty(0, dtype=torch.int64),
        z=shown.z,
        noise=config.noise,
        figure_z=NOISES[config.noise].draw(FIGURE_POINTS, config.latent_dim, stream(0, "z of figures")),
        heldout=heldout,
        heldout_spread=(spread := _spread(heldout)),
        energy_floor=2 * float(torch.cdist(training, heldout).mean()) - _spread(training) - spread,
        modes=planes.spots(config.data),
    )


def _some(points: Tensor, purpose: str) -> Tensor:
    return points[torch.randperm(len(points), generator=stream(0, f"{purpose} points of figures"))[:FIGURE_POINTS]]


def _spread(points: Tensor) -> float:
    """Mean distance between two of the points."""
    return float(torch.cdist(points, points).sum()) / _pairs(points)


def _pairs(points: Tensor) -> int:
    return max(len(points) * (len(points) - 1), 1)


@dataclass(frozen=True)
class Fakes:
    """Some fakes (k, 2), the z they are of, and where D is at hand its verdict (k,) on each and where it pulls it (k, 2)."""

    places: Tensor
    z: Tensor
    verdict: Tensor | None
    arrows: Tensor | None


@dataclass(frozen=True)
class Prospect:
    """Both players on their ground, at one moment."""

    ground: Ground
    look: Look

    @property
    def axis(self) -> Axis:
        """On which axis D's verdict is."""
        return GAMES[self.look.game].axis

    @cached_property
    def _logits_real(self) -> Tensor:
        with torch.no_grad():
            return self.look.logits_real(self.ground.reals, self.ground.reals_labels)

    def _verdict(self, logits: Tensor) -> Tensor:
        return EACH[self.axis](logits, self._logits_real).float()

    def heat(self, size: int) -> Slices:
        """D's verdict (size, size) in the middle of each cell of the square, the topmost row first."""
        x, y, half = self.ground.span
        along = ((torch.arange(size) + 0.5) / size * 2 - 1) * half
        places = torch.stack([(x + along).expand(size, size), (y - along)[:, None].expand(size, size)], dim=2).reshape(-1, 2)
        logits = []
        for part in torch.split(places / self.ground.scale, SLICE):
            yield
            with torch.no_grad():
                logits.append(self.look.logits(part))
        return self._verdict(torch.cat(logits)).reshape(size, size)

    def grid_z(self, size: int) -> Tensor:
        """Coordinates (size,) that cut the noise into parts of equal probability."""
        return NOISES[self.ground.noise].grid(size)

    def warped(self, size: int) -> Slices:
        """Where G puts the grid of all pairs of `grid_z`: (size, size, 2), [i][j] for z0 = grid_z[j] and z1 = grid_z[i], else 0.

        (size, 1, 2) for one number of z, which is grid_z[i].
        """
        z, latent_dim = self.grid_z(size), self.ground.z.shape[1]
        grid = torch.zeros(size, size if latent_dim > 1 else 1, latent_dim)
        if latent_dim > 1:
            grid[..., 0], grid[..., 1] = z, z[:, None]
        else:
            grid[..., 0] = z[:, None]
        places = yield from self._drawn(grid.reshape(-1, latent_dim))
        return places.reshape(*grid.shape[:2], 2)

    def fakes(self, count: int) -> Generator[None, None, Fakes]:
        """The first fakes of those people are shown: where they lie, D's verdict, and minus the gradient of G's loss by each one's place.

        That of each fake by itself; a paired game compares them with the shown reals, in order.
        """
        z = self.ground.z[:count]
        places = yield from self._drawn(z)
        if self.look.critic is None:
            return Fakes(places, z, None, None)
        verdicts, arrows = [], []
        logits_real = self._logits_real[torch.arange(count) % len(self._logits_real)]
        for part, real in zip(torch.split(places, SLICE), torch.split(logits_real, SLICE), strict=True):
            yield
            with torch.enable_grad():
                x = part.clone().requires_grad_()
                logits = self.look.logits(x / self.ground.scale)
                # The loss is a mean over samples that do not touch each other.
                (gradient,) = torch.autograd.grad(len(x) * GAMES[self.look.game].generator(logits, real), x)
            verdicts.append(self._verdict(logits.detach()))
            arrows.append(-gradient)
        return Fakes(places, z, torch.cat(verdicts), torch.cat(arrows))

    def figures(self) -> Generator[None, None, dict[str, float | None]]:
        """How good the fakes of a fixed z are: the modes they lie on (None where the target has none), and how far they are from reals."""
        points = yield from self._drawn(self.ground.figure_z, every_class=True)
        return (yield from figures_of(points, self.ground))

    def _drawn(self, z: Tensor, *, every_class: bool = False) -> Slices:
        generator = self.look.generator
        if every_class and isinstance(generator, OneClass):
            generator = generator.player  # told nothing, it takes the classes in turn
        places = []
        for part in torch.split(z, SLICE):
            yield
            with torch.no_grad():
                places.append(generator(part).float() * self.ground.scale)
        return torch.cat(places)


def figures_of(points: Tensor, ground: Ground) -> Generator[None, None, dict[str, float | None]]:
    """The figures of some points (n, 2): modes found `of` how many, the share on one, reverse KL, energy distance and its floor."""
    found = modes(points, *ground.modes) if ground.modes is not None else None
    across = within = 0.0
    for part in torch.split(points, SLICE):
        yield
        across += float(torch.cdist(part, ground.heldout).sum())
        yield
        within += float(torch.cdist(part, points).sum())
    across /= len(points) * len(ground.heldout)
    return {
        "modes": found.found if found else None,
        "of": len(ground.modes[0]) if ground.modes else None,
        "on_mode": found.on_mode if found else None,
        "reverse_kl": _finite(found.kl) if found else None,
        "energy": _finite(2 * across - within / _pairs(points) - ground.heldout_spread),
        "energy_floor": _finite(ground.energy_floor),
    }


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None
