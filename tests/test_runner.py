"""A run in its thread, driven by fakes of a few lines: no torch, no disk."""

from __future__ import annotations

import dataclasses
import threading
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

from gan_core.events import (
    Changed,
    Checkpoint,
    Command,
    Draw,
    Event,
    EventSource,
    Finished,
    Metrics,
    Place,
    Preparing,
    Publish,
    RunState,
    Samples,
    Save,
    Set,
    Started,
    Step,
    Weights,
)
from gan_core.history import History
from gan_core.run_manager import Busy, RunManager
from gan_core.runner import RunHandle
from gan_core.snapshot import Snapshot

SOON = 5.0
"""Seconds after which what should have happened has not."""


def at(step: int) -> Place:
    return Place(step, step / 10, 8 * step, step / 100)


def started(step: int = 0) -> Started:
    return Started(
        at(step), "plane", "cpu", 1, train_size=80, parameters_generator=3, parameters_critic=4, reals=np.zeros((4, 2), np.float32)
    )


def metrics(step: int, **values: float) -> Metrics:
    return Metrics(at(step), 1, values or {"loss/critic": float(step)})


def samples(step: int) -> Samples:
    return Samples(at(step), np.full((4, 2), step, np.float32), np.zeros((4, 2), np.float32), epoch_ended=False)


def answer(command: Command, step: int) -> Event:
    """What the contract says is answered."""
    match command:
        case Save():
            return Checkpoint(at(step), {}, {"step": step})
        case Publish():
            return Weights(at(step), {}, {}, asked=True)
        case Set(name, value):
            return Changed(at(step), name, value)
        case Draw():
            return samples(step)
        case Step(player):
            return Metrics(at(step), 1, {"loss/critic": float(step)}, player=player, moved={"critic": 0.1, "generator": 0.0})


def endless(step: int = 0) -> EventSource:
    """A run that takes a millisecond a step and goes on until it is closed."""
    tick = threading.Event()
    event: Event = started(step)
    while True:
        command = yield event
        while command is not None:
            command = yield answer(command, step)
        tick.wait(0.001)
        step += 1
        event = metrics(step)


class Notes:
    """A recorder that remembers what it was told, and by which thread."""

    def __init__(self) -> None:
        self.events: list[Event] = []
        self.end: tuple[RunState, str] | None = None
        self.threads: set[threading.Thread] = set()

    def append(self, event: Event) -> None:
        self.threads.add(threading.current_thread())
        self.events.append(event)

    def close(self, state: RunState, message: str) -> None:
        self.threads.add(threading.current_thread())
        self.end = (state, message)

    def kinds(self) -> list[type]:
        return [type(event) for event in self.events]


def handle_of(source: Callable[[], EventSource], **facts: Any) -> tuple[RunHandle, Notes]:
    notes = Notes()
    return RunHandle("run", source, record=notes, **facts), notes


def past(step: int) -> Callable[[Snapshot], bool]:
    return lambda snapshot: snapshot.place is not None and snapshot.place.step > step


@pytest.fixture
def running() -> Iterator[tuple[RunHandle, Notes]]:
    """An endless run that has begun."""
    handle, notes = handle_of(endless)
    handle.start()
    assert handle.wait_for(past(0), SOON)
    yield handle, notes
    handle.stop()
    assert handle.join(SOON)


def of(*events: Event) -> Callable[[], EventSource]:
    """A source that says just this."""

    def source() -> EventSource:
        yield from events

    return source


def played(*events: Event, **facts: Any) -> tuple[RunHandle, Notes]:
    """A run that has said this and ended."""
    handle, notes = handle_of(of(*events), **facts)
    handle.start()
    assert handle.join(SOON)
    return handle, notes


# What is told, and in which order


def test_the_recorder_gets_every_event_in_order_from_the_run_thread() -> None:
    told = [Preparing("file", 1, 2), started(), metrics(1), samples(1), Checkpoint(at(1), {}, {}), metrics(2), Finished(at(2))]
    _, notes = played(*told)
    assert [id(event) for event in notes.events] == [id(event) for event in told]
    assert {thread.name for thread in notes.threads} == {"run run"}
    assert notes.end == ("finished", "")


