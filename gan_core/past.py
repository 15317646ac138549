"""A run's events on disk, read back: its curves, the knobs that were turned, and what has to be done again when it goes on."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Final

import numpy as np

from gan_core.events import Changed, Command, Event, Metrics, Place, Samples, Scored, Set, Started, Step
from gan_core.history import History
from gan_core.moments import AVERAGE_ENDING, SAMPLE_ENDINGS, kept_steps, name_of

NO_PICTURES: Final = np.zeros((0, 2), np.float32)


@dataclass(frozen=True)
class Past:
    """What the events of a run tell, rows that a later continuation replaced left out."""

    history: History
    marks: tuple[Changed, ...]
    """Knobs that were turned, in order."""
    then: tuple[tuple[int, Command], ...]
    """Commands after the last checkpoint, each with the finished steps it was given at."""


def past_of(events: Iterable[dict[str, Any]]) -> Past:
    """The past that these events tell."""
    history, marks, new_marks = History(), list[Changed](), list[Changed]()
    given = list[tuple[int, Command]]()
    due = list[tuple[int, Command]]()  # given in an earlier life, after the checkpoint this life began with
    for event in events:
        kind = event["event"]
        if kind == "started":
            history.drop_after(event["step"])
            due, given, new_marks = given + due, [], []  # they will be given, and written down, again
        elif kind == "metrics":
            history.append(Metrics(place_of(event), event["steps"], event["values"]))
        elif kind == "changed":
            new_marks.append(Changed(place_of(event), event["name"], event["value"]))
        elif kind == "checkpoint":
            marks, new_marks, given = marks + new_marks, [], []
        if command := command_of(event):
            given.append(command)
            if due and due[0] == command:
                due.pop(0)
    return Past(history, tuple(marks + new_marks), tuple(given + due))


def standing(events: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """The events that still count: what a later life of the run wrote anew is left out."""
    lines = list[dict[str, Any]]()
    for event in events:
        if event["event"] == "started":
            lines = [line for line in lines if line["step"] <= event["step"]]
        if event["event"] in ("started", "metrics", "samples", "scored", "changed", "checkpoint"):
            lines.append(event)
    return lines


def heard(event: dict[str, Any]) -> Event | None:
    """The event as a coach hears it, without pictures; None for what says nothing of a run's health."""
    match event["event"]:
        case "started":
            facts = {field.name: event[field.name] for field in fields(Started) if field.name in event}
            return Started(place_of(event), reals=NO_PICTURES, **facts)
        case "metrics":
            return Metrics(place_of(event), event["steps"], event["values"], event.get("player", "both"))
        case "samples":
            return Samples(place_of(event), NO_PICTURES, NO_PICTURES, epoch_ended=False, variety=event["variety"])
        case "scored":
            figures = {name: (value, floor) for name, (value, floor) in event["figures"].items()}
            return Scored(place_of(event), event["of_step"], figures, event["kinds"])
        case "changed":
            return Changed(place_of(event), event["name"], event["value"])
        case _:
            return None


def labels_of_reals(events: Iterable[dict[str, Any]]) -> tuple[int, ...]:
    """The class of each of the reals that people are shown, as the run wrote it down when it first began; none where it did not."""
    first = next((event for event in events if event["event"] == "started"), {})
    return tuple(first.get("reals_labels", ()))


def command_of(event: dict[str, Any]) -> tuple[int, Command] | None:
    """The command that this event answered, if it changed the run, and after how many steps it was given."""
    if event["event"] == "changed":
        return event["step"], Set(event["name"], event["value"])
    if event["event"] == "metrics" and event.get("player", "both") != "both":
        return event["step"] - 1, Step(event["player"])
    return None


def read_events(path: Path) -> Iterator[dict[str, Any]]:
    """The events in a file, one JSON line each; what is no JSON was torn by a power cut and is left out."""
    if not path.exists():
        return
    with path.open(encoding="utf-8", errors="replace") as file:
        for line in file:
            with suppress(json.JSONDecodeError):
                yield json.loads(line)


def place_of(event: dict[str, Any]) -> Place:
    """Where the run stood at an event."""
    return Place(event["step"], event["epoch"], event["images"], event["elapsed_s"])


def copy_past(source: Path, target: Path, step: int) -> None:
    """Give the run in `target` all that the one in `source` was up to `step`; files are shared by the disk where it can do that."""
    lines = standing(read_events(source / "events.jsonl"))
    # A knob turned at this very step was turned after the checkpoint: it belongs to the other future.
    saved = [place for place, line in enumerate(lines) if line["event"] == "checkpoint" and line["step"] == step]
    # The line may be the one a power cut tore, though its checkpoint is whole.
    before = lines[: saved[-1] + 1] if saved else [line for line in lines if line["step"] <= step]
    kept = [json.dumps(line, separators=(",", ":")) for line in before]
    (target / "events.jsonl").write_text("".join(f"{line}\n" for line in kept), encoding="utf-8")
    for folder, endings in (("samples", SAMPLE_ENDINGS), ("weights", (AVERAGE_ENDING,))):
        for kept_step in kept_steps(source / folder, endings[0]):
            for name in (name_of(kept_step, ending) for ending in endings if kept_step <= step):
                if (source / folder / name).exists():
                    _link(source / folder / name, target / folder / name)


def _link(source: Path, target: Path) -> None:
    # Kept moments are replaced by renaming, never written into, so two runs may share one.
    try:
        os.link(source, target)
    except OSError:
        shutil.copyfile(source, target)
