"""Steps played by replaying CUDA graphs: each move is captured once, and then sent to the GPU in one piece.

Three graphs: fakes are drawn; the critic moves on them; the generator moves on them, and the average after it. In this order they
are a step, without the third or the second a step of one player alone. Each reads what it needs from tensors that keep their
address: the next reals' numbers, the dials (`dials.py`), the players' weights, and what the graph before it has left.

Steps are played as always, "eager", until the graphs have shown on this very device, for this game, that they come to the same
(`docs/decisions/gpu-step.md`); and wherever they cannot, the screen says why.
"""

from __future__ import annotations

import math
import os
from contextlib import AbstractContextManager, nullcontext
from typing import Any

import torch
from torch import Tensor

from gan_core.capture import Cuda, Device, Move, apart, as_it_was, copies, overwrite, streams_of, tensors_in, twin_of
from gan_core.dials import DeviceDials, beta2_of, dials_of
from gan_core.events import Player
from gan_core.penalties import PENALTIES
from gan_core.sentences import Sentence
from gan_core.state import GanState
from gan_core.step import HANDS, Hands, move_critic, move_generator, update

SWITCH = "GANSCOPE_GRAPHS"
"""Set to 0, this variable keeps a run from trying graphs at all."""
GRAPHS = Sentence("CUDA graphs")
WARM_UP = 3
"""How often each move is made before it is captured: libraries get their room and choose their ways in the first ones."""
CHECKED: tuple[Player, ...] = (*("both",) * 16, "critic", "generator", "both", "both")
"""The 20 steps by which graphs are compared with eager steps."""
LIMIT = 0.01
"""How far a step by graphs may end from an eager one, as a share of the step."""


class RunHands(Hands):
    """Hands that say how they play, and how many steps may be sent ahead."""

    way: str = ""
    """How steps are played, for people; empty where there is nothing to tell."""
    lot: float = math.inf
    """How many steps to send before waiting for what they came to."""

    def playing(self) -> AbstractContextManager[None]:
        """What all moves are made in."""
        return nullcontext()

    def took(self, steps: int, seconds: float, wanted_s: float) -> None:
        """Hear how long so many steps took, the device included, and how long they should have."""


class Eager(RunHands):
    """Each operation is sent by itself, and why."""

    def __init__(self, reason: str) -> None:
        self.way = Sentence("eager, because {reason}", reason=reason)


