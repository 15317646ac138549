"""Spectral normalisation: what judges has spectral norm 1, its state belongs to the run, and nobody else notices."""

from __future__ import annotations

import pytest
import torch
from tiny import tiny_state
from torch import Tensor, nn
from torch.nn.utils.parametrizations import spectral_norm

from gan_core import spectral
from gan_core.checkpoint import numbers_of, restore, tensors_of
from gan_core.looking import draw
from gan_core.networks import NETWORKS
from gan_core.state import GanState, critic_weights, judge
from gan_core.step import update
from gan_core.streams import stream

EVERY_NETWORK = pytest.mark.parametrize("network", NETWORKS)


def norms(critic: nn.Module, u: dict[str, Tensor]) -> dict[str, float]:
    """The largest singular value of each matrix that judges."""
    with torch.no_grad():
        return {name: float(torch.linalg.svdvals(weight.flatten(1))[0]) for name, weight in spectral.normalised(critic, u).items()}


def images(state: GanState, count: int = 8) -> Tensor:
    return torch.rand(count, *state.config.shape, generator=stream(3, "test")) * 2 - 1


def test_power_iteration_finds_the_largest_singular_value() -> None:
    critic = nn.Sequential(nn.Conv2d(3, 8, 3), nn.Flatten(), nn.Linear(32, 5))
    u = spectral.begin(critic, stream(0, "spectral"))
    for _ in range(200):
        spectral.turn(critic, u)
    assert list(u) == ["0.weight", "2.weight"], "matrices, and no biases"
    assert norms(critic, u) == pytest.approx({"0.weight": 1.0, "2.weight": 1.0}, rel=1e-5)


def test_weights_and_gradients_are_those_of_torchs_own() -> None:
    ours, theirs = nn.Linear(6, 4), spectral_norm(nn.Linear(6, 4)).eval()
    parametrised = theirs.parametrizations.weight
    ours.load_state_dict({"weight": parametrised.original.detach(), "bias": theirs.bias.detach()})
    matrix, u = ours.weight.detach(), parametrised[0]._u.clone()
    parametrised[0]._v.copy_(nn.functional.normalize(matrix.T @ u, dim=0))
    made = spectral.normalised(ours, {"weight": u})["weight"]
    torch.testing.assert_close(made, theirs.weight)
    weigh = torch.randn(4, 6)
    (mine,) = torch.autograd.grad((weigh * made).sum(), ours.weight)
    (other,) = torch.autograd.grad((weigh * theirs.weight).sum(), parametrised.original)
    torch.testing.assert_close(mine, other)


@pytest.mark.parametrize("network", ["mlp", "dcgan"])
def test_in_training_it_stays_at_one(network: str) -> None:
    state = tiny_state(network=network, penalty="spectral", game="hinge", lr_critic=1e-3)
    for _ in range(8):
        update(state)
    assert norms(state.D, state.spectral) == pytest.approx(dict.fromkeys(state.spectral, 1.0), abs=0.05)


def test_the_critic_is_nowhere_steeper_than_one() -> None:
    state = tiny_state(penalty="spectral", lr_critic=0.05)
    for _ in range(6):
        update(state)
    for _ in range(30):
        spectral.turn(state.D, state.spectral)
    x = images(state, 64)
    here, there = judge(state)(x), judge(state)(x.flip(0))
    assert ((here - there).abs() <= (x - x.flip(0)).flatten(1).norm(dim=1) * 1.001).all()


@EVERY_NETWORK
def test_a_matrix_that_begins_at_zero_learns_and_spoils_nothing(network: str) -> None:
    # The last convolution of each of modern's blocks does.
    state = tiny_state(network=network, penalty="spectral")
    before = {name: weight.detach().clone() for name, weight in state.D.named_parameters()}
    for _ in range(4):
        assert all(torch.isfinite(curve) for curve in update(state).values())
    moved = {name for name, weight in state.D.named_parameters() if not torch.equal(before[name], weight)}
    assert set(spectral.matrices(state.D)) <= moved
    assert all(torch.isfinite(u).all() and float(u.norm()) == pytest.approx(1.0, rel=1e-4) for u in state.spectral.values())


