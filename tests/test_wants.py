"""What D wants: the gradient of its logit, and steps along it that raise the logit."""

from __future__ import annotations

import dataclasses
from itertools import islice, pairwise

import pytest
import torch
from tiny import tiny_state
from torch import Tensor, nn
from torch.testing import assert_close

from gan_core.games import EACH, GAMES
from gan_core.looks import Copies, Look
from gan_core.networks import NETWORKS
from gan_core.wants import image_steps, wanted, z_steps

EVERY_NETWORK = pytest.mark.parametrize("network", NETWORKS)


class Linear(nn.Module):
    """A critic whose logit is the sum of w times the image."""

    def __init__(self, weight: Tensor) -> None:
        super().__init__()
        self.weight = nn.Parameter(weight, requires_grad=False)

    def forward(self, x: Tensor) -> Tensor:
        return (x * self.weight).flatten(1).sum(dim=1)


def look_of(network: str) -> Look:
    state = tiny_state(network=network)
    copies = Copies(state.config)
    return Look(0, copies.generator(state.G.state_dict()), copies.critic(state.D.state_dict()), "non-saturating", None)


def linear(weight: Tensor) -> Look:
    generator = nn.Sequential(nn.Linear(4, 12, bias=False), nn.Unflatten(1, (1, 3, 4))).requires_grad_(False)
    return Look(0, generator, Linear(weight), "non-saturating", None)


def test_a_linear_critic_wants_its_own_weights() -> None:
    weight, image = torch.randn(1, 3, 4), torch.zeros(1, 1, 3, 4)
    found = wanted(linear(weight), image)
    assert_close(found.gradient[0], weight)
    assert_close(found.logit, torch.zeros(1))


@EVERY_NETWORK
def test_the_gradient_is_that_of_small_differences(network: str) -> None:
    look = look_of(network)
    assert look.critic is not None
    look.critic.double()  # so that a difference can be too small to reach a kink of the critic's
    image = torch.rand(1, *tiny_state(network=network).config.shape, dtype=torch.float64) * 0.5
    found = wanted(look, image)
    direction = found.gradient / found.gradient.norm()
    with torch.no_grad():
        rise = (look.logits(image + 1e-7 * direction) - look.logits(image - 1e-7 * direction)) / 2e-7
    assert_close(rise[0], found.gradient.norm(), rtol=1e-4, atol=1e-6)


def test_an_image_step_has_the_length_that_was_asked_for() -> None:
    look = linear(torch.randn(1, 3, 4))
    (first, low), (second, high) = islice(image_steps(look, torch.zeros(1, 1, 3, 4), rate=0.1), 2)
    assert (second - first).square().mean().sqrt() == pytest.approx(0.1, rel=1e-5)
    assert high > low


@EVERY_NETWORK
def test_images_stay_in_range_and_please_more(network: str) -> None:
    look = look_of(network)
    with torch.no_grad():
        first = look.draw(torch.randn(1, 4)).clamp(-1, 1)
    images, logits = zip(*islice(image_steps(look, first, rate=0.02), 6), strict=True)
    assert all(image.abs().max() <= 1.0 for image in images)
    assert logits[-1] > logits[0]
    assert_close(images[0], first)


@EVERY_NETWORK
def test_z_keeps_its_norm_and_pleases_more(network: str) -> None:
    look, z = look_of(network), torch.randn(1, 4)
    points, images, logits = zip(*islice(z_steps(look, z, rate=0.05), 8), strict=True)
    assert_close(points[0], z)
    assert all(point.norm().item() == pytest.approx(z.norm().item(), rel=1e-4) for point in points)
    assert logits[-1] > logits[0]
    assert all(later >= logit for logit, later in pairwise(logits))
    with torch.no_grad():
        assert_close(images[3], look.draw(points[3]))


def test_a_step_too_long_for_its_hill_is_shortened() -> None:
    """The critic's logit falls with the distance from one image: steps of half of z's norm overshoot it again and again."""
    look, goal = linear(torch.zeros(1, 3, 4)), torch.randn(1, 4)
    top = look.draw(goal * 2 / goal.norm())

    class Hill(nn.Module):
        def forward(self, x: Tensor) -> Tensor:
            return -(x - top).flatten(1).square().sum(dim=1)

    hill = dataclasses.replace(look, critic=Hill())
    logits = [float(logit) for _, _, logit in islice(z_steps(hill, -torch.randn(1, 4), rate=0.5), 12)]
    assert all(later >= logit for logit, later in pairwise(logits))
    assert logits[-1] > logits[0]


def test_a_flat_critic_moves_nothing() -> None:
    look, z = linear(torch.zeros(1, 3, 4)), torch.randn(1, 4)
    assert_close(next(islice(z_steps(look, z, rate=0.5), 3, None))[0], z)
    image = torch.rand(1, 1, 3, 4)
    assert_close(next(islice(image_steps(look, image, rate=0.5), 3, None))[0], image)


def test_wanting_moves_no_weight() -> None:
    look = look_of("mlp")
    before = [weight.clone() for player in (look.generator, look.critic) for weight in player.parameters()]  # type: ignore[union-attr]
    list(islice(z_steps(look, torch.randn(1, 4), rate=0.1), 3))
    after = [weight for player in (look.generator, look.critic) for weight in player.parameters()]  # type: ignore[union-attr]
    assert all(torch.equal(one, other) and other.grad is None for one, other in zip(before, after, strict=True))


@pytest.mark.parametrize("game", GAMES)
def test_verdicts_are_on_the_games_axis(game: str) -> None:
    look = look_of("mlp")
    channels, height, width = tiny_state().config.shape
    reals = torch.randint(0, 256, (6, height, width, channels), dtype=torch.uint8).numpy()
    judged = Look(0, look.generator, look.critic, game, reals)
    logits = torch.randn(5)
    with torch.no_grad():
        real = judged.logits(torch.from_numpy(reals).permute(0, 3, 1, 2).float() / 127.5 - 1)
    assert_close(torch.from_numpy(judged.verdicts(logits)), EACH[GAMES[game].axis](logits, real))
