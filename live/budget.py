"""How much of a core looking may take beside a run that trains, and who goes first where that is little."""

from __future__ import annotations

from collections.abc import Callable

SHARE = 0.3
"""Of one core, that looking takes at most while a run of this process trains."""
WIDE_SHARE = 0.1
"""Of one core, that what is drawn around the pointer (a map, a wall, a film) may take however much hands take."""
ANSWER_S = 0.0002
"""Seconds of a core that reading a question and sending its answer takes in the event loop; they count as well."""
CREDIT_S = 0.02
"""How far looking may run ahead of its share."""
HAND_CREDIT_S = 0.08
"""The same for what a pointer waits for: it does not pay at once for the map that was drawn just before it."""


class Budget:
    """What a thread has taken, and how long it owes a rest. `effort` says the seconds of a core it has taken."""

    def __init__(self, clock: Callable[[], float], effort: Callable[[], float]) -> None:
        self._clock, self._effort = clock, effort
        self._began = self._taken = 0.0
        self._spares = False
        self._paid_until = self._wide_until = float("-inf")

    def begin(self, spares: bool) -> None:
        """A turn begins; `spares`: whether there is a run to be spared."""
        self._spares, self._began, self._taken = spares, self._clock(), self._effort()

    def settle(self, answers: int, *, wide: bool) -> None:
        """A turn is over that sent so many answers; `wide`: it drew something that no pointer waits for."""
        if not self._spares:
            return
        effort = self._effort() - self._taken + ANSWER_S * answers
        self._paid_until = max(self._paid_until, self._began) + effort / SHARE
        if wide:
            self._wide_until = max(self._wide_until, self._began) + effort / WIDE_SHARE

    def wait_s(self, *, quick: bool) -> float:
        """Seconds until something may be drawn, so that all of it takes its share of the time up to now, but for the credit."""
        if not self._spares:
            return 0.0
        until = self._paid_until - HAND_CREDIT_S if quick else min(self._paid_until - CREDIT_S, self._wide_until)
        return max(0.0, until - self._clock())
