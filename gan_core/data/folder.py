"""The user's own pictures, from a directory or a zip of them."""

from __future__ import annotations

import hashlib
import os
import stat
import tempfile
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from functools import partial
from io import BytesIO
from pathlib import Path, PurePosixPath

import torch
from torch import Tensor

from gan_core.data.base import DataSet, Loading, Request, pace
from gan_core.data.class_folders import are_classes, inside, surely_none
from gan_core.data.pictures import MOST_FILE_BYTES, Unreadable, decode, refuse_bombs
from gan_core.data.zips import Entry, opened, wanted, within_limit
from gan_core.events import Preparing
from gan_core.sentences import Sentence

SIZES = (32, 64)
FEWEST_IMAGES = 64
MOST_IMAGES = 100_000
BROKEN_SHARE = 0.1
"""A few damaged files happen; more of them and it is probably the wrong folder."""
HELD_OUT = 10
"""Every tenth image is held out."""
SEED = 0


def shape(request: Request) -> tuple[int, ...]:
    """(3, size, size); ValueError if pictures cannot be had in that size."""
    if request.size not in SIZES:
        sentence = Sentence(
            "Pictures cannot be made {size} pixels wide: choose one of {sizes}.", size=request.size, sizes=", ".join(map(str, SIZES))
        )
        raise ValueError(sentence)
    return (3, request.size, request.size)


def where(request: Request) -> str | None:
    """The path the user gave, None if there is nothing."""
    path = os.path.expanduser(request.folder.strip())  # noqa: PTH111 - it leaves an unknown ~user alone
    return path if path and os.path.exists(path) else None  # noqa: PTH110 - it answers no where nobody may look


def classless(request: Request) -> bool:
    """Whether a look already shows that these pictures have no classes; False where that shows only when they are read."""
    found = where(request)
    return found is not None and surely_none(Path(found))


def load(request: Request) -> Loading:
    """Square pictures uint8 (n, 3, size, size) in a fixed random order, labelled if each lies in one of two or more class folders.

    Damaged files are left out. ValueError if too many are, or if the pictures are too few, too many or too large.
    """
    _, side, _ = shape(request)
    refuse_bombs()
    with _entries(request) as entries:
        _check_count(len(entries), request.folder)
        images, paths = yield from _decode_all(entries, side, what=Path(request.folder).name)
    _check_count(len(paths), request.folder, read=True)
    return _split(images, *_labels(paths))


def keep_upload(name: str, data: bytes, root: Path) -> Path:
    """Path of the zip, now `<root>/uploads/<start of its sha256>.zip`, written whole or not at all.

    ValueError if it breaks a limit for zips; whether its pictures can be decoded shows when they are loaded.
    """
    with opened(BytesIO(data), name) as entries:
        _check_count(len(entries), name)
    uploads = root / "uploads"
    uploads.mkdir(parents=True, exist_ok=True)
    path = uploads / f"{hashlib.sha256(data).hexdigest()[:16]}.zip"
    handle, temporary = tempfile.mkstemp(suffix=".part", dir=uploads)
    part = Path(temporary)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        return part.replace(path)
    finally:
        part.unlink(missing_ok=True)


@contextmanager
def _entries(request: Request) -> Iterator[list[Entry]]:
    """The picture files of a directory or a zip, in order of their paths; ValueError if there is neither."""
    found = where(request)
    if found is None:
        sentence = Sentence(
            "There is no folder or zip file {path}: give the path of one with at least {fewest} pictures.",
            path=repr(request.folder),
            fewest=FEWEST_IMAGES,
        )
        raise ValueError(sentence)
    if not Path(found).is_dir():
        with opened(Path(found), Path(found).name) as entries:
            yield entries
    else:
        yield _listed(Path(found))


