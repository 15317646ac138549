"""The address as a page itself writes it: the view is in it, and what comes back of it is no link.

A browser sends its address with every rerun, and may still send one that the page has replaced meanwhile. Taken for a link, that would
throw the reader back to where he was. What the browser's Back or Forward brings is his wish, and it says so.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Final

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

LATE_S: Final = 5.0
"""How long after a page has last replaced an address a browser may still send an earlier one."""
REMEMBERED: Final = 64
"""Addresses, the newest: a hand that never rests replaces them without end."""


def query() -> dict[str, str]:
    """The address without the language, which no page's view depends on."""
    return {name: text for name, text in st.query_params.items() if name != "lang"}


def is_link(page: str) -> bool:
    """Whether somebody has followed a link, or gone back: the address is neither this page's present one nor a late one."""
    asked = query()
    return bool(asked) and asked != st.session_state.get(f"{page}_link") and (_went_back() or asked not in _replaced(page))


def put(page: str, link: Mapping[str, str]) -> None:
    """Put a view into the address."""
    state, before = st.session_state, query()
    own = state.get(f"{page}_link", before)  # the browser may not have it yet, and will send it once it has
    state[f"{page}_link"] = dict(link)
    if replaced := [address for address in (before, own) if address != link]:
        state[f"{page}_replaced"] = (time.monotonic(), [*_replaced(page), *replaced][-REMEMBERED:])
        st.query_params.from_dict({**link, **{name: text for name, text in st.query_params.items() if name == "lang"}})


def _went_back() -> bool:
    """Whether the browser's Back or Forward asked for this rerun."""
    context = get_script_run_ctx()
    return context is not None and context.is_history_navigation


def _replaced(page: str) -> list[dict[str, str]]:
    """The addresses replaced of late."""
    when, addresses = st.session_state.get(f"{page}_replaced", (float("-inf"), []))
    return addresses if time.monotonic() - when < LATE_S else []
