"""The Runs screen around its rows: what is looked for, how much room all runs take, which are to be compared, what was deleted."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import streamlit as st

from gan_core.events import ALIVE
from gan_core.status import Status
from ui import arrival, finding, going, session, take_away
from ui.amounts import size
from ui.names import escaped
from ui.palette import PALETTE
from ui.text import _, ngettext, said

PAGE = 20
"""Runs on one page of the list."""
COMPARE = range(2, 5)
"""How many runs can be compared at a time."""
STYLE = Path(__file__).parent / "runs.css"


def heading() -> list[Status]:
    """Draw the page's name, what all runs take on disk, and the button that compares the chosen ones; all runs, newest first.

    The name goes to the browser before the runs are read, so that who comes from another page sees where he is.
    """
    _style()
    with st.container(horizontal=True, vertical_alignment="bottom", key="runs-heading"):
        arrival.heading(_("Runs"), width="content")
        runs = _everything()
        if runs:
            words = ngettext("{count} run · {size} on disk", "{count} runs · {size} on disk", len(runs))
            st.caption(words.format(count=len(runs), size=size(sum(run.bytes for run in runs))))
        if runs:
            _compare_button([run.run_id for run in runs])
        with st.popover(_("Bring one in"), icon=":material/upload:", key="import"):  # a tooltip would lie over what it opens
            take_away.import_panel()
    return runs


def _everything() -> list[Status]:
    return [_fresh(status) if status.state in ALIVE else status for status in session.live().store.list()]


def _fresh(kept: Status) -> Status:
    live = session.live()
    if live.runs.get(kept.run_id) is None:
        return kept
    now = live.status(kept.run_id)
    place = {} if now.step == 0 else {name: getattr(now, name) for name in ("step", "epoch", "images", "elapsed_s")}
    return dataclasses.replace(kept, state=now.state, message=now.message, **place)


def _style() -> None:
    # Streamlit's own variables reach components only; `light-dark` follows the page's scheme.
    colours = "".join(f"--gs-{name}:light-dark({PALETTE['light'][name]},{PALETTE['dark'][name]});" for name in ("background", "border"))
    st.html(f"<style>.stApp{{{colours}}}{STYLE.read_text(encoding='utf-8')}</style>")


def _compare_button(here: list[str]) -> None:
    st.session_state.chosen = [run_id for run_id in st.session_state.get("chosen", []) if run_id in here]
    chosen = st.session_state.chosen
    fits = len(chosen) in COMPARE
    label = _("Compare ({count})").format(count=len(chosen)) if fits else _("Compare")
    help_ = _("Tick {least} to {most} runs below, and see them side by side.").format(least=COMPARE.start, most=COMPARE.stop - 1)
    st.button(label, key="compare", icon=":material/compare_arrows:", disabled=not fits, help=help_, on_click=_compare)


def _compare() -> None:
    going.to("compare", runs=",".join(st.session_state.chosen))


def choose(runs: list[Status]) -> list[Status]:
    """Draw search, filters and order; the runs they leave."""
    labels = session.live().store.labels.all()
    with st.container(horizontal=True, key="runs-search-row"):
        search = st.text_input(
            _("Search"),
            key="runs-search",
            type="search",
            live="250ms",
            placeholder=_("Search name, note, data, game"),
            icon=":material/search:",
            label_visibility="collapsed",
            on_change=_first_page,
            persist_state="session",
        )
        state = _list("state", _("State"), {key: _(words) for key, (words, _states) in finding.STATES.items()})
        data = _list("data", _("Data"), {"": _("All data")} | {name: name for name in finding.data_of(runs)})
        sort = _list("sort", _("Order"), {key: _(words) for key, (words, _order) in finding.SORTS.items()})
    left = finding.found(runs, labels, search=search or "", state=state, data=data, sort=sort)
    if runs and not left:
        st.info(_("No run fits. There are {count} in all.").format(count=len(runs)), icon=":material/search_off:")
        st.button(_("Show them all"), key="runs-all", on_click=_show_all)
    return left


def _list(name: str, label: str, choices: dict[str, str]) -> str:
    key = f"runs-{name}"
    if st.session_state.get(key) not in choices:  # nothing chosen yet, or the only run with these data was deleted
        st.session_state[key] = next(iter(choices))
    return st.selectbox(
        label,
        list(choices),
        key=key,
        format_func=lambda choice: choices.get(choice, choice),
        label_visibility="collapsed",
        on_change=_first_page,
        persist_state="session",
    )


def _first_page() -> None:
    # The choice of a page cannot be set from here: another look at the runs has another choice, which begins at 1.
    st.session_state.runs_look = st.session_state.get("runs_look", 0) + 1


def _show_all() -> None:
    st.session_state.update({"runs-search": "", "runs-state": "", "runs-data": ""})
    _first_page()


def pages(runs: list[Status]) -> list[Status]:
    """The runs of the chosen page of the list; draws the choice where there is one."""
    count = -(-len(runs) // PAGE)
    if count < 2:
        return runs
    with st.container(horizontal=True, horizontal_alignment="right", vertical_alignment="center", key="runs-pages"):
        page = st.pagination(count, key=f"runs-page-{st.session_state.get('runs_look', 0)}", persist_state="session")
        first = (page - 1) * PAGE
        last = min(first + PAGE, len(runs))
        st.caption(_("{first}–{last} of {count}").format(first=first + 1, last=last, count=len(runs)), width="content")
    return runs[first:last]


def trouble() -> None:
    """What stood in the way of the last click."""
    if message := st.session_state.pop("trouble", None):
        st.error(escaped(said(message)), icon=":material/error:")


def deleted() -> None:
    """What was deleted last, and a way back; until the page is left."""
    gone = st.session_state.get("deleted")
    # A widget's value lives as long as the widget is drawn: without it, another page has been looked at since.
    if gone is None or not (gone["fresh"] or "undo" in st.session_state):
        st.session_state.deleted = None
        return
    with st.container(horizontal=True, vertical_alignment="center", key="runs-deleted"):
        st.info(_("Deleted **{name}**. Its files go for good after a day.").format(name=escaped(gone["name"])), icon=":material/delete:")
        st.button(_("Undo"), key="undo", icon=":material/undo:", on_click=_undo, args=(gone["run_id"],))
    gone["fresh"] = False


def _undo(run_id: str) -> None:
    st.session_state.deleted = None
    try:
        session.live().store.restore(run_id)
    except ValueError as error:
        session.put(trouble=str(error))
