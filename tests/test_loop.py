"""The loop keeps its word: events in order, commands answered, and the same weights whoever looks on."""

from __future__ import annotations

import dataclasses
import itertools
import json
import threading
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch
from tiny import COUNT, serve, tiny_config, tiny_set, tiny_state
from torch import Tensor

from gan_core import looking, loop
from gan_core.batches import Batches
from gan_core.config import KNOBS, LIVE, TYPES, RunConfig
from gan_core.data import DATA, DataSet, Loading, Request
from gan_core.devices import cores
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
    Refused,
    Samples,
    Save,
    Set,
    Started,
    Step,
    Weights,
)
from gan_core.games import GAMES
from gan_core.loop import train
from gan_core.networks import NETWORKS

EVERY_NETWORK = pytest.mark.parametrize("network", NETWORKS)
ANSWERS: list[tuple[Command, type]] = [
    (Save(), Checkpoint),
    (Publish(), Weights),
    (Draw(), Samples),
    (Step("both"), Metrics),
    (Step("critic"), Metrics),
    (Step("generator"), Metrics),
    (Set("gamma", 2.0), Changed),
    (Set("gamma", -2.0), Refused),
    (Set("width", 8), Refused),
]


class Clock:
    """Time that passes only while a step is played."""

    def __init__(self, step_s: float) -> None:
        self.now, self.step_s = 1000.0, step_s

    def perf_counter(self) -> float:
        return self.now


