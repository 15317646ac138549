"""Which run the walk goes through: the one of a link, of the last visit, or the one that was explored; and the list to choose from."""

from __future__ import annotations

import streamlit as st

from gan_core.config import RunConfig
from gan_core.data import DATA
from ui import explore, own_address, session
from ui.names import escaped, name_of
from ui.run_row import TRAIN_PAGE
from ui.text import _


def begin() -> None:
    """Take the run that a link names; without one, that of the last visit stays."""
    state, asked = st.session_state, st.query_params.get("run", "")
    if asked and own_address.is_link("walk"):
        state.walk_chosen = asked
        state.pop("_walk_chosen", None)
        state.walk_run_complaint = _complaint(asked)


def choose() -> str | None:
    """Draw the list of runs with images; the chosen one, if there is any."""
    state = st.session_state
    labels = {status.run_id: explore.label_of(status) for status in explore.runs()}
    asked = state.get("_walk_chosen", state.get("walk_chosen", state.get("explored")))
    if asked is not None and asked not in labels:
        state.walk_run_complaint = _complaint(asked)  # deleted since the list was drawn
    if not labels:
        return None
    state._walk_chosen = asked if asked in labels else next(iter(labels))
    chosen: str = st.selectbox(
        _("Run"),
        list(labels),
        key="_walk_chosen",
        format_func=lambda run: labels.get(run, run),
        on_change=lambda: state.update(walk_run_complaint=""),
        label_visibility="collapsed",
    )
    state.walk_chosen = chosen
    return chosen


def complaints() -> list[str]:
    """What is wrong with the run that a link or the list asked for."""
    complaint = st.session_state.get("walk_run_complaint")
    return [complaint] if complaint else []


def _config(run_id: str) -> RunConfig | None:
    try:
        return session.live().store.config(run_id)
    except ValueError:
        return None


def _complaint(run_id: str) -> str:
    """Why the run of a link cannot be shown; empty where it can."""
    config = _config(run_id)
    if config is None:
        return _("The run {run} is not here: it was deleted, or the link is from another machine.").format(run=run_id)
    if DATA[config.data].kind == "plane":
        return _("The run {run} draws points on a plane, not images. Choose one of the runs with images.").format(
            run=escaped(name_of(run_id))
        )
    return ""


def invitation() -> None:
    """What there is to do where no run has images yet."""
    with st.container(border=True, key="walk-invitation"):
        st.subheader(_("There is no run with images yet"), anchor=False)
        st.markdown(_("A latent space belongs to a network that draws images. Train one first: half a minute is enough to look around."))
        st.page_link(TRAIN_PAGE, label=_("Train"), icon=":material/play_circle:")
