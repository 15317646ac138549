"""What can be asked of the manager, and how each order becomes a run."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from gan_core.config import RunConfig
from gan_core.data import DATA
from gan_core.devices import pick, threads_beside_a_page
from gan_core.events import Checkpoint, EventSource, SourceFactory
from gan_core.record import RunRecord
from gan_core.runner import RunHandle
from gan_core.store import RunStore
from live.coaching import coach_for, coach_of, with_scores
from live.scorer import Scorer, ScoresOf
from live.views import explain

Train = Callable[[RunConfig, Checkpoint | None], EventSource]
"""`gan_core.loop.train`, or a fake of it."""


@dataclass(frozen=True)
class Fork:
    """A new run that is to share another's past up to a moment, and what is to be different from there on."""

    run_id: str
    step: int
    changes: Mapping[str, Any]


@dataclass(frozen=True)
class GoOn:
    """A run that is to be continued from its last checkpoint."""

    run_id: str


Order = RunConfig | Fork | GoOn
"""What can be asked for: a new run, a fork, a continuation."""


class Workshop:
    """Makes runs, not yet started, from orders."""

    def __init__(self, train: Train, store: RunStore, scorer: Scorer) -> None:
        self.train, self.store, self.scorer = train, store, scorer

    def prepared(self, order: Order) -> tuple[str, Callable[[], RunHandle]]:
        """The device an order needs, and what makes its run; ValueError where the order cannot be."""
        match order:
            case RunConfig():
                config, make = order, lambda: self._new(order)
            case Fork(run_id, step, changes):
                config, make = self.store.forked_config(run_id, step, changes), lambda: self._forked(order)
            case GoOn(run_id):
                config, make = self.store.config(run_id), lambda: self._reopened(run_id)
        DATA[config.data].look(config.request, told=config.told)
        return pick(config.device, config.precision), make

    def _new(self, config: RunConfig) -> RunHandle:
        if pick(config.device) == "cpu" and config.threads == 0:
            config = config.but(threads=threads_beside_a_page())
        record = self.store.new(config)
        source = self._source(record.run_id, config, None)
        return RunHandle(record.run_id, source, record=record, coach=coach_for(config), explain=explain)

    def _source(self, run_id: str, config: RunConfig, checkpoint: Checkpoint | None) -> SourceFactory:
        return with_scores(lambda: self.train(config, checkpoint), ScoresOf(self.scorer, run_id))

    def _forked(self, fork: Fork) -> RunHandle:
        return self._from_checkpoint(self.store.fork(fork.run_id, fork.step, fork.changes))

    def _reopened(self, run_id: str) -> RunHandle:
        self.store.checkpoint(run_id)  # before anything is written, in case it cannot be read
        return self._from_checkpoint(self.store.reopen(run_id))

    def _from_checkpoint(self, record: RunRecord) -> RunHandle:
        run_id, past = record.run_id, self.store.past(record.run_id)
        checkpoint = self.store.checkpoint(run_id) if record.status.checkpoint_step >= 0 else None
        return RunHandle(
            run_id,
            self._source(run_id, record.config, checkpoint),
            record=record,
            history=past.history,
            marks=past.marks,
            coach=coach_of(self.store, run_id, until_step=checkpoint.place.step if checkpoint else 0),
            explain=explain,
        )
