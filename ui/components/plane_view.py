"""The Playground's view: one plane with reals, fakes and D's verdict, moving by themselves; beside it formula, figures and curves.

`show(data, key=..., on_told=...)` draws it. `data` is a mapping with exactly these names:

    run        id of the run, or None before the first Play; then "url", "token", "latent" may be None too
    url, token  the run's push socket (session.socket_path(run)) and its ticket, as run_view gets them
    latent     {"url": "/live/latent/<run>", "token": ticket}: the same ticket will do
    state      state of the run as the page was drawn with it ("running", "paused", "finished", ...), None where there is no run
    controls   whether this browser controls the run: else its buttons are off. True where there is no run yet
    game       name of the game, a key of GAMES
    axis       that game's axis: "probability", "score" or "margin"
    verdict    how D's verdict is read: ui.figures.verdict(config), {"words", "equilibrium", "range"}
    pace       half-steps a second as the page was drawn with it, None for full speed
    latent_dim  how many numbers a z has
    noise      "gaussian" or "uniform"
    figure     the curves: ui.figures.live(config)
    formula    both players' losses: ui.formula.formula(config)
    drawn_for  {"game", "penalty", "label_smoothing"} as in run_view: where the run has others, the page is drawn again
    layers     {name: shown} for each of LAYERS
    words      {name: _(word) for name, word in WORDS.items()}, and "failed": what went wrong, where the run failed
    target     optional: [[x, y], ...], at most 1,024 points of the target, shown until the run's own reals have come

`on_told(command)` is called, before the page is drawn again, with one of (see COMMANDS)

    {"name": "toggle"}                       Play or Pause was pressed; without a run, or after one has ended: Play
    {"name": "step", "player": "both" | "critic" | "generator"}
    {"name": "pace", "value": 0.05 to 60, or None for full speed}
    {"name": "rewind"}
    {"name": "layers", "layers": {name: shown, for each of LAYERS}}

The page is also drawn again, without a command, when the run's state or a knob of `drawn_for` is not what `data` says, and when the
ticket has run out. Draw it with the same `key` in every rerun: sockets, curves and what moves then stay. It wants 700 px for two
columns (the square is then half of it) and is one column below that, plane first. `.gs-plane-view` has data-state, data-step,
data-part (1 to 7 of slow motion, else 0) and data-connected; its property `gsPlane.frames` counts the frames that were drawn.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

LAYERS: Final = ("reals", "fakes", "heat", "grid", "arrows", "trails")
"""What can be shown on the plane."""

SLOWEST, FASTEST = 0.05, 60.0
"""Half-steps a second; what is faster is full speed."""

COMMANDS: Final[Mapping[str, Mapping[str, Callable[[Any], bool]]]] = {
    "toggle": {},
    "step": {"player": lambda value: value in ("both", "critic", "generator")},
    "pace": {"value": lambda value: value is None or (type(value) in (int, float) and SLOWEST <= value <= FASTEST)},
    "rewind": {},
    "layers": {
        "layers": lambda value: isinstance(value, Mapping) and set(value) == set(LAYERS) and all(type(on) is bool for on in value.values())
    },
}
"""What the view can ask of the page: command -> its values, each with what it may be."""


def command_of(value: object) -> dict[str, Any] | None:
    """A command as COMMANDS has it, from what a browser sent; None for anything else."""
    if not isinstance(value, Mapping) or not isinstance(name := value.get("name"), str) or name not in COMMANDS:
        return None
    given = {field: value.get(field) for field in COMMANDS[name]}
    if not all(valid(given[field]) for field, valid in COMMANDS[name].items()):
        return None
    return {"name": name, **given}


def show(data: Mapping[str, Any], *, key: str, on_told: Callable[[dict[str, Any]], None]) -> None:
    """Draw the view of `data`; both are described above."""
    raise NotImplementedError
