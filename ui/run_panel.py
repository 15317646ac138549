"""The run on the Train screen: its buttons, what stands in its way, and its live view."""

from __future__ import annotations

from typing import Any

import streamlit as st

from gan_core.config import LIVE, RunConfig
from gan_core.data import DATA
from gan_core.devices import describe, pick
from gan_core.events import ALIVE, RunState
from gan_core.run_manager import Busy
from gan_core.status import Status
from live.orders import GoOn
from ui import controls, favourites, figures, session
from ui.components.run_view import WORDS, run_view
from ui.text import N_, _

STATE_WORDS: dict[RunState, str] = {
    "preparing": N_("preparing"),
    "running": N_("training"),
    "paused": N_("paused"),
    "stopping": N_("stopping, saving"),
    "stopped": N_("stopped"),
    "finished": N_("finished"),
    "failed": N_("failed"),
    "interrupted": N_("interrupted"),
}


def shown_run() -> str | None:
    """The run on screen: the one asked for, else one at work, else none; it stays on screen after it has ended."""
    live, asked = session.live(), st.session_state.get("run")
    if asked is not None and not live.knows(asked):
        st.warning(_("The run {run} is not here: it was deleted, or the link is from another machine.").format(run=asked))
        asked = None
    if asked is None:
        active = live.runs.active()
        asked = active[-1].run_id if active else None
    st.session_state.run = asked
    return asked


def buttons(run_id: str | None) -> None:
    """Start, Pause or Resume, Stop, Continue: those that make sense now."""
    live, browser = session.live(), session.browser()
    status = live.status(run_id) if run_id else None
    mine = run_id is not None and live.controls(run_id, browser)
    with st.container(horizontal=True, vertical_alignment="bottom", key="run-buttons"):
        # One's own run at work leaves no place for another; someone else's is answered when Start is pressed.
        if status is None or status.state not in ALIVE or not mine:
            st.button(_("Start"), type="primary", icon=":material/play_arrow:", on_click=_start, key="start")
        if status is not None and mine:
            _control(status)
        if status is not None and status.resumable:
            st.button(_("Continue"), icon=":material/resume:", on_click=_go_on, args=(status.run_id,), key="continue")


def status_line(config: RunConfig | None, run_id: str | None) -> None:
    """What runs where, and who may touch it."""
    live = session.live()
    if run_id is None:
        st.caption(_("Will train on: {device}").format(device=_device_words(config)))
        return
    status = live.status(run_id)
    words = [f"`{status.run_id}`", _(STATE_WORDS[status.state])]
    if status.device:
        words.append(describe(status.device))
    if status.state in ALIVE and not live.controls(run_id, session.browser()):
        words.append(_("you are watching: the browser that started it controls it"))
    st.caption(" · ".join(words))


def _control(status: Status) -> None:
    run_id, stopping = status.run_id, status.state == "stopping"
    if status.state in ("preparing", "running"):
        st.button(_("Pause"), icon=":material/pause:", on_click=_command, args=(run_id, "pause"), key="pause")
    if status.state == "paused":
        st.button(_("Resume"), type="primary", icon=":material/play_arrow:", on_click=_command, args=(run_id, "resume"), key="resume")
    if status.state in ALIVE:
        label = _("Stopping…") if stopping else _("Stop")
        st.button(label, icon=":material/stop:", on_click=_command, args=(run_id, "stop"), key="stop", disabled=stopping)


def _device_words(config: RunConfig | None) -> str:
    try:
        return describe(pick(config.device if config else "auto"))
    except ValueError as error:
        return str(error)


def _start() -> None:
    st.session_state.pop("busy", None)
    try:
        config = controls.current()
        st.session_state.run = session.live().start(config, session.browser())
    except Busy as busy:
        st.session_state.busy = [handle.run_id for handle in busy.running]
    except ValueError as error:
        st.session_state.trouble = str(error)


def _go_on(run_id: str) -> None:
    try:
        st.session_state.run = session.live().start(GoOn(run_id), session.browser())
    except Busy as busy:
        st.session_state.trouble = _("The device is taken by the run {run}. Stop it, or continue this one afterwards.").format(
            run=busy.running[0].run_id
        )
    except ValueError as error:
        st.session_state.trouble = str(error)


def _command(run_id: str, name: str) -> None:
    try:
        getattr(session.live().handle(run_id, session.browser()), name)()
    except ValueError as error:
        st.session_state.trouble = str(error)


