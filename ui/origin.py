"""A fork beside the run it came from."""

from __future__ import annotations

import streamlit as st

from ui import session
from ui.names import name_of
from ui.run_list import COMPARE_PAGE
from ui.text import _


def button(run_id: str) -> None:
    """For a fork whose origin is still there: a button that lays the two over each other."""
    live = session.live()
    parent = live.store.status(run_id).parent
    if parent and live.knows(parent):
        help_ = _("This run beside {run}, of which it is a fork.").format(run=name_of(parent))
        if st.button(_("Compare"), icon=":material/compare_arrows:", help=help_, key="origin"):
            st.switch_page(COMPARE_PAGE, query_params={"runs": f"{parent},{run_id}"})
