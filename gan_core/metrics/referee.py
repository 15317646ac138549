"""The network whose features the figures are made of: a small classifier of ours per data set, or one that has learned nothing.

Inception, which FID and KID stand on, was made for photos of 299 pixels, has to be downloaded, and says little of digits. A classifier
trained on the data set itself knows what matters in it. Its figures are called by its name, and compared among its own only.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor, nn

from gan_core.data import DATA, DataSet
from gan_core.data.base import data_root
from gan_core.files import write_whole
from gan_core.images import to_network
from gan_core.networks.layers import he_weights
from gan_core.streams import stream

OWN, RANDOM = "own CNN", "random CNN"
CHANNELS = (32, 64, 128)
BATCH = 128
EPOCHS, LEAST_STEPS = 3, 600
"""How long it learns: so many passes, and so many steps where the data are few."""
LEARNING_RATE = 2e-3
LOOK_BATCH = 250
SHIPPED = Path(__file__).parent / "weights"

Progress = Callable[[int, int], None]
"""Told how much is done, and of how much; may raise whatever ends the work."""


class FeatureNet(nn.Module):
    """Images (n, channels, height, width) in [-1, 1] -> logits (n, classes); `features` are the 128 numbers before the last layer."""

    def __init__(self, channels: int, classes: int) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        for wide in CHANNELS:
            layers += [nn.Conv2d(channels, wide, 3, padding=1, bias=False), nn.BatchNorm2d(wide), nn.ReLU(), nn.MaxPool2d(2)]
            channels = wide
        self.body = nn.Sequential(*layers)
        self.head = nn.Linear(channels, classes)

    def features(self, images: Tensor) -> Tensor:
        """float32 (n, 128): how much of each of its patterns there is in an image, on average over its places."""
        seen: Tensor = self.body(images)
        return seen.mean((2, 3))

    def forward(self, images: Tensor) -> Tensor:
        logits: Tensor = self.head(self.features(images))
        return logits


@dataclass(frozen=True)
class Referee:
    """A network that judges images, and how well it knows them."""

    name: str
    """OWN or RANDOM."""
    network: FeatureNet
    classes: tuple[str, ...] = ()
    """Empty for one that has learned none."""
    accuracy: float | None = None
    """Share of held-out images it is right about."""

    @torch.no_grad()
    def look(self, images: Tensor, done: Callable[[], object] = lambda: None) -> tuple[Tensor, Tensor | None]:
        """Features (n, 128) of uint8 images, and what it takes them for: chances (n, classes) if it has learned any."""
        features = []
        for part in torch.split(images, LOOK_BATCH):
            features.append(self.network.features(to_network(part).contiguous(memory_format=torch.channels_last)))
            done()
        together = torch.cat(features)
        return together, self.network.head(together).softmax(1) if self.classes else None

    def kinds(self, images: Tensor) -> Tensor:
        """The class (n,) that each of some uint8 images is taken for; of one that has learned classes."""
        _, chances = self.look(images)
        assert chances is not None
        return chances.argmax(1)


def _fresh(channels: int, classes: int) -> FeatureNet:
    """The same weights at every call."""
    with torch.random.fork_rng(devices=[]):  # torch's layers draw from the process's generator before we draw theirs
        network = FeatureNet(channels, classes)
    he_weights(network, stream(0, "referee"), gain=2**0.5)
    network.to(memory_format=torch.channels_last)
    return network


def untrained(data: DataSet) -> Referee:
    """One that has learned nothing, the same for every data set of these channels: random patterns still tell much apart."""
    network = _fresh(data.train.shape[1], 1)
    network.requires_grad_(False).eval()
    return Referee(RANDOM, network)


def needs_training(name: str, data: DataSet) -> bool:
    """Whether an own CNN can be made of this data set, and is neither shipped nor kept."""
    return data.train_labels is not None and _kept(name, data) is None


def at_hand(name: str, data: DataSet) -> Referee:
    """The best referee that need not be made first: the data set's own CNN, else the random one."""
    return _kept(name, data) or untrained(data)


