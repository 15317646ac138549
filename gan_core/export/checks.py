"""Whether the files of a run that came from elsewhere are what they say: everything a screen would read of them is read here first."""

from __future__ import annotations

import dataclasses
import json
import math
import os
from collections.abc import Callable
from functools import lru_cache, partial
from pathlib import Path
from typing import Any, get_args

import numpy as np
from PIL import Image
from safetensors import SafetensorError, safe_open

from gan_core.config import RunConfig
from gan_core.data import DATA
from gan_core.data.pictures import refuse_bombs
from gan_core.events import Place, RunState
from gan_core.files import read_json
from gan_core.looking import blank_generator, classes_in
from gan_core.moments import AVERAGE_ENDING, CHECKPOINT_ENDING
from gan_core.networks.conditional import MOST_CLASSES
from gan_core.past import labels_of_reals
from gan_core.pictures import SCATTER_SIDE
from gan_core.sentences import Sentence, from_parts
from gan_core.status import Status
from gan_core.store import RUN_ID, RunStore

TILES = 16
"""A sheet has 8 by 8 of them."""
POINTS = 100_000
BOMBS = (Image.DecompressionBombError, Image.DecompressionBombWarning)
AT_FAULT = (ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError)
"""What reading values that are not as they should be can raise."""


def check_run(store: RunStore, run_id: str, name: str) -> None:
    """ValueError, saying what is wrong in the zip `name`, unless every file of the run can be read by whoever will want to."""
    refuse_bombs()
    folder = store.folder(run_id)
    config = _clear(name, folder / "config.json", folder=folder, look=lambda: store.config(run_id))
    status = _clear(name, folder / "status.json", folder=folder, look=lambda: _status(folder, config))
    if status.checkpoint_step >= 0 and status.checkpoint_step not in store.moments(run_id).checkpoints:
        at = status.checkpoint_step
        raise ValueError(
            Sentence("{name} cannot be imported: the checkpoint of step {step} is missing in it. Pack it again.", name=name, step=at)
        )
    for path in sorted(folder.rglob("*")):
        check = next((check for ending, check in CHECKS.items() if path.is_file() and path.name.endswith(ending)), None)
        if check is not None:
            _clear(name, path, folder=folder, look=partial(check, path, config))
    _clear(name, folder / "events.jsonl", folder=folder, look=lambda: _events(store, run_id, config))


def _clear(name: str, path: Path, *, folder: Path, look: Callable[[], Any]) -> Any:
    """What `look` returns; ValueError, naming the file as it is called in the zip, where it fails."""
    try:
        return look()
    except (*AT_FAULT, *BOMBS, SafetensorError, OSError, SyntaxError) as error:
        found = {"name": name, "file": path.relative_to(folder).as_posix(), "what": _inside(folder, str(error))}
        if isinstance(found["what"], Sentence):
            raise ValueError(Sentence("{name} cannot be imported: its {file} is not that of a run ({what}).", **found)) from error
        found["kind"] = type(error).__name__
        raise ValueError(Sentence("{name} cannot be imported: its {file} is not that of a run ({kind}: {what}).", **found)) from error


def _inside(folder: Path, said: str) -> str:
    """The same words with files named as they are called in the zip: where it is unpacked means nothing to a reader."""
    if isinstance(said, Sentence):
        values = {name: _inside(folder, value) if isinstance(value, str) else value for name, value in said.values.items()}
        return from_parts({"template": said.template, "values": values})
    return " ".join(said.replace(f"{folder}{os.sep}", "").split())


def _status(folder: Path, config: RunConfig) -> Status:
    known = {field.name for field in dataclasses.fields(Status)}
    values = {key: value for key, value in read_json(folder / "status.json").items() if key in known}
    status = Status(**{"run_id": folder.name} | values)
    for field in dataclasses.fields(Status):
        kind, value = type(getattr(_SAMPLE, field.name)), getattr(status, field.name)
        if isinstance(value, bool) is not (kind is bool) or not isinstance(value, (int, float) if kind is float else kind):
            raise ValueError(Sentence("{name} is {value}", name=field.name, value=repr(value)))
    if status.state not in get_args(RunState) or (status.parent and not RUN_ID.fullmatch(status.parent)):
        raise ValueError(Sentence("state is {state}, parent is {parent}", state=repr(status.state), parent=repr(status.parent)))
    numbers = [
        status.created_at,
        status.updated_at,
        status.epoch,
        status.elapsed_s,
        *(value for row in status.spark.values() for value in row),
    ]
    if not all(math.isfinite(number) for number in numbers) or not 0 <= status.created_at < 1e11:
        raise ValueError(Sentence("a number in it is out of range"))
    config.but(**status.knobs)
    return status


