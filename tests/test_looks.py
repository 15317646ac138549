"""Look-only copies: the same pictures as the run's own networks, and none of its weights."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from kept_runs import keep_run
from tiny import tiny_state
from torch import nn
from torch.testing import assert_close

from gan_core.latent import first_weight
from gan_core.looking import draw
from gan_core.looks import Copies, Look, players_at
from gan_core.networks import NETWORKS
from gan_core.state import critic_weights, judge
from gan_core.step import update


@pytest.mark.parametrize("network", NETWORKS)
def test_a_copy_draws_what_the_original_draws(network: str) -> None:
    state = tiny_state(network=network)
    for _ in range(3):
        state.G(torch.randn(8, 4))  # BatchNorm's statistics are copied as well
    copies, z = Copies(state.config), torch.randn(5, 4)
    weights = {name: tensor.detach().clone() for name, tensor in state.G.state_dict().items()}
    look = Look(0, copies.generator(weights), copies.critic(state.D.state_dict()), "non-saturating", None)
    assert_close(look.draw(z), draw(state.G, z))
    assert_close(look.logits(look.draw(z)), draw(state.D, draw(state.G, z)))
    assert not look.generator.training
    assert not any(weight.requires_grad for weight in look.generator.parameters())
    sizes = [tensor.nbytes for player in (state.G, state.D) for tensor in player.state_dict().values()]
    assert look.bytes == sum(sizes)


def test_a_copy_is_as_wide_and_as_deep_as_the_original() -> None:
    state = tiny_state(data="ring-8", depth=2, critic_depth=1, critic_width=5)
    copies, z = Copies(state.config), torch.randn(5, 4)
    assert_close(draw(copies.generator(state.G.state_dict()), z), draw(state.G, z))
    critic = copies.critic(state.D.state_dict())
    assert critic is not None
    x = torch.randn(5, 2)
    assert_close(draw(critic, x), draw(state.D, x))


def test_another_copy_leaves_the_first_as_it_was() -> None:
    states, z = [tiny_state(network="dcgan", seed=seed) for seed in (1, 2)], torch.randn(3, 4)
    copies = Copies(states[0].config)
    one, other = (copies.generator(state.G.state_dict()) for state in states)
    for generator, state in ((one, states[0]), (other, states[1])):
        assert_close(draw(generator, z), draw(state.G, z))


def test_building_leaves_the_global_generator_alone() -> None:
    state = tiny_state(network="modern")
    before = torch.get_rng_state()
    Copies(state.config).generator(state.G.state_dict())
    assert torch.equal(torch.get_rng_state(), before)


def test_what_was_not_kept_cannot_judge() -> None:
    state = tiny_state()
    look = Look(0, Copies(state.config).generator(state.G.state_dict()), None, "relativistic", None)
    assert Copies(state.config).critic({}) is None
    with pytest.raises(ValueError, match="not kept"):
        look.logits(torch.zeros(1, 1, 16, 16))


def test_players_of_a_checkpoint_are_read_without_the_rest(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store, run_id = keep_run(tmp_path, monkeypatch, moments=2)
    step = store.status(run_id).checkpoint_step
    whole, players = store.checkpoint(run_id), players_at(store.folder(run_id), step)
    for name, found in (("generator", players.generator), ("average", players.average), ("critic", players.critic)):
        assert found
        assert all(torch.equal(whole.tensors[f"{name}.{key}"], tensor) for key, tensor in found.items())
        assert sum(key.startswith(f"{name}.") for key in whole.tensors) == len(found)
    assert players.game == whole.state["live"]["game"]
    with pytest.raises(ValueError, match="no readable checkpoint at step 999"):
        players_at(store.folder(run_id), 999)


def test_who_is_told_the_class_draws_the_one_that_is_asked_for() -> None:
    state = tiny_state(conditional="yes")
    copies, z = Copies(state.config), torch.randn(6, 4)
    look = Look(0, copies.generator(state.G.state_dict()), copies.critic(state.D.state_dict()), "non-saturating", None)
    for label in (0, 2, 1):
        told, labels = look.of_class(label), torch.full((6,), label)
        assert told is look.of_class(label), "those who ask for one class share a forward"
        assert_close(told.draw(z), draw(state.G, z, labels))
        assert_close(told.logits(told.draw(z)), draw(state.D, draw(state.G, z, labels), labels))
        first = next(layer for layer in state.G.modules() if isinstance(layer, nn.Linear))
        assert_close(first_weight(told.generator, 4), first.weight[:, :4].detach(), msg="the class is no direction of z")
    with pytest.raises(ValueError, match="no class 3"):
        look.of_class(3)


def test_who_is_told_none_draws_any_class() -> None:
    state = tiny_state()
    look = Look(0, Copies(state.config).generator(state.G.state_dict()), None, "non-saturating", None)
    assert look.of_class(7) is look


@pytest.mark.parametrize("penalty", ["spectral", "R1+R2"])
def test_published_critics_judge_as_the_runs_own(penalty: str) -> None:
    state = tiny_state(penalty=penalty, game="hinge")
    for _ in range(3):
        update(state)
    critic = Copies(state.config).critic({name: tensor.detach().clone() for name, tensor in critic_weights(state).items()})
    assert critic is not None
    images = torch.rand(4, *state.config.shape) * 2 - 1
    assert_close(draw(critic, images), draw(judge(state), images))