@pytest.fixture(autouse=True)
def tiny(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name in ("digits", "ring-8"):
        serve(monkeypatch, name)
    threads = torch.get_num_threads()
    yield
    torch.set_num_threads(threads)


def pace(monkeypatch: pytest.MonkeyPatch, step_s: float) -> Clock:
    """Let a step take `step_s`, and everything else no time at all."""
    clock = Clock(step_s)

    def slow_update(*arguments: Any) -> dict[str, Tensor]:
        clock.now += clock.step_s
        return update(*arguments)

    update = loop.update
    monkeypatch.setattr(loop, "time", SimpleNamespace(perf_counter=clock.perf_counter))
    monkeypatch.setattr(loop, "update", slow_update)
    return clock


def two_epochs(**changes: Any) -> RunConfig:
    return tiny_config(stop_after_epochs=2, **changes)


def last_checkpoint(source: EventSource) -> Checkpoint:
    return [event for event in source if isinstance(event, Checkpoint)][-1]


def until(source: EventSource, kind: type, count: int = 1) -> Any:
    """The `count`th event of that kind from here on."""
    return next(itertools.islice((event for event in source if isinstance(event, kind)), count - 1, None))


def equal(one: Checkpoint, other: Checkpoint) -> bool:
    """The same run at the same place, to the last bit; only the clock may differ."""
    places = [dataclasses.replace(event.place, elapsed_s=0.0) for event in (one, other)]
    return (
        one.tensors.keys() == other.tensors.keys()
        and all(torch.equal(one.tensors[name], other.tensors[name]) for name in one.tensors)
        and one.state == other.state
        and places[0] == places[1]
    )


def changed(before: Checkpoint, after: Checkpoint) -> set[str]:
    """Whose tensors differ, BatchNorm's statistics left out: drawing fakes to train on updates them, as in the paper."""
    statistics = ("running_mean", "running_var", "num_batches_tracked")
    return {
        name.partition(".")[0]
        for name, tensor in before.tensors.items()
        if not name.endswith(statistics) and (name not in after.tensors or not torch.equal(tensor, after.tensors[name]))
    }


# What happens, and when


def test_it_says_started_and_shows_samples_at_once() -> None:
    started, samples, metrics = itertools.islice(train(tiny_config()), 3)
    assert isinstance(started, Started)
    assert isinstance(samples, Samples)
    assert isinstance(metrics, Metrics)
    assert started.place.step == samples.place.step == 0
    assert not samples.epoch_ended
    assert started.train_size == COUNT
    assert started.device == "cpu"
    assert started.threads == 1
    assert samples.living.shape == samples.averaged.shape == started.reals.shape == (64, 16, 16, 1)
    assert samples.living.dtype == samples.averaged.dtype == started.reals.dtype == np.uint8
    assert np.array_equal(samples.living, samples.averaged), "nothing has moved yet"


def test_points_are_shown_in_the_datas_own_units(monkeypatch: pytest.MonkeyPatch) -> None:
    points = serve(monkeypatch, "ring-8", tiny_set("ring-8", 2000))
    started, samples, *_ = itertools.islice(train(tiny_config(data="ring-8")), 3)
    assert started.kind == "plane"
    assert started.reals.shape == samples.living.shape == (1024, 2)
    assert {tuple(point) for point in started.reals} <= {tuple(point) for point in (points.train * points.scale).numpy()}


def test_preparing_comes_first(monkeypatch: pytest.MonkeyPatch) -> None:
    def load(_: Request) -> Loading:
        yield Preparing("a file", 1, 2)
        return tiny_set("digits")

    monkeypatch.setitem(DATA, "digits", dataclasses.replace(DATA["digits"], load=load))
    kinds = [type(event) for event in itertools.islice(train(tiny_config()), 3)]
    assert kinds == [Preparing, Started, Samples]


def test_the_players_are_counted() -> None:
    started = until(source := train(tiny_config()), Started)
    checkpoint = source.send(Save())
    assert isinstance(checkpoint, Checkpoint)
    for player, count in (("generator", started.parameters_generator), ("critic", started.parameters_critic)):
        assert count == sum(tensor.numel() for name, tensor in checkpoint.tensors.items() if name.startswith(f"{player}."))


def test_the_reals_that_are_shown_do_not_depend_on_the_seed() -> None:
    first, second = (until(train(tiny_config(seed=seed)), Started) for seed in (0, 1))
    assert np.array_equal(first.reals, second.reals)


@pytest.mark.parametrize("asked", [0, 1])
def test_threads_are_set_as_asked(asked: int) -> None:
    assert until(train(tiny_config(threads=asked)), Started).threads == torch.get_num_threads() == (asked or cores())


@pytest.mark.parametrize("step_s", [0.101, 3.0])
def test_a_slow_step_is_told_at_once(step_s: float, monkeypatch: pytest.MonkeyPatch) -> None:
    pace(monkeypatch, step_s)
    metrics = [event for event in train(two_epochs()) if isinstance(event, Metrics)]
    assert [event.steps for event in metrics] == [1] * 9
    assert [event.place.step for event in metrics] == list(range(1, 10))


def test_quick_steps_are_told_ten_times_a_second(monkeypatch: pytest.MonkeyPatch) -> None:
    pace(monkeypatch, 0.03)
    places = [event.place for event in train(tiny_config(stop_after_epochs=20)) if isinstance(event, Metrics)]
    gaps = [after.elapsed_s - before.elapsed_s for before, after in itertools.pairwise(places)]
    assert max(gaps) < 0.1 + 0.03 + 1e-9
    assert len(places) < places[-1].step / 2


def test_every_step_is_in_one_mean(monkeypatch: pytest.MonkeyPatch) -> None:
    pace(monkeypatch, 0.03)
    metrics = [event for event in train(tiny_config(stop_after_epochs=5)) if isinstance(event, Metrics)]
    assert list(itertools.accumulate(event.steps for event in metrics)) == [event.place.step for event in metrics]


def test_means_are_those_of_the_single_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = pace(monkeypatch, 1.0)
    single = [event.values for event in train(two_epochs()) if isinstance(event, Metrics)]
    clock.step_s = 0.0
    done = 0
    for event in train(two_epochs()):
        if isinstance(event, Metrics):
            part = single[done : done + event.steps]
            for name, mean in event.values.items():
                assert mean == pytest.approx(sum(values[name] for values in part) / event.steps, rel=1e-5, abs=1e-7)
            done += event.steps
    assert done == len(single)


def test_samples_come_at_every_epochs_end_and_twice_a_second(monkeypatch: pytest.MonkeyPatch) -> None:
    pace(monkeypatch, 0.001)
    events = list(train(tiny_config(stop_after_epochs=4)))
    ends = [event.place for event in events if isinstance(event, Samples) and event.epoch_ended]
    assert [int(place.epoch) for place in ends] == [1, 2, 3, 4]
    assert [place.step for place in ends] == [5, 9, 14, 18], "within the step that crosses the border"
    pace(monkeypatch, 0.2)
    shown = [event.place.elapsed_s for event in train(tiny_config(stop_after_epochs=6)) if isinstance(event, Samples)]
    assert max(after - before for before, after in itertools.pairwise(shown)) <= 0.5 + 0.2 + 1e-9


def test_the_first_checkpoint_comes_early_and_then_one_every_half_minute(monkeypatch: pytest.MonkeyPatch) -> None:
    pace(monkeypatch, 0.5)
    saved = [event.place.elapsed_s for event in train(tiny_config(stop_after_epochs=50)) if isinstance(event, Checkpoint)]
    assert saved[0] <= 10
    assert all(25 <= after - before <= 31 for before, after in itertools.pairwise(saved[:-1]))
    assert len(saved) == 5


def test_pauses_are_not_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = pace(monkeypatch, 0.5)
    last: Place | None = None
    for event in train(two_epochs()):
        clock.now += 100.0
        last = event.place if not isinstance(event, Preparing) else None
    assert last is not None
    assert last.elapsed_s == pytest.approx(9 * 0.5)


def test_it_ends_by_itself_with_a_checkpoint() -> None:
    *_, saved, finished = train(two_epochs())
    assert isinstance(saved, Checkpoint)
    assert isinstance(finished, Finished)
    assert saved.place == finished.place
    assert finished.place.epoch == 2
    assert finished.place.step == 9


def test_it_ends_at_the_step_that_was_asked_for() -> None:
    *_, saved, finished = train(tiny_config(), until_step=7)
    assert isinstance(saved, Checkpoint)
    assert isinstance(finished, Finished)
    assert finished.place.step == 7


def test_what_was_handed_out_does_not_change_any_more() -> None:
    kept = []
    for event in train(two_epochs()):
        if isinstance(event, Started):
            kept.append((event.reals, event.reals.copy()))
        if isinstance(event, Samples):
            kept += [(event.living, event.living.copy()), (event.averaged, event.averaged.copy())]
    assert len(kept) >= 7
    assert all(np.array_equal(now, then) for now, then in kept)


# Commands


@pytest.mark.parametrize(("command", "answer"), ANSWERS, ids=str)
def test_every_command_is_answered_by_the_very_next_event(command: Command, answer: type, monkeypatch: pytest.MonkeyPatch) -> None:
    pace(monkeypatch, 0.3)
    source, seen = train(tiny_config(stop_after_epochs=3)), set()
    for event in source:
        assert isinstance(source.send(command), answer)
        assert isinstance(source.send(command), answer), "an answer can be answered with a command as well"
        seen.add(type(event))
    assert seen >= {Started, Samples, Metrics, Finished}


def test_an_answer_takes_no_events_place(monkeypatch: pytest.MonkeyPatch) -> None:
    pace(monkeypatch, 0.3)
    plain = [(type(event), event.place) for event in train(two_epochs()) if not isinstance(event, Preparing)]
    asked = []
    for event in (source := train(two_epochs())):
        assert not isinstance(event, Preparing)
        asked.append((type(event), event.place))
        source.send(Publish())
    assert asked == plain


@pytest.mark.parametrize("player", ["both", "critic", "generator"])
def test_the_place_never_goes_back(player: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    pace(monkeypatch, 0.3)
    source, places = train(tiny_config(stop_after_epochs=4)), []
    for event in source:
        for told in (event, source.send(Step(player))):
            assert not isinstance(told, Preparing)
            places.append(told.place)
    assert all(after.step >= before.step for before, after in itertools.pairwise(places))
    assert all(after.images >= before.images for before, after in itertools.pairwise(places))


def test_single_steps_are_shown_and_saved_like_others(monkeypatch: pytest.MonkeyPatch) -> None:
    pace(monkeypatch, 0.01)
    source = train(two_epochs())
    until(source, Samples)
    for number in range(1, 10):
        stepped = source.send(Step())
        assert isinstance(stepped, Metrics)
        assert stepped.place.step == number
        assert stepped.steps == 1
    rest = list(source)
    assert isinstance(rest[-1], Finished)
    assert rest[-1].place.step == 9
    assert [event.place.step for event in rest if isinstance(event, Checkpoint)] == [9], "nothing is lost when it ends"
    assert any(isinstance(event, Samples) and event.epoch_ended for event in rest), "the epoch's pictures are shown"


@pytest.mark.parametrize(("cost_s", "every_s"), [(0.001, 0.21), (0.0125, 0.25), (0.2, 0.62)])
def test_samples_come_less_often_where_they_take_long(cost_s: float, every_s: float, monkeypatch: pytest.MonkeyPatch) -> None:
    now, drawn_by, update = [0.0], loop.drawn_by, loop.update

    def passing(seconds: float, work: Any, *given: Any) -> Any:
        now[0] += seconds
        return work(*given)

    monkeypatch.setattr(loop, "time", SimpleNamespace(perf_counter=lambda: now[0]))
    serve(monkeypatch, "digits", tiny_set("digits", count=1000))
    monkeypatch.setattr(loop, "drawn_by", lambda *given: passing(cost_s, drawn_by, *given))
    monkeypatch.setattr(loop, "update", lambda *given: passing(0.004, update, *given))
    events = itertools.islice(train(tiny_config(batch_size=1, network="mlp-small")), 20)
    places = [event.place for event in events if isinstance(event, Samples) and not event.epoch_ended]
    waits = [later.elapsed_s - earlier.elapsed_s for earlier, later in itertools.pairwise(places)]
    assert waits
    assert max(waits) == pytest.approx(every_s, abs=0.005)


@EVERY_NETWORK
@pytest.mark.parametrize("game", GAMES)
def test_a_single_move_moves_one_player(network: str, game: str) -> None:
    source = train(tiny_config(network=network, game=game))
    until(source, Metrics)
    states = [source.send(Save())]
    for player in ("critic", "generator"):
        source.send(Step(player))  # type: ignore[arg-type]
        states.append(source.send(Save()))
    before, between, after = (state for state in states if isinstance(state, Checkpoint))
    # D's dropout draws whoever moves, for both ask it.
    dropout = {"stream_layers"} if network in ("dcgan-dropout", "dense-up") else set()
    assert changed(before, between) == {"critic", "optimiser_critic", "stream_z"} | dropout
    pair = {"stream_pair"} if GAMES[game].paired else set()
    assert changed(between, after) == {"generator", "average", "optimiser_generator", "stream_z"} | pair | dropout
    assert between.place.images == after.place.images == before.place.images + 16


@pytest.mark.parametrize("name", KNOBS)
def test_live_knobs_turn_and_no_others(name: str) -> None:
    knob, kind, now = KNOBS[name], TYPES[name], getattr(tiny_config(), name)
    value = next(kind(choice) for choice in knob.choices if kind(choice) != now) if knob.choices else kind(min(now, 8)) if now else kind()
    source = train(tiny_config())
    until(source, Metrics)
    answer = source.send(Set(name, value))
    if name in LIVE:
        assert isinstance(answer, Changed)
        assert (answer.name, answer.value) == (name, value)
    else:
        assert isinstance(answer, Refused)
        assert answer.name == name
        assert name in answer.message
        assert all(live in answer.message for live in LIVE)
    checkpoint = source.send(Save())
    assert isinstance(checkpoint, Checkpoint)
    assert checkpoint.state["live"] == {live: getattr(tiny_config(), live) for live in LIVE} | ({name: value} if name in LIVE else {})
    until(source, Metrics)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("gamma", -1),
        ("lr_critic", "fast"),
        ("lr_generator", None),
        ("critic_steps", 0),
        ("game", "chess"),
        ("gama", 1),
        ("label_smoothing", 0.1),
    ],
)
def test_a_bad_value_is_refused_and_the_run_goes_on(name: str, value: Any) -> None:
    source = train(two_epochs())
    until(source, Metrics)
    answer = source.send(Set(name, value))
    assert isinstance(answer, Refused)
    assert answer.name == name
    assert name in answer.message
    assert equal(last_checkpoint(source), last_checkpoint(train(two_epochs())))


