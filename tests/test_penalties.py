"""Penalties on known critics, and what they do to the smallest GAN there is."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from tiny import tiny_state
from torch import Tensor, nn

from gan_core.networks import NETWORKS
from gan_core.networks.layers import Flat
from gan_core.penalties import PENALTIES, Penalty, mixed, off_one, squared_gradient_norm
from gan_core.step import update
from gan_core.streams import stream

EVERY = pytest.mark.parametrize("penalty", PENALTIES.values(), ids=PENALTIES)
GRADIENT = [name for name, penalty in PENALTIES.items() if penalty.on_gradient]


def linear_critic(weight: Tensor) -> nn.Module:
    """D(x) = w.x + 1 on points."""
    critic = nn.Sequential(nn.Linear(weight.numel(), 1), Flat())
    with torch.no_grad():
        critic[0].weight.copy_(weight[None])
        critic[0].bias.fill_(1.0)
    return critic


def test_of_a_linear_critic_it_is_the_squared_weight_everywhere() -> None:
    weight = torch.tensor([3.0, -4.0])
    x = torch.randn(16, 2).requires_grad_()
    assert torch.equal(squared_gradient_norm(linear_critic(weight)(x), x), torch.full((16,), 25.0))


def test_each_sample_has_its_own() -> None:
    x = torch.arange(6.0).reshape(3, 2).requires_grad_()
    squares = squared_gradient_norm(x.square().sum(1), x)
    torch.testing.assert_close(squares, 4 * x.detach().square().sum(1))


def test_pictures_are_summed_over_all_their_pixels() -> None:
    x = torch.randn(4, 3, 8, 8).requires_grad_()
    torch.testing.assert_close(squared_gradient_norm(2 * x.flatten(1).sum(1), x), torch.full((4,), 4.0 * 3 * 8 * 8))


def test_it_can_be_trained_on() -> None:
    critic = linear_critic(torch.tensor([3.0, -4.0]))
    x = torch.randn(16, 2).requires_grad_()
    squared_gradient_norm(critic(x), x).mean().backward()
    torch.testing.assert_close(critic[0].weight.grad, torch.tensor([[6.0, -8.0]]))


@pytest.mark.parametrize("network", NETWORKS)
def test_reals_and_fakes_at_once_are_the_same_as_one_after_the_other(network: str) -> None:
    critic = NETWORKS[network].critic((1, 16, 16), width=8, rng=stream(0, "critic")).double().eval()  # dropout would draw anew each time
    real, fake = (torch.randn(5, 1, 16, 16, dtype=torch.float64).requires_grad_() for _ in range(2))
    both = torch.cat([real, fake]).detach().requires_grad_()
    at_once = squared_gradient_norm(critic(both), both)
    apart = torch.cat([squared_gradient_norm(critic(real), real), squared_gradient_norm(critic(fake), fake)])
    torch.testing.assert_close(at_once, apart)
    weights = list(critic.parameters())
    for one, two in zip(
        torch.autograd.grad(at_once.sum(), weights, allow_unused=True),
        torch.autograd.grad(apart.sum(), weights, allow_unused=True),
        strict=True,
    ):
        assert (one is None) == (two is None)
        if one is not None:
            torch.testing.assert_close(one, two)


def gradient_of_a_linear_critic(name: str, gamma: float, **changes: Any) -> tuple[Tensor, dict[str, Tensor]]:
    """What the loop's own update leaves as the gradient of w = (3, -4), and its curves."""
    state = tiny_state(data="ring-8", penalty=name, gamma=gamma, lr_critic=0.0, **changes)
    state.D = linear_critic(torch.tensor([3.0, -4.0]))
    state.D_optimiser = torch.optim.SGD(state.D.parameters(), lr=0.0)
    state.spectral = {}
    curves = update(state, "critic")
    return state.D[0].weight.grad[0], curves


def weight_of_the_square(penalty: Penalty) -> float:
    """What a penalty's gradient is in units of gamma w, where |w| = 5: w itself for |w|^2 / 2, (1 - 1/5) w for (|w| - 1)^2 / 2."""
    places = penalty.on_real + penalty.on_fake + penalty.between
    return places * (0.8 if penalty.excess is off_one else 1.0)


