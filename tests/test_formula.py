"""The formula a run's page shows: its game's terms, its penalty's, and nothing else."""

from __future__ import annotations

import pytest

from gan_core.config import RunConfig
from gan_core.games import GAMES
from gan_core.penalties import PENALTIES
from ui.formula import formula


@pytest.mark.parametrize("game", GAMES)
@pytest.mark.parametrize("penalty", ["none", "R1+R2", "clipping"])
def test_both_lines_hold_the_terms_of_game_and_penalty(game: str, penalty: str) -> None:
    shown = formula(RunConfig(game=game, penalty=penalty, gamma=0.5))
    critic, generator = shown["lines"]
    assert [term["math"] for term in generator["terms"]] == [term.math for term in GAMES[game].generator_terms]
    wanted = [*GAMES[game].critic_terms, *PENALTIES[penalty].terms]
    assert [(term["sign"], term["math"]) for term in critic["terms"]] == [(term.sign, term.math) for term in wanted]
    assert sum(term["weighed"] for term in critic["terms"]) == (2 if penalty == "R1+R2" else 0)
    assert (critic["curve"], generator["curve"], shown["gamma"]) == ("loss/critic", "loss/generator", 0.5)


def test_smoothed_labels_change_the_term_of_the_reals_alone() -> None:
    plain, smoothed = (formula(RunConfig(game="non-saturating", label_smoothing=share))["lines"][0]["terms"] for share in (0.0, 0.1))
    assert [term["smoothed"] for term in smoothed] == [True] + [False] * (len(smoothed) - 1)
    assert [one["math"] == other["math"] for one, other in zip(plain, smoothed, strict=True)] == [False] + [True] * (len(plain) - 1)


def test_every_sentence_of_a_term_is_in_the_catalogue() -> None:
    catalogue = pytest.importorskip("ui.catalogue")
    words = {message.id for message in catalogue.words()}
    games = [term for game in GAMES.values() for term in (*game.critic_terms, *game.generator_terms)]
    assert {term.help for term in [*games, *(term for penalty in PENALTIES.values() for term in penalty.terms)]} <= words
