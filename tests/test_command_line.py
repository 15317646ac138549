"""The command line looks where the app looks, and whatever cannot be is one line on stderr that names it; nothing is left behind."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from kept_runs import keep_run
from picture_files import packed

import app
from gan_core.__main__ import main
from gan_core.files import RUNS_VARIABLE, USUAL_RUNS, runs_folder
from gan_core.store import RunStore
from live import manager

ROOT = Path(__file__).parents[1]
Kept = tuple[RunStore, str]


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Kept:
    with pytest.MonkeyPatch.context() as patch:
        return keep_run(tmp_path_factory.mktemp("runs"), patch, moments=2)


def refused(words: list[str], capsys: pytest.CaptureFixture[str]) -> str:
    """The one line that such a command ends with."""
    assert main(words) == 2
    said = capsys.readouterr()
    assert not said.out and said.err.endswith("\n") and len(said.err.splitlines()) == 1, said
    return said.err.strip()


# Which folder


def test_without_the_variable_runs_lie_beside_the_app(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(RUNS_VARIABLE, raising=False)
    assert runs_folder() == USUAL_RUNS == ROOT / "checkpoints"
    monkeypatch.setenv(RUNS_VARIABLE, " ")
    assert runs_folder() == USUAL_RUNS
    monkeypatch.setenv(RUNS_VARIABLE, "~/runs")
    assert runs_folder() == Path.home() / "runs"


def test_the_app_keeps_its_runs_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(RUNS_VARIABLE, str(tmp_path / "mine"))
    monkeypatch.setattr(app, "warm_up", lambda: None)

    async def root() -> Path:
        async with app.lifespan(app.app):
            return manager.get().store.root

    assert asyncio.run(root()) == tmp_path / "mine"


def test_every_command_looks_there(kept: Kept, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    store, run_id = kept
    monkeypatch.setenv(RUNS_VARIABLE, str(store.root))
    assert main(["sample", run_id, "--n", "4", "--out", str(tmp_path / "four.png")]) == 0
    assert main(["export", run_id, "--kind", "run", "--out", str(tmp_path / "run.zip")]) == 0
    capsys.readouterr()
    assert refused(["score", run_id, "--count", "1"], capsys).startswith("count is 1"), "it found the run"
    monkeypatch.setenv(RUNS_VARIABLE, str(tmp_path / "other 100%"))
    for words in (["sample", run_id, "--out", "x.png"], ["export", run_id, "--kind", "run", "--out", "x.zip"], ["score", run_id]):
        assert refused(words, capsys) == f"There is no run '{run_id}' in {tmp_path / 'other 100%'}."
    assert main(["import", str(tmp_path / "run.zip")]) == 0
    assert main(["train", "--steps", "1", "--json", "--set", "data=ring-8", "--set", "width=8", "--set", "threads=1"]) == 0
    there = RunStore(tmp_path / "other 100%")
    (begun,) = {status.run_id for status in there.list()} - {run_id}
    assert main(["train", "--steps", "1", "--json", "--resume", begun]) == 0
    assert there.status(begun).step == 2


@pytest.mark.parametrize("command", ["train", "sample", "score", "export", "import"])
def test_its_help_names_the_variable(command: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv(RUNS_VARIABLE, "/100% mine")
    with pytest.raises(SystemExit):
        main([command, "--help"])
    assert RUNS_VARIABLE in capsys.readouterr().out


# Where to write


@pytest.mark.parametrize("command", [["sample", "--n", "4"], ["export", "--kind", "sheet"]], ids=["sample", "export"])
@pytest.mark.parametrize(
    ("out", "why"),
    [
        ("folder.png", "Is a directory"),
        ("file/x.png", "file is a file, not a folder"),
        ("file/deep/x.png", "Not a directory"),
        ("/proc/x/a.png", ""),
        ("x" * 300 + ".png", "File name too long"),
    ],
)
def test_a_place_that_cannot_be_written(
    command: list[str], out: str, why: str, kept: Kept, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "folder.png").mkdir()
    (tmp_path / "file").write_bytes(b"mine")
    place = tmp_path / out
    said = refused([command[0], str(kept[0].folder(kept[1])), *command[1:], "--out", str(place)], capsys)
    assert said.startswith(f"{place} cannot be written: ") and why in said and said.endswith("Name another file with --out.")
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["file", "folder.png"], "nothing of it is left"
    assert (tmp_path / "file").read_bytes() == b"mine"


# Numbers


def test_a_seed_below_nothing(kept: Kept, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run, out = str(kept[0].folder(kept[1])), tmp_path / "x.png"
    said = refused(["sample", run, "--n", "4", "--seed", "-1", "--out", str(out)], capsys)
    assert said == "--seed is -1, and it has to be a whole number from 0 on"
    assert not out.exists()


@pytest.mark.parametrize(
    ("limit", "value"), [("seconds", value) for value in ("nan", "inf", "-inf", "0.0", "-1.0")] + [("epochs", "0"), ("steps", "-3")]
)
def test_a_limit_that_is_none(limit: str, value: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    said = refused(["train", f"--{limit}={value}", "--out", str(tmp_path / "runs")], capsys)
    assert said.startswith(f"--{limit} is {value}, and it has to be a finite number more than 0")
    assert not (tmp_path / "runs").exists(), "nothing was begun"


@pytest.mark.parametrize("value", ["nan", "inf", "0"])
def test_frames_a_second_that_are_none(value: str, kept: Kept, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["export", str(kept[0].folder(kept[1])), "--kind", "time-lapse.gif", "--fps", value, "--out", str(tmp_path / "x.gif")]
    assert "fps is" in refused(words, capsys)
    assert not list(tmp_path.iterdir())


# What is let in


def test_a_zip_that_is_not_there_and_one_that_is_no_run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "half.zip").write_bytes(packed({"a/config.json": b"{}"}))
    (tmp_path / "torn.zip").write_bytes(packed({"a/config.json": b"{}", "a/status.json": b"{"}))
    for name, words in (
        ("none.zip", f"There is no file {tmp_path / 'none.zip'}."),
        ("half.zip/x.zip", f"There is no file {tmp_path / 'half.zip/x.zip'}."),
        (".", "cannot be read: Is a directory."),
        ("half.zip", "half.zip holds no run: there is no status.json in it."),
        ("torn.zip", "torn.zip cannot be imported: its status.json is not that of a run (status.json cannot be read: Expecting"),
    ):
        said = refused(["import", str(tmp_path / name), "--out", str(tmp_path / "runs")], capsys)
        assert words in said and ".import-" not in said and "Error" not in said, said
    assert not list((tmp_path / "runs").iterdir())
