"""What a coach beside the run says: events in, findings out.

It knows no torch, no clock and no screen, and keeps little: some buckets of means, and what it said. The same events give the
same findings, so a stored run shows at each moment what was said then.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from statistics import median
from typing import Any

from gan_core.events import Changed, Event, Metrics, Place, Samples, Scored, Started
from gan_core.findings import FINDINGS, Kind, Remedy
from gan_core.sentences import Sentence
from gan_core.sight import SCORES, SWING, Bucket, Reach, Rules, Sight

BUCKET_IMAGES, BUCKET_STEPS = 2_500, 10
"""A bucket is full when it holds both."""
ON, OFF = 0.5, 0.25
"""From which strength a finding counts as seen, and below which as not: in between, what was said stands."""
LATER = 1.25
"""A finding that lasts is said anew, with its numbers of then, when the run is so many times as long."""
PATIENCE = 30_000
"""Images for which nothing more is advised after a knob was turned: it needs time to tell."""
GRIDS = 7
"""Grids of fakes whose typical variety counts."""
FRESH_S, FRESH = 60.0, 0.05
"""Seconds of training for which a measured generator speaks for the run, or this share of the run where that is more."""
KEEP = 200
"""Sayings that are kept; the oldest go first."""


@dataclass(frozen=True)
class Saying:
    """What the coach says from a step on, until it says something else."""

    number: int
    """Counts the run's sayings."""
    step: int
    code: str
    """A row of FINDINGS."""
    since: int
    """Step from which on it was seen."""
    until: int
    """Step of the last evidence; it grows while the finding lasts."""
    strength: float
    curve: str
    """Where the evidence is to be seen."""
    values: Mapping[str, float | None]
    """The expert's numbers; None where there is none."""
    remedy: Remedy | None = None

    @property
    def sentence(self) -> Sentence:
        """For a student."""
        return Sentence(FINDINGS[self.code].sentence)

    @property
    def numbers(self) -> Sentence:
        """For an expert."""
        return Sentence(FINDINGS[self.code].numbers, **{name: "–" if value is None else value for name, value in self.values.items()})


@dataclass
class _Ear:
    """How long a finding has been seen, or not been."""

    since: int = 0
    seen: int = 0
    """Images."""
    unseen: int = 0
    active: bool = False

    def hear(self, strength: float, bucket: Bucket, kind: Kind) -> None:
        if strength >= ON:
            self.since = self.since if self.seen else bucket.first
            self.seen, self.unseen = self.seen + bucket.images, 0
        elif strength < OFF or not self.active:
            self.unseen += bucket.images
            self.seen = self.seen if self.active else 0
        self.active = self.seen >= kind.enter if not self.active else self.unseen <= kind.leave
        if not self.active and self.unseen:
            self.seen = 0


@dataclass
class _Sums:
    """A bucket that is being filled."""

    first: int
    images: int
    steps: int = 0
    totals: dict[str, float] = field(default_factory=dict)
    weights: dict[str, int] = field(default_factory=dict)

    def add(self, event: Metrics) -> None:
        self.steps += event.steps
        for name, value in event.values.items():
            self.totals[name] = self.totals.get(name, 0.0) + value * event.steps
            self.weights[name] = self.weights.get(name, 0) + event.steps

    def closed(self, place: Place) -> Bucket:
        means = {name: total / self.weights[name] for name, total in self.totals.items()}
        return Bucket(self.first, place.step, place.images - self.images, means)


