"""What can be changed about a run in the list: its name, note and pin, and whether it is there."""

from __future__ import annotations

import streamlit as st

from gan_core.events import ALIVE
from gan_core.labels import MAX_NAME, MAX_NOTE, Label
from gan_core.status import Status
from ui import session
from ui.names import name_of
from ui.text import N_, _, said

WORDS = {
    "rename": N_(":material/edit: Rename"),
    "note": N_(":material/notes: Note"),
    "pin": N_(":material/keep: Pin"),
    "unpin": N_(":material/keep_off: Unpin"),
    "delete": N_(":material/delete: Delete"),
}


def menu(status: Status, label: Label) -> None:
    """The menu at a row's end."""
    options = ["rename", "note", "unpin" if label.pinned else "pin"]
    if status.state not in ALIVE and not getattr(status, "bundled", False):
        options.append("delete")
    st.menu_button(
        _("More"),
        options,
        key=f"menu-{status.run_id}",
        icon=":material/more_horiz:",
        type="tertiary",
        help=_("Rename, note, pin, delete"),
        format_func=lambda option: _(WORDS[option]),
        on_click=_chosen,
        args=(status.run_id,),
    )


def _chosen(run_id: str) -> None:
    option = st.session_state[f"menu-{run_id}"]
    DOES[option](run_id)


def _ask(what: str, run_id: str) -> None:
    session.put(asked=(what, run_id))


def _set(run_id: str, **changes: object) -> None:
    try:
        session.live().store.labels.set(run_id, **changes)
    except ValueError as error:
        session.put(trouble=str(error))


def _delete(run_id: str) -> None:
    name, shown = name_of(run_id), st.session_state.get("run")
    try:
        session.live().delete(run_id)
    except ValueError as error:
        session.put(trouble=str(error))
    else:
        session.put(deleted={"run_id": run_id, "name": name, "fresh": True}, run=None if shown == run_id else shown)


DOES = {
    "rename": lambda run_id: _ask("name", run_id),
    "note": lambda run_id: _ask("note", run_id),
    "pin": lambda run_id: _set(run_id, pinned=True),
    "unpin": lambda run_id: _set(run_id, pinned=False),
    "delete": _delete,
}


def dialogs() -> None:
    """The window that the menu asked for, if it did."""
    if asked := st.session_state.pop("asked", None):
        what, run_id = asked
        title = _("Name of the run") if what == "name" else _("Note on the run")
        st.dialog(title)(_form)(what, run_id)


def _form(what: str, run_id: str) -> None:
    st.caption(f"`{run_id}`")
    label = session.live().store.labels.get(run_id)
    with st.form("label", border=False):
        if what == "name":
            st.text_input(_("Name"), label.name, max_chars=MAX_NAME, placeholder=run_id, key="label-text")
        else:
            st.text_area(_("Note"), label.note, max_chars=MAX_NOTE, height=160, key="label-text")
        saved = st.form_submit_button(_("Save"), type="primary", key="label-save", on_click=_save, args=(what, run_id))
    if message := st.session_state.pop("label_trouble", None):
        st.error(said(message), icon=":material/error:")
    elif saved:
        st.rerun()


def _save(what: str, run_id: str) -> None:
    try:
        session.live().store.labels.set(run_id, **{what: st.session_state["label-text"]})
    except ValueError as error:
        session.put(label_trouble=str(error))
