"""What the coach makes of figures of merit: few kinds among good fakes are a collapse, measured twice, by what reals get; and only then."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from test_coach import BATCH, at, codes, curves, started, written

from gan_core import past
from gan_core.coach import FRESH_S, Coach, reach_of
from gan_core.config import RunConfig
from gan_core.events import Changed, Event, EventSource, Finished, Metrics, Scored, Set, Started
from gan_core.findings import FINDINGS
from gan_core.metrics import METRICS
from gan_core.metrics.base import Figure
from gan_core.metrics.scores import Scores
from gan_core.sight import Reach
from gan_core.store import RunStore
from live.coaching import coach_for, coach_of, with_scores
from live.views import StoredRun

EVERY = 400
"""Steps between two measurements: 10 s of training, 25,600 images."""
Figures = dict[str, tuple[float, float]]


def kinds(found: int, *, good: float = 0.8, floor: int = 10) -> Figures:
    """Figures of fakes of so many of ten classes, where as many real images are of `floor` of them."""
    return {"coverage": (0.09 * found, 0.97), "precision": (good * 0.95, 0.95), "missing": (10.0 - found, 10.0 - floor), "fd": (5.0, 0.2)}


def measured(steps: int, figures: Callable[[int], Figures | None], *, begin: int = 0, chunk: int = 20) -> Iterator[Event]:
    """A run in balance, of varied fakes, with figures every now and then."""
    for event in curves("non-saturating", steps, begin=begin, chunk=chunk):
        yield event
        if isinstance(event, Metrics) and event.place.step % EVERY == 0 and (found := figures(event.place.step)) is not None:
            yield Scored(event.place, event.place.step - 50, found, 10)


def heard(events: Iterator[Event], coach: Coach | None = None, **settings: Any) -> Coach:
    coach = coach or coach_for(RunConfig(game="non-saturating", **settings))
    for event in events:
        coach.take(event)
    return coach


@pytest.mark.parametrize(
    ("figures", "code"),
    [
        (kinds(3), "collapse"),
        (kinds(9), "healthy"),
        (kinds(3, good=0.05), "healthy"),
        (kinds(4, floor=5), "healthy"),
        ({"coverage": (0.05, 0.97), "precision": (0.8, 0.95)}, "collapse"),
        ({"coverage": (0.4, 0.97), "precision": (0.35, 0.95)}, "healthy"),
        ({"modes": (2, 8), "on-mode": (0.9, 0.99)}, "collapse"),
        ({"modes": (8, 8), "on-mode": (0.9, 0.99)}, "healthy"),
        ({"modes": (0, 8), "on-mode": (0.0, 0.99)}, "healthy"),
        ({"energy": (0.5, 0.01)}, "healthy"),
        ({}, "healthy"),
    ],
    ids=[
        "three classes of ten",
        "nine of ten",
        "three, of noise",
        "four where reals have five",
        "no classes known, little covered",
        "no classes known, as much covered as is good",
        "two modes of eight",
        "all modes",
        "on no mode at all",
        "nothing that tells",
        "nothing",
    ],
)
def test_varied_fakes_of_few_kinds_are_a_collapse(figures: Figures, code: str) -> None:
    assert codes(heard(measured(4000, lambda step: figures)))[-1] == code


def test_they_are_named_with_their_numbers_and_a_remedy() -> None:
    last = heard(measured(3000, lambda step: kinds(3)), penalty="none").sayings[-1]
    assert (last.code, last.curve) == ("collapse", "loss/generator")
    assert last.values["found"] == 30
    assert last.values["coverage"] == pytest.approx(27.8)
    assert last.remedy is not None
    assert last.strength >= 0.5
    assert 0 < last.since < last.step <= last.until, "shaded on the curve from where it was seen"


def test_one_bad_measurement_is_no_finding() -> None:
    assert codes(heard(measured(6000, lambda step: kinds(3 if step == 2000 else 10)))) == ["healthy"]


def test_what_lies_between_two_thresholds_leaves_what_was_said() -> None:
    five = kinds(5, floor=9)  # a strength of .49: not enough to come, and enough to stay
    assert codes(heard(measured(6000, lambda step: five))) == ["healthy"]
    assert codes(heard(measured(9000, lambda step: kinds(3) if step < 4000 else five))) == ["healthy", "collapse"]
    assert codes(heard(measured(9000, lambda step: kinds(3 if step < 4000 else 10)))) == ["healthy", "collapse", "healthy"]


def test_it_comes_after_evidence_and_leaves_later() -> None:
    coach = heard(measured(9000, lambda step: kinds(3 if 2000 <= step < 5000 else 10)))
    came = next(saying.step for saying in coach.sayings if saying.code == "collapse")
    gone = next(saying.step for saying in coach.sayings if saying.code == "healthy" and saying.step > came)
    second, healed, kind = 2000 + EVERY, 5200, FINDINGS["collapse"]
    assert came - second >= kind.enter / BATCH
    assert gone - healed >= kind.leave / BATCH - EVERY


def test_figures_of_long_ago_say_nothing() -> None:
    coach = heard(measured(8000, lambda step: kinds(3) if step <= 2000 else None))
    assert codes(coach) == ["healthy", "collapse", "healthy"]
    gone = next(saying.step for saying in coach.sayings if saying.code == "healthy" and saying.step > 2000)
    assert at(gone).elapsed_s - at(2000).elapsed_s >= FRESH_S


def test_another_game_is_measured_anew() -> None:
    coach = heard(measured(3000, lambda step: kinds(3)))
    coach.take(Changed(at(3000), "game", "hinge"))
    assert not coach._reaches


def test_few_kinds_under_a_sure_d_are_its_doing() -> None:
    events: list[Event] = []
    for event in curves("non-saturating", 4000, lead=lambda step: 0.999):
        events.append(event)
        if isinstance(event, Metrics) and event.place.step % EVERY == 0:
            events.append(Scored(event.place, event.place.step, kinds(2), 10))
    assert codes(heard(iter(events))) == ["too-strong"]


def test_shares_are_of_what_reals_get() -> None:
    assert reach_of(Scored(at(1), 1, kinds(4, floor=8), 10)) == Reach(pytest.approx(0.8), pytest.approx(0.36 / 0.97), 0.5)
    assert reach_of(Scored(at(1), 1, {"modes": (3, 6), "on-mode": (0.45, 0.9)}, 8)) == Reach(0.5, None, 0.5)
    assert reach_of(Scored(at(1), 1, {"coverage": (0.5, 0.0), "missing": (10, 10)}, 10)) == Reach(None, None, None)
    assert {"coverage", "precision", "missing", "modes", "on-mode"} <= METRICS.keys()


def test_a_stored_run_hears_them_where_they_were_heard(tmp_path: Any) -> None:
    config, store = RunConfig(data="ring-8", game="non-saturating", penalty="none"), RunStore(tmp_path)
    events = [started(), *measured(3000, lambda step: kinds(3)), Changed(at(3000), "penalty", "R1+R2")]
    events += measured(7000, lambda step: kinds(10), begin=3000)
    run_id, said = written(store, config, events)
    assert [said[0].code, said[-1].code] == ["healthy", "healthy"]
    assert "collapse" in [saying.code for saying in said]
    assert StoredRun(store, run_id).snapshot().coach == said
    assert coach_of(store, run_id, until_step=3000).sayings[-1].code == "collapse"


# On the way to the coach


class Measured:
    """What is measured of a run, as its watchers hear of it."""

    def __init__(self) -> None:
        self.scores: Scores | None = None
        self.listeners: list[Callable[[], None]] = []

    def newest(self) -> Scores | None:
        return self.scores

    def listen(self, wake: Callable[[], None]) -> Callable[[], None]:
        self.listeners.append(wake)
        return lambda: self.listeners.remove(wake)

    def tell(self, step: int) -> None:
        self.scores = Scores(step, "averaged", 9, "own CNN", 0.9, {"coverage": Figure(0.5, 0.9)}, ("a", "b"), (0.5, 0.5), (0.4, 0.6))
        for wake in self.listeners:
            wake()


def source() -> EventSource:
    """A run that answers commands."""
    yield started()
    for step in range(1, 4):
        command = yield Metrics(at(step), 1, {})
        while command is not None:
            assert isinstance(command, Set)
            command = yield Changed(at(step), command.name, command.value)
    yield Finished(at(3))


def test_figures_come_among_the_events_as_soon_as_they_are_known() -> None:
    measured = Measured()
    events = with_scores(source, measured)()  # type: ignore[arg-type]
    first = list(islice(events, 2))
    assert isinstance(first[0], Started)
    measured.tell(7)
    assert events.send(Set("gamma", 2.0)) == Changed(at(1), "gamma", 2.0), "a command is answered by the very next event"
    assert next(events) == Scored(at(1), 7, {"coverage": (0.5, 0.9)}, 2)
    measured.tell(8)
    measured.tell(9)
    assert [(event.of_step, event.place.step) for event in islice(events, 2) if isinstance(event, Scored)] == [(8, 1), (9, 1)]
    assert [type(event).__name__ for event in events] == ["Metrics", "Metrics", "Finished"]
    assert not measured.listeners, "who has ended listens no more"


def test_nothing_is_told_before_a_run_stands_anywhere_and_closing_closes_it() -> None:
    measured, closed = Measured(), SimpleNamespace(there=False)

    def run() -> EventSource:
        try:
            yield from source()
        finally:
            closed.there = True

    events = with_scores(run, measured)()  # type: ignore[arg-type]
    assert not measured.listeners, "it is heard once it begins"
    assert isinstance(next(events), Started)
    events.close()
    assert closed.there and not measured.listeners


def test_what_breaks_a_run_breaks_through() -> None:
    def run() -> EventSource:
        yield started()
        raise FloatingPointError("loss/critic is nan at step 3")

    events = with_scores(run, Measured())()  # type: ignore[arg-type]
    next(events)
    with pytest.raises(FloatingPointError, match="step 3"):
        next(events)


# Recorded from real runs: one thread, a measurement every 100 or 150 steps, curves as means of 20 steps

RECORDED = Path(__file__).parent / "recorded"


def recorded(name: str, *without: str) -> Coach:
    """A coach who has heard a recorded run, all but some kinds of line."""
    first, *lines = [json.loads(line) for line in (RECORDED / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()]
    events = [event for line in lines if line["event"] not in without and (event := past.heard(line)) is not None]
    return heard(iter(events), coach_for(RunConfig.from_dict(first["settings"])))


def test_a_run_that_sits_on_one_of_two_clouds_is_found_by_its_fakes_and_by_its_figures() -> None:
    # D learns at a third of G's rate: one cloud at a time, and most points on it.
    assert codes(recorded("two-clouds")) == ["collapse"]
    assert codes(recorded("two-clouds", "scored")) == ["collapse"], "by the variety of the shown fakes alone"
    by_figures = recorded("two-clouds", "samples")
    assert codes(by_figures)[-1] == "collapse", "and by the modes that were found alone"
    assert by_figures.sayings[-1].values["found"] == 50
    assert "collapse" not in codes(recorded("two-clouds", "samples", "scored")), "its curves show nothing"


def test_classes_that_a_run_has_yet_to_learn_are_no_collapse() -> None:
    # 8, 7, 7, 6, 5, 5, 3, 3, 2 of ten digits are missing, one measurement after the other.
    assert codes(recorded("digits")) == codes(recorded("digits", "scored")) == ["healthy"]
