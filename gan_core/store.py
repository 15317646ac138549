"""Runs on disk, one folder each: config.json, events.jsonl, samples/, weights/, status.json.

Written whole or not at all (`record.py`); events are one JSON line each, appended, and a torn last line is dropped when read
(`past.py`). Weights are safetensors: reading a checkpoint runs no code.
"""

from __future__ import annotations

import dataclasses
import json
import re
import shutil
import time
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from safetensors import SafetensorError, safe_open
from safetensors.torch import load_file, save
from torch import Tensor

from gan_core.config import KNOBS, LIVE, RunConfig
from gan_core.events import ALIVE, Checkpoint, Place, Samples, Started
from gan_core.files import read_json, write_json
from gan_core.history import History
from gan_core.labels import Labels
from gan_core.moments import AVERAGE_ENDING, CHECKPOINT_ENDING, SAMPLE_ENDINGS, Moments, kept_steps, moments_of, name_of
from gan_core.past import Past, copy_past, past_of, place_of, read_events
from gan_core.pictures import read_pictures
from gan_core.record import RunRecord, new_id, write_checkpoint
from gan_core.sentences import Sentence
from gan_core.status import Status, held
from gan_core.streams import shown_z
from gan_core.trash import KEEP_S, Trash

RUN_ID = re.compile(r"[\w][\w.-]{0,79}", re.ASCII)
FIELDS = frozenset(field.name for field in dataclasses.fields(Status))