def test_the_next_steps_use_a_turned_knob() -> None:
    source = train(tiny_config())
    until(source, Metrics)

    def step(name: str, value: Any) -> tuple[set[str], Metrics]:
        source.send(Set(name, value))
        before, told, after = source.send(Save()), source.send(Step()), source.send(Save())
        assert isinstance(before, Checkpoint)
        assert isinstance(told, Metrics)
        assert isinstance(after, Checkpoint)
        assert told.place.images - before.place.images == 16 * after.state["live"]["critic_steps"]
        return changed(before, after), told

    assert "generator" in step("gamma", 0.5)[0]
    assert "generator" not in step("lr_generator", 0.0)[0]
    assert "critic" not in step("lr_critic", 0.0)[0]
    assert "penalty/real" not in step("penalty", "none")[1].values
    assert "verdict/margin" in step("game", "relativistic")[1].values
    assert "verdict/margin" not in step("game", "non-saturating")[1].values
    step("critic_steps", 3)


def test_published_weights_are_copies_of_all_players() -> None:
    source = train(tiny_config(network="dcgan"))
    until(source, Metrics, 2)
    weights, checkpoint = source.send(Publish()), source.send(Save())
    assert isinstance(weights, Weights)
    assert isinstance(checkpoint, Checkpoint)
    before = {name: tensor.clone() for name, tensor in weights.living.items()}
    assert weights.asked
    assert not until(source, Weights).asked
    for prefix, published in (("generator.", weights.living), ("average.", weights.averaged), ("critic.", weights.critic)):
        stored = {name.removeprefix(prefix): tensor for name, tensor in checkpoint.tensors.items() if name.startswith(prefix)}
        assert stored.keys() == published.keys()
        assert all(torch.equal(stored[name], published[name]) for name in stored)
    until(source, Metrics, 2)
    assert all(torch.equal(before[name], tensor) for name, tensor in weights.living.items())


