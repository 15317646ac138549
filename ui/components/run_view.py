"""The live view of a run: numbers, fakes beside reals, and curves, drawn in the browser from the run's own socket."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, Literal

import streamlit as st

from ui.components.parts import script, text
from ui.palette import PALETTE

WORDS: Final[Mapping[str, str]] = {
    "locale": "en",  # how numbers are written: a BCP 47 tag
    "state": "State",
    "state_preparing": "Preparing",
    "state_running": "Training",
    "state_paused": "Paused",
    "state_stopping": "Stopping",
    "state_stopped": "Stopped",
    "state_finished": "Finished",
    "state_failed": "Failed",
    "state_interrupted": "Interrupted",
    "reconnecting": "Reconnecting …",
    "refused": "This page may no longer watch the run. Reload it to try again.",
    "failed": "The run failed.",
    "prepared": "{what}: {done} {unit}",
    "prepared_of": "{what}: {done} of {total} {unit}",
    "unit_bytes": "MB",
    "unit_images": "images",
    "step": "Step",
    "epoch": "Epoch",
    "images_per_s": "Images/s",
    "steps_per_s": "Steps/s",
    "elapsed": "Elapsed",
    "fakes": "Fakes",
    "reals": "Reals",
    "at_step": "step {step}",
    "weights": "Weights the fakes are drawn with",
    "living": "Living",
    "living_help": "The generator's weights as they are at this step",
    "averaged": "Averaged",
    "averaged_help": "A running average of the generator's weights: calmer, and usually better",
    "smoothing": "Smoothing",
    "log_scale": "Log scale",
    "reset_zoom": "Reset zoom",
    "fakes_alt": "64 images the generator draws, always from the same noise",
    "reals_alt": "64 images of the data set",
    "plane_alt": "Points the generator draws, over points of the data set",
    "curves_alt": "Losses, the discriminator's verdict and gradient norms over the steps",
}
"""Every word the view shows, in English. What stands in {braces} is filled in by the browser and must stay as it is."""

PLOTLY_URL: Final = "/assets/plotly.min.js"
MODULES: Final = ("frames", "link", "curves", "chart", "run_view")
"""The view's JavaScript, in order."""

_MOUNT = st.components.v2.component(
    "ganscope_run_view",
    html=text("run_view.html"),
    css=text("run_view.css"),
    js=script(MODULES),
    isolate_styles=False,  # Plotly writes its styles into the document, where a shadow root would not see them
)


def _rerun_is_enough() -> None:
    """A trigger reruns the page; the value is read from the result."""


def run_view(
    *,
    run: str,
    url: str,
    token: str,
    state: str,
    kind: Literal["image", "plane"],
    figure: Mapping[str, Any],
    words: Mapping[str, str] | None = None,
    palette: Mapping[Any, Mapping[str, str]] = PALETTE,
    key: str = "run_view",
) -> str | None:
    """The state the run has changed to, if it is not the `state` the page was drawn with, in the rerun this causes; else None.

    `url` is the run's socket (a path, or a whole address) and `token` its ticket; a new ticket does not disturb an open socket.
    `figure` comes from `ui.charts.live_figure`. `words` replaces any of WORDS. Draw it with the same `key` in every rerun: socket,
    zoom and curves then stay.
    """
    result = _MOUNT(
        key=key,
        data={
            "run": run,
            "url": url,
            "token": token,
            "state": state,
            "kind": kind,
            "figure": dict(figure),
            "words": {**WORDS, **(words or {})},
            "palette": {mode: dict(colours) for mode, colours in palette.items()},
            "plotly": PLOTLY_URL,
        },
        on_state_change=_rerun_is_enough,
        on_renew_change=_rerun_is_enough,
    )
    changed: str | None = result.state
    return changed
