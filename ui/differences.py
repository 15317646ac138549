"""In which settings runs differ, over their whole course: knobs that were turned, and where a fork went its own way."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from gan_core.config import KNOBS, RunConfig
from gan_core.events import Changed
from gan_core.status import Status
from gan_core.store import RunStore
from ui.text import _

TURNS_TOLD = 3
"""Turns of one knob that are told one by one; a knob that was played with is summed up."""
Course = list[tuple[int, Any]]
"""A setting over a run: (step, value from there on), the first at step 0."""


def courses(start: RunConfig, marks: Sequence[Changed]) -> dict[str, Course]:
    """Every setting's course: what it began as, and what it was turned to."""
    found = {name: [(0, value)] for name, value in start.to_dict().items()}
    for mark in marks:
        turn(found[mark.name], mark.place.step, mark.value)
    return found


def turn(course: Course, step: int, value: Any) -> None:
    """Note a turn, unless it changes nothing."""
    if course[-1][1] != value:
        course.append((step, value))


def courses_of(store: RunStore, status: Status, marks: Sequence[Changed]) -> dict[str, Course]:
    """The courses of a run; a fork's begin with its parent's, as long as that one is there, and turn where it went its own way."""
    config, at = store.config(status.run_id), status.fork_step
    try:
        parent = store.status(status.parent) if status.parent else None
        start = courses_of(store, parent, ()) if parent else None
    except ValueError:
        start = None
    if start is None:
        return courses(config, [mark for mark in marks if mark.place.step >= at])
    found = {name: [course[0]] for name, course in start.items()}
    for mark in marks:
        if mark.place.step < at:
            turn(found[mark.name], mark.place.step, mark.value)
    for name, value in config.to_dict().items():
        turn(found[name], at, value)
    for mark in marks:
        if mark.place.step >= at:
            turn(found[mark.name], mark.place.step, mark.value)
    return found


def differences(runs: Sequence[Mapping[str, Course]]) -> list[tuple[str, list[str]]]:
    """Settings that are not the same in all runs, in the settings' order: name and one text a run."""
    return [(name, [told(run[name]) for run in runs]) for name in KNOBS if len({tuple(run[name]) for run in runs}) > 1]


def told(course: Course) -> str:
    """A setting's course in words: `0.1 → 1.0 at step 1,200`."""
    (_step, first), *turns = course
    told = [_("{value} at step {step:,}").format(value=value, step=step) for step, value in turns]
    if len(turns) > TURNS_TOLD:
        return _("{first} → … → {last} (turned {count} times)").format(first=first, last=told[-1], count=len(turns))
    return " → ".join([str(first) if first != "" else "–", *told])
