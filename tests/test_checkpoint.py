"""A checkpoint holds all there is, belongs to who has it, and fits only its own settings."""

from __future__ import annotations

import json
from typing import Any

import pytest
import torch
from safetensors.torch import load, save
from tiny import tiny_state
from torch import Tensor

from gan_core.checkpoint import OPTIMISERS, PLAYERS, STREAMS, copied, numbers_of, restore, tensors_of
from gan_core.config import LIVE
from gan_core.networks import NETWORKS
from gan_core.state import GanState
from gan_core.step import update

EVERY = pytest.mark.parametrize("network", NETWORKS)


def played(steps: int = 3, **changes: Any) -> GanState:
    state = tiny_state(**changes)
    for _ in range(steps):
        update(state)
    return state


def equal(one: dict[str, Tensor], other: dict[str, Tensor]) -> bool:
    return one.keys() == other.keys() and all(torch.equal(one[name], other[name]) for name in one)


@EVERY
@pytest.mark.parametrize(("steps", "conditional"), [(0, "no"), (3, "no"), (3, "yes")])
def test_through_a_file_and_back_the_game_goes_on_to_the_last_bit(network: str, steps: int, conditional: str) -> None:
    changes = {"network": network, "conditional": conditional, "critic_steps": 2}
    state, fresh = played(steps, **changes), tiny_state(**changes)
    restore(fresh, load(save(tensors_of(state))), json.loads(json.dumps(numbers_of(state))))
    assert equal(tensors_of(fresh), tensors_of(state))
    for _ in range(3):
        assert equal(update(fresh), update(state))
    assert equal(tensors_of(fresh), tensors_of(state))
    assert (fresh.step, fresh.images) == (state.step, state.images)


@EVERY
def test_every_tensor_of_the_run_is_in_it(network: str) -> None:
    state = played(network=network)
    tensors = tensors_of(state)
    for name, attribute in PLAYERS.items():
        for key, tensor in getattr(state, attribute).state_dict().items():
            assert torch.equal(tensors[f"{name}.{key}"], tensor)
    for name, attribute in OPTIMISERS.items():
        moments = [key for key in tensors if key.startswith(f"{name}.")]
        assert len(moments) == 3 * len(list(getattr(state, attribute).param_groups[0]["params"]))
    assert set(STREAMS) < set(tensors)


def test_it_does_not_change_while_the_run_goes_on() -> None:
    state = played()
    tensors = tensors_of(state)
    before = {name: tensor.clone() for name, tensor in tensors.items()}
    update(state)
    assert equal(tensors, before)


def test_a_resumed_run_does_not_write_into_it() -> None:
    tensors, numbers = tensors_of(state := played()), numbers_of(state)
    before = {name: tensor.clone() for name, tensor in tensors.items()}
    fresh = tiny_state()
    restore(fresh, tensors, numbers)
    update(fresh)
    assert equal(tensors, before)


def test_its_tensors_are_plain() -> None:
    for name, tensor in tensors_of(played()).items():
        assert tensor.device.type == "cpu", name
        assert not tensor.requires_grad, name
        assert tensor.is_contiguous(), name


def test_live_knobs_keep_the_value_they_were_turned_to() -> None:
    state = played()
    state.config = state.config.but(gamma=7.5, lr_critic=0.25, game="non-saturating")
    fresh = tiny_state()
    restore(fresh, tensors_of(state), numbers_of(state))
    assert fresh.config == state.config
    assert set(numbers_of(state)["live"]) == set(LIVE)


@pytest.mark.parametrize(
    "other", [{"width": 12}, {"network": "dcgan"}, {"latent_dim": 5}, {"data": "ring-8"}, {"conditional": "yes"}], ids=str
)
def test_other_settings_are_refused(other: dict[str, Any]) -> None:
    state = played()
    with pytest.raises(ValueError, match="does not belong to these settings"):
        restore(tiny_state(**other), tensors_of(state), numbers_of(state))


@pytest.mark.parametrize("missing", ["critic.1.weight", "stream_z", "average.0.bias"])
def test_a_checkpoint_with_a_hole_is_refused(missing: str) -> None:
    state = played()
    tensors = tensors_of(state)
    del tensors[missing]
    with pytest.raises(ValueError, match="does not belong"):
        restore(tiny_state(), tensors, numbers_of(state))


def test_copies_are_nobody_elses() -> None:
    tensor = torch.zeros(3, requires_grad=True)
    copy = copied({"a": tensor}, "b.")["b.a"]
    assert copy.data_ptr() != tensor.data_ptr()
    assert not copy.requires_grad
