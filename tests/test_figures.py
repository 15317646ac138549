"""What the chart says of a game: its curves, where they settle, and nothing where the game leaves it open."""

from __future__ import annotations

import json
from typing import Any

import pytest

from gan_core.config import RunConfig
from gan_core.games import GAMES, Game
from ui import figures

EVERY = pytest.mark.parametrize(("name", "game"), GAMES.items(), ids=GAMES)


def lines(config: RunConfig) -> dict[str, list[tuple[str, float]]]:
    """Panel's axis -> labels and values of its lines."""
    found: dict[str, list[tuple[str, float]]] = {}
    for shape in figures.live(config)["layout"]["shapes"]:
        found.setdefault(shape["yref"], []).append((shape["label"]["text"], shape["y0"]))
    return found


@EVERY
def test_lines_lie_where_the_record_says_and_nowhere_else(name: str, game: Game) -> None:
    drawn = lines(RunConfig(game=name))
    values = {value for value in (game.equilibrium_critic, game.equilibrium_generator) if value is not None}
    assert {value for _, value in drawn["y"]} == values
    assert [value for _, value in drawn.get("y2", [])] == ([] if game.equilibrium_verdict is None else [game.equilibrium_verdict])
    for label, value in drawn["y"]:
        words = label.partition(": ")[2]
        assert words.partition(" = ")[0] in game.equilibrium_words
        assert float(words.rpartition(" = ")[2]) == pytest.approx(value, rel=0.01)


@EVERY
def test_curves_are_those_that_the_game_has(name: str, game: Game) -> None:
    import torch

    figure = figures.live(RunConfig(game=name))
    drawn = {trace["meta"]["curve"] for trace in figure["data"]}
    assert {curve for curve in drawn if curve.startswith("verdict/")} == set(game.verdict(torch.zeros(2), torch.zeros(2)))
    json.dumps(figure, allow_nan=False)


@pytest.mark.parametrize("name", [name for name, game in GAMES.items() if game.smoothed])
def test_smoothed_labels_move_the_lines_so_there_are_none(name: str) -> None:
    assert lines(RunConfig(game=name, label_smoothing=0.1)) == {}


@EVERY
def test_one_fake_is_read_on_the_same_axis(name: str, game: Game) -> None:
    said: dict[str, Any] = figures.verdict(RunConfig(game=name))
    assert said["equilibrium"] == game.equilibrium_verdict
    assert said["words"]
    assert (said["range"] is not None) == (game.axis == "probability")
