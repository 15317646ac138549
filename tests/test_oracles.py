"""What is known of how GANs go well and go wrong, by theory or because it was measured for this project: for each the test that holds it.

The known mistakes of programs are in test_known_bugs.py. What needs minutes is measured by benchmarks/presets.py instead.
"""

from __future__ import annotations

import ast
import math
from pathlib import Path
from typing import Any

import pytest
import torch
from test_lessons_of_games import ring
from tiny import tiny_state
from torch import Tensor, nn

from gan_core.averaging import decay, follow
from gan_core.batches import Batches
from gan_core.config import RunConfig
from gan_core.data import load_now
from gan_core.dirac import play
from gan_core.images import to_network
from gan_core.looking import draw
from gan_core.metrics.gap import critic_gap
from gan_core.networks import NETWORKS, make_critic, make_generator
from gan_core.networks.layers import Flat, dcgan_weights
from gan_core.state import GanState, new_state
from gan_core.step import update
from gan_core.streams import stream

pytestmark = pytest.mark.usefixtures("one_thread")

TESTS = Path(__file__).parent
ORACLES: dict[str, tuple[str, ...]] = {
    "ring of eight and grid of 25 as in PacGAN's and VEEGAN's papers, with their measures": (
        "test_data.test_the_ring_is_regular",
        "test_data.test_the_grid_has_its_spacing",
        "test_metrics.test_the_planes_own_points_are_ideal",
        "test_metrics.test_points_on_one_mode_or_on_none",
    ),
    "ring-8: 8 of 8, 70 % on them; grid-25 with z of 2: 25 of 25, 84 %, reverse KL 0": (
        "test_tried_presets.test_the_planes_are_learnt_as_well_as_was_measured",
    ),
    "the average's half-life is capped at a share of the images seen": (
        "test_averaging.test_the_ramp_caps_the_half_life_at_a_share_of_the_images_seen",
    ),
    "Dirac-GAN: orbits, spirals, damping, radii after 500 steps": ("test_dirac.test_it_ends_where_the_papers_own_fields_end",),
    "gamma too small or too big; critical at 2 f'(0)": ("test_oracles.test_gamma_damps_best_where_theory_says",),
    "minimax loses its gradient to a sure D": (
        "test_lessons_of_games.test_a_critic_that_is_sure_leaves_minimax_no_gradient_and_the_others_all_of_it",
    ),
    "a slow D: the generator hops from mode to mode": (
        "test_lessons_of_games.test_a_slow_critic_lets_the_generator_hop_from_spot_to_spot",
        "test_coach_runs.test_presets_that_are_meant_to_fail_are_seen_through",
    ),
    "momentum harms": (
        "test_oracles.test_momentum_throws_out_what_comes_to_rest_without",
        "test_oracles.test_so_does_adams_as_the_knob_turns_it",
    ),
    "clipping under-uses D: its gradients vanish or explode with the bound, its weights gather there": (
        "test_oracles.test_a_clipped_critic_measures_nothing_a_penalised_one_the_distance",
        "test_dirac.test_neither_clipping_nor_the_one_centred_penalty_does",
    ),
    "N(0, 0.02) and no normalisation: a generator that ignores z; the default init survives": (
        "test_oracles.test_weights_of_two_hundredths_leave_z_no_say_unless_something_normalises",
    ),
    "where N(0, 0.02) is claimed, it is": ("test_oracles.test_convolutions_begin_as_dcgans",),
    "a lazy penalty is rarer and as many times as strong, and breaks no grid": (
        "test_penalties.test_a_lazy_penalty_comes_seldom_and_as_many_times_as_strong",
        "test_tried_presets.test_the_planes_are_learnt_as_well_as_was_measured",
    ),
    "D learns few pictures by heart, fewer of them under augmentation": (
        "test_oracles.test_a_critic_learns_few_pictures_by_heart",
        "test_metrics.test_the_gap_of_a_critic_is_in_standard_deviations",
    ),
    "augmentation leaks where only one side is changed": (
        "test_augment.test_nothing_leaks_a_perfect_generators_fakes_look_like_reals_in_both_moves",
    ),
    "transposed convolutions draw checkerboards, bilinear ones do not": (
        "test_oracles.test_only_transposed_convolutions_draw_checkerboards",
    ),
    "D too strong: five fast moves for one slow": ("test_coach_runs.test_presets_that_are_meant_to_fail_are_seen_through",),
    "BatchNorm in D with a penalty on gradients": ("test_config.test_no_penalty_on_gradients_goes_with_batch_norm_in_the_critic",),
    "a sigmoid before the logarithm saturates": ("test_games.test_extreme_logits_stay_finite",),
    "a collapse has precision and no recall": ("test_metrics.test_a_collapse_is_seen_where_it_should_be",),
    "the average of a generator that goes round is in the middle": (
        "test_oracles.test_the_average_rests_where_the_game_goes_round",
        "test_oracles.test_the_average_of_a_hopping_generator_is_on_no_mode",
    ),
    "fp16 is not offered": ("test_oracles.test_half_precision_is_refused",),
}
"""Claim -> its tests. Not here, for nothing of ours depends on it: R1 alone on a thousand modes, FID on other hardware."""


