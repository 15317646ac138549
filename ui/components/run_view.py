"""The live view of a run: numbers, a timeline, fakes beside reals, and curves, drawn in the browser from the run's own socket."""

from __future__ import annotations

from collections.abc import Callable, Container, Mapping
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
    "timeline": "Moments of the run",
    "play": "Play all moments as a time-lapse",
    "halt": "Halt the time-lapse",
    "now": "Now",
    "now_help": "Back to the newest moment",
    "now_long": "now · {count} moments to look back at",
    "moment": "step {step} · epoch {epoch} · {elapsed}",
    "past": "Looking at the past",
    "past_live": "Looking at the past; training goes on",
    "fork_here": "Fork here",
    "fork_at": "Fork at {step}",
    "fork_help": "Begin a new run that shares this one's past up to the nearest checkpoint",
    "turned": "{name} {old} → {new}",
    "set": "{name} = {new}",
    "played_both": "Both, step {step}: D's weights moved by {critic}, G's by {generator}.",
    "played_critic": "D only, step {step}: D's weights moved by {critic}, G's stood still.",
    "played_generator": "G only, step {step}: G's weights moved by {generator}, D's stood still.",
    "played_values_critic": "Loss of D {loss}, gradient norm {gradient}.",
    "played_values_generator": "Loss of G {loss}, gradient norm {gradient}.",
    "closer": "One image closer",
    "image": "Image {number}",
    "tile": "Image {number} of 64: {value}, {verdict}. Arrow keys choose another, Enter shows it closer.",
    "balance": "{value} = cannot tell",
    "z_alt": "z: the {count} numbers it is drawn from",
    "copy_z": "Copy z",
    "copied": "Copied.",
    "keep": "Keep as favourite",
    "explore": "Open in Explore",
    "close": "Close",
    "leave": "Leave",
    "no_control": "Only the browser that started it controls it.",
    "not_at_work": "The run is not at work.",
    "hint": "Space pauses, S plays one step, the arrow keys go back in time, ? lists every key.",
    "hint_watch": "The arrow keys go back in time, ? lists every key.",
    "keys": "Keys",
    "key_toggle": "Space",
    "does_toggle": "pause, resume",
    "key_moments": "← →",
    "does_moments": "one moment back, forth",
    "key_ends": "Home End",
    "does_ends": "the first moment, now",
    "key_both": "S",
    "does_both": "one step of both players",
    "key_critic": "D",
    "does_critic": "one step of D alone",
    "key_generator": "G",
    "does_generator": "one step of G alone",
    "key_fork": "F",
    "does_fork": "fork at the nearest checkpoint",
    "key_projector": "P",
    "does_projector": "larger, for a projector",
    "key_closer": "Enter, Esc",
    "does_closer": "on a fake: closer; close",
    "key_list": "?",
    "does_list": "this list",
}
"""Every word the view shows, in English. What stands in {braces} is filled in by the browser and must stay as it is."""

PLOTLY_URL: Final = "/assets/plotly.min.js"
MODULES: Final = (
    *("frames", "link", "numbers", "say", "curves", "tail", "chart", "marks"),
    *("moments", "timeline", "copy", "closer", "pictures", "actions", "keys", "run_view"),
)
"""The view's JavaScript, in order."""
STYLES: Final = ("run_view", "timeline", "closer", "projector")

_STEPS: Final = range(10**11)
COMMANDS: Final[Mapping[str, Mapping[str, Container[Any]]]] = {
    "toggle": {},
    "step": {"player": ("both", "critic", "generator")},
    "fork": {"step": _STEPS},
    "projector": {"on": (True, False)},
    "favourite": {"step": _STEPS, "index": range(64), "weights": ("living", "averaged")},
    "explore": {"step": _STEPS, "index": range(64), "weights": ("living", "averaged"), "now": (True, False)},
}
"""What the view can ask of the page: command -> its values, each with what it may be."""

_MOUNT = st.components.v2.component(
    "ganscope_run_view",
    html=text("run_view.html"),
    css="\n".join(text(f"{style}.css") for style in STYLES),
    js=script(MODULES),
    isolate_styles=False,  # Plotly writes its styles into the document, where a shadow root would not see them
)


def _rerun_is_enough() -> None:
    """A trigger reruns the page; the value is read from the result."""


def command_of(value: object) -> dict[str, Any] | None:
    """A command as COMMANDS has it, from what a browser sent; None for anything else."""
    if not isinstance(value, Mapping) or not isinstance(name := value.get("name"), str) or name not in COMMANDS:
        return None
    given = {field: value.get(field) for field in COMMANDS[name]}
    if any(not isinstance(item, str | int) or item not in COMMANDS[name][field] for field, item in given.items()):
        return None
    return {"name": name, **given}


def run_view(
    *,
    run: str,
    url: str,
    token: str,
    state: str,
    kind: Literal["image", "plane"],
    figure: Mapping[str, Any],
    drawn_for: Mapping[str, Any] | None = None,
    knobs: Mapping[str, str] | None = None,
    verdict: Mapping[str, Any] | None = None,
    may_control: bool = False,
    projector: bool = False,
    on_command: Callable[[dict[str, Any]], None] | None = None,
    words: Mapping[str, str] | None = None,
    palette: Mapping[Any, Mapping[str, str]] = PALETTE,
    key: str = "run_view",
) -> str | None:
    """The state the run has changed to, if it is not the `state` the page was drawn with, in the rerun this causes; else None.

    `url` is the run's socket (a path, or a whole address) and `token` its ticket; a new ticket does not disturb an open socket.
    `figure` comes from `ui.figures.live`; `drawn_for` are the knobs it depends on (name -> value): where the run has others, the
    page is drawn again. `knobs` are names a reader knows for those that can be turned, `verdict` comes from `ui.figures.verdict`.
    `on_command` is called with each command (see COMMANDS) before the page is drawn again; where the browser `may_control` is
    false, those that need control are answered in the view. `projector`: the view alone, large, over the whole window.
    `words` replaces any of WORDS. Draw it with the same `key` in every rerun: socket, zoom and curves then stay.
    """

    def told() -> None:
        command = command_of(st.session_state[key].command)
        if command is not None and on_command is not None:
            on_command(command)

    result = _MOUNT(
        key=key,
        data={
            "run": run,
            "url": url,
            "token": token,
            "state": state,
            "kind": kind,
            "figure": dict(figure),
            "drawn_for": dict(drawn_for or {}),
            "knobs": dict(knobs or {}),
            "verdict": dict(verdict or {}),
            "may_control": may_control,
            "projector": projector,
            "words": {**WORDS, **(words or {})},
            "palette": {mode: dict(colours) for mode, colours in palette.items()},
            "plotly": PLOTLY_URL,
        },
        on_state_change=_rerun_is_enough,
        on_knobs_change=_rerun_is_enough,
        on_renew_change=_rerun_is_enough,
        on_command_change=told,
    )
    changed: str | None = result.state
    return changed
