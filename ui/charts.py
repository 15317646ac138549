"""Plotly figures as plain dicts, made from plain data. Imports no Streamlit and no Plotly: a browser draws them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, Literal, TypedDict

from ui.palette import PALETTE, Player

Panel = Literal["loss", "verdict", "gradient"]

PANELS: Final[Mapping[Panel, tuple[str, tuple[float, float]]]] = {
    "loss": ("y", (0.715, 1.0)),
    "verdict": ("y2", (0.3575, 0.6425)),
    "gradient": ("y3", (0.0, 0.285)),
}
"""Panel -> (Plotly's name of its y axis, the share of the height it has), from top to bottom."""

MARGIN: Final = {"l": 48, "r": 10, "t": 24, "b": 40}
"""Pixels around the panels; fixed, so that no tick label can push the curves about."""


class Curve(TypedDict):
    """One curve: the name its values arrive under, the words a reader sees, whose it is, where it is drawn."""

    name: str
    label: str
    player: Player
    panel: Panel


class Line(TypedDict):
    """One value to compare a panel's curves with, such as a game's equilibrium."""

    panel: Panel
    value: float
    label: str
    player: Player


def live_figure(
    curves: Sequence[Curve],
    lines: Sequence[Line],
    *,
    titles: Mapping[Panel, str],
    axis_title: str,
    ranges: Mapping[Panel, tuple[float, float]] | None = None,
    revision: str = "live",
) -> dict[str, Any]:
    """A figure of three stacked panels over one x axis, still without data; `run_view` fills and colours it.

    Each curve is two traces: "raw" keeps every extreme, "smooth" carries the smoothed line and the exact values for hovering.
    `titles` names the panels, `axis_title` the x axis; `ranges` fixes the y axis of a panel with natural limits (a probability).
    The same `revision` keeps a reader's zoom. ValueError for an unknown panel or player.
    """
    for item in (*curves, *lines):
        if item["panel"] not in PANELS:
            raise ValueError(f"panel {item['panel']!r}: must be one of {', '.join(PANELS)}")
        if item["player"] not in PALETTE["light"]:
            raise ValueError(f"player {item['player']!r}: has no colour in ui/palette.py")
    return {
        "data": [trace for curve in curves for trace in _traces(curve)],
        "layout": {
            "uirevision": revision,
            "margin": dict(MARGIN, autoexpand=False),
            "showlegend": False,
            "hovermode": "x unified",
            "hoversubplots": "axis",
            "dragmode": "zoom",
            "paper_bgcolor": "rgba(0,0,0,0)",
            "plot_bgcolor": "rgba(0,0,0,0)",
            "xaxis": _x_axis(axis_title),
            **{_axis_key(axis): _y_axis(domain, (ranges or {}).get(panel)) for panel, (axis, domain) in PANELS.items()},
            "shapes": [_line(line, _label_side(line, lines)) for line in lines],
            "meta": {"panels": [_panel(panel, titles[panel], ranges or {}) for panel in PANELS]},
        },
    }


def _axis_key(axis: str) -> str:
    return axis.replace("y", "yaxis")


def _panel(panel: Panel, title: str, ranges: Mapping[Panel, tuple[float, float]]) -> dict[str, Any]:
    axis, domain = PANELS[panel]
    # A verdict is read against its own zero or one half, which a logarithmic axis would hide.
    return {"panel": panel, "title": title, "axis": axis, "domain": domain, "range": _roomy(ranges.get(panel)), "log": panel != "verdict"}


def _roomy(limits: tuple[float, float] | None) -> list[float] | None:
    """Limits with a little air, so that a curve that reaches one is not cut in half."""
    if limits is None:
        return None
    air = 0.03 * (limits[1] - limits[0])
    return [limits[0] - air, limits[1] + air]


def _traces(curve: Curve) -> list[dict[str, Any]]:
    common = {
        "type": "scatter",
        "mode": "lines",
        "x": [],
        "y": [],
        "xaxis": "x",  # one x axis for all panels: they cannot come apart, and Plotly draws its ticks once
        "yaxis": PANELS[curve["panel"]][0],
        "name": curve["label"],
        "connectgaps": False,
        "cliponaxis": True,
    }
    colour = PALETTE["light"][curve["player"]]
    meta = {"curve": curve["name"], "player": curve["player"], "panel": curve["panel"], "label": curve["label"]}
    return [
        common | {"meta": meta | {"layer": "raw"}, "line": {"color": colour, "width": 1.25}, "opacity": 1.0, "hoverinfo": "skip"},
        common
        | {
            "meta": meta | {"layer": "smooth"},
            "line": {"color": colour, "width": 2},
            "opacity": 0.0,
            "customdata": [],
            # The exact value, also where the line that is pointed at is a smoothed one.
            "hovertemplate": "%{meta.label}: <b>%{customdata:.5~g}</b><extra></extra>",
        },
    ]


def _x_axis(title: str) -> dict[str, Any]:
    return {
        "title": {"text": title, "standoff": 6},
        "anchor": "y3",
        "range": [0, 100],
        "nticks": 7,
        "tickformat": ",d",
        "hoverformat": ",d",
        "unifiedhovertitle": {"text": f"{title} %{{x:,d}}"},
        "showspikes": True,
        "spikemode": "across",
        "spikethickness": 1,
        "zeroline": False,
        "automargin": False,
    }


def _y_axis(domain: tuple[float, float], fixed: tuple[float, float] | None) -> dict[str, Any]:
    return {
        "domain": list(domain),
        "anchor": "x",
        "range": _roomy(fixed) or [0, 1],
        "fixedrange": True,  # zooming chooses a span of steps; the heights follow what is seen
        "nticks": 5,
        "showspikes": False,
        "exponentformat": "power",
        "zeroline": False,
        "automargin": False,
    }


def _label_side(line: Line, lines: Sequence[Line]) -> str:
    """Left for D and right for G where a panel has several lines: two equal values stay readable."""
    alone = sum(other["panel"] == line["panel"] for other in lines) == 1
    return "start" if line["player"] == "critic" and not alone else "end"


def _line(line: Line, side: str) -> dict[str, Any]:
    colour = PALETTE["light"][line["player"]]
    return {
        "type": "line",
        "name": line["player"],
        "layer": "above",
        "xref": "x domain",
        "yref": PANELS[line["panel"]][0],
        "x0": 0,
        "x1": 1,
        "y0": line["value"],
        "y1": line["value"],
        "line": {"color": colour, "width": 1, "dash": "dash"},
        "label": {"text": line["label"], "textposition": side, "yanchor": "bottom", "padding": 2, "font": {"size": 11, "color": colour}},
    }
