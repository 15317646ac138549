"""What can be taken along of a run: one row a kind of file. Adding one is a file beside this and a line in `EXPORTS`."""

from __future__ import annotations

import tempfile
from collections import ChainMap
from collections.abc import Callable
from functools import partial
from pathlib import Path

from gan_core.data import DATA
from gan_core.export import curves, film, networks, parcel, scores, script, sheet, tensorboard
from gan_core.export.base import Cancelled, Export, Options, Progress
from gan_core.export.walk import WALKS, Walk
from gan_core.files import write_swapped
from gan_core.sentences import Sentence
from gan_core.store import RunStore

__all__ = [
    "EXPORTS",
    "KINDS",
    "WALKS",
    "Cancelled",
    "Export",
    "Options",
    "Progress",
    "Walk",
    "export",
    "export_bytes",
    "file_name",
    "missing",
    "step_of",
]

EXPORTS: dict[str, Export] = {
    "sheet": Export(
        "Sheet of samples",
        ".png",
        "image/png",
        "A picture of what the generator draws at one moment.",
        sheet.make,
        needs="pictures",
        options=("weights", "step"),
    ),
    "time-lapse.gif": Export(
        "Time-lapse, GIF",
        ".gif",
        "image/gif",
        "How the samples came to be, as a moving picture that every program shows.",
        partial(film.make_pillow, format="GIF"),
        needs="pictures",
        options=("weights", "fps", "side"),
        long=True,
    ),
    "time-lapse.webp": Export(
        "Time-lapse, WebP",
        ".webp",
        "image/webp",
        "How the samples came to be, smaller than a GIF and in all colours; browsers show it.",
        partial(film.make_pillow, format="WEBP"),
        needs="pictures",
        options=("weights", "fps", "side"),
        long=True,
    ),
    "time-lapse.mp4": Export(
        "Time-lapse, MP4",
        ".mp4",
        "video/mp4",
        "How the samples came to be, as a video that can be paused and put into slides.",
        film.make_video,
        needs="pictures",
        packages=("av",),
        options=("weights", "fps", "side"),
        long=True,
    ),
    "curves": Export("Curves, CSV", ".csv", "text/csv", "Every curve as a table: a row a measurement, for any spreadsheet.", curves.make),
    "scores": Export(
        "Scores, JSON",
        ".json",
        "application/json",
        "Figures of merit of the last checkpoint, each beside what real samples get.",
        scores.make,
        needs="checkpoint",
        options=("weights",),
        long=True,
    ),
    "weights": Export(
        "Weights, safetensors",
        ".safetensors",
        "application/octet-stream",
        "The living and the averaged generator of the last checkpoint, for PyTorch and others.",
        networks.make_weights,
        needs="checkpoint",
    ),
    "onnx": Export(
        "Generator, ONNX",
        ".onnx",
        "application/octet-stream",
        "The averaged generator as a file that runs without PyTorch, for instance in a browser.",
        networks.make_onnx,
        needs="checkpoint",
        packages=("onnx", "onnxscript"),
        long=True,
    ),
    "tensorboard": Export(
        "TensorBoard log",
        ".zip",
        "application/zip",
        "Curves, samples and settings for TensorBoard: unpack it and name its folder as logdir.",
        tensorboard.make,
        packages=("tensorboard",),
        options=("weights",),
        long=True,
    ),
    "script": Export(
        "Python script", ".py", "text/x-python", "The run in some forty lines of Python that can be read and changed.", script.make
    ),
    "run": Export(
        "The whole run",
        ".zip",
        "application/zip",
        "Settings, curves, pictures and weights: import it into another GANscope, and go on there.",
        parcel.make,
        long=True,
    ),
}
"""Of a run as it is, as a user names them on the command line."""

KINDS = ChainMap(EXPORTS, WALKS)
"""Every kind of file there is: those of a run, and those of a walk through its latent space."""

STEPS: dict[str, Callable[[RunStore, str], int]] = {
    "nothing": lambda store, run_id: store.status(run_id).step,
    "pictures": lambda store, run_id: max(store.moments(run_id).samples, default=-1),
    "checkpoint": lambda store, run_id: store.status(run_id).checkpoint_step,
    "images": networks.step_at,
}
"""What a kind needs of a run -> the step which the run has come to in that respect."""


def missing(kind: str, store: RunStore, run_id: str) -> str:
    """Why this kind of file cannot be made of this run now, as a sentence; empty where it can. ValueError for what is no kind or no run."""
    if kind not in KINDS:
        raise ValueError(Sentence("There is no export {kind}. There are {kinds}.", kind=repr(kind), kinds=", ".join(KINDS)))
    row = KINDS[kind]
    if reason := row.available():
        return reason
    if row.needs == "pictures" and not store.moments(run_id).samples:
        return Sentence("The run {run} has no pictures yet.", run=run_id)
    if row.needs == "checkpoint" and store.status(run_id).checkpoint_step < 0:
        return Sentence(
            "The run {run} has no checkpoint yet: the first one is written after some seconds, and whenever it is stopped.", run=run_id
        )
    if row.needs == "images":
        return _no_images(store, run_id)
    return ""


def _no_images(store: RunStore, run_id: str) -> str:
    if DATA[store.config(run_id).data].kind == "plane":
        return Sentence("The run {run} draws points, not images: there is nothing to walk through. Choose a run with images.", run=run_id)
    if store.status(run_id).checkpoint_step < 0 and not store.moments(run_id).averages:
        return Sentence("The run {run} keeps no generator yet: the first one is written after some seconds.", run=run_id)
    return ""


def step_of(kind: str, store: RunStore, run_id: str, options: Options) -> int:
    """The step of the run that a file begun now is of: the one that is chosen, or how far the run has come; ValueError for no run."""
    return STEPS[KINDS[kind].needs](store, run_id) if options.step is None else options.step


def export(store: RunStore, run_id: str, *, kind: str, path: Path, options: Options, progress: Progress) -> None:
    """Write the file, whole or not at all. ValueError, saying why, where it cannot be; Cancelled where `progress` says so."""
    if reason := missing(kind, store, run_id):
        raise ValueError(reason)
    write_swapped(path, lambda part: KINDS[kind].make(store, run_id, path=part, options=options, progress=progress))


def export_bytes(store: RunStore, run_id: str, *, kind: str, options: Options) -> bytes:
    """What is in the file, for kinds that take a moment; ValueError as `export`."""
    with tempfile.TemporaryDirectory(prefix="ganscope-") as folder:
        path = Path(folder) / "file"
        export(store, run_id, kind=kind, path=path, options=options, progress=lambda done, total: None)
        return path.read_bytes()


def file_name(kind: str, run_id: str) -> str:
    """What the file should be called."""
    return f"{run_id}-{kind.partition('.')[0]}{KINDS[kind].ending}"