def _listed(root: Path) -> list[Entry]:
    """The picture files below a directory, links to directories not followed; it gives up when they are too many."""
    entries: list[Entry] = []
    for place, folders, names in os.walk(root):
        # In place: os.walk then stays out of hidden folders.
        folders[:] = [folder for folder in folders if not folder.startswith(".")]
        for path in (Path(place, name) for name in names):
            relative = PurePosixPath(path.relative_to(root).as_posix())
            if wanted(relative):
                entries.append(Entry(relative, partial(_read, path, relative)))
        if len(entries) > MOST_IMAGES:
            break
    return sorted(entries, key=lambda entry: str(entry.path))


def _read(path: Path, relative: PurePosixPath) -> bytes:
    """The bytes of a file; Unreadable if it is none, ValueError if they are too many."""
    try:
        # Opening a pipe that somebody named like a picture would wait for ever.
        if not stat.S_ISREG(path.stat().st_mode):
            raise Unreadable(Sentence("not a file"))
        with path.open("rb") as file:
            return within_limit(file.read(MOST_FILE_BYTES + 1), relative)
    except OSError as error:
        raise Unreadable(error.strerror) from error


def _check_count(count: int, name: str, *, read: bool = False) -> None:
    """None; ValueError unless so many pictures, which may have been `read` already, can be a data set."""
    facts = {"name": name, "count": count, "fewest": FEWEST_IMAGES}
    if count < FEWEST_IMAGES:
        few = Sentence("{name} has {count} pictures (png, jpg, webp, bmp, gif), and at least {fewest} are needed. Add some more.", **facts)
        left = Sentence(
            "{name} has {count} readable pictures (png, jpg, webp, bmp, gif), and at least {fewest} are needed. Add some more.", **facts
        )
        raise ValueError(left if read else few)
    if count > MOST_IMAGES:
        sentence = Sentence(
            "{name} has more than {most:,} pictures, the most allowed. Choose a smaller folder.", name=name, most=MOST_IMAGES
        )
        raise ValueError(sentence)


def _decode_all(entries: list[Entry], side: int, *, what: str) -> Generator[Preparing, None, tuple[Tensor, list[PurePosixPath]]]:
    """Images uint8 (n, 3, side, side) and paths of the n that could be read; ValueError if more than a tenth could not."""
    images = torch.empty(len(entries), 3, side, side, dtype=torch.uint8)
    paths: list[PurePosixPath] = []
    broken: list[Sentence] = []
    due = pace()
    yield Preparing(what, 0, len(entries), "images")
    for done, entry in enumerate(entries):
        if due():
            yield Preparing(what, done, len(entries), "images")
        try:
            images[len(paths)] = decode(entry.read(), str(entry.path), side=side)
            paths.append(entry.path)
        except Unreadable as error:
            broken.append(Sentence("{path} ({error})", path=entry.path, error=error))
        if len(broken) > BROKEN_SHARE * len(entries):
            sentence = Sentence(
                "More than a tenth of the {count:,} pictures in {folder} cannot be read; the first is {first}. Remove them.",
                count=len(entries),
                folder=what,
                first=broken[0],
            )
            raise ValueError(sentence)
    yield Preparing(what, len(entries), len(entries), "images")
    return images[: len(paths)], paths


def _labels(paths: list[PurePosixPath]) -> tuple[Tensor | None, tuple[str, ...]]:
    """Class of each image, int64 (n,), and the classes' names; (None, ()) unless each lies right in one of two or more folders."""
    inner = inside([path.parts[:-1] for path in paths])
    classes = sorted(set(inner))
    if not are_classes(classes):
        return None, ()
    return torch.tensor([classes.index(folder) for folder in inner]), tuple(folder[0] for folder in classes)


def _split(images: Tensor, labels: Tensor | None, classes: tuple[str, ...]) -> DataSet:
    """The data set: in a seeded order, every tenth image held out."""
    order = torch.randperm(len(images), generator=torch.Generator().manual_seed(SEED))
    held = torch.zeros(len(order), dtype=torch.bool)
    held[::HELD_OUT] = True
    train, heldout = order[~held], order[held]
    if labels is None:
        return DataSet(images[train], images[heldout])
    return DataSet(images[train], images[heldout], labels[train], labels[heldout], classes)
