"""One run in several processes, on one machine or on many: each plays an equal part of every batch (docs/decisions/parallel.md).

    torchrun --nproc-per-node=2 -m gan_core train --seconds 60

Process 0 leads: it alone asks, prints, keeps the run and says before each step whether there is one. The others follow. All begin with
the same weights and move them by the same gradients, the means over all parts, so no weights are ever sent.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import timedelta
from functools import partial
from typing import Any, get_args

import torch
import torch.distributed as dist
from torch import Tensor
from torch.overrides import TorchFunctionMode

from gan_core.batches import Batches
from gan_core.config import RunConfig
from gan_core.crew import Crew, Parted, config_from, parting, text_of
from gan_core.data import DataSet, load_now
from gan_core.devices import at_hand, cores, pick
from gan_core.events import Checkpoint, EventSource, Player
from gan_core.graphs import Eager, RunHands
from gan_core.loop import Run, train
from gan_core.networks.whole_norm import share_norms
from gan_core.sentences import Sentence
from gan_core.state import GanState
from gan_core.step import update

PLAYERS: tuple[Player, ...] = get_args(Player)
OVER, BROKEN, NEWS = -1, -2, -3
"""What the leader says instead of a player's number: the end, the end after a failure, or that new settings follow."""
PATIENCE = timedelta(minutes=10)
"""How long a process waits for the others: for the slowest step, or for the leader to fetch the data."""
DRAWS = (torch.rand, torch.randn, torch.randint)


def processes() -> int:
    """How many processes this run is shared by, as torchrun says it; 1 without torchrun."""
    return int(os.environ.get("WORLD_SIZE", "1"))


def follows() -> bool:
    """Whether this process plays its part for another one that leads."""
    return processes() > 1 and int(os.environ.get("RANK", "0")) > 0


def check(config: RunConfig) -> None:
    """ValueError, with a sentence for the user, where a run cannot be shared by so many processes."""
    count, here = processes(), int(os.environ.get("LOCAL_WORLD_SIZE", "1"))
    if config.batch_size % count:
        fewer = config.batch_size - config.batch_size % count
        fits = " or ".join(str(size) for size in (fewer, fewer + count) if size)
        raise ValueError(f"batch_size is {config.batch_size}, and {count} processes cannot have equal parts of it. Set it to {fits}.")
    if config.device == "mps":
        raise ValueError("device is mps, and processes can share a run on cuda or on cpu.")
    if _device(config) == "cuda" and here > torch.cuda.device_count():
        raise ValueError(
            f"There are {here} processes on this machine and {torch.cuda.device_count()} GPUs, and each process needs one of its own. "
            "Ask for fewer with --nproc-per-node, or set device=cpu."
        )


def lead(config: RunConfig, resume: Checkpoint | None = None, *, until_step: int = 0) -> EventSource:
    """The events of a run whose steps are shared with the other processes; commands as to `train`.

    Raises as `train` does, and Parted where another process is gone. However it ends, the others are told.
    """
    with _met(config) as crew:
        word = BROKEN
        try:
            crew.brief(config.but(device=_device(config)), resume)
            yield from train(_here(config), resume, until_step=until_step, make=partial(SharedRun, crew=crew))
            word = OVER
        except GeneratorExit:
            word = OVER
            raise
        finally:
            with suppress(Parted):  # who is gone needs no word
                crew.say(word)


def follow() -> int:
    """Play this process's part of the run until the leader says it is over; the exit code. Says nothing but what is wrong with itself."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches all; the leader saves, and says when it is over
    with suppress(Parted), _met(RunConfig()) as crew:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        config, resume = crew.briefed()
        try:
            config = _here(config)
            data = load_now(config.data, config.request)
            torch.get_num_threads()
            torch.set_num_threads(config.threads)
            return SharedRun(config, data, resume, until_step=0, crew=crew).obey()
        except ValueError as error:
            sys.stderr.write(f"Process {crew.rank + 1} of {crew.count}: {error}\n")
            return 2
    return 1


class SharedRun(Run):
    """A run of which this process plays its part of every batch. The leader goes through its events, a follower obeys."""

    def __init__(self, config: RunConfig, data: DataSet, resume: Checkpoint | None, *, until_step: int, crew: Crew) -> None:
        super().__init__(config, data, resume, until_step=until_step)
        self.crew, self.known = crew, self.state.config
        self.draws = join(self.state, crew)

    def hands_of(self, state: GanState) -> RunHands:
        """Eager ones: a graph cannot wait for other processes."""
        return Eager(Sentence("several processes share the run")) if state.device == "cuda" else RunHands()

    def play(self, player: Player) -> None:
        """A step of all processes, by the leader's word."""
        if self.state.config is not self.known:
            self.known = self.state.config
            self.crew.say(NEWS)
            self.crew.send(text_of(self.known))
        self.crew.say(PLAYERS.index(player))
        with self.draws:
            self.meter.add(self.state.step + 1, update(self.state, player))

    def obey(self) -> int:
        """Do what the leader says until it says that it is over; the exit code."""
        while (word := self.crew.heard()) not in (OVER, BROKEN):
            if word == NEWS:
                self.state.config = config_from(self.crew.received())
            else:
                with self.draws:
                    update(self.state, PLAYERS[word])
        return 0 if word == OVER else 1


