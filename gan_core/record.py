"""Writing one run down, event by event, in its own thread.

A lock on the run's folder, which the system frees when a process dies, tells a run at work from an interrupted one.
"""

from __future__ import annotations

import dataclasses
import json
import os
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout
from safetensors.torch import save_file

from gan_core.config import RunConfig
from gan_core.events import ALIVE, Changed, Checkpoint, Event, Finished, Metrics, Place, Refused, RunState, Samples, Started
from gan_core.files import write_json, write_whole
from gan_core.pictures import write_picture, write_pictures

STATUS_EVERY_S = 2.0
KEEP_SAMPLES = 1.03
"""Samples are kept when the step has grown by this factor since the last kept ones: dense early, a few hundred in all."""
_asking = threading.Lock()
"""Asking whether a run is held takes hold of it for a moment: one at a time, or two who ask take each other for its owner."""


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


class RunRecord:
    """Writes one run down, event by event; lives in the run thread."""

    def __init__(self, folder: Path, status: Status, config: RunConfig) -> None:
        """Take hold of the folder; ValueError where another process has it."""
        self.folder, self.run_id, self.config = folder, folder.name, config
        self.status = status
        self._lock = FileLock(folder / "lock", thread_local=False)
        try:
            with _asking:
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
    torn = False
    if path.exists() and path.stat().st_size > 0:
        with path.open("rb") as file:
            file.seek(-1, os.SEEK_END)
            torn = file.read() != b"\n"
    events = path.open("a", encoding="utf-8")
    if torn:
        events.write("\n")
    return events


def held(folder: Path) -> bool:
    """Whether a living process holds the run."""
    lock = FileLock(folder / "lock", thread_local=False)
    try:
        with _asking, lock.acquire(timeout=0):
            return False
    except Timeout:
        return True
