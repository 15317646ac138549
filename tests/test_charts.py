"""Truths about the live figure: three panels over one axis, lines where the theory says, a zoom that can survive."""

from __future__ import annotations

import ast
import math
from pathlib import Path
from typing import Any

import plotly.graph_objects as go
import pytest

from ui import charts
from ui.charts import PANELS, Curve, Line, live_figure
from ui.palette import PALETTE

CURVES: list[Curve] = [
    {"name": "loss/critic", "label": "D's loss", "player": "critic", "panel": "loss"},
    {"name": "loss/generator", "label": "G's loss", "player": "generator", "panel": "loss"},
    {"name": "verdict/real", "label": "D on reals", "player": "real", "panel": "verdict"},
    {"name": "verdict/fake", "label": "D on fakes", "player": "fake", "panel": "verdict"},
    {"name": "gradient/critic", "label": "D's gradient", "player": "critic", "panel": "gradient"},
    {"name": "gradient/generator", "label": "G's gradient", "player": "generator", "panel": "gradient"},
]
LINES: list[Line] = [
    {"panel": "loss", "value": math.log(4), "label": "D: log 4 = 1.39", "player": "critic"},
    {"panel": "loss", "value": math.log(2), "label": "G: log 2 = 0.69", "player": "generator"},
    {"panel": "verdict", "value": 0.5, "label": "cannot tell: 0.5", "player": "neutral"},
]


def figure(curves: list[Curve] = CURVES, lines: list[Line] = LINES) -> dict[str, Any]:
    titles: dict[charts.Panel, str] = {"loss": "Losses", "verdict": "D's verdict", "gradient": "Gradient norms"}
    return live_figure(curves, lines, titles=titles, axis_title="Step", ranges={"verdict": (0, 1)}, revision="run-1")


def test_plotly_accepts_the_figure() -> None:
    go.Figure(figure())


def test_panels_are_stacked_from_top_to_bottom_and_do_not_overlap() -> None:
    layout = figure()["layout"]
    domains = [layout[key]["domain"] for key in ("yaxis", "yaxis2", "yaxis3")]
    assert domains[0][1] == 1 and domains[2][0] == 0
    assert domains[0][0] > domains[1][1] > domains[1][0] > domains[2][1]


def test_all_panels_share_one_x_axis() -> None:
    made = figure()
    assert {trace["xaxis"] for trace in made["data"]} == {"x"}
    assert [key for key in made["layout"] if key.startswith("xaxis")] == ["xaxis"]


@pytest.mark.parametrize("curve", CURVES, ids=lambda curve: curve["name"])
def test_a_curve_is_a_raw_and_a_smoothed_trace_in_its_panel_and_colour(curve: Curve) -> None:
    traces = [trace for trace in figure()["data"] if trace["meta"]["curve"] == curve["name"]]
    assert [trace["meta"]["layer"] for trace in traces] == ["raw", "smooth"]
    assert {trace["yaxis"] for trace in traces} == {PANELS[curve["panel"]][0]}
    assert {trace["line"]["color"] for trace in traces} == {PALETTE["light"][curve["player"]]}


@pytest.mark.parametrize("line", LINES, ids=lambda line: line["label"])
def test_a_line_lies_at_its_value_and_says_so(line: Line) -> None:
    (shape,) = (shape for shape in figure()["layout"]["shapes"] if shape["label"]["text"] == line["label"])
    assert shape["y0"] == shape["y1"] == line["value"]
    assert shape["yref"] == PANELS[line["panel"]][0]
    assert shape["line"]["dash"] == "dash"


def test_two_lines_at_one_value_have_their_labels_at_opposite_ends() -> None:
    twins: list[Line] = [
        {"panel": "loss", "value": 0.69, "label": "D", "player": "critic"},
        {"panel": "loss", "value": 0.69, "label": "G", "player": "generator"},
    ]
    assert {shape["label"]["textposition"] for shape in figure(lines=twins)["layout"]["shapes"]} == {"start", "end"}


def test_hovering_names_the_curve_and_its_exact_value() -> None:
    smooth = [trace for trace in figure()["data"] if trace["meta"]["layer"] == "smooth"]
    assert all("customdata" in trace["hovertemplate"] and "meta.label" in trace["hovertemplate"] for trace in smooth)
    assert all(trace["hoverinfo"] == "skip" for trace in figure()["data"] if trace["meta"]["layer"] == "raw")


def test_zoom_is_kept_within_a_run() -> None:
    assert figure()["layout"]["uirevision"] == "run-1"


def test_a_single_margin_curve_is_enough_for_the_verdict() -> None:
    margin: list[Curve] = [{"name": "verdict/margin", "label": "Pair margin", "player": "critic", "panel": "verdict"}]
    assert {trace["yaxis"] for trace in figure(curves=margin)["data"]} == {"y2"}


@pytest.mark.parametrize(("key", "value"), [("panel", "accuracy"), ("player", "referee")])
def test_unknown_words_are_refused_by_name(key: str, value: str) -> None:
    wrong: Any = CURVES[0] | {key: value}
    with pytest.raises(ValueError, match=value):
        figure(curves=[wrong])


def test_charts_know_no_streamlit() -> None:
    tree = ast.parse(Path(charts.__file__).read_text(encoding="utf-8"))
    imported = {
        node.module if isinstance(node, ast.ImportFrom) else name.name
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in node.names
    }
    assert not any((name or "").startswith(("streamlit", "plotly")) for name in imported)
