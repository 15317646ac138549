"""The training loop: a generator of events that takes commands. It owns no thread, no disk and no screen.

    for event in train(RunConfig()):
        ...

Whoever asks for the next event makes the run go on; who does not ask, pauses it. Where the chunks between two events end
depends on the clock, what the weights become does not.
"""

from __future__ import annotations

import dataclasses
import time
from collections import deque
from collections.abc import Callable, Iterator
from typing import Any

import torch

from gan_core.batches import Batches
from gan_core.checkpoint import numbers_of, restore, tensors_of
from gan_core.config import RunConfig
from gan_core.data import DATA, DataSet
from gan_core.devices import keep_memory, multiply_fast, pick, threads
from gan_core.events import (
    Checkpoint,
    Command,
    Draw,
    Event,
    EventSource,
    Finished,
    Half,
    Metrics,
    Pace,
    Paced,
    Place,
    Player,
    Publish,
    Samples,
    Save,
    Set,
    Show,
    Step,
    Weights,
)
from gan_core.graphs import RunHands, hands_for
from gan_core.halves import Halves, Moves
from gan_core.looking import Shown
from gan_core.meter import Meter
from gan_core.state import GanState, new_state
from gan_core.step import update
from gan_core.telling import drawn_by, place_of, started_of, turned, weights_of
from gan_core.variety import variety_beside

METRICS_EVERY_S = 0.08
SAMPLES_EVERY_S = 0.21
"""From one look to the next. Where samples take more of the time than SAMPLES_SHARE they come less often, down to half as often."""
SAMPLES_SHARE = 0.05
FIRST_CHECKPOINT_S = 8.0
CHECKPOINT_EVERY_S = 30.0
WEIGHTS_EVERY_S = 2.0
RunMaker = Callable[..., "Run"]


def train(config: RunConfig, resume: Checkpoint | None = None, *, until_step: int = 0, make: RunMaker | None = None) -> EventSource:
    """Train until told to stop (`close()`), until `stop_after_epochs` or `until_step`; the same config gives the same weights.

    Yields `Preparing` while data have to be fetched, then `Started`, then `Metrics`, `Samples`, `Weights` and `Checkpoint` as
    they become due, and `Finished` last. A command given by `send()` is answered by the very next event; what `resume.then`
    says is done at its step, as it was the first time. `make` is for runs that share their batches (`parallel.py`).
    Raises FloatingPointError when a curve is no longer finite, ValueError for data that cannot be had.
    """
    data = yield from DATA[config.data].load(config.request)
    torch.get_num_threads()  # a thread's first question settles its count, by what any thread set last; so it is asked before ours is set
    torch.set_num_threads(threads(config.threads))
    run = (make or Run)(config, data, resume, until_step=until_step)
    for event in run.events():
        command = yield event
        while command is not None:
            command = yield run.answer(command)


