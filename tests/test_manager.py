"""Who controls which run, who waits, and that there is one manager."""

from __future__ import annotations

import importlib
import json
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch
from test_runner import SOON, answer, at, metrics, past, samples, started, wait_until

import live
from gan_core import loop
from gan_core.config import RunConfig
from gan_core.events import Checkpoint, Event, EventSource, Finished, Save
from gan_core.run_manager import Busy
from live import manager as manager_module
from live.manager import LiveManager
from live.orders import GoOn
from live.views import StoredRun, explain

TINY = RunConfig(data="ring-8", network="mlp", width=8, latent_dim=4, batch_size=16, threads=1, device="cpu")


def fake_train(config: RunConfig, resume: Checkpoint | None = None) -> EventSource:
    """A run of a millisecond a step that can be saved and resumed, without torch's help."""
    step = resume.place.step if resume else 0
    tick = threading.Event()
    told: list[Event] = [started(step), samples(step)]
    while True:
        for event in told:
            command = yield event
            while command is not None:
                tensors = {"generator.weight": torch.zeros(2)}
                command = yield Checkpoint(at(step), tensors, {"live": {}}) if isinstance(command, Save) else answer(command, step)
        if 0 < config.stop_after_epochs <= at(step).epoch:
            yield Finished(at(step))
            return
        tick.wait(0.001)
        step += 1
        told = [metrics(step)]


@pytest.fixture
def manager(tmp_path: Path) -> Iterator[LiveManager]:
    manager = LiveManager(fake_train, tmp_path)
    yield manager
    assert manager.close()


def running(manager: LiveManager, run_id: str, step: int = 0) -> None:
    handle = manager.runs.get(run_id)
    assert handle is not None
    assert handle.wait_for(past(step), SOON)


def stopped(manager: LiveManager, run_id: str, browser: str) -> None:
    handle = manager.handle(run_id, browser)
    handle.stop()
    assert handle.join(SOON)


# Control


def test_control_belongs_to_the_browser_that_started_it(manager: LiveManager) -> None:
    run_id = manager.start(TINY, "ann")
    assert manager.controls(run_id, "ann")
    assert not manager.controls(run_id, "bob")
    assert manager.handle(run_id, "ann") is manager.runs.get(run_id)
    with pytest.raises(ValueError, match="started by another browser"):
        manager.handle(run_id, "bob")


@pytest.mark.parametrize("run_id", ["nothing", "../x"])
def test_a_run_that_is_not_at_work_cannot_be_handled(manager: LiveManager, run_id: str) -> None:
    assert not manager.controls(run_id, "ann")
    with pytest.raises(ValueError, match="not at work here"):
        manager.handle(run_id, "ann")


def test_a_taken_device_leaves_no_folder_behind(manager: LiveManager) -> None:
    first = manager.start(TINY, "ann")
    with pytest.raises(Busy) as busy:
        manager.start(TINY, "bob")
    assert [handle.run_id for handle in busy.value.running] == [first]
    assert [status.run_id for status in manager.store.list()] == [first]


