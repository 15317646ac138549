"""A critic that looks at two sizes is two critics, one of which sees half the size; and whatever a critic can do, it can."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any

import pytest
import torch
from kept_runs import keep_run
from tiny import tiny_config, tiny_set, tiny_state
from torch import Tensor
from torch.nn.functional import avg_pool2d
from torch.testing import assert_close

from gan_core import data
from gan_core.checkpoint import numbers_of, restore, tensors_of
from gan_core.config import RunConfig
from gan_core.data import DATA
from gan_core.events import Checkpoint, Place
from gan_core.games import GAMES
from gan_core.looking import critic_of, draw
from gan_core.looks import Copies, players_at
from gan_core.networks import NETWORKS, make_critic
from gan_core.networks.two_scales import TwoScales, check_scales
from gan_core.penalties import PENALTIES
from gan_core.state import GanState, critic_weights, judge
from gan_core.step import update
from gan_core.streams import stream

EVERY_NETWORK = pytest.mark.parametrize("network", NETWORKS)
SHAPES = [(channels, side, side) for channels in (1, 3) for side in (16, 28, 32, 64)]


def eyes(critic: Any) -> TwoScales:
    """What looks twice, in a critic that may be told the class."""
    return next(part for part in critic.modules() if isinstance(part, TwoScales))


@EVERY_NETWORK
def test_the_logit_is_the_sum_of_two_critics(network: str) -> None:
    row, shape, x = NETWORKS[network], (1, 16, 16), torch.rand(5, 1, 16, 16) * 2 - 1
    both = make_critic(network, shape, width=8, rng=stream(3, "critic"), scales=2)
    rng = stream(3, "critic")
    whole, half = row.critic(shape, width=8, rng=rng), row.critic((1, 8, 8), width=4, rng=rng)
    assert_close(draw(both, x), draw(whole, x) + draw(half, avg_pool2d(x, 2)))
    alone = make_critic(network, shape, width=8, rng=stream(3, "critic"))
    assert all(torch.equal(one, other) for one, other in zip(alone[:-2].parameters(), eyes(both).whole.parameters(), strict=True))


@EVERY_NETWORK
@pytest.mark.parametrize("shape", [pytest.param(shape, marks=[pytest.mark.slow] if shape[1] > 28 else []) for shape in SHAPES], ids=str)
def test_pictures_of_every_size_can_be_seen_at_two(network: str, shape: tuple[int, ...]) -> None:
    logits = make_critic(network, shape, width=4, rng=stream(0, "critic"), scales=2)(torch.rand(3, *shape))
    assert logits.shape == (3,)
    assert torch.isfinite(logits).all()


def test_both_see_one_change_of_the_picture() -> None:
    state, seen = tiny_state(critic_scales=2, augment="all", instance_noise=0.3, penalty="none"), dict[str, list[Tensor]](whole=[], far=[])
    for name, shown in seen.items():
        getattr(eyes(state.D), name).register_forward_pre_hook(lambda module, inputs, shown=shown: shown.append(inputs[0].detach()))
    update(state)
    assert len(seen["whole"]) == len(seen["far"]) == 3, "D's move, the reals G's fakes are compared with, and G's move"
    for whole, far in zip(*seen.values(), strict=True):
        assert_close(avg_pool2d(whole, 2), far)


PLAYED: list[dict[str, Any]] = [
    *({"game": game} for game in GAMES),
    *({"penalty": penalty} for penalty in PENALTIES),
    *({"network": network} for network in NETWORKS),
    *({"conditional": "yes", "network": network} for network in ("mlp", "modern")),
]


@pytest.mark.parametrize("row", PLAYED, ids=str)
def test_it_plays_with_everything(row: dict[str, Any]) -> None:
    state = tiny_state(critic_scales=2, **({"game": "non-saturating"} | row))
    for _ in range(3):
        curves = update(state)
    assert all(torch.isfinite(value) for value in curves.values())
    still = [name for name, weight in state.D.named_parameters() if weight.grad is None or not weight.grad.any()]
    assert set(still) <= {"1.bias"}, "the last bias has no gradient where only differences count"


def resumed(state: GanState, **settings: Any) -> GanState:
    again = tiny_state(**settings)
    restore(again, tensors_of(state), json.loads(json.dumps(numbers_of(state))))
    return again


@pytest.mark.parametrize("penalty", ["spectral", "clipping"])
def test_whoever_looks_sees_it_judge_as_it_does(penalty: str) -> None:
    settings = {"critic_scales": 2, "penalty": penalty, "game": "hinge", "critic_width": 12, "critic_depth": 1}
    state = tiny_state(**settings)
    for _ in range(2):
        update(state)
    weights = {name: tensor.detach().clone() for name, tensor in critic_weights(state).items()}
    copy, images = Copies(state.config).critic(weights), torch.rand(4, *state.config.shape) * 2 - 1
    assert copy is not None
    for critic in (copy, critic_of(state.config, weights), judge(resumed(state, **settings))):
        assert_close(draw(critic, images), draw(judge(state), images))


def test_a_stored_run_has_both(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store, run_id = keep_run(tmp_path, monkeypatch, moments=2, critic_scales=2, conditional="yes")
    players = players_at(store.folder(run_id), store.status(run_id).checkpoint_step)
    assert eyes(critic_of(store.config(run_id), players.critic))
    with pytest.raises(ValueError, match="critic_scales cannot be changed in a fork"):
        store.forked_config(run_id, 0, {"critic_scales": 1})


def test_a_checkpoint_with_one_does_not_fit_a_run_with_two() -> None:
    plain, both = tiny_state(), tiny_state(critic_scales=2)
    checkpoint = Checkpoint(Place(0, 0.0, 0, 0.0), tensors_of(plain), numbers_of(plain))
    with pytest.raises(ValueError, match="does not belong to these settings"):
        restore(both, checkpoint.tensors, checkpoint.state)


@pytest.mark.parametrize("name", [name for name in DATA if DATA[name].kind == "plane" and not DATA[name].unnamed])
def test_points_have_no_size(name: str) -> None:
    with pytest.raises(ValueError, match=r"critic_scales is 2, and these data are points in a plane.*Set it to 1\."):
        RunConfig(data=name, critic_scales=2)


def test_what_is_small_already_is_not_halved(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(data.DATA, "digits", dataclasses.replace(DATA["digits"], shape=lambda request: (1, 8, 8)))
    assert RunConfig(data="digits").shape == (1, 8, 8)
    with pytest.raises(ValueError, match=r"these pictures have 8 pixels a side, where 16 are the fewest\. Set it to 1"):
        RunConfig(data="digits", critic_scales=2)
    check_scales((1, 8, 8), 1)


def test_only_one_or_two_sizes_are_looked_at() -> None:
    with pytest.raises(ValueError, match=r"critic_scales is '3'\. It can be 1, 2"):
        tiny_config(critic_scales="3")
    assert tiny_set("digits").train.shape[-1] == 16
