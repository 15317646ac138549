"""The Playground's run: which it is, how it begins and begins again, and what the plane's view asks of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any, Final

import streamlit as st

from gan_core.config import KNOBS
from gan_core.data import DATA
from gan_core.events import ALIVE
from gan_core.games import GAMES
from gan_core.runner import RunHandle
from ui import figures, formula, hand, orders, playground_away, playground_target, session
from ui.components import plane_view
from ui.components.plane_view import LAYERS, WORDS
from ui.playground_link import Play, moved_to
from ui.text import _, said

ENDS_S: Final = 5.0
"""How long a run may take to save and end before what comes next is put behind it."""
MACHINE: Final = ("device", "threads")
"""Settings that a start fills in; they ask for nothing."""


def put(**changes: Any) -> None:
    """Set some of what the page is set to; the address follows."""
    st.session_state.play = replace(st.session_state.play, **changes)


def shown_run() -> str | None:
    """The run on the plane: this browser's at work, else the one this visit was with, else somebody's at work."""
    live, asked = session.live(), st.session_state.get("run")
    active = [handle.run_id for handle in live.runs.active() if _is_plane(handle.run_id)]
    mine = [run_id for run_id in active if live.controls(run_id, session.browser())]
    last = [asked] if asked is not None and _is_plane(asked) else []
    return next(iter([*mine[-1:], *last, *active[-1:]]), None)


def _is_plane(run_id: str) -> bool:
    try:
        return DATA[session.live().store.config(run_id).data].kind == "plane"
    except (ValueError, KeyError):
        return False


def of_others(run_id: str | None) -> bool:
    """Whether the run on the plane is at work for another browser."""
    live = session.live()
    return run_id is not None and live.status(run_id).state in ALIVE and not live.controls(run_id, session.browser())


def aim(data: str, folder: str = "") -> None:
    """Take another target, and begin with it at once where a run is in hand."""
    put(config=moved_to(st.session_state.play.config, data, folder))
    if hand.held(run_id := shown_run()) is not None:
        _again(run_id)


def pending(run_id: str | None) -> list[str]:
    """Settings in which the run in hand is not what the page says; none where no run is in hand."""
    if run_id is None or hand.held(run_id) is None:
        return []
    now, wanted = session.live().config(run_id), st.session_state.play.config
    return [name for name in KNOBS if name not in MACHINE and getattr(now, name) != getattr(wanted, name)]


def start(*, paused: bool) -> bool:
    """Begin a run with the settings as they stand, at the pace that is set, before its first step; whether it could be."""
    pace = st.session_state.play.pace

    def ready(handle: RunHandle) -> None:
        if pace is not None:
            handle.pace(pace)
        if paused:
            handle.pause()

    return orders.place(st.session_state.play.config, ready)


def rewind() -> None:
    """Back to the start: the same seed and so the same first weights, with the knobs as they stand now."""
    _again(shown_run())


def _again(run_id: str | None) -> None:
    status = hand.held(run_id)
    if status is None:
        start(paused=True)
        return
    # Remembered first: while the run ends, the view may ask for another rerun, and Streamlit leaves this one where it stands.
    st.session_state.play_again = (status.run_id, status.state == "paused")
    session.live().handle(status.run_id, session.browser()).stop()
    go_on_beginning()


def go_on_beginning() -> None:
    """Begin the run that is to follow one that was stopped for it, if there is such a one: also where an earlier rerun was left."""
    if "play_again" not in st.session_state:
        return
    (ended, paused), status = st.session_state.play_again, hand.held(shown_run())
    begun = status is not None and status.state != "stopping"
    if status is None or (not begun and session.live().handle(status.run_id, session.browser()).join(ENDS_S)):
        if start(paused=paused):
            playground_away.put(ended)
    elif begun:
        playground_away.put(ended)  # an earlier rerun was left between the two
    else:
        orders.wait_for(st.session_state.play.config)
    st.session_state.pop("play_again", None)


def _toggle(told: dict[str, Any]) -> None:
    if (status := hand.held(shown_run())) is not None:
        hand.obey(status.run_id, told)
    else:
        start(paused=False)


def _step(told: dict[str, Any]) -> None:
    if hand.held(shown_run()) is None:
        start(paused=True)
    if (status := hand.held(shown_run())) is not None:
        hand.obey(status.run_id, told)


def _pace(told: dict[str, Any]) -> None:
    put(pace=told["value"])
    if (status := hand.held(shown_run())) is not None:
        session.command(status.run_id, lambda handle: handle.pace(told["value"]))


def _layers(told: dict[str, Any]) -> None:
    put(layers=tuple(name for name in LAYERS if told["layers"][name]))


COMMANDS: Final[dict[str, Callable[[dict[str, Any]], None]]] = {
    "toggle": _toggle,
    "step": _step,
    "pace": _pace,
    "rewind": lambda told: rewind(),
    "layers": _layers,
}
"""What the view can ask for."""


def view() -> None:
    """Draw the plane, moving by itself."""
    run_id, play = shown_run(), st.session_state.play
    try:
        data = _seen(run_id, play)
    except ValueError as error:
        st.error(said(error), icon=":material/error:")
        return
    plane_view.show(data, key="plane", on_told=lambda told: COMMANDS[told["name"]](told))


def _seen(run_id: str | None, play: Play) -> dict[str, Any]:
    """What the view is told, as plane_view lists it."""
    live, status, config = session.live(), None, play.config
    token = None
    if run_id is not None:
        status, config, token = live.status(run_id), live.config(run_id), live.tickets.issue(run_id)
    rewind = WORDS["rewind_help"]
    away = _(rewind).format(seconds=f"{playground_away.BRIEF_S:g}")
    failed = {"failed": said(status.reason)} if status is not None and status.message else {}
    return {
        "run": run_id,
        "url": None if run_id is None else session.socket_path(run_id),
        "token": token,
        "latent": None if run_id is None else {"url": f"/live/latent/{run_id}", "token": token},
        "state": None if status is None else status.state,
        "controls": status is None or status.state not in ALIVE or live.controls(run_id or "", session.browser()),
        "axis": GAMES[config.game].axis,
        "verdict": figures.verdict(config),
        "pace": play.pace,
        "figure": figures.live(config),
        "formula": formula.formula(config),
        "drawn_for": {name: getattr(config, name) for name in ("game", "penalty", "label_smoothing")},
        "game": config.game,
        "latent_dim": config.latent_dim,
        "noise": config.to_dict().get("noise", "gaussian"),
        "layers": {name: name in play.layers for name in LAYERS},
        "words": {key: _(word) for key, word in WORDS.items()} | failed | {"rewind_help": away},
        "target": playground_target.preview(play.config.data, play.config.folder),
    }