def test_the_snapshot_holds_the_last_of_each() -> None:
    shown = samples(1)
    snapshot = played(started(), metrics(1), shown, metrics(2), Finished(at(2)))[0].snapshot()
    assert (snapshot.state, snapshot.place, snapshot.samples, snapshot.preparing) == ("finished", at(2), shown, None)
    assert snapshot.started is not None


def test_nothing_is_asked_for_after_finished() -> None:
    asked = []

    def source() -> EventSource:
        yield started()
        yield Finished(at(0))
        asked.append("more")

    handle, _ = handle_of(source)
    handle.start()
    assert handle.join(SOON)
    assert not asked


def test_a_source_that_just_ends_has_finished() -> None:
    assert played(started(), metrics(1))[0].snapshot().state == "finished"


def test_preparing_is_seen_until_the_run_starts() -> None:
    seen: list[Snapshot] = []
    handle, _ = handle_of(of(Preparing("file", 1, 2), started()))
    handle.listen(lambda: seen.append(handle.snapshot()))
    handle.start()
    assert handle.join(SOON)
    assert [(s.state, s.preparing is not None) for s in seen] == [("preparing", True), ("running", False), ("finished", False)]


# Snapshots


def test_a_snapshot_never_changes(running: tuple[RunHandle, Notes]) -> None:
    handle, _ = running
    early = handle.snapshot()
    copy = dataclasses.replace(early)
    assert handle.wait_for(lambda snapshot: snapshot.version > early.version + 3, SOON)
    assert early == copy
    with pytest.raises(dataclasses.FrozenInstanceError):
        early.state = "paused"  # type: ignore[misc]


def test_versions_grow_by_one_with_each_change() -> None:
    versions: list[int] = []
    handle, _ = handle_of(of(started(), metrics(1), samples(1), Finished(at(1))))
    handle.listen(lambda: versions.append(handle.snapshot().version))
    handle.start()
    assert handle.join(SOON)
    assert versions == [1, 2, 3, 4]


def test_listeners_are_told_of_every_change_until_they_leave(running: tuple[RunHandle, Notes]) -> None:
    handle, _ = running
    first, second = threading.Event(), []
    deaf = handle.listen(lambda: second.append(1))
    handle.listen(first.set)
    assert first.wait(SOON)
    deaf()
    deaf()  # leaving twice is no error
    told = len(second)
    version = handle.snapshot().version
    assert handle.wait_for(lambda snapshot: snapshot.version > version + 2, SOON)
    assert len(second) == told


# Pause and resume


def test_pause_freezes_and_resume_goes_on(running: tuple[RunHandle, Notes]) -> None:
    handle, notes = running
    handle.pause()
    assert handle.snapshot().state == "paused"
    # An answered command shows that the step in flight is over; from then on nothing may be asked for.
    handle.send(Publish())
    wait_until(lambda: Weights in notes.kinds())
    frozen = len(notes.events)
    for knob in range(3):
        handle.send(Set("knob", knob))
        wait_until(lambda knob=knob: any(isinstance(event, Changed) and event.value == knob for event in notes.events))
    assert notes.kinds()[frozen:] == [Changed] * 3
    handle.resume()
    assert handle.snapshot().state == "running"
    place = handle.snapshot().place
    assert place is not None
    assert handle.wait_for(past(place.step + 2), SOON)


def wait_until(condition: Callable[[], bool]) -> None:
    """Wait for what nobody announces; fails after SOON."""
    tick = threading.Event()
    for _ in range(int(SOON / 0.002)):
        if condition():
            return
        tick.wait(0.002)
    raise AssertionError("It did not happen in time.")


def test_a_pause_before_the_start_holds_the_first_step() -> None:
    handle, notes = handle_of(endless)
    handle.pause()
    assert handle.snapshot().state == "paused"
    handle.start()
    assert handle.wait_for(lambda snapshot: snapshot.started is not None, SOON)
    assert handle.snapshot().state == "paused"
    handle.send(Save())
    wait_until(lambda: Checkpoint in notes.kinds())
    assert notes.kinds() == [Started, Checkpoint]
    handle.resume()
    assert handle.wait_for(past(2), SOON)
    handle.stop()
    assert handle.join(SOON)