def test_nobody_else_sets_a_runs_threads() -> None:
    """Torch asks for the process's last word at a thread's first use of its threads, which may be somebody else's."""
    found, begun, other = [], threading.Event(), threading.Event()

    def run() -> None:
        source = train(tiny_config(threads=2))
        next(source)
        begun.set()
        assert other.wait(5)
        found.append(torch.get_num_threads())
        source.close()

    thread = threading.Thread(target=run)
    thread.start()
    assert begun.wait(5)
    look = threading.Thread(target=torch.set_num_threads, args=(1,))
    look.start()
    look.join()
    other.set()
    thread.join()
    assert found == [2]


@pytest.mark.parametrize("after", range(8))
def test_it_can_be_closed_at_any_event(after: int) -> None:
    source = train(tiny_config())
    list(itertools.islice(source, after))
    source.close()
    with pytest.raises(StopIteration):
        next(source)


# The same run


@EVERY_NETWORK
@pytest.mark.parametrize("data", ["digits", "ring-8"])
def test_neither_the_clock_nor_those_who_look_change_the_run(network: str, data: str, monkeypatch: pytest.MonkeyPatch) -> None:
    if data == "ring-8" and network != "mlp":
        pytest.skip("convolutions draw no points")
    ends = []
    for metrics_s, samples_s, checkpoints_s, commands in ((100.0, 100.0, 100.0, ()), (0.0, 0.0, 0.0, (Publish(), Save()))):
        monkeypatch.setattr(loop, "METRICS_EVERY_S", metrics_s)
        monkeypatch.setattr(loop, "SAMPLES_EVERY_S", samples_s)
        monkeypatch.setattr(loop, "FIRST_CHECKPOINT_S", checkpoints_s)
        monkeypatch.setattr(loop, "CHECKPOINT_EVERY_S", checkpoints_s)
        for event in (source := train(two_epochs(network=network, data=data))):
            if isinstance(event, Checkpoint):
                saved = event
            for command in commands:
                source.send(command)
        ends.append(saved)
    assert equal(*ends)


