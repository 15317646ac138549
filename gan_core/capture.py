"""What capturing takes: a device that does it, one move as it was captured, and a state that is left as it was found."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from typing import Any, Protocol

import torch
from torch import Generator, Tensor

from gan_core.checkpoint import OPTIMISERS, PLAYERS, STREAMS, numbers_of, restore, tensors_of
from gan_core.state import GanState, new_state

_CAPTURING = threading.Lock()
"""One capture at a time in a process, as torch asks for."""

Replay = Callable[[], None]


class Device(Protocol):
    """What can write down what a piece of work does to its tensors, and do it again."""

    def playing(self) -> AbstractContextManager[None]:
        """While it is entered, work goes where captured work goes, after all that was begun before."""

    def capture(self, work: Callable[[], Any], draws: Iterable[Generator]) -> tuple[Replay, Any]:
        """What does the work again, and what the work hands back, whose tensors each replay writes anew. RuntimeError where it cannot."""


class Cuda:
    """The GPU: a stream for training alone, so that whoever looks, on whichever stream, is neither waited for nor captured."""

    def __init__(self) -> None:
        self._stream = torch.cuda.Stream()  # type: ignore[no-untyped-call]

    @contextmanager
    def playing(self) -> Iterator[None]:
        """Training's own stream; it waits for what was begun outside, and outside waits for it."""
        outside = torch.cuda.current_stream()
        self._stream.wait_stream(outside)
        try:
            with torch.cuda.stream(self._stream):
                yield
        finally:
            outside.wait_stream(self._stream)

    def capture(self, work: Callable[[], Any], draws: Iterable[Generator]) -> tuple[Replay, Any]:
        """A graph with memory of its own: what one leaves for another is overwritten by no third."""
        graph = torch.cuda.CUDAGraph()
        for rng in draws:
            graph.register_generator_state(rng)
        # Other threads may go on using the GPU meanwhile; "global" would break both the capture and what they do.
        with _CAPTURING, torch.cuda.graph(graph, stream=self._stream, capture_error_mode="thread_local"):
            made = work()
        return graph.replay, made


@dataclass
class Move:
    """One captured piece of a step."""

    work: Callable[[], Any]
    draws: dict[str, Generator] = field(default_factory=dict)
    """The streams it draws from."""
    replay: Replay | None = None
    made: Any = None

    def __call__(self) -> Any:
        """Make the move, by a replay if it was captured; what it makes."""
        if self.replay is None:
            self.made = self.work()
        else:
            self.replay()
        return self.made

    def warm_up(self, state: GanState) -> None:
        """Make it, and note what it draws from."""
        before = streams_of(state)
        self()
        self.draws |= {name: getattr(state, name) for name, stands in streams_of(state).items() if not torch.equal(stands, before[name])}


def twin_of(state: GanState) -> GanState:
    """Another run that stands where this one stands, on the same data."""
    twin = new_state(state.config, state.batches)
    restore(twin, tensors_of(state), numbers_of(state))
    return twin


def tensors_in(state: GanState) -> list[list[Tensor]]:
    """Every tensor a step writes, where it is: by player and by kind, in an order that is the same in a twin."""
    players, optimisers = ([getattr(state, name) for name in names.values()] for names in (PLAYERS, OPTIMISERS))
    groups = [list(kind) for player in players for kind in (player.parameters(), player.buffers())]
    for optimiser in optimisers:
        weights = optimiser.param_groups[0]["params"]
        groups += [[optimiser.state[weight][moment] for weight in weights] for moment in sorted(optimiser.state[weights[0]])]
    return [[tensor.detach() for tensor in group] for group in [*groups, list(state.spectral.values())] if group]


def overwrite(tensors: Iterable[Iterable[Tensor]], by: Iterable[Iterable[Tensor]]) -> None:
    """Let tensors be what others are, each at its own address."""
    for group, others in zip(tensors, by, strict=True):
        for tensor, other in zip(group, others, strict=True):
            tensor.copy_(other)


def copies(tensors: Iterable[Iterable[Tensor]]) -> list[list[Tensor]]:
    """The same, at addresses of their own."""
    return [[tensor.clone() for tensor in group] for group in tensors]


def apart(mine: list[Tensor], theirs: list[Tensor], before: list[Tensor]) -> float:
    """How far two runs are from each other in a group of tensors: as a share of the last step, or of a thousandth of the whole."""
    me, they, was = (torch.cat([tensor.flatten().double() for tensor in group]) for group in (mine, theirs, before))
    far, way = float((me - they).norm()), float((they - was).norm() + they.norm() / 1000)
    return far / way if way else far


@contextmanager
def as_it_was(state: GanState) -> Iterator[None]:
    """On the way out the state is what it was on the way in, every tensor at its own address."""
    tensors, step, images = tensors_in(state), state.step, state.images
    kept, streams = copies(tensors), streams_of(state)
    try:
        yield
    finally:
        overwrite(tensors, by=kept)
        for name, stands in streams.items():
            getattr(state, name).set_state(stands)
        state.step, state.images = step, images


def streams_of(state: GanState) -> dict[str, Tensor]:
    """Where each stream of random numbers stands. A graph's replay moves its generator on the host: nothing waits for the device."""
    return {name: getattr(state, name).get_state() for name in STREAMS.values()}
