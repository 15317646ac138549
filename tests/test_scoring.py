"""The Score panel and the table of compared runs, as Streamlit draws them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest
import streamlit as st
from kept_runs import keep_run
from streamlit.testing.v1 import AppTest
from test_jobs import Slow
from test_manager import fake_train
from test_runner import SOON
from tiny import serve

from gan_core.export import EXPORTS, Options
from gan_core.metrics import METRICS, Figure
from gan_core.metrics.base import in_words, worded
from gan_core.metrics.scores import Scores, keep_scores
from live import manager as manager_module
from live.browser import COOKIE
from live.manager import LiveManager
from live.scorer import FIGURES
from ui import score_table, scoring
from ui.bars import bars

Kept = tuple[LiveManager, str]
SCORES = Scores(
    7,
    "averaged",
    60,
    "own CNN",
    0.99,
    {"coverage": Figure(0.5, 0.9), "kd": Figure(0.3, 0.0, 0.1), "density": Figure(0.8, 1.0), "missing": Figure(0, 0)},
    ("0", "a|b"),
    (0.25, 0.75),
    (0.5, 0.5),
)


@pytest.fixture
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Kept]:
    _, run_id = keep_run(tmp_path, monkeypatch, moments=2)
    live = manager_module.install(lambda: LiveManager(fake_train, tmp_path))
    monkeypatch.setattr(st, "context", SimpleNamespace(cookies={COOKIE: "ann"}, url="http://here:8501/runs"))
    yield live, run_id
    assert live.close()
    manager_module.uninstall()


def shown(run_id: str) -> AppTest:
    def page(run_id: str) -> None:
        from ui import scoring

        scoring.panel(run_id)

    at = AppTest.from_function(page, args=(run_id,), default_timeout=30).run()
    assert not at.exception
    return at


def markdown(at: AppTest) -> str:
    return "\n".join(str(element.value) for element in at.markdown)


def test_a_run_is_measured_and_its_figures_are_there_next_time(kept: Kept, monkeypatch: pytest.MonkeyPatch) -> None:
    live, run_id = kept
    serve(monkeypatch, "digits")
    at = shown(run_id)
    assert not markdown(at)
    at.button(key=f"score-start-{run_id}").click().run()
    (job,) = live.jobs.of("ann")
    job = live.jobs.wait_for(job.job_id, SOON)
    assert (job.state, job.kind, job.options, job.message) == ("done", "scores", Options(), "")
    again = shown(run_id)
    text = markdown(again)
    assert "| Coverage |" in text and "| FD (own CNN) |" in text and METRICS["coverage"].help in text
    assert "72 samples of each side" in again.caption[0].value
    assert not again.button, "nothing newer to measure"


def test_a_measurement_has_a_bar_and_can_be_given_up(kept: Kept, monkeypatch: pytest.MonkeyPatch) -> None:
    live, run_id = kept
    slow = Slow()
    monkeypatch.setitem(EXPORTS, "scores", replace(EXPORTS["scores"], make=slow.make))
    at = shown(run_id)
    at.button(key=f"score-start-{run_id}").click().run()
    assert slow.begun.acquire(timeout=SOON)
    (job,) = live.jobs.of("ann")
    at.run()
    assert at.get("progress")[0].proto.text == "Measuring"
    at.button(key=f"score-cancel-{job.job_id}").click().run()
    assert live.jobs.wait_for(job.job_id, SOON).state == "cancelled"
    assert shown(run_id).button(key=f"score-start-{run_id}").label == "Measure"


def test_older_figures_stay_and_newer_ones_are_offered(kept: Kept) -> None:
    live, run_id = kept
    keep_scores(live.store.folder(run_id), SCORES)
    at = shown(run_id)
    assert "| Coverage | **50.0%** | 90.0% |" in markdown(at)
    assert "**0.3 ± 0.1**" in markdown(at)
    assert "right about 99.0% of held-out images" in at.caption[0].value.replace("&#45;", "-")
    assert "newer checkpoint" in at.button(key=f"score-start-{run_id}").label


def test_what_cannot_be_measured_says_why(kept: Kept) -> None:
    live, run_id = kept
    record = live.store.new(live.store.config(run_id))
    record.close("stopped", "")
    assert "no checkpoint yet" in shown(record.run_id).info[0].value
    assert "There is no run" in shown("gone").info[0].value


@pytest.mark.parametrize("data", ["digits", "ring-8"])
def test_the_live_view_is_told_of_its_figures(data: str) -> None:
    metrics = scoring.live_metrics(data)
    assert list(metrics)[:1] == ["modes" if data == "ring-8" else "coverage"] and metrics.keys() <= set(FIGURES)
    assert all(facts["help"] and facts["good"] for facts in metrics.values())


# Beside each other


def with_figures(**figures: Figure) -> Scores:
    return replace(SCORES, figures=SCORES.figures | figures)


def test_the_best_is_marked_by_a_star_where_it_is_one() -> None:
    better = with_figures(coverage=Figure(0.7, 0.9), density=Figure(1.1, 1.0), kd=Figure(0.25, 0.0, 0.1))
    text = score_table.table({"one": SCORES, "the | other": better})
    rows = {line.split(" | ")[0].strip("| "): line for line in text.splitlines()}
    assert rows["Coverage"] == "| Coverage | 50.0% | ★ **70.0%** | 90.0% |"
    assert "★ **1.1**" in rows["Density"], "nearer to the floor"
    assert "★" not in rows["KD (own CNN)"], "the two are within their errors"
    assert "★" not in rows["Missing classes"], "as good as each other"
    assert "the &#124; other" in text
    clear = with_figures(kd=Figure(0.01, 0.0, 0.1))
    assert "★ **0.01 ± 0.1**" in score_table.table({"one": SCORES, "two": clear})
    near = with_figures(coverage=Figure(0.52, 0.9))
    assert "★ **52" not in score_table.table({"one": SCORES, "two": near}), "two more of a hundred may be chance with 60 samples"


def test_runs_on_other_data_stand_beside_each_other_too() -> None:
    plane = replace(SCORES, judge="", accuracy=None, figures={"energy": Figure(0.0112, -0.0000797)})
    text = score_table.table({"points": plane, "images": SCORES})
    assert "| FD" not in text and "| KD (own CNN) | – | 0.3 ± 0.1 |" in text and "| Energy distance | 0.0112 | – |" in text
    assert "| Energy distance | **0.0112** | -0.0001 |" in "\n".join(
        f"| {METRICS[name].label} | **{worded(METRICS[name], figure)}** | {in_words(METRICS[name], figure.floor)} |"
        for name, figure in plane.figures.items()
    )


@pytest.mark.parametrize("other", [{"count": 9}, {"judge": "random CNN"}, {"classes": ("x",)}, {"accuracy": None}])
def test_what_was_measured_differently_has_no_best(other: dict[str, object]) -> None:
    text = score_table.table({"one": SCORES, "two": replace(with_figures(coverage=Figure(0.7, 0.9)), **other)})  # type: ignore[arg-type]
    assert "★" not in text and "Reals" not in text


def test_the_picture_of_shares_names_and_marks() -> None:
    picture = bars(SCORES.classes, (0.0, 1.0), SCORES.floor_shares)
    assert "✕ 0" in picture and "✕ a" not in picture
    assert picture.count('class="f"') == picture.count('class="r"') == 2
    assert "&lt;" in bars(("<b>", "c"), (0.5, 0.5), (0.5, 0.5))
    many = bars([f"mode {k}" for k in range(25)], [0.04] * 25, [0.04] * 25)
    assert "mode" not in many and ">24<" not in many
