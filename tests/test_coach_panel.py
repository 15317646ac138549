"""The coach's button: a knob is turned, or the fork's dialog opened, and only as the coach advised."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from gan_core.coach import Saying
from gan_core.findings import FINDINGS, Remedy
from ui import coach
from ui.components.run_view import command_of

LIVE, FORK = Remedy("penalty", "none", "R1+R2", True), Remedy("lr_generator", 1e-3, 1e-4, False)
SAID = [
    Saying(number, step, code, step - 300, step, 1.0, "loss/critic", {}, remedy)
    for number, (step, code, remedy) in enumerate([(400, "healthy", None), (900, "too-strong", LIVE), (1500, "collapse", FORK)])
]


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Any, ...]]:
    """What the button made happen."""
    told: list[tuple[Any, ...]] = []
    view = SimpleNamespace(snapshot=lambda: SimpleNamespace(coach=tuple(SAID)))
    live = SimpleNamespace(view=lambda run_id: view, turn=lambda *what: told.append(("turn", *what)))
    monkeypatch.setattr(coach.session, "live", lambda: live)
    monkeypatch.setattr(coach.session, "browser", lambda: "mine")
    monkeypatch.setattr(coach.fork, "ask", lambda *what: told.append(("fork", *what)))
    return told


def test_a_knob_is_turned_as_the_saying_of_that_number_advises(told: list[tuple[Any, ...]]) -> None:
    coach.help_out("run", 1, "turn")
    assert told == [("turn", "run", "mine", "penalty", "R1+R2")]


def test_a_fork_begins_before_the_evidence(told: list[tuple[Any, ...]]) -> None:
    coach.help_out("run", 2, "fork")
    assert told == [("fork", "run", 1200, FORK)]


@pytest.mark.parametrize("number", [0, 7])
def test_without_advice_nothing_happens(told: list[tuple[Any, ...]], number: int) -> None:
    coach.help_out("run", number, "turn")
    assert not told


def test_a_browser_can_ask_for_nothing_else() -> None:
    assert command_of({"name": "remedy", "number": 3, "how": "turn", "knob": "seed"}) == {"name": "remedy", "number": 3, "how": "turn"}
    for wrong in ({"number": -1, "how": "turn"}, {"number": 3, "how": "delete"}, {"how": "turn"}):
        assert command_of({"name": "remedy", **wrong}) is None


def test_every_finding_has_its_words() -> None:
    assert coach.findings().keys() == FINDINGS.keys()
    assert all(all(words.values()) for words in coach.findings().values())
