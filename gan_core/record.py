"""Writing one run down, event by event, in its own thread."""

from __future__ import annotations

import dataclasses
import json
import os
import secrets
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch
from filelock import FileLock, Timeout
from safetensors.torch import save_file
from torch import Tensor

from gan_core.config import RunConfig
from gan_core.events import Changed, Checkpoint, Event, Finished, Metrics, Place, Refused, RunState, Samples, Scored, Started, Weights
from gan_core.files import write_json, write_swapped, write_whole
from gan_core.history import History
from gan_core.moments import (
    AVERAGE_ENDING,
    CHECKPOINT_BYTES,
    CHECKPOINT_ENDING,
    KEEP_AVERAGES,
    KEEP_CHECKPOINTS,
    KEEP_SAMPLES,
    SAMPLE_ENDINGS,
    Shelf,
    name_of,
)
from gan_core.pictures import write_picture, write_pictures
from gan_core.sentences import Sentence, parts_of
from gan_core.status import Status, asking

STATUS_EVERY_S = 2.0
SPARK = 32
"""Points of the small curves that a list of runs shows; an even number."""
SPARK_CURVES = ("loss/critic", "loss/generator")


class RunRecord:
    """Writes one run down, event by event; lives in the run thread."""

    def __init__(self, folder: Path, status: Status, config: RunConfig, history: History | None = None) -> None:
        """Take hold of the folder; ValueError where another process has it. `history`: the curves of an earlier life of the run."""
        self.folder, self.run_id, self.config = folder, folder.name, config
        self.status = status
        self._lock = FileLock(folder / "lock", thread_local=False)
        try:
            with asking(folder):
                self._lock.acquire(timeout=0)
        except Timeout:
            raise ValueError(Sentence("The run {run} is at work in another process.", run=self.run_id)) from None
        self._events = _open_for_appending(folder / "events.jsonl")
        self._status_due_s = 0.0
        self._latest: Samples | None = None
        self._samples = Shelf(folder / "samples", SAMPLE_ENDINGS, KEEP_SAMPLES)
        self._averages = Shelf(folder / "weights", [AVERAGE_ENDING], KEEP_AVERAGES)
        self._checkpoints = Shelf(folder / "weights", [CHECKPOINT_ENDING], KEEP_CHECKPOINTS)
        self._spark = History(SPARK)
        before = (history or History()).since(None)
        for row in before.values:
            self._spark.append(_metrics(before.names, row))
        self._save_status()

    def append(self, event: Event) -> None:
        """Write one event down."""
        match event:
            case Started():
                self._began(event)
            case Metrics():
                alone = {"player": event.player, "moved": dict(event.moved)} if event.moved else {}
                self._line("metrics", event.place, steps=event.steps, values=dict(event.values), **alone)
                self._spark.append(event)
                if time.monotonic() >= self._status_due_s:
                    self._save_status()
            case Samples():
                self._keep_samples(event)
            case Weights(asked=False):  # those that were asked for would make the kept moments depend on who looks
                self._keep_average(event.place.step, event.averaged)
            case Checkpoint():
                self._keep_checkpoint(event)
            case Changed():
                self._line("changed", event.place, name=event.name, value=event.value)
                self.status = dataclasses.replace(self.status, knobs={**self.status.knobs, event.name: event.value})
            case Refused():
                self._line("refused", event.place, name=event.name, message=event.message)
            case Scored():
                self._line("scored", event.place, of_step=event.of_step, figures=dict(event.figures), kinds=event.kinds)
            case Finished():
                self._line("finished", event.place)

    def close(self, state: RunState, message: str) -> None:
        """Write how the run ended and let go of the folder."""
        self._line("ended", None, state=state, message=message)
        self._events.close()
        self.status = dataclasses.replace(
            self.status, state=state, message=message, message_parts=parts_of(message), bytes=_room(self.folder)
        )
        self._save_status()
        self._lock.release()

    def _line(self, event: str, place: Place | None, **values: Any) -> None:
        # A row of status follows every place, so that a list of runs never has to open the events.
        if place is not None:
            self.status = dataclasses.replace(self.status, **dataclasses.asdict(place))
            values = dataclasses.asdict(place) | values
        self._events.write(json.dumps({"event": event} | values, separators=(",", ":")) + "\n")
        self._events.flush()

    def _began(self, event: Started) -> None:
        for shelf in (self._samples, self._averages, self._checkpoints):
            shelf.drop_after(event.place.step)
        self._spark.drop_after(event.place.step)
        facts = {field.name: getattr(event, field.name) for field in dataclasses.fields(event) if field.name not in ("place", "reals", "z")}
        self._line("started", event.place, **facts)
        write_pictures(self.folder / "samples" / "reals", event.reals)
        self.status = dataclasses.replace(self.status, state="running", device=event.device, threads=event.threads, knobs=dict(event.knobs))
        self._save_status()

    def _keep_samples(self, event: Samples) -> None:
        folder, step = self.folder / "samples", event.place.step
        self._latest = event
        write_pictures(folder / name_of(step, "-living"), event.living)
        write_pictures(folder / name_of(step, "-averaged"), event.averaged)
        verdicts = {"living": _rounded(event.verdict_living), "averaged": _rounded(event.verdict_averaged)}
        facts = {"place": dataclasses.asdict(event.place), "epoch_ended": event.epoch_ended, "verdicts": verdicts, "variety": event.variety}
        text = json.dumps(facts, separators=(",", ":"))
        write_swapped(folder / name_of(step, ".json"), lambda temporary: temporary.write_text(text, encoding="utf-8"))
        self._samples.put(step)
        if event.variety is not None:  # pictures are thinned out, this number is not: the coach reads it again
            self._line("samples", event.place, variety=event.variety)
        self.status = dataclasses.replace(self.status, **dataclasses.asdict(event.place))

    def _keep_average(self, step: int, averaged: Mapping[str, Tensor]) -> None:
        path = self.folder / "weights" / name_of(step, AVERAGE_ENDING)
        half = {name: tensor.to(torch.float16) if tensor.is_floating_point() else tensor for name, tensor in averaged.items()}
        write_swapped(path, lambda temporary: save_file(half, temporary))
        self._averages.put(step)

    def _keep_checkpoint(self, event: Checkpoint) -> None:
        step = event.place.step
        path = self.folder / "weights" / name_of(step, CHECKPOINT_ENDING)
        write_checkpoint(path, event)
        self._checkpoints.most = max(2, min(KEEP_CHECKPOINTS, CHECKPOINT_BYTES // max(1, path.stat().st_size)))
        self._checkpoints.put(step)
        prefix = "average."
        self._keep_average(step, {name.removeprefix(prefix): value for name, value in event.tensors.items() if name.startswith(prefix)})
        self._line("checkpoint", event.place)
        self.status = dataclasses.replace(self.status, checkpoint_step=step, bytes=_room(self.folder))
        self._save_status()

    def _write_latest(self) -> None:
        if self._latest is not None:
            write_picture(self.folder / "samples" / "latest.png", self._latest.averaged)
            self._latest = None

    def _save_status(self) -> None:
        self._status_due_s = time.monotonic() + STATUS_EVERY_S
        self._write_latest()
        facts = _facts(self.config.but(**self.status.knobs))
        self.status = dataclasses.replace(self.status, updated_at=time.time(), spark=self._sparks(), facts=facts)
        write_json(self.folder / "status.json", dataclasses.asdict(self.status))

    def _sparks(self) -> dict[str, tuple[float, ...]]:
        rows = self._spark.since(None)
        columns = {name: rows.values[:, -len(rows.names) + index] for index, name in enumerate(rows.names) if name in SPARK_CURVES}
        return {name: _rounded(tuple(values[np.isfinite(values)])) for name, values in columns.items()}


def new_id(config: RunConfig) -> str:
    """A name for a run that nobody has: its beginning, its data, and some chance."""
    return f"{time.strftime('%Y%m%d-%H%M%S')}-{config.data}-{secrets.token_hex(2)}"


def write_checkpoint(path: Path, checkpoint: Checkpoint) -> None:
    """A checkpoint as one safetensors file; its place and numbers stand in the header."""
    facts = {"place": dataclasses.asdict(checkpoint.place), "numbers": dict(checkpoint.state)}
    write_whole(path, lambda temporary: save_file(dict(checkpoint.tensors), temporary, {"state": json.dumps(facts)}))


def _facts(config: RunConfig) -> dict[str, str]:
    return {"data": config.data, "network": config.network, "game": config.game} | config.differences(RunConfig())


def _rounded(values: tuple[float, ...]) -> tuple[float, ...]:
    return tuple(float(f"{value:.4g}") for value in values)


def _metrics(names: tuple[str, ...], row: Any) -> Metrics:
    step, epoch, images, elapsed_s = row[:4]
    values = {name: value for name, value in zip(names, row[4:], strict=True) if np.isfinite(value)}
    return Metrics(Place(int(step), epoch, int(images), elapsed_s), 1, values)


def _room(folder: Path) -> int:
    """Bytes of all files in a run's folder."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def _open_for_appending(path: Path) -> Any:
    """The file, opened at its end; a torn last line is closed off, so that the next event begins on a line of its own."""
    torn = False
    if path.exists() and path.stat().st_size > 0:
        with path.open("rb") as file:
            file.seek(-1, os.SEEK_END)
            torn = file.read() != b"\n"
    events = path.open("a", encoding="utf-8")
    if torn:
        events.write("\n")
    return events
