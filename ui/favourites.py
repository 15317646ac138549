"""Favourites on screen: keeping one from the live view, and the gallery of all of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import streamlit as st

from gan_core.events import Samples
from gan_core.favourites import Favourite, Favourites
from gan_core.streams import shown_z
from ui import going, session, thumbs
from ui.text import _, ngettext, said

PAGE = 24


def kept() -> Favourites:
    """The favourites of this folder of runs."""
    return Favourites(session.live().store.root)


def keep(run_id: str, command: Mapping[str, Any]) -> None:
    """Keep the image a "favourite" command of the live view names; ValueError where it is not there any more."""
    store, step, index, label = session.live().store, command["step"], command["index"], command["label"]
    samples = store.samples(run_id, step) if label < 0 else _of_class(run_id, step, label)
    pictures = getattr(samples, command["weights"], None)
    if samples is None or pictures is None or pictures.ndim != 4 or index >= len(pictures):
        raise ValueError(
            _("Image {number} of step {step:,} is not kept any more. Choose another moment.").format(number=index + 1, step=step)
        )
    verdicts = getattr(samples, f"verdict_{command['weights']}")
    config = store.config(run_id)
    kept().keep(
        run_id,
        step,
        index=index,
        weights=command["weights"],
        picture=pictures[index],
        verdict=verdicts[index] if verdicts else None,
        z=shown_z("image", config.latent_dim, config.noise)[index].tolist(),
        label=_label(run_id, index) if label < 0 else label,
    )
    st.toast(_("Kept. All favourites are on the Runs page."), icon=":material/star:")


def _of_class(run_id: str, step: int, label: int) -> Samples | None:
    """The newest samples of one class alone, if they are of this step: those are shown, and not kept."""
    newest = session.live().view(run_id).snapshot().samples
    only = newest.only if newest is not None else None
    return only if only is not None and (only.place.step, only.label) == (step, label) else None


def _label(run_id: str, index: int) -> int:
    """The class an image on the sheet was asked to be of; -1 in a run whose players are not told."""
    store = session.live().store
    started = store.started(run_id) if store.config(run_id).told else None
    return started.labels[index] if started is not None and index < len(started.labels) else -1


def gallery() -> None:
    """Every favourite, newest first, each with its run, to rename or to remove; nothing where there are none."""
    try:
        found = kept().all()
    except ValueError as error:
        st.error(said(error))
        return
    if not found:
        return
    st.subheader(ngettext("{count} favourite", "{count} favourites", len(found)).format(count=len(found)), anchor=False)
    if message := st.session_state.pop("favourite-trouble", None):
        st.error(said(message), icon=":material/error:")
    shown = st.session_state.setdefault("favourites-shown", PAGE)
    with st.container(horizontal=True, key="favourites"):
        for favourite in found[:shown]:
            _card(favourite)
    if len(found) > shown:
        st.button(_("Show {count} more").format(count=min(PAGE, len(found) - shown)), on_click=_show_more, key="favourites-more")


def _show_more() -> None:
    st.session_state["favourites-shown"] += PAGE


def _card(favourite: Favourite) -> None:
    with st.container(border=True, width=168, key=f"favourite-{favourite.id}"):
        title = title_of(favourite)
        st.image(thumbs.png(kept().picture(favourite.id)), width="stretch", alt=title)
        st.markdown(f"**{title}**")
        verdict = "–" if favourite.verdict is None else f"{favourite.verdict:.3g}"
        st.caption(_("step {step:,} · D: {verdict}").format(step=favourite.step, verdict=verdict) + f"  \n`{favourite.run_id}`")
        if session.live().knows(favourite.run_id):
            words = _("Explore")
            st.button(
                words, icon=":material/travel_explore:", key=f"favourite-explore-{favourite.id}", on_click=_explore, args=(favourite,)
            )
        with st.popover(_("Change"), icon=":material/edit:", key=f"favourite-change-{favourite.id}"):
            key = f"favourite-name-{favourite.id}"
            st.text_input(_("Name"), value=favourite.name, max_chars=80, key=key, on_change=_rename, args=(favourite.id, key))
            st.button(_("Remove"), icon=":material/delete:", on_click=_remove, args=(favourite.id,), key=f"favourite-remove-{favourite.id}")


def title_of(favourite: Favourite) -> str:
    """What somebody called it, else what it is."""
    own = _("Image {number}").format(number=favourite.index + 1) if favourite.index >= 0 else _("A place of its own")
    return favourite.name or own


def _explore(favourite: Favourite) -> None:
    going.to("explore", run=favourite.run_id, favourite=favourite.id)


def _rename(id: str, key: str) -> None:
    _try(lambda: kept().rename(id, st.session_state[key]))


def _remove(id: str) -> None:
    _try(lambda: kept().remove(id))


def _try(change: Callable[[], None]) -> None:
    try:
        change()
    except ValueError as error:
        session.put(**{"favourite-trouble": str(error)})
