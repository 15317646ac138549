"""The Explore page's view: a place in the latent space of a run, and everything that can be seen from it, over the run's latent socket."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import streamlit as st

from gan_core.networks.conditional import MOST_CLASSES
from ui.components.explore_words import WORDS as WORDS
from ui.components.parts import script, text
from ui.palette import PALETTE

MODULES: Final = (
    *("frames", "link", "latent_link", "numbers", "copy"),
    *(
        f"explore_{name}"
        for name in ("place", "asks", "paint", "class", "axes", "axis_menu", "pad", "rail", "wall", "critic", "near", "time")
    ),
    *(f"explore_{name}" for name in ("keep", "image", "tabs", "pieces", "tools", "view")),
)
"""The view's JavaScript, in order."""

STEPS: Final = range(10**11)
LABELS: Final = range(-1, MOST_CLASSES)
"""-1 where the players are told no class."""
LONGEST_Z, LONGEST_PICTURE = 8_000, 400_000
_NUMBER: Final = r"-?\d{1,3}(?:\.\d{1,3})?"
_Z: Final = re.compile(rf"{_NUMBER}(?:_{_NUMBER})*")


def numbers_of(value: object) -> list[float] | None:
    """z from its text, as links and commands have it; None for anything else."""
    if not isinstance(value, str) or len(value) > LONGEST_Z or not _Z.fullmatch(value):
        return None
    return [float(number) for number in value.split("_")]


def _text(longest: int, pattern: str = r"(?s).*") -> Callable[[object], bool]:
    matches = re.compile(pattern)
    return lambda value: isinstance(value, str) and len(value) <= longest and matches.fullmatch(value) is not None


def _verdict(value: object) -> bool:
    return value == "" or (isinstance(value, int | float) and math.isfinite(value))


COMMANDS: Final[Mapping[str, Mapping[str, Callable[[object], bool]]]] = {
    "keep": {
        "step": lambda value: isinstance(value, int) and value in STEPS,
        "weights": lambda value: value in ("living", "averaged"),
        "z": lambda value: numbers_of(value) is not None,
        "verdict": _verdict,
        "label": lambda value: value in LABELS,
        "picture": _text(LONGEST_PICTURE, r"[A-Za-z0-9+/]+={0,2}"),
    },
    "walk": {
        "z": lambda value: value == "" or numbers_of(value) is not None,
        "seed": _text(6, r"\d*"),
        "weights": lambda value: value in ("living", "averaged"),
        "at": _text(11, r"\d*"),
        "label": _text(4, r"\d*"),
    },
    "rename": {"id": _text(12, r"[0-9a-f]{12}"), "title": _text(200)},
    "forget": {"id": _text(12, r"[0-9a-f]{12}")},
}
"""What the view can ask of the page: command -> its values, each with what it may be."""

_MOUNT = st.components.v2.component(
    "ganscope_explore_view",
    html=text("explore_view.html"),
    css=text("explore_view.css") + text("explore_panels.css"),
    js=script(MODULES),
    isolate_styles=False,  # tests and keyboard help look into it as into every other view
)


def command_of(value: object) -> dict[str, Any] | None:
    """A command as COMMANDS has it, from what a browser sent; None for anything else."""
    if not isinstance(value, Mapping) or not isinstance(name := value.get("name"), str) or name not in COMMANDS:
        return None
    given = {field: value.get(field) for field in COMMANDS[name]}
    if not all(valid(given[field]) for field, valid in COMMANDS[name].items()):
        return None
    return {"name": name, **given}


def _rerun_is_enough() -> None:
    """A trigger reruns the page; the value is read from the result."""


def explore_view(
    *,
    run: str,
    url: str,
    token: str,
    dim: int,
    told: bool,
    classes: Sequence[str],
    verdict: Mapping[str, Any],
    start: Mapping[str, Any],
    asked: int,
    favourites: Sequence[Mapping[str, Any]],
    words: Mapping[str, str],
    on_command: Callable[[dict[str, Any]], None],
    on_place: Callable[[Mapping[str, Any]], None],
    key: str = "explore_view",
) -> None:
    """Draw the view of a run with `dim` numbers in its z, whose players are `told` one of these `classes`, whose names may be yet to come.

    `url` is the run's latent socket and `token` its ticket. The view begins at `start` (seed, noise, z, x, y, psi, weights, at, label) and
    again whenever `asked` changes, as a new link's does. `on_place` is called with the view as texts for a link whenever it has come to
    rest, `on_command` with each command (see COMMANDS). Draw it with the same `key` in every rerun: socket and place then stay.
    """

    def moved() -> None:
        if isinstance(place := st.session_state[key].place, Mapping):
            on_place(place)

    def commanded() -> None:
        if (command := command_of(st.session_state[key].command)) is not None:
            on_command(command)

    _MOUNT(
        key=key,
        data={
            "run": run,
            "url": url,
            "token": token,
            "dim": dim,
            "told": told,
            "classes": list(classes),
            "verdict": dict(verdict),
            "start": dict(start),
            "asked": asked,
            "favourites": [dict(favourite) for favourite in favourites],
            "words": dict(words),
            "palette": {mode: dict(colours) for mode, colours in PALETTE.items()},
        },
        on_place_change=moved,
        on_command_change=commanded,
        on_renew_change=_rerun_is_enough,
    )
