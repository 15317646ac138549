"""What a figure of merit is, and what it is told: the records that the registry and the scoring of a run share."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from torch import Tensor

from gan_core.metrics import modes as on_modes
from gan_core.metrics.modes import Modes
from gan_core.metrics.neighbours import Neighbours, neighbours

Need = Literal["features", "classes", "pixels", "critic", "plane", "modes", "inception"]
"""What a figure stands on: features of images, an own CNN that knows the classes, their pixels, the run's D, points in the plane,
modes of theirs that are known, another program with the Inception network."""
OF_POINTS: tuple[Need, ...] = ("plane", "modes")


@dataclass(frozen=True)
class Seen:
    """Some samples as the figures see them."""

    features: Tensor
    """(n, d) for images; the points themselves (n, 2), in the data's own units, for planes."""
    chances: Tensor | None = None
    """(n, classes): what the own CNN takes them for."""
    to_train: Tensor | None = None
    """(n,): distance from the nearest training sample."""
    logits: Tensor | None = None
    """(n,): what the run's D says of them; of real samples only."""
    inception: Mapping[str, float] | None = None
    """Figures by another program: how far they are from the training samples."""


@dataclass(frozen=True)
class Evidence:
    """Fakes, as many training samples and as many held-out ones, all seen in the same way."""

    fake: Seen
    real: Seen
    heldout: Seen
    shares: Tensor | None = None
    """(classes,): share of each class in the training data."""
    plane: bool = False
    """Whether these are points in the plane, and no images."""
    spots: tuple[Tensor, float] | None = None
    """Centres and standard deviation of the modes, for planes that have any."""

    def floor(self) -> Evidence:
        """The same with held-out samples for fakes: what a perfect generator would get."""
        return dataclasses.replace(self, fake=self.heldout)

    @cached_property
    def neighbours(self) -> Neighbours:
        """Four figures come from the same distances."""
        return neighbours(self.fake.features, self.real.features)

    @cached_property
    def modes(self) -> Modes:
        """Three figures come from the same hits."""
        assert self.spots is not None
        return on_modes.modes(self.fake.features, *self.spots)

    def has(self, need: Need) -> bool:
        """Whether figures that stand on this can be had."""
        return {
            "features": not self.plane,
            "classes": self.fake.chances is not None and self.shares is not None,
            "pixels": self.fake.to_train is not None,
            "critic": self.real.logits is not None and self.heldout.logits is not None,
            "plane": self.plane,
            "modes": self.spots is not None,
            "inception": self.fake.inception is not None,
        }[need]


Measured = float | tuple[float, float]
"""A value, or a value and its standard error."""


@dataclass(frozen=True)
class Metric:
    """A row of the registry: a figure of merit, and what people should know of it."""

    label: str
    """With {judge} in place of the name of the network that the features are of."""
    help: str
    """One or two sentences for a student."""
    good: str
    """Which values are good."""
    needs: Need
    measure: Callable[[Evidence], Measured]
    floor: Callable[[Evidence], Measured] | None = None
    """Where it is not the same measure with held-out samples for fakes."""
    better: Literal["lower", "higher", "floor"] = "lower"
    """Which of two runs is better: that with the lower value, the higher, or the one nearer to the floor."""
    unit: Literal["", "%", "classes", "modes"] = ""


@dataclass(frozen=True)
class Figure:
    """A figure of a run, and the same of real samples."""

    value: float
    floor: float
    error: float | None = None
    """Standard error of the value."""

    def rounded(self) -> Figure:
        """With as many digits as mean anything."""
        error = None if self.error is None else float(f"{self.error:.3g}")
        return Figure(float(f"{self.value:.6g}"), float(f"{self.floor:.6g}"), error)


def measured(metric: Metric, evidence: Evidence, floor: Evidence) -> Figure:
    """The figure and its floor; `floor` is `evidence.floor()`, made once for all metrics."""
    value, error = _pair(metric.measure(evidence))
    real, _ = _pair(metric.floor(evidence) if metric.floor else metric.measure(floor))
    return Figure(value, real, error)


def _pair(measured: Measured) -> tuple[float, float | None]:
    return measured if isinstance(measured, tuple) else (measured, None)


SMALL = 1e-3
"""Numbers below this are nothing to people: four decimals say so, where three digits would need an exponent."""


def in_words(metric: Metric, amount: float) -> str:
    """An amount of this figure as people read it."""
    if metric.unit:
        return f"{amount:.1%}" if metric.unit == "%" else f"{amount:.0f}"
    return f"{amount:.3g}" if abs(amount) >= SMALL or amount == 0 else f"{amount:.4f}"


def worded(metric: Metric, figure: Figure) -> str:
    """A figure's value, with its error where it has one."""
    error = f" ± {in_words(metric, figure.error)}" if figure.error is not None else ""
    return in_words(metric, figure.value) + error
