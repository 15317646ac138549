"""The live view of a run: numbers, a timeline, fakes beside reals, and curves, drawn in the browser from the run's own socket."""

from __future__ import annotations

from collections.abc import Callable, Container, Mapping
from typing import Any, Final, Literal

import streamlit as st

from ui.components.parts import script, text
from ui.components.run_words import WORDS
from ui.palette import PALETTE

PLOTLY_URL: Final = "/assets/plotly.min.js"
MODULES: Final = (
    *("frames", "link", "numbers", "scores", "say", "curves", "tail", "leaving", "chart", "marks"),
    *("moments", "timeline", "copy", "closer", "pictures", "classes", "actions", "keys", "coach", "formula", "run_view"),
)
"""The view's JavaScript, in order."""
STYLES: Final = ("run_view", "scores", "formula", "timeline", "closer", "coach", "projector")

_STEPS: Final = range(10**11)
COMMANDS: Final[Mapping[str, Mapping[str, Container[Any]]]] = {
    "toggle": {},
    "step": {"player": ("both", "critic", "generator")},
    "fork": {"step": _STEPS},
    "projector": {"on": (True, False)},
    "class": {"label": range(-1, 1000)},
    "remedy": {"number": _STEPS, "how": ("turn", "fork")},
    "favourite": {"step": _STEPS, "index": range(64), "weights": ("living", "averaged"), "label": range(-1, 1000)},
    "explore": {"step": _STEPS, "index": range(64), "weights": ("living", "averaged"), "now": (True, False), "label": range(-1, 1000)},
}
"""What the view can ask of the page: command -> its values, each with what it may be."""

FACTS: Final[Mapping[str, str]] = {
    "figure": "the curves, from ui.figures.live",
    "drawn_for": "knobs the figure depends on, name -> value: where the run has others, the page is drawn again",
    "knobs": "names a reader knows for those that can be turned",
    "began": "what those knobs stood at before anybody turned them, name -> [[step, value], …]: a second value is that of a fork",
    "metrics": "figures of merit, from ui.scoring.live_metrics",
    "verdict": "how D's verdict is said, from ui.figures.verdict",
    "findings": "what the coach can say, from ui.coach.findings",
    "formula": "both players' losses, from ui.formula.formula",
}
"""What the view is told of the run and its words for it."""

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
    facts: Mapping[str, Mapping[str, Any]],
    may_control: bool = False,
    projector: bool = False,
    on_command: Callable[[dict[str, Any]], None] | None = None,
    words: Mapping[str, str] | None = None,
    palette: Mapping[Any, Mapping[str, str]] = PALETTE,
    key: str = "run_view",
) -> str | None:
    """The state the run has changed to, if it is not the `state` the page was drawn with, in the rerun this causes; else None.

    `url` is the run's socket (a path, or a whole address) and `token` its ticket; a new ticket does not disturb an open socket.
    `facts` are what FACTS lists, as plain values.
    `on_command` is called with each command (see COMMANDS) before the page is drawn again; where the browser `may_control` is false,
    those that need control are answered in the view. `projector`: the view alone, large, over the whole window. `words` replaces
    any of WORDS. Draw it with the same `key` in every rerun: socket, zoom and curves then stay.
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
            **{name: facts.get(name, {}) for name in FACTS},
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
