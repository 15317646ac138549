"""The command line: what it prints last, and that a limit given now counts."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from kept_runs import keep_run
from PIL import Image

from gan_core.__main__ import main

TINY = ["--set", "data=ring-8", "--set", "width=8", "--set", "threads=1", "--json"]


def last_line(capsys: pytest.CaptureFixture[str]) -> dict[str, object]:
    facts: dict[str, object] = json.loads(capsys.readouterr().out.strip().splitlines()[-1])
    return facts


def test_steps_are_exact_and_a_resumed_run_takes_as_many_more(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["train", "--steps", "20", "--out", str(tmp_path), "--set", "stop_after_epochs=1", "--set", "batch_size=4096", *TINY]) == 0
    begun = last_line(capsys)
    assert begun["steps"] == 13, "50,000 points are one epoch after 13 batches of 4,096"
    assert main(["train", "--resume", str(tmp_path / str(begun["run"])), "--steps", "5", "--json"]) == 0
    assert last_line(capsys)["steps"] == 18


def test_a_run_is_taken_along_and_let_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    store, run_id = keep_run(tmp_path / "here", monkeypatch, moments=3)
    here, there, film = str(store.folder(run_id)), tmp_path / "there", tmp_path / "new" / "film.gif"
    assert main(["export", here, "--kind", "time-lapse.gif", "--out", str(film), "--weights", "living", "--fps", "5"]) == 0
    with Image.open(film) as picture:
        assert getattr(picture, "n_frames", 1) == 3
    assert main(["export", here, "--kind", "run", "--out", str(tmp_path / "run.zip")]) == 0
    assert main(["import", str(tmp_path / "run.zip"), "--out", str(there)]) == 0
    assert capsys.readouterr().out.splitlines()[-1] == f"{run_id} in {there}"
    for words, said in (
        (["export", here, "--kind", "mp5", "--out", "x"], "There is no export 'mp5'"),
        (["export", here, "--kind", "sheet", "--out", str(film / "x.png")], "cannot be written"),
        (["export", here, "--kind", "sheet", "--out", "x.png", "--weights", "best"], "weights is 'best'"),
        (["import", str(film), "--out", str(there)], "film.gif cannot be read as a zip"),
    ):
        assert main(words) == 2
        error = capsys.readouterr().err
        assert said in error and len(error.strip().splitlines()) == 1


@pytest.mark.parametrize("words", [["train", "--set", "gama=1"], ["train", "--bogus"], ["sample", "nothing", "--out", "x.png"]])
def test_bad_input_is_one_line_and_code_2(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(words) == 2
    said = capsys.readouterr()
    assert len(said.err.splitlines()) == 1
    assert not said.out
