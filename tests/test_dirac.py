"""The smallest GAN: its fields are those of the paper, and so is where it goes."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import Tensor

from gan_core.dirac import field, play
from gan_core.games import GAMES
from gan_core.penalties import PENALTIES

GRADIENT = [name for name, penalty in PENALTIES.items() if penalty.on_gradient]
WAYS: dict[str, dict[str, Any]] = {"at once": {"alternating": False}, "in turns": {}, "five moves of D": {"critic_steps": 5}}
RADII = [
    ("minimax", "none", 0.0, {"at once": 3.10, "in turns": 1.42, "five moves of D": 1.85}),
    ("non-saturating", "none", 0.0, {"at once": 0.64, "in turns": 0.284, "five moves of D": 0.139}),
    ("wasserstein", "clipping", 0.0, {"at once": 1.00, "in turns": 1.02}),
    ("wasserstein", "WGAN-GP", 0.7, {"at once": 1.80, "in turns": 1.22}),
    ("minimax", "R1", 0.3, {"at once": 2.6e-6, "in turns": 2.3e-7, "five moves of D": 9.2e-34}),
    ("minimax", "R1", 1.0, {"at once": 9.5e-22, "in turns": 7.5e-17}),
]
"""After 500 steps of 0.2 from (1, 1) in the paper's signs, which is (1, -1) in ours; measured on the fields of Mescheder's own code."""


def grid() -> tuple[Tensor, Tensor]:
    theta, psi = torch.meshgrid(*[torch.linspace(-2, 2, 9, dtype=torch.float64)] * 2, indexing="ij")
    return theta, psi


def radius(path: Tensor) -> float:
    return float(path[-1].norm())


@pytest.mark.parametrize(("game", "penalty", "gamma", "way", "end"), [(*row[:3], way, end) for row in RADII for way, end in row[3].items()])
def test_it_ends_where_the_papers_own_fields_end(game: str, penalty: str, gamma: float, way: str, end: float) -> None:
    assert radius(play(game, penalty, gamma=gamma, **WAYS[way])) == pytest.approx(end, rel=0.02)


@pytest.mark.parametrize(
    ("game", "theta_way", "psi_way"),
    [
        ("minimax", lambda t, p: p * torch.sigmoid(t * p), lambda t, p: -t * torch.sigmoid(t * p)),
        ("non-saturating", lambda t, p: p * torch.sigmoid(-t * p), lambda t, p: -t * torch.sigmoid(t * p)),
        ("least-squares", lambda t, p: p * (1 - t * p), lambda t, p: -t * (t * p)),
        ("wasserstein", lambda t, p: p, lambda t, p: -t),
        ("hinge", lambda t, p: p, lambda t, p: -t * (t * p > -1)),
        ("relativistic", lambda t, p: p * torch.sigmoid(-t * p), lambda t, p: -t * torch.sigmoid(t * p)),
    ],
)
def test_the_fields_are_those_one_derives_by_hand(game: str, theta_way: Any, psi_way: Any) -> None:
    theta, psi = grid()
    to_theta, to_psi = field(theta, psi, game=game)
    torch.testing.assert_close(to_theta, theta_way(theta, psi))
    on_the_edge = (theta * psi == -1) if game == "hinge" else torch.zeros_like(theta, dtype=torch.bool)
    torch.testing.assert_close(to_psi[~on_the_edge], psi_way(theta, psi)[~on_the_edge])


def test_every_game_has_its_fields_by_hand_above() -> None:
    (mark,) = test_the_fields_are_those_one_derives_by_hand.pytestmark  # type: ignore[attr-defined]
    assert {row[0] for row in mark.args[1]} == set(GAMES)


@pytest.mark.parametrize("game", GAMES)
def test_both_rest_at_the_equilibrium(game: str) -> None:
    nowhere = torch.zeros(1, dtype=torch.float64)
    assert [way.item() for way in field(nowhere, nowhere, game=game)] == [0.0, 0.0]


@pytest.mark.parametrize("penalty", GRADIENT)
def test_a_penalty_pulls_the_critic_by_its_half_of_gamma(penalty: str) -> None:
    theta, psi = grid()
    plain, pulled = (field(theta, psi, game="wasserstein", penalty=name, gamma=0.6) for name in ("none", penalty))
    assert torch.equal(plain[0], pulled[0]), "the generator has no penalty"
    row = PENALTIES[penalty]
    wanted = 0.6 * (psi - psi.sign() if penalty == "WGAN-GP" else (row.on_real + row.on_fake + row.between) * psi)
    torch.testing.assert_close(plain[1] - pulled[1], wanted, atol=1e-6, rtol=1e-5)


@pytest.mark.parametrize("game", ["non-saturating", "relativistic"])
@pytest.mark.parametrize("penalty", ["none", "R1", "R2", "R1+R2", "zero-centred"])
def test_a_zero_centred_penalty_brings_it_to_rest(game: str, penalty: str) -> None:
    end = radius(play(game, penalty, gamma=0.3))
    assert end < 1e-6 if PENALTIES[penalty].on_gradient else end == pytest.approx(0.28, abs=0.01)


@pytest.mark.parametrize("penalty", ["none", "clipping", "WGAN-GP"])
def test_neither_clipping_nor_the_one_centred_penalty_does(penalty: str) -> None:
    assert radius(play("wasserstein", penalty, gamma=0.3)) > 0.5


def test_clipping_keeps_the_critic_within_its_bound() -> None:
    path = play("wasserstein", "clipping", clip=0.1, steps=50)
    assert path.shape == (51, 2)
    assert path[1:, 1].abs().max() == pytest.approx(0.1)


def test_a_critic_of_one_weight_cannot_be_normalised() -> None:
    with pytest.raises(ValueError, match="sign"):
        play("hinge", "spectral", steps=1)
