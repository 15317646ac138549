"""Asking for a run (new, forked or continued), and what can be done when its device is taken."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import streamlit as st

from gan_core.config import RunConfig
from gan_core.events import ALIVE, RunState
from gan_core.run_manager import Busy
from gan_core.runner import RunHandle
from live.orders import Fork, GoOn, Order
from ui import session
from ui.text import N_, _, said

STATE_WORDS: dict[RunState, str] = {
    "preparing": N_("preparing"),
    "running": N_("training"),
    "paused": N_("paused"),
    "stopping": N_("stopping, saving"),
    "stopped": N_("stopped"),
    "finished": N_("finished"),
    "failed": N_("failed"),
    "interrupted": N_("interrupted"),
}


@dataclass(frozen=True)
class Refusal:
    """An order that met a taken device, and the run that has it."""

    order: Order
    taken_by: str


def place(order: Order, ready: Callable[[RunHandle], None] | None = None, *, then: Order | None = None) -> bool:
    """Carry an order out and show its run, and put `then` behind it; whether it could be. Else the page says why, and what can be done.

    `ready` is told of the run before its first event.
    """
    live, browser = session.live(), session.browser()
    came: dict[str, Any] = {"busy": None}
    try:
        came["run"] = live.start(order, browser, ready)
        if then is not None:
            live.wait(then, browser)
            came["waits"] = True
    except Busy as busy:
        came["busy"] = Refusal(order, busy.running[0].run_id)
    except ValueError as error:
        came["trouble"] = str(error)
    session.put(**came)
    return "run" in came


def words_of(order: Order) -> str:
    """What is asked for, in a few words."""
    match order:
        case RunConfig():
            return _("a new run on {data}").format(data=order.data)
        case Fork(run_id, step, _changes):
            return _("a fork of {run} at step {step:,}").format(run=run_id, step=step)
        case GoOn(run_id):
            return _("{run}, continued").format(run=run_id)


def trouble() -> None:
    """What stood in the way of the last click, and what can be done about it."""
    if message := st.session_state.pop("trouble", None) or session.live().trouble(session.browser()):
        st.error(said(message), icon=":material/error:")
    refusal = st.session_state.get("busy")
    if refusal is None:
        return
    live = session.live()
    status = live.status(refusal.taken_by) if live.knows(refusal.taken_by) else None
    if status is None or status.state not in ALIVE:
        st.session_state.pop("busy", None)
        return
    mine = live.controls(status.run_id, session.browser())
    with st.container(border=True, key="busy"):
        who = _("You are") if mine else _("Another browser is")
        st.markdown(
            _("**The device is taken.** {who} training `{run}` on it ({state}, step {step:,}). What waits is {what}.").format(
                who=who, run=status.run_id, state=_(STATE_WORDS[status.state]), step=status.step, what=words_of(refusal.order)
            )
        )
        with st.container(horizontal=True):
            help_ = None if mine else _("Only the browser that started it can stop it.")
            label = _("Stop it and start mine")
            st.button(label, on_click=_replace, args=(refusal,), disabled=not mine, help=help_, key="replace")
            st.button(_("Wait, and start when it ends"), on_click=wait_for, args=(refusal.order,), type="primary", key="wait")
            st.button(_("Leave it"), on_click=lambda: st.session_state.pop("busy", None), type="tertiary", key="leave")


def _replace(refusal: Refusal) -> None:
    wait_for(refusal.order, instead_of=refusal.taken_by)


def wait_for(order: Order, *, instead_of: str | None = None) -> None:
    """Put an order behind what trains now, or stop a run for it; the page says that it waits."""
    live, browser = session.live(), session.browser()
    came: dict[str, Any] = {"busy": None}
    try:
        live.wait(order, browser)
        came["waits"] = True
        if instead_of is not None:
            live.handle(instead_of, browser).stop()
    except ValueError as error:
        came["trouble"] = str(error)
    session.put(**came)


def waiting() -> None:
    """A line for a browser that waits for the device; it looks every second whether its run has begun."""
    if st.session_state.get("waits"):
        st.fragment(_waiting_line, run_every=1.0)()


def _waiting_line() -> None:
    live, browser = session.live(), session.browser()
    queue = live.queue()
    place_in_line = [waiting.browser for waiting in queue]
    if browser not in place_in_line:
        st.session_state.waits = False
        mine = [handle.run_id for handle in live.runs.active() if live.controls(handle.run_id, browser)]
        st.session_state.run = mine[-1] if mine else st.session_state.run
        st.rerun()
    number = place_in_line.index(browser)
    with st.container(horizontal=True, vertical_alignment="center"):
        words = _("Waiting for the device, number {place} in line: {what}.")
        st.info(words.format(place=number + 1, what=words_of(queue[number].order)), icon=":material/hourglass_top:")
        st.button(_("Do not wait"), on_click=live.leave_queue, args=(browser,), key="leave-queue")