def join(state: GanState, crew: Crew) -> WholeDraws:
    """Let a state play its part of each batch from now on, and return what its updates have to be made under."""
    state.batches = PartBatches(state.batches, crew)
    for player in (state.G, state.D):
        share_norms(player, rank=crew.rank, count=crew.count, add=crew.add)
    # z is drawn whole as it is, and parted afterwards.
    streams = {name: value for name, value in vars(state).items() if isinstance(value, torch.Generator) and name != "z_stream"}
    return WholeDraws(crew, tuple(streams.values()), here=state.config.batch_size // crew.count)


class PartBatches(Batches):
    """Batches of which this process has its part: equal parts, in the order of the processes."""

    def __init__(self, whole: Batches, crew: Crew) -> None:
        vars(self).update(vars(whole))
        self._crew = crew

    def part(self, whole: Tensor) -> Tensor:
        """This process's rows."""
        return whole.chunk(self._crew.count)[self._crew.rank]

    def joined(self, gradients: tuple[Tensor, ...], curves: dict[str, Tensor]) -> tuple[Tensor, ...]:
        """The means over all processes."""
        return self._crew.mean(gradients, curves)

    def of_same_class(self, labels: Tensor | None, count: int, *, rng: torch.Generator) -> Tensor:
        """This process's part of `count` samples, each of its label's class where there are labels."""
        return super().of_same_class(labels, count // self._crew.count, rng=rng)

    def numbers(self, position: int, count: int) -> Tensor:
        """This process's part of them."""
        return self.part(super().numbers(position, count))


class WholeDraws(TorchFunctionMode):
    """While it is entered, what a run draws from these streams is drawn for whole batches, and the rows of this process are kept.

    So the numbers are those of a run in one process, and the streams stand alike everywhere. Rows come as one part, or as several
    (reals, and then fakes).
    """

    def __init__(self, crew: Crew, streams: tuple[torch.Generator, ...], *, here: int) -> None:
        super().__init__()
        self.crew, self.streams, self.here = crew, {id(stream) for stream in streams}, here

    def __torch_function__(self, func: Any, types: Any, args: Sequence[Any] = (), kwargs: dict[str, Any] | None = None) -> Any:
        kwargs = kwargs or {}
        if func not in DRAWS or id(kwargs.get("generator")) not in self.streams:
            return func(*args, **kwargs)
        sized = isinstance(args[-1], Sequence)
        before: Sequence[Any] = args[:-1] if sized else ()
        (rows, *rest), count, here = args[-1] if sized else args, self.crew.count, self.here
        whole = func(*before, (rows * count, *rest), **kwargs)
        return whole.unflatten(0, (rows // here, count, here))[:, self.crew.rank].flatten(0, 1)


@contextmanager
def _met(config: RunConfig) -> Iterator[Crew]:
    """The processes of this run, once all are there; on the way out they part."""
    if torch.cuda.is_available() and config.device != "cpu":
        torch.cuda.set_device(int(os.environ.get("LOCAL_RANK", "0")) % torch.cuda.device_count())
    with parting():
        dist.init_process_group("cpu:gloo,cuda:nccl" if torch.cuda.is_available() else "gloo", timeout=PATIENCE)
    try:
        yield Crew(dist.get_rank(), dist.get_world_size())
    finally:
        dist.destroy_process_group()


def _device(config: RunConfig) -> str:
    """Where all processes compute: all in the same kind of place."""
    return pick(config.device) if config.device != "auto" else "cuda" if at_hand("cuda") else "cpu"


def _here(config: RunConfig) -> RunConfig:
    """The settings for this process: the cores of its machine are shared as well."""
    here = int(os.environ.get("LOCAL_WORLD_SIZE", "1"))
    return config.but(device=_device(config), threads=config.threads or max(1, cores() // here))
