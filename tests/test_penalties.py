"""Penalties on known critics, and what they do to the smallest GAN there is."""

from __future__ import annotations

import math

import pytest
import torch
from tiny import tiny_state
from torch import Tensor, nn

from gan_core.games import GAMES, Game
from gan_core.networks import NETWORKS
from gan_core.networks.layers import Flat
from gan_core.penalties import PENALTIES, Penalty, squared_gradient_norm
from gan_core.step import update
from gan_core.streams import stream

EVERY = pytest.mark.parametrize("penalty", PENALTIES.values(), ids=PENALTIES)


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
    critic = NETWORKS[network].critic((1, 16, 16), width=8, rng=stream(0, "critic")).double()
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


def gradient_of_a_linear_critic(name: str, gamma: float) -> tuple[Tensor, dict[str, Tensor]]:
    """What the loop's own update leaves as the gradient of w = (3, -4), and its curves."""
    state = tiny_state(data="ring-8", penalty=name, gamma=gamma, lr_critic=0.0)
    state.D = linear_critic(torch.tensor([3.0, -4.0]))
    state.D_optimiser = torch.optim.SGD(state.D.parameters(), lr=0.0)
    curves = update(state, "critic")
    return state.D[0].weight.grad[0], curves


@pytest.mark.parametrize("name", PENALTIES)
@pytest.mark.parametrize("gamma", [0.5, 2.0])
def test_the_loss_gets_half_of_gamma_times_the_square(name: str, gamma: float) -> None:
    penalty = PENALTIES[name]
    with_it, curves = gradient_of_a_linear_critic(name, gamma)
    without, _ = gradient_of_a_linear_critic("none", gamma)
    # The gradient of gamma / 2 |w|^2 is gamma w, once for reals and once for fakes.
    torch.testing.assert_close(with_it - without, (penalty.on_real + penalty.on_fake) * gamma * torch.tensor([3.0, -4.0]))
    if penalty.active:
        assert curves["penalty/real"] == curves["penalty/fake"] == 25.0
    else:
        assert not any(curve.startswith("penalty/") for curve in curves)


def dirac_radius(game: Game, penalty: Penalty, gamma: float) -> float:
    """Mescheder et al. 2018, section 2: reals at 0, the fake at theta, D(x) = psi x; from (1, 1), 500 alternating steps of 0.2."""
    theta, psi = (torch.ones(1, dtype=torch.float64, requires_grad=True) for _ in range(2))
    nothing = torch.zeros(1, dtype=torch.float64)
    for _ in range(500):
        (slope,) = torch.autograd.grad(game.generator(psi.detach() * theta, nothing), theta)
        theta = (theta - 0.2 * slope).detach().requires_grad_()
        loss = game.critic(psi * 0.0, psi * theta.detach()) + gamma / 2 * (penalty.on_real + penalty.on_fake) * psi.square().sum()
        (slope,) = torch.autograd.grad(loss, psi)
        psi = (psi - 0.2 * slope).detach().requires_grad_()
    return math.hypot(theta.item(), psi.item())


@EVERY
@pytest.mark.parametrize("game", ["non-saturating", "relativistic"])
def test_a_penalty_brings_the_dirac_gan_to_rest(penalty: Penalty, game: str) -> None:
    radius = dirac_radius(GAMES[game], penalty, 0.3)
    if penalty.active:
        assert radius < 1e-6
    else:
        assert radius == pytest.approx(0.28, abs=0.01), "it circles, and the circle shrinks slowly"


@EVERY
def test_every_penalty_helps_and_an_active_one_names_its_source(penalty: Penalty) -> None:
    assert penalty.help.endswith(".")
    assert bool(penalty.source) == penalty.active
