"""Runs side by side: which ones a link names, in which settings they differ, and the view that lays their curves over each other."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal, get_args

import streamlit as st

from gan_core.config import RunConfig
from gan_core.data import DATA
from gan_core.events import ALIVE, Changed
from gan_core.games import GAMES
from gan_core.status import Status
from ui import figures, own_address, session
from ui.components.compare_view import WORDS, compare_view
from ui.components.run_view import WORDS as RUN_WORDS
from ui.controls import LABELS
from ui.differences import courses_of, differences
from ui.names import name_of
from ui.orders import STATE_WORDS
from ui.run_row import TRAIN_PAGE
from ui.text import _, said

LEAST, MOST = 2, 4
Unit = Literal["step", "images", "seconds"]


@dataclass(frozen=True)
class Link:
    """What a link asks for, as far as it can be had."""

    runs: tuple[str, ...]
    unit: Unit
    complaints: tuple[str, ...]


def read_link(query: Mapping[str, str], there: Collection[str]) -> Link:
    """Runs and unit of the x axis from a link's query; what cannot be is left out and complained of."""
    asked = list(dict.fromkeys(name for name in query.get("runs", "").split(",") if name))
    runs = [name for name in asked if name in there]
    complaints = [
        _("The run {run} is not here: it was deleted, or the link is from another machine.").format(run=name)
        for name in asked
        if name not in there
    ]
    if len(runs) > MOST:
        many = _("The link names {count} runs, and at most {most} can be compared: the first {most} are.")
        complaints.append(many.format(count=len(runs), most=MOST))
    unit: Unit = "step"
    if (text := query.get("x", unit)) in get_args(Unit):
        unit = text  # type: ignore[assignment]
    else:
        complaints.append(_("From the link: x is {x}, and it can be {units}.").format(x=repr(text), units=", ".join(get_args(Unit))))
    return Link(tuple(runs[:MOST]), unit, tuple(complaints))


def begin() -> list[str]:
    """Take the runs of the link, or those compared last; the complaints about that link, as long as its runs are shown."""
    state = st.session_state
    query = own_address.query()
    if "compared" not in state or ("runs" in query and own_address.is_link("compared")):
        link = read_link(query, {status.run_id for status in session.live().store.list()})
        state.update(compared=list(link.runs), compared_unit=link.unit, compared_complaints=link.complaints)
        state.compared_asked = state.get("compared_asked", 0) + 1
        state.pop("_compared", None)
    return list(state.compared_complaints)


def choose() -> list[str]:
    """Draw the list of runs, newest first; the chosen ones that are still there."""
    state, live = st.session_state, session.live()
    statuses = {status.run_id: status for status in live.store.list()}
    labels = {run: _label(live.status(run) if status.state in ALIVE else status) for run, status in statuses.items()}
    state.compared = [run for run in state.get("_compared", state.compared) if run in statuses]
    state._compared = state.compared
    chosen: list[str] = st.multiselect(
        _("Runs"),
        list(statuses),
        key="_compared",
        format_func=lambda run: labels.get(run, run),
        max_selections=MOST,
        placeholder=_("Choose 2 to 4 runs"),
        on_change=lambda: state.update(compared_complaints=()),
    )
    state.compared = list(chosen)
    return state.compared


def _label(status: Status) -> str:
    name = name_of(status.run_id)
    words = [_(STATE_WORDS[status.state]), status.run_id]
    return " · ".join(words if name == status.run_id else [name, *words])


def write_url() -> None:
    """Put the compared runs and the unit into the address."""
    state = st.session_state
    runs = {"runs": ",".join(state.compared)} if state.compared else {}
    own_address.put("compared", runs | ({} if state.compared_unit == "step" else {"x": state.compared_unit}))


def invitation() -> None:
    """What the page is for, where there is nothing to compare yet."""
    with st.container(border=True, key="compare-invitation"):
        st.subheader(_("Choose two to four runs, and see what a setting does"), anchor=False)
        st.markdown(
            _(
                "Their curves are laid over each other, only the settings in which they differ are listed, and one slider moves through "
                "what all of them drew from the same z at the same moment. Runs that are still training go on moving here. A fork beside "
                "the run it came from shows best what one changed setting does."
            )
        )
        with st.container(horizontal=True):
            _offers(session.live().store.list())


