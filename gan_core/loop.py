"""The training loop: a generator of events that takes commands. It owns no thread, no disk and no screen.

    for event in train(RunConfig()):
        ...

Whoever asks for the next event makes the run go on; who does not ask, pauses it. Where the chunks between two events end
depends on the clock, what the weights become does not.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping

import torch
from torch import Tensor, nn

from gan_core.batches import Batches
from gan_core.checkpoint import copied, numbers_of, restore, tensors_of
from gan_core.config import LIVE, RunConfig
from gan_core.data import DATA, DataSet, load_now
from gan_core.devices import pick, threads
from gan_core.events import (
    Changed,
    Checkpoint,
    Command,
    Event,
    EventSource,
    Finished,
    Metrics,
    Pictures,
    Place,
    Publish,
    Refused,
    Samples,
    Save,
    Set,
    Started,
    Step,
    Weights,
)
from gan_core.images import to_bytes, to_pictures
from gan_core.meter import Meter
from gan_core.networks import NETWORKS
from gan_core.step import Player, new_state, update
from gan_core.streams import stream

METRICS_EVERY_S = 0.1
SAMPLES_EVERY_S = 0.5
FIRST_CHECKPOINT_S = 8.0
CHECKPOINT_EVERY_S = 30.0
DRAW_BATCH = 256
SHOWN = {"image": 64, "plane": 1024}
"""How many samples people are shown."""


def train(config: RunConfig, resume: Checkpoint | None = None, *, until_step: int = 0) -> EventSource:
    """Train until told to stop (`close()`), until `stop_after_epochs` or `until_step`; the same config gives the same weights.

    Yields `Preparing` while data have to be fetched, then `Started`, then `Metrics`, `Samples` and `Checkpoint` as they
    become due, and `Finished` last. A command given by `send()` is answered by the very next event.
    Raises FloatingPointError when a curve is no longer finite, ValueError for data that cannot be had.
    """
    data = yield from DATA[config.data].load(config.request)
    torch.set_num_threads(threads(config.threads))
    run = _Run(config, data, resume, until_step=until_step)
    for event in run.events():
        command = yield event
        while command is not None:
            command = yield run.answer(command)


class _Run:
    """A state, a clock and what is due: the part of the loop that is not the order of events."""

    def __init__(self, config: RunConfig, data: DataSet, resume: Checkpoint | None, *, until_step: int) -> None:
        self.data = data
        self.kind = DATA[config.data].kind
        self.state = new_state(config, Batches(data.train, config.seed, device=pick(config.device)))
        self.until_step = until_step
        self.elapsed_s = 0.0
        if resume is not None:
            restore(self.state, resume.tensors, resume.state)
            self.elapsed_s = resume.place.elapsed_s
        # The same z whatever the run does, so that one can watch one place of the latent space from first to last.
        seed, shown = config.seed, SHOWN[self.kind]
        self.shown_z = torch.randn(shown, config.latent_dim, generator=stream(seed, "shown z")).to(self.state.device)
        self.meter = Meter()
        self.epoch_shown = int(self.state.epoch)
        self.samples_due_s = self.elapsed_s + SAMPLES_EVERY_S
        self.checkpoint_due_s = self.elapsed_s + FIRST_CHECKPOINT_S

    @property
    def place(self) -> Place:
        return Place(self.state.step, self.state.epoch, self.state.images, self.elapsed_s)

    @property
    def ended(self) -> bool:
        """Whether the run has reached the end that was asked for."""
        return 0 < self.state.config.stop_after_epochs <= self.state.epoch or 0 < self.until_step <= self.state.step

    def events(self) -> Iterator[Event]:
        """All events in order, each made when it is asked for, so that single steps between two of them are in the later one."""
        began_at = self.state.step
        yield self.started()
        yield self.samples(epoch_ended=False)
        while not self.ended:
            yield self.chunk()
            if self.epoch_ended or self.elapsed_s >= self.samples_due_s:
                yield self.samples(epoch_ended=self.epoch_ended)
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

    def chunk(self) -> Metrics:
        """Steps for METRICS_EVERY_S, at least one, and none past an epoch's end."""
        state, began = self.state, time.perf_counter()
        epoch = int(state.epoch)
        self.play("both")
        while int(state.epoch) == epoch and not self.ended and time.perf_counter() - began < METRICS_EVERY_S:
            self.play("both")
        return self.metrics(began)

    def play(self, player: Player) -> None:
        self.meter.add(self.state.step + 1, update(self.state, player))

    def metrics(self, began: float) -> Metrics:
        steps, values = self.meter.steps, self.meter.read()  # reading waits for the device, so the clock is read after it
        self.elapsed_s += time.perf_counter() - began
        return Metrics(self.place, steps, values)

    def answer(self, command: Command) -> Event:
        match command:
            case Save():
                return self.checkpoint()
            case Publish():
                return Weights(self.place, copied(self.state.G.state_dict()), copied(self.state.G_ema.state_dict()))
            case Step(player):
                began = time.perf_counter()
                self.play(player)
                return self.metrics(began)
            case Set(name, value):
                return self.change(name, value)

    def change(self, name: str, value: object) -> Changed | Refused:
        if name not in LIVE:
            return Refused(self.place, name, f"{name} cannot be changed while a run goes on. What can is {', '.join(LIVE)}.")
        try:
            self.state.config = self.state.config.but(**{name: value})
        except ValueError as error:
            return Refused(self.place, name, str(error))
        return Changed(self.place, name, getattr(self.state.config, name))

    def started(self) -> Started:
        state = self.state
        index = torch.randperm(len(state.batches), generator=stream(0, "shown reals"))[: SHOWN[self.kind]]
        return Started(
            self.place,
            self.kind,
            device=state.device,
            threads=torch.get_num_threads(),
            train_size=len(state.batches),
            parameters_generator=_size(state.G),
            parameters_critic=_size(state.D),
            reals=self.pictures(self.data.train[index]),
        )

    def samples(self, *, epoch_ended: bool) -> Samples:
        began = time.perf_counter()
        living, averaged = self.pictures(draw(self.state.G, self.shown_z)), self.pictures(draw(self.state.G_ema, self.shown_z))
        self.elapsed_s += time.perf_counter() - began
        self.samples_due_s = self.elapsed_s + SAMPLES_EVERY_S
        self.epoch_shown = int(self.state.epoch)
        return Samples(self.place, living, averaged, epoch_ended)

    def pictures(self, samples: Tensor) -> Pictures:
        if self.kind == "plane":
            return _points(samples, self.data.scale)
        return to_pictures(samples if samples.dtype == torch.uint8 else to_bytes(samples))

    def checkpoint(self) -> Checkpoint:
        began = time.perf_counter()
        numbers = numbers_of(self.state)
        tensors = tensors_of(self.state)
        self.elapsed_s += time.perf_counter() - began
        self.checkpoint_due_s = self.elapsed_s + CHECKPOINT_EVERY_S
        return Checkpoint(self.place, tensors, numbers)


