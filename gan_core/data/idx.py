"""The four idx files in which MNIST and its relatives come (LeCun, "The MNIST database", file formats)."""

from __future__ import annotations

import gzip
import math
import struct
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from gan_core.data.base import DataSet, is_file
from gan_core.data.download import Wanted
from gan_core.sentences import Sentence

SPLITS = ("train", "t10k")
TRAIN_LABELS = "train-labels-idx1-ubyte"
NAMES = tuple(f"{split}-{part}-ubyte.gz" for split in SPLITS for part in ("images-idx3", "labels-idx1"))
UNSIGNED_BYTE = 8
"""Third byte of every idx file here; the fourth is the number of dimensions."""
SIDE = 28


def complete(folder: Path) -> bool:
    """True if all four files are there, each with or without `.gz`."""
    return all(_find(folder, name) for name in NAMES)


def first_labels(folder: Path) -> str:
    """The first ten training labels as ten digits; "" if they cannot be read."""
    path = _find(folder, TRAIN_LABELS + ".gz")
    try:
        return "".join(map(str, _unpack(path, limit=18)[8:])) if path else ""
    except ValueError:
        return ""


def read(folder: Path, classes: tuple[str, ...]) -> DataSet:
    """The official split: images uint8 (n, 1, 28, 28) and labels; ValueError if a file is damaged."""
    train, heldout = (_split(folder, split, classes=classes) for split in SPLITS)
    return DataSet(train[0], heldout[0], train[1], heldout[1], classes)


def wanted(listed: Any) -> list[Wanted]:
    """The files with their mirrors and checksums, as a class of torchvision lists them."""
    return [Wanted(name, md5, tuple(mirror + name for mirror in listed.mirrors)) for name, md5 in listed.resources]


def _split(folder: Path, split: str, *, classes: tuple[str, ...]) -> tuple[Tensor, Tensor]:
    """Images uint8 (n, 1, 28, 28) and labels int64 (n,) of one split."""
    images = _array(folder, f"{split}-images-idx3-ubyte.gz", dimensions=3)
    labels = _array(folder, f"{split}-labels-idx1-ubyte.gz", dimensions=1).long()
    if images.shape[1:] != (SIDE, SIDE) or len(images) != len(labels) or int(labels.max()) >= len(classes):
        raise ValueError(
            Sentence(
                "The {split} files in {folder} do not belong together: images {shape}, {count:,} labels up to {top}, where 28x28 images "
                "and as many labels, all below {classes}, are needed. Remove them and try again.",
                split=split,
                folder=folder,
                shape=tuple(images.shape),
                count=len(labels),
                top=int(labels.max()),
                classes=len(classes),
            )
        )
    return images.unsqueeze(1), labels


def _array(folder: Path, name: str, *, dimensions: int) -> Tensor:
    """uint8 with that many dimensions, all of its bytes there; ValueError otherwise."""
    path = _find(folder, name)
    if path is None:
        sentence = Sentence(
            "{name} is not in {folder} any more. Put it back, or remove the other files and try again.", name=name, folder=folder
        )
        raise ValueError(sentence)
    raw = _unpack(path, limit=-1)
    start = 4 + 4 * dimensions
    sizes = struct.unpack(f">{dimensions}I", raw[4:start]) if len(raw) > start else ()
    if raw[:4] != bytes((0, 0, UNSIGNED_BYTE, dimensions)) or not sizes or len(raw) != start + math.prod(sizes):
        sentence = Sentence(
            "{path} is no whole idx file of {dimensions} dimension(s): {bytes:,} bytes. Remove it and try again.",
            path=path,
            dimensions=dimensions,
            bytes=len(raw),
        )
        raise ValueError(sentence)
    # Copied, since torch wants memory that it may write to.
    return torch.from_numpy(np.frombuffer(raw, np.uint8, offset=start).reshape(sizes).copy())


def _unpack(path: Path, *, limit: int) -> bytes:
    """What is in the file, unpacked if it is gzipped, up to `limit` bytes (-1: all); ValueError if that cannot be read."""
    try:
        with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as file:
            return file.read(limit)
    except (OSError, EOFError, zlib.error) as error:
        raise ValueError(Sentence("{path} cannot be read ({error}). Remove it and try again.", path=path, error=error)) from error


def _find(folder: Path, name: str) -> Path | None:
    """The file, with or without `.gz`; None if it is neither way there."""
    candidates = (folder / name, folder / name.removesuffix(".gz"))
    return next((path for path in candidates if is_file(path)), None)
