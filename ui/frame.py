"""A page inside the frame: what is raised while it is drawn becomes a sentence."""

from __future__ import annotations

import streamlit as st

from gan_core.sentences import Sentence
from ui import going
from ui.text import said


def draw(page: st.Page) -> None:
    """Draw a page.

    A run can be deleted, in another tab or by another reader of the disk, between any two looks at it. The page is drawn once more then:
    its beginning knows what to do without the run. Where that does not help, the page says why it ends here.
    """
    state = st.session_state
    try:
        page.run()
    except ValueError as error:
        if not isinstance(str(error), Sentence):
            raise
        if not state.get("halted"):
            state.halted = True
            st.rerun()
        st.error(said(error), icon=":material/error:")
    state.pop("halted", None)
    going.arrived()
