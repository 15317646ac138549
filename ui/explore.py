"""The Explore screen: which run's latent space, where a link leads in it, and what is kept of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import Any

import streamlit as st

from gan_core.config import RunConfig
from gan_core.data import DATA
from gan_core.events import ALIVE
from gan_core.sentences import Sentence
from gan_core.status import Status
from gan_core.streams import SHOWN, shown_z
from ui import explore_keep, favourites, figures, own_address, session
from ui.components.explore_view import WORDS, explore_view
from ui.explore_link import Known, View, query_of, read_view
from ui.names import name_of
from ui.orders import STATE_WORDS
from ui.run_classes import classes_of, count_of, labels_of
from ui.run_row import TRAIN_PAGE
from ui.text import _, said

SAMPLES = range(SHOWN["image"])


def runs() -> list[Status]:
    """Runs with images, those at work first, then the newest."""
    live = session.live()
    fresh = [live.status(status.run_id) if status.state in ALIVE else status for status in live.store.list()]
    return sorted((status for status in fresh if _draws_images(status.run_id)), key=lambda status: status.state not in ALIVE)


def _draws_images(run_id: str) -> bool:
    try:
        return DATA[session.live().store.config(run_id).data].kind == "image"
    except (ValueError, KeyError):
        return False


def begin(there: Sequence[Status]) -> list[str]:
    """Take the run and the view of the link, or go on where this visit was; the complaints about that link."""
    state, query = st.session_state, own_address.query()
    ids = [status.run_id for status in there]
    if "explored" not in state or own_address.is_link("explored"):
        state.explored_complaints, asked = [], query.get("run")
        if asked is not None and asked not in ids:
            state.explored_complaints.append(_no_such_run(asked))
        state.explored = asked if asked in ids else (ids[0] if ids else None)
        _go(query if asked in (None, state.explored) else {})
    elif state.explored not in ids:
        if state.explored is not None:
            state.explored_complaints = [_no_such_run(state.explored)]
        state.explored = ids[0] if ids else None
        _go({})
    return [said(complaint) for complaint in state.explored_complaints]


def _no_such_run(run_id: str) -> Sentence:
    if session.live().knows(run_id):
        return Sentence("The run {run} draws points, not images, and cannot be explored here. Another one is shown.", run=run_id)
    return Sentence("The run {run} is not here: it was deleted, or the link is from another machine.", run=run_id)


def _go(query: Mapping[str, str]) -> None:
    """Begin anew where the texts of a link lead in the run that is shown."""
    state = st.session_state
    view = View()
    if state.explored is not None:
        config, known = session.live().store.config(state.explored), _known(state.explored)
        view, complaints = read_view(query, known)
        state.explored_complaints += complaints
        for name, reach in PLACES.items():
            if name in query:
                try:
                    view = reach(query, config, known, view)
                except ValueError as error:
                    state.explored_complaints.append(error.args[0])
    state.update(explored_view=view, explored_asked=state.get("explored_asked", 0) + 1)
    state.pop("_explored", None)


def _known(run_id: str) -> Known:
    store = session.live().store
    return Known(store.config(run_id).latent_dim, store.moments(run_id).averages, count_of(store, run_id))


def _from_image(query: Mapping[str, str], config: RunConfig, known: Known, view: View) -> View:
    """The place of a tile of the run's own grids, at the kept moment nearest to the step it was seen at."""
    index = query["image"]
    if not index.isdecimal() or int(index[:9]) not in SAMPLES:
        raise ValueError(Sentence("From the link: image is {index}, and it can be a number from 0 to 63.", index=repr(index[:40])))
    z = tuple(shown_z("image", config.latent_dim, config.noise)[int(index)].tolist())
    label = view.label if "class" in query else (labels_of(known.classes) or [0] * len(SAMPLES))[int(index)]
    return View(z=z, weights=view.weights, at=_nearest(query.get("step", ""), known), label=label)


