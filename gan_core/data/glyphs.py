"""Our own handwritten digits, 28x28 and labelled: strokes of a pen, drawn afresh from a seed in about a second.

A writing is a skeleton: strokes in a box about 60 wide and 100 high. Each image bends one with its own slant, size, place, rotation
and slow waves, and inks it with its own pen. Nothing is downloaded, so it is at hand in every classroom.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from functools import lru_cache
from itertools import chain
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from gan_core.data.base import DataSet, Loading, Request
from gan_core.events import Preparing

TRAIN_COUNT = 20_000
HELDOUT_COUNT = 4_000
TRAIN_SEED = 0
HELDOUT_SEED = 1
CLASSES = tuple("0123456789")

SIDE = 28
WIDEST = 23.0
"""No digit is wider than this, in px with its ink."""
POINTS = 56
"""Pen positions in a writing: the longest stroke at the largest size then has one every 1.4 px."""
BLUR = 0.8
"""Width (sigma, px) of the bell each pen position leaves; above half their distance the line shows no beads."""
CHUNK = 1_000
"""Images drawn at once: their bells (6 MB an axis) stay close to the processor."""
LOWEST = 1e-12
"""Density taken for no ink at all, so that its logarithm is finite."""
FAINTEST = math.log(1e-15)
"""No bell goes below this (its logarithm): far under LOWEST, and no product of two is a number too small for the processor's quick ways."""

# Two runs starting together may both draw the set; it comes out equal, and `setdefault` hands everyone the same one.
_ready: dict[str, DataSet] = {}

Floats = NDArray[np.floating[Any]]
"""float32 throughout: half the memory to move, and hundredths of a pixel are plenty."""

WRITINGS: dict[str, tuple[str, ...]] = {
    # Strokes are parted by ";", their points are "x,y" with y down. Two points make a line, more a smooth curve through them,
    # closed where it ends as it began; a corner is one stroke ending where the next begins.
    "0": (
        "30,0 10,14 0,50 10,86 30,100 50,86 60,50 50,14 30,0",
        "40,4 18,8 3,42 7,82 28,100 50,84 58,46 48,12 32,0 22,4",
        "46,12 30,0 9,16 0,54 10,89 30,100 50,86 60,50 50,16 36,6",
    ),
    "1": (
        "31,0 30,100",
        "4,36 20,22 34,0; 34,0 32,100",
        "10,30 32,0; 32,0 31,100; 14,100 48,100",
        "10,30 34,0; 34,0 30,100",
    ),
    "2": (
        "3,22 13,5 32,0 52,10 54,32 36,62 2,100; 2,100 60,100",
        "4,20 16,3 38,1 52,16 48,42 28,74 10,96 1,89 9,80 30,92 60,97",
        "5,14 28,0 50,8 53,30 36,60 4,98; 4,98 22,92 42,99 60,91",
    ),
    "3": (
        "4,12 22,0 46,7 50,28 38,43 20,47; 20,47 44,51 57,72 46,93 22,100 2,87",
        "4,1 54,1; 54,1 26,40; 26,40 50,48 58,72 44,95 20,100 2,89",
        "5,10 26,0 48,9 47,31 30,45 19,46 24,52 44,54 57,74 44,95 20,100 2,90",
    ),
    "4": (
        "26,0 2,60; 2,60 60,60; 50,26 40,100",
        "42,0 0,66; 0,66 60,63; 42,0 37,100",
        "24,2 8,28 4,58 28,64 52,52; 56,20 50,60 36,100",
        "34,0 2,64; 2,64 62,62; 46,34 40,100",
    ),
    "5": (
        "54,0 12,0; 12,0 8,44; 8,44 32,37 54,52 56,78 36,98 4,95",
        "56,2 34,4 14,2; 14,2 10,42 28,42 50,54 54,78 36,98 14,100 0,90",
        "8,4 6,46; 6,46 30,38 54,54 54,82 32,100 4,94; 8,4 56,1",
    ),
    "6": (
        "32,0 12,26 3,60 12,88 35,100 55,88 55,68 38,57 18,64 7,80",
        "24,0 8,34 3,68 14,94 36,100 53,86 50,66 30,60 10,78",
        "42,3 28,3 11,22 3,54 11,87 34,100 54,88 54,68 38,56 17,62 6,78",
    ),
    "7": (
        "2,0 56,0; 56,0 22,100",
        "4,4 30,0 54,2; 54,2 40,44 22,100; 8,54 56,48",
        "4,15 4,2; 4,2 56,2; 56,2 36,42 22,100",
        "2,6 18,1 38,3 56,0; 56,0 40,40 22,100; 16,52 50,50",
    ),
    "8": (
        "46,12 28,0 8,10 10,30 28,46 44,64 48,86 28,100 8,86 12,64 30,46 46,30 46,12",
        "30,0 15,7 10,23 16,40 30,47 44,40 50,23 45,7 30,0; 28,47 14,56 9,74 14,93 28,100 42,93 47,74 42,56 28,47",
        "52,5 34,0 12,7 9,27 30,47 46,68 42,92 24,100 8,88 12,68 32,47 48,28 52,5",
    ),
    "9": (
        "52,12 30,0 8,10 4,34 22,49 42,40 52,12; 52,12 48,100",
        "54,26 34,50 10,44 4,20 22,1 46,5 54,30 48,66 34,88 12,100",
        "52,10 32,0 9,9 6,36 24,48 44,38 53,10; 53,10 55,60 48,92 28,100 8,90",
    ),
}


