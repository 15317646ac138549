"""Every row of every registry plays, on points and on pictures; stopped and continued it is the same run; and knobs can be turned."""

from __future__ import annotations

import dataclasses
import itertools
import json
from collections.abc import Collection
from typing import Any

import pytest
import torch
from safetensors.torch import load, save
from test_networks import without_convolutions as anything_goes
from tiny import tiny_state
from torch import nn

from gan_core.augment import AUGMENTS
from gan_core.checkpoint import LATER_STREAMS, numbers_of, restore, tensors_of
from gan_core.config import KNOBS
from gan_core.data import DATA, Request
from gan_core.data.folder import SIZES
from gan_core.games import GAMES
from gan_core.looking import draw
from gan_core.networks import NETWORKS
from gan_core.networks.layers import Flat
from gan_core.noise import NOISES
from gan_core.penalties import PENALTIES
from gan_core.state import GanState
from gan_core.step import draw_z, update

TRICKS: list[dict[str, Any]] = [
    {"game": "minimax", "label_smoothing": 0.1},
    {"instance_noise": 0.5, "burn_in_kimg": 0.05},
    {"burn_in_kimg": 0.1, "beta2_begin": 0.1, "ema_begin": 0.0, "lr_end": 0.1, "gamma_end": 0.1},
    {"penalty_every": 2, "critic_steps": 2},
    {"beta1": 0.5},
    {"critic_dropout": 0.4},
    *({"noise": noise} for noise in NOISES),
    {"depth": 1, "critic_depth": 2, "critic_width": 5},
    {"penalty": "WGAN-GP", "penalty_every": 3, "game": "wasserstein"},
]
PICTURES: list[dict[str, Any]] = [
    *({"augment": augment} for augment in AUGMENTS),
    {"augment": "all", "augment_begin": 0.0, "burn_in_kimg": 0.1, "penalty": "spectral", "instance_noise": 0.1},
    {"critic_scales": 2},
    {"critic_scales": 2, "augment": "all", "instance_noise": 0.1, "penalty": "WGAN-GP", "game": "wasserstein", "conditional": "yes"},
    {"critic_scales": 2, "penalty": "spectral", "game": "hinge", "network": "dcgan-dropout"},
    {"critic_scales": 2, "critic_dropout": 0.5, "penalty": "spectral", "conditional": "yes"},
    *({"critic_dropout": 0.5, "network": network} for network in NETWORKS),
]
BOTH: list[dict[str, Any]] = [
    *({"game": game, "conditional": told} for game in GAMES for told in ("no", "yes")),
    *({"penalty": penalty, "conditional": told} for penalty in PENALTIES for told in ("no", "yes")),
    *TRICKS,
]
ROWS = [*({"data": "digits"} | row for row in (*BOTH, *PICTURES)), *({"data": "ring-8"} | row for row in BOTH)]

SHAPES = {source.shape(Request(size=size)) for source in DATA.values() for size in SIZES} | {
    (channels, side, side) for channels in (1, 3) for side in (16, 28, 32, 64)
}
"""Of every data set, and those that one of somebody's own could have."""


def play(state: GanState, steps: int) -> list[dict[str, float]]:
    curves = [{name: value.item() for name, value in update(state).items()} for _ in range(steps)]
    assert all(torch.isfinite(torch.tensor(list(values.values()))).all() for values in curves)
    return curves


def stopped_and_continued(state: GanState, **changes: Any) -> GanState:
    """The same run from a file, as another process would have it."""
    again = tiny_state(**changes)
    restore(again, load(save(tensors_of(state))), json.loads(json.dumps(numbers_of(state))))
    return again


def same(one: GanState, other: GanState) -> bool:
    tensors, others = tensors_of(one), tensors_of(other)
    assert tensors.keys() == others.keys()
    return numbers_of(one) == numbers_of(other) and all(torch.equal(tensor, others[name]) for name, tensor in tensors.items())


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_it_plays_and_goes_on_to_the_last_bit_where_it_was_stopped(row: dict[str, Any]) -> None:
    before = torch.get_rng_state()
    state = tiny_state(**row)
    began = [weight.detach().clone() for weight in (*state.G.parameters(), *state.D.parameters())]
    play(state, 2)
    again = stopped_and_continued(state, **row)
    assert play(state, 2) == play(again, 2)
    assert same(state, again)
    moved = [not torch.equal(was, weight) for was, weight in zip(began, (*state.G.parameters(), *state.D.parameters()), strict=True)]
    assert sum(moved) >= len(moved) - 1, "all weights move; D's last bias has no gradient where only differences count"
    assert torch.equal(torch.get_rng_state(), before)


