"""On a GPU: the graphs that the other tests can only play on a tape. Skipped where there is none.

python -m pytest tests/test_gpu.py -n 0 -q -rs
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest
import torch
from test_graphs import TRICKS
from tiny import serve, tiny_config, tiny_set

from gan_core.batches import Batches
from gan_core.capture import Cuda, apart, as_it_was, copies, streams_of, tensors_in, twin_of
from gan_core.devices import multiply_fast
from gan_core.events import Checkpoint, Half, Metrics, Save, Set, Step
from gan_core.games import GAMES
from gan_core.graphs import GRAPHS, LIMIT, Graphed, hands_for
from gan_core.loop import train
from gan_core.networks import NETWORKS
from gan_core.penalties import PENALTIES
from gan_core.runner import RunHandle
from gan_core.state import GanState, new_state
from gan_core.step import update
from gan_core.store import RunStore

pytestmark = [
    pytest.mark.gpu,
    pytest.mark.skipif(not torch.cuda.is_available(), reason="this machine has no CUDA device"),
]


@pytest.fixture(autouse=True)
def tiny(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name in ("digits", "ring-8"):
        serve(monkeypatch, name)
    yield
    torch.cuda.synchronize()


def gpu_state(**changes: Any) -> GanState:
    config = tiny_config(**{"device": "cuda", "width": 32, "batch_size": 32} | changes)
    data = tiny_set(config.data)
    told = {"labels": data.labels, "classes": len(data.classes)} if config.told else {}
    return new_state(config, Batches(data.train, config.seed, device=multiply_fast("cuda"), **told))


def assert_played_alike(**changes: Any) -> None:
    """The self-check passes, and so does what it does not do: steps of one player, and 10 steps that go on from each other's end."""
    state = gpu_state(**changes)
    hands = hands_for(state)
    assert isinstance(hands, Graphed)
    with hands.playing():
        update(state, "both", hands), update(state, "both", hands)
        assert hands.way == GRAPHS
        twin = twin_of(state)
        for player in ("both", "critic", "critic", "generator", "generator", "both", "both", "both", "both", "both"):
            before = copies(tensors_in(twin))
            update(state, player, hands), update(twin, player)
            far = max(map(apart, tensors_in(state), tensors_in(twin), before))
            assert far <= LIMIT, f"{player}: {far:.2g} of a step"
            for mine, theirs in zip(tensors_in(state), tensors_in(twin), strict=True):
                for tensor, other in zip(mine, theirs, strict=True):
                    tensor.copy_(other)
            assert all(map(torch.equal, streams_of(state).values(), streams_of(twin).values()))


@pytest.mark.parametrize("penalty", PENALTIES)
@pytest.mark.parametrize("game", GAMES)
def test_every_game_with_every_penalty(game: str, penalty: str) -> None:
    assert_played_alike(game=game, penalty=penalty)


@pytest.mark.parametrize("network", NETWORKS)
def test_every_network(network: str) -> None:
    assert_played_alike(network=network, penalty="none", game="non-saturating")


@pytest.mark.parametrize("penalty", ["R1+R2", "WGAN-GP"])
@pytest.mark.parametrize("network", ["dcgan", "modern"])
def test_convolutions_twice_differentiated(network: str, penalty: str) -> None:
    assert_played_alike(network=network, penalty=penalty)


@pytest.mark.parametrize("settings", TRICKS, ids=str)
def test_every_trick(settings: dict[str, Any]) -> None:
    assert_played_alike(**settings)


def test_a_replay_moves_its_generator_as_the_eager_step_does() -> None:
    rng = torch.Generator("cuda").manual_seed(5)
    with (device := Cuda()).playing():
        eager = [torch.randn(1000, generator=rng, device="cuda") for _ in range(3)]
        stood = rng.get_state()
        rng.manual_seed(5)
        replay, made = device.capture(lambda: torch.randn(1000, generator=rng, device="cuda"), [rng])
        for wanted in eager:
            replay()
            assert torch.equal(made, wanted)
        assert torch.equal(rng.get_state(), stood), "what a checkpoint keeps"


def test_what_cannot_be_captured_leaves_a_device_that_works() -> None:
    device, x = Cuda(), torch.ones(10, device="cuda")
    with device.playing():
        with pytest.raises(RuntimeError):
            device.capture(lambda: x.sum().item(), [])
        replay, made = device.capture(lambda: x * 2, [])
        replay()
    assert made.tolist() == [2.0] * 10
    state = gpu_state()
    hands = hands_for(state)
    assert isinstance(hands, Graphed)
    capture = hands._device.capture
    hands._device.capture = lambda work, draws: capture(lambda: (work(), x.sum().item()), draws)  # type: ignore[method-assign]
    with hands.playing():
        for _ in range(5):
            update(state, "both", hands)
    assert hands.way.startswith("eager, because capturing CUDA graphs failed")
    assert all(bool(weight.isfinite().all()) for weight in state.G.parameters())


