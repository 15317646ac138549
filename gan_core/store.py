"""Runs on disk, one folder each: config.json, events.jsonl, samples/, weights/, status.json.

Written whole or not at all; events are one JSON line each, appended, and a torn last line is dropped when read. Weights are
safetensors: reading a checkpoint runs no code. A lock on the folder, which the system frees when a process dies, tells a
run at work from an interrupted one.
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
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout
from safetensors import safe_open
from safetensors.torch import save, save_file

from gan_core.config import RunConfig
from gan_core.events import ALIVE, Changed, Checkpoint, Event, Finished, Metrics, Place, Refused, RunState, Samples, Started
from gan_core.files import read_json, write_json, write_whole
from gan_core.history import History
from gan_core.pictures import read_pictures, write_picture, write_pictures

STATUS_EVERY_S = 2.0
KEEP_SAMPLES = 1.03
"""Samples are kept when the step has grown by this factor since the last kept ones: dense early, a few hundred in all."""
RUN_ID = re.compile(r"[\w][\w.-]{0,79}", re.ASCII)


@dataclass(frozen=True)
class Status:
    """What is known of a run without opening its events."""

    run_id: str
    state: RunState
    message: str = ""
    """Why it failed, as a sentence."""
    created_at: float = 0.0
    """Seconds since 1970."""
    updated_at: float = 0.0
    step: int = 0
    epoch: float = 0.0
    images: int = 0
    elapsed_s: float = 0.0
    device: str = ""
    threads: int = 0
    checkpoint_step: int = -1
    """The step a run would continue from; -1 where there is no checkpoint."""

    @property
    def resumable(self) -> bool:
        """Whether the run has ended and can go on."""
        return self.state not in ALIVE and self.checkpoint_step >= 0


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
        """Make a folder for a new run and the record that fills it."""
        run_id = f"{time.strftime('%Y%m%d-%H%M%S')}-{config.data}-{secrets.token_hex(2)}"
        folder = self.root / run_id
        (folder / "samples").mkdir(parents=True)
        (folder / "weights").mkdir()
        write_json(folder / "config.json", config.to_dict())
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
        if status.state in ALIVE and not _held(folder):
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
        except (OSError, KeyError, TypeError, ValueError) as error:
            raise ValueError(f"The run {run_id} has no readable checkpoint: {error}.") from error
        return Checkpoint(Place(**facts["place"]), tensors, facts["numbers"])

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


class RunRecord:
    """Writes one run down, event by event; lives in the run thread."""

    def __init__(self, folder: Path, status: Status, config: RunConfig) -> None:
        """Take hold of the folder; ValueError where another process has it."""
        self.folder, self.run_id, self.config = folder, folder.name, config
        self.status = status
        self._lock = FileLock(folder / "lock", thread_local=False)
        try:
            self._lock.acquire(timeout=0)
        except Timeout:
            raise ValueError(f"The run {self.run_id} is at work in another process.") from None
        self._events = _open_for_appending(folder / "events.jsonl")
        self._status_due_s = 0.0
        self._kept_step = 0
        self._latest: Samples | None = None
        self._save_status()

    def append(self, event: Event) -> None:
        """Write one event down."""
        match event:
            case Started():
                self._began(event)
            case Metrics():
                self._line("metrics", event.place, steps=event.steps, values=dict(event.values))
                if time.monotonic() >= self._status_due_s:
                    self._save_status()
            case Samples():
                self._keep_samples(event)
            case Checkpoint():
                self._keep_checkpoint(event)
            case Changed():
                self._line("changed", event.place, name=event.name, value=event.value)
            case Refused():
                self._line("refused", event.place, name=event.name, message=event.message)
            case Finished():
                self._line("finished", event.place)

    def close(self, state: RunState, message: str) -> None:
        """Write how the run ended and let go of the folder."""
        self._line("ended", None, state=state, message=message)
        self._events.close()
        self.status = dataclasses.replace(self.status, state=state, message=message)
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
        facts = {field.name: getattr(event, field.name) for field in dataclasses.fields(event) if field.name not in ("place", "reals")}
        self._line("started", event.place, **facts)
        write_pictures(self.folder / "samples" / "reals", event.reals)
        self.status = dataclasses.replace(self.status, state="running", device=event.device, threads=event.threads)
        self._save_status()

    def _keep_samples(self, event: Samples) -> None:
        folder, step = self.folder / "samples", event.place.step
        self._latest = event
        if step == 0 or step >= self._kept_step * KEEP_SAMPLES:
            self._kept_step = step
            write_pictures(folder / f"{step:09d}-living", event.living)
            write_pictures(folder / f"{step:09d}-averaged", event.averaged)
            self._line("samples", event.place, epoch_ended=event.epoch_ended)

    def _keep_checkpoint(self, event: Checkpoint) -> None:
        facts = {"place": dataclasses.asdict(event.place), "numbers": dict(event.state)}
        path = self.folder / "weights" / "checkpoint.safetensors"
        write_whole(path, lambda temporary: save_file(dict(event.tensors), temporary, {"state": json.dumps(facts)}))
        self._line("checkpoint", event.place)
        self.status = dataclasses.replace(self.status, checkpoint_step=event.place.step)
        self._save_status()

    def _write_latest(self) -> None:
        if self._latest is not None:
            folder = self.folder / "samples"
            write_pictures(folder / "latest-living", self._latest.living)
            write_pictures(folder / "latest-averaged", self._latest.averaged)
            write_picture(folder / "latest.png", self._latest.averaged)
            self._latest = None

    def _save_status(self) -> None:
        self._status_due_s = time.monotonic() + STATUS_EVERY_S
        self._write_latest()
        self.status = dataclasses.replace(self.status, updated_at=time.time())
        write_json(self.folder / "status.json", dataclasses.asdict(self.status))


def _open_for_appending(path: Path) -> Any:
    """The file, opened at its end; a torn last line is closed off, so that the next event begins on a line of its own."""
    torn = path.exists() and path.stat().st_size > 0 and path.read_bytes()[-1:] != b"\n"
    file = path.open("a", encoding="utf-8")
    if torn:
        file.write("\n")
    return file


def _place(event: dict[str, Any]) -> Place:
    return Place(event["step"], event["epoch"], event["images"], event["elapsed_s"])


def _held(folder: Path) -> bool:
    """Whether a living process holds the run."""
    lock = FileLock(folder / "lock", thread_local=False)
    try:
        with lock.acquire(timeout=0):
            return False
    except Timeout:
        return True
