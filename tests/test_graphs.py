"""Moves that are captured once and replayed come to what eager ones come to, on a device that captures as CUDA does (tape.py).

What only a GPU can say is in test_gpu.py.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch
from tape import Tape, TapeDevice
from tiny import tiny_state
from torch import Tensor
from torch.testing import assert_close

from gan_core import graphs
from gan_core.checkpoint import tensors_of
from gan_core.events import Player
from gan_core.games import GAMES
from gan_core.graphs import GRAPHS, Graphed
from gan_core.networks import NETWORKS
from gan_core.penalties import PENALTIES
from gan_core.state import GanState
from gan_core.step import update

pytestmark = pytest.mark.usefixtures("one_thread")

ROUND: dict[str, Any] = {"lr_generator": 2**-10, "lr_critic": 2**-9, "gamma": 0.5, "beta1": 0.5}
"""Numbers that float32 has exactly: then moves by scalars on the device are moves by plain numbers, to the last bit."""
TRICKS: list[dict[str, Any]] = [
    {"critic_steps": 3, "penalty_every": 3},
    {"conditional": "yes", "critic_steps": 2},
    {"data": "ring-8", "instance_noise": 0.25, "noise": "uniform"},
    {"augment": "all", "augment_share": 0.5, "game": "least-squares", "label_smoothing": 0.125},
    {"network": "dcgan", "conditional": "yes", "penalty": "WGAN-GP", "augment": "translation+cutout", "augment_share": 0.75},
    {"network": "dcgan", "critic_scales": 2},
    {"critic_dropout": 0.25},
    {"network": "dcgan-dropout", "critic_dropout": 0.5},
    {"precision": "bf16", "penalty": "none", "game": "hinge"},
]
PLAYERS: tuple[Player, ...] = ("both", "both", "critic", "generator", "both", "generator", "critic", "both")


@pytest.fixture
def short_check(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(graphs, "CHECKED", ("both", "critic", "generator", "both"))


class Uncaptured(Graphed):
    """The very moves that are captured, with their scalars on the device, called one by one."""

    def _ready(self) -> bool:
        self.moves = self.moves or self._all_moves()
        return True


def by_graphs(state: GanState, **how: Any) -> tuple[Graphed, Callable[[Player], dict[str, Tensor]]]:
    """Hands that play by graphs, and what plays a step of that run by them."""
    device = TapeDevice(**how)
    hands = Graphed(state, device)

    def play(player: Player = "both") -> dict[str, Tensor]:
        with hands.playing():
            return update(state, player, hands)

    return hands, play


def tapes(hands: Graphed) -> list[Tape]:
    return hands._device.tapes  # type: ignore[attr-defined]


def assert_same_run(one: GanState, other: GanState) -> None:
    """To the last bit; the average, whose weights are reckoned in another order, to rounding."""
    assert (one.step, one.images) == (other.step, other.images)
    mine, theirs = tensors_of(one), tensors_of(other)
    assert mine.keys() == theirs.keys()
    for name, value in mine.items():
        if name.startswith("average.") and value.is_floating_point():
            assert_close(value, theirs[name], rtol=1e-5, atol=1e-6)
        else:
            assert torch.equal(value, theirs[name]), name


def played_alike(**settings: Any) -> tuple[Graphed, GanState]:
    """A run by graphs and one by eager steps, compared step by step."""
    eager, graphed = (tiny_state(**ROUND | settings) for _ in range(2))
    hands, play = by_graphs(graphed)
    for player in PLAYERS:
        wanted, curves = update(eager, player), play(player)
        assert curves.keys() == wanted.keys()
        for name, value in wanted.items():
            assert torch.equal(curves[name], value), name
    assert hands.way == GRAPHS
    assert_same_run(eager, graphed)
    return hands, graphed


@pytest.mark.slow
@pytest.mark.usefixtures("short_check")
@pytest.mark.parametrize("penalty", PENALTIES)
@pytest.mark.parametrize("game", GAMES)
def test_every_game_with_every_penalty(game: str, penalty: str) -> None:
    played_alike(game=game, penalty=penalty)


@pytest.mark.usefixtures("short_check")
@pytest.mark.parametrize("network", NETWORKS)
def test_every_network(network: str) -> None:
    played_alike(network=network, penalty="none", game="non-saturating", batch_size=8)


@pytest.mark.usefixtures("short_check")
@pytest.mark.parametrize("settings", TRICKS, ids=str)
def test_every_trick(settings: dict[str, Any]) -> None:
    played_alike(**settings)


def test_schedules_move_on_inside_of_graphs() -> None:
    """Learning rates, gamma, noise, share and the average's half-life move in every step, and nothing is captured anew for it."""
    moving = {"burn_in_kimg": 0.2, "lr_end": 0.1, "gamma_end": 0.1, "ema_begin": 0.0, "augment": "colour", "augment_begin": 0.1}
    eager, graphed = (tiny_state(**moving, instance_noise=0.1) for _ in range(2))
    hands, play = by_graphs(graphed)
    for _ in range(16):
        update(eager), play("both")
    assert len(tapes(hands)) == 3
    for one, other in ((eager.G, graphed.G), (eager.D, graphed.D), (eager.G_ema, graphed.G_ema)):
        for mine, theirs in zip(one.parameters(), other.parameters(), strict=True):
            assert_close(mine, theirs, rtol=1e-3, atol=1e-5)


def test_scalars_on_the_device_are_plain_numbers() -> None:
    """The same functions without any capture: what a scalar changes is the rounding of the average alone."""
    eager, scalars = (tiny_state(**ROUND, augment="all", augment_share=0.5, instance_noise=0.25) for _ in range(2))
    hands = Uncaptured(scalars, TapeDevice())
    for player in PLAYERS:
        update(eager, player), update(scalars, player, hands)
    assert_same_run(eager, scalars)
