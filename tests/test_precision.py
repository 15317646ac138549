"""bf16 is fp32 but for rounding: in both players' gradients, through a penalty's second derivative, and in whole runs."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from tiny import serve, tiny_config, tiny_state
from torch import Tensor

from gan_core import devices
from gan_core.checkpoint import numbers_of, restore, tensors_of
from gan_core.loop import train
from gan_core.networks import NETWORKS
from gan_core.penalties import PENALTIES
from gan_core.state import GanState
from gan_core.step import Player, update

MOVERS: dict[Player, str] = {"critic": "D", "generator": "G"}
PENALISED = [(network, "none" if row.critic_batch_norm else "R1+R2") for network, row in NETWORKS.items()]


def gradient(state: GanState, player: Player) -> Tensor:
    """What the mover's weights were moved by, end to end."""
    update(state, player)
    return torch.cat([weight.grad.flatten() for weight in getattr(state, MOVERS[player]).parameters() if weight.grad is not None])


@pytest.mark.parametrize("player", MOVERS)
@pytest.mark.parametrize(("network", "penalty"), [*PENALISED, *(("mlp", name) for name in PENALTIES if name != "R1+R2")])
def test_gradients_differ_from_those_of_fp32_by_rounding(network: str, penalty: str, player: Player) -> None:
    # Gamma so large that most of the critic's gradient is the penalty's second derivative.
    settings: dict[str, Any] = {"network": network, "penalty": penalty, "gamma": 100.0, "batch_size": 32}
    exact, coarse = (gradient(tiny_state(**settings, precision=name), player) for name in devices.PRECISIONS)
    assert coarse.dtype == torch.float32
    # BatchNorm takes the large common part off its input, and the rounding stays.
    most = 0.25 if NETWORKS[network].batch_norm else 0.05
    assert 0 < (coarse - exact).norm() < most * exact.norm()


@pytest.mark.parametrize(
    "changes", [{"conditional": "yes"}, {"data": "ring-8"}, {"network": "dcgan", "game": "wasserstein", "penalty": "WGAN-GP"}]
)
def test_a_run_in_bf16_goes_on_as_it_would_have(changes: dict[str, str]) -> None:
    state, again = (tiny_state(precision="bf16", **changes) for _ in range(2))
    update(state)
    restore(again, tensors_of(state), numbers_of(state))
    for _ in range(2):
        assert all(torch.isfinite(value) and value.dtype == torch.float32 for value in update(state).values())
        update(again)
    ends = [tensors_of(each) for each in (state, again)]
    assert all(torch.equal(value, ends[1][name]) for name, value in ends[0].items())
    assert {value.dtype for name, value in ends[0].items() if not name.startswith("stream")} <= {torch.float32, torch.int64}


def test_weights_keep_what_bf16_would_lose() -> None:
    """A step that is small beside its weight counts: only products are coarse."""
    state = tiny_state(precision="bf16", lr_critic=1e-5)
    before = [weight.detach().clone() for weight in state.D.parameters()]
    update(state, "critic")
    assert not any(torch.equal(was, weight) for was, weight in zip(before, state.D.parameters(), strict=True) if weight.dim() > 1)


def test_where_the_numbers_are_missing_a_run_does_not_start(monkeypatch: pytest.MonkeyPatch) -> None:
    serve(monkeypatch, "digits")
    config = tiny_config(precision="bf16", stop_after_epochs=1)
    monkeypatch.setattr(devices, "multiplies_bf16", lambda device: False)
    with pytest.raises(ValueError, match=r"precision is bf16, and CPU, .* Set it to fp32\."):
        next(train(config))
    monkeypatch.setattr(devices, "multiplies_bf16", lambda device: True)
    assert list(train(config))[-1].place.epoch >= 1


@pytest.mark.parametrize(("able", "does"), [({"avx2": True}, False), ({"amx_bf16": True}, True), ({"avx512_bf16": False}, False)])
def test_a_processor_is_asked_for_products_of_its_own(able: dict[str, bool], does: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: able)
    assert devices.multiplies_bf16("cpu") is does
    assert not devices.multiplies_bf16("mps")
