"""What one visit to a page stands on: the process's manager, and which browser is asking."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from typing import Any

import streamlit as st
from streamlit.runtime.scriptrunner import RerunException

from gan_core.runner import RunHandle
from live import manager
from live.browser import COOKIE
from live.manager import LiveManager


def live() -> LiveManager:
    """The process's manager."""
    return manager.get()


def browser() -> str:
    """The name of the browser that asks; one without cookies gets a name that lasts as long as its tab."""
    if name := st.context.cookies.get(COOKIE):
        return name
    return st.session_state.setdefault("browser", secrets.token_urlsafe(24))


def socket_path(run_id: str) -> str:
    """Where the live view of a run connects to; it changes when the run begins a new life, so that the view connects anew."""
    return f"/live/run/{run_id}?life={live().life(run_id)}"


def command(run_id: str, tell: Callable[[RunHandle], None]) -> None:
    """Tell a run of this browser something; where that cannot be, the page says why."""
    try:
        tell(live().handle(run_id, browser()))
    except ValueError as error:
        put(trouble=str(error))


def put(**values: Any) -> None:
    """Keep what came of something that was waited for; a callback's last words.

    Streamlit leaves a callback at its next look into the session once the browser has asked for another rerun, which the live view
    does whenever its run's state changes: without a second try the run that was begun would never be shown. That rerun comes next
    all the same. A translated word is a look into the session too: keep sentences as the core says them, and translate what is shown.
    """
    try:
        st.session_state.update(values)
    except RerunException:
        st.session_state.update(values)
        raise


def projector() -> bool:
    """Whether the page shows the live view alone, large."""
    return bool(st.session_state.get("on_projector"))


def show_projector(on: bool) -> None:
    """The live view alone, or the whole page again."""
    st.session_state.on_projector = on
