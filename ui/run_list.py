"""The runs on disk as cards: picture, settings, state, and what can be done with each."""

from __future__ import annotations

import time

import streamlit as st

from gan_core.config import RunConfig
from gan_core.events import ALIVE
from gan_core.run_manager import Busy
from gan_core.status import Status
from live.orders import GoOn
from ui import session, take_away
from ui.orders import STATE_WORDS
from ui.text import _, said

PAGE = 12
STATE_COLOURS = {"running": "green", "failed": "red", "interrupted": "orange"}
TRAIN_PAGE = "../pages/train.py"
"""As seen from ui/shell.py, which Streamlit starts from."""


def found() -> list[Status]:
    """The newest runs, as many as are asked for."""
    live = session.live()
    runs = [live.status(status.run_id) if status.state in ALIVE else status for status in live.store.list()]
    st.session_state.runs_left = max(0, len(runs) - st.session_state.setdefault("runs_shown", PAGE))
    return runs[: st.session_state.runs_shown]


def more() -> None:
    """A button for the older ones."""
    if st.session_state.runs_left:
        st.button(_("Show {count} older").format(count=min(PAGE, st.session_state.runs_left)), on_click=_show_more)


def _show_more() -> None:
    st.session_state.runs_shown += PAGE


def trouble() -> None:
    """What stood in the way of the last click."""
    if message := st.session_state.pop("trouble", None):
        st.error(message, icon=":material/error:")


def card(status: Status) -> None:
    """One run."""
    with st.container(border=True, key=f"run-{status.run_id}"):
        picture, facts = st.columns([1, 4], vertical_alignment="center")
        with picture:
            _picture(status)
        with facts:
            colour = STATE_COLOURS.get(status.state, "gray")
            st.markdown(f"**{status.run_id}** :{colour}-badge[{_(STATE_WORDS[status.state])}]")
            st.caption(_facts(status))
            if status.state == "failed" and status.message:
                st.caption(f":red[{said(status.reason)}]")
            _actions(status)


def _picture(status: Status) -> None:
    path = session.live().store.folder(status.run_id) / "samples" / "latest.png"
    if path.exists():
        # Bytes, not the path: the file is replaced while the run goes on.
        st.image(path.read_bytes(), width="stretch", alt=_("Samples of the run {run}").format(run=status.run_id))
    else:
        st.caption(_("No picture yet"))


def _facts(status: Status) -> str:
    try:
        config = session.live().store.config(status.run_id)
        differs = config.differences(RunConfig())
    except ValueError as error:
        return said(error)
    settings = [config.data, config.network, config.game]
    settings += [f"{name} {value}" for name, value in differs.items() if name not in ("data", "network", "game")]
    when = time.strftime("%Y-%m-%d %H:%M", time.localtime(status.created_at))
    progress = _("step {step:,} · epoch {epoch:.1f} · {minutes:.1f} min").format(
        step=status.step, epoch=status.epoch, minutes=status.elapsed_s / 60
    )
    return f"{when} · {progress}  \n{' · '.join(settings)}"


def _actions(status: Status) -> None:
    run_id = status.run_id
    with st.container(horizontal=True):
        if st.button(_("Open"), key=f"open-{run_id}", icon=":material/visibility:"):
            st.session_state.run = run_id
            st.switch_page(TRAIN_PAGE)
        if status.resumable and st.button(_("Continue"), key=f"continue-{run_id}", icon=":material/resume:"):
            _go_on(run_id)
        take_away.button(run_id)
        if status.state not in ALIVE:
            with st.popover(_("Delete"), icon=":material/delete:", key=f"delete-{run_id}"):
                st.markdown(_("Delete `{run}` with its pictures, curves and weights? This cannot be undone.").format(run=run_id))
                st.button(_("Delete for good"), key=f"really-{run_id}", type="primary", on_click=_delete, args=(run_id,))


def _go_on(run_id: str) -> None:
    try:
        session.live().start(GoOn(run_id), session.browser())
    except Busy as busy:
        st.session_state.trouble = _("The device is taken by the run {run}. Stop it, or continue this one afterwards.").format(
            run=busy.running[0].run_id
        )
        st.rerun()
    except ValueError as error:
        st.session_state.trouble = said(error)
        st.rerun()
    st.session_state.run = run_id
    st.switch_page(TRAIN_PAGE)


def _delete(run_id: str) -> None:
    try:
        session.live().delete(run_id)
    except ValueError as error:
        st.session_state.trouble = said(error)
    if st.session_state.get("run") == run_id:
        st.session_state.run = None
