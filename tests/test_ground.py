"""A game on a plane: what is seen of players whose answer one knows by heart."""

from __future__ import annotations

import math
from collections.abc import Generator
from dataclasses import replace
from typing import Any

import pytest
import torch
from tiny import tiny_config, tiny_set
from torch import Tensor, nn
from torch.testing import assert_close

from gan_core.batches import Batches
from gan_core.data import DATA, load_now, planes
from gan_core.games import EACH, GAMES
from gan_core.ground import FIGURE_POINTS, SLICE, Ground, Prospect, figures_of, ground_of
from gan_core.looks import Copies, Look
from gan_core.metrics.modes import ON_MODE
from gan_core.state import new_state

SLOPE = torch.tensor([0.8, -0.3])
PLANES = [name for name, source in DATA.items() if source.kind == "plane"]


class Affine(nn.Module):
    """A critic with a slope one knows."""

    def forward(self, x: Tensor) -> Tensor:
        return x @ SLOPE.to(x.dtype) + 0.1


class Stretch(nn.Module):
    """A generator that puts the noise where it is, but for a factor, on a plane."""

    def forward(self, z: Tensor) -> Tensor:
        return 2 * torch.cat([z, torch.zeros_like(z)], dim=1)[:, :2]


def done(work: Generator[None, None, Any]) -> Any:
    """What a generator of slices returns."""
    while True:
        try:
            next(work)
        except StopIteration as end:
            return end.value


def ground(latent_dim: int = 2, data: str = "ring-8") -> Ground:
    return ground_of(tiny_config(data=data, latent_dim=latent_dim), tiny_set(data))


def prospect(game: str = "non-saturating", latent_dim: int = 2) -> Prospect:
    return Prospect(ground(latent_dim), Look(0, Stretch(), Affine(), game, None))


def test_all_training_points_have_room_in_the_span() -> None:
    data = tiny_set("ring-8")
    x, y, half = ground().span
    train = data.train * data.scale
    reach = (train - torch.tensor([x, y])).abs().amax()
    assert_close(float(reach) * 1.2, half)
    assert_close((train.amax(0) + train.amin(0)) / 2, torch.tensor([x, y]))


@pytest.mark.parametrize("game", GAMES)
def test_the_heat_map_is_the_critic_in_the_middle_of_each_cell(game: str) -> None:
    seen = prospect(game)
    (x, y, half), scale = seen.ground.span, seen.ground.scale
    heat = done(seen.heat(40))
    logits_real = Affine()(seen.ground.reals)
    for i, j in ((0, 0), (0, 39), (39, 0), (17, 23)):
        place = torch.tensor([[x - half + (j + 0.5) / 40 * 2 * half, y + half - (i + 0.5) / 40 * 2 * half]])
        assert_close(heat[i, j], EACH[GAMES[game].axis](Affine()(place / scale), logits_real)[0], rtol=1e-4, atol=1e-5)
    sign = -1 if GAMES[game].axis == "margin" else 1
    assert sign * heat[0, -1] > sign * heat[0, 0], "more real to the right"
    assert sign * heat[-1, 0] > sign * heat[0, 0], "less real to the top"


def test_the_warped_grid_of_a_linear_generator_is_that_grid() -> None:
    seen = prospect()
    warped, z = done(seen.warped(5)), seen.grid_z(5)
    assert warped.shape == (5, 5, 2)
    for i in range(5):
        for j in range(5):
            assert_close(warped[i, j], 2 * seen.ground.scale * torch.stack([z[j], z[i]]))
    assert_close(z, -z.flip(0))
    assert_close(z[0], torch.tensor(-2.3263479))


def test_a_grid_of_one_number_is_a_line() -> None:
    seen = prospect(latent_dim=1)
    warped, z = done(seen.warped(4)), seen.grid_z(4)
    assert warped.shape == (4, 1, 2)
    assert_close(warped[:, 0, 0], 2 * seen.ground.scale * z)


def test_the_grid_of_uniform_noise_is_even() -> None:
    config = tiny_config(data="ring-8", latent_dim=2, noise="uniform")
    even = Prospect(ground_of(config, tiny_set("ring-8")), Look(0, Stretch(), None, config.game, None))
    assert_close(even.grid_z(3), torch.tensor([-math.sqrt(3), 0.0, math.sqrt(3)]))
    assert even.ground.z.abs().max() <= math.sqrt(3)


def test_further_numbers_of_z_are_zero_in_the_grid() -> None:
    seen = prospect(latent_dim=5)
    seen = replace(seen, look=replace(seen.look, generator=lambda z: z[:, 2:4]))
    assert not done(seen.warped(3)).any()