def make(count: int, seed: int) -> tuple[Tensor, Tensor]:
    """Images uint8 (count, 1, 28, 28), white ink on black, and labels int64 (count,), balanced up to one and shuffled.

    The seed decides everything: torch's global generator is neither read nor moved.
    """
    images, labels = zip(*_chunks(count, seed), strict=True)
    return torch.cat(images), torch.cat(labels)


def load(request: Request) -> Loading:
    """20,000 training and 4,000 held-out digits with their labels; drawn once per process, at hand at once after that."""
    if "glyphs" not in _ready:
        images, labels, done = [], [], 0
        for part, names in chain(_chunks(TRAIN_COUNT, TRAIN_SEED), _chunks(HELDOUT_COUNT, HELDOUT_SEED)):
            images.append(part)
            labels.append(names)
            done += len(part)
            yield Preparing("glyphs", done, TRAIN_COUNT + HELDOUT_COUNT, "images")
        x, y, n = torch.cat(images), torch.cat(labels), TRAIN_COUNT
        _ready.setdefault("glyphs", DataSet(x[:n], x[n:], y[:n], y[n:], CLASSES))
    return _ready["glyphs"]


def _chunks(count: int, seed: int) -> Iterator[tuple[Tensor, Tensor]]:
    """At most `CHUNK` images and their labels at a time, `count` in all."""
    if count < 1:
        raise ValueError(f"count is {count}, but at least one glyph has to be drawn.")
    generator = torch.Generator().manual_seed(seed)
    labels = torch.randperm(count, generator=generator) % len(CLASSES)
    for start in range(0, count, CHUNK):
        part = labels[start : start + CHUNK]
        yield torch.from_numpy(_ink(*_write(part.numpy(), generator))), part


# NumPy from here on, and torch for the chances only: drawing is many small operations, on one core the same for any number of threads,
# where torch's threads wait for each other at each of them (on two busy cores that took 8 s instead of 0.5 s).


def _write(labels: NDArray[np.int64], generator: torch.Generator) -> tuple[Floats, Floats]:
    """Pen positions (n, POINTS, 2) in px, x before y, and pen widths (n,) in px."""
    skeletons, first, number = _skeletons()
    n = len(labels)
    choice = (_between(0.0, 1.0, (n,), generator) * number[labels]).astype(np.int64)
    points = _bend(skeletons[first[labels] + choice], generator)
    # The root makes broad pens, the commoner ones in real handwriting, commoner here.
    pen = 1.6 + 2.4 * np.sqrt(_between(0.0, 1.0, (n,), generator))
    low, high = points.min(1), points.max(1)
    size = np.maximum(high - low, 1e-3)
    # Measured with its ink and after bending: no digit can leave the picture.
    height = _between(24.0, 26.0, (n,), generator)
    tall = (height - pen) / size[:, 1]
    wide = np.minimum(tall * _between(0.9, 1.3, (n,), generator), (WIDEST - pen) / size[:, 0])
    shift = _between(-1.0, 1.0, (n, 2), generator)
    shift[:, 1] *= (SIDE - 2 - height) / 2
    points = (points - (low + high)[:, None] / 2) * np.stack((wide, tall), axis=1)[:, None]
    return points + (shift + (SIDE - 1) / 2)[:, None], pen


def _bend(points: Floats, generator: torch.Generator) -> Floats:
    """The skeletons (n, POINTS, 2) around the origin, each slanted, turned and bent by slow waves: a smooth field tears no strokes."""
    n = len(points)
    points = points - np.array([0.3, 0.5], dtype=np.float32)  # the middle of the box
    for _ in range(2):
        frequency = _between(-5.0, 5.0, (n, 2, 2), generator)
        phase = _between(0.0, 2 * math.pi, (n, 1, 2), generator)
        swing = _between(0.0, 0.055, (n, 1, 2), generator)
        points = points + swing * np.sin(points @ frequency + phase)
    slant, angle = _degrees(2.0, 7.0, n, generator), _degrees(0.0, 3.0, n, generator)
    x, y = points[..., 0] - np.tan(slant) * points[..., 1], points[..., 1]
    return np.stack((x * np.cos(angle) - y * np.sin(angle), x * np.sin(angle) + y * np.cos(angle)), axis=2)


