"""Steps by halves: the same weights and curves as whole ones, to the last bit, whatever happens in between."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import torch
from test_loop import equal, until
from tiny import serve, tiny_config, tiny_state

from gan_core import loop
from gan_core.checkpoint import tensors_of
from gan_core.events import (
    Changed,
    Checkpoint,
    Command,
    Draw,
    EventSource,
    Finished,
    Half,
    Metrics,
    Pace,
    Paced,
    Place,
    Publish,
    Save,
    Set,
    Step,
    Weights,
)
from gan_core.halves import Halves
from gan_core.meter import Meter
from gan_core.snapshot import Snapshot, changes_of
from gan_core.state import GanState
from gan_core.step import update

GAMES: list[dict[str, Any]] = [
    {},
    {"critic_steps": 3},
    {"penalty_every": 3},
    {"penalty": "WGAN-GP", "game": "wasserstein", "critic_steps": 2},
    {"penalty": "spectral", "game": "hinge"},
    {"network": "dcgan"},
    {"network": "dcgan-dropout", "penalty": "none", "game": "non-saturating"},
    {"conditional": "yes", "critic_steps": 2},
    {"data": "ring-8", "instance_noise": 0.1},
    {"burn_in_kimg": 0.1, "lr_end": 0.1, "ema_begin": 0.0, "augment": "all", "augment_share": 0.5},
]


def same(one: GanState, other: GanState) -> bool:
    return all(torch.equal(a, b) for a, b in zip(tensors_of(one).values(), tensors_of(other).values(), strict=True))


@pytest.mark.parametrize("changes", GAMES, ids=str)
def test_steps_by_halves_are_steps(changes: dict[str, Any]) -> None:
    whole, halved = tiny_state(**changes), tiny_state(**changes)
    curves, meter = Meter(), Meter()
    hand = Halves(halved, meter)
    for _ in range(7):
        curves.add(whole.step + 1, update(whole))
        first = hand.begin()
        assert hand.open
        assert halved.step == whole.step - 1
        assert hand.finish()
        kept, wanted = meter.read(), curves.read()
        assert kept == wanted
        assert first == {name: wanted[name] for name in first}
        assert "loss/critic" in first
        assert "loss/generator" not in first
        assert (halved.step, halved.images) == (whole.step, whole.images)
        assert same(whole, halved)
    assert not hand.open
    assert not hand.finish(), "there is nothing to finish"


def test_only_the_critic_moves_in_the_first_half() -> None:
    state = tiny_state()
    before = tensors_of(state)
    Halves(state, Meter()).begin()
    moved = {name.split(".")[0] for name, value in tensors_of(state).items() if not torch.equal(value, before.get(name, torch.zeros(0)))}
    assert moved == {"critic", "optimiser_critic", "stream_z"}


# In the loop


@pytest.fixture
def source(monkeypatch: pytest.MonkeyPatch) -> Iterator[EventSource]:
    serve(monkeypatch, "digits")
    monkeypatch.setattr(loop, "METRICS_EVERY_S", 0.0)
    source = loop.train(tiny_config(), until_step=40)
    until(source, loop.Samples)
    yield source
    source.close()


def at(step: int) -> Checkpoint:
    """The run as it is after so many whole steps."""
    source = loop.train(tiny_config(), until_step=step)
    *_, checkpoint, finished = source
    assert isinstance(finished, Finished)
    assert isinstance(checkpoint, Checkpoint)
    return checkpoint


def test_halves_that_are_asked_for(source: EventSource) -> None:
    one, two, three = (source.send(Half()) for _ in range(3))
    assert isinstance(one, Metrics)
    assert isinstance(two, Metrics)
    assert isinstance(three, Metrics)
    assert [(half.half, half.player, half.steps, half.place.step) for half in (one, two, three)] == [
        (1, "critic", 0, 0),
        (2, "generator", 1, 1),
        (1, "critic", 0, 1),
    ]
    assert (one.moved["critic"] > 0, one.moved["generator"]) == (True, 0.0)
    assert (two.moved["critic"], two.moved["generator"] > 0) == (0.0, True)
    assert (one.place.images, two.place.images) == (16, 16)
    assert set(one.values) < set(two.values), "the second half has the curves of the whole step"
    whole = two.whole()
    assert (whole.player, whole.moved, whole.half, whole.values) == ("both", {}, 0, two.values)


@pytest.mark.parametrize("command", [Save(), Step("both"), Step("critic"), Step("generator"), Set("gamma", 2.0), Draw()], ids=str)
def test_what_needs_whole_steps_finishes_the_one_in_hand(source: EventSource, command: Command) -> None:
    source.send(Half())
    told = source.send(command)
    assert told.place.step == (2 if isinstance(command, Step) else 1)
    assert isinstance(source.send(Half()), Metrics)


def test_a_checkpoint_after_half_a_step_is_that_of_the_whole(source: EventSource) -> None:
    for _ in range(5):
        source.send(Half())
    told = source.send(Save())
    assert isinstance(told, Checkpoint)
    assert equal(told, at(3))


def test_who_looks_may_look_in_between(source: EventSource) -> None:
    before, _, between = source.send(Publish()), source.send(Half()), source.send(Publish())
    assert isinstance(before, Weights)
    assert isinstance(between, Weights)
    assert (before.half, between.half) == (0, 1)
    assert all(torch.equal(before.living[name], between.living[name]) for name in before.living)
    assert not all(torch.equal(before.critic[name], between.critic[name]) for name in before.critic)
    after = source.send(Half())
    assert isinstance(after, Metrics)
    assert after.half == 2


def test_a_run_that_goes_on_finishes_the_step_in_hand(source: EventSource) -> None:
    source.send(Half())
    event = next(source)
    assert isinstance(event, Metrics)
    assert (event.place.step, event.steps, event.half, event.player) == (1, 1, 0, "both")


def test_a_run_by_halves_ends_where_any_other_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    serve(monkeypatch, "digits")
    source = loop.train(tiny_config(), until_step=9)
    until(source, loop.Samples)
    assert isinstance(told := source.send(Pace(by_halves=True)), Paced)
    assert told.by_halves
    events = list(source)
    halves = [event for event in events if isinstance(event, Metrics)]
    assert [half.half for half in halves] == [1, 2] * 9
    assert isinstance(events[-1], Finished)
    for before, after in zip(events, events[1:], strict=False):
        if isinstance(before, Metrics) and before.half == 1:
            assert isinstance(after, Metrics), "nothing is shown or kept in the middle of a step"
    checkpoint = next(event for event in reversed(events) if isinstance(event, Checkpoint))
    assert equal(checkpoint, at(9))
    ended = [event.place.step for event in events if isinstance(event, loop.Samples) and event.epoch_ended]
    assert ended == [5, 9], "72 samples in batches of 16"


def test_the_pace_can_be_left_in_the_middle_of_a_step(source: EventSource) -> None:
    source.send(Pace(by_halves=True))
    assert isinstance(half := next(source), Metrics)
    assert half.half == 1
    assert isinstance(source.send(Pace(by_halves=False)), Paced)
    assert isinstance(rest := next(source), Metrics)
    assert (rest.half, rest.place.step) == (0, 1)
    saved = source.send(Save())
    assert isinstance(saved, Checkpoint)
    assert equal(saved, at(saved.place.step))


def test_samples_come_by_the_time_of_those_who_watch(source: EventSource, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loop, "SAMPLES_EVERY_S", 0.0)
    source.send(Pace(by_halves=True))
    kinds = [type(next(source)).__name__ for _ in range(6)]
    assert [kind for kind in kinds if kind != "Weights"][:5] == ["Metrics", "Metrics", "Samples", "Metrics", "Metrics"]


def test_a_knob_that_is_turned_in_the_middle_of_a_step_is_told_where_the_run_stands_then() -> None:
    between = Snapshot("run", played=Metrics(Place(3, 0.0, 40, 0.0), 0, {}, player="critic", half=1))
    turned = changes_of(between, Changed(Place(4, 0.0, 40, 0.0), "gamma", 2.0))
    assert turned["place"].step == 4
    assert turned["played"] is None, "the generator has moved"
