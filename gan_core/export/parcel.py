"""The whole folder of a run as a zip, to be imported elsewhere (`arrive.py`)."""

from __future__ import annotations

import re
import zipfile
from pathlib import Path, PurePosixPath

from gan_core.export.base import Options, Progress
from gan_core.moments import AVERAGE_ENDING, CHECKPOINT_ENDING, SAMPLE_ENDINGS
from gan_core.store import RunStore

_STEP = "|".join(map(re.escape, SAMPLE_ENDINGS))
_WEIGHTS = "|".join(map(re.escape, (AVERAGE_ENDING, CHECKPOINT_ENDING)))
KNOWN = re.compile(
    r"(config|status)\.json|events\.jsonl|samples/(reals\.(png|npy)|latest\.png)"
    r"|scores\.jsonl|scores-(averaged|living)\.json"
    rf"|samples/[0-9]{{9,12}}({_STEP})|weights/[0-9]{{9,12}}({_WEIGHTS})"
)
"""The files that make a run, seen from its folder. Locks and what is being written are none of them."""
SQUEEZED = (".json", ".jsonl", ".npy")
"""Endings worth packing; pictures and weights hardly shrink."""


def make(store: RunStore, run_id: str, *, path: Path, options: Options, progress: Progress) -> None:
    """A zip of one folder, named as the run. A run at work can be packed too: what it thins away meanwhile is left out."""
    folder = store.folder(run_id)
    names = sorted((name for file in folder.rglob("*") if known(name := file.relative_to(folder))), key=_order)
    with zipfile.ZipFile(path, "w") as archive:
        for done, name in enumerate(names):
            progress(done, len(names))
            try:
                data = (folder / name).read_bytes()
            except FileNotFoundError:
                continue
            packing = zipfile.ZIP_DEFLATED if name.suffix in SQUEEZED else zipfile.ZIP_STORED
            archive.writestr(f"{run_id}/{name.as_posix()}", data, packing)
    progress(len(names), len(names))


def known(name: Path | PurePosixPath) -> bool:
    """Whether a run has a file of this name, seen from its folder."""
    return KNOWN.fullmatch(name.as_posix()) is not None


def _order(name: Path) -> tuple[bool, bool, str]:
    # A run at work replaces its checkpoints: the status first, then at once the checkpoint it speaks of.
    return name.name != "status.json", not name.name.endswith(CHECKPOINT_ENDING), name.as_posix()
