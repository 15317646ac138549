"""Steps on a device that is no processor: nothing in them is left on the processor, or comes back to it.

The device is torch's "meta", whose tensors have a shape and no values. So it takes the ways a GPU takes, which no other test here can.
"""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest
import torch
from tape import TapeDevice
from test_graphs import TRICKS, Uncaptured
from tiny import tiny_config, tiny_set
from torch import Tensor

from gan_core import noise, state
from gan_core.batches import Batches
from gan_core.games import GAMES
from gan_core.networks import NETWORKS
from gan_core.penalties import PENALTIES
from gan_core.state import GanState, new_state
from gan_core.step import update
from gan_core.streams import stream

META = torch.device("meta")


@pytest.fixture(autouse=True)
def elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    """What meta lacks: generators of its own, for which a processor's do, and Adam's kernel, of whose tensors we look at the device."""

    def fused(*lists: list[Tensor], lr: float | Tensor, **numbers: Any) -> None:
        assert all(tensor.device == META for tensors in lists for tensor in tensors)
        assert not isinstance(lr, Tensor) or (lr.device == META and lr.dtype == torch.float32), "the kernel reads a float32"
        assert isinstance(numbers["beta1"], float)
        assert isinstance(numbers["beta2"], float)

    monkeypatch.setattr(state, "stream", lambda seed, purpose, **_: stream(seed, purpose))
    monkeypatch.setattr(torch, "_fused_adam_", fused)
    for name, draw in {"gaussian": torch.randn, "uniform": torch.rand}.items():
        row = dataclasses.replace(noise.NOISES[name], draw=lambda count, dim, rng, draw=draw: draw(count, dim, generator=rng, device=META))
        monkeypatch.setitem(noise.NOISES, name, row)


def state_elsewhere(**changes: Any) -> GanState:
    config = tiny_config(**changes)
    data = tiny_set(config.data)
    told = {"labels": data.labels, "classes": len(data.classes)} if config.told else {}
    batches = Batches(data.train, config.seed, device="meta", **told)
    if config.told:
        batches._sorted = tuple(part.to(META) for part in Batches(data.train, config.seed, device="cpu", **told)._by_class())  # type: ignore[assignment]
    return new_state(config, batches)


def assert_stays_there(**changes: Any) -> None:
    state = state_elsewhere(**changes)
    hands = Uncaptured(state, TapeDevice())
    for player in ("both", "critic", "generator"):
        for curves in (update(state, player), update(state, player, hands)):
            assert {value.device for value in curves.values()} == {META}
            assert {value.dtype for value in curves.values()} == {torch.float32}


def test_meta_says_when_a_processor_is_mixed_in() -> None:
    with pytest.raises(RuntimeError, match="device"):
        torch.ones(3) + torch.ones(3, device=META)
    with pytest.raises(RuntimeError, match="meta"):
        torch.ones(3, device=META).sum().item()


@pytest.mark.parametrize("game", GAMES)
def test_every_game(game: str) -> None:
    assert_stays_there(game=game)


@pytest.mark.parametrize("penalty", PENALTIES)
def test_every_penalty(penalty: str) -> None:
    assert_stays_there(penalty=penalty)


@pytest.mark.parametrize("network", NETWORKS)
def test_every_network(network: str) -> None:
    assert_stays_there(network=network, penalty="none", game="non-saturating")


@pytest.mark.parametrize("network", ["dcgan", "modern"])
def test_convolutions_twice_differentiated(network: str) -> None:
    assert_stays_there(network=network, penalty="R1+R2")


@pytest.mark.parametrize("settings", [trick for trick in TRICKS if trick.get("precision") != "bf16"], ids=str)
def test_every_trick(settings: dict[str, Any]) -> None:
    assert_stays_there(**settings)
