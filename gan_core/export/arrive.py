"""A run that comes as a zip (`parcel.py` makes them): looked through file by file before it is let in."""

from __future__ import annotations

import dataclasses
import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from gan_core.data.pictures import Unreadable
from gan_core.data.zips import Entry, Limits, opened
from gan_core.export.base import WHOSE
from gan_core.export.checks import check_run
from gan_core.export.parcel import known
from gan_core.files import write_json
from gan_core.metrics import METRICS
from gan_core.metrics.referee import OWN, RANDOM
from gan_core.metrics.scores import Scores, add_live, keep_scores, kept_scores, live_scores
from gan_core.record import new_id
from gan_core.sentences import Sentence
from gan_core.store import RUN_ID, RunStore

NEEDED = ("config.json", "status.json")
"""Without these it is no run; a run that ended early has nothing else."""
CONFIG = NEEDED[0]
MOST_FILES = 5_000
MOST_FILE_BYTES = 500_000_000
"""A large network's checkpoint; zips.py limits the whole."""


def import_run(root: Path, file: Path | BinaryIO, name: str = "") -> str:
    """The id of the run that was in the zip and is now one of the runs in `root`: its own id, or a new one where that is taken.

    ValueError, in a sentence, for whatever is wrong with it; then nothing is left behind.
    """
    if isinstance(file, Path):
        with _readable(file) as there:
            return import_run(root, there, name or file.name)
    name = name or Sentence("The zip")
    try:
        root.mkdir(parents=True, exist_ok=True)
        workplace = Path(tempfile.mkdtemp(prefix=".import-", dir=root))
    except OSError as error:
        raise ValueError(
            Sentence(
                "No run can be kept in {folder}: {error}. Free some room there, or name another folder.", folder=root, error=error.strerror
            )
        ) from error
    try:
        with opened(file, name, Limits(_wanted, MOST_FILE_BYTES)) as entries:
            guest = _unpacked(entries, workplace, name)
        check_run(RunStore(workplace), guest.name, name)
        _clean_scores(guest)
        return _moved_in(guest, root)
    except OSError as error:
        why = error.strerror or error
        raise ValueError(Sentence("{name} could not be imported: {error}. Free some room, or try again.", name=name, error=why)) from error
    finally:
        shutil.rmtree(workplace, ignore_errors=True)


@contextmanager
def _readable(path: Path) -> Iterator[BinaryIO]:
    """The file, open; ValueError, in a sentence, where there is none or it cannot be read."""
    try:
        file = path.open("rb")
    except (FileNotFoundError, NotADirectoryError) as error:
        raise ValueError(Sentence("There is no file {path}. Name a zip that GANscope made of a whole run.", path=path)) from error
    except OSError as error:
        raise ValueError(Sentence("{path} cannot be read: {error}.", path=path, error=error.strerror or error)) from error
    with file:
        yield file


def _wanted(path: PurePosixPath) -> bool:
    return known(path) or known(_below(path))


def _below(path: PurePosixPath) -> PurePosixPath:
    """The path seen from the top folder it is in."""
    return PurePosixPath(*path.parts[1:])


def _unpacked(entries: list[Entry], workplace: Path, name: str) -> Path:
    """The folder with the run's files; ValueError where there is no run, or more than one."""
    tops = {entry.path.parent for entry in entries if entry.path.name == CONFIG}
    if len(tops) > 1:
        raise ValueError(Sentence("{name} holds more than one run. Pack each of them by itself.", name=name))
    top = tops.pop() if tops else PurePosixPath()
    files = {
        path: entry for entry in entries if known(path := entry.path.relative_to(top) if entry.path.is_relative_to(top) else entry.path)
    }
    for needed in NEEDED:
        if PurePosixPath(needed) not in files:
            raise ValueError(
                Sentence(
                    "{name} holds no run: there is no {file} in it. Choose a zip that GANscope made of a whole run.", name=name, file=needed
                )
            )
    if len(files) > MOST_FILES:
        raise ValueError(
            Sentence("{name} holds {count:,} files, and a run has {most:,} at most.", name=name, count=len(files), most=MOST_FILES)
        )
    folder = workplace / (top.name if RUN_ID.fullmatch(top.name) else "run")
    for part in ("samples", "weights"):
        (folder / part).mkdir(parents=True)
    for path, entry in files.items():
        try:
            (folder / path).write_bytes(entry.read())
        except Unreadable as error:
            raise ValueError(
                Sentence("{name} is damaged: {path} cannot be read ({error}). Pack it again.", name=name, path=path, error=error)
            ) from error
    return folder


def _clean_scores(guest: Path) -> None:
    """Keep of the run's scores what this program can show; they can be measured anew, so what cannot be read is left out in silence."""
    lines = [_shown(scores) for scores in live_scores(guest)]
    finals = [_shown(scores) for weights in WHOSE if (scores := kept_scores(guest, weights)) is not None and scores.weights == weights]
    for path in guest.glob("scores*"):
        path.unlink()
    for scores in lines:
        add_live(guest, scores)
    for scores in finals:
        keep_scores(guest, scores)


def _shown(scores: Scores) -> Scores:
    """The scores with figures that we know and texts that are only texts."""
    figures = {name: figure for name, figure in scores.figures.items() if name in METRICS}
    classes, notes = (tuple(map(_plain, texts)) for texts in (scores.classes, scores.notes))
    judge = scores.judge if scores.judge in (OWN, RANDOM) else ""
    return dataclasses.replace(scores, figures=figures, judge=judge, classes=classes, notes=notes)


def _plain(text: object) -> str:
    """A guest's text: shown as Markdown, brackets could make it load a picture from anywhere."""
    return re.sub(r"[\[\]<>]", " ", str(text))[:1000]


def _moved_in(guest: Path, root: Path) -> str:
    """The id under which the checked run stands among the others now."""
    store = RunStore(guest.parent)
    status, config = store.status(guest.name), store.config(guest.name)
    own = guest.name if guest.name != "run" else ""
    run_id = own if own and not (root / own).exists() else new_id(config)
    room = sum(path.stat().st_size for path in guest.rglob("*") if path.is_file())
    message = _plain(status.message)
    # Parts could say anything else, and only what came with GANscope is bundled: a guest can be changed and deleted.
    told = dataclasses.replace(status, run_id=run_id, message=message, message_parts={}, bytes=room, bundled=False)
    # Nobody holds it here, so a run that was at work counts as interrupted.
    write_json(guest / "status.json", dataclasses.asdict(told))
    (guest / "lock").unlink(missing_ok=True)
    guest.rename(root / run_id)
    return run_id
