"""RunConfig: all that decides what a run does. Frozen; valid, or not made; the same in JSON, in a link and on the command line.

Each field carries what the screen, the validator and the error text need (`Knob`), so that none of them can disagree.
"""

from __future__ import annotations

import dataclasses
import difflib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from gan_core.augment import AUGMENTS
from gan_core.data import DATA, Request
from gan_core.devices import DEVICES, PRECISIONS
from gan_core.games import GAMES
from gan_core.knobs import Knob, checked, near, text_of
from gan_core.knobs import setting as _knob
from gan_core.networks import NETWORKS, check_depth
from gan_core.networks.two_scales import check_scales
from gan_core.noise import NOISES
from gan_core.penalties import PENALTIES
from gan_core.sentences import Sentence


@dataclass(frozen=True)
class RunConfig:
    """The settings of one run; ValueError, with a sentence for the user, where they cannot work."""

    data: str = _knob("glyphs", "start", "What the generator learns to draw.", choices=tuple(DATA), fixed=True)
    game: str = _knob("relativistic", "start", "What each player is after: the pair of losses.", choices=tuple(GAMES), live=True)
    folder: str = _knob(
        "",
        "start",
        "For the data set folder: a directory of images, or a zip of them, on this machine; for points: a CSV file of two columns.",
        fixed=True,
    )
    image_size: int = _knob(
        32, "start", "For the data set folder: images are cropped and resized to this many pixels a side.", choices=("32", "64"), fixed=True
    )

    network: str = _knob("mlp", "players", "How both players are built.", choices=tuple(NETWORKS), fixed=True)
    conditional: str = _knob(
        "no",
        "players",
        "Whether both players are told the class: G draws what it is asked for, D judges whether it is that.",
        choices=("no", "yes"),
        fixed=True,
    )
    width: int = _knob(
        256, "players", "How wide the layers are; twice the width is about four times the work.", low=4, high=2048, fixed=True
    )
    depth: int = _knob(0, "players", "Hidden layers of each player; 0 takes the network's own number.", low=0, high=12, fixed=True)
    critic_width: int = _knob(0, "players", "How wide D's layers are; 0 makes them as wide as G's.", low=0, high=2048, fixed=True)
    critic_depth: int = _knob(0, "players", "Hidden layers of D; 0 gives it as many as G.", low=0, high=12, fixed=True)
    latent_dim: int = _knob(64, "players", "How many random numbers (z) the generator turns into one sample.", low=1, high=1024, fixed=True)
    noise: str = _knob(
        "gaussian", "players", "How z is drawn, with a standard deviation of 1 either way.", choices=tuple(NOISES), fixed=True
    )
    penalty: str = _knob("R1+R2", "players", "What keeps D smooth.", choices=tuple(PENALTIES), live=True)
    gamma: float = _knob(
        1.0,
        "players",
        "How strong a penalty on D's gradient is; the loss gets half of gamma times it. Papers that write lambda mean gamma / 2.",
        low=0,
        high=1e4,
        live=True,
    )
    penalty_every: int = _knob(
        1, "players", "Penalise D's gradient only in every so many steps, as many times as strongly; faster, and riskier.", low=1, high=64
    )
    clip: float = _knob(0.01, "players", "With clipping: how far from zero a weight of D may be.", low=1e-4, high=10, live=True)

    batch_size: int = _knob(64, "optimiser", "How many samples are looked at per update.", low=1, high=4096)
    lr_generator: float = _knob(1e-3, "optimiser", "Step size of the generator's optimiser (Adam).", low=0, high=1, live=True)
    lr_critic: float = _knob(1e-3, "optimiser", "Step size of the discriminator's optimiser (Adam).", low=0, high=1, live=True)
    beta1: float = _knob(0.0, "optimiser", "Adam's momentum; GANs oscillate with much of it.", low=0, high=0.999, live=True)
    beta2: float = _knob(0.99, "optimiser", "How long Adam remembers the size of past gradients.", low=0, high=0.9999)
    critic_steps: int = _knob(1, "optimiser", "Updates of the discriminator for each update of the generator.", low=1, high=20, live=True)

    label_smoothing: float = _knob(
        0.0, "tricks", "How far below 1 the label of reals is, in games that have labels; 0.1 keeps D humble.", low=0, high=0.5, live=True
    )
    instance_noise: float = _knob(
        0.0, "tricks", "Noise on all that D sees, reals and fakes: its size, where pictures go from -1 to 1.", low=0, high=10, live=True
    )
    augment: str = _knob(
        "none", "tricks", "How pictures are changed at random before D sees them, reals and fakes.", choices=tuple(AUGMENTS), live=True
    )
    augment_share: float = _knob(1.0, "tricks", "The share of pictures that are changed.", low=0, high=1, live=True)
    critic_dropout: float = _knob(
        0.0,
        "tricks",
        "The share of D's features that are forgotten at random at each look, so that it is never too sure; 0 takes the network's own.",
        low=0,
        high=0.9,
        live=True,
    )
    critic_scales: int = _knob(
        1,
        "tricks",
        "At how many sizes D sees a picture; with 2 a second, narrower D judges it at half its size, and their scores are added.",
        choices=("1", "2"),
        fixed=True,
    )

    burn_in_kimg: float = _knob(
        0.0,
        "schedule",
        "Thousands of images over which learning rates, gamma and the others below move to their end values; 0 keeps them.",
        low=0,
        high=1e6,
    )
    lr_end: float = _knob(1.0, "schedule", "Learning rates at the end of the burn-in, as a share of their start.", low=0, high=1)
    gamma_end: float = _knob(1.0, "schedule", "Gamma at the end of the burn-in, as a share of its start.", low=0, high=1)
    noise_end: float = _knob(0.0, "schedule", "Instance noise at the end of the burn-in, as a share of its start.", low=0, high=1)
    augment_begin: float = _knob(
        1.0, "schedule", "The share of changed pictures at the start of the burn-in, as a share of what it becomes.", low=0, high=1
    )
    beta2_begin: float = _knob(
        1.0,
        "schedule",
        "Length of beta 2's memory, 1 / (1 - beta 2), at the start of the burn-in, as a share of what it becomes.",
        low=0.001,
        high=1,
    )
    ema_begin: float = _knob(
        1.0, "schedule", "Half-life of the average at the start of the burn-in, as a share of what it becomes.", low=0, high=1
    )
    ema_halflife_kimg: float = _knob(10.0, "schedule", "Half-life, in thousands of images, of the averaged generator.", low=0, high=1e5)
    stop_after_epochs: int = _knob(
        0, "schedule", "Stop by itself after so many epochs; 0 goes on until you stop it.", low=0, high=1_000_000
    )

    seed: int = _knob(0, "run", "The same seed and settings give the same run.", low=0, high=2**31 - 1, fixed=True)
    device: str = _knob(
        "auto", "run", "Where it computes; auto takes CUDA, then Apple's GPU, then the processor.", choices=DEVICES, fixed=True
    )
    precision: str = _knob(
        "fp32", "run", "The numbers the networks multiply; bf16 is faster where the device has it, and coarser.", choices=PRECISIONS
    )
    threads: int = _knob(
        0, "run", "Processor threads; 0 leaves one core to the page, or takes all on the command line.", low=0, high=256, fixed=True
    )

    def __post_init__(self) -> None:
        for name, knob in KNOBS.items():
            object.__setattr__(self, name, checked(name, getattr(self, name), kind=TYPES[name], knob=knob))
        DATA[self.data].check(self.folder, told=self.told)
        NETWORKS[self.network].check(self.shape)
        check_depth(self.network, depth=self.depth, critic_depth=self.critic_depth)
        check_scales(self.shape, self.critic_scales)
        check_together(self)

    @property
    def told(self) -> bool:
        """Whether the players are told the class."""
        return self.conditional == "yes"

    @property
    def size_generator(self) -> dict[str, int]:
        """Width and depth as the generator is made with; a depth of 0 is the network's own."""
        return {"width": self.width, "depth": self.depth}

    @property
    def size_critic(self) -> dict[str, int]:
        """The critic's, which are the generator's where nothing else is set."""
        return {"width": self.critic_width or self.width, "depth": self.critic_depth or self.depth, "scales": self.critic_scales}

    @cached_property
    def request(self) -> Request:
        """Which data are meant, as gan_core.data asks for it."""
        return Request(folder=self.folder, size=self.image_size)

    @cached_property
    def shape(self) -> tuple[int, ...]:
        """Shape of one sample: (channels, height, width), or (2,) for planes."""
        return DATA[self.data].shape(self.request)

    def but(self, **changes: Any) -> RunConfig:
        """The same settings with some changed; ValueError for a name that is none."""
        _known(changes)
        return dataclasses.replace(self, **changes)

    def to_dict(self) -> dict[str, Any]:
        """Plain values by field name, in the fields' order; `RunConfig.from_dict` undoes it."""
        return {name: getattr(self, name) for name in KNOBS}

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> RunConfig:
        """Settings from plain values (JSON, TOML) or from their texts (a link, the command line); what is missing has its default."""
        return cls().but(**values)

    def differences(self, other: RunConfig) -> dict[str, str]:
        """Fields that differ from `other`, as texts for a link: `other.but(**texts)` gives this config back."""
        return {name: text_of(getattr(self, name)) for name in KNOBS if getattr(self, name) != getattr(other, name)}


