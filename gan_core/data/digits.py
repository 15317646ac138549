"""The 1,797 digits that come with scikit-learn (Alpaydin and Kaynak 1998, UCI), doubled from 8x8 to 16x16."""

from __future__ import annotations

from functools import lru_cache

import torch
from torch import Tensor
from torch.nn.functional import interpolate

from gan_core.data.base import DataSet, Loading, Request

SIDE = 16
BRIGHTEST = 16
"""scikit-learn's pixels count inked cells of a 4x4 block: 0..16."""
HELD_OUT = 5
"""Every fifth of each class is held out."""
SEED = 0


def shape(_: Request) -> tuple[int, ...]:
    """(1, 16, 16)."""
    return (1, SIDE, SIDE)


def load(_: Request) -> Loading:
    """1,437 training and 360 held-out digits, every class split alike; it yields no progress, for it is read at once."""
    yield from ()
    return _read()


@lru_cache(maxsize=1)
def _read() -> DataSet:
    """The set, split in the same way every time."""
    from sklearn.datasets import load_digits  # Takes a second or two, which only its users wait for.

    raw = load_digits()
    labels = torch.from_numpy(raw.target).long()
    small = torch.from_numpy(raw.images).float().unsqueeze(1)
    large = interpolate(small, size=(SIDE, SIDE), mode="bilinear", antialias=True)
    images = large.mul(255 / BRIGHTEST).round().clamp(0, 255).to(torch.uint8)
    held = _held_out(labels)
    return DataSet(images[~held], images[held], labels[~held], labels[held], tuple("0123456789"))


def _held_out(labels: Tensor) -> Tensor:
    """bool (n,), true for a fifth of each class, drawn from a seed of its own."""
    shuffled = torch.randperm(len(labels), generator=torch.Generator().manual_seed(SEED))
    # Every fifth of a list sorted by class takes a fifth of each class, up to one image.
    by_class = shuffled[labels[shuffled].argsort(stable=True)]
    held = torch.zeros(len(labels), dtype=torch.bool)
    held[by_class[::HELD_OUT]] = True
    return held