@pytest.mark.slow
@pytest.mark.parametrize("told", ["no", "yes"])
@pytest.mark.parametrize("shape", sorted(SHAPES), ids=str)
@pytest.mark.parametrize("network", NETWORKS)
def test_every_network_trains_on_every_shape_it_can_draw(
    network: str, shape: tuple[int, ...], told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = "digits" if len(shape) == 3 else "ring-8"
    monkeypatch.setitem(DATA, data, dataclasses.replace(DATA[data], shape=lambda _: shape))
    row = {"data": data, "network": network, "conditional": told, "batch_size": 4}
    if len(shape) != 3 and not anything_goes(network):
        with pytest.raises(ValueError, match="take the network mlp"):
            tiny_state(**row)
        return
    state = tiny_state(**row)
    began = [weight.detach().clone() for weight in state.G.parameters()]
    play(state, 3)
    assert state.G(draw_z(state, 4)).shape == (4, *shape)
    assert not all(torch.equal(was, weight) for was, weight in zip(began, state.G.parameters(), strict=True))


def turns(rows: Collection[str]) -> list[Any]:
    """All ordered pairs; those of neighbours, which lead through every row and back, in the quick suite."""
    around = set(itertools.pairwise([*rows, next(iter(rows))]))
    return [pair if pair in around else pytest.param(*pair, marks=pytest.mark.slow) for pair in itertools.permutations(rows, 2)]


def turned(knob: str, was: Any, becomes: Any) -> None:
    """Play, turn the knob, and play on; the same where it was stopped in between."""
    row = {"data": "ring-8", knob: was}
    state = tiny_state(**row)
    play(state, 2)
    state.config = state.config.but(**{knob: becomes})
    again = stopped_and_continued(state, **row)
    assert play(state, 2) == play(again, 2)
    assert same(state, again)


@pytest.mark.parametrize(("was", "becomes"), turns(GAMES))
def test_every_game_turns_into_every_other_while_the_run_goes(was: str, becomes: str) -> None:
    turned("game", was, becomes)


@pytest.mark.parametrize(("was", "becomes"), turns(PENALTIES))
def test_every_penalty_turns_into_every_other_while_the_run_goes(was: str, becomes: str) -> None:
    turned("penalty", was, becomes)


def test_momentum_can_be_turned_while_the_run_goes() -> None:
    turned("beta1", 0.0, 0.9)
    ends = []
    for beta1 in (0.0, 0.9):
        state = tiny_state(data="ring-8")
        play(state, 2)
        state.config = state.config.but(beta1=beta1)
        play(state, 2)
        ends.append(torch.cat([weight.detach().flatten() for weight in state.G.parameters()]))
    assert not torch.equal(*ends)


MOVING = [name for name, knob in KNOBS.items() if knob.group in ("tricks", "schedule") and name != "stop_after_epochs"]


@pytest.mark.parametrize("name", MOVING)
def test_every_knob_of_the_tricks_and_the_schedule_does_something(name: str) -> None:
    settings: dict[str, Any] = {"game": "minimax", "burn_in_kimg": 0.1, "instance_noise": 0.5, "ema_halflife_kimg": 0.002}
    settings |= {"augment": "brightness", "augment_share": 0.5}
    knob = KNOBS[name]
    value = {"augment": "cutout", "critic_scales": 2}.get(name, 1.0 if knob.high > 1 else 0.25)
    ends = []
    for changes in ({}, {name: value}):
        state = tiny_state(**(settings | changes))
        play(state, 4)
        ends.append(torch.cat([weight.detach().flatten() for player in (state.G, state.D, state.G_ema) for weight in player.parameters()]))
    assert not torch.equal(*ends)


def test_settings_as_they_are_leave_the_older_runs_as_they_were() -> None:
    # Knobs that came later do nothing at their defaults, and draw from no stream.
    state = tiny_state()
    streams = {name: state_of for name, state_of in tensors_of(state).items() if name.startswith("stream_")}
    play(state, 2)
    assert [name for name, was in streams.items() if not torch.equal(was, tensors_of(state)[name])] == ["stream_z", "stream_pair"]


def test_a_checkpoint_from_before_a_stream_was_there_goes_on() -> None:
    state = tiny_state()
    play(state, 2)
    tensors, numbers = tensors_of(state), numbers_of(state)
    old = {name: tensor for name, tensor in tensors.items() if name not in LATER_STREAMS}
    numbers["live"] = {name: numbers["live"][name] for name in ("game", "penalty", "gamma", "lr_generator", "lr_critic", "critic_steps")}
    again = tiny_state()
    restore(again, old, numbers)
    assert play(state, 2) == play(again, 2)
    assert same(state, again)


def with_layer(monkeypatch: pytest.MonkeyPatch, layer: type[nn.Module], *arguments: Any, **facts: Any) -> None:
    """Let the critic of mlp have another layer in its middle."""

    def critic(shape: tuple[int, ...], *, width: int, rng: torch.Generator) -> nn.Module:
        torch.manual_seed(0)
        middle = layer(*arguments)
        return nn.Sequential(nn.Flatten(), nn.Linear(256, width), middle, nn.LeakyReLU(0.2), nn.Linear(width, 1), Flat())

    monkeypatch.setitem(NETWORKS, "mlp", dataclasses.replace(NETWORKS["mlp"], critic=critic, **facts))


@pytest.mark.parametrize("penalty", ["none", "R1", "WGAN-GP", "spectral"])
def test_dropout_draws_from_a_stream_of_the_run(penalty: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with_layer(monkeypatch, nn.Dropout, 0.5)
    row = {"penalty": penalty, "game": "hinge"}
    state, before = tiny_state(**row), torch.get_rng_state()
    play(state, 2)
    assert torch.equal(torch.get_rng_state(), before), "and not from the process's"
    again = stopped_and_continued(state, **row)
    assert play(state, 2) == play(again, 2)
    assert same(state, again)
    stream = state.layer_stream.get_state()
    x = torch.randn(8, 1, 16, 16)
    assert torch.equal(draw(state.D, x), draw(state.D, x)), "whoever looks sees all features"
    assert torch.equal(state.layer_stream.get_state(), stream)
    assert not torch.equal(state.D(x), state.D(x))


@pytest.mark.parametrize("penalty", [name for name, penalty in PENALTIES.items() if not penalty.on_gradient])
def test_with_batch_norm_the_critic_judges_reals_and_fakes_apart(penalty: str, monkeypatch: pytest.MonkeyPatch) -> None:
    # In one batch each would be normalised with the other's statistics.
    with_layer(monkeypatch, nn.BatchNorm1d, 8, critic_batch_norm=True)
    row = {"penalty": penalty, "game": "non-saturating"}
    state, shown = tiny_state(**row), []
    state.D.register_forward_pre_hook(lambda module, inputs: shown.append(len(inputs[0])))
    update(state, "critic")
    assert shown == [16, 16]
    play(state, 1)
    again = stopped_and_continued(state, **row)
    assert play(state, 2) == play(again, 2)
    assert same(state, again)


@pytest.mark.parametrize("network", ["mlp", "dcgan"])
def test_one_forward_for_both_equals_one_for_each(network: str, monkeypatch: pytest.MonkeyPatch) -> None:
    row: dict[str, Any] = {"network": network, "penalty": "none", "lr_generator": 1e-4, "lr_critic": 1e-4}
    fast = tiny_state(**row)
    play(fast, 3)
    monkeypatch.setitem(NETWORKS, network, dataclasses.replace(NETWORKS[network], critic_batch_norm=True))
    plain = tiny_state(**row)
    play(plain, 3)
    one, other = (torch.cat([w.detach().flatten() for w in (*state.G.parameters(), *state.D.parameters())]) for state in (fast, plain))
    assert torch.linalg.vector_norm(one - other) < 1e-4 * torch.linalg.vector_norm(other)