def test_a_second_thread_may_use_the_gpu_while_one_captures() -> None:
    """Looking, pinned memory included, neither fails nor breaks a capture."""
    stop, wrong, looks = threading.Event(), list[BaseException](), [0]

    def look() -> None:
        try:
            while not stop.is_set():
                x = torch.randn(64, 64).pin_memory().to("cuda", non_blocking=True)
                (x @ torch.empty(64, 64, device="cuda").normal_()).cpu()
                torch.cuda.empty_cache()
                looks[0] += 1
        except BaseException as error:  # noqa: BLE001 - whatever it is, the test names it
            wrong.append(error)

    state = gpu_state(network="dcgan")
    hands = hands_for(state)
    thread = threading.Thread(target=look)
    thread.start()
    try:
        with hands.playing():
            for game in (*GAMES, *GAMES):
                state.config = state.config.but(game=game)
                update(state, "both", hands), update(state, "both", hands)
                assert hands.way == GRAPHS, hands.way
        torch.cuda.synchronize()
    finally:
        stop.set()
        thread.join(30)
    assert not wrong, wrong
    assert looks[0] > 10


def test_the_run_stays_as_it_is_while_it_is_checked() -> None:
    state = gpu_state(penalty="spectral", game="hinge")
    hands = Graphed(state, Cuda())
    with hands.playing():
        update(state, "both", hands)
        kept, streams = copies(tensors_in(state)), streams_of(state)
        assert hands._ready()
        assert all(torch.equal(a, b) for mine, was in zip(tensors_in(state), kept, strict=True) for a, b in zip(mine, was, strict=True))
        assert all(map(torch.equal, streams_of(state).values(), streams.values()))
        with as_it_was(state):
            update(state, "both", hands)


def test_resumed_goes_on_as_uninterrupted() -> None:
    """One step on, so that kernels that add in any order have no time to part the two."""
    config = tiny_config(device="cuda", width=32)
    source = train(config)
    next(event for event in source if isinstance(event, Metrics) and event.way == GRAPHS)
    begun, _, wanted = source.send(Save()), source.send(Step("both")), source.send(Save())
    source.close()
    assert isinstance(begun, Checkpoint)
    assert isinstance(wanted, Checkpoint)
    resumed = [event for event in train(config, begun, until_step=wanted.place.step) if isinstance(event, Checkpoint)][-1]
    assert resumed.state == wanted.state
    for name, value in wanted.tensors.items():
        if name.startswith("stream_"):
            assert torch.equal(resumed.tensors[name], value), name
        else:
            torch.testing.assert_close(resumed.tensors[name], value, rtol=1e-3, atol=1e-5)


def test_orders_in_a_run_by_graphs() -> None:
    source = train(tiny_config(device="cuda", width=32), until_step=10_000)
    seen = next(event for event in source if isinstance(event, Metrics) and event.way == GRAPHS)
    for order in (Step("critic"), Step("generator"), Half(), Half(), Set("game", "hinge"), Step("both"), Half(), Set("critic_steps", 3)):
        answer = source.send(order)
        assert answer.place.step >= seen.place.step
    assert isinstance(source.send(Save()), Checkpoint)
    after = next(event for event in source if isinstance(event, Metrics))
    assert after.way == GRAPHS
    source.close()


@pytest.mark.parametrize("network", ["mlp", "dcgan"])
def test_pause_acts_within_250_ms(network: str, tmp_path: Any) -> None:
    config = tiny_config(device="cuda", width=64, network=network, batch_size=64)
    record = RunStore(tmp_path).new(config)
    handle = RunHandle(record.run_id, lambda: train(config), record=record)
    handle.start()
    try:
        assert handle.wait_for(lambda snapshot: snapshot.way == GRAPHS and snapshot.steps_per_s > 0, 120)
        waits = []
        for _ in range(8):
            step = handle.snapshot().place.step  # type: ignore[union-attr]
            assert handle.wait_for(lambda now, step=step: now.place.step > step, 10)  # type: ignore[misc]
            began = time.perf_counter()
            handle.pause()
            settled = handle.snapshot().version
            while handle.wait_for(lambda now, settled=settled: now.version > settled, 0.5):  # type: ignore[misc]
                settled, waited = handle.snapshot().version, time.perf_counter() - began
                waits.append(waited)
            handle.resume()
        assert max(waits, default=0.0) <= 0.25, waits
    finally:
        handle.stop()
        assert handle.join(20)
