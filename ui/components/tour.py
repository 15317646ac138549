"""A tour of five steps over the real page: a card beside what it speaks of, which stays usable meanwhile."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final, NamedTuple

import streamlit as st

from ui.text import N_, _

_FOLDER = Path(__file__).parent


class Stop(NamedTuple):
    """One step of the tour: what it points at (a CSS selector), and what it says of it."""

    target: str
    title: str
    text: str


STOPS: Final[tuple[Stop, ...]] = (
    Stop(
        target=".st-key-settings",
        title=N_("Choose what to train"),
        text=N_("A preset sets everything. Data and game are what people change first; the rest is under More settings."),
    ),
    Stop(
        target=".st-key-run-buttons",
        title=N_("Press Start"),
        text=N_("Training begins at once, in the background: it goes on when you leave this page. The tour goes on as soon as you see it."),
    ),
    Stop(
        target=".gs-fakes",
        title=N_("What G draws"),
        text=N_(
            "64 pictures, always from the same random numbers, beside real ones. Watch noise turn into shapes. Click one to see it large."
        ),
    ),
    Stop(
        target=".gs-curves",
        title=N_("Who is ahead?"),
        text=N_("D's loss, G's loss and D's verdict. Dashed lines show where they settle when D can no longer tell fakes from reals."),
    ),
    Stop(
        target=".gs-time",
        title=N_("Go back in time"),
        text=N_("Every moment is kept: move the slider, play the whole run, or fork it with one knob changed. Press ? for the keys."),
    ),
)
WORDS: Final[Mapping[str, str]] = {
    "next": N_("Next"),
    "back": N_("Back"),
    "skip": N_("Skip the tour"),
    "done": N_("Done"),
    "place": N_("{step} of {count}"),
    "label": N_("A tour of this page"),
    "first": N_("Start a run first"),
}

_MOUNT = st.components.v2.component(
    "ganscope_tour",
    html='<div class="gs-tour" hidden></div>',
    css=(_FOLDER / "tour.css").read_text(encoding="utf-8"),
    js=(_FOLDER / "tour.js").read_text(encoding="utf-8"),
    isolate_styles=False,  # it lies over the page, whose elements it points at
)


def tour(asked: int) -> None:
    """The tour: by itself at a browser's first visit, and again whenever `asked` has grown."""
    stops = [{"target": stop.target, "title": _(stop.title), "text": _(stop.text)} for stop in STOPS]
    _MOUNT(key="tour", data={"stops": stops, "words": {name: _(word) for name, word in WORDS.items()}, "asked": asked})
