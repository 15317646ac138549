"""A run's game as a formula: what both players minimise, term by term, from the registries' records."""

from __future__ import annotations

from typing import Any

from gan_core.config import RunConfig
from gan_core.games import GAMES
from gan_core.penalties import PENALTIES
from gan_core.terms import Term
from ui.components.formula import WORDS
from ui.text import _


def formula(config: RunConfig) -> dict[str, Any]:
    """The formula of these settings, as formula.js draws it: a line for each player, and the words around them."""
    game, penalty = GAMES[config.game], PENALTIES[config.penalty]
    smoothed = bool(config.label_smoothing and game.smoothed)
    return {
        "lines": [
            {
                "player": "critic",
                "letter": "D",
                "curve": "loss/critic",
                "terms": [
                    *(_term(term, smoothed=smoothed) for term in game.critic_terms),
                    *(_term(term, weighed=penalty.on_gradient) for term in penalty.terms),
                ],
            },
            {"player": "generator", "letter": "G", "curve": "loss/generator", "terms": [_term(term) for term in game.generator_terms]},
        ],
        "gamma": config.gamma,
        "smoothing": config.label_smoothing,
        "words": {key: _(word) for key, word in WORDS.items()},
    }


def _term(term: Term, *, smoothed: bool = False, weighed: bool = False) -> dict[str, Any]:
    changed = smoothed and term.smoothed
    return {
        "sign": term.sign,
        "math": term.smoothed if changed else term.math,
        "help": _(term.help),
        "curve": term.curve,
        "reads": term.reads,
        "weighed": weighed,  # by gamma
        "smoothed": bool(changed),
    }
