"""A run as a zip: it comes back as it went, and nothing else comes in."""

from __future__ import annotations

import io
import json
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from kept_runs import keep_run
from picture_files import packed, png_header
from safetensors.torch import save
from tiny import serve

from gan_core import loop
from gan_core.events import Finished
from gan_core.export import Options, arrive, export_bytes
from gan_core.export.arrive import import_run
from gan_core.metrics import Figure
from gan_core.metrics.scores import Scores, add_live, keep_scores, kept_scores, live_scores
from gan_core.moments import AVERAGE_ENDING, CHECKPOINT_ENDING
from gan_core.store import RunStore

Files = dict[str, bytes]


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> tuple[RunStore, str]:
    with pytest.MonkeyPatch.context() as patch:
        return keep_run(tmp_path_factory.mktemp("runs"), patch, moments=3)


@pytest.fixture(scope="module")
def raw(kept: tuple[RunStore, str]) -> bytes:
    return export_bytes(*kept, kind="run", options=Options())


@pytest.fixture
def files(raw: bytes) -> Files:
    """The run's files by name, without their top folder."""
    with zipfile.ZipFile(io.BytesIO(raw)) as archive:
        return {name.partition("/")[2]: archive.read(name) for name in archive.namelist()}


def let_in(root: Path, files: Files, top: str = "guest/") -> str:
    return import_run(root, io.BytesIO(packed({top + name: data for name, data in files.items()})), "my.zip")


def changed(files: Files, name: str, **values: Any) -> Files:
    return files | {name: json.dumps(json.loads(files[name]) | values).encode()}


def named(files: Files, ending: str) -> str:
    return max(name for name in files if name.endswith(ending))


def moment(files: Files) -> str:
    return max(name for name in files if name.startswith("samples/") and name.endswith(".json"))


