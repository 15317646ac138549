"""Figures measured beside runs at work: once a new generator is kept, seldom enough, and never in the run's way."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
import torch
from kept_runs import keep_run
from test_broadcast import FakeRun, decode, frame_of
from test_runner import SOON, wait_until
from tiny import serve, tiny_set

from gan_core.metrics import METRICS
from gan_core.metrics.base import Figure
from gan_core.metrics.scores import LIVE_FILE, Scores, live_scores
from gan_core.moments import AVERAGE_ENDING, name_of
from gan_core.run_manager import RunManager
from live import scorer as scorer_module
from live.broadcast import Feed, Seen, encode
from live.scorer import FIGURES, Scorer

SCORES = Scores(5, "averaged", 9, "own CNN", 0.9, {"coverage": Figure(0.5, 0.9)}, ("a", "b"), (0.5, 0.5), (0.4, 0.6))


class Runs:
    """Runs at work, as far as a scorer asks."""

    def __init__(self, *run_ids: str) -> None:
        self.run_ids = list(run_ids)

    def active(self) -> list[Any]:
        return [self.get(run_id) for run_id in self.run_ids]

    def get(self, run_id: str) -> Any:
        return SimpleNamespace(run_id=run_id, snapshot=lambda: SimpleNamespace(place=None))


class Home:
    """A run on tiny data that is at work, and a scorer beside it."""

    def __init__(self, root: Path, patch: pytest.MonkeyPatch) -> None:
        self.store, self.run_id = keep_run(root, patch, moments=3)
        self.runs = Runs(self.run_id)
        self.scorer = Scorer(self.store, cast(RunManager, self.runs), count=60, share=1.0, pause_s=0.0)

    @property
    def rows(self) -> list[Scores]:
        return live_scores(self.store.folder(self.run_id))

    def learn(self) -> int:
        """The run goes on, and keeps its generator at a later step."""
        folder, last = self.store.folder(self.run_id) / "weights", self.store.moments(self.run_id).averages[-1]
        shutil.copyfile(folder / name_of(last, AVERAGE_ENDING), folder / name_of(last + 10, AVERAGE_ENDING))
        return last + 10


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Home]:
    monkeypatch.setattr(scorer_module, "LOOK_S", 0.01)
    home = Home(tmp_path, monkeypatch)
    yield home
    home.scorer.close(SOON)
    assert home.scorer._thread is None or not home.scorer._thread.is_alive()


def test_every_new_generator_is_measured_once(home: Home) -> None:
    woken = threading.Semaphore(0)
    home.scorer.listen(home.run_id, lambda: woken.release())
    assert home.scorer.newest(home.run_id) is None
    home.scorer.follow(home.run_id)
    assert woken.acquire(timeout=SOON)
    last = home.store.moments(home.run_id).averages[-1]
    (row,) = home.rows
    assert (row.step, row.weights, row.count) == (last, "averaged", 60)
    assert list(row.figures) == [name for name in METRICS if name in FIGURES and METRICS[name].needs == "features"]
    assert home.scorer.newest(home.run_id) == row
    assert not woken.acquire(timeout=0.1), "nothing new to measure"
    later = home.learn()
    assert woken.acquire(timeout=SOON)
    assert [row.step for row in home.rows] == [last, later]
    assert (home.store.folder(home.run_id) / LIVE_FILE).read_text(encoding="utf-8").count("\n") == 2


def test_it_rests_nineteen_times_as_long_as_it_works(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    home.scorer.share = 0.05
    clocks = {"wall": 100.0, "own": 0.0}
    monkeypatch.setattr(scorer_module, "time", SimpleNamespace(monotonic=lambda: clocks["wall"], thread_time=lambda: clocks["own"]))
    measured = threading.Semaphore(0)
    measure = home.scorer._measure

    def slow(run_id: str) -> None:
        measure(run_id)
        clocks["own"] += 2.0
        clocks["wall"] += 2.0
        measured.release()

    monkeypatch.setattr(home.scorer, "_measure", slow)
    home.scorer.follow(home.run_id)
    assert measured.acquire(timeout=SOON)
    wait_until(lambda: home.scorer._resting_until > 0)
    home.learn()
    clocks["wall"] = 139.9
    assert not measured.acquire(timeout=0.1), "40 s are not over"
    clocks["wall"] = 140.1
    assert measured.acquire(timeout=SOON)


def test_it_computes_in_one_thread_of_its_own(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[str, int]] = []
    before = torch.get_num_threads()
    measured = threading.Event()

    def look(run_id: str) -> None:
        asked.append((threading.current_thread().name, torch.get_num_threads()))
        measured.set()

    monkeypatch.setattr(home.scorer, "_measure", look)
    home.scorer.follow(home.run_id)
    assert measured.wait(SOON)
    assert asked[0] == ("scorer", 1)
    assert torch.get_num_threads() == before


def test_a_run_that_cannot_be_measured_is_let_be(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    serve(monkeypatch, "digits", tiny_set("digits", 3))
    home.scorer.follow(home.run_id)
    wait_until(lambda: home.run_id in home.scorer._hopeless)
    serve(monkeypatch, "digits")
    home.scorer.follow(home.run_id)
    wait_until(lambda: bool(home.rows))


def test_an_ended_run_is_forgotten_and_read_from_disk_again(home: Home) -> None:
    home.scorer.follow(home.run_id)
    wait_until(lambda: home.scorer._target is not None and bool(home.rows))
    home.runs.run_ids.clear()
    wait_until(lambda: home.scorer._target is None)
    other = Scorer(home.store, cast(RunManager, Runs()))
    assert other.newest(home.run_id) == home.rows[-1]
    assert other.newest("nothing") is None


def test_closing_ends_a_measurement_that_is_under_way(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    begun = threading.Event()
    breathe: Callable[[], None] = home.scorer._breathe

    def gasp() -> None:
        begun.set()
        breathe()

    monkeypatch.setattr(home.scorer, "_breathe", gasp)
    home.scorer.follow(home.run_id)
    assert begun.wait(SOON)
    home.scorer.close(SOON)
    assert home.scorer._thread is not None and not home.scorer._thread.is_alive()
    home.scorer.follow(home.run_id)
    assert not home.scorer._thread.is_alive()


# On the way to the browser


def test_scores_are_sent_once_and_again_when_there_are_newer() -> None:
    run = FakeRun()
    data, seen = encode(run, run.snapshot(), Seen(), SCORES)
    assert decode(data).header["scores"] == SCORES.to_dict() | {name: list(getattr(SCORES, name)) for name in LISTS}
    data, seen = encode(run, run.snapshot(), seen, SCORES)
    assert decode(data).header["scores"] is None
    data, seen = encode(run, run.snapshot(), seen, replace(SCORES, step=3))
    assert decode(data).header["scores"]["step"] == 3, "a run that went back is measured anew"
    frame, _ = frame_of(run)
    assert frame.header["scores"] is None


LISTS = ("classes", "shares", "floor_shares", "notes")


def test_a_paused_run_wakes_its_watchers_for_new_scores() -> None:
    feed = Feed(FakeRun(), SimpleNamespace(newest=lambda: SCORES, listen=lambda wake: lambda: None))  # type: ignore[arg-type]
    _, seen = feed._frame(Seen())
    assert feed._all_seen(seen)
    feed.scores = replace(SCORES, step=6)
    assert not feed._all_seen(seen)


def test_the_figures_beside_a_run_are_metrics() -> None:
    assert set(FIGURES) <= METRICS.keys()