def training_steps(data: DataSet) -> int:
    """How many steps `trained` takes."""
    return max(LEAST_STEPS, EPOCHS * len(data.train) // BATCH)


def trained(data: DataSet, done: Callable[[], object] = lambda: None, *, seed: int = 0) -> Referee:
    """A classifier that learned the train split; `done` is called after each step."""
    assert data.train_labels is not None and data.heldout_labels is not None
    network, steps = _fresh(data.train.shape[1], len(data.classes)), training_steps(data)
    optimiser = torch.optim.Adam(network.parameters(), lr=LEARNING_RATE)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, LEARNING_RATE, total_steps=steps)
    rng = stream(seed, "referee's batches")
    for _ in range(steps):
        chosen = torch.randint(len(data.train), (BATCH,), generator=rng)
        images = to_network(data.train[chosen]).contiguous(memory_format=torch.channels_last)
        loss = nn.functional.cross_entropy(network(images), data.train_labels[chosen])
        optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimiser.step()
        schedule.step()
        done()
    referee = Referee(OWN, _rounded(network), data.classes)
    _, chances = referee.look(data.heldout)
    assert chances is not None
    return replace(referee, accuracy=float((chances.argmax(1) == data.heldout_labels).double().mean()))


def _rounded(network: FeatureNet) -> FeatureNet:
    """The network with weights that half precision can hold: kept and read again, it is the same."""
    for tensor in network.state_dict().values():
        if tensor.is_floating_point():
            tensor.copy_(tensor.half())
    network.requires_grad_(False).eval()
    return network


def keep(referee: Referee, name: str, data: DataSet) -> Path:
    """Write a trained referee where `at_hand` finds it again."""
    path = _place(name, data)
    path.parent.mkdir(parents=True, exist_ok=True)
    write_weights(referee, path)
    return path


def write_weights(referee: Referee, path: Path) -> None:
    """The referee's weights in half precision, what it knows of itself in the header."""
    tensors = {name: tensor.half() if tensor.is_floating_point() else tensor for name, tensor in referee.network.state_dict().items()}
    facts = {"accuracy": f"{referee.accuracy:.6f}", "classes": "\n".join(referee.classes)}
    write_whole(path, lambda temporary: save_file({name: tensor.contiguous() for name, tensor in tensors.items()}, temporary, facts))


def _kept(name: str, data: DataSet) -> Referee | None:
    """The data set's own CNN, if it is shipped or was made before; None where neither, or where the file is damaged."""
    for path in (SHIPPED / f"{name}.safetensors", _place(name, data)):
        try:
            return _read(path, path.stat().st_mtime_ns)
        except (OSError, SafetensorError, KeyError, IndexError, ValueError, RuntimeError):
            continue
    return None


@lru_cache(maxsize=8)
def _read(path: Path, version: int) -> Referee:
    with safe_open(path, framework="pt") as file:
        facts = file.metadata()
        tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 - not a dict
    classes = tuple(facts["classes"].split("\n"))
    network = _fresh(tensors["body.0.weight"].shape[1], len(classes))
    network.load_state_dict(tensors)
    network.requires_grad_(False).eval()
    return Referee(OWN, network, classes, float(facts["accuracy"]))


def _place(name: str, data: DataSet) -> Path:
    """Where the referee of just these images is kept: a folder's may change under its name."""
    mark = zlib.crc32(data.train[:: max(1, len(data.train) // 500)].numpy().tobytes())
    return data_root() / "referees" / f"{name}-{len(data.train)}-{mark:08x}.safetensors"


def ships(name: str) -> bool:
    """Whether the data set's own CNN comes with the program."""
    return name in DATA and (SHIPPED / f"{name}.safetensors").is_file()
