"""Runs on disk: what was written comes back, whatever ended the run."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Literal

import numpy as np
import pytest
import torch
from filelock import FileLock
from safetensors import safe_open
from safetensors.torch import load, save_file
from test_runner import SOON, at, metrics, past, started

from gan_core import status as status_file
from gan_core.config import RunConfig
from gan_core.events import Changed, Checkpoint, Event, Finished, Refused, RunState, Samples, Save, Started, Weights
from gan_core.loop import train
from gan_core.moments import CHECKPOINT_ENDING, name_of
from gan_core.networks import NETWORKS
from gan_core.record import RunRecord
from gan_core.runner import RunHandle
from gan_core.store import RunStore
from gan_core.trash import KEEP_S

TINY = RunConfig(data="ring-8", network="mlp", width=8, latent_dim=4, batch_size=16, threads=1, device="cpu")
ROOT = Path(__file__).parents[1]


class Tee:
    """Writes a run down and keeps what was written."""

    def __init__(self, record: RunRecord) -> None:
        self.record, self.events = record, list[Event]()

    def append(self, event: Event) -> None:
        self.events.append(event)
        self.record.append(event)

    def close(self, state: RunState, message: str) -> None:
        self.record.close(state, message)

    def last(self, kind: type) -> Any:
        return [event for event in self.events if isinstance(event, kind)][-1]


@dataclass(frozen=True)
class Kept:
    """A run that was trained, kept and stopped."""

    store: RunStore
    handle: RunHandle
    tee: Tee

    @property
    def run_id(self) -> str:
        return self.handle.run_id


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Kept:
    store = RunStore(tmp_path_factory.mktemp("runs"))
    record = store.new(TINY)
    tee = Tee(record)
    handle = RunHandle(record.run_id, lambda: train(TINY), record=tee)
    handle.start()
    assert handle.wait_for(lambda snapshot: snapshot.samples is not None and snapshot.samples.place.step > 0, 30)
    handle.stop()
    assert handle.join(SOON)
    return Kept(store, handle, tee)


def reopened(store: RunStore, run_id: str) -> RunHandle:
    """The run, going on as the manager lets it."""
    checkpoint, history, record = store.checkpoint(run_id), store.history(run_id), store.reopen(run_id)
    return RunHandle(run_id, lambda: train(record.config, checkpoint), record=record, history=history)


def written(store: RunStore, *events: Event, config: RunConfig = TINY, end: RunState = "stopped") -> str:
    """The id of a run that consists of these events."""
    record = store.new(config)
    for event in events:
        record.append(event)
    record.close(end, "")
    return record.run_id


def checkpoint(step: int) -> Checkpoint:
    return Checkpoint(at(step), {"generator.weight": torch.full((2,), float(step))}, {"step": step})


@pytest.fixture
def store(tmp_path: Path) -> RunStore:
    return RunStore(tmp_path)


# A real run


def test_the_settings_come_back(kept: Kept) -> None:
    assert kept.store.config(kept.run_id) == TINY


def test_the_status_says_how_it_ended(kept: Kept) -> None:
    status, place = kept.store.status(kept.run_id), kept.handle.snapshot().place
    saved = kept.tee.last(Checkpoint).place
    assert place is not None
    assert (status.state, status.message, status.resumable) == ("stopped", "", True)
    assert (status.device, status.threads) == ("cpu", 1)
    assert (status.step, status.epoch, status.images) == (place.step, place.epoch, place.images)
    assert status.checkpoint_step == status.step == saved.step
    assert 0 < status.created_at <= status.updated_at
    assert kept.store.list() == [status]


def test_the_curves_are_those_of_the_live_run(kept: Kept) -> None:
    live, stored = kept.handle.rows(None), kept.store.history(kept.run_id).since(None)
    assert stored.names == live.names
    assert len(live.values) > 1
    np.testing.assert_array_equal(stored.values, live.values)


def test_the_checkpoint_comes_back_bit_for_bit(kept: Kept) -> None:
    live, stored = kept.tee.last(Checkpoint), kept.store.checkpoint(kept.run_id)
    assert stored.place == live.place
    assert stored.state == live.state
    assert stored.tensors.keys() == live.tensors.keys()
    for name, tensor in live.tensors.items():
        assert stored.tensors[name].dtype == tensor.dtype
        assert torch.equal(stored.tensors[name], tensor), name


def test_what_is_shown_comes_back(kept: Kept) -> None:
    live, stored = kept.tee.last(Samples), kept.store.samples(kept.run_id)
    assert stored is not None
    np.testing.assert_array_equal(stored.living, live.living)
    np.testing.assert_array_equal(stored.averaged, live.averaged)
    first, begun = kept.tee.last(Started), kept.store.started(kept.run_id)
    assert begun is not None
    np.testing.assert_array_equal(begun.reals, first.reals)
    for name in ("place", "kind", "device", "threads", "train_size", "parameters_generator", "parameters_critic"):
        assert getattr(begun, name) == getattr(first, name)


def test_the_generators_can_be_taken_along(kept: Kept, tmp_path: Path) -> None:
    path = tmp_path / "weights.safetensors"
    path.write_bytes(kept.store.generators(kept.run_id))
    tensors, whole = load(path.read_bytes()), kept.store.checkpoint(kept.run_id).tensors
    with safe_open(path, framework="pt") as file:
        config = RunConfig.from_dict(json.loads(file.metadata()["config"]))
    assert config == TINY
    assert {name.partition(".")[0] for name in tensors} == {"generator", "average"}
    network = NETWORKS[config.network].generator(config.shape, latent_dim=4, width=8, rng=torch.Generator())
    for player in ("generator", "average"):
        own = {name.removeprefix(f"{player}."): tensor for name, tensor in tensors.items() if name.startswith(f"{player}.")}
        assert all(torch.equal(tensor, whole[f"{player}.{name}"]) for name, tensor in own.items())
        network.load_state_dict(own)


def test_nothing_temporary_is_left(kept: Kept) -> None:
    assert not list(kept.store.root.rglob("*.tmp"))


# Pictures


@pytest.mark.parametrize("data", ["digits", "cifar-10"])
def test_images_come_back_exactly(data: str, store: RunStore) -> None:
    config = RunConfig(data=data)
    channels, height, width = config.shape
    rng = np.random.default_rng(0)
    living, averaged, reals = rng.integers(0, 256, (3, 64, height, width, channels), dtype=np.uint8)
    began = Started(at(0), "image", "cpu", 1, train_size=9, parameters_generator=1, parameters_critic=1, reals=reals)
    run_id = written(store, began, Samples(at(1), living, averaged, epoch_ended=True), config=config)
    samples, begun = store.samples(run_id), store.started(run_id)
    assert samples is not None
    assert begun is not None
    for one, other in ((samples.living, living), (samples.averaged, averaged), (begun.reals, reals)):
        assert one.dtype == np.uint8
        np.testing.assert_array_equal(one, other)


def test_points_come_back_exactly(store: RunStore) -> None:
    living, averaged = np.random.default_rng(0).normal(size=(2, 1024, 2)).astype(np.float32)
    samples = store.samples(written(store, started(), Samples(at(1), living, averaged, epoch_ended=False)))
    assert samples is not None
    assert samples.living.dtype == np.float32
    np.testing.assert_array_equal(samples.living, living)
    np.testing.assert_array_equal(samples.averaged, averaged)


def test_before_the_data_are_there_nothing_is_shown(store: RunStore) -> None:
    run_id = written(store, end="failed")
    assert store.samples(run_id) is None
    assert store.started(run_id) is None
    assert len(store.history(run_id)) == 0


@pytest.mark.parametrize("kind", ["image", "plane"])
@pytest.mark.parametrize("keep", [0, 60])
def test_a_picture_that_cannot_be_read_does_not_hide_the_run(kind: Literal["image", "plane"], keep: int, store: RunStore) -> None:
    shown = np.zeros((64, 16, 16, 1), np.uint8) if kind == "image" else np.zeros((64, 2), np.float32)
    began = Started(at(0), kind, "cpu", 1, train_size=9, parameters_generator=1, parameters_critic=1, reals=shown)
    config = RunConfig(data="digits") if kind == "image" else TINY
    run_id = written(store, began, Samples(at(1), shown, shown, epoch_ended=True), config=config)
    for path in (store.folder(run_id) / "samples").iterdir():  # not forced to disk, so a power cut can leave half of one
        path.write_bytes(path.read_bytes()[:keep])
    assert store.samples(run_id) is None
    assert store.started(run_id) is None


# Events


def lines(store: RunStore, run_id: str) -> list[dict[str, Any]]:
    return list(store.events(run_id))


def test_every_kind_of_event_is_one_line(store: RunStore) -> None:
    told = [started(), metrics(1), Changed(at(1), "gamma", 2.0), Refused(at(1), "seed", "no"), checkpoint(1), Finished(at(1))]
    run_id = written(store, *told, end="finished")
    assert [line["event"] for line in lines(store, run_id)] == [
        "started",
        "metrics",
        "changed",
        "refused",
        "checkpoint",
        "finished",
        "ended",
    ]
    assert (lines(store, run_id)[2]["name"], lines(store, run_id)[2]["value"]) == ("gamma", 2.0)


def test_weights_that_somebody_asked_for_are_not_kept(store: RunStore) -> None:
    def weights(step: int, *, asked: bool) -> Weights:
        return Weights(at(step), {}, {"0.weight": torch.ones(2)}, {}, asked=asked)

    alone = [started(), metrics(1), weights(1, asked=False), metrics(3), weights(3, asked=False)]
    watched = [event for each in alone for event in (each, weights(2, asked=True))]
    one, other = written(store, *alone), written(store, *watched)
    assert store.moments(one) == store.moments(other)
    assert store.moments(other).averages == [1, 3]
    assert lines(store, one) == lines(store, other)


def test_a_torn_last_line_is_dropped_and_closed_off(store: RunStore) -> None:
    run_id = written(store, started(), metrics(1), checkpoint(1))
    whole = lines(store, run_id)
    with (store.folder(run_id) / "events.jsonl").open("a") as file:
        file.write('{"event":"metrics","step":2,"ep')
    assert lines(store, run_id) == whole
    record = store.reopen(run_id)
    record.append(started(1))
    record.append(metrics(2))
    record.close("stopped", "")
    assert lines(store, run_id)[: len(whole)] == whole
    assert [line["event"] for line in lines(store, run_id)[len(whole) :]] == ["started", "metrics", "ended"]


def test_superseded_rows_are_left_out_but_still_in_the_file(store: RunStore) -> None:
    run_id = written(store, started(), *(metrics(step) for step in (1, 2)), checkpoint(2), *(metrics(step) for step in (3, 4)))
    record = store.reopen(run_id)
    for event in (started(2), metrics(3, **{"loss/critic": 30.0})):
        record.append(event)
    assert record.status.step == 3
    record.close("stopped", "")
    assert store.history(run_id).since(None).values[:, [0, 4]].tolist() == [[1, 1], [2, 2], [3, 30]]
    assert [line["step"] for line in lines(store, run_id) if line["event"] == "metrics"] == [1, 2, 3, 4, 3]


# Interrupted, held, continued

TRAIN_AND_WAIT = """
import sys
from pathlib import Path
sys.path.insert(0, {tests!r})
from test_store import TINY, past
from gan_core.events import Save
from gan_core.loop import train
from gan_core.moments import CHECKPOINT_ENDING, name_of
from gan_core.runner import RunHandle
from gan_core.store import RunStore

