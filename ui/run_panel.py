"""The run on the Train screen: which it is, what is said of it, and its live view."""

from __future__ import annotations

import streamlit as st

from gan_core.config import LIVE, RunConfig
from gan_core.data import DATA
from gan_core.devices import describe, pick
from gan_core.events import ALIVE
from ui import coach, controls, figures, fork, formula, hand, origin, scoring, session, take_away
from ui.components.run_view import WORDS, run_view
from ui.components.tour import tour
from ui.differences import courses_of
from ui.orders import STATE_WORDS
from ui.text import _, said

WAY_EVERY_S = 2.0
"""How often the line above a run is drawn anew, where it can change."""


def shown_run() -> str | None:
    """The run on screen: the one asked for, else one at work, else none; it stays on screen after it has ended."""
    live, asked = session.live(), st.session_state.get("run")
    if asked is not None and not live.knows(asked):
        st.warning(_("The run {run} is not here: it was deleted, or the link is from another machine.").format(run=asked))
        asked = None
    if asked is None:
        active = live.runs.active()
        asked = active[-1].run_id if active else None
    st.session_state.run = asked
    return asked


def status_line(config: RunConfig | None, run_id: str | None) -> None:
    """What runs where, and who may touch it."""
    live = session.live()
    if run_id is None:
        st.caption(_("Will train on: {device}").format(device=_device_words(config)))
        return
    # Only on a GPU the line changes by itself: how steps are played is known when the first have been.
    if (status := live.status(run_id)).device == "cuda" and status.state in ALIVE:
        st.fragment(_status_words, run_every=WAY_EVERY_S)(run_id)
    else:
        _status_words(run_id)


def _status_words(run_id: str) -> None:
    live = session.live()
    try:
        status = live.status(run_id)
    except ValueError:
        return  # somebody has deleted it meanwhile: the page says so when it is drawn next
    words = [f"`{status.run_id}`", _(STATE_WORDS[status.state])]
    if status.device:
        words.append(said(describe(status.device)))
    if status.way:
        words.append(said(status.way))
    if status.state in ALIVE and not live.controls(run_id, session.browser()):
        words.append(_("you are watching: the browser that started it controls it"))
    st.caption(" · ".join(words))


def tools(run_id: str | None) -> None:
    """What else can be done with the run on screen."""
    with st.container(horizontal=True, horizontal_alignment="right", key="tools"):
        if run_id is not None:
            origin.button(run_id)
            fork.button(run_id)
            take_away.button(run_id)
            help_ = _("The live view alone, large (key P).")
            st.button(
                _("Projector"), icon=":material/present_to_all:", help=help_, on_click=session.show_projector, args=(True,), key="projector"
            )


def guide() -> None:
    """The tour for first visitors, and a button in the menu that begins it again."""
    if not session.projector():
        with st.sidebar:
            st.button(_("Show me around"), type="tertiary", icon=":material/explore:", on_click=_begin_tour, key="tour-again")
        tour(st.session_state.get("tours", 0))


def _begin_tour() -> None:
    st.session_state.tours = st.session_state.get("tours", 0) + 1


def _device_words(config: RunConfig | None) -> str:
    try:
        return said(describe(pick(config.device if config else "auto")))
    except ValueError as error:
        return said(error)


def invitation() -> None:
    """What a first visitor sees where the live view will be."""
    with st.container(border=True, key="invitation"):
        st.subheader(_("Press Start, and watch two networks teach each other"), anchor=False)
        st.markdown(
            _(
                "**:orange[The generator G]** turns random numbers into pictures. **:blue[The discriminator D]** looks at real pictures "
                "and at G's, and tries to tell them apart. Each learns from the other's mistakes: here you see G's pictures, D's verdict "
                "and both losses while they do. With the default preset the first readable digits come after about half a minute."
            )
        )
        for status in session.live().store.list():
            if status.bundled:
                words = _("Or look at a finished run")
                st.button(words, icon=":material/visibility:", key="demo", on_click=_show, args=(status.run_id,))
                break


def _show(run_id: str) -> None:
    session.put(run=run_id)


def nothing_of(run_id: str) -> str:
    """Why there is nothing of this run to look at; empty where there is."""
    live = session.live()
    try:
        status, _config = live.status(run_id), live.config(run_id)
    except ValueError as error:
        return said(error)
    # It may never have had its data.
    return said(status.reason) if status.state == "failed" and live.store.started(run_id) is None else ""


def live_view(run_id: str) -> None:
    """Curves and grids of the run, moving by themselves; the page is drawn again only when the run's state changes."""
    if reason := nothing_of(run_id):
        st.error(reason, icon=":material/error:")
        return
    live = session.live()
    status, config = live.status(run_id), live.config(run_id)
    run_view(
        run=run_id,
        url=session.socket_path(run_id),
        token=live.tickets.issue(run_id),
        state=status.state,
        kind=DATA[config.data].kind,
        facts={
            "figure": figures.live(config),
            "drawn_for": {name: getattr(config, name) for name in ("game", "penalty", "label_smoothing")},
            "knobs": {name: _(label) for name, label in controls.LABELS.items()},
            "began": {name: course for name, course in courses_of(live.store, status, ()).items() if name in LIVE},
            "verdict": figures.verdict(config),
            "metrics": scoring.live_metrics(config.data),
            "findings": coach.findings(),
            "formula": formula.formula(config),
        },
        may_control=live.controls(run_id, session.browser()),
        projector=session.projector(),
        on_command=lambda command: hand.obey(run_id, command),
        words={key: _(word) for key, word in WORDS.items()} | ({"failed": said(status.reason)} if status.message else {}),
        key="live",
    )
