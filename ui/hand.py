"""The run in hand: its buttons, single steps, and the knobs that can be turned while it goes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import streamlit as st

from gan_core.config import KNOBS, LIVE, RunConfig
from gan_core.events import ALIVE, Player, Show
from gan_core.runner import RunHandle
from gan_core.status import Status
from live.orders import GoOn
from ui import coach, controls, favourites, fork, going, orders, session
from ui.text import N_, _

SHORT: dict[str, str] = {
    "game": N_("Game"),
    "penalty": N_("Penalty"),
    "gamma": N_("Gamma"),
    "lr_generator": N_("Rate of G"),
    "lr_critic": N_("Rate of D"),
    "critic_steps": N_("D per G"),
}
"""Knobs in the row above the live view have little room: a word each, the whole name in the help. The others are behind a button."""
STEPS: dict[Player, str] = {"both": N_("One step"), "critic": N_("D only"), "generator": N_("G only")}
COMMANDS: dict[str, Callable[[str, dict[str, Any]], None]] = {
    "toggle": lambda run_id, told: _toggle(run_id),
    "step": lambda run_id, told: _step(run_id, told["player"]),
    "fork": lambda run_id, told: fork.ask(run_id, int(told["step"])),
    "projector": lambda run_id, told: session.show_projector(told["on"]),
    "class": lambda run_id, told: session.command(run_id, lambda handle: handle.send(Show(told["label"]))),
    "remedy": lambda run_id, told: coach.help_out(run_id, told["number"], told["how"]),
    "favourite": lambda run_id, told: _favourite(run_id, told),
    "explore": lambda run_id, told: _explore(run_id, told),
}
"""What the live view can ask for: its keys and its own buttons."""


def held(run_id: str | None) -> Status | None:
    """The run's status if it is at work and this browser controls it."""
    live = session.live()
    if run_id is None or not live.controls(run_id, session.browser()):
        return None
    status = live.status(run_id)
    return status if status.state in ALIVE else None


def obey(run_id: str, told: dict[str, Any]) -> None:
    """Do what the live view asks for."""
    COMMANDS[told["name"]](run_id, told)


def _explore(run_id: str, told: dict[str, Any]) -> None:
    moment = {} if told["now"] else {"step": told["step"]}
    asked = {} if told["label"] < 0 else {"class": told["label"]}
    going.to("explore", run=run_id, image=told["index"], weights=told["weights"], **moment, **asked)


def _favourite(run_id: str, told: dict[str, Any]) -> None:
    try:
        favourites.keep(run_id, told)
    except ValueError as error:
        session.put(trouble=str(error))


def buttons(run_id: str | None) -> None:
    """Start, Pause or Resume, Stop, Continue: those that make sense now."""
    live = session.live()
    status, mine = live.status(run_id) if run_id else None, held(run_id)
    with st.container(horizontal=True, vertical_alignment="bottom", key="run-buttons"):
        # One's own run at work leaves no place for another; someone else's is answered when Start is pressed.
        if mine is None:
            st.button(_("Start"), type="primary", icon=":material/play_arrow:", on_click=_start, key="start")
        else:
            _control(mine)
        if status is not None and status.resumable:
            st.button(_("Continue"), icon=":material/resume:", on_click=orders.place, args=(GoOn(status.run_id),), key="continue")
        drawer_button()


def drawer_button() -> None:
    """On a phone, settings lie in a drawer: this opens and closes it. A style sheet hides it where there is room for both."""
    drawn = st.session_state.get("drawer", False)
    key, label = ("drawer-open", _("Close")) if drawn else ("drawer-closed", _("Settings"))
    st.button(label, key=key, icon=":material/close:" if drawn else ":material/tune:", on_click=_turn_drawer)


def _turn_drawer() -> None:
    st.session_state.drawer = not st.session_state.get("drawer", False)


def _control(status: Status) -> None:
    run_id, stopping = status.run_id, status.state == "stopping"
    if status.state in ("preparing", "running"):
        st.button(_("Pause"), icon=":material/pause:", on_click=_toggle, args=(run_id,), key="pause")
    if status.state == "paused":
        st.button(_("Resume"), type="primary", icon=":material/play_arrow:", on_click=_toggle, args=(run_id,), key="resume")
    label = _("Stopping…") if stopping else _("Stop")
    st.button(
        label, icon=":material/stop:", on_click=session.command, args=(run_id, lambda handle: handle.stop()), key="stop", disabled=stopping
    )


def steps(run_id: str | None) -> None:
    """Single steps of a run in hand, which pause it first, and the knobs that have no place above."""
    status = held(run_id)
    if status is None:
        return
    with st.container(horizontal=True, vertical_alignment="bottom", gap="xsmall", key="step-buttons"):
        # No tooltips: one would lie over the buttons above, where the next click goes. The live view says what a step did.
        for player, label in STEPS.items():
            stopping = status.state == "stopping"
            st.button(_(label), on_click=_step, args=(status.run_id, player), key=f"step-{player}", disabled=stopping)
        with st.popover(_("Tricks"), key="live-tricks"):
            config = session.live().config(status.run_id)
            for name in LIVE:
                if name not in SHORT:
                    _knob(status.run_id, config, name, _(controls.LABELS[name]))


def knobs(run_id: str) -> None:
    """The live knobs of a run in hand, side by side."""
    config = session.live().config(run_id)
    places = st.columns([10 if KNOBS[name].choices else 6 for name in SHORT], gap="small", vertical_alignment="bottom")
    for name, place in zip(SHORT, places, strict=True):
        with place:
            _knob(run_id, config, name, _(SHORT[name]))


def _knob(run_id: str, config: RunConfig, name: str, label: str) -> None:
    key = f"live_{name}"
    st.session_state[key] = getattr(config, name)
    controls.draw(name, key, label=label, on_change=_turn, args=(run_id, name))


def _turn(run_id: str, name: str) -> None:
    value = st.session_state[f"live_{name}"]
    if value is None:  # an emptied field
        return
    try:
        session.live().turn(run_id, session.browser(), name, value)
    except ValueError as error:
        session.put(trouble=str(error))


def _start() -> None:
    try:
        config = controls.current()
    except ValueError as error:
        session.put(trouble=str(error))
    else:
        orders.place(config)


def _toggle(run_id: str) -> None:
    def toggled(handle: RunHandle) -> None:
        handle.resume() if handle.snapshot().state == "paused" else handle.pause()

    session.command(run_id, toggled)


def _step(run_id: str, player: Player) -> None:
    session.command(run_id, lambda handle: handle.step(player))
