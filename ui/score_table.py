"""The figures of merit of runs that are compared: a table, runs by figures, the best of each marked."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import streamlit as st

from gan_core.metrics import METRICS, Figure, Metric
from gan_core.metrics.base import in_words, worded
from gan_core.metrics.scores import Scores, kept_scores
from ui import scoring, session
from ui.names import escaped, name_of
from ui.text import _

BEST = "★"


def beside(run_ids: Sequence[str]) -> None:
    """The table below the curves, and a way to measure the runs that lack figures."""
    found = {run_id: scores for run_id in run_ids if (scores := _kept(run_id)) is not None}
    lacking = [run_id for run_id in run_ids if run_id not in found]
    with st.container(key="compare-scores"):
        st.subheader(_("How good are the fakes?"), anchor=False)
        if found:
            st.markdown(table({name_of(run_id): scores for run_id, scores in found.items()}))
            if comparable(list(found.values())):
                words = _("{mark} marks the best of a row, where chance cannot have decided. Reals: what as many held-out real ones get.")
                st.caption(words.format(mark=BEST))
            elif len(found) > 1:
                st.caption(_("These figures were not measured in the same way (data, network or count), so no best is marked."))
        if lacking:
            st.caption(_("Not measured yet, with averaged weights:"))
            with st.container(horizontal=True):
                for run_id in lacking:
                    scoring.button(run_id, _("Score {name}").format(name=name_of(run_id)))


def _kept(run_id: str) -> Scores | None:
    try:
        return kept_scores(session.live().store.folder(run_id), "averaged")
    except ValueError:
        return None


def table(runs: Mapping[str, Scores]) -> str:
    """Markdown: a row a figure, a column a run, and the floor where it is the same for all; a star at the best where they compare."""
    same = comparable(list(runs.values()))
    names = [name for name in METRICS if any(name in scores.figures for scores in runs.values())]
    heads = [_("Figure"), *map(escaped, runs), *([_("Reals")] if same else [])]
    lines = [f"| {' | '.join(heads)} |", f"| :-- |{' --: |' * (len(heads) - 1)}"]
    for name in names:
        metric, figures = METRICS[name], [scores.figures.get(name) for scores in runs.values()]
        first = next(scores for scores in runs.values() if name in scores.figures)
        stars = best(metric, figures, first.count) if same else set()
        cells = [_cell(metric, figure, index in stars) for index, figure in enumerate(figures)]
        floor = first.figures[name].floor
        lines.append(f"| {' | '.join([escaped(scoring.label(metric, first)), *cells, *([in_words(metric, floor)] if same else [])])} |")
    return "\n".join(lines)


def _cell(metric: Metric, figure: Figure | None, starred: bool) -> str:
    if figure is None:
        return "–"
    words = worded(metric, figure)
    return f"{BEST} **{words}**" if starred else words


def comparable(scores: Sequence[Scores]) -> bool:
    """Whether figures say the same: of the same data seen by the same network, with as many samples."""
    return len({(one.judge, one.accuracy, one.count, one.classes) for one in scores}) == 1 and len(scores) > 1


def best(metric: Metric, figures: Sequence[Figure | None], count: int) -> set[int]:
    """Which of the figures are best; none where all are, or where chance may have decided."""
    there = {index: figure for index, figure in enumerate(figures) if figure is not None}
    ranks = {index: _rank(metric, figure) for index, figure in there.items()}
    if len(set(ranks.values())) < 2:
        return set()
    first = min(ranks.values())
    winners = {index for index, rank in ranks.items() if rank == first}
    error = max(_error(metric, figure, count) for figure in there.values())
    rival = min((rank, index) for index, rank in ranks.items() if index not in winners)
    same = in_words(metric, there[rival[1]].value) in {in_words(metric, there[index].value) for index in winners}
    return winners if rival[0] - first > math.sqrt(2) * error and not same else set()


def _error(metric: Metric, figure: Figure, count: int) -> float:
    """The figure's standard error as far as it is known: its own, or that of a share of so many samples."""
    if metric.unit == "%":
        return math.sqrt(figure.value * (1 - figure.value) / count)
    return figure.error or 0.0


def _rank(metric: Metric, figure: Figure) -> float:
    """Lower is better."""
    return {"lower": figure.value, "higher": -figure.value, "floor": abs(figure.value - figure.floor)}[metric.better]
