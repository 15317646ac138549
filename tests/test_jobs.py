"""Files made in the background: two at a time, given up at once, and gone after an hour."""

from __future__ import annotations

import dataclasses
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from kept_runs import keep_run
from test_manager import fake_train
from test_runner import SOON, wait_until

from gan_core.export import EXPORTS, Options
from gan_core.store import RunStore
from live.jobs import A_BROWSER, AT_ONCE, KEPT_S, Job, Jobs
from live.manager import LiveManager


class Slow:
    """An export that goes on when it is told to."""

    def __init__(self) -> None:
        self.go = threading.Event()
        self.begun = threading.Semaphore(0)
        self.error: Exception | None = None

    def make(self, store: RunStore, run_id: str, *, path: Path, options: Options, progress: Any) -> None:
        path.write_bytes(b"half")
        self.begun.release()
        for done in range(3):
            progress(done, 3)
        while not self.go.wait(0.01):
            progress(2, 3)
        if self.error is not None:
            raise self.error
        path.write_bytes(b"whole")
        progress(3, 3)


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> tuple[RunStore, str]:
    with pytest.MonkeyPatch.context() as patch:
        return keep_run(tmp_path_factory.mktemp("runs"), patch, moments=2)


@pytest.fixture
def slow(monkeypatch: pytest.MonkeyPatch) -> Slow:
    slow = Slow()
    monkeypatch.setitem(EXPORTS, "run", dataclasses.replace(EXPORTS["run"], make=slow.make))
    return slow


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def jobs(kept: tuple[RunStore, str], clock: Clock) -> Iterator[Jobs]:
    jobs = Jobs(kept[0], clock)
    yield jobs
    jobs.close()
    for thread in jobs._threads:
        thread.join(SOON)
    assert not [thread for thread in jobs._threads if thread.is_alive()]


def start(jobs: Jobs, run_id: str, browser: str = "ann", kind: str = "run") -> Job:
    return jobs.start(browser, run_id, kind=kind, options=Options())


def test_a_job_is_followed_to_its_file(jobs: Jobs, kept: tuple[RunStore, str], slow: Slow) -> None:
    begun = start(jobs, kept[1])
    assert slow.begun.acquire(timeout=SOON)
    wait_until(lambda: (job := jobs.get(begun.job_id)) is not None and (job.state, job.done, job.total) == ("working", 2, 3))
    slow.go.set()
    job = jobs.wait_for(begun.job_id, SOON)
    assert (job.state, job.done, job.total, job.message) == ("done", 3, 3, "")
    assert job.path is not None and job.path.read_bytes() == b"whole"
    assert job.path.name == f"{kept[1]}-run.zip"
    assert jobs.of("ann") == (job,) and jobs.of("bob") == ()


def test_a_job_remembers_the_step_that_its_file_is_of(jobs: Jobs, kept: tuple[RunStore, str], slow: Slow) -> None:
    slow.go.set()
    job = jobs.wait_for(start(jobs, kept[1]).job_id, SOON)
    assert job.step == kept[0].status(kept[1]).step > 0
    chosen = jobs.start("ann", kept[1], kind="run", options=Options(step=1))
    assert jobs.wait_for(chosen.job_id, SOON).step == 1


def test_a_job_that_is_given_up_leaves_nothing(jobs: Jobs, kept: tuple[RunStore, str], slow: Slow) -> None:
    job_id = start(jobs, kept[1]).job_id
    assert slow.begun.acquire(timeout=SOON)
    jobs.cancel(job_id, "bob")
    assert jobs.get(job_id).unfinished, "it is not bob's"  # type: ignore[union-attr]
    jobs.cancel(job_id, "ann")
    job = jobs.wait_for(job_id, SOON)
    assert (job.state, job.path) == ("cancelled", None)
    assert jobs._folder is not None and not [path for path in jobs._folder.rglob("*") if path.is_file()]


def test_two_work_and_others_wait(jobs: Jobs, kept: tuple[RunStore, str], slow: Slow) -> None:
    begun = [start(jobs, kept[1], browser) for browser in ("ann", "bob", "cat", "dan")]
    for _ in range(AT_ONCE):
        assert slow.begun.acquire(timeout=SOON)
    states = [jobs.get(job.job_id).state for job in begun]  # type: ignore[union-attr]
    assert sorted(states) == ["waiting"] * 2 + ["working"] * AT_ONCE
    waiting = begun[states.index("waiting")]
    jobs.cancel(waiting.job_id, waiting.browser)
    assert jobs.wait_for(waiting.job_id, SOON).state == "cancelled"
    slow.go.set()
    assert sorted(jobs.wait_for(job.job_id, SOON).state for job in begun) == ["cancelled", "done", "done", "done"]


def test_a_browser_has_a_few_at_most(jobs: Jobs, kept: tuple[RunStore, str], slow: Slow) -> None:
    for _ in range(A_BROWSER):
        start(jobs, kept[1])
    with pytest.raises(ValueError, match="still being made"):
        start(jobs, kept[1])
    assert start(jobs, kept[1], "bob").unfinished


@pytest.mark.parametrize("error", [ValueError("a sentence"), OSError(28, "No space left on device"), RuntimeError("torch")])
def test_what_goes_wrong_is_said(jobs: Jobs, kept: tuple[RunStore, str], slow: Slow, error: Exception) -> None:
    slow.error = error
    slow.go.set()
    job = jobs.wait_for(start(jobs, kept[1]).job_id, SOON)
    assert (job.state, job.path) == ("failed", None)
    assert job.message == str(error)


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_what_nobody_thought_of_still_ends_the_job(jobs: Jobs, kept: tuple[RunStore, str], slow: Slow) -> None:
    slow.error = ZeroDivisionError()
    slow.go.set()
    job = jobs.wait_for(start(jobs, kept[1]).job_id, SOON)
    assert job.state == "failed" and "unexpected" in job.message


def test_what_cannot_be_made_is_not_begun(jobs: Jobs, kept: tuple[RunStore, str]) -> None:
    with pytest.raises(ValueError, match="There is no run"):
        start(jobs, "nothing", kind="onnx")
    assert jobs.of("ann") == ()


def test_files_go_after_an_hour(jobs: Jobs, kept: tuple[RunStore, str], clock: Clock, slow: Slow) -> None:
    slow.go.set()
    job = jobs.wait_for(start(jobs, kept[1]).job_id, SOON)
    clock.now = KEPT_S
    assert jobs.get(job.job_id) == job
    clock.now = KEPT_S + 1
    assert jobs.get(job.job_id) is None
    assert job.path is not None and not job.path.exists() and not job.path.parent.exists()


def test_the_end_of_the_process_takes_everything(kept: tuple[RunStore, str], slow: Slow) -> None:
    manager = LiveManager(fake_train, kept[0].root)
    jobs = manager.jobs
    slow.go.set()
    done = jobs.wait_for(start(jobs, kept[1]).job_id, SOON)
    slow.go.clear()
    working = start(jobs, kept[1])
    wait_until(lambda: jobs.get(working.job_id).state == "working")  # type: ignore[union-attr]
    assert manager.close()
    assert done.path is not None and not done.path.parent.parent.exists()
    assert jobs.wait_for(working.job_id, SOON).state == "cancelled"
    with pytest.raises(ValueError, match="about to end"):
        start(jobs, kept[1])