store = RunStore(Path({root!r}))
record = store.new(TINY)
handle = RunHandle(record.run_id, lambda: train(TINY), record=record)
handle.start()
assert handle.wait_for(past(0), 60)
handle.send(Save())
assert handle.wait_for(lambda _: record.status.checkpoint_step > 0, 60)
assert handle.wait_for(past(record.status.checkpoint_step), 60)
print(record.run_id, flush=True)
handle.join()
"""


@contextmanager
def trained_elsewhere(root: Path) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A process that trains a run past its checkpoint and goes on until it is killed; and the run's id."""
    program = TRAIN_AND_WAIT.format(tests=str(ROOT / "tests"), root=str(root))
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True, env=environment, cwd=ROOT) as process:
        try:
            assert process.stdout is not None
            run_id = process.stdout.readline().strip()
            assert run_id, "the other process failed"
            yield process, run_id
        finally:
            process.kill()


def test_a_killed_run_is_interrupted_and_goes_on_with_its_curves_joined(store: RunStore) -> None:
    with trained_elsewhere(store.root) as (process, run_id):
        # Held by a living process: at work, and nobody else's.
        assert store.status(run_id).state == "running"
        assert [status.state for status in store.list()] == ["running"]
        with pytest.raises(ValueError, match="still at work"):
            store.reopen(run_id)
        with pytest.raises(ValueError, match="still at work"):
            store.delete(run_id)
        process.send_signal(signal.SIGKILL)
        process.wait(SOON)
    status = store.status(run_id)
    assert (status.state, status.resumable) == ("interrupted", True)
    assert [status.state for status in store.list()] == ["interrupted"]

    before, saved = store.history(run_id).since(None).values, store.checkpoint(run_id).place
    assert before[-1, 0] > saved.step, "some rows are later than the checkpoint"
    handle = reopened(store, run_id)
    handle.start()
    assert handle.wait_for(past(int(before[-1, 0])), 30)
    handle.stop()
    assert handle.join(SOON)
    live, stored = handle.rows(None).values, store.history(run_id).since(None).values
    np.testing.assert_array_equal(stored, live)
    kept = int((before[:, 0] <= saved.step).sum())
    np.testing.assert_array_equal(live[:kept], before[:kept])
    assert live[kept, 0] > saved.step
    assert (np.diff(live[:, :4], axis=0) > 0).all(), "steps, epochs, images and seconds go on growing"
    assert store.status(run_id).state == "stopped"