def test_resume_without_a_pause_changes_nothing(running: tuple[RunHandle, Notes]) -> None:
    handle, _ = running
    handle.resume()
    assert handle.snapshot().state == "running"


def test_an_ended_run_can_be_neither_paused_nor_stopped() -> None:
    handle, _ = played(started(), Finished(at(0)))
    before = handle.snapshot()
    handle.pause()
    handle.resume()
    handle.stop()
    assert handle.snapshot() == before


# Stop


@pytest.mark.parametrize("paused", [False, True])
def test_stop_saves_then_closes_in_the_run_thread(paused: bool) -> None:
    closed_by: list[threading.Thread] = []

    def source() -> EventSource:
        try:
            yield from endless()
        finally:
            closed_by.append(threading.current_thread())

    handle, notes = handle_of(source)
    handle.start()
    assert handle.wait_for(past(0), SOON)
    if paused:
        handle.pause()
    handle.stop()
    assert handle.join(SOON)
    assert (notes.kinds().count(Checkpoint), notes.kinds()[-1]) == (1, Checkpoint)
    assert notes.end == ("stopped", "")
    assert handle.snapshot().state == "stopped"
    assert [thread.name for thread in closed_by] == ["run run"]


def test_stop_before_the_start_closes_without_a_save() -> None:
    loading = threading.Event()
    sent: list[Command | None] = []

    def source() -> EventSource:
        while True:
            loading.set()
            threading.Event().wait(0.001)
            sent.append((yield Preparing("file", 1, 2)))

    handle, notes = handle_of(source)
    handle.start()
    assert loading.wait(SOON)
    handle.stop()
    assert handle.join(SOON)
    assert set(sent) <= {None}
    assert notes.end == ("stopped", "")
    assert Checkpoint not in notes.kinds()


def test_a_stopping_run_never_seems_paused_again() -> None:
    loading, loaded, states = threading.Event(), threading.Event(), []

    def source() -> EventSource:
        loading.set()
        assert loaded.wait(SOON)
        yield from endless()

    handle, _ = handle_of(source)
    handle.start()
    assert loading.wait(SOON)
    handle.pause()
    handle.listen(lambda: states.append(handle.snapshot().state))
    handle.stop()
    loaded.set()
    assert handle.join(SOON)
    assert "paused" not in states[states.index("stopping") :]


def test_pause_after_stop_does_not_hold_the_end() -> None:
    handle, _ = handle_of(endless)
    handle.start()
    assert handle.wait_for(past(0), SOON)
    handle.stop()
    handle.pause()
    assert handle.join(SOON)
    assert handle.snapshot().state == "stopped"


# Commands


def test_each_command_is_answered_once_in_order(running: tuple[RunHandle, Notes]) -> None:
    handle, notes = running
    for knob in range(5):
        handle.send(Set("knob", knob))
    wait_until(lambda: notes.kinds().count(Changed) == 5)
    assert [event.value for event in notes.events if isinstance(event, Changed)] == [0, 1, 2, 3, 4]


def test_the_newest_weights_are_handed_out_and_wake_those_who_listen(running: tuple[RunHandle, Notes]) -> None:
    handle, _ = running
    assert handle.weights() is None
    handle.pause()
    there = threading.Event()
    deaf = handle.listen(lambda: there.set() if handle.weights() is not None else None)
    handle.send(Publish())
    assert there.wait(SOON)
    deaf()
    first, version = handle.weights(), handle.snapshot().version
    assert first is not None
    assert first.asked
    handle.send(Publish())
    handle.send(Set("gamma", 1.0))
    assert handle.wait_for(lambda now: bool(now.marks), SOON)
    assert handle.weights() is not first
    assert handle.snapshot().version == version + 1, "weights are nothing that a snapshot holds"


def test_an_ended_run_lets_its_weights_go() -> None:
    handle, _ = played(started(), Weights(at(0), {}, {}), Finished(at(0)))
    assert handle.weights() is None


def test_commands_are_carried_out_while_paused(running: tuple[RunHandle, Notes]) -> None:
    handle, notes = running
    handle.pause()
    handle.send(Step())
    handle.send(Save())
    wait_until(lambda: Checkpoint in notes.kinds())
    assert notes.kinds()[-2:] == [Metrics, Checkpoint]
    assert handle.snapshot().state == "paused"


