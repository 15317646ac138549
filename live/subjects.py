"""A run that is looked at: where its networks come from, and when a run at work is asked for newer ones."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from typing import Any, Protocol

from torch import Tensor, nn

from gan_core.config import RunConfig
from gan_core.data import DATA
from gan_core.events import ALIVE, Pictures, Publish, Weights
from gan_core.ground import Ground, ground_of
from gan_core.looks import Copies, Look, players_at
from gan_core.past import labels_of_reals
from gan_core.pictures import read_pictures
from gan_core.run_manager import RunManager
from gan_core.runner import RunHandle
from gan_core.snapshot import Snapshot
from gan_core.store import RunStore
from live.asks import Ask
from live.library import Library, Reals, data_of
from live.needs import Trouble

PUBLISH_EVERY_S = 0.25
PLANE_EVERY_S = 0.1
"""The same on a plane, whose players are small."""
HALF_EVERY_S = 1 / 30
"""The same where people follow each step or half a step."""
IDLE_S = 1.0
"""After so long without a question a run at work is asked for new weights before one is answered."""
STORED_S = 2.0
"""How long it is trusted that a stored run is as it was."""
KEPT_BYTES = 256 * 2**20
"""Room for look-only copies of kept moments, of all runs together."""


class Shelf:
    """Look-only copies of kept moments, those used longest ago left out."""

    def __init__(self, most: int = KEPT_BYTES) -> None:
        self._most, self._bytes = most, 0
        self._looks: OrderedDict[tuple[Any, ...], Look] = OrderedDict()

    def get(self, key: tuple[Any, ...], make: Callable[[], Look]) -> Look:
        """The copy under `key`, made if it is not there."""
        if key in self._looks:
            self._looks.move_to_end(key)
            return self._looks[key]
        self._looks[key] = look = make()
        self._bytes += look.bytes
        while self._bytes > self._most and len(self._looks) > 1:
            self._bytes -= self._looks.popitem(last=False)[1].bytes
        return look


class Viewer(Protocol):
    """Someone who looks at a run."""

    seen: Weights | None
    """The weights of a run at work that it was last answered with."""
    told: Weights | None
    """Those it was last told of."""

    def news(self, step: int) -> None:
        """Tell it that newer weights are there."""


class Subject:
    """One run that is looked at. Owned by the looking thread; only `wake` may come from others."""

    def __init__(self, run_id: str, store: RunStore, runs: RunManager, *, library: Library, shelf: Shelf, wake: Callable[[], None]) -> None:
        self.run_id, self.store, self.runs = run_id, store, runs
        self.config: RunConfig = store.config(run_id)
        self.viewers: list[Viewer] = []
        self._library, self._shelf, self._copies, self._wake = library, shelf, Copies(self.config), wake
        self._handle: RunHandle | None = None
        self._deaf: Callable[[], None] = lambda: None
        self._weights: Weights | None = None
        self._living: dict[tuple[str, str], Look] = {}
        self._reals: tuple[Pictures | None, tuple[int, ...]] = (None, ())
        self._ground: Ground | None = None
        self._asked_at = self._published_at = float("-inf")
        self._awaited = self._stale = False
        self._stored: tuple[float, int, int] | None = None

    def asked(self, ask: Ask, now: float) -> None:
        """Take note of a question: after a while without any, a run at work is first asked for new weights."""
        if ask.at is None:
            self._stale = self._stale or now - self._asked_at > IDLE_S
            self._asked_at = now

    def look(self, ask: Ask, now: float) -> tuple[Look, Weights | None] | None:
        """What the question is to be answered with, and the weights of a run at work it came from; None: not yet. Trouble: never."""
        if (DATA[self.config.data].kind == "plane") is not (ask.kind == "plane"):
            raise Trouble("not_plane" if ask.kind == "plane" else "plane")
        if ask.at is not None:
            return self._moment(ask.at), None
        snapshot = self._follow()
        if snapshot is None:
            return self._last(ask.weights, now), None
        if self._weights is None or (self._stale and self._weights.place != snapshot.place):
            return None
        return self._now(ask.weights, self._weights, snapshot), self._weights

    def at(self, step: int) -> Look | None:
        """The averaged generator of a kept moment; None where it is not kept."""
        try:
            return self._moment(step)
        except Trouble:
            return None

    def reals(self) -> Reals | None:
        """The training images, if they are at hand."""
        return self._library.get(self.config)

    def load_reals(self) -> Reals:
        """The training images, loaded now; Trouble where that cannot be."""
        return self._library.load(self.config)

    def ground(self) -> Ground | None:
        """What stays as it is while the run plays on a plane, if it is at hand."""
        return self._ground

    def load_ground(self) -> Ground:
        """The same, loaded now; Trouble where that cannot be."""
        self._ground = found = ground_of(self.config, data_of(self.config))
        return found

    def tick(self, now: float) -> float | None:
        """Pass on that there are newer weights, ask for some if they are wanted; seconds after which to look again, None for never."""
        snapshot = self._follow()
        if snapshot is None or self._handle is None:
            return None
        if (weights := self._weights) is not None:
            for viewer in self.viewers:
                if viewer.seen is not None and viewer.seen is not weights and viewer.told is not weights:
                    viewer.told = weights
                    viewer.news(weights.place.step)
            wanted = self._stale or any(viewer.seen is weights for viewer in self.viewers)
            if not wanted or weights.place == snapshot.place:
                return None
        if self._awaited:
            return None
        if (left := self._published_at + self._every_s(snapshot) - now) > 0:
            return left
        self._published_at, self._awaited = now, True
        self._handle.send(Publish())
        return None

    def _every_s(self, snapshot: Snapshot) -> float:
        """How often new weights may be asked for."""
        if snapshot.pace is not None or snapshot.state == "paused":
            return HALF_EVERY_S
        return PLANE_EVERY_S if DATA[self.config.data].kind == "plane" else PUBLISH_EVERY_S

    def close(self) -> None:
        """Listen to the run no more."""
        self._deaf()
        self._handle, self._deaf, self._weights = None, lambda: None, None
        self._living.clear()

    def _follow(self) -> Snapshot | None:
        """The run at work as it is now, with its newest weights taken over; None where it is not at work here."""
        handle = self.runs.get(self.run_id)
        snapshot = handle.snapshot() if handle is not None else None
        if handle is None or snapshot is None or snapshot.state not in ALIVE or snapshot.started is None:
            self._ended()
            return None
        if handle is not self._handle:
            self.close()
            self._handle, self._deaf, self._awaited, self._stale = handle, handle.listen(self._wake), False, True
        if (weights := handle.weights()) is not None and weights is not self._weights:
            self._weights, self._awaited, self._stale = weights, False, False
            self._living.clear()
        return snapshot

    def _ended(self) -> None:
        """The run at work has ended: from now on it is looked at from disk, where its end is newer than what was seen."""
        if self._handle is None:
            return
        self.close()
        self._stored = None
        step = -1
        with suppress(ValueError):  # it may have been deleted
            step = self.store.status(self.run_id).checkpoint_step
        for viewer in self.viewers:
            if viewer.seen is not None and viewer.seen.place.step != step >= 0:
                viewer.news(step)
            viewer.seen = viewer.told = None

    def _now(self, which: str, weights: Weights, snapshot: Snapshot) -> Look:
        game = str(snapshot.knobs.get("game", self.config.game))
        if (which, game) not in self._living:
            generator = self._copies.generator(weights.living if which == "living" else weights.averaged)
            look = self._made(weights.place.step, generator, critic=weights.critic, game=game)
            self._living[which, game] = replace(look, half=weights.half)
        return self._living[which, game]

    def _last(self, which: str, now: float) -> Look:
        """A stored run as it was left: its last checkpoint, else its last kept average."""
        if self._stored is None or now - self._stored[0] > STORED_S:
            try:
                checkpoint = self.store.status(self.run_id).checkpoint_step
                average = -1 if checkpoint >= 0 else self.store.moments(self.run_id).averages[-1]
            except (ValueError, IndexError):  # a rewound run was put away while somebody looks at it, or nothing is kept yet
                raise Trouble("no_weights") from None
            self._stored = (now, checkpoint, average)
        _, checkpoint, average = self._stored
        if checkpoint < 0:
            return self._moment(average)
        return self._shelf.get((self.run_id, which, checkpoint), lambda: self._checkpoint(which, checkpoint))

    def _checkpoint(self, which: str, step: int) -> Look:
        try:
            players = players_at(self.store.folder(self.run_id), step)
        except ValueError:
            raise Trouble("no_weights") from None
        generator = self._copies.generator(players.generator if which == "living" else players.average)
        return self._made(step, generator, critic=players.critic, game=players.game)

    def _moment(self, step: int) -> Look:
        return self._shelf.get((self.run_id, "moment", step), lambda: self._kept(step))

    def _kept(self, step: int) -> Look:
        try:
            average = self.store.average(self.run_id, step)
        except ValueError:
            raise Trouble("no_moment") from None
        kept = self.store.moments(self.run_id).checkpoints
        players = players_at(self.store.folder(self.run_id), step) if step in kept else None
        critic, game = (players.critic, players.game) if players else ({}, None)
        return self._made(step, self._copies.generator(average), critic=critic, game=game)

    def _made(self, step: int, generator: nn.Module, *, critic: Mapping[str, Tensor], game: str | None) -> Look:
        reals, labels = self._reals_shown()
        judge = None if reals is None else self._copies.critic(critic)
        return Look(step, generator, judge, game or self.config.game, reals, reals_labels=labels)

    def _reals_shown(self) -> tuple[Pictures | None, tuple[int, ...]]:
        if self._reals[0] is None:  # a run that has just begun has yet to write them
            reals = read_pictures(self.store.folder(self.run_id) / "samples" / "reals", self.config.shape)
            self._reals = reals, labels_of_reals(self.store.events(self.run_id))
        return self._reals