@torch.no_grad()
def draw(generator: nn.Module, z: Tensor) -> Tensor:
    """Samples of `generator` at z (n, latent_dim), for looking: in eval mode, so that BatchNorm's statistics stay as they are."""
    training = generator.training
    generator.eval()
    try:
        samples: Tensor = generator(z)
        return samples
    finally:
        generator.train(training)


def sample(config: RunConfig, tensors: Mapping[str, Tensor], *, prefix: str, count: int, seed: int) -> Pictures:
    """`count` samples of a stored generator as people see them; the same seed draws the same ones.

    `tensors` are a checkpoint's, `prefix` says whose weights: "average." or "generator.".
    """
    generator = NETWORKS[config.network].generator(
        config.shape, latent_dim=config.latent_dim, width=config.width, rng=stream(config.seed, "generator")
    )
    generator.load_state_dict({name.removeprefix(prefix): tensor for name, tensor in tensors.items() if name.startswith(prefix)})
    z = torch.randn(count, config.latent_dim, generator=stream(seed, "sample"))
    samples = torch.cat([draw(generator, part) for part in torch.split(z, DRAW_BATCH)])
    if DATA[config.data].kind == "plane":
        return _points(samples, load_now(config.data, config.request).scale)
    return to_pictures(to_bytes(samples))


def _points(samples: Tensor, scale: float) -> Pictures:
    """Points in the data's own units, from those of unit variance that networks see."""
    points: Pictures = (samples.float() * scale).cpu().numpy()
    return points


def _size(network: nn.Module) -> int:
    return sum(weight.numel() for weight in network.parameters())
