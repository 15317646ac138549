"""A run that comes as a zip (`parcel.py` makes them): looked through file by file before it is let in."""

from __future__ import annotations

import dataclasses
import re
import shutil
import tempfile
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from gan_core.data.pictures import Unreadable
from gan_core.data.zips import Entry, Limits, opened
from gan_core.export.checks import check_run
from gan_core.export.parcel import known
from gan_core.files import write_json
from gan_core.store import RUN_ID, RunStore, new_id

MOST_FILES = 5_000
MOST_FILE_BYTES = 500_000_000
"""A large network's checkpoint; zips.py limits the whole."""


def import_run(root: Path, file: Path | BinaryIO, name: str = "") -> str:
    """The id of the run that was in the zip and is now one of the runs in `root`: its own id, or a new one where that is taken.

    ValueError, in a sentence, for whatever is wrong with it; then nothing is left behind.
    """
    name = name or (file.name if isinstance(file, Path) else "The zip")
    try:
        root.mkdir(parents=True, exist_ok=True)
        workplace = Path(tempfile.mkdtemp(prefix=".import-", dir=root))
    except OSError as error:
        raise ValueError(f"No run can be kept in {root}: {error.strerror}. Free some room there, or name another folder.") from error
    try:
        with opened(file, name, Limits(_wanted, MOST_FILE_BYTES)) as entries:
            guest = _unpacked(entries, workplace, name)
        check_run(RunStore(workplace), guest.name, name)
        return _moved_in(guest, root)
    except OSError as error:
        raise ValueError(f"{name} could not be imported: {error.strerror or error}. Free some room, or try again.") from error
    finally:
        shutil.rmtree(workplace, ignore_errors=True)


def _wanted(path: PurePosixPath) -> bool:
    return known(path) or known(_below(path))


def _below(path: PurePosixPath) -> PurePosixPath:
    """The path seen from the top folder it is in."""
    return PurePosixPath(*path.parts[1:])


def _unpacked(entries: list[Entry], workplace: Path, name: str) -> Path:
    """The folder with the run's files; ValueError where there is no run, or more than one."""
    tops = {entry.path.parent for entry in entries if entry.path.name == "config.json"}
    if not tops:
        raise ValueError(f"{name} holds no run: there is no config.json in it. Choose a zip that GANscope made of a whole run.")
    if len(tops) > 1:
        raise ValueError(f"{name} holds more than one run. Pack each of them by itself.")
    top = tops.pop()
    files = {
        path: entry for entry in entries if known(path := entry.path.relative_to(top) if entry.path.is_relative_to(top) else entry.path)
    }
    if len(files) > MOST_FILES:
        raise ValueError(f"{name} holds {len(files):,} files, and a run has {MOST_FILES:,} at most.")
    folder = workplace / (top.name if RUN_ID.fullmatch(top.name) else "run")
    for part in ("samples", "weights"):
        (folder / part).mkdir(parents=True)
    for path, entry in files.items():
        try:
            (folder / path).write_bytes(entry.read())
        except Unreadable as error:
            raise ValueError(f"{name} is damaged: {path} cannot be read ({error}). Pack it again.") from error
    return folder


def _moved_in(guest: Path, root: Path) -> str:
    """The id under which the checked run stands among the others now."""
    store = RunStore(guest.parent)
    status, config = store.status(guest.name), store.config(guest.name)
    own = guest.name if guest.name != "run" else ""
    run_id = own if own and not (root / own).exists() else new_id(config)
    room = sum(path.stat().st_size for path in guest.rglob("*") if path.is_file())
    # A message is shown as Markdown: brackets could make it load a picture from anywhere.
    message = re.sub(r"[\[\]<>]", " ", status.message)[:1000]
    # Nobody holds it here, so a run that was at work counts as interrupted.
    write_json(guest / "status.json", dataclasses.asdict(dataclasses.replace(status, run_id=run_id, message=message, bytes=room)))
    (guest / "lock").unlink(missing_ok=True)
    guest.rename(root / run_id)
    return run_id
