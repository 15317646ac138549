"""When moves are captured, when anew and when not at all; and what a run says of it."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

import pytest
import torch
from tape import Refused, Tape, TapeDevice
from test_graphs import PLAYERS, by_graphs, short_check, tapes
from tiny import tiny_state
from torch.utils._python_dispatch import TorchDispatchMode

from gan_core import graphs
from gan_core.checkpoint import tensors_of
from gan_core.dials import DeviceDials, Dials, dials_of
from gan_core.graphs import GRAPHS, Eager, Graphed, RunHands, hands_for
from gan_core.step import update

__all__ = ["short_check"]  # a fixture

pytestmark = pytest.mark.usefixtures("one_thread")


class NoReads(TorchDispatchMode):
    """While it is entered, nobody reads a value back from a tensor."""

    def __torch_dispatch__(self, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: dict[str, Any] | None = None) -> Any:
        assert func._schema.name not in ("aten::_local_scalar_dense", "aten::nonzero", "aten::is_nonzero"), func
        return func(*args, **(kwargs or {}))


def test_dials_keep_their_address_and_are_written_when_they_turn() -> None:
    config = tiny_state(burn_in_kimg=1.0, gamma_end=0.1).config
    dials = DeviceDials("cpu")
    places = [getattr(dials.scalars, name).data_ptr() for name in dials._stand]
    for images in (0, 500, 1000):
        dials.turn(dials_of(config, images))
        assert float(dials.scalars.penalty) == pytest.approx(dials_of(config, images).penalty)
        with NoReads():
            dials.turn(dials_of(config, images))
    assert places == [getattr(dials.scalars, name).data_ptr() for name in dials._stand]


@pytest.mark.usefixtures("short_check")
def test_what_is_captured_anew_and_what_is_not() -> None:
    state = tiny_state()
    hands, play = by_graphs(state)

    def captured(**changes: Any) -> int:
        before = len(tapes(hands))
        state.config = state.config.but(**changes)
        play("both")
        assert hands.way == GRAPHS
        return len(tapes(hands)) - before

    play("both")
    assert captured() == 3, "fakes, critic, generator"
    assert captured(lr_generator=1e-4, lr_critic=1e-4, gamma=3.0, critic_steps=4, augment_share=0.1) == 0
    assert captured(game="hinge") == 3
    assert captured(penalty="spectral") == 3
    assert captured(penalty="R1", augment="cutout") == 3
    assert captured(beta1=0.5) == 3, "Adam's betas are plain numbers"
    assert captured(instance_noise=0.1) == 3
    assert captured(instance_noise=0.2) == 0
    assert captured(critic_dropout=0.1) == 3
    assert captured(critic_dropout=0.2) == 0


@pytest.mark.usefixtures("short_check")
def test_a_game_is_checked_once(monkeypatch: pytest.MonkeyPatch) -> None:
    state, checks = tiny_state(), []
    _, play = by_graphs(state)
    checked = Graphed._checked
    monkeypatch.setattr(Graphed, "_checked", lambda hands: checks.append(state.config.game) or checked(hands))
    play("both")
    for game in ("relativistic", "hinge", "relativistic", "hinge"):
        state.config = state.config.but(game=game)
        play("both")
    assert checks == ["relativistic", "hinge"]


def test_no_step_reads_anything_back() -> None:
    state = tiny_state(critic_steps=2, conditional="yes")
    _, play = by_graphs(state)
    play("both"), play("both")
    with NoReads():
        for player in PLAYERS:
            play(player)


def without(name: str) -> Callable[[Tape], None]:
    def spoil(tape: Tape) -> None:
        tape.calls[:] = [call for call in tape.calls if call.func._schema.name != name]

    return spoil


FAULTS = ["aten::_fused_adam_", "aten::_foreach_add_", "aten::_foreach_mul_", "aten::randn", "aten::index"]


@pytest.mark.parametrize(
    "how",
    [{"spoil": without(name)} for name in FAULTS] + [{"refuse": "no more memory. Tried 2 GiB\nsecond line"}],
    ids=[*FAULTS, "refused"],
)
def test_graphs_that_fail_are_not_used_and_leave_no_trace(how: dict[str, Any]) -> None:
    eager, graphed = tiny_state(), tiny_state()
    hands, play = by_graphs(graphed, **how)
    for player in PLAYERS:
        update(eager, player), play(player)
    assert hands.way.startswith("eager, because ")
    assert "no more memory" in hands.way if "refuse" in how else "20 steps" in hands.way
    assert "2 GiB" not in hands.way
    assert "second line" not in hands.way
    captured = len(tapes(hands))
    assert all(torch.equal(a, b) for a, b in zip(tensors_of(eager).values(), tensors_of(graphed).values(), strict=True)), "average included"
    graphed.config = graphed.config.but(beta1=0.25)
    play("both")
    assert len(tapes(hands)) == captured, "what was refused is not tried again"


@pytest.mark.parametrize("name", ["follow", "lr_critic", "lr_generator", "penalty"])
def test_a_dial_that_stands_still_is_found(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    turn = DeviceDials.turn

    def stuck(dials: DeviceDials, to: Dials) -> None:
        turned_before = dials._stand["lr_critic"] > 0
        turn(dials, dataclasses.replace(to, **{name: dials._stand[name]}) if turned_before else to)

    monkeypatch.setattr(DeviceDials, "turn", stuck)
    hands, play = by_graphs(tiny_state(burn_in_kimg=2.0, lr_end=0.1, gamma_end=0.1))
    play("both"), play("both")
    assert "20 steps" in hands.way


def test_why_a_run_is_eager(monkeypatch: pytest.MonkeyPatch) -> None:
    state = tiny_state(burn_in_kimg=0.1, beta2_begin=0.5)
    hands, play = by_graphs(state)
    assert "yet to be checked" in hands.way
    play("both"), play("both")
    assert "beta 2" in hands.way
    while state.images < 120:
        play("both")
    assert hands.way == GRAPHS
    assert type(hands_for(state)) is RunHands
    assert hands_for(state).way == ""
    state.device = "cuda"
    monkeypatch.setenv(graphs.SWITCH, "0")
    assert isinstance(switched := hands_for(state), Eager)
    assert switched.way == "eager, because GANSCOPE_GRAPHS is 0"


def test_so_many_steps_are_sent_as_fit_into_the_time() -> None:
    hands = Graphed(tiny_state(), TapeDevice())
    lots = []
    for _ in range(14):
        lots.append(hands.lot)
        hands.took(int(hands.lot), 0.001 * hands.lot, 0.1)
    assert lots == [1, 2, 4, 8, 16, 32, 64, *[100] * 7]
    hands.took(100, 20.0, 0.1)
    assert hands.lot == 1


# The tape itself


def test_a_tape_forgets_and_forbids_what_cuda_does() -> None:
    x, rng, device = torch.ones(3), torch.Generator().manual_seed(0), TapeDevice()
    number = [2.0]
    with device.playing():
        replay, made = device.capture(lambda: x * number[0], [])
        number[0] = 5.0
        x += 1
        replay()
        assert made.tolist() == [4.0] * 3, "the number of then on the tensor of now"
        for work in (lambda: x.sum().item(), lambda: torch.tensor(1.0), lambda: torch.rand(2, generator=rng), lambda: torch.rand(2)):
            with pytest.raises(Refused):
                device.capture(work, [])
        before = x.clone()
        device.capture(lambda: x.add_(1), [])
        assert torch.equal(x, before), "a capture runs nothing"