@pytest.mark.parametrize("claim", ORACLES)
def test_every_claim_has_its_test(claim: str) -> None:
    for held_by in ORACLES[claim]:
        file, _, name = held_by.partition(".")
        tree = ast.parse((TESTS / f"{file}.py").read_text(encoding="utf-8"))
        assert name in {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}, held_by


# The GAN of two numbers, played by the loop's own update


class Point(nn.Module):
    """A generator whose samples are all at (theta, 0)."""

    def __init__(self, theta: float = 1.0) -> None:
        super().__init__()
        self.theta = nn.Parameter(torch.tensor([theta, 0.0]))

    def forward(self, z: Tensor) -> Tensor:
        return self.theta.expand(len(z), 2)


def two_numbers(**changes: Any) -> GanState:
    """All reals at (0, 0), fakes at (1, 0), D(x) = -x to begin with; knobs as set."""
    state = tiny_state(**({"data": "ring-8", "batch_size": 2, "penalty": "none"} | changes))
    state.batches.samples = torch.zeros_like(state.batches.samples)
    slope = nn.Linear(2, 1, bias=False)
    slope.weight.data = torch.tensor([[-1.0, 0.0]])
    state.G, state.G_ema, state.D = Point(), Point(), nn.Sequential(slope, Flat())
    for player in ("G", "D"):
        setattr(state, f"{player}_optimiser", torch.optim.Adam(getattr(state, player).parameters()))
    return state


def radius_after(state: GanState, steps: int) -> float:
    for _ in range(steps):
        update(state)
    return math.hypot(state.G.theta[0].item(), state.D[0].weight[0, 0].item())


@pytest.mark.parametrize(
    ("game", "momentum", "low", "high"),
    [
        ("wasserstein", 0.0, 1.2, 1.6),  # goes round for ever, where the two meet in turns (Gidel et al. 2019, theorem 5)
        ("wasserstein", 0.5, 1e3, math.inf),
        ("non-saturating", 0.0, 0.0, 0.7),
        ("non-saturating", 0.9, 100.0, math.inf),
    ],
)
def test_momentum_throws_out_what_comes_to_rest_without(game: str, momentum: float, low: float, high: float) -> None:
    state = two_numbers(game=game, lr_generator=0.2, lr_critic=0.2)
    for player in ("G", "D"):
        setattr(state, f"{player}_optimiser", torch.optim.SGD(getattr(state, player).parameters(), momentum=momentum))
    assert low <= radius_after(state, 100) <= high