def test_a_run_comes_back_as_it_went(kept: tuple[RunStore, str], raw: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "run.zip").write_bytes(raw)
    root = tmp_path / "elsewhere"
    store, run_id = kept
    assert import_run(root, tmp_path / "run.zip") == run_id
    there = RunStore(root)
    mine, theirs = (
        {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
        for folder in (store.folder(run_id), there.folder(run_id))
    )
    assert mine.keys() - theirs.keys() == {"lock"} and theirs.keys() <= mine.keys()
    assert [name for name in theirs if mine[name] != theirs[name]] in ([], ["status.json"])
    assert there.moments(run_id) == store.moments(run_id)
    assert there.config(run_id) == store.config(run_id)
    assert there.past(run_id).marks == store.past(run_id).marks
    assert [path.name for path in root.iterdir()] == [run_id]

    serve(monkeypatch, "digits")
    checkpoint = there.checkpoint(run_id)
    events = loop.train(there.config(run_id), checkpoint, until_step=checkpoint.place.step + 2)
    assert any(isinstance(event, Finished) for event in events), "it goes on from here"


def test_a_taken_name_gets_a_new_one(raw: bytes, tmp_path: Path) -> None:
    first, second = (import_run(tmp_path, io.BytesIO(raw), "run.zip") for _ in range(2))
    assert first != second
    assert {status.run_id for status in RunStore(tmp_path).list()} == {first, second}


@pytest.mark.parametrize("top", ["", "some folder/", "-x/", "a.b-c/"])
def test_the_files_may_lie_in_a_folder_or_not(files: Files, tmp_path: Path, top: str) -> None:
    run_id = let_in(tmp_path, files, top)
    assert RunStore(tmp_path).status(run_id).state == "stopped"
    assert (run_id == "a.b-c") == (top == "a.b-c/")


def test_a_run_that_was_at_work_is_interrupted(files: Files, tmp_path: Path) -> None:
    picture = "![x](http://a.b/c.png)"
    told = {"message": picture, "message_parts": {"template": picture + "{x:>9}", "values": {"x": 1}}}
    run_id = let_in(tmp_path, changed(files, "status.json", state="running", **told))
    status = RunStore(tmp_path).status(run_id)
    assert status.state == "interrupted" and status.resumable
    assert "[" not in status.message
    assert status.reason == status.message, "parts from elsewhere are not filled in"


def test_a_bundled_run_is_a_run_like_any_other_elsewhere(files: Files, tmp_path: Path) -> None:
    run_id = let_in(tmp_path, changed(files, "status.json", bundled=True))
    store = RunStore(tmp_path)
    assert not store.status(run_id).bundled
    store.delete(run_id)
    assert store.list() == []


def test_only_a_runs_own_files_get_in(files: Files, tmp_path: Path) -> None:
    extra = {"evil.py": b"import os", "samples/evil.sh": b"x", "lock": b"x", "weights/deep/config.json2": b"x", "samples/1.png": b"x"}
    run_id = let_in(tmp_path, files | extra)
    there = {path.name for path in (tmp_path / run_id).rglob("*") if path.is_file()}
    assert there == {name.rpartition("/")[2] for name in files}


def test_a_pickle_called_weights_is_refused(files: Files, tmp_path: Path) -> None:
    buffer = io.BytesIO()
    torch.save({"a": torch.zeros(3)}, buffer)
    refused(tmp_path, files | {named(files, AVERAGE_ENDING): buffer.getvalue()}, "is not that of a run")


def refused(root: Path, files: Files, words: str, top: str = "guest/") -> None:
    """The zip is refused with one sentence, and nothing of it is left."""
    with pytest.raises(ValueError, match=words) as error:
        let_in(root / "runs", files, top)
    assert "\n" not in str(error.value)
    assert ".import-" not in str(error.value), "where it was unpacked means nothing to a reader"
    assert list((root / "runs").iterdir()) == []


Wrong = Callable[[Files], Files]
WRONG: dict[str, tuple[Wrong, str]] = {
    "no config": (lambda files: {name: data for name, data in files.items() if name != "config.json"}, "holds no run"),
    "no status": (lambda files: {name: data for name, data in files.items() if name != "status.json"}, r"there is no status\.json in it"),
    "nothing": (lambda files: {}, "holds no run"),
    "a path out": (lambda files: files | {"../../evil.json": b"{}"}, "points out of it"),
    "a setting out of range": (lambda files: changed(files, "config.json", width=10**9), r"its config\.json .* \(width is"),
    "no setting": (lambda files: changed(files, "config.json", hack=1), r"its config\.json"),
    "torn settings": (lambda files: files | {"config.json": b"{"}, r"a run \(config\.json cannot be read: Expecting"),
    "a torn status": (lambda files: files | {"status.json": b"\xff"}, r"a run \(status\.json cannot be read"),
    "a picture that is none": (lambda files: files | {"samples/reals.png": b"x"}, r"its samples/reals\.png .* 'samples/reals\.png'"),
    "a list for settings": (lambda files: files | {"config.json": b"[]"}, r"its config\.json"),
    "deep nesting": (lambda files: files | {"config.json": "".join(f"[{k}," for k in range(30_000)).encode()}, r"its config\.json"),
    "an unknown state": (lambda files: changed(files, "status.json", state="hacked"), r"its status\.json .* 'hacked'"),
    "a parent with a path": (lambda files: changed(files, "status.json", parent="../../x"), r"its status\.json"),
    "a text for a number": (lambda files: changed(files, "status.json", step="many"), r"its status\.json .* \(step is 'many'"),
    "a time without end": (lambda files: changed(files, "status.json", created_at=1e300), r"its status\.json"),
    "a spark of words": (lambda files: changed(files, "status.json", spark={"a": ["b"]}), r"its status\.json"),
    "an unknown knob": (lambda files: changed(files, "status.json", knobs={"gama": 1}), r"its status\.json"),
    "a checkpoint that is not there": (
        lambda files: changed(files, "status.json", checkpoint_step=12345),
        "checkpoint of step 12345 is missing",
    ),
    "events of another world": (lambda files: files | {"events.jsonl": b'{"event":"metrics"}\n'}, r"its events\.jsonl"),
    "events that are numbers": (lambda files: files | {"events.jsonl": b"5\n"}, r"its events\.jsonl"),
    "torn weights": (lambda files: files | {(name := named(files, CHECKPOINT_ENDING)): files[name][:-9]}, r"checkpoint\.safetensors"),
    "weights of another network": (
        lambda files: files | {named(files, AVERAGE_ENDING): save({"0.weight": torch.zeros(3)})},
        r"average\.safetensors .* has the shape",
    ),
    "a header without end": (lambda files: files | {named(files, AVERAGE_ENDING): struct.pack("<Q", 2**60)}, r"average\.safetensors"),
    "a picture like a wall": (lambda files: files | {"samples/reals.png": png_header(50_000, 50_000)}, r"samples/reals\.png"),
    "a moment without a place": (lambda files: files | {moment(files): b"{}"}, r"its samples/.*\.json"),
    "verdicts that are words": (
        lambda files: changed(files, moment(files), verdicts={"living": "abc"}),
        r"its samples/.*\.json",
    ),
}


@pytest.mark.parametrize("what", WRONG)
def test_what_is_wrong_is_said_and_leaves_nothing(what: str, files: Files, tmp_path: Path) -> None:
    spoil, words = WRONG[what]
    refused(tmp_path, spoil(files), words)


def test_two_runs_in_one_zip(files: Files, tmp_path: Path) -> None:
    both = {f"{top}/{name}": data for top in ("one", "two") for name, data in files.items()}
    refused(tmp_path, both, "more than one run", top="")


def test_an_array_that_is_larger_than_its_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run = keep_run(tmp_path / "from", monkeypatch, moments=2, data="ring-8")
    with zipfile.ZipFile(io.BytesIO(export_bytes(*run, kind="run", options=Options()))) as archive:
        files = {name.partition("/")[2]: archive.read(name) for name in archive.namelist()}
    assert let_in(tmp_path / "good", files)
    buffer = io.BytesIO()
    np.lib.format.write_array_header_1_0(buffer, {"descr": "<f4", "fortran_order": False, "shape": (90_000, 2)})
    refused(tmp_path, files | {"samples/reals.npy": buffer.getvalue()}, r"reals\.npy")


def test_too_many_files(files: Files, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(arrive, "MOST_FILES", 4)
    refused(tmp_path, files, "a run has 4 at most")


def test_a_file_that_is_too_large(files: Files, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(arrive, "MOST_FILE_BYTES", 2000)
    refused(tmp_path, files, "such a file may have 2,000 at most")


def test_a_file_that_grows_too_much(files: Files, tmp_path: Path) -> None:
    refused(tmp_path, files | {"events.jsonl": bytes(3_000_000)}, "would (grow|unpack)")


def test_what_is_no_zip(tmp_path: Path) -> None:
    (tmp_path / "my.zip").write_bytes(b"no zip")
    with pytest.raises(ValueError, match=r"my\.zip cannot be read as a zip"):
        import_run(tmp_path / "runs", tmp_path / "my.zip")
    with pytest.raises(ValueError, match=r"There is no file .*none\.zip\. Name a zip"):
        import_run(tmp_path / "runs", tmp_path / "none.zip")
    assert list((tmp_path / "runs").iterdir()) == []


def test_a_place_where_nobody_may_write(raw: bytes, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(ValueError, match="No run can be kept"):
        import_run(tmp_path / "file" / "runs", io.BytesIO(raw))


# Scores


def scored(step: int, weights: str = "averaged", **changes: Any) -> Scores:
    return Scores(step, weights, 60, "own CNN", 0.9, {"fd": Figure(2.5, 0.5)}, ("a", "b"), (0.25, 0.75), (0.5, 0.5), 1.0, **changes)


def test_scores_come_along(kept: tuple[RunStore, str], tmp_path: Path) -> None:
    store, run_id = kept
    folder = store.folder(run_id)
    try:
        keep_scores(folder, scored(4))
        keep_scores(folder, scored(4, "living"))
        for step in (2, 3):
            add_live(folder, scored(step))
        zipped = export_bytes(store, run_id, kind="run", options=Options())
    finally:
        for path in folder.glob("scores*"):
            path.unlink()
    there = tmp_path / import_run(tmp_path, io.BytesIO(zipped), "run.zip")
    assert kept_scores(there, "averaged") == scored(4)
    assert kept_scores(there, "living") == scored(4, "living")
    assert live_scores(there) == [scored(2), scored(3)]


def test_of_foreign_scores_only_what_can_be_shown_stays(kept: tuple[RunStore, str], raw: bytes, tmp_path: Path) -> None:
    odd = scored(4, notes=("![x](http://far/away.png)",)).to_dict() | {"judge": "**me**"}
    odd["figures"]["made-up"] = odd["figures"]["fd"]
    foreign = io.BytesIO(raw)
    with zipfile.ZipFile(foreign, "a") as archive:
        archive.writestr(f"{kept[1]}/scores-averaged.json", json.dumps(odd))
        archive.writestr(f"{kept[1]}/scores-living.json", '{"step": "nonsense"}')
        archive.writestr(f"{kept[1]}/scores.jsonl", "[[[")
    there = tmp_path / import_run(tmp_path, foreign, "run.zip")
    came = kept_scores(there, "averaged")
    assert came is not None and came.figures == {"fd": Figure(2.5, 0.5)} and came.judge == ""
    assert "[" not in came.notes[0] and "(http" in came.notes[0]
    assert sorted(path.name for path in there.glob("scores*")) == ["scores-averaged.json"]