@pytest.mark.parametrize("name", [name for name, penalty in PENALTIES.items() if not penalty.normalises])
@pytest.mark.parametrize("gamma", [0.5, 2.0])
def test_the_loss_gets_half_of_gamma_times_the_square(name: str, gamma: float) -> None:
    penalty = PENALTIES[name]
    with_it, curves = gradient_of_a_linear_critic(name, gamma)
    without, _ = gradient_of_a_linear_critic("none", gamma)
    torch.testing.assert_close(with_it - without, weight_of_the_square(penalty) * gamma * torch.tensor([3.0, -4.0]))
    looked_at = {"penalty/between"} if penalty.between else {"penalty/real", "penalty/fake"} if penalty.on_gradient else set()
    assert {name: value.item() for name, value in curves.items() if name.startswith("penalty/")} == dict.fromkeys(looked_at, 25.0)


@pytest.mark.parametrize("name", GRADIENT)
def test_a_lazy_penalty_comes_seldom_and_as_many_times_as_strong(name: str) -> None:
    every, _ = gradient_of_a_linear_critic(name, 2.0)
    without, _ = gradient_of_a_linear_critic("none", 2.0)
    lazy, curves = gradient_of_a_linear_critic(name, 2.0, penalty_every=4)
    torch.testing.assert_close(lazy - without, 4 * (every - without))
    assert any(curve.startswith("penalty/") for curve in curves)
    state = tiny_state(data="ring-8", penalty=name, penalty_every=4)
    due = [any(curve.startswith("penalty/") for curve in update(state)) for _ in range(9)]
    assert due == [step % 4 == 0 for step in range(9)]


def test_a_root_has_a_slope_where_the_gradient_is_zero() -> None:
    squared = torch.zeros(3, requires_grad=True)
    loss = off_one(squared).mean()
    assert loss.item() == pytest.approx(1.0, abs=1e-5)
    assert torch.isfinite(torch.autograd.grad(loss, squared)[0]).all()
    assert off_one(torch.ones(1)).item() == pytest.approx(0.0, abs=1e-10)
    # The whole way, through a critic that is flat everywhere.
    critic = linear_critic(torch.zeros(2))
    x = torch.randn(8, 2).requires_grad_()
    off_one(squared_gradient_norm(critic(x), x)).mean().backward()
    assert torch.isfinite(critic[0].weight.grad).all()


def test_points_between_are_each_at_a_place_of_its_own_and_on_the_way() -> None:
    # torchgan draws one share for the whole batch.
    real, fake = torch.zeros(512, 1, 4, 4), torch.ones(512, 1, 4, 4)
    points = mixed(real, fake, stream(0, "mix"))
    shares = points[:, 0, 0, 0]
    assert torch.equal(points, shares[:, None, None, None].expand_as(points)), "one share for all pixels of a picture"
    assert len(shares.unique()) > 500
    assert 0 <= shares.min() < 0.02 < 0.98 < shares.max() <= 1
    assert shares.mean().item() == pytest.approx(0.5, abs=0.05)


def test_the_penalty_between_is_in_the_critics_own_loss_and_takes_one_step_of_its_optimiser() -> None:
    # torchgan gives WGAN-GP's penalty an optimiser step of its own, so that Adam weighs the two anew.
    state = tiny_state(data="ring-8", penalty="WGAN-GP", game="wasserstein")
    update(state, "critic")
    assert {moments["step"].item() for moments in state.D_optimiser.moments().values()} == {1.0}


@pytest.mark.parametrize("bound", [0.01, 0.5])
def test_clipping_keeps_every_weight_within_its_bound_after_each_update(bound: float) -> None:
    state = tiny_state(data="ring-8", penalty="clipping", clip=bound, critic_steps=3, lr_critic=0.1)
    generator = [weight.clone() for weight in state.G.parameters()]
    update(state, "critic")
    assert max(weight.abs().max().item() for weight in state.D.parameters()) == pytest.approx(bound)
    assert all(torch.equal(was, weight) for was, weight in zip(generator, state.G.parameters(), strict=True))


@EVERY
def test_every_penalty_helps_and_an_active_one_names_its_source(penalty: Penalty) -> None:
    assert penalty.help.endswith(".")
    assert bool(penalty.source) == (penalty is not PENALTIES["none"])