def test_commands_from_before_the_start_are_delivered_after_it() -> None:
    heard: list[tuple[str, Command | None]] = []

    def source() -> EventSource:
        heard.append(("preparing", (yield Preparing("file", 1, 2))))
        heard.append(("started", (yield started())))
        yield Changed(at(0), "knob", 1)
        yield Finished(at(0))

    handle, _ = handle_of(source)
    handle.send(Set("knob", 1))
    handle.start()
    assert handle.join(SOON)
    assert heard == [("preparing", None), ("started", Set("knob", 1))]


# Failure


def test_a_failure_is_a_state_and_a_sentence_and_closes_the_record() -> None:
    def source() -> EventSource:
        yield started()
        raise ZeroDivisionError("ouch")

    handle, notes = handle_of(source, explain=lambda error: f"It broke: {error}.")
    handle.start()
    assert handle.join(SOON)
    assert notes.end == ("failed", "It broke: ouch.")
    assert (handle.snapshot().state, handle.snapshot().message) == notes.end


def test_a_source_that_cannot_be_made_is_a_failed_run() -> None:
    def source() -> EventSource:
        raise ValueError("no such data")

    handle, notes = handle_of(source)
    handle.start()
    assert handle.join(SOON)
    assert notes.end == ("failed", "no such data")


def test_a_recorder_that_cannot_write_ends_the_run_and_closes_the_source() -> None:
    closed = threading.Event()

    def source() -> EventSource:
        try:
            yield from endless()
        finally:
            closed.set()

    class FullDisk(Notes):
        def append(self, event: Event) -> None:
            raise OSError("No space left on device")

    handle = RunHandle("run", source, record=FullDisk())
    handle.start()
    assert handle.join(SOON)
    assert (handle.snapshot().state, handle.snapshot().message) == ("failed", "No space left on device")
    assert closed.is_set()


def test_a_record_that_cannot_be_closed_does_not_leave_the_run_alive() -> None:
    class FullDisk(Notes):
        def close(self, state: RunState, message: str) -> None:
            raise OSError("No space left on device")

    handle = RunHandle("run", of(started(), Finished(at(0))), record=FullDisk())
    handle.start()
    assert handle.join(SOON)
    assert (handle.snapshot().state, handle.snapshot().message) == ("failed", "No space left on device")


# Rates and rows


def test_the_rate_is_that_of_the_last_seconds_by_the_clock_given() -> None:
    times = iter([100.0, 101.0, 102.0, 109.0])
    seen: list[Snapshot] = []
    handle, _ = handle_of(of(started(), metrics(10), metrics(20), metrics(40), metrics(50)), clock=lambda: next(times))
    handle.listen(lambda: seen.append(handle.snapshot()))
    handle.start()
    assert handle.join(SOON)
    rates = [snapshot.steps_per_s for snapshot in seen[1:-1]]
    # One mark alone is no rate; after a gap longer than the window only the newest mark is left.
    assert rates == [0.0, 10.0, 15.0, 0.0]
    assert [snapshot.images_per_s for snapshot in seen[1:-1]] == [8 * rate for rate in rates]


def test_a_pause_does_not_count_into_the_rate() -> None:
    now = 0.0
    waiting, go_on = threading.Semaphore(0), threading.Semaphore(0)

    def source() -> EventSource:
        yield started()
        for step in (1, 2, 3, 4):
            waiting.release()
            assert go_on.acquire(timeout=SOON)
            yield metrics(step)

    handle, _ = handle_of(source, clock=lambda: now)
    handle.start()
    for step, then in ((1, 0.0), (2, 1.0)):
        assert waiting.acquire(timeout=SOON)
        now = then
        go_on.release()
        assert handle.wait_for(past(step - 1), SOON)
    assert handle.snapshot().steps_per_s == 1.0
    handle.pause()
    handle.resume()
    for step, then in ((3, 4.0), (4, 4.5)):
        assert waiting.acquire(timeout=SOON)
        now = then
        go_on.release()
        assert handle.wait_for(past(step - 1), SOON)
    assert handle.join(SOON)
    assert handle.snapshot().steps_per_s == 2.0


