"""A step played by halves: the critic's turn, and when one likes the generator's. The same moves in the same order as `update`."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from gan_core.meter import Meter
from gan_core.state import GanState
from gan_core.step import HANDS, Hands, critics_turn, generators_turn


class Halves:
    """The step that a run is in the middle of, if it is in any; the curves of a whole step go to the run's meter."""

    def __init__(self, state: GanState, meter: Meter, hands: Hands = HANDS) -> None:
        self._state, self._meter, self._hands = state, meter, hands
        self._left: tuple[Tensor, Tensor | None, dict[str, Tensor]] | None = None

    @property
    def open(self) -> bool:
        """Whether the critic has moved in a step whose generator has yet to."""
        return self._left is not None

    def begin(self) -> dict[str, float]:
        """Move the critic; its curves. Nothing but `finish` may move a player after it."""
        assert self._left is None, "the step in hand has to be finished first"
        self._left = critics_turn(self._state, "both", self._hands)
        curves = Meter()
        curves.add(self._state.step + 1, self._left[2])
        return curves.read()

    def finish(self) -> bool:
        """Move the generator on the fakes the critic saw last, if the critic has moved; whether it had."""
        if self._left is None:
            return False
        (fake, labels, curves), self._left = self._left, None
        curves = curves | generators_turn(self._state, fake, labels, self._hands)
        self._meter.add(self._state.step, curves)
        return True


class Moves:
    """Both players as they were when this was made."""

    def __init__(self, state: GanState) -> None:
        self._players = {"critic": state.D, "generator": state.G}
        self._before = {name: _flat(player) for name, player in self._players.items()}

    def lengths(self) -> dict[str, float]:
        """How far each has moved since, as a share of its weights' length."""
        before = self._before
        return {name: float((_flat(player) - before[name]).norm() / before[name].norm()) for name, player in self._players.items()}


def _flat(player: nn.Module) -> Tensor:
    return torch.cat([weight.detach().flatten() for weight in player.parameters()])