@contextmanager
def held(store: RunStore) -> Iterator[RunRecord]:
    record = store.new(TINY)
    record.append(started())
    record.append(checkpoint(0))
    yield record
    record.close("stopped", "")


def test_a_held_run_is_at_work(store: RunStore) -> None:
    with held(store) as record:
        for _ in range(2):  # asking must not free it
            assert store.status(record.run_id).state == "running"
        with pytest.raises(ValueError, match="still at work"):
            store.reopen(record.run_id)
        with pytest.raises(ValueError, match="still at work"):
            store.delete(record.run_id)
        with pytest.raises(ValueError, match="another process"):
            RunRecord(record.folder, record.status, TINY)
    assert store.status(record.run_id).state == "stopped"
    store.delete(record.run_id)
    assert store.list() == []


def test_many_who_ask_at_once_do_not_take_each_other_for_the_owner(store: RunStore) -> None:
    run_id = written(store, started(), checkpoint(0))
    path = store.folder(run_id) / "status.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"state": "running"}))
    with ThreadPoolExecutor(4) as browsers:
        seen = browsers.map(lambda _: {store.status(run_id).state for _ in range(150)}, range(4))
        assert set().union(*seen) == {"interrupted"}
        refresh = [browsers.submit(store.list) for _ in range(20)]
        record = store.reopen(run_id)
        assert all(each.result(SOON) for each in refresh)
    record.close("stopped", "")