def _from_favourite(query: Mapping[str, str], config: RunConfig, known: Known, view: View) -> View:
    kept = next((kept for kept in favourites.kept().all() if kept.id == query["favourite"]), None)
    if kept is None or len(kept.z) != known.dim:
        raise ValueError(Sentence("From the link: this favourite is not there any more."))
    label = kept.label if kept.label in range(known.classes) else 0
    return View(z=kept.z, weights=kept.weights, at=_nearest(str(kept.step), known), label=label)


PLACES: dict[str, Callable[[Mapping[str, str], RunConfig, Known, View], View]] = {"image": _from_image, "favourite": _from_favourite}
"""What a link can name instead of z."""


def _nearest(step: str, known: Known) -> int | None:
    """The kept moment nearest to a step; None, that is now, for one at or after the last."""
    if not step.isdecimal() or not known.averages or int(step[:11]) >= known.averages[-1]:
        return None
    return min(known.averages, key=lambda kept: abs(kept - int(step[:11])))


def choose(there: Sequence[Status]) -> None:
    """Draw the list of runs."""
    state = st.session_state
    labels = {status.run_id: label_of(status) for status in there}
    state._explored = state.explored
    st.selectbox(
        _("Run"),
        list(labels),
        key="_explored",
        format_func=lambda run: labels.get(run, run),
        on_change=_chosen,
        label_visibility="collapsed",
    )


def _chosen() -> None:
    state = st.session_state
    state.update(explored=state._explored, explored_complaints=[])
    with suppress(ValueError):  # deleted meanwhile: the page says so
        _go({})


def label_of(status: Status) -> str:
    """A run in a list to choose from: name, state and step."""
    name = name_of(status.run_id)
    words = [_(STATE_WORDS[status.state]), _("step {step:,}").format(step=status.step)]
    return " · ".join([status.run_id if name == status.run_id else f"{name} ({status.run_id})", *words])


def view() -> None:
    """The view of the chosen run, moving by itself."""
    live, run_id = session.live(), st.session_state.explored
    try:
        config, classes = live.config(run_id), classes_of(live.store, run_id)
    except ValueError as error:
        st.error(said(error), icon=":material/error:")
        return
    shown: View = st.session_state.explored_view
    if message := st.session_state.pop("explored_trouble", None):
        st.error(said(message), icon=":material/error:")
    explore_view(
        run=run_id,
        url=f"/live/latent/{run_id}",
        token=live.tickets.issue(run_id),
        dim=config.latent_dim,
        told=config.told,
        classes=classes,
        verdict=figures.verdict(config),
        start={**vars(shown), "z": None if shown.z is None else list(shown.z), "noise": config.noise},
        asked=st.session_state.explored_asked,
        favourites=explore_keep.cards(run_id, config.latent_dim, classes),
        words={key: _(word) for key, word in WORDS.items()},
        on_command=lambda command: explore_keep.obey(run_id, command),
        on_place=lambda place: _moved(run_id, place),
        key="explore",
    )


def _moved(run_id: str, place: Mapping[str, Any]) -> None:
    """The view has come to rest elsewhere: note it for the address; what could not be a link is left alone."""
    state = st.session_state
    if place.get("run") != run_id or place.get("asked") != state.explored_asked:
        return
    try:
        known = _known(run_id)
    except ValueError:
        return  # deleted meanwhile: the page says so
    view, complaints = read_view({name: str(value) for name, value in place.items()}, known)
    if not complaints:
        state.update(explored_view=view, explored_complaints=[])


def write_url() -> None:
    """Put run and view into the address."""
    state = st.session_state
    own_address.put("explored", {} if state.explored is None else {"run": state.explored, **query_of(state.explored_view)})


def invitation() -> None:
    """What the page is for, where there is no run to explore yet."""
    with st.container(border=True, key="explore-invitation"):
        st.subheader(_("Every image is a place, and you can walk between them"), anchor=False)
        st.markdown(
            _(
                "A generator turns numbers into images. Once a run draws images you can drag through those numbers here, even while it "
                "still learns. There is no such run yet: start one on the Train page, with a data set of images."
            )
        )
        st.page_link(TRAIN_PAGE, label=_("Go to Train"), icon=":material/play_circle:")