KNOBS: dict[str, Knob] = {field.name: field.metadata["knob"] for field in dataclasses.fields(RunConfig)}
TYPES: dict[str, type] = {field.name: type(field.default) for field in dataclasses.fields(RunConfig)}
LIVE: tuple[str, ...] = tuple(name for name, knob in KNOBS.items() if knob.live)


def check_together(config: RunConfig) -> None:
    """ValueError, with a sentence for the user, where settings that are good by themselves do not go together."""
    network = NETWORKS[config.network]
    if config.batch_size == 1 and (network.batch_norm or network.critic_batch_norm):
        raise ValueError(
            Sentence("batch_size is 1, and the network {network} has BatchNorm, which needs at least 2.", network=config.network)
        )
    if PENALTIES[config.penalty].on_gradient and network.critic_batch_norm:
        others = ", ".join(name for name, penalty in PENALTIES.items() if not penalty.on_gradient)
        raise ValueError(
            Sentence(
                "penalty is {penalty}, and D of the network {network} has BatchNorm: a verdict depends on the whole batch, so no sample "
                "has a gradient of its own to penalise. Take the penalty {others}, or another network.",
                penalty=config.penalty,
                network=config.network,
                others=others,
            )
        )
    if config.label_smoothing and GAMES[config.game].smoothed is None:
        others = ", ".join(name for name, game in GAMES.items() if game.smoothed)
        raise ValueError(
            Sentence(
                "label_smoothing is {value}, and the game {game} has no labels to smooth. Set it to 0, or take the game {others}.",
                value=config.label_smoothing,
                game=config.game,
                others=others,
            )
        )
    if config.augment != "none" and DATA[config.data].kind == "plane":
        raise ValueError(
            Sentence(
                "augment is {augment}, and the data {data} are points in a plane: only pictures can be changed that way. Set it to none.",
                augment=config.augment,
                data=config.data,
            )
        )


def _known(names: Mapping[str, Any]) -> None:
    for name in names:
        if name not in KNOBS:
            close = difflib.get_close_matches(name, KNOBS, n=1)
            hint = near(close[0]) if close else Sentence("The settings are {names}.", names=", ".join(KNOBS))
            raise ValueError(Sentence("{name} is no setting. {hint}", name=name, hint=hint))