def test_rows_are_the_means_and_follow_a_reader() -> None:
    handle, _ = played(started(), metrics(1, a=1.0), metrics(2, a=2.0, b=5.0), Finished(at(2)))
    rows = handle.rows(None)
    assert rows.names == ("a", "b")
    np.testing.assert_array_equal(rows.values, [[1, 0.1, 8, 0.01, 1, np.nan], [2, 0.2, 16, 0.02, 2, 5]])
    assert len(handle.rows(rows.end).values) == 0
    assert not handle.rows(rows.end).reset


def test_a_continued_run_drops_the_rows_it_writes_anew() -> None:
    history = History()
    for step in (1, 2, 3):
        history.append(metrics(step))
    handle, _ = played(started(2), metrics(3, **{"loss/critic": 30.0}), history=history)
    assert handle.rows(None).values[:, [0, 4]].tolist() == [[1, 1], [2, 2], [3, 30]]


# Several runs


@pytest.fixture
def manager() -> Iterator[RunManager]:
    manager = RunManager()
    yield manager
    assert manager.stop_all(SOON)


def endless_run(name: str) -> Callable[[], RunHandle]:
    return lambda: RunHandle(name, endless, record=Notes())


def test_a_taken_device_is_busy_and_nothing_is_made(manager: RunManager) -> None:
    first = manager.start("cpu", endless_run("first"))
    made = []
    with pytest.raises(Busy, match="first") as busy:
        manager.start("cpu", lambda: made.append(1))  # type: ignore[arg-type, return-value]
    assert busy.value.running == (first,)
    assert not made


@pytest.mark.parametrize("held", ["paused", "running"])
def test_a_device_is_free_again_once_its_run_has_ended(manager: RunManager, held: str) -> None:
    first = manager.start("cpu", endless_run("first"))
    if held == "paused":
        first.pause()
    with pytest.raises(Busy):
        manager.start("cpu", endless_run("second"))
    first.stop()
    assert first.join(SOON)
    manager.start("cpu", endless_run("second"))
    assert [handle.run_id for handle in manager.active()] == ["second"]


def test_the_limit_counts_per_device() -> None:
    manager = RunManager(limit=2)
    for name, device in (("a", "cpu"), ("b", "cuda"), ("c", "cpu"), ("d", "cuda")):
        manager.start(device, endless_run(name))
    for device in ("cpu", "cuda"):
        with pytest.raises(Busy):
            manager.start(device, endless_run("e"))
    assert [handle.run_id for handle in manager.active()] == ["a", "b", "c", "d"]
    assert manager.stop_all(SOON)


def test_a_run_that_cannot_be_made_leaves_the_device_free(manager: RunManager) -> None:
    def broken() -> RunHandle:
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        manager.start("cpu", broken)
    manager.start("cpu", endless_run("next"))


def test_an_ended_run_is_remembered_until_it_is_forgotten(manager: RunManager) -> None:
    first = manager.start("cpu", endless_run("first"))
    manager.forget("first")
    assert manager.get("first") is first, "a run at work is not forgotten"
    first.stop()
    assert first.join(SOON)
    assert manager.get("first") is first
    assert manager.active() == []
    manager.forget("first")
    assert manager.get("first") is None
    manager.forget("first")


def test_stop_all_stops_running_and_paused_ones_and_says_so() -> None:
    manager = RunManager(limit=3)
    handles = [manager.start("cpu", endless_run(name)) for name in "abc"]
    handles[1].pause()
    assert manager.stop_all(SOON)
    assert {handle.snapshot().state for handle in handles} == {"stopped"}
    assert manager.active() == []


def test_stop_all_waits_no_longer_than_it_may() -> None:
    release = threading.Event()

    def stuck() -> EventSource:
        yield started()
        release.wait(SOON)
        yield from endless()

    manager = RunManager()
    handle = manager.start("cpu", lambda: RunHandle("stuck", stuck, record=Notes()))
    assert handle.wait_for(lambda snapshot: snapshot.started is not None, SOON)
    assert not manager.stop_all(0.05)
    release.set()
    assert handle.join(SOON)
