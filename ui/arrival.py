"""A page's first moment: its name is on the screen before the browser makes the rest of it."""

from __future__ import annotations

import threading
from typing import Final, Literal

import streamlit as st

BREATH_S: Final = 0.06
"""What a browser gets to clear the page before and show the name of this one.

Without it the rest comes while the old page is being cleared, React makes all of it at a stroke, and the name is seen with the last
button. docs/benchmarks.md has both.
"""


def heading(name: str, width: Literal["stretch", "content"] = "stretch") -> None:
    """Draw a page's name; who comes from another page sees it before the rest."""
    st.title(name, anchor=False, width=width)
    before = st.session_state.get("here", name)
    st.session_state.here = name
    if before != name:
        breathe()


def breathe() -> None:
    """Let the browser do what it has been told."""
    threading.Event().wait(BREATH_S)
