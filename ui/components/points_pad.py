"""A pad to draw a target on: points along what a pointer, a finger or the keyboard draws, handed to the page when they are to be used."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import streamlit as st

from ui.components.parts import script, text
from ui.palette import PALETTE

WORDS: Final[Mapping[str, str]] = {
    "locale": "en",  # how numbers are written: a BCP 47 tag
    "pad": "The pad. Arrow keys move the pen, Space puts a spot, Shift with an arrow key draws a line, Backspace undoes.",
    "hint": "Draw with the mouse, a finger or the arrow keys: a press puts a spot of points, a stroke a line of them.",
    "undo": "Undo",
    "clear": "Clear",
    "use": "Use these points",
    "count": "{count} points",
    "few": "{count} points; at least {fewest} are needed",
    "full": "{count} points; there is no room for more",
}
"""Every word the pad shows, in English. What stands in {braces} is filled in by the browser and must stay as it is."""

FEWEST: Final = 10
MOST: Final = 20_000
"""How many points may be handed on."""

MODULES: Final = ("frames", "link", "numbers", "points_pad")
"""The pad's JavaScript, in order."""

_MOUNT = st.components.v2.component(
    "ganscope_points_pad", html=text("points_pad.html"), css=text("points_pad.css"), js=script(MODULES), isolate_styles=False
)


def points_of(value: object) -> list[tuple[float, float]] | None:
    """Points from what a browser sent, a flat list of x, y, x, y, … from -1 to 1; None for anything else."""
    if not isinstance(value, list) or len(value) % 2 or not FEWEST <= len(value) // 2 <= MOST:
        return None
    if not all(type(number) in (int, float) and math.isfinite(number) and -1 <= number <= 1 for number in value):
        return None
    return list(zip(map(float, value[::2]), map(float, value[1::2]), strict=True))


def points_pad(
    *, points: Sequence[tuple[float, float]], words: Mapping[str, str], on_use: Callable[[list[tuple[float, float]]], None], key: str
) -> None:
    """The pad, beginning with `points`, which are from -1 to 1 each way, y upwards; `on_use` is called with those that are to be used."""

    def told() -> None:
        wish = st.session_state[key].use
        drawn = points_of(wish.get("points")) if isinstance(wish, Mapping) else None
        if drawn is not None:
            on_use(drawn)

    data: dict[str, Any] = {
        "points": [number for point in points for number in point],
        "limits": [FEWEST, MOST],
        "words": {**WORDS, **words},
        "palette": {mode: dict(colours) for mode, colours in PALETTE.items()},
    }
    _MOUNT(key=key, data=data, on_use_change=told)
