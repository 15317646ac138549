"""The way to another page: a callback asks for it, and the frame goes there until that page has been drawn.

Streamlit turns to the page that was asked for last. A live view asks for reruns of its own page whenever its run's state changes: one
that comes beside the turn would lose a button's `True`, or lead back to the page just left.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

import streamlit as st

from ui import session

LASTS_S: Final = 5.0
"""How long a page that never comes to its end may hold its visitor."""


@dataclass(frozen=True)
class Way:
    """To the page of this name (a key of the frame's pages), with a link's words."""

    page: str
    query: Mapping[str, str] = field(default_factory=dict)
    asked: float = field(default_factory=time.monotonic)


def to(page: str, **query: object) -> None:
    """For a callback, which cannot change the page itself."""
    session.put(going=Way(page, {name: str(value) for name, value in query.items()}))


def follow(pages: Mapping[str, st.Page], here: st.Page) -> None:
    """For the frame, before it draws a page: turn to another one where somebody is on the way there."""
    way: Way | None = st.session_state.get("going")
    if way is not None and pages[way.page] is not here and time.monotonic() - way.asked < LASTS_S:
        st.switch_page(pages[way.page], query_params=way.query)


def arrived() -> None:
    """For the frame, after a page has been drawn to its end."""
    st.session_state.pop("going", None)
