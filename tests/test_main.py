"""The command line: what it prints last, and that a limit given now counts."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

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


@pytest.mark.parametrize("words", [["train", "--set", "gama=1"], ["train", "--bogus"], ["sample", "nothing", "--out", "x.png"]])
def test_bad_input_is_one_line_and_code_2(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(words) == 2
    said = capsys.readouterr()
    assert len(said.err.splitlines()) == 1
    assert not said.out