def _events(store: RunStore, run_id: str, config: RunConfig) -> None:
    past, started = store.past(run_id), store.started(run_id)
    for mark in past.marks:
        config.but(**{mark.name: mark.value})
    if started is not None:
        config.but(**started.knobs)
        numbers = (started.threads, started.train_size, started.parameters_generator, started.parameters_critic)
        if started.kind != DATA[config.data].kind or not all(isinstance(number, int) for number in numbers):
            raise ValueError(Sentence("it began as {kind} with {numbers}", kind=repr(started.kind), numbers=numbers))
        count = len(started.classes)
        named = all(isinstance(name, str) for name in started.classes)
        of_reals = (started.reals_labels, labels_of_reals(store.events(run_id)))
        labels = (*started.labels, *of_reals[0], *of_reals[1])
        if not named or not all(isinstance(label, int) and 0 <= label < count for label in labels) or count > MOST_CLASSES:
            raise ValueError(Sentence("its classes are {classes}", classes=started.classes))
        if not {len(found) for found in of_reals} <= {0, len(started.reals)}:
            raise ValueError(Sentence("its classes are {classes}", classes=of_reals))


_SAMPLE = Status("", "stopped")


def _moment(path: Path, config: RunConfig) -> None:
    facts = read_json(path)
    place = Place(**facts["place"])
    verdicts = [value for which in ("living", "averaged") for value in facts["verdicts"][which]]
    if not isinstance(facts["epoch_ended"], bool):
        raise ValueError(Sentence("{name} is {value}", name="epoch_ended", value=repr(facts["epoch_ended"])))
    if not all(math.isfinite(number) for number in (*dataclasses.astuple(place), *verdicts)):
        raise ValueError(Sentence("a number in it is not finite"))


def _sheet(path: Path, config: RunConfig) -> None:
    side = SCATTER_SIDE if path.name == "latest.png" else 0
    most = max(side, TILES * config.shape[-1])
    with Image.open(path, formats=["PNG"]) as image:  # reads its size, not yet its pixels
        if max(image.size) > most:
            width, height = image.size
            raise ValueError(Sentence("{width}x{height} pixels, where {most} a side are allowed", width=width, height=height, most=most))


def _points(path: Path, config: RunConfig) -> None:
    with path.open("rb") as file:
        version = np.lib.format.read_magic(file)
        if version != (1, 0):
            raise ValueError(Sentence("format {version}", version=version))
        shape, _, kind = np.lib.format.read_array_header_1_0(file)
    if len(shape) != 2 or shape[1] != 2 or shape[0] > POINTS or kind != np.float32 or path.stat().st_size < 8 * shape[0]:
        raise ValueError(Sentence("an array of shape {shape} and type {kind}", shape=shape, kind=kind))


def _average(path: Path, config: RunConfig) -> None:
    with safe_open(path, framework="np") as file:
        _same(config, {key: file.get_slice(key).get_shape() for key in file.keys()})  # noqa: SIM118 - not a dict


def _checkpoint(path: Path, config: RunConfig) -> None:
    with safe_open(path, framework="np") as file:
        found = {key: file.get_slice(key).get_shape() for key in file.keys()}  # noqa: SIM118 - not a dict
        facts = json.loads(file.metadata()["state"])
    Place(**facts["place"])
    config.but(**facts["numbers"]["live"])
    for prefix in ("generator.", "average."):
        _same(config, {key.removeprefix(prefix): shape for key, shape in found.items() if key.startswith(prefix)})


@lru_cache(maxsize=4)
def _shapes(config: RunConfig, classes: int) -> dict[str, list[int]]:
    """Of every weight of a run's generator; made once for all its files."""
    return {key: list(tensor.shape) for key, tensor in blank_generator(config, classes).state_dict().items()}


def _same(config: RunConfig, found: dict[str, list[int]]) -> None:
    shapes = _shapes(config, classes_in(config, found))
    wrong = sorted(key for key in shapes.keys() | found.keys() if shapes.get(key) != found.get(key))
    if wrong:
        name = wrong[0]
        shape, wanted = found.get(name), shapes.get(name)
        raise ValueError(Sentence("{name} has the shape {shape}, and these settings need {wanted}", name=name, shape=shape, wanted=wanted))


CHECKS: dict[str, Callable[[Path, RunConfig], None]] = {
    "config.json": lambda path, config: None,
    "status.json": lambda path, config: None,
    "scores-averaged.json": lambda path, config: None,  # arrive.py reads the scores, and leaves out what cannot be read
    "scores-living.json": lambda path, config: None,
    ".json": _moment,
    ".png": _sheet,
    ".npy": _points,
    AVERAGE_ENDING: _average,
    CHECKPOINT_ENDING: _checkpoint,
}
"""By how a file's name ends; the first that fits."""