class Graphed(RunHands):
    """Moves by graphs where these have passed, eager ones elsewhere. For the run's own thread alone."""

    def __init__(self, state: GanState, device: Device) -> None:
        self._state, self._device = state, device
        self._dials = DeviceDials(state.device)
        self._index = torch.zeros(state.config.batch_size, dtype=torch.int64, device=state.device)
        self.moves: dict[str, Move] = {}
        self._key: tuple[Any, ...] = ()
        self._verdicts: dict[tuple[Any, ...], str] = {}
        """Which games were checked, and what came of it: `GRAPHS`, or why not."""
        self.lot = 1
        self._say(Sentence("their CUDA graphs have yet to be checked"))

    def playing(self) -> AbstractContextManager[None]:
        return self._device.playing()

    def took(self, steps: int, seconds: float, wanted_s: float) -> None:
        # A replay is sent in no time, so that the clock alone would let thousands queue up before Pause.
        self.lot = max(1, min(2 * self.lot, int(steps * wanted_s / seconds) if seconds > 0 else steps))

    def fakes(self, state: GanState, index: Tensor, *, grad: bool) -> tuple[Tensor, Tensor | None]:
        if not self._ready():
            return super().fakes(state, index, grad=grad)
        self._index.copy_(index)
        drawn: tuple[Tensor, Tensor | None] = self.moves["fakes"]()
        return drawn

    def critic(self, state: GanState, fake: Tensor, labels: Tensor | None, *, index: Tensor, due: bool) -> dict[str, Tensor]:
        if not self._drew(fake):
            return super().critic(state, fake, labels, index=index, due=due)
        return self._turned(f"critic {due}")

    def generator(self, state: GanState, fake: Tensor, labels: Tensor | None) -> dict[str, Tensor]:
        return self._turned("generator") if self._drew(fake) else super().generator(state, fake, labels)

    def _drew(self, fake: Tensor) -> bool:
        """Whether these fakes are those the graphs leave for each other: a step goes on as it began."""
        return bool(self.moves) and self.moves["fakes"].made[0] is fake

    def _turned(self, name: str) -> dict[str, Tensor]:
        self._dials.turn(dials_of(self._state.config, self._state.images))
        curves: dict[str, Tensor] = self.moves[name]()
        return curves

    def _ready(self) -> bool:
        """Whether the next step can be played by graphs; captures them where the ones at hand are of another game."""
        state, config = self._state, self._state.config
        if not (state.G_optimiser.state and state.D_optimiser.state):
            return False  # Adam makes its tensors in its first step, and they would be made anew by every replay
        if config.beta2_begin < 1 and state.images < 1000 * config.burn_in_kimg:
            self._key = ()
            self._say(Sentence("Adam's beta 2 moves until the burn-in ends"))
            return False
        tricks = (config.instance_noise > 0, config.label_smoothing > 0, config.critic_dropout > 0)
        game = (config.game, config.penalty, config.augment, *tricks)
        key = (*game, config.beta1, beta2_of(config, state.images), config.clip if PENALTIES[config.penalty].clips else 0.0)
        if key != self._key:
            self._key, self.moves = key, {}  # what was captured before lets go of its memory
            if self._verdicts.get(game, GRAPHS) == GRAPHS:
                self._verdicts[game] = self._prepared(checked=game in self._verdicts)
            self._say(self._verdicts[game])
        return bool(self.moves)

    def _say(self, verdict: str) -> None:
        if verdict == GRAPHS:
            self.way = GRAPHS
        else:
            self.way, self.moves = Eager(verdict).way, {}

    def _prepared(self, *, checked: bool) -> str:
        """`GRAPHS` where the moves could be captured and come to the same as eager ones; else why not. The run stays as it is."""
        state = self._state
        try:
            self.moves = self._all_moves()
            with as_it_was(state):
                for _ in range(WARM_UP):
                    for move in self.moves.values():
                        move.warm_up(state)
            for move in self.moves.values():
                move.replay, move.made = self._device.capture(move.work, move.draws.values())
            return GRAPHS if checked else self._checked()
        except RuntimeError as error:  # torch's own, for whatever a device or a driver refuses
            return Sentence("capturing CUDA graphs failed: {error}", error=str(error).partition("\n")[0].partition(". ")[0])

    def _all_moves(self) -> dict[str, Move]:
        state, index, dials, config = self._state, self._index, self._dials.scalars, self._state.config
        index.copy_(state.batches.numbers(state.images, config.batch_size))
        self._dials.turn(dials_of(config, state.images))
        draw = Move(lambda: HANDS.fakes(state, index, grad=True))
        penalised = PENALTIES[config.penalty].on_gradient
        dues = {True} if penalised and config.penalty_every == 1 else {True, False} if penalised else {False}
        critics = {
            f"critic {due}": Move(lambda due=due: move_critic(state, *draw.made, index=index, due=due, dials=dials))  # type: ignore[misc]
            for due in dues
        }
        return {"fakes": draw, **critics, "generator": Move(lambda: move_generator(state, *draw.made, dials=dials))}

    def _checked(self) -> str:
        """`GRAPHS` where each of 20 steps comes to what an eager one comes to on a twin of the run; else by how much it does not.

        Both begin each step at the same place: a game of two magnifies what is rounded otherwise, and 20 steps on nothing compares.
        """
        state, twin = self._state, twin_of(self._state)
        mine, theirs, off = tensors_in(state), tensors_in(twin), list[float]()
        with as_it_was(state):
            state.step = twin.step = 0  # so that a penalty that is taken now and then is due
            for player in CHECKED:
                before = copies(theirs)
                curves, wanted = update(state, player, self), update(twin, player)
                off += map(apart, mine, theirs, before)
                off += [float((curves[name] - value).abs() / (1 + value.abs())) for name, value in wanted.items()]
                overwrite(mine, by=theirs)
            drawn = all(map(torch.equal, streams_of(state).values(), streams_of(twin).values()))
        if drawn and all(share <= LIMIT for share in off):  # which no NaN is
            return GRAPHS
        return Sentence("in {count} steps they did not come to what eager steps come to ({off:.2g})", count=len(CHECKED), off=max(off))


def hands_for(state: GanState) -> RunHands:
    """Hands for a run of one process."""
    if state.device != "cuda":
        return RunHands()
    if os.environ.get(SWITCH) == "0":
        return Eager(Sentence("{name} is 0", name=SWITCH))
    return Graphed(state, Cuda())
