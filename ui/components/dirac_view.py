"""Portraits of the GAN of two numbers, side by side in lock-step: fields, paths, and distances from the goal."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import streamlit as st

from ui.components.parts import script, text
from ui.palette import PALETTE

WORDS: Final[Mapping[str, str]] = {
    "locale": "en",  # how numbers are written: a BCP 47 tag
    "play": "Play",
    "pause": "Pause",
    "one": "Step",
    "reset": "Reset",
    "position": "Step shown",
    "step_of": "step {step} of {last}",
    "speed": "Speed",
    "per_second": "{count} steps/s",
    "updates": "Updates",
    "alternating": "In turns",
    "alternating_help": "G moves first, and D answers to where G has gone",
    "simultaneous": "At once",
    "simultaneous_help": "Both move at the same moment, and neither knows what the other does",
    "size": "Step size h",
    "gamma": "Penalty γ",
    "start": "Start",
    "add": "Add a portrait",
    "remove": "Remove this portrait",
    "game": "Game",
    "penalty": "Penalty",
    "radius": "Distance from the goal",
    "radii_alt": "The distance from the goal over the steps, on a logarithmic scale",
    "plane_alt": "{game}, {penalty}: they start at θ = {theta}, ψ = {psi}. Press a place to start there; arrow keys move it.",
    "started": "Start at θ = {theta}, ψ = {psi}",
    "axes": "Across: θ, where G's fakes are. Up: ψ, how D's verdict leans. The middle is the goal.",
    "touch": "Press anywhere in a plane to start there.",
}
"""Every word the view shows, in English. What stands in {braces} is filled in by the browser and must stay as it is."""

MODULES: Final = ("frames", "link", "numbers", "dirac_plane", "dirac_portrait", "dirac_view")
"""The view's JavaScript, in order."""

_MOUNT = st.components.v2.component(
    "ganscope_dirac_view", html=text("dirac_view.html"), css=text("dirac_view.css"), js=script(MODULES), isolate_styles=False
)


def dirac_view(
    *,
    portraits: Sequence[Mapping[str, Any]],
    settings: Mapping[str, Any],
    limits: Mapping[str, Sequence[float]],
    reach: float,
    games: Mapping[str, str],
    penalties: Mapping[str, str],
    speeds: Sequence[int],
    words: Mapping[str, str],
    on_ask: Callable[[Mapping[str, str]], None],
    key: str,
) -> None:
    """The portraits, as `ui.dirac` makes them, over planes that reach from -`reach` to `reach`.

    `games` and `penalties` are what can be chosen, each with its help; `limits` are the bounds of the numbers that are `settings`.
    `on_ask` is called with what a reader has set, as a link would say it, before the page is drawn again.
    """

    def asked() -> None:
        wish = st.session_state[key].ask
        if isinstance(wish, Mapping):
            on_ask(wish)

    _MOUNT(
        key=key,
        data={
            "portraits": [dict(one) for one in portraits],
            "settings": dict(settings),
            "limits": {name: list(bounds) for name, bounds in limits.items()},
            "reach": reach,
            "games": dict(games),
            "penalties": dict(penalties),
            "speeds": list(speeds),
            "words": dict(words),
            "palette": {mode: dict(colours) for mode, colours in PALETTE.items()},
        },
        on_ask_change=asked,
    )
