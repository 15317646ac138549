"""What one visit to a page stands on: the process's manager, and which browser is asking."""

from __future__ import annotations

import secrets
from collections.abc import Callable

import streamlit as st

from gan_core.runner import RunHandle
from live import manager
from live.browser import COOKIE
from live.manager import LiveManager
from ui.text import said


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
        st.session_state.trouble = said(error)


def projector() -> bool:
    """Whether the page shows the live view alone, large."""
    return bool(st.session_state.get("on_projector"))


def show_projector(on: bool) -> None:
    """The live view alone, or the whole page again."""
    st.session_state.on_projector = on
