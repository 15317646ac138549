"""Which run's latent space is looked at: the chooser of Explore and Interpolate, which keeps the run from one to the other."""

from __future__ import annotations

import streamlit as st

from gan_core.config import RunConfig
from gan_core.data import DATA
from gan_core.events import ALIVE
from gan_core.status import Status
from ui import session
from ui.names import escaped, name_of
from ui.orders import STATE_WORDS
from ui.run_row import TRAIN_PAGE
from ui.text import _


def begin() -> None:
    """Take the run that a link names; without one, that of the last visit stays."""
    state, asked = st.session_state, st.query_params.get("run", "")
    if asked and asked != state.get("latent_link"):
        state.latent_run, state.latent_link = asked, asked
        state.pop("_latent_run", None)
        state.latent_complaint = _complaint(asked)


def choose() -> str | None:
    """Draw the list of runs with images, and what is wrong with the one a link asks for; the chosen one, if there is any."""
    state = st.session_state
    if state.get("latent_complaint"):
        st.warning(state.latent_complaint, icon=":material/link_off:")
    labels = {status.run_id: _label(status) for status in with_images()}
    if not labels:
        _nothing()
        return None
    asked = state.get("_latent_run", state.get("latent_run"))
    state._latent_run = asked if asked in labels else _usual(list(labels))
    chosen: str = st.selectbox(
        _("Run"),
        list(labels),
        key="_latent_run",
        format_func=lambda run: labels.get(run, run),
        on_change=lambda: state.update(latent_complaint=""),
    )
    state.latent_run = chosen
    return chosen


def written(run_id: str | None) -> None:
    """Remember which run the page has put into its address, so that it is not taken for a new link."""
    st.session_state.latent_link = run_id


def with_images() -> list[Status]:
    """Every run that draws images, newest first, each in the state it is in now."""
    live = session.live()
    found = [status for status in live.store.list() if (config := _config(status.run_id)) and DATA[config.data].kind == "image"]
    return [live.status(status.run_id) if status.state in ALIVE else status for status in found]


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


def _usual(run_ids: list[str]) -> str:
    """The newest run at work, else the newest of all."""
    at_work = [handle.run_id for handle in session.live().runs.active() if handle.run_id in run_ids]
    return at_work[-1] if at_work else run_ids[0]


def _label(status: Status) -> str:
    name = name_of(status.run_id)
    words = [_(STATE_WORDS[status.state]), status.run_id]
    return " · ".join(words if name == status.run_id else [name, *words])


def _nothing() -> None:
    with st.container(border=True, key="latent-invitation"):
        st.subheader(_("There is no run with images yet"), anchor=False)
        st.markdown(_("A latent space belongs to a network that draws images. Train one first: half a minute is enough to look around."))
        st.page_link(TRAIN_PAGE, label=_("Train"), icon=":material/play_circle:")
