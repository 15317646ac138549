"""How much of a core looking may take beside a run that trains."""

from __future__ import annotations

from collections.abc import Callable

SHARE = 0.3
"""Of one core, that looking takes at most while a run of this process trains."""
ANSWER_S = 0.0002
"""Seconds of a core that reading a question and sending its answer takes in the event loop; they count as well."""
CREDIT_S = 0.02
"""How far looking may run ahead of its share, so that a short burst (a pad's map) does not hold up the pad."""


class Budget:
    """What a thread has taken, and the rest it owes. `effort` says the seconds of a core it has taken; `rest` waits for so many seconds."""

    def __init__(self, clock: Callable[[], float], effort: Callable[[], float], rest: Callable[[float], object]) -> None:
        self._clock, self._effort, self._rest = clock, effort, rest
        self._began = self._taken = 0.0
        self._answers = 0
        self._paid_until = float("-inf")

    def begin(self) -> None:
        """A turn begins."""
        self._began, self._taken, self._answers = self._clock(), self._effort(), 0

    def answered(self, count: int) -> None:
        """So many answers were sent."""
        self._answers += count

    def settle(self) -> None:
        """Rest, so that what the turn took is no more than its share of the time up to now, but for the credit."""
        effort = self._effort() - self._taken + ANSWER_S * self._answers
        self._paid_until = max(self._paid_until, self._began) + effort / SHARE
        if (ahead := self._paid_until - CREDIT_S - self._clock()) > 0:
            self._rest(ahead)