def test_a_device_this_machine_lacks_is_a_sentence_and_no_run(manager: LiveManager, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gan_core.devices.at_hand", lambda name: name == "cpu")
    for ask in (manager.start, manager.wait):
        with pytest.raises(ValueError, match="does not have"):
            ask(TINY.but(device="mps"), "ann")
    assert manager.store.list() == []
    assert manager.queue() == ()


# Waiting


def test_who_waits_starts_when_the_device_is_free(manager: LiveManager) -> None:
    first = manager.start(TINY, "ann")
    manager.wait(TINY.but(seed=7), "bob")
    assert [(waiting.browser, waiting.order.seed) for waiting in manager.queue()] == [("bob", 7)]
    stopped(manager, first, "ann")
    wait_until(lambda: not manager.queue())
    (second,) = manager.runs.active()
    assert manager.controls(second.run_id, "bob")
    assert manager.store.config(second.run_id).seed == 7


def test_first_come_first_served(manager: LiveManager) -> None:
    order = ["ann", "bob", "cat", "dan"]
    run_id = manager.start(TINY, order[0])
    for browser in order[1:]:
        manager.wait(TINY, browser)
    for browser, following in zip(order, order[1:], strict=False):
        stopped(manager, run_id, browser)
        wait_until(lambda following=following: any(manager.controls(run.run_id, following) for run in manager.runs.active()))
        (run_id,) = (run.run_id for run in manager.runs.active())
    assert manager.queue() == ()


def test_a_browser_waits_for_its_last_wish_only(manager: LiveManager) -> None:
    manager.start(TINY, "ann")
    for seed in (1, 2):
        manager.wait(TINY.but(seed=seed), "bob")
    assert [waiting.order.seed for waiting in manager.queue()] == [2]


def test_who_leaves_the_queue_does_not_start(manager: LiveManager) -> None:
    first = manager.start(TINY, "ann")
    manager.wait(TINY, "bob")
    manager.wait(TINY, "cat")
    manager.leave_queue("bob")
    manager.leave_queue("nobody")
    stopped(manager, first, "ann")
    wait_until(lambda: not manager.queue())
    assert [manager.controls(run.run_id, "cat") for run in manager.runs.active()] == [True]
    assert len(manager.store.list()) == 2


def test_waiting_for_a_free_device_starts_at_once(manager: LiveManager) -> None:
    manager.wait(TINY, "ann")
    assert manager.queue() == ()
    assert [manager.controls(run.run_id, "ann") for run in manager.runs.active()] == [True]


def test_who_waits_starts_also_when_the_run_before_ends_by_itself(manager: LiveManager) -> None:
    manager.start(TINY.but(stop_after_epochs=2), "ann")
    manager.wait(TINY, "bob")
    wait_until(lambda: any(manager.controls(run.run_id, "bob") for run in manager.runs.active()))


def test_a_run_that_ends_before_anyone_listens_still_lets_the_next_one_in(manager: LiveManager, monkeypatch: pytest.MonkeyPatch) -> None:
    start = manager.runs.start

    def start_slowly(device: str, make: object) -> object:
        monkeypatch.setattr(manager.runs, "start", start)
        handle = start(device, make)  # type: ignore[arg-type]
        manager.wait(TINY, "bob")
        assert handle.join(SOON)
        return handle

    monkeypatch.setattr(manager.runs, "start", start_slowly)
    manager.start(TINY.but(stop_after_epochs=1), "ann")
    wait_until(lambda: any(manager.controls(run.run_id, "bob") for run in manager.runs.active()))


# Going on, watching, deleting


def test_a_stopped_run_goes_on_where_it_was_for_whoever_continues_it(manager: LiveManager) -> None:
    run_id = manager.start(TINY, "ann")
    running(manager, run_id, step=3)
    stopped(manager, run_id, "ann")
    before = manager.store.history(run_id).since(None).values
    assert manager.life(run_id) == 1
    manager.start(GoOn(run_id), "bob")
    assert manager.life(run_id) == 2
    assert (manager.controls(run_id, "ann"), manager.controls(run_id, "bob")) == (False, True)
    running(manager, run_id, step=int(before[-1, 0]))
    values = manager.view(run_id).rows(None).values
    np.testing.assert_array_equal(values[: len(before)], before)
    assert values[len(before), 0] == before[-1, 0] + 1


def test_a_run_at_work_cannot_go_on_or_be_deleted(manager: LiveManager) -> None:
    run_id = manager.start(TINY, "ann")
    running(manager, run_id)
    with pytest.raises((Busy, ValueError)):
        manager.start(GoOn(run_id), "ann")
    with pytest.raises(ValueError, match="still at work"):
        manager.delete(run_id)


def test_a_run_is_watched_from_memory_and_then_from_disk(manager: LiveManager) -> None:
    run_id = manager.start(TINY, "ann")
    running(manager, run_id)
    handle = manager.runs.get(run_id)
    assert handle is not None
    assert manager.view(run_id) is handle
    stopped(manager, run_id, "ann")
    view, last = manager.view(run_id), handle.snapshot()
    assert isinstance(view, StoredRun)
    shown = view.snapshot()
    assert (shown.state, shown.place, shown.message) == ("stopped", last.place, "")
    assert shown.samples is not None
    assert last.samples is not None
    np.testing.assert_array_equal(shown.samples.living, last.samples.living)
    np.testing.assert_array_equal(view.rows(None).values, handle.rows(None).values)
    deaf = view.listen(lambda: None)
    deaf()


@pytest.mark.parametrize("run_id", ["nothing", "../x"])
def test_what_is_no_run_cannot_be_watched(manager: LiveManager, run_id: str) -> None:
    assert not manager.knows(run_id)
    for ask in (manager.view, manager.status, manager.delete):
        with pytest.raises(ValueError, match="no run"):
            ask(run_id)


def test_the_status_of_a_run_at_work_is_that_of_this_moment(manager: LiveManager) -> None:
    run_id = manager.start(TINY, "ann")
    running(manager, run_id, step=3)
    handle = manager.handle(run_id, "ann")
    handle.pause()
    status, snapshot = manager.status(run_id), handle.snapshot()
    assert (status.state, status.device) == ("paused", "cpu")
    assert status.created_at > 0
    assert snapshot.place is not None
    # At most the step in flight is between the two looks.
    assert status.step in (snapshot.place.step, snapshot.place.step - 1)
    stopped(manager, run_id, "ann")
    assert manager.status(run_id) == manager.store.status(run_id)
    assert manager.status(run_id).state == "stopped"


def test_delete_forgets_the_run(manager: LiveManager) -> None:
    run_id = manager.start(TINY, "ann")
    running(manager, run_id)
    stopped(manager, run_id, "ann")
    assert manager.knows(run_id)
    manager.delete(run_id)
    assert not manager.knows(run_id)
    assert manager.runs.get(run_id) is None


def test_another_process_s_interrupted_run_goes_on_here(tmp_path: Path) -> None:
    before = LiveManager(fake_train, tmp_path)
    run_id = before.start(TINY, "ann")
    running(before, run_id)
    assert before.close()
    path = before.store.folder(run_id) / "status.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"state": "running"}))  # as a killed process leaves it
    after = LiveManager(fake_train, tmp_path)
    assert after.status(run_id).state == "interrupted"
    after.start(GoOn(run_id), "ann")
    running(after, run_id)
    assert after.close()


# The end


def test_close_saves_every_run_and_starts_nobody_who_waits(tmp_path: Path) -> None:
    manager = LiveManager(fake_train, tmp_path)
    run_id = manager.start(TINY, "ann")
    running(manager, run_id, step=2)
    manager.wait(TINY, "bob")
    assert manager.close(5)
    status = manager.store.status(run_id)
    assert (status.state, status.checkpoint_step) == ("stopped", status.step)
    assert [status.run_id for status in manager.store.list()] == [run_id]
    assert manager.runs.active() == []


def test_a_real_run_is_trained_saved_closed_and_continued(tmp_path: Path) -> None:
    manager = LiveManager(loop.train, tmp_path)
    run_id = manager.start(TINY, "ann")
    handle = manager.handle(run_id, "ann")
    assert handle.wait_for(past(0), 30)
    assert manager.close(5)
    saved = manager.store.status(run_id)
    assert (saved.state, saved.message, saved.checkpoint_step) == ("stopped", "", saved.step)
    manager.start(GoOn(run_id), "ann")
    handle = manager.handle(run_id, "ann")
    assert handle.wait_for(past(saved.step), 30)
    assert handle.rows(None).values[0, 0] <= saved.step
    assert manager.close(5)


def test_a_failed_run_says_why(tmp_path: Path) -> None:
    def no_data(config: RunConfig, resume: Checkpoint | None = None) -> EventSource:
        raise ValueError("The folder /pictures holds no image.")
        yield

    manager = LiveManager(no_data, tmp_path)
    run_id = manager.start(TINY, "ann")
    handle = manager.runs.get(run_id)
    assert handle is not None
    assert handle.join(SOON)
    assert (manager.status(run_id).state, manager.status(run_id).message) == ("failed", "The folder /pictures holds no image.")
    assert manager.close()


@pytest.mark.parametrize("sentence", ["The folder holds no image.", "The curve loss/critic is no longer a finite number at step 7."])
@pytest.mark.parametrize("kind", [ValueError, FloatingPointError])
def test_what_was_said_for_people_is_said_as_it_is(kind: type[Exception], sentence: str) -> None:
    assert explain(kind(sentence)) == sentence


def test_no_memory_says_what_helps() -> None:
    assert "batch_size" in explain(RuntimeError("CUDA out of memory. Tried to allocate 2 GiB"))


def test_anything_else_is_named_and_says_that_the_run_is_kept() -> None:
    sentence = explain(ZeroDivisionError("by zero"))
    assert "ZeroDivisionError: by zero" in sentence
    assert "last checkpoint" in sentence


# One manager


@pytest.fixture
def installed(manager: LiveManager) -> Iterator[LiveManager]:
    assert manager_module.install(lambda: manager) is manager
    yield manager
    manager_module.uninstall()


def no_second() -> LiveManager:
    raise AssertionError("a second manager was made")


def test_the_manager_is_made_once(installed: LiveManager) -> None:
    assert manager_module.get() is installed
    assert manager_module.install(no_second) is installed


def test_without_a_manager_it_says_how_to_start_the_app() -> None:
    manager_module.uninstall()
    with pytest.raises(RuntimeError, match="streamlit run app"):
        manager_module.get()


def test_a_new_one_can_be_made_after_the_end(installed: LiveManager, tmp_path: Path) -> None:
    manager_module.uninstall()
    other = LiveManager(fake_train, tmp_path / "other")
    assert manager_module.install(lambda: other) is other


def test_a_reloaded_module_finds_the_same_manager(installed: LiveManager) -> None:
    before = dict(vars(manager_module))
    try:
        again = importlib.reload(manager_module)
        assert again.get() is installed
        assert again.install(no_second) is installed
    finally:
        vars(manager_module).update(before)


def test_a_module_imported_anew_finds_the_same_manager(installed: LiveManager, monkeypatch: pytest.MonkeyPatch) -> None:
    # What Streamlit does when a source file was saved.
    monkeypatch.delitem(sys.modules, "live.manager")
    monkeypatch.setattr(live, "manager", manager_module)
    again = importlib.import_module("live.manager")
    assert again is not manager_module
    assert again.get() is installed
    assert again.install(no_second) is installed
    again.uninstall()
    with pytest.raises(RuntimeError):
        manager_module.get()
