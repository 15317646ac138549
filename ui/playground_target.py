"""One's own target for the Playground: drawn on a pad or read from a CSV; and what a target looks like before any run has it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import streamlit as st

from gan_core.data import DATA, Request
from gan_core.data.base import DataSet, data_root
from gan_core.data.points import keep_csv, keep_points
from ui.components.points_pad import WORDS, points_pad
from ui.text import _, said

SHOWN: Final = 1024
"""Points of a target in its preview."""


def button() -> None:
    """The button that opens the pad."""
    st.button("", key="play-draw", icon=":material/draw:", type="tertiary", help=_("Draw a target of your own, or load one"), on_click=ask)


def ask() -> None:
    """Open the dialog when the page is drawn."""
    st.session_state.play_drawing = True


def dialog(on_kept: Callable[[str], None]) -> None:
    """The dialog, from when it is asked for until it is answered or closed; `on_kept` is told where the points are."""
    if st.session_state.get("play_drawing"):
        st.dialog(_("Your own target"), on_dismiss=_close)(_choices)(on_kept)


def _close() -> None:
    st.session_state.play_drawing = False


def _choices(on_kept: Callable[[str], None]) -> None:
    state = st.session_state
    trouble = st.empty()  # always there: tabs that move lose which of them was open
    if message := state.pop("play_draw_trouble", None):
        trouble.error(message, icon=":material/error:")
    drawing, table = st.tabs([_("Draw"), _("CSV file")])
    with drawing:
        words = {key: _(word) for key, word in WORDS.items()}
        points_pad(points=state.get("play_drawn", []), words=words, on_use=_drawn, key="play-pad")
    with table:
        file = st.file_uploader(_("A CSV file of two columns, x and y, from 10 to 20,000 rows"), type=["csv", "txt", "tsv"])
        if file is not None and file.file_id != state.get("play_uploaded"):
            state.play_uploaded = file.file_id
            _keep(lambda: keep_csv(file.name, file.getvalue(), data_root()))
            if "play_kept" not in state:
                st.rerun(scope="fragment")
    if folder := state.pop("play_kept", None):
        state.play_points = folder
        on_kept(folder)
        _close()
        st.rerun()


def _drawn(points: list[tuple[float, float]]) -> None:
    st.session_state.play_drawn = points
    _keep(lambda: keep_points(points, data_root()))


def _keep(kept: Callable[[], Path]) -> None:
    try:
        st.session_state.play_kept = str(kept())
    except ValueError as error:
        st.session_state.play_draw_trouble = said(error)


@st.cache_data(max_entries=32, show_spinner=False)
def preview(data: str, folder: str) -> list[list[float]]:
    """Points of a target, in the units a run has them in; none where they cannot be had, which the run will say."""
    loading = DATA[data].load(Request(folder=folder))
    try:
        return _shown(_loaded(loading))
    except ValueError:
        return []


def _loaded(loading: Any) -> DataSet:
    while True:
        try:
            next(loading)
        except StopIteration as end:
            found: DataSet = end.value
            return found


def _shown(data: DataSet) -> list[list[float]]:
    return [[round(x, 3), round(y, 3)] for x, y in data.train[:SHOWN].tolist()]
