"""Two processes that share a run: the curves of one, one folder, and an end for both whatever ends one."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
import torch
from one_of_two import CASES, played, state_of
from tiny import tiny_config

from gan_core import parallel
from gan_core.__main__ import main
from gan_core.store import RunStore

ROOT = Path(__file__).parents[1]
TINY = [f"--set={pair}" for pair in ("data=ring-8", "width=8", "threads=1", "device=cpu")]
PATIENCE_S = 120.0


class Pair:
    """Two processes as torchrun starts them."""

    def __init__(self) -> None:
        self.all: list[subprocess.Popen[str]] = []

    def start(self, *command: str | Path, own: Sequence[Path] = ()) -> list[subprocess.Popen[str]]:
        """Begin; `own` is one more argument for each process."""
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            usual = {"WORLD_SIZE": "2", "LOCAL_WORLD_SIZE": "2", "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(free.getsockname()[1])}
        for rank in range(2):
            env = os.environ | usual | {"RANK": str(rank), "LOCAL_RANK": str(rank), "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'tests'}"}
            words = [sys.executable, *map(str, command), *(str(path) for path in own[rank : rank + 1])]
            pipes: dict[str, Any] = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
            self.all.append(subprocess.Popen(words, cwd=ROOT, env=env, **pipes))
        return self.all[-2:]


@pytest.fixture
def pair() -> Iterator[Pair]:
    made = Pair()
    yield made
    for process in made.all:
        process.kill()
        process.communicate()


def until_training(leader: subprocess.Popen[str]) -> None:
    """Wait for the first row of curves."""
    assert leader.stdout is not None
    assert any('"event": "metrics"' in line for line in leader.stdout)


@pytest.mark.slow
def test_two_processes_play_the_curves_of_one(pair: Pair, tmp_path: Path) -> None:
    files = [tmp_path / f"{rank}.json" for rank in range(2)]
    for process in pair.start(ROOT / "tests" / "one_of_two.py", own=files):
        _, error = process.communicate(timeout=PATIENCE_S)
        assert process.returncode == 0, error
    first, second = (json.loads(file.read_text(encoding="utf-8")) for file in files)
    assert first == second, "all processes hold the same weights, to the last bit"
    torch.set_num_threads(1)
    for name, changes in CASES.items():
        alone, shared = played(state_of(changes)), first[name]
        assert (alone["images"], alone["streams"]) == (shared["images"], shared["streams"]), name
        for here, there in zip(alone["steps"], shared["steps"], strict=True):
            assert here == pytest.approx(there, rel=1e-8, abs=1e-9), name
        for player, numbers in alone["numbers"].items():
            assert numbers == pytest.approx(shared["numbers"][player], rel=1e-8, abs=1e-9), (name, player)


@pytest.mark.slow
def test_the_leader_alone_writes_and_prints_and_a_shared_run_goes_on(
    pair: Pair, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for steps, more in ((12, [*TINY, "--out", tmp_path]), (5, [])):
        begin = ["--resume", str(next(tmp_path.glob("*/")))] if not more else []
        leader, follower = pair.start("-m", "gan_core", "train", "--json", "--steps", str(steps), *begin, *more)
        said, wrong = leader.communicate(timeout=PATIENCE_S)
        assert leader.returncode == 0, wrong
        assert (*follower.communicate(timeout=PATIENCE_S), follower.returncode) == ("", "", 0)
    assert json.loads(said.strip().splitlines()[-1])["steps"] == 17
    (folder,) = tmp_path.glob("*/")
    assert RunStore(tmp_path).status(folder.name).state == "finished"
    # The same seventeen steps in one process.
    assert main(["train", "--json", "--steps", "17", *TINY, "--out", str(tmp_path)]) == 0
    alone = json.loads(capsys.readouterr().out.strip().splitlines()[-1])
    shared, single = (RunStore(tmp_path).checkpoint(run).tensors for run in (folder.name, alone["run"]))
    assert torch.equal(shared["stream_z"], single["stream_z"])
    weights = [name for name in single if name.startswith("generator.")]
    assert all(torch.allclose(shared[name], single[name], rtol=1e-3, atol=1e-4) for name in weights)


@pytest.mark.slow
@pytest.mark.parametrize("killed", [0, 1])
def test_a_killed_process_ends_the_other(pair: Pair, tmp_path: Path, killed: int) -> None:
    both = pair.start("-m", "gan_core", "train", "--json", *TINY, "--out", tmp_path)
    until_training(both[0])
    both[killed].kill()
    _, said = both[1 - killed].communicate(timeout=PATIENCE_S)
    assert both[1 - killed].returncode == 1
    if killed:
        assert said.strip() == "Another process of this run has ended, and so has the run. It can go on from a checkpoint, if it has one."
        (folder,) = tmp_path.glob("*/")
        assert RunStore(tmp_path).status(folder.name).state == "failed"


@pytest.mark.slow
def test_ctrl_c_saves_and_ends_both(pair: Pair, tmp_path: Path) -> None:
    both = pair.start("-m", "gan_core", "train", "--json", *TINY, "--out", tmp_path)
    until_training(both[0])
    for process in both:
        process.send_signal(signal.SIGINT)
    assert [(process.communicate(timeout=PATIENCE_S)[1], process.returncode) for process in both] == [("", 0), ("", 0)]
    (folder,) = tmp_path.glob("*/")
    status = RunStore(tmp_path).status(folder.name)
    assert (status.state, status.resumable) == ("stopped", True)


@pytest.mark.parametrize(
    ("count", "changes", "sentence"),
    [
        ("3", {"batch_size": 64}, "batch_size is 64, and 3 processes cannot have equal parts of it. Set it to 63 or 66."),
        ("8", {"batch_size": 4}, "batch_size is 4, and 8 processes cannot have equal parts of it. Set it to 8."),
        ("2", {"device": "mps"}, "device is mps, and processes can share a run on cuda or on cpu."),
    ],
)
def test_what_cannot_be_shared_is_said(monkeypatch: pytest.MonkeyPatch, count: str, changes: dict[str, Any], sentence: str) -> None:
    monkeypatch.setenv("WORLD_SIZE", count)
    with pytest.raises(ValueError) as refused:
        parallel.check(tiny_config(**changes))
    assert str(refused.value) == sentence


def test_more_processes_than_gpus_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WORLD_SIZE", "2")
    monkeypatch.setenv("LOCAL_WORLD_SIZE", "2")
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 1)
    with pytest.raises(ValueError, match="2 processes on this machine and 1 GPUs"):
        parallel.check(tiny_config(device="cuda"))


def test_only_training_is_shared(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("WORLD_SIZE", "2")
    assert main(["presets"]) == 2
    assert capsys.readouterr().err == "Only train can be shared by several processes; run this command without torchrun.\n"