def _ink(points: Floats, pen: Floats) -> NDArray[np.uint8]:
    """Grey images uint8 (n, 1, 28, 28): strokes of a round pen `pen` px wide (n,), their edges one pixel soft.

    A sum of bells over the pen positions is separable, hence one matrix product; its logarithm is the squared distance to the line
    (a soft minimum), so that crossings do not swell as a threshold on the sum itself would make them.
    """
    across, down = _bells(points[..., :1]), _bells(points[..., 1:])
    # The median distance of two positions, since the jump from one stroke to the next is no ink.
    spacing = np.median(np.linalg.norm(np.diff(points, axis=1), axis=2), axis=1)
    density = (down.transpose(0, 2, 1) @ across) * (spacing / (BLUR * math.sqrt(2 * math.pi)))[:, None, None]
    distance = np.sqrt(np.log(np.clip(density, LOWEST, 1.0)) * (-2 * BLUR**2))
    ink: Floats = np.clip(pen[:, None, None] / 2 + 0.5 - distance, 0.0, 1.0)
    return np.rint(ink * 255).astype(np.uint8)[:, None]


def _bells(at: Floats) -> Floats:
    """How much ink each pen position (n, POINTS, 1) leaves along one axis of the picture (n, POINTS, 28)."""
    bells = at - np.arange(SIDE, dtype=np.float32)
    bells *= bells
    bells *= -0.5 / BLUR**2
    np.maximum(bells, FAINTEST, out=bells)
    return np.exp(bells, out=bells)


def _between(low: float, high: float, shape: tuple[int, ...], generator: torch.Generator) -> Floats:
    """Even chances, of this shape, from `low` to `high`."""
    return low + (high - low) * torch.rand(shape, generator=generator).numpy()


def _degrees(mean: float, spread: float, count: int, generator: torch.Generator) -> Floats:
    """Normal angles (count, 1) in radians, given in degrees and cut at two spreads."""
    return np.radians(mean + spread * torch.randn((count, 1), generator=generator).clamp_(-2, 2).numpy())


@lru_cache(maxsize=1)
def _skeletons() -> tuple[Floats, NDArray[np.int64], NDArray[np.int64]]:
    """All writings (w, POINTS, 2) in a box of height 1; per digit, the index of its first and how many it has (10,)."""
    writings = [_resample(writing) for digit in CLASSES for writing in WRITINGS[digit]]
    number = np.array([len(WRITINGS[digit]) for digit in CLASSES])
    return (np.stack(writings) / 100).astype(np.float32), number.cumsum() - number, number


def _resample(writing: str) -> NDArray[np.float64]:
    """Pen positions (POINTS, 2), evenly far apart along all the strokes of a writing, so that the ink is even."""
    strokes = [_curve(np.array([point.split(",") for point in stroke.split()], dtype=np.float64)) for stroke in writing.split(";")]
    lengths = [np.concatenate(([0.0], np.hypot(*np.diff(stroke, axis=0).T).cumsum())) for stroke in strokes]
    ends = np.cumsum([length[-1] for length in lengths])
    shares = np.diff(np.round(ends / ends[-1] * POINTS), prepend=0).astype(int)
    parts = []
    for stroke, length, share in zip(strokes, lengths, shares, strict=True):
        at = (np.arange(share) + 0.5) / share * length[-1]
        parts.append(np.stack([np.interp(at, length, stroke[:, axis]) for axis in (0, 1)], axis=1))
    return np.concatenate(parts)


def _curve(knots: NDArray[np.float64]) -> NDArray[np.float64]:
    """A fine polyline through the knots (k, 2): straight for two, else a Catmull-Rom spline, closed if it ends where it began."""
    closed = np.array_equal(knots[0], knots[-1])
    before, after = (knots[-2], knots[1]) if closed else (2 * knots[0] - knots[1], 2 * knots[-1] - knots[-2])
    a, b, c, d = (np.vstack((before, knots, after))[i : i + len(knots) - 1, None] for i in range(4))
    t = np.linspace(0, 1, 33)[None, :, None]
    spans = b + 0.5 * t * (c - a + t * (2 * a - 5 * b + 4 * c - d + t * (3 * (b - c) + d - a)))
    return np.asarray(spans.reshape(-1, 2))