class Run:
    """A state, a clock and what is due: the part of the loop that is not the order of events."""

    def __init__(self, config: RunConfig, data: DataSet, resume: Checkpoint | None, *, until_step: int) -> None:
        keep_memory()
        device = multiply_fast(pick(config.device, config.precision))
        labels, classes = (data.labels, len(data.classes)) if config.told else (None, 0)
        self.state = new_state(config, Batches(data.train, config.seed, device=device, labels=labels, classes=classes))
        self.until_step, self.elapsed_s = until_step, 0.0
        self.replay: deque[tuple[int, Command]] = deque()
        if resume is not None:
            restore(self.state, resume.tensors, resume.state)
            self.elapsed_s = resume.place.elapsed_s
            self.replay.extend(resume.then)
        self.shown = Shown(config, data, device)
        self.variety = variety_beside(self.shown.pictures(self.shown.reals))
        self.only, self.meter, self.by_halves = -1, Meter(), False
        self.hands = self.hands_of(self.state)
        self.hand = Halves(self.state, self.meter, self.hands)
        self.shown_at, self.epoch_shown = time.perf_counter(), int(self.state.epoch)
        self.samples_due_s = self.elapsed_s + SAMPLES_EVERY_S
        self.checkpoint_due_s = self.elapsed_s + FIRST_CHECKPOINT_S
        self.weights_due_s = self.elapsed_s

    hands_of: Callable[[GanState], RunHands] = staticmethod(hands_for)
    """What plays the steps."""

    @property
    def place(self) -> Place:
        return place_of(self.state, self.elapsed_s)

    @property
    def ended(self) -> bool:
        """Whether the run has reached the end that was asked for; never in the middle of a step."""
        there = 0 < self.state.config.stop_after_epochs <= self.state.epoch or 0 < self.until_step <= self.state.step
        return there and not self.hand.open

    def events(self) -> Iterator[Event]:
        """All events in order, each made when it is asked for, so that single steps between two of them are in the later one."""
        began_at = self.state.step
        yield started_of(self.state, self.shown, self.place)
        yield self.samples(epoch_ended=False)
        while not self.ended:
            if self.told_again:
                yield self.answer(self.replay.popleft()[1])
                continue
            yield self.half() if self.by_halves else self.chunk()
            if self.hand.open:
                continue
            if self.epoch_ended or self.samples_due:
                yield self.samples(epoch_ended=self.epoch_ended)
            if self.elapsed_s >= self.weights_due_s:
                self.weights_due_s = self.elapsed_s + WEIGHTS_EVERY_S
                yield self.weights(asked=False)
            if not self.ended and self.elapsed_s >= self.checkpoint_due_s:
                yield self.checkpoint()
        if self.epoch_ended:
            yield self.samples(epoch_ended=True)
        if self.state.step > began_at:
            yield self.checkpoint()
        yield Finished(self.place)

    @property
    def epoch_ended(self) -> bool:
        """Whether an epoch has ended that people have not seen."""
        return int(self.state.epoch) > self.epoch_shown

    @property
    def samples_due(self) -> bool:
        """Whether samples are due by the time of training, or where a run goes by halves, by that of those who watch."""
        return self.elapsed_s >= self.samples_due_s or (self.by_halves and time.perf_counter() - self.shown_at >= SAMPLES_EVERY_S)

    @property
    def told_again(self) -> bool:
        """Whether a command was given at this step when the run came by here before."""
        return bool(self.replay) and self.replay[0][0] <= self.state.step

    def chunk(self) -> Metrics:
        """Steps for METRICS_EVERY_S, at least one, and none past samples or an epoch's end or a command that has to be given again."""
        state, began = self.state, time.perf_counter()
        epoch = self.epoch_shown if self.hand.open else int(state.epoch)  # a step in hand may have ended one already
        with self.hands.playing():
            if not self.hand.finish():
                self.play("both")
            while int(state.epoch) == epoch and not (self.ended or self.told_again) and self.more(began):
                self.play("both")
        return self.metrics(began)

    def more(self, began: float) -> bool:
        """Whether the chunk goes on, by the clock, and by how many steps the device may be sent ahead of it."""
        return self.meter.steps < self.hands.lot and time.perf_counter() - began < min(METRICS_EVERY_S, self.samples_due_s - self.elapsed_s)

    def play(self, player: Player) -> None:
        self.meter.add(self.state.step + 1, update(self.state, player, self.hands))

    def metrics(self, began: float) -> Metrics:
        steps, values = self.meter.steps, self.meter.read()  # reading waits for the device, so the clock is read after it
        took_s = time.perf_counter() - began
        self.hands.took(steps, took_s, METRICS_EVERY_S)
        self.elapsed_s += took_s
        return Metrics(self.place, steps, values, way=self.hands.way)

    def one_step(self, player: Player) -> Metrics:
        """A step that was asked for, and how far each player moved in it."""
        moves, began = Moves(self.state), time.perf_counter()
        with self.hands.playing():
            self.play(player)
        return dataclasses.replace(self.metrics(began), player=player, moved=moves.lengths())

    def half(self) -> Metrics:
        """The next half of a step; its curves are in the means when the step is whole."""
        moves, began = Moves(self.state), time.perf_counter()
        with self.hands.playing():
            values = None if self.hand.finish() else self.hand.begin()
        if values is None:
            return dataclasses.replace(self.metrics(began), player="generator", moved=moves.lengths(), half=2)
        self.elapsed_s += time.perf_counter() - began
        return Metrics(self.place, 0, values, player="critic", moved=moves.lengths(), half=1)

    def answer(self, command: Command) -> Event:
        if not isinstance(command, Pace | Publish | Half):
            with self.hands.playing():
                self.hand.finish()  # all others are about whole steps
        match command:
            case Pace(by_halves):
                self.by_halves = by_halves
                return Paced(self.place, by_halves)
            case Half():
                return self.half()
            case Save():
                return self.checkpoint()
            case Publish():
                return self.weights(asked=True)
            case Draw():
                return self.samples(epoch_ended=self.epoch_ended)
            case Show(label):
                self.only = label if 0 <= label < len(self.shown.classes) else -1
                return self.samples(epoch_ended=self.epoch_ended)
            case Step(player):
                return self.one_step(player)
            case Set(name, value):
                return turned(self.state, self.place, name, value)

    def samples(self, *, epoch_ended: bool) -> Samples:
        began = time.perf_counter()
        only = drawn_by(self.state, self.shown, self.shown.all_of(self.only)) if self.only >= 0 else None
        samples = drawn_by(self.state, self.shown, self.shown.labels)
        samples["variety"] = self.variety(samples["living"])
        took_s = time.perf_counter() - began
        self.elapsed_s += took_s
        self.samples_due_s = self.elapsed_s + min(max(SAMPLES_EVERY_S, took_s / SAMPLES_SHARE) - took_s, 2 * SAMPLES_EVERY_S)
        self.epoch_shown, self.shown_at = int(self.state.epoch), time.perf_counter()
        facts: dict[str, Any] = {"place": self.place, "epoch_ended": epoch_ended}
        return Samples(**samples, **facts, only=Samples(**only, **facts, label=self.only) if only else None)

    def weights(self, *, asked: bool) -> Weights:
        return weights_of(self.state, self.place, asked=asked, half=1 if self.hand.open else 0)

    def checkpoint(self) -> Checkpoint:
        began = time.perf_counter()
        numbers, tensors = numbers_of(self.state), tensors_of(self.state)
        self.elapsed_s += time.perf_counter() - began
        self.checkpoint_due_s = self.elapsed_s + CHECKPOINT_EVERY_S
        return Checkpoint(self.place, tensors, numbers)