def test_equal_settings_give_equal_runs_and_other_seeds_others() -> None:
    ends = [last_checkpoint(train(two_epochs(seed=seed))) for seed in (5, 5, 6)]
    assert equal(ends[0], ends[1])
    assert {"generator", "critic", "average"} <= changed(ends[0], ends[2])


def test_what_torch_has_drawn_before_does_not_matter() -> None:
    ends = []
    for seed in (1, 2):
        torch.manual_seed(seed)
        ends.append(last_checkpoint(train(two_epochs(network="dcgan"))))
    assert equal(*ends)


@EVERY_NETWORK
def test_a_run_leaves_the_global_generator_alone(network: str) -> None:
    before = torch.get_rng_state()
    list(train(two_epochs(network=network)))
    assert torch.equal(torch.get_rng_state(), before)


def test_drawing_leaves_batch_norm_alone() -> None:
    # The DCGAN example draws its pictures in train mode, so that looking changes the model.
    state = tiny_state(network="dcgan")
    z = torch.randn(64, state.config.latent_dim)
    for generator in (state.G, state.G_ema):
        before, training = {name: buffer.clone() for name, buffer in generator.named_buffers()}, generator.training
        assert before
        assert not looking.draw(generator, z).requires_grad
        assert generator.training == training
        assert all(torch.equal(before[name], buffer) for name, buffer in generator.named_buffers())


