"""A device that captures as CUDA does, on a processor: operation by operation, with the tensors at their places and numbers as they were.

What CUDA forbids or forgets is forbidden and forgotten here, too. A plain number stays what it was when it was captured. Reading a
value back from a tensor, or making one of host memory, is an error. What nobody holds once the capture is over is garbage in every
replay but the one that makes it. A stream that was not registered cannot be drawn from; one that was draws on, replay by replay.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Generator, Tensor
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves, tree_map_only

FORBIDDEN = {"aten::_local_scalar_dense", "aten::lift_fresh", "aten::nonzero", "aten::is_nonzero", "aten::bincount", "aten::item"}
"""What waits for the device, or copies from the host's pageable memory."""
VIEWS = {"aten::_unsafe_view", "aten::detach", "aten::alias"}
"""What shares its input's memory without saying so in its schema, or only a new name for it."""


class Refused(RuntimeError):
    """What CUDA would not capture."""


@dataclass
class Call:
    """One operation as it was called."""

    func: Any
    args: tuple[Any, ...]
    kwargs: dict[str, Any]
    made: list[Tensor]
    """Its results, where they are tensors of their own and no views."""

    def again(self) -> None:
        """Do it anew, into the same results."""
        fresh = [x for x in tree_leaves(self.func(*self.args, **self.kwargs)) if isinstance(x, Tensor)]
        for old, new in zip(self.made, fresh, strict=bool(self.made)):
            old.copy_(new)


@dataclass
class Tape:
    """What was captured."""

    calls: list[Call] = field(default_factory=list)
    loose: list[Tensor] = field(default_factory=list)
    """Results that nobody but the tape holds any more: their memory may be anybody's between two replays."""
    replays: int = 0

    def forget(self) -> None:
        """Let the loose results be garbage."""
        for tensor in self.loose:
            tensor.fill_(float("nan") if tensor.is_floating_point() else 77)


class Capture(TorchDispatchMode):
    """Writes down every operation while it is entered, and does none that CUDA would not capture."""

    def __init__(self, draws: Iterable[Generator]) -> None:
        super().__init__()
        self.tape, self.draws = Tape(), {rng._cdata for rng in draws}
        self.names: dict[int, list[Tensor]] = {}
        """Address of a memory -> the tape's own tensors on it, which keep it from being given away."""
        self.found: dict[int, tuple[Tensor, Tensor]] = {}
        """Address of a memory that was there before -> one on all of it, and what was in it."""
        self.own: dict[int, Tensor] = {}

    def __torch_dispatch__(self, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: dict[str, Any] | None = None) -> Any:
        kwargs = kwargs or {}
        name = func._schema.name
        if name.startswith("profiler::"):
            return func(*args, **kwargs)
        if name in FORBIDDEN:
            raise Refused(f"operation not permitted when stream is capturing: {name}")
        rng = kwargs.get("generator")
        if torch.Tag.nondeterministic_seeded in func.tags and (rng is None or rng._cdata not in self.draws):
            raise Refused(f"{name} draws from a generator that is not registered")
        args_kept, kwargs_kept = tree_map_only(Tensor, self.kept, (args, kwargs))
        made = func(*args, **kwargs)
        writes = any(argument.alias_info is not None and argument.alias_info.is_write for argument in func._schema.arguments)
        shares = name in VIEWS or any(result.alias_info is not None for result in func._schema.returns)
        results = [] if writes or shares else [self.made(x) for x in tree_leaves(made) if isinstance(x, Tensor)]
        if writes or not shares:
            self.tape.calls.append(Call(func, args_kept, kwargs_kept, results))
        return made

    def kept(self, tensor: Tensor) -> Tensor:
        """The tape's own tensor on the same memory; what was there before the capture is noted when it is first met."""
        at = tensor.untyped_storage().data_ptr()
        if at not in self.own and at not in self.found:
            whole = torch.empty(0, dtype=torch.uint8).set_(tensor.untyped_storage())
            self.found[at] = (whole, whole.clone())
        self.names.setdefault(at, []).append(tensor.data)
        return self.names[at][-1]

    def made(self, tensor: Tensor) -> Tensor:
        """The tape's own tensor on what an operation has just made."""
        at = tensor.untyped_storage().data_ptr()
        own = tensor.data
        self.own.setdefault(at, own)
        self.names.setdefault(at, []).append(own)
        return own

    def end(self) -> Tape:
        """The tape; everything that was there before is as it was, for a capture runs nothing."""
        for whole, was in self.found.values():
            whole.copy_(was)
        for at, own in self.own.items():
            storage = own.untyped_storage()
            if torch._C._storage_Use_Count(storage._cdata) == len(self.names[at]) + 1:
                self.tape.loose.append(own)
        return self.tape


class TapeDevice:
    """Captures on a processor, and replays: a stand-in for `capture.Cuda`."""

    def __init__(self, *, refuse: str = "", spoil: Callable[[Tape], None] | None = None, garbage: bool = True) -> None:
        self.tapes: list[Tape] = []
        self.refuse, self.spoil, self.garbage = refuse, spoil, garbage
        self.inside = 0

    @contextlib.contextmanager
    def playing(self) -> Iterator[None]:
        self.inside += 1
        yield
        self.inside -= 1

    def capture(self, work: Callable[[], Any], draws: Iterable[Generator]) -> tuple[Callable[[], None], Any]:
        assert self.inside, "captured outside of training's own stream"
        if self.refuse:
            raise Refused(self.refuse)
        draws = list(draws)
        streams = [rng.get_state() for rng in draws]
        capture = Capture(draws)
        try:
            with capture:
                made = work()
        finally:  # a capture runs nothing: what was drawn is drawn by the first replay
            tape = capture.end()
            for rng, stood in zip(draws, streams, strict=True):
                rng.set_state(stood)
        if self.spoil:
            self.spoil(tape)
        self.tapes.append(tape)
        return lambda: self.replay(tape), made

    @torch.no_grad()
    def replay(self, tape: Tape) -> None:
        assert self.inside, "replayed outside of training's own stream"
        if self.garbage:
            for other in self.tapes:
                if other is not tape:
                    other.forget()
        tape.replays += 1
        for call in tape.calls:
            call.again()
