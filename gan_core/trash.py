"""Where deleted runs lie for a while, so that a deletion can be undone."""

from __future__ import annotations

import os
import shutil
import time
from contextlib import suppress
from pathlib import Path

from filelock import FileLock, Timeout

from gan_core.sentences import Sentence
from gan_core.status import asking

FOLDER = ".trash"
KEEP_S = 24 * 3600.0
"""A day: a lesson's mistake is noticed in the lesson, or the next morning."""


class Trash:
    """The deleted runs of a folder of runs: whole folders, moved and not copied."""

    def __init__(self, root: Path) -> None:
        self.root, self.folder = root, root / FOLDER

    def put(self, folder: Path) -> None:
        """Move a run here; ValueError where it is at work, or the disk does not let us."""
        run_id, there = folder.name, self.folder / folder.name
        try:
            with asking(folder):  # so nobody takes hold of the run before it has moved
                with FileLock(folder / "lock", thread_local=False).acquire(timeout=0):
                    pass
                self.folder.mkdir(exist_ok=True)
                shutil.rmtree(there, ignore_errors=True)  # an earlier deletion of the same run, brought here again
                os.utime(folder)
                folder.rename(there)
        except Timeout:
            raise ValueError(Sentence("The run {run} is still at work. Stop it first.", run=run_id)) from None
        except OSError as error:
            raise ValueError(Sentence("The run {run} cannot be deleted: {error}.", run=run_id, error=error)) from error

    def back(self, run_id: str) -> None:
        """Move a run to where it was; ValueError where it is not here any more, or its place is taken."""
        try:
            if (self.root / run_id).exists():
                raise ValueError(Sentence("There is a run {run} in {folder} already.", run=run_id, folder=self.root))
            (self.folder / run_id).rename(self.root / run_id)
        except OSError as error:
            why = Sentence("its files are gone for good") if isinstance(error, FileNotFoundError) else error
            raise ValueError(Sentence("The run {run} cannot be brought back: {error}.", run=run_id, error=why)) from error

    def empty(self, older_than_s: float) -> list[str]:
        """Remove for good what was deleted longer ago than that; the ids of what was removed."""
        removed = []
        for folder in self.folder.glob("*"):
            with suppress(FileNotFoundError):  # brought back this moment
                if time.time() - folder.stat().st_mtime >= older_than_s:
                    shutil.rmtree(folder, ignore_errors=True)
                    removed.append(folder.name)
        return removed
