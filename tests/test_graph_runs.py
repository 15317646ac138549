"""Whole runs by graphs: commands, checkpoints and pauses as in an eager run, whatever is captured on the way."""

from __future__ import annotations

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
import torch
from tape import TapeDevice
from test_loop import equal, until
from tiny import serve, tiny_config
from torch import Tensor
from torch.testing import assert_close

from gan_core import graphs, loop
from gan_core.config import RunConfig
from gan_core.events import Checkpoint, Command, Draw, EventSource, Half, Metrics, Publish, Save, Set, Show, Step
from gan_core.graphs import GRAPHS, Graphed
from gan_core.loop import Run, train
from gan_core.meter import Meter
from gan_core.runner import RunHandle
from gan_core.state import GanState
from gan_core.store import RunStore

ROUND: dict[str, Any] = {"lr_generator": 2**-10, "lr_critic": 2**-9, "gamma": 0.5, "seed": 3}
ORDERS: list[Command] = [
    Step("critic"), Step("critic"), Draw(), Step("generator"), Half(), Publish(), Half(), Half(), Step("both"), Set("critic_steps", 3),
    Step("both"), Set("gamma", 0.25), Half(), Set("game", "hinge"), Step("both"), Half(), Save(), Show(1), Set("penalty", "spectral"),
    Step("generator"), Step("critic"), Half(), Half(), Step("both"),
]  # fmt: skip


class GraphRun(Run):
    """A run whose device captures on a processor."""

    hands_of = staticmethod(lambda state: Graphed(state, TapeDevice()))


@pytest.fixture(autouse=True)
def tiny(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    serve(monkeypatch, "digits")
    monkeypatch.setattr(graphs, "CHECKED", ("both", "critic", "generator", "both"))
    threads = torch.get_num_threads()
    yield
    torch.set_num_threads(threads)


def assert_same(one: Checkpoint, other: Checkpoint) -> None:
    """The same run to the last bit, but for the average, which is reckoned in another order."""
    assert one.state == other.state
    for name, value in one.tensors.items():
        if name.startswith("average.") and value.is_floating_point():
            assert_close(value, other.tensors[name], rtol=1e-5, atol=1e-6)
        else:
            assert torch.equal(value, other.tensors[name]), name


def ordered(source: EventSource) -> tuple[Checkpoint, list[Any]]:
    """A run that was told ORDERS after its fourth step: where it is then, and what each was answered."""
    for event in source:
        if isinstance(event, Metrics) and event.place.step >= 4:
            answers = [source.send(order) for order in ORDERS]
            checkpoint = source.send(Save())
            source.close()
            assert isinstance(checkpoint, Checkpoint)
            return checkpoint, answers
    raise AssertionError


def test_every_order_is_carried_out_as_in_an_eager_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loop, "METRICS_EVERY_S", 0.0)
    config = tiny_config(**ROUND, conditional="yes")
    (eager, wanted), (graphed, answers) = ordered(train(config)), ordered(train(config, make=GraphRun))
    assert_same(eager, graphed)
    for mine, theirs in zip(wanted, answers, strict=True):
        assert type(mine) is type(theirs)
        if isinstance(mine, Metrics):
            assert mine.values == theirs.values
            assert (mine.place.step, mine.place.images, mine.player, mine.half) == (
                theirs.place.step,
                theirs.place.images,
                theirs.player,
                theirs.half,
            )


def ending(config: RunConfig, until_step: int, resume: Checkpoint | None = None) -> Checkpoint:
    return [event for event in train(config, resume, until_step=until_step, make=GraphRun) if isinstance(event, Checkpoint)][-1]


@pytest.mark.slow
@pytest.mark.parametrize("changes", [{}, {"network": "dcgan", "augment": "all", "augment_share": 0.5}, {"penalty": "spectral"}], ids=str)
def test_resumed_is_uninterrupted_to_the_last_bit(changes: dict[str, Any]) -> None:
    """The average, too, and every stream of random numbers: replays move them as steps do."""
    config = tiny_config(**changes)
    assert equal(ending(config, 14), ending(config, 14, ending(config, 8)))


def test_a_fork_goes_its_own_way_from_the_same_place() -> None:
    config = tiny_config(**ROUND)
    begun = ending(config, 6)
    fork = config.but(game="hinge", penalty="R1", network="mlp")
    begun = Checkpoint(begun.place, begun.tensors, begun.state | {"live": begun.state["live"] | {"game": "hinge", "penalty": "R1"}})
    eager = [event for event in train(fork, begun, until_step=12) if isinstance(event, Checkpoint)][-1]
    assert_same(eager, ending(fork, 12, begun))


def test_what_is_said_of_the_way() -> None:
    source = train(tiny_config(), until_step=40, make=GraphRun)
    ways = [event.way for event in source if isinstance(event, Metrics)]
    assert "yet to be checked" in ways[0]
    assert set(ways[1:]) == {GRAPHS}
    assert until(train(tiny_config(), until_step=2), Metrics).way == "", "on a processor there is one way, and nothing to say"


def test_the_screen_hears_of_it(tmp_path: Any) -> None:
    config = tiny_config()
    record = RunStore(tmp_path).new(config)
    handle = RunHandle(record.run_id, lambda: train(config, make=GraphRun), record=record)
    handle.start()
    assert handle.wait_for(lambda snapshot: snapshot.way == GRAPHS, 60)
    handle.stop()
    assert handle.join(20)


def test_a_chunk_is_no_longer_than_pause_may_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    """Replays are sent in no time, and the device needs 3 ms for each: what counts is when it is done."""
    now, sent, play, read = [1000.0], [0], loop.update, Meter.read

    def send(state: GanState, *rest: Any) -> dict[str, Tensor]:
        sent[0] += 1
        return play(state, *rest)

    def wait(meter: Meter) -> dict[str, float]:
        now[0], sent[0] = now[0] + 0.003 * sent[0], 0
        return read(meter)

    monkeypatch.setattr(loop, "time", SimpleNamespace(perf_counter=lambda: now[0]))
    monkeypatch.setattr(loop, "update", send)
    monkeypatch.setattr(Meter, "read", wait)
    source, began, waits = (
        train(tiny_config(batch_size=1, penalty="none", game="non-saturating"), until_step=300, make=GraphRun),
        now[0],
        [],
    )
    for event in source:
        if isinstance(event, Metrics):
            waits.append(now[0] - began)
        began = now[0]
    assert 0.75 <= max(waits) / loop.METRICS_EVERY_S <= 2, "and the longest is as long as it may be: an epoch ends a chunk early"
