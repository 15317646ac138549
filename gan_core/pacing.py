"""When the next half of a step is due, in a run that is slowed down so that people can follow."""

from __future__ import annotations

import time
from collections.abc import Callable

from gan_core.sentences import Sentence

SLOWEST, FASTEST = 0.05, 60.0
"""Halves of a step a second."""
LAG_S = 0.02
"""How much of what a half came late the next ones make up for."""


class Pacer:
    """The pace of one run. Its owner brings the lock."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self.halves_per_s: float | None = None
        """None for as fast as it can."""
        self._clock, self._last = clock, float("-inf")

    def turn(self, halves_per_s: float | None) -> bool:
        """Take another pace; whether the run begins or ends to go by halves with it. ValueError for a pace there is not."""
        if halves_per_s is not None and not SLOWEST <= halves_per_s <= FASTEST:
            raise ValueError(
                Sentence("pace is {value}, and it has to be a number from {low} to {high}.", value=halves_per_s, low=SLOWEST, high=FASTEST)
            )
        before, self.halves_per_s = self.halves_per_s, halves_per_s
        return (before is None) is not (halves_per_s is None)

    def due_s(self) -> float:
        """Seconds until the next half is due; 0 or less if it is, or the run is not slowed down."""
        return self._last + 1 / self.halves_per_s - self._clock() if self.halves_per_s is not None else 0.0

    def played(self) -> None:
        """A half was played; it counts as of when it was due, so that the pace is kept, unless that is long ago."""
        now = self._clock()
        due = now + self.due_s()
        self._last = min(max(due, now - LAG_S), now)
