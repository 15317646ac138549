"""What is said of the two numbers beforehand is what they do."""

from __future__ import annotations

import math

import pytest

from gan_core.dirac import play
from gan_core.games import GAMES
from gan_core.outlook import outlook, playable, slopes
from gan_core.penalties import PENALTIES


@pytest.mark.parametrize(("game", "slope"), [("minimax", 0.5), ("non-saturating", 0.5), ("wasserstein", 1.0), ("hinge", 1.0)])
def test_slopes_at_the_goal_are_those_of_the_paper(game: str, slope: float) -> None:
    assert slopes(game) == (slope, slope, 0.0)
    assert slopes(game, "R1", 0.3) == (slope, slope, pytest.approx(0.3))
    assert slopes(game, "R1+R2", 0.3)[2] == pytest.approx(0.6)


@pytest.mark.parametrize(("alternating", "rate"), [(False, math.sqrt(1 + 0.01)), (True, 1.0)])
def test_without_a_penalty_the_eigenvalues_are_those_of_the_paper(alternating: bool, rate: float) -> None:
    assert outlook("minimax", alternating=alternating).rate == pytest.approx(rate, rel=1e-12)


def test_the_critical_gamma_is_twice_the_slope() -> None:
    assert outlook("minimax", "R1").critical_gamma == pytest.approx(1.0)
    assert outlook("minimax", "R1+R2").critical_gamma == pytest.approx(0.5)
    assert outlook("minimax").critical_gamma is None


@pytest.mark.parametrize("alternating", [True, False])
@pytest.mark.parametrize("game", ["minimax", "wasserstein"])
def test_the_rate_is_that_of_the_path_near_the_goal(game: str, alternating: bool) -> None:
    ahead = outlook(game, "R1", gamma=0.3, alternating=alternating)
    # Whole turns apart, so that an ellipse's long and short sides do not matter.
    turns = round(2 * (ahead.turn or 1))
    radii = play(game, "R1", gamma=0.3, steps=turns, start=(1e-4, -1e-4), alternating=alternating).norm(dim=1)
    assert (radii[-1] / radii[0]).item() ** (1 / turns) == pytest.approx(ahead.rate, rel=2e-3)
    assert ahead.kind == "rests"


@pytest.mark.parametrize(
    ("game", "penalty", "gamma", "alternating", "kind"),
    [
        ("minimax", "none", 0.0, True, "circles"),
        ("minimax", "none", 0.0, False, "leaves"),
        ("minimax", "clipping", 0.0, False, "bounded"),
        ("non-saturating", "none", 0.0, True, "creeps"),
        ("relativistic", "none", 0.0, False, "orbits"),
        ("least-squares", "R1", 0.3, True, "stalls"),
        ("wasserstein", "WGAN-GP", 0.7, True, "restless"),
        ("wasserstein", "R1", 11.0, True, "overshoots"),
        ("hinge", "none", 0.0, False, "bounded"),
        ("hinge", "R1", 0.3, False, "rests"),
    ],
)
def test_it_says_what_becomes_of_them(game: str, penalty: str, gamma: float, alternating: bool, kind: str) -> None:
    assert outlook(game, penalty, gamma=gamma, alternating=alternating).kind == kind


def test_the_orbit_is_where_they_end() -> None:
    ahead = outlook("non-saturating", alternating=False)
    assert ahead.orbit == pytest.approx(math.sqrt(2 * 0.2))
    assert play("non-saturating", alternating=False)[-1].norm().item() == pytest.approx(ahead.orbit, rel=0.03)


def test_they_creep_as_said() -> None:
    end = play("non-saturating")[-1].norm().item()
    assert end == pytest.approx(math.sqrt(8 / (0.2 * 500)), rel=0.05)


def test_every_game_and_penalty_has_an_outlook() -> None:
    games, penalties = playable()
    assert games == list(GAMES) and set(PENALTIES) - set(penalties) == {"spectral"}
    for game in games:
        for penalty in penalties:
            assert math.isfinite(outlook(game, penalty).rate)
