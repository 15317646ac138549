"""Runs side by side: their curves over each other, the settings in which they differ, and what they drew at the same moment."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import streamlit as st

from ui.components.parts import script, text
from ui.components.run_view import PLOTLY_URL
from ui.palette import PALETTE, RUNS

WORDS: Final[Mapping[str, str]] = {
    "differs": "Settings that differ",
    "no_difference": "All settings are the same.",
    "show_run": "Show or hide the curves of {run}",
    "over": "Curves over",
    "over_step": "Steps",
    "over_images": "Images",
    "over_seconds": "Seconds",
    "title_step": "Step",
    "title_images": "Images D has seen",
    "title_seconds": "Seconds of training",
    "fork": "fork",
    "compared_alt": "Losses, the discriminator's verdict and gradient norms of all runs",
    "moment": "Moment",
    "at_images": "{count} images",
    "at_seconds": "{count} s",
    "latest": "latest",
    "drawn_at": "step {step} · epoch {epoch}",
    "its_last": "its last",
    "nothing_kept": "No pictures yet",
    "grid_alt": "What {run} draws. Arrow keys choose a tile.",
    "verdict": "D's verdict: {value}",
    "tile_alt": "Row {row}, column {column} of {run}, enlarged",
    "tile_hint": "Point at a tile, or choose one with the arrow keys: the same place of all runs is enlarged here.",
}
"""Words of this view, beside those it shares with `run_view`. What stands in {braces} is filled in by the browser."""

_OWN = ("layout", "chart", "moments", "runs", "grids", "words", "view")
MODULES: Final = ("frames", "link", "curves", *(f"compare_{name}" for name in _OWN))
"""The view's JavaScript, in order."""

_MOUNT = st.components.v2.component(
    "ganscope_compare_view",
    html=text("compare_view.html"),
    css=text("compare_view.css"),
    js=script(MODULES),
    isolate_styles=False,  # Plotly writes its styles into the document, where a shadow root would not see them
)


def _rerun_is_enough() -> None:
    """A trigger reruns the page, and that is all."""


def compare_view(
    *,
    runs: Sequence[Mapping[str, Any]],
    differences: Sequence[tuple[str, Sequence[str]]],
    notes: Sequence[str],
    panels: Sequence[Mapping[str, Any]],
    axis_note: str,
    z_note: str,
    unit: str,
    asked: int,
    words: Mapping[str, str],
    on_unit: Callable[[str], None],
    key: str,
) -> None:
    """Draw the comparison; `on_unit` is called with the unit of the x axis a reader chooses, before the page is drawn again.

    A run is {id, name, state, url, token, kind, fork, turns}, a panel {curve, title, range, log}, a difference a label and a text a
    run. `unit` counts when the view is made and whenever `asked` changes, as a new link's does. Draw it with the same `key` in every
    rerun: sockets, zoom and slider then stay.
    """
    _MOUNT(
        key=key,
        data={
            "runs": [dict(run) for run in runs],
            "colours": list(RUNS),
            "differences": [[label, *texts] for label, texts in differences],
            "notes": list(notes),
            "panels": [dict(panel) for panel in panels],
            "axis_note": axis_note,
            "z_note": z_note,
            "unit": unit,
            "asked": asked,
            "words": dict(words),
            "palette": {mode: dict(colours) for mode, colours in PALETTE.items()},
            "plotly": PLOTLY_URL,
        },
        on_unit_change=lambda: on_unit(st.session_state[key].unit),
        on_state_change=_rerun_is_enough,
        on_renew_change=_rerun_is_enough,
    )