@pytest.mark.parametrize("count", [1, 700, 1024])
@pytest.mark.parametrize("game", GAMES)
def test_arrows_are_the_slope_by_the_games_derivative(game: str, count: int) -> None:
    seen = prospect(game)
    fakes = done(seen.fakes(count))
    scale, z = seen.ground.scale, seen.ground.z[:count]
    assert_close(fakes.z, z)
    assert_close(fakes.places, 2 * scale * z)
    logits, all_real = Affine()(fakes.places / scale).double().requires_grad_(), Affine()(seen.ground.reals)
    logits_real = all_real.repeat(20)[:count].double()
    pairs = zip(logits, logits_real, strict=True)
    loss = torch.stack([GAMES[game].generator(logit[None], real[None]) for logit, real in pairs]).sum()
    (derivative,) = torch.autograd.grad(loss, logits)
    assert_close(fakes.arrows.double(), -derivative[:, None] * SLOPE.double() / scale, rtol=1e-4, atol=1e-6)
    assert_close(fakes.verdict, EACH[GAMES[game].axis](logits.detach().float(), all_real), rtol=1e-4, atol=1e-5)
    if game != "least-squares":  # which pulls back who is too real
        assert (fakes.arrows @ SLOPE >= 0).all(), "fakes are pulled to where D takes them for more real"


def test_without_a_critic_there_are_fakes_alone() -> None:
    seen = prospect()
    fakes = done(replace(seen, look=replace(seen.look, critic=None)).fakes(9))
    assert (fakes.verdict, fakes.arrows) == (None, None)
    assert len(fakes.places) == 9


def test_figures_of_the_target_itself_are_ideal() -> None:
    data = load_now("ring-8")
    config = tiny_config(data="ring-8")
    found = done(figures_of((data.train * data.scale)[:FIGURE_POINTS], ground_of(config, data)))
    assert (found["modes"], found["of"]) == (8, 8)
    assert found["on_mode"] == pytest.approx(ON_MODE, abs=0.01)
    assert found["reverse_kl"] == pytest.approx(0.0, abs=0.01)
    assert found["energy"] == pytest.approx(0.0, abs=0.005)
    assert found["energy_floor"] == pytest.approx(0.0, abs=0.005)


def test_figures_of_one_point_are_not() -> None:
    config, data = tiny_config(data="ring-8"), load_now("ring-8")
    found = done(figures_of(torch.zeros(FIGURE_POINTS, 2), ground_of(config, data)))
    assert (found["modes"], found["on_mode"]) == (0, 0.0)
    assert found["energy"] == pytest.approx(2 - 0.25 / math.tan(math.pi / 16), abs=0.015), "2 E|x| - E|x - x'| on eight points of a circle"


@pytest.mark.parametrize("name", [name for name in PLANES if name != "points"])
def test_every_plane_has_its_figures(name: str) -> None:
    data, config = load_now(name), tiny_config(data=name)
    found = done(figures_of(data.heldout[FIGURE_POINTS : 2 * FIGURE_POINTS] * data.scale, ground_of(config, data)))
    assert found["energy"] == pytest.approx(0.0, abs=0.02)
    assert (found["modes"] is None) == (planes.spots(name) is None)
    assert found["modes"] == found["of"]


def test_a_handful_of_points_is_ground_enough() -> None:
    data = tiny_set("ring-8", 3)
    few = ground_of(tiny_config(data="ring-8"), replace(data, heldout=data.heldout[:1]))
    assert math.isfinite(few.energy_floor)
    assert done(replace(prospect(), ground=few).fakes(9)).arrows.shape == (9, 2)


def test_figures_come_in_slices() -> None:
    work, slices = prospect().figures(), 0
    for _ in work:
        slices += 1
    assert slices >= 3 * FIGURE_POINTS // SLICE


@pytest.mark.parametrize("told", ["no", "yes"])
def test_real_players_are_looked_at_and_left_alone(told: str) -> None:
    config, data = tiny_config(data="ring-8", conditional=told), tiny_set("ring-8")
    labels = {"labels": data.labels, "classes": len(data.classes)} if config.told else {}
    state = new_state(config, Batches(data.train, 0, device="cpu", **labels))
    copies = Copies(config)
    look = Look(0, copies.generator(state.G.state_dict()), copies.critic(state.D.state_dict()), config.game, None)
    seen = Prospect(ground_of(config, data), look)
    assert done(seen.heat(8)).shape == (8, 8)
    fakes = done(seen.fakes(20))
    assert fakes.arrows.abs().sum() > 0
    assert done(seen.figures())["of"] == 8
    assert all(weight.grad is None for weight in [*state.G.parameters(), *state.D.parameters()])
