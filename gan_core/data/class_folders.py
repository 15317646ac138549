"""Which folders are classes: those in which pictures lie, if there are several and none lies deeper than another."""

from __future__ import annotations

import os
from collections.abc import Collection
from functools import lru_cache
from pathlib import Path, PurePosixPath

from gan_core.data.zips import opened, wanted

MOST_LOOKED_AT = 5_000
"""Names in a directory after which a look gives up: it is taken each time a page is drawn."""

Folder = tuple[str, ...]
"""The names on the way to a picture."""


def inside(folders: Collection[Folder]) -> list[Folder]:
    """The same folders without what all have in common: the folder around the whole collection, as most programs put into a zip."""
    first, last = min(folders), max(folders)
    around = next((i for i, pair in enumerate(zip(first, last, strict=False)) if pair[0] != pair[1]), min(len(first), len(last)))
    return [folder[around:] for folder in folders]


def are_classes(folders: Collection[Folder]) -> bool:
    """Whether folders that have nothing in common any more are classes: two or more, side by side."""
    return len(folders) > 1 and all(len(folder) == 1 for folder in folders)


def surely_none(path: Path) -> bool:
    """Whether the names in a directory or zip already say that there are no classes; False where only reading all can tell.

    One picture beside the class folders is enough: nobody knows yet that it cannot be read, if so, and would be left out.
    """
    try:
        facts = path.stat()
        return _in_directory(path) if path.is_dir() else _in_zip(path, facts.st_mtime_ns, facts.st_size)
    except (ValueError, OSError):
        return False  # who reads it is told what is wrong with it


def _in_directory(root: Path) -> bool:
    holding, names_seen, whole = set[Folder](), 0, True
    for place, folders, names in os.walk(root):
        folders[:] = [folder for folder in folders if not folder.startswith(".")]
        here = Path(place).relative_to(root).parts
        if any(wanted(PurePosixPath(*here, name)) for name in names):
            holding.add(here)
        names_seen += len(names) + len(folders)
        if names_seen > MOST_LOOKED_AT:
            whole = False
            break
    # Pictures at two depths stay so, whatever else there is; a single folder may yet get neighbours, unless it is the root.
    certain = whole or len(holding) > 1 or () in holding
    return certain and _are_none(holding)


@lru_cache(maxsize=8)
def _in_zip(path: Path, changed_ns: int, size: int) -> bool:
    """The same for a zip as it was changed last; ValueError where it is none."""
    with opened(path, path.name) as entries:
        return _are_none({entry.path.parts[:-1] for entry in entries})


def _are_none(holding: set[Folder]) -> bool:
    return bool(holding) and not are_classes(inside(holding))