@pytest.mark.slow
@pytest.mark.parametrize("game", ["minimax", "non-saturating", "relativistic"])
def test_so_does_adams_as_the_knob_turns_it(game: str) -> None:
    # Measured on the ring: 85 % on the spots with a beta 1 of 0, 36 % with 0.9.
    ends = [radius_after(two_numbers(game=game, beta1=beta1, lr_generator=0.02, lr_critic=0.02), 300) for beta1 in (0.0, 0.5, 0.9)]
    assert ends == sorted(ends)
    assert ends[2] > 2 * ends[0]
    assert ends[2] > math.sqrt(2) or game != "minimax", "it ends farther out than it began"


def test_gamma_damps_best_where_theory_says() -> None:
    # At rest the game turns by f'(0) = 1/2 and R1 pulls by gamma: roots of x^2 + gamma x + 1/4 (Mescheder et al. 2018, theorem 4.1).
    size, steps, rates = 0.05, 600, {}
    for gamma in (0.2, 1.0, 4.0, 10.0):
        path = play("minimax", "R1", gamma=gamma, size=size, steps=steps, start=(0.1, -0.1))
        rates[gamma] = -float((path[-1].norm() / path[steps // 2].norm()).log()) / (size * steps / 2)
        assert rates[gamma] == pytest.approx(gamma / 2 - math.sqrt(max(gamma**2 - 1, 0.0)) / 2, rel=0.15), gamma
    assert max(rates, key=rates.__getitem__) == 1.0


# The average


@pytest.mark.parametrize("game", ["wasserstein", "minimax"])
def test_the_average_rests_where_the_game_goes_round(game: str) -> None:
    path, average, living = play(game, steps=1500).float(), Point(), Point()
    for step, place in enumerate(path):
        living.theta.data = place
        follow(average, living, 1.0 - decay(64, images=64 * step, halflife_images=64 * 500))
    assert path[500:].norm(dim=1).min().item() > 1.0, "the players never come near"
    assert average.theta.norm().item() < 0.2


def test_the_average_of_a_hopping_generator_is_on_no_mode() -> None:
    average, living = Point(), Point()
    for step in range(2000):
        angle = 2 * math.pi * (step // 20) / 8
        living.theta.data = torch.tensor([math.cos(angle), math.sin(angle)])
        follow(average, living, 1.0 - decay(64, images=64 * step, halflife_images=64 * 500))
    assert living.theta.norm().item() == pytest.approx(1.0), "the living one is on a spot"
    assert average.theta.norm().item() < 0.3, "nearer to the middle than to any spot"


# What D makes of it


def looked_through(penalty: str, clip: float = 0.01) -> tuple[float, float, float]:
    """A Wasserstein critic's distance from the ring to a point in its middle, its slope on the way, its weights' share at the bound."""
    state = ring(game="wasserstein", penalty=penalty, clip=clip, gamma=20.0, width=32, latent_dim=2, critic_depth=2, lr_critic=3e-3)
    state.G = Point(0.0)
    for _ in range(150):
        update(state, "critic")
    real = state.batches.samples[:256]
    way = (real * torch.rand(256, 1, generator=stream(0, "z"))).requires_grad_()
    slope = torch.autograd.grad(state.D(way).sum(), way)[0].norm(dim=1).mean()
    weights = torch.cat([weight.detach().flatten().abs() for weight in state.D.parameters()])
    distance = draw(state.D, real).mean() - draw(state.D, torch.zeros(1, 2)).mean()
    return float(distance), float(slope), float((weights > 0.99 * clip).float().mean())


def test_a_clipped_critic_measures_nothing_a_penalised_one_the_distance() -> None:
    # Gulrajani et al. 2017, figure 1: gradients vanish or explode with the bound, and weights gather at it.
    radius = float(load_now("ring-8").train.norm(dim=1).mean())
    tight, tight_slope, at_bound = looked_through("clipping")
    _, loose_slope, _ = looked_through("clipping", clip=0.5)
    penalised, slope, _ = looked_through("WGAN-GP")
    assert tight < 0.01 * radius and tight_slope < 0.01
    assert at_bound > 0.5
    assert loose_slope > 5
    assert slope == pytest.approx(1.0, abs=0.2)
    assert penalised == pytest.approx(radius, rel=0.2)


@pytest.mark.slow
def test_a_critic_learns_few_pictures_by_heart() -> None:
    digits = load_now("digits")
    heldout = to_network(digits.heldout)

    def gap(count: int, augment: str) -> float:
        config = RunConfig(
            data="digits", game="non-saturating", penalty="none", augment=augment, width=64, batch_size=32, threads=1, device="cpu"
        )
        train = digits.train[:count]
        state = new_state(config, Batches(train, 0, device="cpu"))
        for _ in range(100):
            update(state)
        return critic_gap(draw(state.D, to_network(train)), draw(state.D, heldout))

    few, many, changed = gap(32, "none"), gap(len(digits.train), "none"), gap(32, "all")
    assert few > 0.5
    assert abs(many) < 0.2
    assert changed < 0.8 * few


# How networks begin, and what they can draw

CONVOLUTIONS = ("dcgan", "dcgan-dropout", "dense-up")
"""Transposed ones, begun as DCGAN's."""


def test_convolutions_begin_as_dcgans() -> None:
    for name in CONVOLUTIONS:
        players = [make_generator(name, (1, 28, 28), latent_dim=16, width=16, rng=stream(0, "generator"))]
        if name != "dense-up":  # its D is one dense layer
            players.append(make_critic(name, (1, 28, 28), width=16, rng=stream(0, "critic")))
        layers = [layer for player in players for layer in player.modules()]
        weights = [layer.weight for layer in layers if isinstance(layer, nn.Conv2d | nn.ConvTranspose2d | nn.Linear)]
        scales = [layer.weight for layer in layers if isinstance(layer, nn.BatchNorm1d | nn.BatchNorm2d)]
        for drawn, middle in ((weights, 0.0), (scales, 1.0)):
            numbers = torch.cat([weight.detach().flatten() for weight in drawn])
            assert len(numbers) >= 48
            assert numbers.mean().item() == pytest.approx(middle, abs=4 * 0.02 / math.sqrt(len(numbers))), name
            assert numbers.std().item() == pytest.approx(0.02, rel=4 / math.sqrt(2 * len(numbers))), name


@pytest.mark.parametrize("name", NETWORKS)
def test_weights_of_two_hundredths_leave_z_no_say_unless_something_normalises(name: str) -> None:
    # Total collapse in the textbook (D2L 2026, GANs): the same network with a non-saturating loss and N(0, 0.02); its own init survives.
    G = make_generator(name, (1, 28, 28), latent_dim=16, width=16, rng=stream(0, "generator"))
    z = torch.randn(64, 16, generator=stream(0, "z"))
    with torch.no_grad():
        own = G(z).std(0).mean()
        dcgan_weights(G, stream(1, "generator"))
        small = G(z).std(0).mean()
    assert own > 0.02
    assert (small > 0.2 * own) if NETWORKS[name].batch_norm else (small < 0.01 * own)


def checks(name: str) -> float:
    """How strong the finest pattern is in what a network draws before its first step, where 1 is that of noise."""
    G = make_generator(name, (1, 32, 32), latent_dim=16, width=16, rng=stream(0, "generator"))
    with torch.no_grad():
        pictures = G(torch.randn(128, 16, generator=stream(0, "z")))
    power = torch.fft.fft2(pictures - pictures.mean((2, 3), keepdim=True)).abs().square().mean((0, 1))
    return float((power[16, :].sum() + power[:, 16].sum()) / power.sum()) * 16


def test_only_transposed_convolutions_draw_checkerboards() -> None:
    assert all(checks(name) > 1.5 for name in CONVOLUTIONS)
    assert checks("modern") < 0.1


def test_half_precision_is_refused() -> None:
    # Gradient penalties overflow in it: StudioGAN's WGAN-GP is NaN after 1,500 steps, R3GAN trains worse.
    with pytest.raises(ValueError, match="precision is 'fp16'"):
        RunConfig(precision="fp16")
