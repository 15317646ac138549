"""A fork beside the run it came from."""

from __future__ import annotations

import streamlit as st

from ui import going, session
from ui.names import name_of
from ui.text import _


def button(run_id: str) -> None:
    """For a fork whose origin is still there: a button that lays the two over each other."""
    live = session.live()
    parent = live.store.status(run_id).parent
    if parent and live.knows(parent):
        help_ = _("This run beside {run}, of which it is a fork.").format(run=name_of(parent))
        st.button(_("Compare"), icon=":material/compare_arrows:", help=help_, on_click=_compare, args=(parent, run_id), key="origin")


def _compare(parent: str, run_id: str) -> None:
    going.to("compare", runs=f"{parent},{run_id}")