def test_who_asks_waits_for_another_process_that_asks(store: RunStore) -> None:
    folder = store.folder(written(store, started(), checkpoint(0)))
    with ThreadPoolExecutor(1) as pool:
        # A lock file locked anew stands for another process: the system tells the two apart by the open file.
        with FileLock(folder.parent / ".asking.lock"), FileLock(folder / "lock"):
            answer = pool.submit(status_file.held, folder)
            with pytest.raises(TimeoutError):
                answer.result(0.05)
        assert answer.result(SOON) is False


def test_a_run_without_a_checkpoint_cannot_go_on(store: RunStore) -> None:
    run_id = written(store, started(), metrics(1), end="failed")
    assert not store.status(run_id).resumable
    with pytest.raises(ValueError, match="before its first checkpoint"):
        store.reopen(run_id)


def test_a_failure_is_remembered_until_the_run_goes_on(store: RunStore) -> None:
    record = store.new(TINY)
    record.append(started())
    record.append(checkpoint(0))
    record.close("failed", "The curve loss/critic is no longer a finite number at step 7.")
    assert "step 7" in store.status(record.run_id).message
    again = store.reopen(record.run_id)
    assert (store.status(record.run_id).state, store.status(record.run_id).message) == ("preparing", "")
    again.close("stopped", "")


