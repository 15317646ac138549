"""The processes that share a run: what they add up, and what the leader tells the others."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterator
from contextlib import contextmanager

import torch
import torch.distributed as dist
from safetensors.torch import load, save
from torch import Tensor

from gan_core.config import RunConfig
from gan_core.events import Checkpoint, Place
from gan_core.sentences import Sentence


class Parted(RuntimeError):
    """Another process of the run is gone."""


@dataclasses.dataclass(frozen=True)
class Crew:
    """The processes that share a run, as one of them knows them: who it is, and what it can say to the others and hear."""

    rank: int
    count: int

    def mean(self, gradients: tuple[Tensor, ...], curves: dict[str, Tensor]) -> tuple[Tensor, ...]:
        """The gradients' means over all processes; the curves become theirs in place. One message for all of it."""
        flat = torch.cat([*(gradient.flatten() for gradient in gradients), torch.stack(list(curves.values()))])
        self.add(flat).div_(self.count)
        *parts, means = torch.split(flat, [*(gradient.numel() for gradient in gradients), len(curves)])
        curves.update(zip(curves, means.unbind(), strict=True))
        return tuple(part.view(gradient.shape) for part, gradient in zip(parts, gradients, strict=True))

    def add(self, mine: Tensor) -> Tensor:
        """`mine`, having become the sum over all processes."""
        with parting():
            dist.all_reduce(mine)
        return mine

    def say(self, word: int) -> None:
        """Tell the followers a word."""
        self._spread(torch.tensor(word))

    def heard(self) -> int:
        """The leader's next word."""
        return int(self._spread(torch.tensor(0)))

    def send(self, data: bytes) -> None:
        """Tell the followers something of any length; what they have as `received`."""
        self.say(len(data))
        self._spread(torch.frombuffer(bytearray(data), dtype=torch.uint8))

    def received(self) -> bytes:
        """What the leader sent."""
        return bytes(self._spread(torch.empty(self.heard(), dtype=torch.uint8)).numpy())

    def brief(self, config: RunConfig, resume: Checkpoint | None) -> None:
        """Tell the followers which run it is and where it begins, so that they need none of the leader's files but the data."""
        place = dataclasses.asdict(resume.place) if resume else None
        self.send(text_of(config))
        self.send(json.dumps({"place": place, "numbers": dict(resume.state) if resume else {}}).encode())
        self.send(save(dict(resume.tensors) if resume else {}))

    def briefed(self) -> tuple[RunConfig, Checkpoint | None]:
        """What the leader told of the run."""
        config, facts, tensors = config_from(self.received()), json.loads(self.received()), load(self.received())
        return config, Checkpoint(Place(**facts["place"]), tensors, facts["numbers"]) if facts["place"] else None

    def _spread(self, tensor: Tensor) -> Tensor:
        with parting():
            dist.broadcast(tensor, src=0)
        return tensor


@contextmanager
def parting() -> Iterator[None]:
    """What torch says of a lost connection, as one sentence."""
    try:
        yield
    except RuntimeError as error:
        raise Parted(
            Sentence("Another process of this run has ended, and so has the run. It can go on from a checkpoint, if it has one.")
        ) from error


def text_of(config: RunConfig) -> bytes:
    """Settings as they are sent; `config_from` undoes it."""
    return json.dumps(config.to_dict()).encode()


def config_from(text: bytes) -> RunConfig:
    """Settings that were sent."""
    return RunConfig.from_dict(json.loads(text))
