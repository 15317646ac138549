"""What a coach can find in a run's curves: one row a finding, with what speaks for it, its words and its remedies."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any, Literal

from gan_core.sight import LEVEL, SCORES, SWING, Reach, Sight, ramp, swings


@dataclass(frozen=True)
class Remedy:
    """One knob, turned."""

    name: str
    old: Any
    new: Any
    live: bool
    """Whether turning it while the run goes may help; else the run is better forked from before the trouble."""


def too_strong(sight: Sight) -> float:
    """D makes next to no mistake."""
    leads = sight.leads()
    return ramp(median(leads), 0.92, 0.99) if leads else 0.0


def collapse(sight: Sight) -> float:
    """Fakes leave out most of what reals are, and not for want of a gradient: under a D that is sure, G draws whatever it began with."""
    return max(alike(sight), left_out(sight)) * (1 - too_strong(sight))


def alike(sight: Sight) -> float:
    """Fakes are much more like each other than reals are."""
    return ramp(-sight.variety, -0.45, -0.15) if sight.variety is not None else 0.0


def left_out(sight: Sight) -> float:
    """Each of the generators measured last drew good fakes of a few kinds alone, as different as they may look."""
    return min(map(_narrow, sight.reaches)) if len(sight.reaches) == SCORES else 0.0


def _narrow(reach: Reach) -> float:
    """Few classes or modes of many; where none are known, few reals that have a fake beside them, for fakes of that quality."""
    if not reach.good:
        return 0.0
    few = 0.0
    if reach.found is not None:
        few = ramp(-reach.found, -0.75, -0.35)
    elif reach.coverage is not None:
        few = ramp(-reach.coverage / reach.good, -0.5, -0.1)
    return few * ramp(reach.good, 0.1, 0.3)  # a G that has yet to learn what an image is leaves out everything


def oscillation(sight: Sight) -> float:
    """D's lead goes up and down, far and again and again; losses, where a game has no lead."""
    # One outburst is no circle, however far it goes.
    values = [max(-1.0, lead) for lead in sight.leads(SWING)] or sight.sizes(SWING)
    if len(values) < SWING // 2:
        return 0.0
    height = 0.25 if sight.rules.equilibrium_critic > 0 else max(0.5, median(values))
    return ramp(swings(values, height), 2, 6)


def divergence(sight: Sight) -> float:
    """The losses are far beyond all that balance knows, and grow."""
    sizes = sight.sizes(SWING)
    if len(sizes) < LEVEL:
        return 0.0
    now, before = median(sizes[-LEVEL:]), max(1.0, median(sizes[:LEVEL]))
    return ramp(now, 5, 35) * ramp(now / before, 1, 3) if now < 1000 else 1.0


def _toward(name: str, other: str, *, live: bool) -> Callable[[Sight], Remedy | None]:
    """The larger of two rates down to the smaller."""

    def remedy(sight: Sight) -> Remedy | None:
        mine, its = sight.settings[name], sight.settings[other]
        return Remedy(name, mine, its, live) if mine > 1.5 * its > 0 else None

    return remedy


def _set(name: str, value: Any, *, live: bool, unless: Sequence[Any] = ()) -> Callable[[Sight], Remedy | None]:
    """A knob put to `value`, where it does not stand there or on one of `unless`."""

    def remedy(sight: Sight) -> Remedy | None:
        now = sight.settings[name]
        return None if now == value or now in unless else Remedy(name, now, value, live)

    return remedy


def _times(name: str, factor: float, *, live: bool, most: float = 1e3) -> Callable[[Sight], Remedy | None]:
    """A knob times a factor."""

    def remedy(sight: Sight) -> Remedy | None:
        now = sight.settings[name]
        new = float(f"{now * factor:.4g}")
        return Remedy(name, now, new, live) if now > 0 and new <= most else None

    return remedy


