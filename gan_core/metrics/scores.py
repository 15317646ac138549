"""The figures of a run as they are kept: one JSON object each, in the run's folder."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from gan_core.files import read_json, write_json
from gan_core.metrics.base import Figure
from gan_core.past import read_events
from gan_core.sentences import Sentence

LIVE_FILE = "scores.jsonl"
"""What was measured while the run was at work: a line a moment."""


@dataclass(frozen=True)
class Scores:
    """Figures of merit of one generator, with what one has to know to compare them."""

    step: int
    weights: str
    """ "averaged" or "living"."""
    count: int
    """Samples of each side."""
    judge: str
    """The network that the features are of; empty for planes."""
    accuracy: float | None
    """Its share of held-out images that it is right about; None where it knows no classes."""
    figures: dict[str, Figure]
    """By their names in METRICS."""
    classes: tuple[str, ...] = ()
    """What `shares` are of: classes, or modes of a plane."""
    shares: tuple[float, ...] = ()
    floor_shares: tuple[float, ...] = ()
    """The same of held-out samples."""
    seconds: float = 0.0
    """What the measuring took."""
    notes: tuple[str, ...] = field(default=())
    """What could not be measured, in sentences."""

    def to_dict(self) -> dict[str, Any]:
        """Plain values; `Scores.from_dict` undoes it."""
        return asdict(self)

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> Scores:
        """Scores from plain values; ValueError where they are not those of scores."""
        try:
            figures = {name: Figure(**figure) for name, figure in values["figures"].items()}
            lists = {name: tuple(values[name]) for name in ("classes", "shares", "floor_shares", "notes")}
            scores = cls(**{**values, **lists, "figures": figures})
            numbers = [number for figure in figures.values() for number in (figure.value, figure.floor, figure.error or 0.0)]
            if not all(math.isfinite(number) for number in (*numbers, *scores.shares, *scores.floor_shares)):
                raise ValueError(Sentence("a number is not finite"))
            return scores
        except (KeyError, TypeError, AttributeError, ValueError) as error:
            raise ValueError(Sentence("These are no scores: {error}.", error=error)) from error


def keep_scores(folder: Path, scores: Scores) -> None:
    """Write the scores into the run's folder, in place of earlier ones of the same weights; ValueError where the disk does not let us."""
    try:
        write_json(folder / f"scores-{scores.weights}.json", scores.to_dict())
    except OSError as error:
        raise ValueError(Sentence("The scores cannot be kept in {folder}: {error}.", folder=folder, error=error)) from error


def kept_scores(folder: Path, weights: str) -> Scores | None:
    """The scores last kept for these weights; None where there are none that can be read."""
    try:
        return Scores.from_dict(read_json(folder / f"scores-{weights}.json"))
    except ValueError:
        return None


def add_live(folder: Path, scores: Scores) -> None:
    """Append scores that were measured while the run was at work; OSError where the disk does not let us."""
    with (folder / LIVE_FILE).open("a", encoding="utf-8") as file:
        file.write(json.dumps(scores.to_dict(), separators=(",", ":")) + "\n")


def live_scores(folder: Path) -> list[Scores]:
    """What was measured while the run was at work, by step; what a later continuation went over again is left out."""
    kept: list[Scores] = []
    for scores in _readable(read_events(folder / LIVE_FILE)):
        while kept and kept[-1].step >= scores.step:
            kept.pop()
        kept.append(scores)
    return kept


def _readable(lines: Iterable[dict[str, Any]]) -> Iterable[Scores]:
    for line in lines:
        try:
            yield Scores.from_dict(line)
        except ValueError:
            continue
