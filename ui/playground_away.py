"""Runs that were rewound before there was much in them: they go to the trash, and the Runs page brings them back."""

from __future__ import annotations

from typing import Any, Final

import streamlit as st

from gan_core.favourites import Favourites
from gan_core.labels import Label
from ui import session
from ui.text import _, ngettext

BRIEF_S: Final = 20.0
"""Seconds of training below which a rewound run is taken for a try."""


def put(run_id: str) -> None:
    """Put a run that has ended into the trash where it was brief, and nobody has kept anything of it."""
    live = session.live()
    try:
        if live.status(run_id).elapsed_s < BRIEF_S and not _kept(run_id):
            live.delete(run_id)
            st.session_state.play_away = [*st.session_state.get("play_away", ()), run_id]
    except ValueError:
        return  # it stays in the list, where its row says what is the matter


def _kept(run_id: str) -> bool:
    store = session.live().store
    if store.labels.get(run_id) != Label() or any(run.parent == run_id for run in store.list()):
        return True
    return any(favourite.run_id == run_id for favourite in Favourites(store.root).all())


def line() -> None:
    """A line for the Runs page: what was put away during this visit, and the way back; nothing where nothing was."""
    gone = st.session_state.get("play_away", [])
    if not gone:
        return
    with st.container(horizontal=True, vertical_alignment="center", key="play-away"):
        words = ngettext(
            "{count} brief run of the Playground was rewound and lies in the trash for a day.",
            "{count} brief runs of the Playground were rewound and lie in the trash for a day.",
            len(gone),
        )
        st.caption(words.format(count=len(gone)), width="content")
        st.button(_("Bring back"), key="play-away-back", icon=":material/undo:", type="tertiary", on_click=_bring_back)


def _bring_back() -> None:
    came: dict[str, Any] = {"play_away": []}
    for run_id in st.session_state.play_away:
        try:
            session.live().store.restore(run_id)
        except ValueError as error:
            came["trouble"] = str(error)
    session.put(**came)