@dataclass(frozen=True)
class Kind:
    """A finding: what speaks for it, when it comes and goes, its words and remedies."""

    tone: Literal["good", "warning", "bad"]
    strength: Callable[[Sight], float] | None
    """0 to 1; None for what is left where nothing else is found."""
    enter: int
    leave: int
    """Over how many images it has to be seen before it comes, and not to be seen before it goes."""
    curves: tuple[str, ...]
    """Where its evidence is to be seen; the first that the run has."""
    title: str
    sentence: str
    why: str
    numbers: str
    """With {critic} {generator} {balance} {lead} {gradient} {shrunk} {variety} {size} {coverage} {found}."""
    remedies: tuple[Callable[[Sight], Remedy | None], ...] = ()
    """In order; the first that can be taken is offered."""


FINDINGS: dict[str, Kind] = {
    "divergence": Kind(
        tone="bad",
        strength=divergence,
        enter=10_000,
        leave=25_000,
        curves=("loss/critic",),
        title="Running away",
        sentence="The losses run away: D's scores grow without end, and G learns nothing from them.",
        why="Nothing keeps D from being ever steeper, so each step throws both players further than the last. From here it rarely comes "
        "back by itself: better go back to before it began.",
        numbers="Losses are {size} times D's loss at balance or more. Gradient of G: {gradient}.",
        remedies=(
            _set("penalty", "R1+R2", live=False),
            _times("lr_critic", 0.25, live=False),
        ),
    ),
    "too-strong": Kind(
        tone="warning",
        strength=too_strong,
        enter=20_000,
        leave=35_000,
        curves=("loss/critic",),
        title="D too strong",
        sentence="D is too strong: it spots nearly every fake, so G hears that it is wrong, and not how to get better.",
        why="Where D is sure everywhere, its verdict hardly changes when a fake changes a little, and that change is all G learns from. "
        "In the minimax game G's gradient vanishes altogether. Make D smoother or slower.",
        numbers="D's loss {critic}, {balance} at balance: a lead of {lead} %. G's gradient {gradient}, {shrunk} times less than at most.",
        remedies=(
            _toward("lr_critic", "lr_generator", live=True),
            _set("critic_steps", 1, live=True),
            _set("penalty", "R1+R2", live=True),
            _times("gamma", 4.0, live=True),
        ),
    ),
    "collapse": Kind(
        tone="bad",
        strength=collapse,
        enter=40_000,
        leave=50_000,
        curves=("loss/generator",),
        title="Mode collapse",
        sentence="Mode collapse: G draws little of what there is in the data, whatever noise it is given.",
        why="G has found something that D cannot tell from a real, and draws little else. When D learns to spot it, G moves on to the "
        "next, so the losses alone may look fine. Look at the fakes: how many kinds are there?",
        numbers="Fakes are {variety} % as varied as reals. New reals would get 100 % where fakes get {coverage} % of the coverage and "
        "{found} % of the classes or modes. D's loss {critic}, G's {generator}.",
        remedies=(
            _toward("lr_generator", "lr_critic", live=False),
            _set("penalty", "R1+R2", live=False),
            _set("game", "relativistic", live=False),
            _times("lr_generator", 0.5, live=False),
        ),
    ),
    "oscillation": Kind(
        tone="warning",
        strength=oscillation,
        enter=20_000,
        leave=40_000,
        curves=("loss/generator",),
        title="Going in circles",
        sentence="The players chase each other in circles: the curves swing up and down and do not settle.",
        why="Each answers the other's last move and overshoots. Momentum and high rates feed this, a penalty on D's gradient damps it; the "
        "averaged weights are often far better than the living ones meanwhile.",
        numbers="D's loss {critic}, G's {generator}; {balance} at balance. Variety {variety} %.",
        remedies=(
            _set("penalty", "R1+R2", live=True),
            _set("beta1", 0.0, live=True),
            _times("lr_generator", 0.5, live=True),
        ),
    ),
    "healthy": Kind(
        tone="good",
        strength=None,
        enter=20_000,
        leave=0,
        curves=("verdict/margin", "verdict/fake", "verdict/score-fake"),
        title="Healthy",
        sentence="Healthy: neither player runs away with the game, and the fakes stay varied.",
        why="Losses near their dashed lines mean that D can hardly tell; a small lead of D is usual, and what G learns from. Losses need "
        "not fall: look at the fakes to see progress.",
        numbers="D's loss {critic}, {balance} at balance: a lead of {lead} %. Variety {variety} %. Gradient of G: {gradient}.",
    ),
}
"""In order: of several findings the first is said."""
