"""A run as one sees it: one immutable record, and how fast it is just now."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from gan_core.coach import Saying
from gan_core.events import Changed, Event, Metrics, Place, Preparing, Refused, RunState, Samples, Started

RATE_WINDOW_S = 5.0


@dataclass(frozen=True)
class Snapshot:
    """All there is to see of a run at one moment."""

    run_id: str
    state: RunState = "preparing"
    message: str = ""
    """Why it failed, as a sentence."""
    version: int = 0
    """Grows with every change; equal versions are equal snapshots."""
    preparing: Preparing | None = None
    started: Started | None = None
    place: Place | None = None
    samples: Samples | None = None
    knobs: Mapping[str, Any] = field(default_factory=dict)
    """The live knobs as they stand."""
    marks: tuple[Changed, ...] = ()
    """Knobs that were turned since the run's first step, in order."""
    coach: tuple[Saying, ...] = ()
    """What the coach has said, in order; the last stands."""
    refused: Refused | None = None
    """The last answer to a knob, if it could not be turned."""
    played: Metrics | None = None
    """The last step or half that was asked for or paced, until the run goes on as fast as it can."""
    pace: float | None = None
    """Halves of a step a second; None for as fast as it can."""
    way: str = ""
    """How steps are played, where there is more than one way: on a GPU."""
    steps_per_s: float = 0.0
    images_per_s: float = 0.0


def changes_of(snapshot: Snapshot, event: Event) -> dict[str, Any]:
    """What an event changes of a snapshot, where that is all that has to be done about it."""
    match event:
        case Preparing():
            return {"preparing": event}
        case Changed():
            knobs, marks = {**snapshot.knobs, event.name: event.value}, (*snapshot.marks, event)
            # The step in hand was finished before.
            played = None if snapshot.played and snapshot.played.half == 1 else snapshot.played
            return {"knobs": knobs, "marks": marks, "refused": None, "place": event.place, "played": played}
        case Refused():
            return {"refused": event}
        case Samples():
            return {"place": event.place, "samples": event}
        case _:
            return {}


@dataclass
class Rate:
    """Steps and images a second over the last few seconds of running."""

    marks: deque[tuple[float, int, int]] = field(default_factory=deque)

    def at(self, now: float, place: Place) -> tuple[float, float]:
        """Both rates, now that the run stands at `place`."""
        self.marks.append((now, place.step, place.images))
        while now - self.marks[0][0] > RATE_WINDOW_S:
            self.marks.popleft()
        then, step, images = self.marks[0]
        seconds = now - then
        return ((place.step - step) / seconds, (place.images - images) / seconds) if seconds > 0 else (0.0, 0.0)
