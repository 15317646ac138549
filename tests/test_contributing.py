"""The worked example in CONTRIBUTING.md works."""

from __future__ import annotations

import inspect
import re
from pathlib import Path

import pytest
import test_games
import torch
from tiny import tiny_state

from gan_core import dirac, games
from gan_core.games import GAMES
from gan_core.step import update

TEXT = (Path(__file__).parents[1] / "CONTRIBUTING.md").read_text(encoding="utf-8")
NAME = "relativistic-squares"


@pytest.fixture
def added(monkeypatch: pytest.MonkeyPatch) -> None:
    (code,) = re.findall(r"```python\n(.*?)```", TEXT, re.DOTALL)
    monkeypatch.setitem(GAMES, NAME, GAMES["relativistic"])  # taken back after the test, whatever the example puts there
    exec(compile(code, "CONTRIBUTING.md", "exec"), vars(games) | {"GAMES": GAMES})


def test_the_game_it_adds_passes_the_tests_that_every_game_passes(added: None) -> None:
    tests = [
        test for name, test in vars(test_games).items() if name.startswith("test_") and list(inspect.signature(test).parameters) == ["game"]
    ]
    assert len(tests) > 8
    for test in tests:
        test(GAMES[NAME])


def test_the_game_it_adds_can_be_played(added: None) -> None:
    state = tiny_state()
    # A setting's choices are read when the program starts, and the example comes after that.
    object.__setattr__(state.config, "game", NAME)
    for _ in range(3):
        assert all(torch.isfinite(curve) for curve in update(state).values())
    assert dirac.play(NAME, "R1", gamma=0.3, steps=50).shape == (51, 2)