def _obey(run_id: str, command: dict[str, Any]) -> None:
    """Carry out what a key or a button of the live view asks for."""
    live = session.live()
    try:
        match command:
            case {"name": "toggle"}:
                handle = live.handle(run_id, session.browser())
                (handle.resume if handle.snapshot().state == "paused" else handle.pause)()
            case {"name": "step", "player": player}:
                live.handle(run_id, session.browser()).step(player)
            case {"name": "projector", "on": on}:
                st.session_state.projector = on
            case {"name": "favourite"}:
                favourites.keep(run_id, command)
    except ValueError as error:
        st.session_state.trouble = str(error)


def trouble() -> None:
    """What stood in the way of the last click, and what can be done about it."""
    if message := st.session_state.pop("trouble", None):
        st.error(message, icon=":material/error:")
    live = session.live()
    busy = [run for run in st.session_state.get("busy", []) if live.status(run).state in ALIVE]
    if not busy:
        st.session_state.pop("busy", None)
        return
    status = live.status(busy[0])
    mine = live.controls(status.run_id, session.browser())
    with st.container(border=True, key="busy"):
        who = _("You are") if mine else _("Another browser is")
        st.markdown(
            _("**The device is taken.** {who} training `{run}` on it ({state}, step {step:,}).").format(
                who=who, run=status.run_id, state=_(STATE_WORDS[status.state]), step=status.step
            )
        )
        with st.container(horizontal=True):
            help_ = None if mine else _("Only the browser that started it can stop it.")
            st.button(_("Stop it and start mine"), on_click=_replace, args=(status.run_id,), disabled=not mine, help=help_, key="replace")
            st.button(_("Wait, and start when it ends"), on_click=_wait, type="primary", key="wait")
            st.button(_("Leave it"), on_click=lambda: st.session_state.pop("busy", None), type="tertiary", key="leave")


def _replace(run_id: str) -> None:
    _wait()
    if st.session_state.get("waits"):
        _command(run_id, "stop")


def _wait() -> None:
    st.session_state.pop("busy", None)
    try:
        session.live().wait(controls.current(), session.browser())
        st.session_state.waits = True
    except ValueError as error:
        st.session_state.trouble = str(error)


def waiting() -> None:
    """A line for a browser that waits for the device; it looks every second whether its run has begun."""
    if st.session_state.get("waits"):
        st.fragment(_waiting_line, run_every=1.0)()


def _waiting_line() -> None:
    live, browser = session.live(), session.browser()
    place = [waiting.browser for waiting in live.queue()]
    if browser not in place:
        st.session_state.waits = False
        mine = [handle.run_id for handle in live.runs.active() if live.controls(handle.run_id, browser)]
        st.session_state.run = mine[-1] if mine else st.session_state.run
        st.rerun()
    with st.container(horizontal=True, vertical_alignment="center"):
        st.info(
            _("Waiting for the device: number {place} in line.").format(place=place.index(browser) + 1), icon=":material/hourglass_top:"
        )
        st.button(_("Do not wait"), on_click=live.leave_queue, args=(browser,), key="leave-queue")


def invitation() -> None:
    """What a first visitor sees where the live view will be."""
    with st.container(border=True, key="invitation"):
        st.subheader(_("Press Start, and watch two networks teach each other"), anchor=False)
        st.markdown(
            _(
                "**:orange[The generator G]** turns random numbers into pictures. **:blue[The discriminator D]** looks at real pictures "
                "and at G's, and tries to tell them apart. Each learns from the other's mistakes: here you see G's pictures, D's verdict "
                "and both losses while they do. With the default preset the first readable digits come after about half a minute."
            )
        )


def live_view(run_id: str) -> None:
    """Curves and grids of the run, moving by themselves; the page is drawn again only when the run's state changes."""
    live = session.live()
    try:
        status, config = live.status(run_id), live.config(run_id)
    except ValueError as error:
        st.error(str(error))
        return
    if status.state == "failed" and live.store.started(run_id) is None:
        st.error(status.message, icon=":material/error:")  # it never had its data, so there is nothing to look at
        return
    run_view(
        run=run_id,
        url=session.socket_path(run_id),
        token=live.tickets.issue(run_id),
        state=status.state,
        kind=DATA[config.data].kind,
        figure=figures.live(config),
        drawn_for={"game": config.game, "penalty": config.penalty},
        knobs={name: _(controls.LABELS[name]) for name in LIVE},
        verdict=figures.verdict(config),
        may_control=live.controls(run_id, session.browser()),
        projector=st.session_state.get("projector", False),
        on_command=lambda command: _obey(run_id, command),
        words={key: _(word) for key, word in WORDS.items()},
        key="live",
    )
