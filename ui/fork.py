"""Forking the past: choose a moment with a checkpoint, change a knob, and see the other future."""

from __future__ import annotations

import streamlit as st

from gan_core.config import KNOBS
from gan_core.findings import Remedy
from live.orders import Fork, GoOn
from ui import controls, orders, session
from ui.text import _, said

NOTHING = "—"


def moments(run_id: str) -> list[int]:
    """Steps the run can be forked from: its beginning, which needs no checkpoint, and those that have one."""
    return sorted({0, *session.live().store.moments(run_id).checkpoints})


def button(run_id: str) -> None:
    """A button that asks what is to be different."""
    st.button(
        _("Fork"),
        icon=":material/fork_right:",
        help=_("Go back to a moment of this run, change one knob, and see the other future (key F)."),
        on_click=ask,
        args=(run_id, None),
        key="fork",
    )


def ask(run_id: str, step: int | None, advice: Remedy | None = None) -> None:
    """Open the dialog when the page is drawn, at the last moment up to `step` that can be forked from, and with what is advised."""
    session.put(forking=(run_id, step, advice), taking=None)  # a page shows one dialog at a time


def dialog() -> None:
    """The dialog, from when somebody asks for it until it is answered or closed, however often the page is drawn meanwhile."""
    asked = st.session_state.get("forking")
    if asked is not None and session.live().knows(asked[0]):
        st.dialog(_("Fork the past"), width="medium", on_dismiss=_close)(_questions)(*asked)


def _close() -> None:
    st.session_state.pop("forking", None)


def _questions(run_id: str, step: int | None, advice: Remedy | None) -> None:
    if st.session_state.get("forking") is None:  # answered: the whole page is drawn again, without the dialog
        st.rerun()
    st.markdown(
        _(
            "Both futures begin with the same weights, the same noise and the same batches. "
            "What you change here is the only difference; change nothing, and the two stay equal to the last bit."
        )
    )
    try:
        steps = moments(run_id)
    except ValueError as error:
        st.error(said(error), icon=":material/error:")  # somebody has deleted it meanwhile
        return
    wanted = [at for at in steps if step is None or at <= step] or steps
    at = st.selectbox(
        _("Moment"), steps, index=steps.index(wanted[-1]), format_func=lambda at: _("step {step:,}").format(step=at), key="fork-step"
    )
    names = [NOTHING, *(name for name, knob in KNOBS.items() if not knob.fixed)]
    name = st.selectbox(
        _("Change"),
        names,
        index=names.index(advice.name if advice else "gamma"),
        format_func=lambda name: _("nothing") if name == NOTHING else _(controls.LABELS[name]),
        key="fork-name",
    )
    changes = {}
    try:
        before = session.live().store.forked_config(run_id, at, {})
        if name != NOTHING:
            key = f"fork_{name}_{at}"
            if st.session_state.get(key) is None:  # not drawn before, or emptied
                st.session_state[key] = advice.new if advice and advice.name == name else getattr(before, name)
            changes = {name: controls.draw(name, key, label=_("to (it was {value})").format(value=getattr(before, name)))}
        session.live().store.forked_config(run_id, at, changes)
    except ValueError as error:
        st.error(said(error), icon=":material/error:")
        return
    original = st.checkbox(
        _("Afterwards let the original go on too"),
        key="fork-original",
        help=_("As soon as the fork is stopped and the device is free, so that both futures can be compared."),
    )
    order, then = Fork(run_id, at, changes), GoOn(run_id) if original else None
    st.button(_("Fork and train"), type="primary", icon=":material/fork_right:", on_click=_go, args=(order, then), key="fork-go")


def _go(order: Fork, then: GoOn | None) -> None:
    _close()
    orders.place(order, then=then)
