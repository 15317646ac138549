"""Read back: which knobs were turned, and what has to be done again when a run goes on."""

from __future__ import annotations

from typing import Any

from gan_core.events import Set, Step
from gan_core.past import past_of


def event(kind: str, step: int, **values: Any) -> dict[str, Any]:
    return {"event": kind, "step": step, "epoch": 0.0, "images": 0, "elapsed_s": 0.0} | values


def metrics(step: int, player: str = "both") -> dict[str, Any]:
    return event("metrics", step, steps=1, values={"loss/critic": 1.0}, player=player)


def changed(step: int, value: float) -> dict[str, Any]:
    return event("changed", step, name="gamma", value=value)


def marks(*events: dict[str, Any]) -> list[tuple[int, Any]]:
    return [(mark.place.step, mark.value) for mark in past_of(events).marks]


def test_what_was_asked_after_the_last_checkpoint_is_asked_again() -> None:
    events = [event("started", 0), changed(2, 1.0), event("checkpoint", 5), metrics(8), changed(8, 2.0), metrics(9, "critic"), metrics(12)]
    past = past_of(events)
    assert past.then == ((8, Set("gamma", 2.0)), (8, Step("critic")))
    assert marks(*events) == [(2, 1.0), (8, 2.0)]


def test_steps_of_both_need_no_asking() -> None:
    assert past_of([event("started", 0), metrics(1), metrics(2)]).then == ()


def test_a_mark_that_is_made_again_is_there_once() -> None:
    life = [event("started", 0), event("checkpoint", 5), changed(8, 2.0), metrics(9)]
    again = [event("started", 5), metrics(8), changed(8, 2.0), metrics(10)]
    assert marks(*life, *again) == [(8, 2.0)]
    assert past_of([*life, *again]).then == ((8, Set("gamma", 2.0)),)


def test_a_life_that_ends_before_it_has_caught_up_forgets_nothing() -> None:
    life = [event("started", 0), event("checkpoint", 5), changed(8, 2.0), changed(9, 3.0)]
    short = [event("started", 5), metrics(8), changed(8, 2.0)]
    assert past_of([*life, *short]).then == ((8, Set("gamma", 2.0)), (9, Set("gamma", 3.0)))
    assert past_of([*life, event("started", 5), metrics(6)]).then == ((8, Set("gamma", 2.0)), (9, Set("gamma", 3.0)))
    assert past_of([*life, *short, event("checkpoint", 8)]).then == ((9, Set("gamma", 3.0)),)
