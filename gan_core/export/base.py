"""What a way to take a run along is: the records that every file here fills in."""

from __future__ import annotations

import importlib.util
import math
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol, get_args

from gan_core.sentences import Sentence
from gan_core.store import RunStore

Whose = Literal["averaged", "living"]
"""Whose samples: the averaged generator's, or the living one's."""
WHOSE: tuple[Whose, ...] = get_args(Whose)
FPS, SIDES = (1.0, 30.0), (128, 2160)
"""The least and the most of each."""

Progress = Callable[[int, int], None]
"""Told how much is done, and of how much; raises Cancelled where nobody wants it any more."""


class Cancelled(Exception):
    """Somebody gave up waiting: raised by a `Progress`, and whatever was begun is removed."""


@dataclass(frozen=True)
class Options:
    """What can be chosen about a file; ValueError for what cannot be."""

    weights: Whose = "averaged"
    step: int | None = None
    """The moment of a sheet, or of the generator of a walk; None is the last one."""
    fps: float = 12.0
    """Frames a second of a moving picture."""
    side: int = 720
    """The longest side, in pixels, that a moving picture may have."""

    def __post_init__(self) -> None:
        if self.weights not in WHOSE:
            asked = repr(self.weights)
            raise ValueError(Sentence("{name} is {value}. It can be {choices}.", name="weights", value=asked, choices=", ".join(WHOSE)))
        for name, (low, high) in {"fps": FPS, "side": SIDES}.items():
            value = getattr(self, name)
            if not (math.isfinite(value) and low <= value <= high):
                allowed = Sentence("from {low:g} to {high:g}", low=low, high=high)
                raise ValueError(Sentence("{name} is {value}, and it has to be {allowed}.", name=name, value=value, allowed=allowed))


class Make(Protocol):
    """Writes the file; ValueError, with a sentence for the user, where it cannot be."""

    def __call__(self, store: RunStore, run_id: str, *, path: Path, options: Options, progress: Progress) -> None: ...


@dataclass(frozen=True)
class Export:
    """A row of the registry: a kind of file, and what has to be there for it."""

    label: str
    ending: str
    """Of the file's name, with its dot."""
    mime: str
    help: str
    """One sentence for the menu."""
    make: Make
    needs: Literal["nothing", "pictures", "checkpoint", "images"] = "nothing"
    """What the run has to have by now; "images" is a generator of images, of any moment."""
    packages: tuple[str, ...] = ()
    """Packages without which it cannot be made."""
    options: tuple[str, ...] = ()
    """Names of the options that it looks at."""
    long: bool = False
    """Whether it takes more than a moment."""

    def available(self) -> str:
        """Why it cannot be made on this machine, as a sentence; empty where it can."""
        missing = [name for name in self.packages if importlib.util.find_spec(name) is None]
        if not missing:
            return ""
        (package, *_), command = missing, f"pip install {missing[0]}"
        return Sentence("This needs the Python package {package}, which is not installed: {command}.", package=package, command=command)
