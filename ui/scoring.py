"""Figures of merit on a screen: beside a run at work, in the panel of a run, and of several runs beside each other."""

from __future__ import annotations

import streamlit as st

from gan_core.data import DATA, planes
from gan_core.export import Options, missing
from gan_core.export.base import WHOSE
from gan_core.metrics import METRICS, Metric
from gan_core.metrics.base import OF_POINTS, in_words, worded
from gan_core.metrics.scores import Scores, kept_scores
from live.scorer import FIGURES
from ui import session
from ui.bars import bars
from ui.names import escaped
from ui.take_away import AT_ONCE_S, EVERY_S, WEIGHTS_WORDS, cancel, newest
from ui.text import N_, _, said

JUDGES = {"own CNN": N_("own CNN"), "random CNN": N_("random CNN")}


def live_metrics(data: str) -> dict[str, dict[str, str]]:
    """What the live view says of the figures that are measured beside a run on these data, by name."""
    plane, counted = DATA[data].kind == "plane", planes.spots(data) is not None
    rows = {name: METRICS[name] for name in FIGURES if (METRICS[name].needs in OF_POINTS) == plane}
    rows = {name: row for name, row in rows.items() if row.needs != "modes" or counted}
    return {name: {"label": _(row.label), "help": _(row.help), "good": _(row.good), "unit": row.unit} for name, row in rows.items()}


def button(run_id: str, words: str = "") -> None:
    """The button "Score" of a run, and the dialog behind it, which stays open while the page is drawn again."""
    st.button(words or _("Score"), icon=":material/straighten:", key=f"score-{run_id}", type="tertiary", on_click=_open, args=(run_id,))
    state = st.session_state
    if state.get("scoring") == run_id and not (state.get("taking") or state.get("forking")):  # a page shows one dialog at a time
        st.dialog(_("How good are the fakes?"), on_dismiss=_dismissed)(panel)(run_id)


def _open(run_id: str) -> None:
    session.put(scoring=run_id, taking=None, forking=None)


def _dismissed() -> None:
    st.session_state.scoring = None


def panel(run_id: str) -> None:
    """Every figure of a run as it was last measured, and the way to measure it."""
    with st.container(key=f"score-panel-{run_id}"):
        words = _("Weights the fakes are drawn with")
        weights = st.segmented_control(
            words, WHOSE, format_func=lambda name: _(WEIGHTS_WORDS[name]), default=WHOSE[0], required=True, key=f"score-weights-{run_id}"
        )
        options = Options(weights=weights or WHOSE[0])
        try:
            store = session.live().store
            scores, reason = kept_scores(store.folder(run_id), options.weights), said(missing("scores", store, run_id))
            newer = scores is None or scores.step != store.status(run_id).checkpoint_step
        except ValueError as error:
            scores, reason, newer = None, said(error), False  # somebody has deleted it meanwhile
        if scores is not None:
            _figures(scores)
        if reason:
            st.info(reason, icon=":material/info:")
        elif newer:
            _measure(run_id, options, again=scores is not None)


def _figures(scores: Scores) -> None:
    facts = [_("step {step:,}").format(step=scores.step), _("{count:,} samples of each side").format(count=scores.count)]
    if scores.judge:
        judge = _(JUDGES.get(scores.judge, scores.judge))
        known = _("by the {judge}, right about {right} of held-out images") if scores.accuracy is not None else _("by the {judge}")
        facts.append(known.format(judge=judge, right=f"{scores.accuracy or 0:.1%}"))
    st.caption(escaped(" · ".join(facts)))
    rows = [
        (label(METRICS[name], scores), worded(METRICS[name], figure), in_words(METRICS[name], figure.floor))
        for name, figure in scores.figures.items()
        if name in METRICS
    ]
    lines = [f"| {_('Figure')} | {_('Fakes')} | {_('Reals')} |", "| :-- | --: | --: |"]
    st.markdown("\n".join([*lines, *(f"| {escaped(name)} | **{mine}** | {floor} |" for name, mine, floor in rows)]))
    for note in scores.notes:
        st.caption(escaped(said(note)))
    if scores.shares:
        told = ", ".join(f"{name} {share:.0%}" for name, share in zip(scores.classes, scores.shares, strict=True))
        st.image(
            bars(scores.classes, scores.shares, scores.floor_shares), width="stretch", alt=f"{_('What the fakes are taken for:')} {told}"
        )
        st.caption(_("What the fakes are taken for; the line is what reals are."))
    with st.expander(_("What do the figures mean?")):
        for name in scores.figures:
            row = METRICS[name]
            st.markdown(f"**{escaped(label(row, scores))}**: {escaped(_(row.help))} {_('Good is:')} {escaped(_(row.good))}")
        st.caption(_("Reals: what as many held-out real images get, the best one can hope for."))


def label(metric: Metric, scores: Scores) -> str:
    """A figure's name, with that of the network it stands on."""
    return _(metric.label).format(judge=_(JUDGES.get(scores.judge, scores.judge)))


def _measure(run_id: str, options: Options, *, again: bool) -> None:
    """The button that measures, or how far it is."""
    job = newest(run_id, "scores", options)
    if job is not None and job.unfinished:
        st.fragment(_working, run_every=EVERY_S)(job.job_id)
        return
    if job is not None and job.state == "failed":
        st.error(said(job.message), icon=":material/error:")
    if message := st.session_state.pop("score-trouble", None):
        st.error(said(message), icon=":material/error:")
    words = _("Measure again: the run has a newer checkpoint") if again else _("Measure")
    st.button(
        words,
        key=f"score-start-{run_id}",
        icon=":material/straighten:",
        type="secondary" if again else "primary",
        on_click=_start,
        args=(run_id, options),
    )
    if not again:
        st.caption(_("Takes half a minute or so; some minutes the first time with data that no network of ours knows yet."))


def _start(run_id: str, options: Options) -> None:
    jobs = session.live().jobs
    try:
        jobs.wait_for(jobs.start(session.browser(), run_id, kind="scores", options=options).job_id, AT_ONCE_S)
    except ValueError as error:
        session.put(**{"score-trouble": str(error)})


def _working(job_id: str) -> None:
    """How far it is; when it has ended, the page is drawn again without a bar."""
    jobs = session.live().jobs
    job = jobs.get(job_id)
    if job is None or not job.unfinished:
        st.rerun()
    words = _("Measuring") if job.state == "working" else _("Waits until others are made")
    st.progress(job.done / job.total if job.total else 0.0, text=words)
    st.button(_("Cancel"), key=f"score-cancel-{job_id}", icon=":material/close:", on_click=cancel, args=(job_id,))