@pytest.mark.parametrize("game", ["hinge", "relativistic"])
def test_in_every_move_it_is_the_normalised_critic_that_judges(game: str) -> None:
    state, seen = tiny_state(penalty="spectral", game=game), []
    before = {name: weight.detach().clone() for name, weight in spectral.matrices(state.D).items()}
    state.D.register_forward_pre_hook(lambda module, inputs: seen.append(float(torch.linalg.matrix_norm(module[1].weight.detach(), 2))))
    update(state, "critic")
    for name, weight in spectral.matrices(state.D).items():
        # W / sigma stays as it is when W grows, so no gradient points along W.
        cosine = (weight.grad * before[name]).sum() / (weight.grad.norm() * before[name].norm())
        assert abs(float(cosine)) < 1e-4
    update(state, "generator")
    assert len(seen) == (3 if game == "relativistic" else 2)
    assert seen == pytest.approx([1.0] * len(seen), abs=0.02)


def test_one_round_a_critic_update_and_none_for_the_generator() -> None:
    state = tiny_state(penalty="spectral", critic_steps=3, lr_critic=0.0)
    expected = {name: u.clone() for name, u in state.spectral.items()}
    for _ in range(3):
        spectral.turn(state.D, expected)
    update(state)
    assert all(torch.equal(u, expected[name]) for name, u in state.spectral.items())
    update(state, "generator")
    assert all(torch.equal(u, expected[name]) for name, u in state.spectral.items())


@EVERY_NETWORK
def test_whoever_looks_sees_the_critic_that_judges(network: str) -> None:
    state, plain = tiny_state(network=network, penalty="spectral"), tiny_state(network=network, penalty="none", seed=1)
    for _ in range(2):
        update(state)
    plain.D.load_state_dict(critic_weights(state))
    x = images(state)
    torch.testing.assert_close(draw(plain.D, x), draw(judge(state), x))
    assert not torch.allclose(draw(plain.D, x), draw(state.D, x))
    assert state.D.training
    assert not any(weight.requires_grad for weight in critic_weights(state).values())
    for name, weight in critic_weights(plain).items():
        assert torch.equal(weight, plain.D.state_dict()[name])


def test_turned_off_it_leaves_the_critic_judging_as_it_did() -> None:
    state = tiny_state(penalty="spectral", lr_critic=0.01)
    for _ in range(3):
        update(state)
    x, parameters = images(state), [id(weight) for weight in state.D.parameters()]
    judged = draw(judge(state), x)
    state.config = state.config.but(penalty="none")
    update(state, "generator")
    assert not state.spectral
    assert judge(state) is state.D
    torch.testing.assert_close(draw(state.D, x), judged)
    assert [id(weight) for weight in state.D.parameters()] == parameters, "the optimiser still moves these"


def test_it_begins_the_same_whether_turned_on_or_there_from_the_start() -> None:
    first, turned = tiny_state(penalty="spectral"), tiny_state(penalty="none")
    turned.config = turned.config.but(penalty="spectral")
    before = torch.get_rng_state()
    for _ in range(2):
        update(first)
        update(turned)
    assert torch.equal(torch.get_rng_state(), before)
    assert all(torch.equal(u, turned.spectral[name]) for name, u in first.spectral.items())


@pytest.mark.parametrize("live", ["spectral", "none"])
def test_its_state_is_what_the_checkpoint_says_not_what_the_settings_began_with(live: str) -> None:
    state = tiny_state(penalty="spectral" if live == "none" else "none")
    update(state)
    state.config = state.config.but(penalty=live)
    update(state)
    fresh = tiny_state(penalty="spectral" if live == "none" else "none")
    restore(fresh, tensors_of(state), numbers_of(state))
    assert fresh.spectral.keys() == state.spectral.keys()
    assert all(torch.equal(u, fresh.spectral[name]) for name, u in state.spectral.items())
    update(state), update(fresh)
    assert all(torch.equal(tensor, tensors_of(fresh)[name]) for name, tensor in tensors_of(state).items())


def test_a_checkpoint_with_a_hole_in_it_is_refused() -> None:
    state = tiny_state(penalty="spectral")
    tensors = tensors_of(state)
    del tensors["spectral.3.weight"]
    with pytest.raises(ValueError, match="does not belong"):
        restore(tiny_state(penalty="spectral"), tensors, numbers_of(state))
