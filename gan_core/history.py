"""A bounded record of curves: numbered rows that thin themselves instead of growing without end."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gan_core.events import Metrics

PLACE = ("step", "epoch", "images", "elapsed_s")
"""The first four columns of every row."""


@dataclass(frozen=True)
class Rows:
    """Some rows of a history."""

    reset: bool
    """True where these rows replace all that the reader has; False where they follow it."""
    end: tuple[int, int]
    """Where the reader stands after these rows; give it back to `History.since`."""
    names: tuple[str, ...]
    values: NDArray[np.float64]
    """(rows, 4 + names); the first four columns are PLACE. A curve without a value there is NaN."""


class History:
    """Rows of means, at most `capacity` of them.

    When it is full, neighbours are merged in pairs, weighted by how many steps they stand for, so that a long run keeps
    its whole length at half the resolution. `generation` counts these thinnings: a reader from before one starts anew.
    Not thread-safe: whoever shares it brings the lock.
    """

    def __init__(self, capacity: int = 2048) -> None:
        if capacity < 2 or capacity % 2:
            raise ValueError(f"A history's capacity is an even number from 2 on, and {capacity} is not.")
        self.capacity = capacity
        self.generation = 0
        self._names: tuple[str, ...] = ()
        self._rows: list[NDArray[np.float64]] = []
        self._weights: list[int] = []

    def __len__(self) -> int:
        return len(self._rows)

    def append(self, event: Metrics) -> None:
        """Take one row; names that were never seen before widen the record (earlier rows get NaN there)."""
        self._widen(event.values)
        place = event.place
        row = [place.step, place.epoch, place.images, place.elapsed_s, *(event.values.get(name, np.nan) for name in self._names)]
        self._rows.append(np.array(row, dtype=np.float64))
        self._weights.append(event.steps)
        if len(self._rows) >= self.capacity:
            self._thin()

    def since(self, end: tuple[int, int] | None) -> Rows:
        """The rows after `end`, which an earlier `Rows` gave; everything if `end` is None or from before a thinning."""
        reset = end is None or end[0] != self.generation
        first = 0 if end is None or reset else end[1]
        values = np.array(self._rows[first:], dtype=np.float64).reshape(-1, len(PLACE) + len(self._names))
        return Rows(reset=reset, end=(self.generation, len(self._rows)), names=self._names, values=values)

    def drop_after(self, step: int) -> None:
        """Forget rows later than `step`: a run that continues from there writes them anew."""
        keep = sum(row[0] <= step for row in self._rows)
        if keep < len(self._rows):
            del self._rows[keep:], self._weights[keep:]
            self.generation += 1

    def _widen(self, values: Mapping[str, float]) -> None:
        new = tuple(name for name in values if name not in self._names)
        if new:
            self._names += new
            self._rows = [np.concatenate([row, np.full(len(new), np.nan)]) for row in self._rows]
            self.generation += 1

    def _thin(self) -> None:
        # Neighbours are joined up to an equal number of steps, not pair by pair: pairs would halve what is old again and again,
        # until the first hour is one point. Two groups in a row hold more than `most`, so at most half of the rows are left.
        rows, weights = np.array(self._rows), np.array(self._weights, dtype=np.float64)
        most = 4 * weights.sum() / self.capacity
        starts, held = [0], weights[0]
        for row in range(1, len(rows)):
            held += weights[row]
            if held > most:
                starts.append(row)
                held = weights[row]
        there = ~np.isnan(rows)
        shares = np.add.reduceat(weights[:, None] * there, starts)
        with np.errstate(invalid="ignore"):
            merged = np.add.reduceat(np.where(there, weights[:, None] * rows, 0.0), starts) / shares
        ends = np.array([*starts[1:], len(rows)]) - 1
        merged[:, : len(PLACE)] = rows[ends, : len(PLACE)]
        self._rows = list(merged)
        self._weights = [int(weight) for weight in np.add.reduceat(weights, starts)]
        self.generation += 1