def test_the_same_z_is_shown_from_first_to_last() -> None:
    shown = [event.living for event in train(two_epochs(lr_generator=0.0)) if isinstance(event, Samples)]
    assert len(shown) >= 3
    assert all(np.array_equal(pictures, shown[0]) for pictures in shown)


# Stopped and continued


@EVERY_NETWORK
@pytest.mark.parametrize("steps", [0, 3, 7])
def test_resumed_is_uninterrupted_to_the_last_bit(network: str, steps: int, monkeypatch: pytest.MonkeyPatch) -> None:
    pace(monkeypatch, 1.0)
    config = two_epochs(network=network, burn_in_kimg=0.1, lr_end=0.1, gamma_end=0.5)
    straight = list(train(config))
    first = train(config)
    if steps:
        until(first, Metrics, steps)
    else:
        until(first, Started)
    saved = first.send(Save())
    first.close()
    assert isinstance(saved, Checkpoint)
    assert saved.place.step == steps
    saved = dataclasses.replace(saved, state=json.loads(json.dumps(saved.state)))
    second = list(train(config, saved))
    later, resumed = (
        [event for event in events if isinstance(event, Metrics) and event.place.step > steps] for events in (straight, second)
    )
    assert later == resumed, "curves, places and elapsed time"
    one, two = ([event for event in events if isinstance(event, Checkpoint)][-1] for events in (straight, second))
    assert equal(one, two)


def test_a_resumed_run_shows_where_it_stands() -> None:
    first = train(tiny_config())
    place = until(first, Metrics, 2).place
    saved = first.send(Save())
    assert isinstance(saved, Checkpoint)
    started, samples, *_ = itertools.islice(train(tiny_config(), saved), 3)
    assert isinstance(started, Started)
    assert isinstance(samples, Samples)
    assert started.place.step == samples.place.step == place.step
    assert started.place.images == place.images
    assert started.place.elapsed_s >= place.elapsed_s


def test_turned_knobs_are_kept_by_a_resumed_run() -> None:
    first = train(two_epochs())
    until(first, Started)
    first.send(Set("critic_steps", 2))
    first.send(Set("game", "non-saturating"))
    saved = first.send(Save())
    assert isinstance(saved, Checkpoint)
    straight, resumed = last_checkpoint(first), last_checkpoint(train(two_epochs(), saved))
    assert equal(straight, resumed)
    assert resumed.state["live"]["critic_steps"] == 2