def _offers(statuses: Sequence[Status]) -> None:
    """Pairs that are worth a look, a click away; without two runs, the way to them."""
    if len(statuses) < LEAST:
        st.page_link(TRAIN_PAGE, label=_("Train two runs first"), icon=":material/play_circle:")
        return
    newest = [status.run_id for status in statuses[:LEAST]]
    st.button(_("Compare the newest two"), icon=":material/compare:", key="compare-newest", on_click=_compare, args=(newest,))
    there = {status.run_id for status in statuses}
    fork = next((status for status in statuses if status.parent in there), None)
    if fork is not None:
        pair = [fork.parent, fork.run_id]
        st.button(
            _("Compare the newest fork with its origin"), icon=":material/fork_right:", key="compare-fork", on_click=_compare, args=(pair,)
        )


def _compare(run_ids: list[str]) -> None:
    st.session_state._compared = run_ids


@dataclass(frozen=True)
class Compared:
    """A run as it is compared."""

    status: Status
    config: RunConfig
    marks: Sequence[Changed]


def side_by_side(run_ids: Sequence[str]) -> None:
    """Curves, differences and grids of the runs, moving by themselves."""
    runs = []
    for run_id in run_ids:
        try:
            runs.append(_read(run_id))
        except ValueError as error:
            st.error(said(error), icon=":material/error:")
    if len(runs) < LEAST:
        return
    axes = {GAMES[run.config.game].axis for run in runs}
    compare_view(
        runs=[_facts(run) for run in runs],
        differences=[
            (_(LABELS[name]), texts)
            for name, texts in differences([courses_of(session.live().store, run.status, run.marks) for run in runs])
        ],
        notes=_notes(runs),
        panels=_panels(runs),
        axis_note="" if len(axes) == 1 else _("The runs' games give verdicts in different units, so these are not laid over each other."),
        z_note=_z_note(runs),
        unit=st.session_state.compared_unit,
        asked=st.session_state.compared_asked,
        words={key: _(word) for key, word in (RUN_WORDS | WORDS).items()},
        on_unit=_take_unit,
        key="compare",
    )


def _take_unit(unit: str) -> None:
    if unit in get_args(Unit):
        st.session_state.compared_unit = unit


def _read(run_id: str) -> Compared:
    """ValueError where the run cannot be read."""
    live = session.live()
    handle, status = live.runs.get(run_id), live.store.status(run_id)
    if handle is not None and (snapshot := handle.snapshot()).state in ALIVE:
        status, marks = replace(status, state=snapshot.state), snapshot.marks
    else:
        marks = live.store.past(run_id).marks
    return Compared(status, live.store.config(run_id), marks)


def _facts(run: Compared) -> dict[str, Any]:
    status, live = run.status, session.live()
    return {
        "id": status.run_id,
        "name": name_of(status.run_id),
        "state": status.state,
        "url": session.socket_path(status.run_id),
        "token": live.tickets.issue(status.run_id),
        "kind": DATA[run.config.data].kind,
        "fork": status.fork_step,
        "turns": len(run.marks),
    }


def _panels(runs: Sequence[Compared]) -> list[dict[str, Any]]:
    """What is drawn, a panel a curve: with a colour for each run, a second curve in a panel could not be told from the first."""
    panels = [
        {"curve": "loss/critic", "title": _("D's loss"), "range": None, "log": True},
        {"curve": "loss/generator", "title": _("G's loss"), "range": None, "log": True},
    ]
    if len(axes := {GAMES[run.config.game].axis for run in runs}) == 1:
        (axis,) = axes
        limits = figures.RANGES[axis].get("verdict")
        curves = figures.VERDICTS[axis]
        for curve in curves:
            label = curve["label"]
            title = " · ".join([_(figures.AXIS_TITLES[axis]), *([_(label)] if len(curves) > 1 else [])])
            panels.append({"curve": curve["name"], "title": title, "range": limits, "log": False})
    return [
        *panels,
        {"curve": "gradient/critic", "title": _("Gradient norm of D"), "range": None, "log": True},
        {"curve": "gradient/generator", "title": _("Gradient norm of G"), "range": None, "log": True},
    ]


def _notes(runs: Sequence[Compared]) -> list[str]:
    """Which run came from which."""
    names = {run.status.run_id: name_of(run.status.run_id) for run in runs}
    return [
        _("{fork} is a fork of {parent} at step {step:,}.").format(
            fork=names[run.status.run_id], parent=names.get(run.status.parent, run.status.parent), step=run.status.fork_step
        )
        for run in runs
        if run.status.parent
    ]


def _z_note(runs: Sequence[Compared]) -> str:
    if len({run.config.latent_dim for run in runs}) == 1:
        return _("Each place in the grids is drawn from the same z in every run.")
    sizes = ", ".join(str(run.config.latent_dim) for run in runs)
    return _("The runs' z have different lengths ({sizes}), so a place in the grids is drawn from another z in each.").format(sizes=sizes)
