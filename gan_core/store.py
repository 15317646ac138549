"""Runs on disk, one folder each: config.json, events.jsonl, samples/, weights/, status.json.

Written whole or not at all (`record.py`); events are one JSON line each, appended, and a torn last line is dropped when read.
Weights are safetensors: reading a checkpoint runs no code.
"""

from __future__ import annotations

import dataclasses
import json
import re
import secrets
import shutil
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

from safetensors import SafetensorError, safe_open
from safetensors.torch import save

from gan_core.config import RunConfig
from gan_core.events import ALIVE, Checkpoint, Metrics, Place, Samples, Started
from gan_core.files import read_json, write_json
from gan_core.history import History
from gan_core.pictures import read_pictures
from gan_core.record import RunRecord, Status, held

RUN_ID = re.compile(r"[\w][\w.-]{0,79}", re.ASCII)


class RunStore:
    """A folder of runs."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def folder(self, run_id: str) -> Path:
        """The folder of a run; ValueError for what cannot be the name of one, or names none."""
        if not RUN_ID.fullmatch(run_id) or not (self.root / run_id / "config.json").is_file():
            raise ValueError(f"There is no run {run_id!r} in {self.root}.")
        return self.root / run_id

    def new(self, config: RunConfig) -> RunRecord:
        """Make a folder for a new run and the record that fills it; ValueError where the disk does not let us."""
        run_id = f"{time.strftime('%Y%m%d-%H%M%S')}-{config.data}-{secrets.token_hex(2)}"
        folder = self.root / run_id
        try:
            (folder / "samples").mkdir(parents=True)
            (folder / "weights").mkdir()
            write_json(folder / "config.json", config.to_dict())
        except OSError as error:
            raise ValueError(f"No run can be kept in {self.root}: {error}. Free some room there, or name another folder.") from error
        return RunRecord(folder, Status(run_id, "preparing", created_at=time.time()), config)

    def reopen(self, run_id: str) -> RunRecord:
        """The record of a run that is to go on; ValueError where it cannot, for instance because it is at work elsewhere."""
        status = self.status(run_id)
        if not status.resumable:
            why = "it is still at work" if status.state in ALIVE else "it ended before its first checkpoint"
            raise ValueError(f"The run {run_id} cannot go on: {why}.")
        return RunRecord(self.folder(run_id), dataclasses.replace(status, state="preparing", message=""), self.config(run_id))

    def config(self, run_id: str) -> RunConfig:
        """The run's settings; ValueError where they cannot be read."""
        return RunConfig.from_dict(read_json(self.folder(run_id) / "config.json"))

    def status(self, run_id: str) -> Status:
        """Where the run stands; one that says it is at work while nobody holds it was interrupted."""
        folder = self.folder(run_id)
        known = {field.name for field in dataclasses.fields(Status)}
        values = {name: value for name, value in read_json(folder / "status.json").items() if name in known}
        status = Status(**values | {"run_id": run_id})
        if status.state in ALIVE and not held(folder):
            return dataclasses.replace(status, state="interrupted")
        return status

    def list(self) -> list[Status]:
        """Every run that can be read, newest first; reads only the small status files."""
        found = []
        for path in self.root.glob("*/status.json"):
            with suppress(ValueError, TypeError):
                found.append(self.status(path.parent.name))
        return sorted(found, key=lambda status: status.created_at, reverse=True)

    def history(self, run_id: str) -> History:
        """The run's curves; rows that a later continuation replaced are left out."""
        history = History()
        for event in self.events(run_id):
            if event["event"] == "started":
                history.drop_after(event["step"])
            elif event["event"] == "metrics":
                history.append(Metrics(_place(event), event["steps"], event["values"]))
        return history

    def events(self, run_id: str) -> Iterator[dict[str, Any]]:
        """Every event on disk as plain values, superseded ones too: those are later than the `step` of a following "started"."""
        with (self.folder(run_id) / "events.jsonl").open(encoding="utf-8", errors="replace") as file:
            for line in file:
                with suppress(json.JSONDecodeError):
                    yield json.loads(line)

    def checkpoint(self, run_id: str) -> Checkpoint:
        """The run's last checkpoint; ValueError where there is none that can be read."""
        path = self.folder(run_id) / "weights" / "checkpoint.safetensors"
        try:
            with safe_open(path, framework="pt") as file:
                facts = json.loads(file.metadata()["state"])
                tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 - not a dict
            return Checkpoint(Place(**facts["place"]), tensors, facts["numbers"])
        except (SafetensorError, OSError, KeyError, TypeError, ValueError) as error:
            raise ValueError(f"The run {run_id} has no readable checkpoint: {error}.") from error

    def generators(self, run_id: str) -> bytes:
        """A safetensors file of the last checkpoint's generators: `generator.*` (living) and `average.*`, settings in its header."""
        tensors = self.checkpoint(run_id).tensors
        wanted = {name: tensor for name, tensor in tensors.items() if name.startswith(("generator.", "average."))}
        return save(wanted, {"config": json.dumps(self.config(run_id).to_dict())})

    def samples(self, run_id: str) -> Samples | None:
        """The last samples that were drawn; None before the first."""
        folder, config = self.folder(run_id) / "samples", self.config(run_id)
        status = self.status(run_id)
        living, averaged = (read_pictures(folder / f"latest-{which}", config.shape) for which in ("living", "averaged"))
        if living is None or averaged is None:
            return None
        return Samples(Place(status.step, status.epoch, status.images, status.elapsed_s), living, averaged, False)

    def started(self, run_id: str) -> Started | None:
        """What the run began as, for looking at it again; None before it had its data."""
        last = next((event for event in reversed(list(self.events(run_id))) if event["event"] == "started"), None)
        reals = read_pictures(self.folder(run_id) / "samples" / "reals", self.config(run_id).shape)
        if last is None or reals is None:
            return None
        facts = {field.name: last[field.name] for field in dataclasses.fields(Started) if field.name not in ("place", "reals")}
        return Started(place=_place(last), reals=reals, **facts)

    def delete(self, run_id: str) -> None:
        """Remove a run for good; ValueError where it is at work."""
        if self.status(run_id).state in ALIVE:
            raise ValueError(f"The run {run_id} is still at work. Stop it first.")
        shutil.rmtree(self.folder(run_id))


def _place(event: dict[str, Any]) -> Place:
    return Place(event["step"], event["epoch"], event["images"], event["elapsed_s"])
