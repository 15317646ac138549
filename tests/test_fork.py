"""A fork shares its parent's past to the bit; with the same knobs, its future too."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from tiny import serve, tiny_config

from gan_core import loop
from gan_core.events import Checkpoint, Command, Event, Metrics, Save, Set, Started, Step
from gan_core.loop import train
from gan_core.record import RunRecord
from gan_core.store import RunStore

STEPS = 24


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> RunStore:
    serve(monkeypatch, "digits")
    monkeypatch.setattr(loop, "METRICS_EVERY_S", 0.0)
    monkeypatch.setattr(loop, "SAMPLES_EVERY_S", 0.0)
    return RunStore(tmp_path)


def play(record: RunRecord, resume: Checkpoint | None, orders: dict[int, list[Command]], until: int = STEPS) -> Checkpoint:
    """Train up to a step, giving each command when that many steps are finished; the state it ends in."""
    source, orders = train(record.config, resume, until_step=until), dict(orders)
    for event in source:
        record.append(event)
        for command in orders.pop(event.place.step, []) if isinstance(event, Metrics | Started) else []:
            record.append(source.send(command))
        if isinstance(event, Checkpoint):
            last = event
    record.close("finished", "")
    return last


def equal(one: Checkpoint, other: Checkpoint) -> bool:
    assert one.tensors.keys() == other.tensors.keys()
    return one.state == other.state and all(torch.equal(one.tensors[name], other.tensors[name]) for name in one.tensors)


@pytest.fixture
def parent(store: RunStore) -> Iterator[tuple[str, Checkpoint]]:
    record = store.new(tiny_config(game="relativistic"))
    yield record.run_id, play(record, None, {6: [Set("gamma", 3.0)], 10: [Save()]})


def forked(store: RunStore, parent: str, step: int, **changes: Any) -> tuple[str, Checkpoint]:
    record = store.fork(parent, step, changes)
    resume = store.checkpoint(record.run_id) if step else None
    return record.run_id, play(record, resume, {})


def test_the_same_knobs_give_the_same_future(store: RunStore, parent: tuple[str, Checkpoint]) -> None:
    run_id, end = forked(store, parent[0], 10)
    assert equal(end, parent[1])
    rows = [store.history(run).since(None) for run in (parent[0], run_id)]
    assert rows[0].names == rows[1].names
    # All but the seconds, which depend on the machine.
    np.testing.assert_array_equal(*(np.delete(row.values, 3, axis=1) for row in rows))


def test_another_knob_gives_another_future_from_the_same_past(store: RunStore, parent: tuple[str, Checkpoint]) -> None:
    run_id, end = forked(store, parent[0], 10, gamma=0.1, game="non-saturating")
    assert not equal(end, parent[1])
    assert (store.config(run_id).gamma, store.config(run_id).game) == (0.1, "non-saturating")
    assert store.status(run_id).knobs["gamma"] == 0.1
    rows = [store.history(run).since(None) for run in (parent[0], run_id)]
    shared = [dict(zip(row.names, part, strict=True)) for row in rows for part in [row.values[row.values[:, 0] <= 10][:, 4:].T.tolist()]]
    assert shared[0]["loss/critic"] == shared[1]["loss/critic"]
    later = [row.values[row.values[:, 0] > 10, 4] for row in rows]
    assert later[0][0] != later[1][0], "the curves part at the fork"
    status = store.status(run_id)
    assert (status.parent, status.fork_step, status.step) == (parent[0], 10, STEPS)
    marks = [(mark.place.step, mark.name, mark.value) for mark in store.past(run_id).marks]
    assert marks == [(6, "gamma", 3.0)]


def test_a_fork_stands_alone(store: RunStore, parent: tuple[str, Checkpoint]) -> None:
    run_id, _ = forked(store, parent[0], 10)
    early = [step for step in store.moments(parent[0]).samples if step <= 10]
    expected = [store.samples(parent[0], step) for step in early]
    shutil.rmtree(store.folder(parent[0]))
    assert store.moments(run_id).samples[: len(early)] == early
    for step, samples in zip(early, expected, strict=True):
        kept = store.samples(run_id, step)
        assert kept is not None
        assert samples is not None
        np.testing.assert_array_equal(kept.living, samples.living)
    assert 10 in store.moments(run_id).checkpoints
    again, _ = forked(store, run_id, 10)
    assert store.status(again).parent == run_id


def test_a_fork_takes_spectral_normalisation_along_and_may_end_it(store: RunStore) -> None:
    record = store.new(tiny_config(penalty="spectral", game="hinge"))
    end = play(record, None, {10: [Save()]})
    run_id, same = forked(store, record.run_id, 10)
    assert equal(same, end)
    assert any(name.startswith("spectral.") for name in store.checkpoint(run_id).tensors)
    for changes in ({"penalty": "none"}, {"penalty": "R1"}):
        _, other = forked(store, record.run_id, 10, **changes)
        assert not any(name.startswith("spectral.") for name in other.tensors)


def test_a_fork_of_the_beginning_has_the_same_initial_weights(store: RunStore, parent: tuple[str, Checkpoint]) -> None:
    run_id, _ = forked(store, parent[0], 0, gamma=9.0)
    first = [store.samples(run, 0) for run in (parent[0], run_id)]
    assert first[0] is not None
    assert first[1] is not None
    np.testing.assert_array_equal(first[0].living, first[1].living)
    assert store.config(run_id).gamma == 9.0


@pytest.mark.parametrize(
    ("step", "changes", "words"),
    [
        (7, {}, "no checkpoint at step 7"),
        (10, {"width": 16}, "width cannot be changed in a fork"),
        (10, {"data": "ring-8"}, "data cannot be changed in a fork"),
        (10, {"gamma": -1}, "gamma is -1"),
        (10, {"gama": 1}, "gama is no setting"),
    ],
)
def test_what_cannot_be_forked_is_a_sentence(
    store: RunStore, parent: tuple[str, Checkpoint], step: int, changes: dict[str, Any], words: str
) -> None:
    before = sorted(path.name for path in store.root.iterdir())
    with pytest.raises(ValueError, match=words):
        store.fork(parent[0], step, changes)
    assert sorted(path.name for path in store.root.iterdir()) == before


def test_a_fork_that_finds_no_room_leaves_nothing_and_says_so(
    store: RunStore, parent: tuple[str, Checkpoint], monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("gan_core.store.write_checkpoint", full)
    before = sorted(store.root.iterdir())
    with pytest.raises(ValueError, match=r"No run can be kept in .* No space left"):
        store.fork(parent[0], 10, {})
    assert sorted(store.root.iterdir()) == before


def test_a_torn_line_of_a_checkpoint_does_not_stop_its_fork(store: RunStore, parent: tuple[str, Checkpoint]) -> None:
    path = store.folder(parent[0]) / "events.jsonl"
    lines = [line for line in path.read_text().splitlines(keepends=True) if not ('"checkpoint"' in line and '"step":10,' in line)]
    path.write_text("".join(lines))
    assert equal(forked(store, parent[0], 10)[1], parent[1])


def test_knobs_and_single_steps_after_the_checkpoint_are_replayed(store: RunStore) -> None:
    orders: dict[int, list[Command]] = {8: [Save()], 12: [Set("gamma", 5.0), Step("critic")], 15: [Set("penalty", "none")]}
    whole = store.new(tiny_config())
    end = play(whole, None, orders)

    torn = store.new(tiny_config())
    source, given = train(torn.config), dict(orders)
    for event in source:
        torn.append(event)
        for command in given.pop(event.place.step, []) if isinstance(event, Metrics) else []:
            torn.append(source.send(command))
        if event.place.step >= 20:
            break
    torn.close("interrupted", "")  # as after kill -9: the last checkpoint is that of step 8
    assert store.status(torn.run_id).checkpoint_step == 8
    resume = store.checkpoint(torn.run_id)
    assert resume.then == ((12, Set("gamma", 5.0)), (12, Step("critic")), (15, Set("penalty", "none")))
    assert equal(play(store.reopen(torn.run_id), resume, {}), end)
    assert [mark.name for mark in store.past(torn.run_id).marks] == ["gamma", "penalty"]
    assert store.status(torn.run_id).knobs["penalty"] == "none"


def test_a_step_that_was_asked_for_says_who_moved() -> None:
    source = train(tiny_config(data="digits"))
    told: list[Event] = []
    for event in source:
        if isinstance(event, Metrics):
            told = [source.send(Step(player)) for player in ("critic", "generator", "both")]
            break
    moved = [{name for name, length in event.moved.items() if length > 0} for event in told if isinstance(event, Metrics)]
    assert moved == [{"critic"}, {"generator"}, {"critic", "generator"}]
