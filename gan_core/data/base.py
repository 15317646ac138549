"""What a data set is: the records that every file here fills in. Separate, so that none of them has to import the registry."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Generator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from torch import Tensor

from gan_core.events import Preparing
from gan_core.sentences import Sentence

BETWEEN_REPORTS_S = 0.1
ROOT_VARIABLE = "GANSCOPE_DATA"
USUAL_ROOT = Path("data")
NO_CLASSES = Sentence(
    "conditional is yes, and these data have no classes. Set it to no; images in a folder have classes where each "
    "class has a folder of its own."
)


@dataclass(frozen=True)
class DataSet:
    """A data set in memory, split once and for all; the held-out part is never trained on."""

    train: Tensor
    """uint8 (n, channels, height, width) for images; float32 (n, 2) of unit variance for planes."""
    heldout: Tensor
    train_labels: Tensor | None = None
    """int64 (n,), an index into `classes`, where the data are labelled."""
    heldout_labels: Tensor | None = None
    classes: tuple[str, ...] = ()
    scale: float = 1.0
    """Planes only: multiply a training point by this to have it in the data's own units, counted from their middle for `points`."""

    @property
    def labels(self) -> Tensor:
        """The class of each training sample; ValueError where the data have no classes."""
        if self.train_labels is None or not self.classes:
            raise ValueError(NO_CLASSES)
        return self.train_labels


@dataclass(frozen=True)
class Request:
    """Which data, for the few sets that ask for more than a name."""

    folder: str = ""
    """`folder`: a directory of images or a zip of them; `points`: a CSV file."""
    size: int = 32
    """`folder` only: the side, in pixels, that images are cropped and resized to (32 or 64)."""


Loading = Generator[Preparing, None, DataSet]
"""Yields progress while something has to be fetched or made; returns the data set."""


@dataclass(frozen=True)
class Source:
    """A row of the registry: what can be known of a data set before it is loaded."""

    kind: Literal["image", "plane"]
    shape: Callable[[Request], tuple[int, ...]]
    """Shape of one sample: (channels, height, width), or (2,)."""
    labelled: bool
    """Always labelled; a folder can be, if its images lie in class folders, but nobody knows before it is read."""
    help: str
    """One sentence for the menu."""
    load: Callable[[Request], Loading]
    where: Callable[[Request], str | None]
    """Where it is at hand: a path, or "built in"; None if it would have to be downloaded."""
    unnamed: Sentence | None = None
    """What is said where `folder` does not name it; None for sets that need no naming."""
    classless: Callable[[Request], bool] = lambda _: False
    """Whether a look at what is at hand, without reading it, already shows that a set which can have classes has none."""

    def check(self, folder: str, *, told: bool) -> None:
        """ValueError, with a sentence for the user, where it is not named and has to be, or its classes are to be told and it has none."""
        if self.unnamed and not folder:
            raise ValueError(self.unnamed)
        if told and self.kind == "plane" and not self.labelled:
            raise ValueError(NO_CLASSES)

    def look(self, request: Request, *, told: bool) -> None:
        """ValueError, with a sentence for the user, where the data as they lie there now have no classes to be told.

        For new runs: the settings of an old one are good wherever its data have gone.
        """
        if told and self.classless(request):
            raise ValueError(NO_CLASSES)


def built_in(_: Request) -> str:
    """The words "built in": the data are made by the program, or came with it."""
    return "built in"


def data_root() -> Path:
    """The folder for downloads and uploads: what the environment says, else `data` in the working directory."""
    own = os.environ.get(ROOT_VARIABLE, "").strip()
    return Path(own).expanduser() if own else USUAL_ROOT


def is_file(path: Path) -> bool:
    """True if the file is there; False also where nobody may look, which pathlib calls an error."""
    try:
        return path.is_file()
    except OSError:
        return False


def pace() -> Callable[[], bool]:
    """A question, "is a report due?", which is answered with yes about ten times a second at most."""
    last = time.monotonic()

    def due() -> bool:
        nonlocal last
        now = time.monotonic()
        if now - last < BETWEEN_REPORTS_S:
            return False
        last = now
        return True

    return due
