"""Words of the living formula, a piece that views of a run may hold: formula.js draws it, formula.css dresses it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

WORDS: Final[Mapping[str, str]] = {
    "title": "Formula",
    "hint": "Point at a term, or move to it with the Tab key: it says what it wants, and its curve is drawn thicker.",
    "hint_touch": "Press a term: it says what it wants, and its curve is drawn thicker.",
    "loss_critic": "What D makes as small as it can.",
    "loss_generator": "What G makes as small as it can.",
    "with_penalty": "The curve, and the number here, leave the penalty out.",
    "gamma": "γ is {gamma} now.",
    "smoothing": "s is {smoothing} now: reals are labelled a little less than sure.",
}
"""Every word the formula shows, beside the sentences of its terms. What stands in {braces} is filled in by the browser."""
