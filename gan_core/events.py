"""What a run says about itself, and what it can be told: frozen records, safe to hand to another thread.

`loop.train` yields events and takes commands by `send()`; every command is answered by the next event.
Arrays inside an event belong to whoever receives it: the loop keeps no reference and never writes to them again.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

Pictures = NDArray[Any]
"""uint8 (n, height, width, channels) for images; float32 (n, 2), in the data's own units, for planes."""
Player = Literal["both", "critic", "generator"]
WhichHalf = Literal[0, 1, 2]


@dataclass(frozen=True, slots=True)
class Preparing:
    """Something has to be fetched or made before training can start."""

    what: str
    """What is on its way, for instance a file name."""
    done: int
    total: int
    """Both in `unit`; a total of 0 means that nobody knows it."""
    unit: Literal["bytes", "images"] = "bytes"


@dataclass(frozen=True, slots=True)
class Place:
    """Where a run stands."""

    step: int
    """Finished steps; a step is `critic_steps` critic updates and one generator update."""
    epoch: float
    """Passes over the train split; 2.25 is a quarter into the third."""
    images: int
    """Real images the critic has been shown."""
    elapsed_s: float
    """Seconds of training, pauses left out."""


@dataclass(frozen=True, slots=True)
class Started:
    """The first event of a run that has its data: what is going to train, on what."""

    place: Place
    kind: Literal["image", "plane"]
    device: str
    threads: int
    train_size: int
    parameters_generator: int
    parameters_critic: int
    reals: Pictures
    """64 images, or 1,024 points, of the train split: the same in every run on this data."""
    z: NDArray[np.float32] = field(default_factory=lambda: np.zeros((0, 0), np.float32))
    """The fixed z (n, latent_dim) that samples are drawn from: the same in every run with that latent_dim."""
    knobs: Mapping[str, Any] = field(default_factory=dict)
    """The live knobs as they stand: the settings', or those a checkpoint was left with."""
    classes: tuple[str, ...] = ()
    """Names of the data's classes, where the players are told them."""
    labels: tuple[int, ...] = ()
    """The class that each sample is asked to be of: the same at every step."""
    reals_labels: tuple[int, ...] = ()
    """The class of each of the reals; none where the players are told none, or an older GANscope did not write it down."""


@dataclass(frozen=True, slots=True)
class Metrics:
    """Means over the `steps` steps since the last one."""

    place: Place
    steps: int
    values: Mapping[str, float]
    """Curve name (`group/name`) -> mean."""
    player: Player = "both"
    """Who moved: one alone only in a step that was asked for."""
    moved: Mapping[str, float] = field(default_factory=dict)
    """In a step that was asked for: player -> length of its move, as a share of its weights' length."""
    half: WhichHalf = 0
    """1: the critic has moved in a step whose generator has yet to (`steps` is 0); 2: it has now, and the values are the whole step's."""
    way: str = ""
    """How the steps were played, where there is more than one way: on a GPU."""

    def whole(self) -> Metrics:
        """The step that a second half ended, as if it had been played at once."""
        return replace(self, player="both", moved={}, half=0)


@dataclass(frozen=True, slots=True)
class Samples:
    """What the generator draws from the fixed z, with its living and with its averaged weights."""

    place: Place
    living: Pictures
    averaged: Pictures
    epoch_ended: bool
    verdict_living: tuple[float, ...] = ()
    """D's verdict on each living image, on the game's axis; none for planes.

    A margin says by how much the shown reals lead on average: those of its class, where it was asked to be of one.
    """
    verdict_averaged: tuple[float, ...] = ()
    label: int = -1
    """The class of all of them; -1 for samples of the classes that `Started` says."""
    only: Samples | None = None
    """The same z, all in the one class that somebody asked to see (`Show`)."""
    variety: float | None = None
    """How different the living images are from each other, as a share of how different reals are; None where nobody measured."""


@dataclass(frozen=True, slots=True)
class Weights:
    """Both generators' and D's weights as CPU copies, for looking only."""

    place: Place
    living: Mapping[str, Any]
    averaged: Mapping[str, Any]
    critic: Mapping[str, Any] = field(default_factory=dict)
    asked: bool = False
    """Whether they answer `Publish`: such are for whoever looks now, and no record keeps them."""
    half: WhichHalf = 0
    """1 in the middle of a step: the critic has moved, and the generator has yet to."""


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """All that a run needs to go on as if nothing had happened."""

    place: Place
    tensors: Mapping[str, Any]
    """Flat names -> detached CPU tensors: networks, average, optimisers, random generators, order of the epoch."""
    state: Mapping[str, Any]
    """Plain numbers and strings: counters and live knobs."""
    then: tuple[tuple[int, Command], ...] = ()
    """Commands the run was given after it, each with the finished steps it was given at: whoever goes on from here gives them again."""


@dataclass(frozen=True, slots=True)
class Changed:
    """A knob was turned while the run was going."""

    place: Place
    name: str
    value: Any


@dataclass(frozen=True, slots=True)
class Refused:
    """A knob was not turned, and why."""

    place: Place
    name: str
    message: str


@dataclass(frozen=True, slots=True)
class Paced:
    """From now on the run goes by halves of a step, or as fast as it can."""

    place: Place
    by_halves: bool


@dataclass(frozen=True, slots=True)
class Scored:
    """What was measured, beside the run, of a generator that it had kept."""

    place: Place
    """Where the run stands now that it is told."""
    of_step: int
    """The generator's."""
    figures: Mapping[str, tuple[float, float]]
    """Name as in `metrics.METRICS` -> what the fakes get, and what as many held-out reals get in their place."""
    kinds: int = 0
    """How many classes, or modes of a plane, samples were counted by; 0 where none are known."""


@dataclass(frozen=True, slots=True)
class Finished:
    """The run reached the end its settings ask for."""

    place: Place


RunState = Literal["preparing", "running", "paused", "stopping", "stopped", "finished", "failed", "interrupted"]
ALIVE: tuple[RunState, ...] = ("preparing", "running", "paused", "stopping")
"""States of a run that has not ended; found on disk without a process that holds the run, they mean "interrupted"."""

Event = Preparing | Started | Metrics | Samples | Weights | Checkpoint | Changed | Refused | Paced | Scored | Finished


@dataclass(frozen=True, slots=True)
class Set:
    """Turn a live knob; answered by `Changed`, or by `Refused` where the value cannot be."""

    name: str
    value: Any


@dataclass(frozen=True, slots=True)
class Step:
    """One update now, of both players or of one; answered by `Metrics`."""

    player: Player = "both"


@dataclass(frozen=True, slots=True)
class Half:
    """The next half of a step of both players now; answered by `Metrics`, whose `half` says which."""


@dataclass(frozen=True, slots=True)
class Pace:
    """Go by halves of a step from now on, and hand out `Metrics` after each, or do so no longer; answered by `Paced`."""

    by_halves: bool


@dataclass(frozen=True, slots=True)
class Draw:
    """Hand out `Samples`, as after a step that was asked for."""


@dataclass(frozen=True, slots=True)
class Show:
    """Hand out `Samples` now and from now on also of this class alone (`only`); -1 ends that. For runs whose players are told the class."""

    label: int


@dataclass(frozen=True, slots=True)
class Publish:
    """Hand out `Weights` for looking."""


@dataclass(frozen=True, slots=True)
class Save:
    """Hand out a `Checkpoint`."""


Command = Set | Step | Half | Pace | Draw | Show | Publish | Save

EventSource = Generator[Event, Command | None, None]
SourceFactory = Callable[[], EventSource]
