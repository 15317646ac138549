"""The sets that are published as files: found on disk, or downloaded from the mirrors that torchvision knows."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import Any, Protocol

from gan_core.data import cifar, idx
from gan_core.data.base import ROOT_VARIABLE, USUAL_ROOT, DataSet, Loading, Request, data_root
from gan_core.data.download import Unreachable, Wanted, fetch, md5_of
from gan_core.events import Preparing
from gan_core.sentences import Sentence


class Files(Protocol):
    """A way to pack a set into files: a module of this package."""

    NAMES: tuple[str, ...]
    """As they are called for download."""

    def complete(self, folder: Path) -> bool:
        """True if all of them are there."""

    def read(self, folder: Path, classes: tuple[str, ...]) -> DataSet:
        """The official split; ValueError if a file is damaged."""

    def wanted(self, listed: Any) -> list[Wanted]:
        """What is to be downloaded, from a class of torchvision."""


@dataclass(frozen=True)
class Published:
    """A published set: what its files are called, how they are read, and where they may lie already."""

    torchvision: str
    """Name of torchvision's class, and of the folder torchvision keeps the files in."""
    shape: tuple[int, int, int]
    files: Files
    classes: tuple[str, ...]
    recognised: Callable[[Path], bool]
    """True if the files in a folder that says nothing by its name are this set's."""
    packaged: tuple[str, ...] = ()
    """Folders in which a package of the operating system puts the files."""


DIGITS = tuple("0123456789")

PUBLISHED: dict[str, Published] = {
    "fashion-mnist": Published(
        "FashionMNIST",
        (1, 28, 28),
        idx,
        ("T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot"),
        # MNIST's relatives share their file names. What tells them apart is how their labels begin.
        recognised=lambda folder: idx.first_labels(folder) == "9003027255",
        packaged=("/usr/share/datasets/fashion-mnist",),  # Debian and Ubuntu: dataset-fashion-mnist
    ),
    "mnist": Published(
        "MNIST",
        (1, 28, 28),
        idx,
        DIGITS,
        recognised=lambda folder: idx.first_labels(folder) == "5041921314",
    ),
    "kmnist": Published(
        "KMNIST",
        (1, 28, 28),
        idx,
        ("o", "ki", "su", "tsu", "na", "ha", "ma", "ya", "re", "wo"),
        # Only by the name of its folder: we had no copy to see how its labels begin.
        recognised=lambda _: False,
    ),
    "cifar-10": Published(
        "CIFAR10",
        (3, 32, 32),
        cifar,
        ("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"),
        recognised=lambda _: True,
    ),
}

_loaded: dict[tuple[str, Path], DataSet] = {}
_loaded_lock = Lock()


def shape(name: str) -> Callable[[Request], tuple[int, ...]]:
    """The `shape` of a row of the registry."""
    return lambda _: PUBLISHED[name].shape


def where(name: str) -> Callable[[Request], str | None]:
    """The `where` of a row of the registry: the folder that has all the files, None if there is none."""

    def found(_: Request) -> str | None:
        folder = locate(name)
        return str(folder) if folder else None

    return found


def load(name: str) -> Callable[[Request], Loading]:
    """The `load` of a row of the registry: from memory, else from disk, else from a mirror.

    ValueError if a file on disk is damaged, if no mirror gives the files, or if there is nowhere to put them.
    """

    def loading(_: Request) -> Loading:
        folder = locate(name)
        if folder is None:
            folder = yield from _download(name)
        key = (name, folder.resolve())
        with _loaded_lock:
            if key not in _loaded:
                _loaded[key] = PUBLISHED[name].files.read(folder, PUBLISHED[name].classes)
            return _loaded[key]

    return loading


def locate(name: str) -> Path | None:
    """The first folder that has all files of the set; None if there is none."""
    published = PUBLISHED[name]
    return next((folder for folder in _candidates(name) if published.files.complete(folder)), None)


def _candidates(name: str) -> Iterator[Path]:
    """Folders whose files, if they are complete, are those of this set."""
    published = PUBLISHED[name]
    for root in dict.fromkeys((data_root(), USUAL_ROOT)):
        yield from (root / published.torchvision / "raw", root / published.torchvision, root / name)
        if root.name in (name, published.torchvision) or published.recognised(root):
            yield root
    yield from map(Path, published.packaged)


def _download(name: str) -> Generator[Preparing, None, Path]:
    """Folder of the files, all fetched and checked."""
    folder = data_root() / name
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ValueError(
            Sentence(
                "{name} has to be downloaded, but its folder {folder} cannot be made ({error}): "
                "set {variable} to a folder where you may write. {at_hand}",
                name=name,
                folder=folder,
                error=error.strerror,
                variable=ROOT_VARIABLE,
                at_hand=_at_hand(),
            )
        ) from error
    for wanted in _wanted(name):
        # What an earlier try has brought is not fetched again.
        if not (folder / wanted.name).is_file() or md5_of(folder / wanted.name) != wanted.md5:
            try:
                yield from fetch(wanted, folder)
            except Unreachable as error:
                raise ValueError(
                    Sentence(
                        "{name} could not be downloaded ({error}). You can put {files} into {folder} by hand. {at_hand}",
                        name=name,
                        error=error,
                        files=", ".join(PUBLISHED[name].files.NAMES),
                        folder=folder.resolve(),
                        at_hand=_at_hand(),
                    )
                ) from error
    return folder


def _wanted(name: str) -> list[Wanted]:
    """The files of the set with their mirrors and checksums, as torchvision lists them."""
    from torchvision import datasets  # Takes seconds, and those who have the files need it not.

    return PUBLISHED[name].files.wanted(getattr(datasets, PUBLISHED[name].torchvision))


def _at_hand() -> Sentence:
    """A sentence with the sets that need no download."""
    # Not at the top: the registry imports this file.
    from gan_core.data import DATA

    names = [name for name, source in DATA.items() if source.where(Request())]
    return Sentence("These need no download: {names}.", names=", ".join(names))
