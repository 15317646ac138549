"""The Interpolate screen: which walk a link asks for, the view that draws it, and the files that can be made of it."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from gan_core.export import WALKS, Walk, missing
from gan_core.export.base import FPS
from gan_core.export.walk import KEYS
from gan_core.favourites import Favourite
from gan_core.latent import Kind
from gan_core.streams import shown_z
from ui import favourites, own_address, session, take_away
from ui.components.interpolate_view import WORDS, interpolate_view
from ui.interpolate_link import FRAMES, PARAMETERS, PLACE, USUAL, View, key_for, kind_of, link_of, read_link, texts_of, told, with_class
from ui.run_classes import classes_of, count_of, labels_of
from ui.text import _, ngettext, said

FAVOURITES = 24
"""So many of the run's favourites are offered, the newest."""
MANY = 32
"""Numbers in a z from which on random ones are nearly of one length: the standard deviation is an eighth of it, and less with more."""
USUAL_FPS = 20


def begin(run_id: str) -> list[str]:
    """Take the view of the link, or the one of the last visit; the complaints about that link."""
    state, store = st.session_state, session.live().store
    asked = {name: value for name, value in st.query_params.items() if name in PARAMETERS}
    followed = bool(asked) and own_address.is_link("walk")
    if followed or state.get("walk_run") != run_id:
        before: View = state.get("walk_view", USUAL)
        base = before if not followed or asked.keys() <= {*PLACE, "weights", "at"} else USUAL
        query = asked if followed else link_of(before)
        of_run = store.config(run_id).latent_dim, store.moments(run_id).averages
        view, complaints = read_link(query, *of_run, base, classes=count_of(store, run_id))
        state.update(walk_view=view, walk_z=(), walk_run=run_id, walk_asked=state.get("walk_asked", 0) + 1)
        state.walk_complaints = complaints if followed else []
    return list(state.get("walk_complaints", ()))


def walk(run_id: str) -> None:
    """Key frames, player, sheet and sums, drawn in the browser from the run's latent socket."""
    state, live = st.session_state, session.live()
    config, averages = live.store.config(run_id), live.store.moments(run_id).averages
    shown = shown_z("image", config.latent_dim, config.noise)
    rows, classes = shown.tolist(), classes_of(live.store, run_id)
    labels, count = labels_of(len(classes)), count_of(live.store, run_id)
    why = "why" if config.latent_dim >= MANY else "why_few"

    def heard(value: str) -> None:
        if (found := told(value, config.latent_dim, averages, classes=count)) is not None:
            if (view := found[0]) != state.walk_view:
                state.walk_complaints = []
            state.walk_view, state.walk_z = view, found[1]

    interpolate_view(
        run=run_id,
        url=f"/live/latent/{run_id}",
        token=live.tickets.issue(run_id),
        latent_dim=config.latent_dim,
        noise=config.noise,
        told=config.told,
        classes=classes,
        labels=labels,
        link=texts_of(state.walk_view),
        usual=texts_of(USUAL),
        asked=state.walk_asked,
        known=",".join(state.walk_view.keys) if state.walk_z else "",
        limits={"keys": KEYS, "frames": FRAMES},
        averages=averages,
        shown=shown.numpy().tobytes(),
        favourites=[
            {"name": favourites.title_of(favourite), "key": _key_of(favourite, rows, labels)}
            for favourite in _favourites(run_id)
            if len(favourite.z) == config.latent_dim
        ],
        words={key: _(word) for key, word in WORDS.items()} | {"why": _(WORDS[why])},
        on_view=heard,
    )


def _key_of(favourite: Favourite, rows: Sequence[Sequence[float]], labels: Sequence[int]) -> str:
    """Where a favourite lies, and of which class it is."""
    key = key_for(favourite.z, rows)
    return with_class(key, max(0, favourite.label), labels) if labels else key


def _favourites(run_id: str) -> list[Favourite]:
    try:
        return [favourite for favourite in favourites.kept().all() if favourite.run_id == run_id][:FAVOURITES]
    except ValueError:
        return []  # the gallery on the Runs page says what is wrong with them


def files(run_id: str) -> None:
    """The walk as a file: choose which, wait while it is made, download it."""
    state, view = st.session_state, st.session_state.walk_view
    with st.container(border=True, key="walk-files"):
        st.subheader(_("Take the walk away"), anchor=False)
        if len(view.keys) < KEYS[0] or not state.walk_z:
            st.caption(_("Choose at least two key frames first."))
            return
        try:
            reason = said(missing("walk-z", session.live().store, run_id))
        except ValueError as error:
            reason = said(error)  # somebody has deleted it meanwhile
        if reason:
            st.info(reason, icon=":material/info:")
            return
        choice, speed = st.columns([3, 2], vertical_alignment="bottom")
        kind = choice.selectbox(_("What"), list(WALKS), format_func=lambda name: _(WALKS[name].label), key="walk-kind")
        fps = float(USUAL_FPS)
        if "fps" in WALKS[kind].options:
            fps = float(speed.slider(_("Frames per second"), int(FPS[0]), int(FPS[1]), USUAL_FPS, key="walk-fps"))
        options = Walk(
            weights=view.weights,
            step=view.at,
            fps=fps,
            keys=state.walk_z,
            how=view.how,
            frames=view.frames,
            closed=view.closed,
            ease=view.ease,
            kinds=_kinds(run_id, view),
        )
        st.caption(" ".join([_(WALKS[kind].help), _whose(view, take_away.step_of_file(run_id, kind, options))]))
        take_away.offer(run_id, kind, options)


def _kinds(run_id: str, view: View) -> tuple[Kind, ...]:
    """What each key is asked to be; nothing where the players are told no class."""
    labels = labels_of(len(classes_of(session.live().store, run_id)))
    return tuple(kind_of(key, labels) for key in view.keys) if labels else ()


def _whose(view: View, step: int) -> str:
    """Which weights a file is drawn with: those on disk at that step, which may be older than those on screen."""
    frames = ngettext("{count} frame", "{count} frames", view.frames).format(count=view.frames)
    return _("{frames}, drawn with the weights kept at step {step:,}.").format(frames=frames, step=step)


def write_url(run_id: str | None) -> None:
    """Put run and walk into the address."""
    own_address.put("walk", {"run": run_id, **link_of(st.session_state.walk_view)} if run_id else {})
