"""A walk from key to key through a run's latent space, as a moving picture, a sheet of all frames, or the numbers themselves."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Literal, get_args

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from gan_core.events import Pictures
from gan_core.export.base import Export, Options, Progress
from gan_core.export.film import Film, fitted, write_moving, write_video
from gan_core.export.networks import weights_at
from gan_core.export.sheet import picture_of
from gan_core.latent import Kind, shares_of, walk
from gan_core.looking import draw
from gan_core.looks import Copies, OneClass, shown
from gan_core.pictures import sheet_image
from gan_core.sentences import Sentence
from gan_core.store import RunStore

How = Literal["slerp", "lerp", "both"]
"""Along the sphere, along straight lines, or both side by side: straight left, sphere right."""
WAYS: dict[How, tuple[str, ...]] = {"slerp": ("slerp",), "lerp": ("lerp",), "both": ("lerp", "slerp")}
"""What is drawn beside each other."""
KEYS, FRAMES = (2, 8), (2, 480)
"""The fewest and the most of each."""
LARGEST = 1e3
"""No number of z is larger: networks make nothing of it."""
BATCH = 16
"""Frames that are drawn at once; between two batches one can give up."""
GAP = 2
"""Pixels between two ways, in pixels of the generator."""


@dataclass(frozen=True)
class Walk(Options):
    """Which walk: `weights` and `step` say whose generator draws it, `fps` and `side` are those of a moving picture."""

    keys: tuple[tuple[float, ...], ...] = ()
    """The z of each key frame."""
    how: How = "slerp"
    frames: int = 60
    closed: bool = False
    """Whether it goes on from the last key to the first."""
    ease: bool = False
    """Whether it slows down at the keys."""
    kinds: tuple[Kind, ...] = ()
    """What each key is asked to be, where the players are told the class; without it all are of the first class."""

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.how not in get_args(How):
            choices = ", ".join(get_args(How))
            raise ValueError(Sentence("{name} is {value}. It can be {choices}.", name="how", value=repr(self.how), choices=choices))
        for name, value, (low, high) in (("frames", self.frames, FRAMES), ("keys", len(self.keys), KEYS)):
            if not low <= value <= high:
                allowed = Sentence("from {low:g} to {high:g}", low=low, high=high)
                raise ValueError(Sentence("{name} is {value}, and it has to be {allowed}.", name=name, value=value, allowed=allowed))
        if not all(math.isfinite(value) and abs(value) <= LARGEST for key in self.keys for value in key):
            raise ValueError(Sentence("A key has numbers that are not finite or beyond {most:g}: no picture comes of it.", most=LARGEST))
        if self.kinds and len(self.kinds) != len(self.keys):
            sizes = {"keys": len(self.keys), "found": len(self.kinds)}
            raise ValueError(Sentence("There are {keys} keys, and classes for {found}: each key has one.", **sizes))

    def path(self, way: str) -> Tensor:
        """The z of every frame (frames, latent_dim), float32."""
        return torch.from_numpy(walk(self.keys, self.frames, how=way, closed=self.closed, ease=self.ease))

    def shares(self, classes: int) -> Tensor:
        """The share of each class in every frame (frames, classes): from key to key straight on; ValueError for a class there is not."""
        kinds = self.kinds or (((0, 1.0),),) * len(self.keys)
        return torch.from_numpy(walk(shares_of(kinds, classes), self.frames, how="lerp", closed=self.closed, ease=self.ease))


class Frames:
    """The pictures of a walk, drawn when they are looked at, a batch at a time, and kept."""

    def __init__(self, store: RunStore, run_id: str, options: Options) -> None:
        """ValueError where the keys do not fit the run, or its generator cannot be read."""
        self.options = _walk_of(options)
        latent_dim = store.config(run_id).latent_dim
        wrong = next((len(key) for key in self.options.keys if len(key) != latent_dim), None)
        if wrong is not None:
            sizes = {"run": run_id, "count": latent_dim, "found": wrong}
            raise ValueError(Sentence("The z of {run} has {count} numbers, and a key has {found}: it is another run's.", **sizes))
        weights, self.step = weights_at(store, run_id, self.options.weights, self.options.step)
        self._generator = Copies(store.config(run_id)).generator(weights)
        self._paths = [self.options.path(way) for way in WAYS[self.options.how]]
        self.shares: Tensor | None = None
        """Of the classes in every frame (frames, classes); None where the players are not told any."""
        if isinstance(told := self._generator, OneClass):
            self.shares = self._shares(run_id, told.classes)
            self._generator = told.blended()
            self._paths = [torch.cat([path, self.shares], 1) for path in self._paths]
        self._drawn: dict[int, Pictures] = {}

    def __getitem__(self, index: int) -> Pictures:
        """One frame (height, width, channels), uint8; both ways beside each other where both are wanted."""
        number, place = divmod(index, BATCH)
        if number not in self._drawn:
            self._drawn[number] = self._batch(slice(number * BATCH, (number + 1) * BATCH))
        frame: Pictures = self._drawn[number][place]
        return frame

    def _shares(self, run_id: str, classes: int) -> Tensor:
        try:
            return self.options.shares(classes)
        except ValueError:
            found = max(label for kind in self.options.kinds for label, _ in kind)
            what = {"run": run_id, "last": classes - 1, "found": found}
            raise ValueError(
                Sentence("The classes of {run} are those from 0 to {last}, and a key asks for class {found}.", **what)
            ) from None

    def _batch(self, which: slice) -> Pictures:
        ways = [shown(draw(self._generator, path[which])) for path in self._paths]
        gap = np.zeros((*ways[0].shape[:2], GAP, ways[0].shape[3]), np.uint8)
        beside = [part for way in ways for part in (gap, way)][1:]
        return np.concatenate(beside, axis=2)


class WalkFilm(Film):
    """A walk, frame after frame."""

    def __init__(self, store: RunStore, run_id: str, options: Options, progress: Progress) -> None:
        self._pictures = Frames(store, run_id, options)
        super().__init__(self._pictures.options.frames, options, progress)

    def frame(self, index: int) -> Image.Image:
        """The picture enlarged; its sides are even, as videos want them."""
        picture = fitted(sheet_image(self._pictures[index][None]), self._options.side)
        width, height = (side - side % 2 for side in picture.size)
        return picture if picture.size == (width, height) else picture.crop((0, 0, width, height))


def make_pillow(store: RunStore, run_id: str, *, path: Path, options: Options, progress: Progress, format: str) -> None:
    """The walk as a GIF or a WebP that begins again after its last frame."""
    write_moving(WalkFilm(store, run_id, options, progress), path, format)


def make_video(store: RunStore, run_id: str, *, path: Path, options: Options, progress: Progress) -> None:
    """The walk as an MP4; RuntimeError where the encoder fails."""
    write_video(WalkFilm(store, run_id, options, progress), path, run_id)


def make_sheet(store: RunStore, run_id: str, *, path: Path, options: Options, progress: Progress) -> None:
    """All frames on one PNG, row after row."""
    frames, pictures = Frames(store, run_id, options), []
    for index in range(frames.options.frames):
        pictures.append(frames[index])
        progress(index + 1, frames.options.frames)
    picture_of(np.stack(pictures)).save(path, format="PNG")


def make_numbers(store: RunStore, run_id: str, *, path: Path, options: Options, progress: Progress) -> None:
    """The z of keys and frames as an .npz: `keys`, and for each way `slerp` or `lerp` (frames, latent_dim) and its `norms`.

    Where the players are told the class, `classes` (frames, classes) is the share of each in every frame.
    """
    frames = Frames(store, run_id, options)
    arrays = {"keys": np.asarray(frames.options.keys, np.float32), "step": np.asarray(frames.step)}
    if frames.shares is not None:
        arrays["classes"] = frames.shares.numpy()
    for way in WAYS[frames.options.how]:
        z = frames.options.path(way)
        arrays |= {way: z.numpy(), f"{way}_norms": z.norm(dim=1).numpy()}
    with path.open("wb") as file:
        np.savez(file, **arrays)  # type: ignore[arg-type]
    progress(1, 1)


def _walk_of(options: Options) -> Walk:
    if not isinstance(options, Walk):
        raise ValueError(Sentence("A walk needs keys, and there are none. Choose them on the Interpolate page."))
    return options


WALKS: dict[str, Export] = {
    "walk.gif": Export(
        "Walk, GIF",
        ".gif",
        "image/gif",
        "The walk as a moving picture that every program shows, without end.",
        partial(make_pillow, format="GIF"),
        needs="images",
        options=("weights", "step", "fps", "side"),
        long=True,
    ),
    "walk.webp": Export(
        "Walk, WebP",
        ".webp",
        "image/webp",
        "The walk as a moving picture, smaller than a GIF and in all colours; browsers show it.",
        partial(make_pillow, format="WEBP"),
        needs="images",
        options=("weights", "step", "fps", "side"),
        long=True,
    ),
    "walk.mp4": Export(
        "Walk, MP4",
        ".mp4",
        "video/mp4",
        "The walk as a video that can be paused and put into slides.",
        make_video,
        needs="images",
        packages=("av",),
        options=("weights", "step", "fps", "side"),
        long=True,
    ),
    "walk-sheet": Export(
        "Sheet of all frames, PNG",
        ".png",
        "image/png",
        "Every frame of the walk on one picture, row after row.",
        make_sheet,
        needs="images",
        options=("weights", "step"),
        long=True,
    ),
    "walk-z": Export(
        "The numbers z, NPZ",
        ".npz",
        "application/octet-stream",
        "The z of every key and every frame, for NumPy.",
        make_numbers,
        needs="images",
        options=("weights", "step"),
        long=True,
    ),
}
"""Kinds of files of a walk."""
