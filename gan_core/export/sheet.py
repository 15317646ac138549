"""A moment's samples as one PNG, large enough to be looked at."""

from __future__ import annotations

import math
from pathlib import Path

from PIL import Image

from gan_core.events import Pictures
from gan_core.export.base import Options, Progress
from gan_core.moments import SAMPLE_ENDINGS, kept_steps, name_of
from gan_core.pictures import read_pictures, scatter_image, sheet_image
from gan_core.sentences import Sentence
from gan_core.store import RunStore

SIDE = 1024
"""Pixels of the longer side, at least."""


def make(store: RunStore, run_id: str, *, path: Path, options: Options, progress: Progress) -> None:
    """The samples at `options.step`, or the last ones; ValueError where that moment was not kept."""
    steps = steps_of(store, run_id)
    step = steps[-1] if options.step is None and steps else options.step
    pictures = samples_at(store, run_id, step, options.weights) if step is not None and step in steps else None
    if pictures is None:
        raise ValueError(Sentence("The run {run} keeps no pictures of step {step}.", run=run_id, step=str(step)))
    picture_of(pictures).save(path, format="PNG")
    progress(1, 1)


def steps_of(store: RunStore, run_id: str) -> list[int]:
    """Steps of the moments that have pictures, ascending."""
    return kept_steps(store.folder(run_id) / "samples", SAMPLE_ENDINGS[0])


def samples_at(store: RunStore, run_id: str, step: int, weights: str) -> Pictures | None:
    """The samples of one generator at a kept moment; None where they are gone."""
    return read_pictures(store.folder(run_id) / "samples" / name_of(step, f"-{weights}"), store.config(run_id).shape)


def picture_of(pictures: Pictures) -> Image.Image:
    """A sheet enlarged by a whole number, so that pixels stay squares; points as dots on a large square."""
    if pictures.ndim == 2:
        return scatter_image(pictures, side=SIDE)
    sheet = sheet_image(pictures)
    factor = math.ceil(SIDE / max(sheet.size))
    return sheet.resize((sheet.width * factor, sheet.height * factor), Image.Resampling.NEAREST)