class Coach:
    """Listens to one run. Not thread-safe: whoever shares it brings the lock."""

    def __init__(self, games: Mapping[str, Rules], settings: Mapping[str, Any]) -> None:
        """`games` by name, as `games.GAMES`; `settings` of the run, as `RunConfig.to_dict()`."""
        self._games, self._settings = games, dict(settings)
        self._said: deque[Saying] = deque(maxlen=KEEP)
        self._count = self._images = self._said_at = 0
        self._turned_at = -PATIENCE
        self._begin(Place(0, 0.0, 0, 0.0))

    def _begin(self, place: Place) -> None:
        """Forget what was seen: from here on the curves mean something else."""
        self._ears = {code: _Ear() for code in FINDINGS}
        self._buckets: deque[Bucket] = deque(maxlen=SWING)
        self._varieties: deque[float] = deque(maxlen=GRIDS)
        self._reaches: deque[tuple[float, Reach]] = deque(maxlen=SCORES)
        self._peak = 0.0
        self._sums = _Sums(place.step, place.images)

    @property
    def sayings(self) -> tuple[Saying, ...]:
        """All that was said, in order; the last is what stands."""
        return tuple(self._said)

    def take(self, event: Event) -> bool:
        """Listen to one event; whether that made the coach say something."""
        match event:
            case Started():
                self._turn(event.place, event.knobs)
            case Changed():
                self._turn(event.place, {event.name: event.value})
            case Samples() if event.variety is not None:
                self.varied(event.variety)
            case Scored():
                self._reaches.append((event.place.elapsed_s, reach_of(event)))
            case Metrics() if event.player == "both":
                self._sums.add(event)
                if event.place.images - self._sums.images >= BUCKET_IMAGES and self._sums.steps >= BUCKET_STEPS:
                    bucket, self._sums = self._sums.closed(event.place), _Sums(event.place.step, event.place.images)
                    return self._judge(bucket, event.place.elapsed_s)
            case _:
                pass
        return False

    def _turn(self, place: Place, knobs: Mapping[str, Any]) -> None:
        game = self._settings["game"]
        if knobs.items() - self._settings.items():
            self._turned_at = self._images
        self._settings.update(knobs)
        if self._settings["game"] != game:
            self._begin(place)

    def varied(self, variety: float) -> None:
        """Take note of how varied the fakes are: 1 as reals are, 0 not at all."""
        self._varieties.append(variety)

    def _judge(self, bucket: Bucket, elapsed_s: float) -> bool:
        self._buckets.append(bucket)
        self._images += bucket.images
        self._peak = max(self._peak, bucket.values.get("gradient/generator", 0.0))
        variety = median(self._varieties) if self._varieties else None
        reaches = tuple(reach for measured_s, reach in self._reaches if elapsed_s - measured_s <= max(FRESH_S, FRESH * elapsed_s))
        sight = Sight(self._games[self._settings["game"]], self._settings, tuple(self._buckets), variety, self._peak, reaches)
        strengths = {code: kind.strength(sight) for code, kind in FINDINGS.items() if kind.strength is not None}
        left = 1 - max(strengths.values())
        for code, kind in FINDINGS.items():
            self._ears[code].hear(strengths.setdefault(code, left), bucket, kind)
        found = next((code for code, ear in self._ears.items() if ear.active), None)
        if found is not None:
            self._say(found, sight, round(strengths[found], 3))
        return found is not None

    def _say(self, code: str, sight: Sight, strength: float) -> None:
        kind, last, bucket = FINDINGS[code], self._said[-1] if self._said else None, sight.buckets[-1]
        number, step = self._count, bucket.last
        if last and last.code == code and self._images < LATER * self._said_at:
            self._said.pop()  # it lasts: said in its place, with what was seen since
            number, step = last.number, last.step
        else:
            self._said_at = self._images
        # Nobody asks how long a run has been well: what counts is what was looked at just now.
        since = sight.buckets[0].first if kind.strength is None else self._ears[code].since
        advice = (found for make in kind.remedies if (found := make(sight)) is not None)
        remedy = next(advice, None) if self._images - self._turned_at >= PATIENCE else None
        curve = next((curve for curve in kind.curves if sight.curve(curve)), "loss/critic")
        self._said.append(Saying(number, step, code, since, bucket.last, strength, curve, _numbers(sight), remedy))
        self._count = number + 1


def reach_of(event: Scored) -> Reach:
    """What figures of merit say of how much of the data the fakes are."""
    of_reals = {name: value / floor for name, (value, floor) in event.figures.items() if floor > 0}
    found = of_reals.get("modes")
    if "missing" in event.figures:
        missing, floor = event.figures["missing"]
        found = (event.kinds - missing) / (event.kinds - floor) if event.kinds > floor else None
    return Reach(of_reals.get("precision", of_reals.get("on-mode")), of_reals.get("coverage"), found)


def _numbers(sight: Sight) -> dict[str, float | None]:
    leads, sizes, gradient = sight.leads(), sight.sizes(), sight.level("gradient/generator")
    reach = sight.reaches[-1] if sight.reaches else Reach(None, None, None)
    numbers = {
        "critic": sight.level("loss/critic"),
        "generator": sight.level("loss/generator"),
        "balance": sight.rules.equilibrium_critic,
        "lead": 100 * median(leads) if leads else None,
        "gradient": gradient,
        "shrunk": sight.gradient_peak / gradient if gradient else None,
        "variety": 100 * sight.variety if sight.variety is not None else None,
        "size": median(sizes) if sizes else None,
        "coverage": 100 * reach.coverage if reach.coverage is not None else None,
        "found": 100 * reach.found if reach.found is not None else None,
    }
    return {name: None if value is None else float(f"{value:.3g}") for name, value in numbers.items()}