# The list


def test_the_list_is_newest_first_and_never_opens_the_events(store: RunStore) -> None:
    runs = [written(store, started(), metrics(1)) for _ in range(3)]
    for run_id in runs:
        events = store.folder(run_id) / "events.jsonl"
        events.unlink()
        events.mkdir()  # whoever opens it gets an error
    assert [status.run_id for status in store.list()] == runs[::-1]


def test_the_list_skips_what_is_no_run(store: RunStore) -> None:
    good = written(store, started())
    for name, status in (("empty", ""), ("torn", '{"state": "sto'), ("array", "[]"), ("stateless", "{}"), ("binary", "\x00\x00")):
        folder = store.root / name
        folder.mkdir()
        (folder / "config.json").write_text("{}")
        (folder / "status.json").write_text(status)
    (store.root / "no-config").mkdir()
    (store.root / "no-config" / "status.json").write_text('{"state": "stopped"}')
    (store.root / "no status").mkdir()
    (store.root / "a file").write_text("")
    assert [status.run_id for status in store.list()] == [good]


def test_there_is_no_list_without_a_folder(tmp_path: Path) -> None:
    assert RunStore(tmp_path / "nothing").list() == []


def test_a_status_of_a_later_version_is_read(store: RunStore) -> None:
    run_id = written(store, started())
    path = store.folder(run_id) / "status.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"later": 1}))
    assert store.status(run_id).state == "stopped"


def test_the_list_opens_no_other_file(store: RunStore, monkeypatch: pytest.MonkeyPatch) -> None:
    runs, opened, read_text = [written(store, started(), metrics(1)) for _ in range(3)], list[str](), Path.read_text

    def noted(path: Path, *args: Any, **kwargs: Any) -> str:
        opened.append(path.name)
        return read_text(path, *args, **kwargs)

    monkeypatch.setattr(Path, "read_text", noted)
    for run_id in runs:
        (store.root / run_id / "config.json").write_bytes(b"\xff")
    assert len(store.list()) == 3
    assert opened == ["status.json"] * 3


def test_the_status_says_what_a_list_tells_of_the_settings(store: RunStore) -> None:
    run_id = written(store, replace(started(), knobs={"gamma": 1.0}), Changed(at(1), "gamma", 2.5), metrics(1))
    facts = store.status(run_id).facts
    assert list(facts)[:3] == ["data", "network", "game"]
    assert dict(facts) == {"game": TINY.game} | TINY.differences(RunConfig()) | {"network": "mlp", "gamma": "2.5"}


def test_the_room_on_disk_is_known_without_a_checkpoint(store: RunStore) -> None:
    run_id = written(store, started(), end="failed")
    assert store.status(run_id).bytes > 0


# The trash


def test_a_deleted_run_comes_back_as_it_was(store: RunStore) -> None:
    first, second = written(store, started(), metrics(1), checkpoint(1)), written(store, started())
    store.labels.set(first, name="mine")
    before = store.status(first)
    store.delete(first)
    assert [status.run_id for status in store.list()] == [second]
    with pytest.raises(ValueError, match=first):
        store.delete(first)
    store.restore(first)
    assert store.status(first) == before
    assert store.checkpoint(first).place.step == 1
    assert store.labels.get(first).name == "mine"
    store.reopen(first).close("stopped", "")
    with pytest.raises(ValueError, match=r"cannot be brought back|already"):
        store.restore(first)


def deleted_ago(store: RunStore, seconds: float) -> str:
    run_id = written(store, started())
    store.labels.set(run_id, name="gone")
    store.delete(run_id)
    then = time.time() - seconds
    os.utime(store.trash.folder / run_id, (then, then))
    return run_id


def test_a_day_later_a_deleted_run_is_gone_for_good_with_its_label(store: RunStore) -> None:
    old, young = deleted_ago(store, KEEP_S + 60), deleted_ago(store, KEEP_S - 60)
    store.empty_trash()
    assert [path.name for path in store.trash.folder.iterdir()] == [young]
    assert list(store.labels.all()) == [young]
    with pytest.raises(ValueError, match="cannot be brought back"):
        store.restore(old)
    store.restore(young)


