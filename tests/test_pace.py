"""A run that is slowed down: half a step at a time, at a pace one can follow and change, to the same weights."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import torch
from test_broadcast import decode
from test_manager import fake_train
from test_runner import SOON, Notes, handle_of, past, played, started, wait_until
from tiny import serve, tiny_config

from gan_core import loop
from gan_core.events import Changed, Checkpoint, Draw, EventSource, Half, Metrics, Pace, Paced, Place, Samples, Save, Set, Step, WhichHalf
from gan_core.pacing import FASTEST, LAG_S, SLOWEST, Pacer
from gan_core.runner import RunHandle
from gan_core.snapshot import Snapshot
from gan_core.store import RunStore
from live.broadcast import Seen, encode
from live.manager import LiveManager


class Time:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def half_of(step: int, half: WhichHalf) -> Metrics:
    values = {"loss/critic": 1.0} | ({"loss/generator": 2.0} if half == 2 else {})
    place = Place(step, 0.0, 8 * (step + (half == 1)), 0.0)
    return Metrics(place, half - 1, values, player="critic" if half == 1 else "generator", moved={"critic": 0.1}, half=half)


# When the next half is due


def test_halves_are_due_at_the_pace() -> None:
    time = Time()
    pacer = Pacer(time)
    assert pacer.due_s() <= 0
    assert pacer.turn(2.0)
    assert pacer.due_s() <= 0, "the first one at once"
    pacer.played()
    time.now += 0.1
    assert not pacer.turn(4.0), "it goes by halves already"
    assert 0 < pacer.due_s() <= 0.15
    assert pacer.turn(None)
    assert pacer.due_s() <= 0


def test_a_late_half_is_made_up_for_and_a_very_late_one_is_not() -> None:
    time = Time()
    pacer = Pacer(time)
    pacer.turn(10.0)
    pacer.played()
    time.now += pacer.due_s() + 0.01
    pacer.played()
    assert pacer.due_s() == pytest.approx(0.09)
    time.now += 5
    pacer.played()
    assert pacer.due_s() == pytest.approx(0.1 - LAG_S)


def test_an_early_half_delays_no_other() -> None:
    time = Time()
    pacer = Pacer(time)
    pacer.turn(0.1)
    for _ in range(3):
        pacer.played()
    assert pacer.due_s() == pytest.approx(10)


@pytest.mark.parametrize("pace", [0.0, 0.04, 61, -1, float("nan"), float("inf")])
def test_a_pace_there_is_not(pace: float) -> None:
    with pytest.raises(ValueError, match=r"from 0\.05 to 60"):
        Pacer().turn(pace)


# In a run's thread


def by_halves() -> EventSource:
    """A run that goes by halves, or step by step, as it is told; a step takes a millisecond."""
    step, half, slow, tick = 0, False, False, threading.Event()
    command = yield started()
    while True:
        while command is not None:
            match command:
                case Pace(slow):
                    command = yield Paced(Place(step, 0.0, 0, 0.0), slow)
                case Half():
                    half = not half
                    step += not half
                    command = yield half_of(step, 1 if half else 2)
                case Draw():
                    command = yield Samples(Place(step, 0.0, 0, 0.0), *(started().reals,) * 2, epoch_ended=False)
                case Save():
                    command = yield Checkpoint(Place(step, 0.0, 0, 0.0), {}, {})
                case Set(name, value):
                    command = yield Changed(Place(step, 0.0, 0, 0.0), name, value)
        tick.wait(0.001)
        if slow:
            half = not half
            step += not half
            command = yield half_of(step, 1 if half else 2)
        else:
            step, half = step + 1, False
            command = yield Metrics(Place(step, 0.0, 0, 0.0), 1, {"loss/critic": 1.0})


@pytest.fixture
def slowed() -> Iterator[tuple[RunHandle, Notes]]:
    handle, notes = handle_of(by_halves)
    handle.start()
    yield handle, notes
    handle.stop()
    assert handle.join(SOON)


def shown_half(half: int) -> Any:
    return lambda now: now.played is not None and now.played.half == half


def test_both_halves_are_shown_and_the_whole_step_is_kept(slowed: tuple[RunHandle, Notes]) -> None:
    handle, notes = slowed
    handle.pace(FASTEST)
    assert handle.snapshot().pace == FASTEST
    assert handle.wait_for(shown_half(1), SOON)
    assert handle.wait_for(shown_half(2), SOON)
    wait_until(lambda: Paced in notes.kinds())
    kept = [event for event in notes.events[notes.kinds().index(Paced) :] if isinstance(event, Metrics)]
    assert {(event.half, event.player, event.steps, len(event.moved), len(event.values)) for event in kept} == {(0, "both", 1, 0, 2)}
    handle.pause()
    assert len(handle.rows(None).values) == notes.kinds().count(Metrics)


def test_a_slow_run_waits_and_can_be_hurried_or_let_go(slowed: tuple[RunHandle, Notes]) -> None:
    handle, _ = slowed
    handle.pace(SLOWEST)
    assert handle.wait_for(shown_half(1), SOON)
    version = handle.snapshot().version
    handle.send(Set("gamma", 2.0))
    assert handle.wait_for(lambda now: bool(now.marks), SOON), "commands do not wait"
    assert handle.snapshot().version == version + 1, "and the next half does"
    handle.pace(FASTEST)
    assert handle.wait_for(shown_half(2), SOON)
    handle.pace(None)
    place = handle.snapshot().place
    assert place is not None
    assert handle.wait_for(past(place.step + 20), SOON)
    assert (handle.snapshot().played, handle.snapshot().pace) == (None, None)


@pytest.mark.parametrize("how", ["pause", "stop"])
def test_a_slow_run_can_be_paused_and_stopped_at_once(how: str) -> None:
    handle, notes = handle_of(by_halves)
    handle.start()
    handle.pace(SLOWEST)
    assert handle.wait_for(shown_half(1), SOON)
    if how == "pause":
        handle.pause()
        assert handle.snapshot().state == "paused"
        handle.step("half")
        assert handle.wait_for(shown_half(2), SOON)
        assert handle.wait_for(lambda now: now.samples is not None, SOON), "samples follow the second half"
    handle.stop()
    assert handle.join(SOON)
    assert notes.end == ("stopped", "")


def test_half_steps_of_a_paused_run(slowed: tuple[RunHandle, Notes]) -> None:
    handle, notes = slowed
    handle.step("half")
    assert handle.wait_for(shown_half(1), SOON)
    assert (handle.snapshot().state, handle.snapshot().pace) == ("paused", None)
    handle.send(Set("gamma", 2.0))
    assert handle.wait_for(lambda now: bool(now.marks), SOON)
    assert Samples not in notes.kinds(), "G has not moved, so there is nothing new to draw"
    handle.step("half")
    assert handle.wait_for(shown_half(2), SOON)
    wait_until(lambda: Samples in notes.kinds())
    handle.resume()
    assert handle.snapshot().played is None


def test_an_ended_run_has_no_pace() -> None:
    handle, _ = played(started(), loop.Finished(Place(0, 0.0, 0, 0.0)))
    handle.pace(1.0)
    assert handle.snapshot().pace is None


def test_the_pace_is_told_to_those_who_watch(slowed: tuple[RunHandle, Notes]) -> None:
    handle, _ = slowed
    handle.pace(FASTEST)
    assert handle.wait_for(shown_half(1), SOON)
    snapshot = handle.snapshot()
    header = decode(encode(handle, snapshot, Seen())[0]).header
    assert header["pace"] == FASTEST
    assert snapshot.played is not None
    assert header["played"]["half"] == snapshot.played.half
    assert header["played"]["player"] == ("critic" if snapshot.played.half == 1 else "generator")


def test_only_who_controls_a_run_sets_its_pace(tmp_path: Path) -> None:
    manager = LiveManager(fake_train, tmp_path)
    run_id = manager.start(tiny_config(), "mine")
    with pytest.raises(ValueError, match="another browser"):
        manager.pace(run_id, "other", 1.0)
    with pytest.raises(ValueError, match="pace is 100"):
        manager.pace(run_id, "mine", 100)
    assert manager.status(run_id).pace is None
    manager.pace(run_id, "mine", 1.5)
    assert manager.status(run_id).pace == 1.5
    assert manager.close()


# The same weights


def ended(root: Path, *, halves: int) -> tuple[dict[str, Any], Snapshot]:
    """A real run of nine steps through the runner, of which so many halves are paced, single and paced again."""
    config = tiny_config(critic_steps=2)
    store = RunStore(root)
    record = store.new(config)
    handle = RunHandle(record.run_id, lambda: loop.train(config, until_step=9), record=record)
    if halves:
        handle.pause()
        handle.pace(FASTEST)
        handle.start()
        assert handle.wait_for(lambda now: now.samples is not None or now.started is not None, SOON)
        for _ in range(halves):
            handle.step("half")
        assert handle.wait_for(shown_half(2 - halves % 2), SOON)
        handle.resume()
    else:
        handle.start()
    assert handle.join(4 * SOON)
    assert handle.snapshot().state == "finished", handle.snapshot().message
    checkpoint = store.checkpoint(record.run_id)
    rows = handle.rows(None)
    assert rows.values[:, 0].tolist() == sorted(set(rows.values[:, 0].tolist())), "a row for each whole step at most"
    return dict(checkpoint.tensors), handle.snapshot()


@pytest.mark.parametrize("halves", [1, 4, 7])
def test_slow_and_fast_runs_reach_the_same_weights(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, halves: int) -> None:
    serve(monkeypatch, "digits")
    fast, _ = ended(tmp_path / "fast", halves=0)
    slow, snapshot = ended(tmp_path / "slow", halves=halves)
    assert fast.keys() == slow.keys()
    assert all(torch.equal(fast[name], slow[name]) for name in fast)
    assert snapshot.place is not None
    assert snapshot.place.step == 9


def test_a_step_of_both_after_half_a_step(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    serve(monkeypatch, "digits")
    source = loop.train(tiny_config())
    next(source)
    source.send(Half())
    told = source.send(Step())
    assert isinstance(told, Metrics)
    assert (told.place.step, told.steps, told.half) == (2, 2, 0)
    source.close()
