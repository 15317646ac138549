"""A run as a log of TensorBoard: scalars by step and time, some sheets of samples, the settings as a table."""

from __future__ import annotations

import math
import tempfile
import zipfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from gan_core.export.base import Options, Progress
from gan_core.export.sheet import picture_of, samples_at, steps_of
from gan_core.store import RunStore

SHEETS = 20
"""Sheets of samples in a log, at most."""
ROWS = 64
"""Rows of curves between two reports."""


def make(store: RunStore, run_id: str, *, path: Path, options: Options, progress: Progress) -> None:
    """A zip of one folder, named as the run, with the log in it."""
    with tempfile.TemporaryDirectory(prefix="ganscope-") as temporary:
        _write_log(store, run_id, Path(temporary), options=options, progress=progress)
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for file in sorted(Path(temporary).iterdir()):
                archive.write(file, f"{run_id}/{file.name}")


def _write_log(store: RunStore, run_id: str, folder: Path, *, options: Options, progress: Progress) -> None:
    from torch.utils.tensorboard import SummaryWriter  # it may not be there, and takes two seconds

    rows, sheets = store.history(run_id).since(None), some(steps_of(store, run_id), SHEETS)
    total, began = len(rows.values) + len(sheets), store.status(run_id).created_at
    elapsed = {int(row[0]): row[3] for row in rows.values}
    with SummaryWriter(str(folder)) as log:
        log.add_text("settings", _table(store, run_id), walltime=began)
        for done, row in enumerate(rows.values.tolist()):
            if done % ROWS == 0:
                progress(done, total)
            for name, value in zip(rows.names, row[4:], strict=True):
                if not math.isnan(value):
                    log.add_scalar(name, value, int(row[0]), walltime=began + row[3])
        for done, step in enumerate(sheets):
            progress(len(rows.values) + done, total)
            pictures = samples_at(store, run_id, step, options.weights)
            if pictures is not None:
                image, place = np.asarray(picture_of(pictures).convert("RGB")), began + elapsed.get(step, 0.0)
                log.add_image(f"samples/{options.weights}", image, step, walltime=place, dataformats="HWC")
    progress(total, total)


def some(steps: Sequence[int], most: int) -> list[int]:
    """At most so many of the steps, evenly spread, the first and the last among them."""
    if len(steps) <= most:
        return list(steps)
    return [steps[round(place * (len(steps) - 1) / (most - 1))] for place in range(most)]


def _table(store: RunStore, run_id: str) -> str:
    """The settings as a table of Markdown."""
    return "\n".join(
        ["| setting | value |", "| --- | --- |", *(f"| {name} | {value} |" for name, value in store.config(run_id).to_dict().items())]
    )
