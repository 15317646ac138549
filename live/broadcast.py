"""One run's frames for everyone who watches: encoded once, the newest wins, a slow client is never waited for.

Every client remembers what it has seen (`Seen`). Clients that keep up have seen the same and share one encoding; one that fell
behind gets, when it is ready again, all rows it missed (or the thinned history) and only the newest samples.
"""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass
from typing import Any, Protocol

from gan_core.coach import Saying
from gan_core.events import ALIVE, Changed, Metrics, Samples
from gan_core.metrics.scores import Scores
from gan_core.snapshot import Snapshot
from live.frames import Payload, finite, packed
from live.views import Viewable

FRAMES_PER_S = 12


@dataclass(frozen=True)
class Seen:
    """What a client has been sent."""

    version: int = -1
    rows: tuple[int, int] | None = None
    samples: tuple[int, int] = (-1, -1)
    """Step and class."""
    reals: bool = False
    marks: int = 0
    said: tuple[int, int] = (-1, 0)
    """Number and last step of the saying that stood; it changes as long as it stands."""
    scores_step: int = -1


class Scored(Protocol):
    """Figures of a run that are measured now and then."""

    def newest(self) -> Scores | None:
        """Those measured last."""

    def listen(self, wake: Callable[[], None]) -> Callable[[], None]:
        """Call `wake` after each measurement; returns what ends that."""


def encode(run: Viewable, snapshot: Snapshot, seen: Seen, scores: Scores | None = None) -> tuple[bytes, Seen]:
    """The frame that brings a client from `seen` to `snapshot`, and what it has seen then."""
    payload = Payload()
    rows = run.rows(seen.rows)
    samples, started = snapshot.samples, snapshot.started
    if samples is not None and samples.only is not None:
        samples = samples.only
    shown = (samples.place.step, samples.label) if samples is not None else seen.samples
    header: dict[str, Any] = {
        "run": snapshot.run_id,
        "state": snapshot.state,
        "message": snapshot.message,
        "preparing": dataclasses.asdict(snapshot.preparing) if snapshot.preparing else None,
        "place": dataclasses.asdict(snapshot.place) if snapshot.place else None,
        "rates": {name: finite(getattr(snapshot, name)) for name in ("images_per_s", "steps_per_s")},
        "rows": {"reset": rows.reset, "names": rows.names, "array": payload.add(rows.values)} if rows.reset or len(rows.values) else None,
        "samples": None,
        "reals": None,
        "knobs": dict(snapshot.knobs),
        "marks": [_mark(mark) for mark in snapshot.marks] if len(snapshot.marks) != seen.marks else None,
        "coach": sayings(snapshot.coach, seen.said),
        "played": _played(snapshot.played),
        "pace": snapshot.pace,
        "scores": scores.to_dict() if scores is not None and scores.step != seen.scores_step else None,
    }
    if samples is not None and shown != seen.samples:
        pictures = {"living": payload.add(samples.living), "averaged": payload.add(samples.averaged)}
        header["samples"] = dataclasses.asdict(samples.place) | pictures | {"verdicts": verdicts_of(samples), "label": samples.label}
    if started is not None and not seen.reals:
        header["reals"], header["z"] = payload.add(started.reals), payload.add(started.z)
        header["classes"], header["labels"] = started.classes, started.labels
    now_seen = Seen(
        snapshot.version,
        rows.end,
        samples=shown,
        reals=seen.reals or started is not None,
        marks=len(snapshot.marks),
        said=(snapshot.coach[-1].number, snapshot.coach[-1].until) if snapshot.coach else seen.said,
        scores_step=scores.step if scores is not None else seen.scores_step,
    )
    return packed(header, payload), now_seen


def verdicts_of(samples: Samples) -> dict[str, list[float | None]]:
    """D's verdict on each image, with the generator's living and with its averaged weights."""
    both = {"living": samples.verdict_living, "averaged": samples.verdict_averaged}
    return {which: [finite(float(f"{value:.4g}")) for value in values] for which, values in both.items()}


def sayings(said: tuple[Saying, ...], seen: tuple[int, int]) -> list[dict[str, Any]] | None:
    """What the coach has said since a client heard it; None where nothing is new."""
    new = [dataclasses.asdict(saying) for saying in said if (saying.number, saying.until) > seen]
    return new or None


def _mark(mark: Changed) -> dict[str, Any]:
    return dataclasses.asdict(mark.place) | {"name": mark.name, "value": mark.value}


def _played(step: Metrics | None) -> dict[str, Any] | None:
    """The step or half that was asked for or paced: who moved, how far, and the curves it gave."""
    if step is None:
        return None
    values = {name: finite(value) for name, value in step.values.items()}
    return {"step": step.place.step, "player": step.player, "half": step.half, "moved": dict(step.moved), "values": values}


class Feed:
    """One run's changes, at most FRAMES_PER_S, for any number of clients on one event loop."""

    def __init__(self, run: Viewable, scored: Scored | None = None) -> None:
        self.run, self.scored = run, scored
        self.snapshot, self.scores = run.snapshot(), scored.newest() if scored else None
        self._changed = asyncio.Condition()
        self._cache: dict[Seen, tuple[bytes, Seen]] = {}

    async def frames(self) -> AsyncGenerator[bytes]:
        """Frames for one client, from nothing to the run's end; the next is made when the last was taken."""
        seen = Seen()
        while True:
            async with self._changed:
                while self._all_seen(seen):
                    await self._changed.wait()
            frame, seen = self._frame(seen)
            yield frame
            if self._all_seen(seen) and self.snapshot.state not in ALIVE:
                return

    def _all_seen(self, seen: Seen) -> bool:
        return self.snapshot.version == seen.version and (self.scores is None or self.scores.step == seen.scores_step)

    async def follow(self) -> None:
        """Pass the run's changes on until cancelled; they come from its thread and are gathered here."""
        loop, woken = asyncio.get_running_loop(), asyncio.Event()

        def wake() -> None:
            loop.call_soon_threadsafe(woken.set)

        deaf = [source.listen(wake) for source in (self.run, self.scored) if source is not None]
        try:
            while True:
                woken.clear()
                self.snapshot = self.run.snapshot()
                self.scores = self.scored.newest() if self.scored else None
                self._cache.clear()
                async with self._changed:
                    self._changed.notify_all()
                await asyncio.sleep(1 / FRAMES_PER_S)
                await woken.wait()
        finally:
            for end in deaf:
                end()

    def _frame(self, seen: Seen) -> tuple[bytes, Seen]:
        if seen not in self._cache:
            self._cache[seen] = encode(self.run, self.snapshot, seen, self.scores)
        return self._cache[seen]


class Feeds:
    """The feeds of an event loop: one per watched run, made for its first client and ended with its last."""

    def __init__(self) -> None:
        self._feeds: dict[tuple[str, int], tuple[Feed, asyncio.Task[None], list[int]]] = {}

    async def watch(self, key: tuple[str, int], view: Callable[[], Viewable], scored: Scored | None = None) -> AsyncGenerator[bytes]:
        """Frames of the run under `key` (its id and life)."""
        if key not in self._feeds:
            feed = Feed(view(), scored)
            self._feeds[key] = (feed, asyncio.create_task(feed.follow()), [0])
        feed, task, clients = self._feeds[key]
        clients[0] += 1
        try:
            async for frame in feed.frames():
                yield frame
        finally:
            clients[0] -= 1
            if clients[0] == 0:
                task.cancel()
                self._feeds.pop(key, None)