class RunStore:
    """A folder of runs."""

    def __init__(self, root: Path) -> None:
        self.root, self.labels, self.trash = root, Labels(root), Trash(root)

    def folder(self, run_id: str) -> Path:
        """The folder of a run; ValueError for what cannot be the name of one, or names none."""
        if not RUN_ID.fullmatch(run_id) or not (self.root / run_id / "config.json").is_file():
            raise ValueError(Sentence("There is no run {run} in {folder}.", run=repr(run_id), folder=self.root))
        return self.root / run_id

    def new(self, config: RunConfig) -> RunRecord:
        """Make a folder for a new run and the record that fills it; ValueError where the disk does not let us."""
        folder = self._new_folder(config)
        return RunRecord(folder, Status(folder.name, "preparing", created_at=time.time()), config)

    def reopen(self, run_id: str) -> RunRecord:
        """The record of a run that is to go on; ValueError where it cannot, for instance because it is at work elsewhere."""
        status = self.status(run_id)
        if not status.resumable:
            why = Sentence("it ended before its first checkpoint")
            if status.state in ALIVE:
                why = Sentence("it is still at work")
            elif status.bundled:
                why = Sentence("it came with GANscope and stays as it is; fork it instead")
            raise ValueError(Sentence("The run {run} cannot go on: {why}.", run=run_id, why=why))
        status = dataclasses.replace(status, state="preparing", message="")
        return RunRecord(self.folder(run_id), status, self.config(run_id), self.history(run_id))

    def fork(self, run_id: str, step: int, changes: Mapping[str, Any]) -> RunRecord:
        """The record of a new run that shares this one's past up to a moment with a checkpoint (or 0), and then goes its own way.

        It has its own copy of that past: either can be deleted without the other. ValueError where there is no such moment, or
        for `changes` that would need other networks or other data.
        """
        config = self.forked_config(run_id, step, changes)
        checkpoint = None if step == 0 else self.checkpoint(run_id, step)
        record_folder, place = self._new_folder(config), Place(0, 0.0, 0, 0.0)
        if checkpoint is not None:
            place = checkpoint.place
            turned = {**checkpoint.state, "live": {name: getattr(config, name) for name in LIVE}}
            try:
                copy_past(self.folder(run_id), record_folder, step)
                target = record_folder / "weights" / name_of(step, CHECKPOINT_ENDING)
                write_checkpoint(target, dataclasses.replace(checkpoint, state=turned))
            except (OSError, SafetensorError) as error:
                shutil.rmtree(record_folder, ignore_errors=True)
                raise ValueError(self._no_room(error)) from error
        status = Status(
            record_folder.name,
            "preparing",
            created_at=time.time(),
            **dataclasses.asdict(place),
            checkpoint_step=step if checkpoint else -1,
            parent=run_id,
            fork_step=step,
        )
        return RunRecord(record_folder, status, config, past_of(read_events(record_folder / "events.jsonl")).history)

    def forked_config(self, run_id: str, step: int, changes: Mapping[str, Any]) -> RunConfig:
        """The settings of a fork: those the run had at that moment, with `changes`; ValueError where they cannot be."""
        for name in changes:
            if name in KNOBS and KNOBS[name].fixed:
                raise ValueError(Sentence("{name} cannot be changed in a fork, because what was learned so far would not fit.", name=name))
        config, threads = self.config(run_id), self.status(run_id).threads
        if config.threads == 0:
            config = config.but(threads=threads)  # sums in another order would be another future
        if step != 0:
            if step not in self.moments(run_id).checkpoints:
                raise ValueError(Sentence("The run {run} has no checkpoint at step {step}.", run=run_id, step=step))
            config = config.but(**self.checkpoint(run_id, step).state["live"])
        return config.but(**changes)

    def _new_folder(self, config: RunConfig) -> Path:
        folder = self.root / new_id(config)
        try:
            (folder / "samples").mkdir(parents=True)
            (folder / "weights").mkdir()
            write_json(folder / "config.json", config.to_dict())
        except OSError as error:
            raise ValueError(self._no_room(error)) from error
        return folder

    def _no_room(self, error: Exception) -> Sentence:
        return Sentence(
            "No run can be kept in {folder}: {error}. Free some room there, or name another folder.", folder=self.root, error=error
        )

    def config(self, run_id: str) -> RunConfig:
        """The run's settings; ValueError where they cannot be read."""
        return RunConfig.from_dict(read_json(self.folder(run_id) / "config.json"))

    def status(self, run_id: str) -> Status:
        """Where the run stands; one that says it is at work while nobody holds it was interrupted."""
        folder = self.folder(run_id)
        values = {name: value for name, value in read_json(folder / "status.json").items() if name in FIELDS}
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

    def past(self, run_id: str) -> Past:
        """What the run's events tell: its curves, the knobs that were turned, what was asked of it after its last checkpoint."""
        return past_of(self.events(run_id))

    def history(self, run_id: str) -> History:
        """The run's curves; rows that a later continuation replaced are left out."""
        return self.past(run_id).history

    def events(self, run_id: str) -> Iterator[dict[str, Any]]:
        """Every event on disk as plain values, superseded ones too: those are later than the `step` of a following "started"."""
        return read_events(self.folder(run_id) / "events.jsonl")

    def checkpoint(self, run_id: str, step: int | None = None) -> Checkpoint:
        """The run's last checkpoint, or the one at `step`; ValueError where there is none that can be read."""
        last = self.status(run_id).checkpoint_step
        at = last if step is None else step
        path = self.folder(run_id) / "weights" / name_of(max(at, 0), CHECKPOINT_ENDING)
        try:
            with safe_open(path, framework="pt") as file:
                facts = json.loads(file.metadata()["state"])
                tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 - not a dict
            then = self.past(run_id).then if at == last else ()
            return Checkpoint(Place(**facts["place"]), tensors, facts["numbers"], then)
        except (SafetensorError, OSError, KeyError, TypeError, ValueError) as error:
            raise ValueError(
                Sentence("The run {run} has no readable checkpoint at step {step}: {error}.", run=run_id, step=max(at, 0), error=error)
            ) from error

    def moments(self, run_id: str) -> Moments:
        """Which moments of the run are kept, and what can be done with each."""
        return moments_of(self.folder(run_id))

    def average(self, run_id: str, step: int) -> dict[str, Tensor]:
        """The averaged generator's weights at a kept moment, as float32; ValueError where it was not kept."""
        path = self.folder(run_id) / "weights" / name_of(step, AVERAGE_ENDING)
        try:
            return {name: tensor.float() if tensor.is_floating_point() else tensor for name, tensor in load_file(path).items()}
        except (SafetensorError, OSError) as error:
            raise ValueError(
                Sentence("The run {run} keeps no generator of step {step}: {error}.", run=run_id, step=step, error=error)
            ) from error

    def generators(self, run_id: str) -> bytes:
        """A safetensors file of the last checkpoint's generators: `generator.*` (living) and `average.*`, settings in its header."""
        tensors = self.checkpoint(run_id).tensors
        wanted = {name: tensor for name, tensor in tensors.items() if name.startswith(("generator.", "average."))}
        return save(wanted, {"config": json.dumps(self.config(run_id).to_dict())})

    def samples(self, run_id: str, step: int | None = None) -> Samples | None:
        """The samples of a kept moment, the last one if no `step` is said; None where there are none that can be read."""
        folder = self.folder(run_id) / "samples"
        steps = [step] if step is not None else kept_steps(folder, SAMPLE_ENDINGS[0])[-1:]
        if not steps:
            return None
        shape = self.config(run_id).shape
        living, averaged = (read_pictures(folder / name_of(steps[0], f"-{which}"), shape) for which in ("living", "averaged"))
        try:
            facts = read_json(folder / name_of(steps[0], SAMPLE_ENDINGS[0]))
            one, other = (tuple(facts["verdicts"][which]) for which in ("living", "averaged"))
            place = Place(**facts["place"])
        except (ValueError, KeyError, TypeError):
            return None
        if living is None or averaged is None:
            return None
        return Samples(place, living, averaged, facts["epoch_ended"], one, other, variety=facts.get("variety"))

    def started(self, run_id: str) -> Started | None:
        """What the run began as, for looking at it again; None before it had its data."""
        last = next((event for event in reversed(list(self.events(run_id))) if event["event"] == "started"), None)
        reals = read_pictures(self.folder(run_id) / "samples" / "reals", self.config(run_id).shape)
        if last is None or reals is None:
            return None
        # A run of an older GANscope lacks what is said since.
        facts = {field.name: last[field.name] for field in dataclasses.fields(Started) if field.name in last}
        facts |= {name: tuple(last.get(name, ())) for name in ("classes", "labels", "real_labels")}
        config = self.config(run_id)
        z = shown_z(last["kind"], config.latent_dim, config.noise).numpy()
        return Started(place=place_of(last), reals=reals, z=z, **facts)

    def delete(self, run_id: str) -> None:
        """Put a run into the trash, where it stays for a day; ValueError where it is at work, or came with GANscope."""
        folder = self.folder(run_id)
        if self.status(run_id).bundled:
            raise ValueError(Sentence("The run {run} came with GANscope and stays.", run=run_id))
        self.trash.put(folder)
        self.empty_trash(KEEP_S)

    def restore(self, run_id: str) -> None:
        """Bring a deleted run back; ValueError where it is gone for good."""
        if not RUN_ID.fullmatch(run_id):
            raise ValueError(Sentence("There is no run {run} to bring back.", run=repr(run_id)))
        self.trash.back(run_id)

    def empty_trash(self, older_than_s: float = KEEP_S) -> None:
        """Remove what was deleted longer ago than that for good, and what people wrote on it."""
        for run_id in self.trash.empty(older_than_s):
            if not (self.root / run_id).exists():
                self.labels.drop(run_id)
