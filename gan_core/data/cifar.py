"""CIFAR-10 (Krizhevsky 2009), read from its archive in memory or from the folder it unpacks to."""

from __future__ import annotations

import hashlib
import io
import pickle
import tarfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from gan_core.data.base import DataSet, is_file
from gan_core.data.download import Wanted, md5_of
from gan_core.sentences import Sentence

ARCHIVE = "cifar-10-python.tar.gz"
UNPACKED = "cifar-10-batches-py"
NAMES: tuple[str, ...] = (ARCHIVE,)

Member = Callable[[str], bytes]


def complete(folder: Path) -> bool:
    """True if the archive is there, or the folder it unpacks to."""
    return is_file(folder / ARCHIVE) or is_file(folder / UNPACKED / "test_batch")


def read(folder: Path, classes: tuple[str, ...]) -> DataSet:
    """The official split: images uint8 (n, 3, 32, 32) and labels; ValueError if a file is not the official one."""
    from torchvision.datasets import CIFAR10  # Slow to import, and only its checksums are needed.

    archive = folder / ARCHIVE
    if not archive.is_file():
        return _both_splits(lambda name: (folder / UNPACKED / name).read_bytes(), CIFAR10, classes=classes)
    md5 = md5_of(archive)
    if md5 != CIFAR10.tgz_md5:
        sentence = Sentence(
            "{path} is not the official file: its md5 is {found}, not {md5}. Remove it and try again.",
            path=archive,
            found=md5,
            md5=CIFAR10.tgz_md5,
        )
        raise ValueError(sentence)
    with tarfile.open(archive, "r:gz") as tar:
        return _both_splits(lambda name: _member(tar, name), CIFAR10, classes=classes)


def wanted(listed: Any) -> list[Wanted]:
    """The archive with its address and checksum, as torchvision's class lists it."""
    return [Wanted(listed.filename, listed.tgz_md5, (listed.url,))]


def _both_splits(member: Member, official: Any, *, classes: tuple[str, ...]) -> DataSet:
    """The data set, from the lists of batches and checksums in torchvision's class."""
    try:
        train, heldout = (_batches(member, batches) for batches in (official.train_list, official.test_list))
    except (OSError, EOFError, KeyError, tarfile.TarError, zlib.error) as error:
        sentence = Sentence("A file of cifar-10 is missing or cannot be read ({error}). Remove what is there and try again.", error=error)
        raise ValueError(sentence) from error
    return DataSet(train[0], heldout[0], train[1], heldout[1], classes)


def _batches(member: Member, batches: list[list[str]]) -> tuple[Tensor, Tensor]:
    """Images uint8 (n, 3, 32, 32) and labels int64 (n,) of some batches."""
    parts = [_batch(member(name), name, md5=md5) for name, md5 in batches]
    images = np.concatenate([part["data"] for part in parts]).reshape(-1, 3, 32, 32)
    return torch.from_numpy(images), torch.tensor([label for part in parts for label in part["labels"]])


def _batch(raw: bytes, name: str, *, md5: str) -> dict[str, Any]:
    """What is in a batch; ValueError if it is not the official one."""
    found = hashlib.md5(raw, usedforsecurity=False).hexdigest()
    if found != md5:
        sentence = Sentence(
            "{path} is not the official file: its md5 is {found}, not {md5}. Remove it and try again.", path=name, found=found, md5=md5
        )
        raise ValueError(sentence)
    # A pickle can run code. This one is the official file, byte for byte, and may name nothing but the parts of an array.
    batch: dict[str, Any] = _ArraysOnly(io.BytesIO(raw), encoding="latin1").load()
    return batch


def _member(tar: tarfile.TarFile, name: str) -> bytes:
    """A file of the archive, in memory; KeyError if it is not there."""
    file = tar.extractfile(f"{UNPACKED}/{name}")
    if file is None:
        raise KeyError(name)
    return file.read()


class _ArraysOnly(pickle.Unpickler):
    """Unpickles numbers, strings, lists, dicts and plain arrays."""

    def find_class(self, module: str, name: str) -> Any:
        """One of the three things an array is pickled with; UnpicklingError for anything else."""
        if module.partition(".")[0] == "numpy" and name in PARTS_OF_ARRAYS:
            return PARTS_OF_ARRAYS[name]
        raise pickle.UnpicklingError(f"{module}.{name} has no business in a batch of images")


def _dtype(code: str, *_: object) -> np.dtype[Any]:
    """The type of that code. The rest, align=0 and copy=1, is left out: numpy 2.4.0 to 2.4.4 warns of numbers there."""
    return np.dtype(code)


PARTS_OF_ARRAYS: dict[str, Any] = {
    "_reconstruct": lambda *_: np.empty(0, np.uint8),
    "ndarray": np.ndarray,
    "dtype": _dtype,
}