def test_a_finished_run_is_finished_at_once() -> None:
    saved = last_checkpoint(train(two_epochs()))
    events = list(train(two_epochs(), saved))
    assert not any(isinstance(event, Metrics) for event in events)
    assert isinstance(events[-1], Finished)
    assert events[-1].place.step == saved.place.step
    longer = last_checkpoint(train(tiny_config(stop_after_epochs=3), saved))
    assert equal(longer, last_checkpoint(train(tiny_config(stop_after_epochs=3)))), "and can be made longer"


def test_a_resumed_run_does_not_write_into_its_checkpoint() -> None:
    saved = last_checkpoint(train(two_epochs()))
    before = {name: tensor.clone() for name, tensor in saved.tensors.items()}
    list(train(tiny_config(stop_after_epochs=3), saved))
    assert all(torch.equal(before[name], tensor) for name, tensor in saved.tensors.items())


def test_a_checkpoint_of_other_settings_is_refused() -> None:
    saved = last_checkpoint(train(two_epochs()))
    with pytest.raises(ValueError, match="does not belong to these settings"):
        next(train(two_epochs(width=12), saved))


# What goes wrong


def poisoned(at: int) -> DataSet:
    data = tiny_set("ring-8")
    data.train[at] = torch.nan
    return data


@pytest.mark.parametrize("at", [0, 17, 40])
@pytest.mark.parametrize("metrics_s", [0.0, 100.0])
def test_a_nan_ends_the_run_and_names_curve_and_step(at: int, metrics_s: float, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loop, "METRICS_EVERY_S", metrics_s)
    data = serve(monkeypatch, "ring-8", poisoned(at))
    config = tiny_config(data="ring-8", stop_after_epochs=1)
    batches = Batches(data.train, config.seed, device="cpu")
    first = next(step for step in itertools.count(1) if batches.pick(batches.numbers(16 * (step - 1), 16)).isnan().any())
    told: list[Event] = []
    # A relativistic generator may meet the bad sample earlier, among the reals that it compares with.
    with pytest.raises(FloatingPointError, match=rf"curve \w+/\w+ .* step {first}\."):
        for event in train(config.but(game="non-saturating")):
            told.append(event)
    assert all(np.isfinite(list(event.values.values())).all() for event in told if isinstance(event, Metrics))


def test_a_nan_in_a_single_step_is_told_as_well(monkeypatch: pytest.MonkeyPatch) -> None:
    bad = DataSet(torch.full((COUNT, 2), torch.nan), torch.zeros(1, 2))
    serve(monkeypatch, "ring-8", bad)
    source = train(tiny_config(data="ring-8"))
    until(source, Samples)
    with pytest.raises(FloatingPointError, match=r"step 1\."):
        source.send(Step("critic"))


def test_data_that_cannot_be_had_are_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    def load(_: Request) -> Loading:
        yield Preparing("a file", 0, 0)
        raise ValueError("There is no network, and no such file.")

    monkeypatch.setitem(DATA, "digits", dataclasses.replace(DATA["digits"], load=load))
    with pytest.raises(ValueError, match="no such file"):
        list(train(tiny_config()))


# Samples of a stored generator


@EVERY_NETWORK
@pytest.mark.parametrize("prefix", ["generator.", "average."])
def test_a_stored_generator_draws_the_same_for_the_same_seed(network: str, prefix: str) -> None:
    config = two_epochs(network=network)
    tensors = last_checkpoint(train(config)).tensors
    drawn = [looking.sample(config, tensors, prefix=prefix, count=9, seed=seed) for seed in (0, 0, 1)]
    assert drawn[0].shape == (9, 16, 16, 1)
    assert np.array_equal(drawn[0], drawn[1])
    assert not np.array_equal(drawn[0], drawn[2])
    assert np.array_equal(looking.sample(config, tensors, prefix=prefix, count=4, seed=0), drawn[0][:4])
