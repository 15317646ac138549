"""The Playground's settings, as widgets and as a link."""

from __future__ import annotations

from typing import Final

import streamlit as st

from gan_core.config import KNOBS, LIVE
from gan_core.data import DATA
from ui import controls, hand, own_address, playground_run, playground_target, session
from ui.playground_link import read_link
from ui.text import N_, _, said

TURNED: Final[dict[str, str]] = {
    "game": N_("Game"),
    "penalty": N_("Penalty"),
    "gamma": N_("Gamma"),
    "lr_generator": N_("Rate of G"),
    "lr_critic": N_("Rate of D"),
    "beta1": N_("Beta 1"),
    "critic_steps": N_("D per G"),
}
"""Knobs above the plane, with the short words there is room for."""
BUILT: Final = tuple(name for name in ("noise", "latent_dim", "width", "depth", "critic_width", "critic_depth", "seed") if name in KNOBS)
"""What a run is built with: a change asks for a restart."""


def begin() -> list[str]:
    """Take the settings of the link, or those the page was left with; complaints about that link."""
    state = st.session_state
    if "play" not in state or own_address.is_link("play"):
        state.play, state.play_complaints = read_link(own_address.query())
    return [said(complaint) for complaint in state.play_complaints]


def write_url() -> None:
    """Put what differs from the defaults into the address."""
    own_address.put("play", st.session_state.play.link())


def targets() -> None:
    """Draw what there is to learn, one press each, and the way to one's own."""
    state = st.session_state
    with st.container(horizontal=True, vertical_alignment="center", key="play-targets"):
        names = [name for name, source in DATA.items() if source.kind == "plane"]
        state._play_data = state.play.config.data
        words = _("What G learns to draw")
        st.pills(
            words, names, key="_play_data", format_func=_name_of, on_change=_target_chosen, required=True, label_visibility="collapsed"
        )
        playground_target.button()


def _name_of(data: str) -> str:
    return _("your own") if data == "points" else data


def _target_chosen() -> None:
    data = st.session_state._play_data
    kept = st.session_state.get("play_points", "")
    if data == "points" and not kept:
        playground_target.ask()
    elif data is not None:
        playground_run.aim(data, kept if data == "points" else "")


def dialog() -> None:
    """The place to draw or load one's own target, while somebody is at it."""
    playground_target.dialog(lambda folder: playground_run.aim("points", folder))


def knobs() -> None:
    """Draw the knobs that turn while a run goes."""
    with st.container(key="play-knobs"):
        places = st.columns([5 if KNOBS[name].choices else 4 for name in TURNED], gap="small", vertical_alignment="bottom")
    for name, place in zip(TURNED, places, strict=True):
        with place:
            _knob(name, _(TURNED[name]))


def players() -> None:
    """Draw what both players are built of, and the button that begins anew with it."""
    run_id = playground_run.shown_run()
    with st.container(horizontal=True, vertical_alignment="bottom", key="run-buttons"):
        with st.popover(_("Players"), icon=":material/account_tree:", key="play-players"):
            for name in BUILT:
                _built(name)
        _restart(run_id)
        hand.drawer_button()


def _restart(run_id: str | None) -> None:
    """The button that begins anew with what has been set since, or one's own run where somebody else's is shown at work."""
    if playground_run.of_others(run_id):
        st.button(_("Play mine"), key="play-mine", icon=":material/play_arrow:", on_click=playground_run.start, kwargs={"paused": False})
        return
    waiting = playground_run.pending(run_id)
    help_ = _("Some settings are of the next run: {names}.").format(names=", ".join(_(controls.LABELS[name]) for name in waiting))
    st.button(
        _("Restart"),
        key="play-restart",
        icon=":material/restart_alt:",
        type="primary" if waiting else "secondary",
        disabled=not waiting,
        help=help_ if waiting else None,
        on_click=playground_run.rewind,
    )


def _built(name: str) -> None:
    if name != "latent_dim":
        _knob(name, _(controls.LABELS[name]))
        return
    now = st.session_state.play.config.latent_dim
    st.session_state._play_latent_dim = now
    st.segmented_control(
        _("Numbers in z"),
        sorted({1, 2, now}),
        key="_play_latent_dim",
        on_change=_turned,
        args=(name,),
        required=True,
        help=_(KNOBS[name].help),
    )


def _knob(name: str, label: str) -> None:
    key = f"_play_{name}"
    st.session_state[key] = getattr(st.session_state.play.config, name)
    controls.draw(name, key, label=label, on_change=_turned, args=(name,))


def _turned(name: str) -> None:
    """Take what was entered; a run in hand follows where the knob is live."""
    value, run_id = st.session_state[f"_play_{name}"], playground_run.shown_run()
    if value is None:  # an emptied field
        return
    try:
        config = st.session_state.play.config.but(**{name: value})
        if name in LIVE and hand.held(run_id) is not None:
            session.live().turn(run_id, session.browser(), name, value)
    except ValueError as error:
        st.session_state.trouble = said(error)
        return
    playground_run.put(config=config)
