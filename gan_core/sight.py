"""What a coach has before it: a run's curves of late, measured by the balance of its game.

Everything is measured by the game's own equilibrium, so that one rule serves all games: D's `lead` is 0 where neither player is
ahead and 1 where D makes no mistake any more, on whatever axis its verdict is shown.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any, Protocol

LEVEL, SWING = 5, 24
"""Over how many buckets a level is judged, and a swing."""
SCORES = 2
"""Generators that have to be measured, one after the other, before figures of merit say anything."""


class Rules(Protocol):
    """What has to be known of a game; a `games.Game` is one."""

    @property
    def equilibrium_critic(self) -> float:
        """D's loss where neither player is ahead."""

    @property
    def axis(self) -> str:
        """On which axis D's verdict is shown."""


@dataclass(frozen=True)
class Bucket:
    """Means over some thousand images."""

    first: int
    last: int
    """Steps."""
    images: int
    values: Mapping[str, float]


@dataclass(frozen=True)
class Reach:
    """How much of the data some fakes are, each number as a share of what as many held-out reals get; None where nobody knows."""

    good: float | None
    """Fakes that are like reals, whatever they leave out."""
    coverage: float | None
    """Reals that have a fake among their neighbours."""
    found: float | None
    """Classes, or modes of a plane, that are among the fakes."""


@dataclass(frozen=True)
class Sight:
    """What the coach has before it when it judges."""

    rules: Rules
    settings: Mapping[str, Any]
    """The run's settings, live knobs as they stand."""
    buckets: Sequence[Bucket]
    """Oldest first, SWING of them at most."""
    variety: float | None
    """The typical variety of the last few grids of fakes; None where nobody measured."""
    gradient_peak: float
    """The largest that G's gradient has been, bucket by bucket."""
    reaches: Sequence[Reach] = ()
    """Of the generators that were measured last, SCORES of them at most; none that is long ago."""

    def curve(self, name: str, count: int = LEVEL) -> list[float]:
        """A curve's last values, as far as there are any."""
        return [bucket.values[name] for bucket in self.buckets[-count:] if name in bucket.values]

    def level(self, name: str) -> float | None:
        """A curve's typical value of late."""
        values = self.curve(name)
        return median(values) if values else None

    def leads(self, count: int = LEVEL) -> list[float]:
        """D's lead: 0 at the equilibrium, 1 where it makes no mistake; empty in a game that knows no such end (Wasserstein)."""
        balance = self.rules.equilibrium_critic
        return [1 - loss / balance for loss in self.curve("loss/critic", count)] if balance > 0 else []

    def sizes(self, count: int = LEVEL) -> list[float]:
        """How large the losses are, the larger of the two, by the one that D has at the equilibrium."""
        unit = max(1.0, self.rules.equilibrium_critic)
        pairs = zip(self.curve("loss/critic", count), self.curve("loss/generator", count), strict=False)
        return [max(abs(critic), abs(generator)) / unit for critic, generator in pairs]


def ramp(value: float, low: float, high: float) -> float:
    """0 up to `low`, 1 from `high` on, straight in between."""
    return min(1.0, max(0.0, (value - low) / (high - low)))


def swings(values: Sequence[float], height: float) -> int:
    """How often the values turn round between two moves of more than `height`."""
    turns, direction = 0, 0
    low = high = values[0]
    for value in values:
        low, high = min(low, value), max(high, value)
        if direction <= 0 and value - low > height:
            turns, direction, high = turns + (direction < 0), 1, value
        elif direction >= 0 and high - value > height:
            turns, direction, low = turns + (direction > 0), -1, value
    return turns
