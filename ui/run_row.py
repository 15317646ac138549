"""One run in the list: picture, name, facts, the small curves, its room on disk, and what can be done with it."""

from __future__ import annotations

import time

import streamlit as st

from gan_core.data import DATA
from gan_core.labels import Label
from gan_core.run_manager import Busy
from gan_core.sentences import Sentence
from gan_core.status import Status
from live.orders import GoOn
from ui import amounts, going, run_edit, run_list, scoring, session, take_away, thumbs
from ui.names import escaped, name_of
from ui.orders import STATE_WORDS
from ui.sparks import spark
from ui.text import _, said

STATE_COLOURS = {"running": "green", "paused": "green", "failed": "red", "interrupted": "orange"}
THEMSELVES = ("data", "network", "game")
"""Settings whose value says which setting it is."""
SILENT = ("device", "threads", "folder")
"""Settings that tell where a run was computed or its data lay, and nothing of what it learned."""
TRAIN_PAGE = "../pages/train.py"
"""As seen from ui/shell.py, which Streamlit starts from."""


def table(runs: list[Status]) -> None:
    """All rows under a quiet header."""
    if not runs:
        return
    labels, now = session.live().store.labels.all(), time.time()
    with st.container(key="runs-table", gap=None):
        with st.container(key="runs-header", horizontal=True):
            for word in (_("Run"), _("Losses"), _("On disk")):
                st.caption(word)
        for status in runs:
            _row(status, labels.get(status.run_id, Label()), now)


def _row(status: Status, label: Label, now: float) -> None:
    run_id = status.run_id
    with st.container(horizontal=True, key=f"run-{run_id}"):
        _tick(run_id, label)
        _picture(status, label)
        with st.container(key=f"words-{run_id}", gap=None):
            _words(status, label, now)
        _spark(status)
        st.caption(amounts.size(status.bytes) if status.bytes else "–")
        with st.container(horizontal=True, key=f"actions-{run_id}", gap="xsmall"):
            _actions(status, label)


def _tick(run_id: str, label: Label) -> None:
    chosen: list[str] = st.session_state.setdefault("chosen", [])
    full = len(chosen) + 1 >= run_list.COMPARE.stop and run_id not in chosen
    words = _("Compare {name}").format(name=label.name or run_id)
    st.checkbox(
        words, run_id in chosen, key=f"choose-{run_id}", on_change=_choose, args=(run_id,), disabled=full, label_visibility="collapsed"
    )


def _choose(run_id: str) -> None:
    chosen = [other for other in st.session_state.chosen if other != run_id]
    st.session_state.chosen = [*chosen, run_id] if st.session_state[f"choose-{run_id}"] else chosen


def _picture(status: Status, label: Label) -> None:
    data = DATA.get(status.facts.get("data", ""))
    with st.container(key=f"thumb-{status.run_id}"):
        path = session.live().store.folder(status.run_id) / "samples" / "latest.png"
        try:
            picture = thumbs.corner(path) if data and data.kind == "image" else thumbs.whole(path)
        except (OSError, SyntaxError):  # none yet; or a torn one, after a power cut
            st.caption(_("No picture yet"))
        else:
            st.image(picture, width="stretch", alt=_("Samples of the run {run}").format(run=label.name or status.run_id))


def _words(status: Status, label: Label, now: float) -> None:
    pin = ":material/keep: " if label.pinned else ""
    badge = f":{STATE_COLOURS.get(status.state, 'gray')}-badge[{_(STATE_WORDS.get(status.state, status.state))}]"
    st.markdown(f"{pin}**{escaped(label.name or status.run_id)}** {badge}")
    facts = [value if name in THEMSELVES else f"{name} {value}" for name, value in status.facts.items() if name not in SILENT]
    if facts:
        st.caption(escaped(" · ".join(facts)))
    own = f"  \n`{status.run_id}`" if label.name else ""
    st.caption(escaped(" · ".join(_progress(status, now))) + own)
    if status.state == "failed" and status.message:
        st.caption(f":red[{escaped(said(status.reason))}]")
    if label.note:
        with st.container(key=f"note-{status.run_id}"):
            st.caption(escaped(label.note).replace("\n", "  \n"))


def _progress(status: Status, now: float) -> list[str]:
    words = [
        _("step {step:,}").format(step=status.step),
        _("epoch {epoch}").format(epoch=amounts.two_digits(status.epoch)),
        amounts.duration(status.elapsed_s),
    ]
    if status.parent:
        words.append(_("fork of {run} at step {step:,}").format(run=name_of(status.parent), step=status.fork_step))
    return [*words, amounts.ago(status.created_at, now)]


def _spark(status: Status) -> None:
    if picture := spark(status.spark):
        last = {name.partition("/")[2]: values[-1] for name, values in status.spark.items() if values}
        words = _("Losses over the run: D ends at {critic}, G at {generator}.")
        ends = {player: f"{last[player]:.3g}" if player in last else "–" for player in ("critic", "generator")}
        st.image(picture, width="content", alt=words.format(**ends))
    else:
        st.caption("–")


def _actions(status: Status, label: Label) -> None:
    run_id = status.run_id
    st.button(_("Open"), key=f"open-{run_id}", icon=":material/visibility:", type="tertiary", on_click=_open, args=(run_id,))
    if status.resumable:
        st.button(_("Continue"), key=f"continue-{run_id}", icon=":material/resume:", type="tertiary", on_click=_go_on, args=(run_id,))
    scoring.button(run_id)
    take_away.button(run_id, "tertiary")
    run_edit.menu(status, label)


def _go_on(run_id: str) -> None:
    try:
        session.live().start(GoOn(run_id), session.browser())
    except Busy as busy:
        other = name_of(busy.running[0].run_id)
        session.put(trouble=Sentence("The device is taken by the run {run}. Stop it, or continue this one afterwards.", run=other))
    except ValueError as error:
        session.put(trouble=str(error))
    else:
        _open(run_id)


def _open(run_id: str) -> None:
    session.put(run=run_id, going=going.Way("train"))
