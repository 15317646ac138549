"""Every curve of a run as CSV, a row a measurement; rows that a continuation replaced are left out."""

from __future__ import annotations

import csv
import math
from pathlib import Path

from gan_core.export.base import Options, Progress
from gan_core.history import PLACE
from gan_core.store import RunStore


def make(store: RunStore, run_id: str, *, path: Path, options: Options, progress: Progress) -> None:
    """Columns step, epoch, images, elapsed_s and one a curve; a cell stays empty where a curve has no value."""
    rows = store.history(run_id).since(None)
    with path.open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file)
        table.writerow([*PLACE, *rows.names])
        table.writerows([_cell(value) for value in row] for row in rows.values.tolist())
    progress(1, 1)


def _cell(value: float) -> str:
    return "" if math.isnan(value) else f"{value:.10g}"