def test_deleting_empties_what_is_old(store: RunStore) -> None:
    old, new = deleted_ago(store, 2 * KEEP_S), written(store, started())
    store.delete(new)
    assert [path.name for path in store.trash.folder.iterdir()] == [new]
    assert old not in store.labels.all()


def test_the_age_of_trash_is_that_of_the_deletion(store: RunStore) -> None:
    run_id = written(store, started())
    os.utime(store.folder(run_id), (0, 0))
    store.delete(run_id)
    store.empty_trash()
    store.restore(run_id)


def test_a_run_is_not_brought_back_over_another(store: RunStore) -> None:
    run_id = written(store, started())
    store.delete(run_id)
    shutil.copytree(store.trash.folder / run_id, store.root / run_id)
    with pytest.raises(ValueError, match="already"):
        store.restore(run_id)
    store.delete(run_id)  # the same run a second time: the trash has room for it
    store.restore(run_id)
    assert store.status(run_id).state == "stopped"


@pytest.mark.parametrize("run_id", ["../x", "", ".trash", "nobody"])
def test_nothing_else_is_brought_back(run_id: str, store: RunStore) -> None:
    with pytest.raises(ValueError, match=r"bring back|brought back"):
        store.restore(run_id)


def test_a_run_that_came_with_the_program_stays(store: RunStore, monkeypatch: pytest.MonkeyPatch) -> None:
    run_id = written(store, started())
    status = store.status(run_id)
    monkeypatch.setattr(store, "status", lambda _: SimpleNamespace(**vars(status) | {"bundled": True}))
    with pytest.raises(ValueError, match="came with GANscope"):
        store.delete(run_id)
    assert store.labels.set(run_id, name="demo").name == "demo"
    assert store.folder(run_id).is_dir()


def test_an_empty_store_has_no_trash(tmp_path: Path) -> None:
    RunStore(tmp_path / "nothing").empty_trash()
    assert not (tmp_path / "nothing").exists()


# What a user can break


@pytest.mark.parametrize("name", ["../x", "..", ".", "", "a/b", "/etc", "a\\b", ".hidden", "a\n", "x" * 81, "ä"])
def test_no_name_leaves_the_folder_of_runs(name: str, tmp_path: Path) -> None:
    (tmp_path / "x").mkdir()
    (tmp_path / "x" / "config.json").write_text("{}")
    store = RunStore(tmp_path / "runs")
    store.root.mkdir()
    for ask in (store.folder, store.config, store.status, store.delete, store.checkpoint, store.reopen):
        with pytest.raises(ValueError, match="no run"):
            ask(name)
    assert (tmp_path / "x").exists()


def broken(how: str, path: Path) -> None:
    match how:
        case "missing":
            path.unlink()
        case "empty":
            path.write_bytes(b"")
        case "garbage":
            path.write_bytes(b"\xff" * 400)
        case "torn":
            path.write_bytes(path.read_bytes()[:-5])
        case "stateless":
            save_file({"generator.weight": torch.zeros(2)}, path)
        case "placeless":
            save_file({"generator.weight": torch.zeros(2)}, path, {"state": "{}"})


@pytest.mark.parametrize("how", ["missing", "empty", "garbage", "torn", "stateless", "placeless"])
def test_a_broken_checkpoint_is_a_sentence(how: str, store: RunStore) -> None:
    run_id = written(store, started(), checkpoint(1))
    broken(how, store.folder(run_id) / "weights" / name_of(1, CHECKPOINT_ENDING))
    with pytest.raises(ValueError, match=f"{run_id} has no readable checkpoint"):
        store.checkpoint(run_id)


def test_save_is_answered_on_disk(store: RunStore) -> None:
    record = store.new(TINY)
    handle = RunHandle(record.run_id, lambda: train(TINY), record=record)
    handle.send(Save())
    handle.start()
    assert handle.wait_for(lambda _: record.status.checkpoint_step == 0, SOON)
    handle.stop()
    assert handle.join(SOON)
    assert store.checkpoint(record.run_id).place.step == store.status(record.run_id).step
