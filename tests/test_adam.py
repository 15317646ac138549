"""Our call of torch's fused Adam beside torch.optim's, and what it spares."""

from __future__ import annotations

import subprocess
import sys

import pytest
import torch
from torch import nn

from gan_core.adam import MOMENTS, Adam

SHAPES = ((8, 5), (5,), (3, 8, 2, 2), ())


def weights() -> list[nn.Parameter]:
    generator = torch.Generator().manual_seed(0)
    return [nn.Parameter(torch.randn(shape, generator=generator)) for shape in SHAPES]


def play(mine: list[nn.Parameter], optimiser: Adam | torch.optim.Adam, steps: int, seed: int) -> None:
    """Steps with gradients drawn from a seed; the last weight has one in every third step only."""
    generator = torch.Generator().manual_seed(seed)
    for step in range(steps):
        for weight in mine:
            weight.grad = torch.randn(weight.shape, generator=generator)
        if step % 3:
            mine[-1].grad = None
        group = optimiser.param_groups[0]
        group.update(lr=0.01 / (1 + step), betas=(0.5 if step % 2 else 0.0, 0.99))
        optimiser.step()


def test_it_is_torchs_own_bit_for_bit() -> None:
    ours, theirs = weights(), weights()
    adam, reference = Adam(ours, 0.01, (0.0, 0.99)), torch.optim.Adam(theirs, 0.01, (0.0, 0.99), fused=True)
    play(ours, adam, 50, seed=1)
    play(theirs, reference, 50, seed=1)
    for our, their, before in zip(ours, theirs, weights(), strict=True):
        assert torch.equal(our, their) and not torch.equal(our, before)
        assert {name: moment.tolist() for name, moment in adam.state[our].items()} == {
            name: moment.tolist() for name, moment in reference.state[their].items()
        }


def test_it_goes_on_from_its_moments_as_if_it_had_never_stopped() -> None:
    straight, stopped = weights(), weights()
    whole, first = Adam(straight, 0.01, (0.0, 0.99)), Adam(stopped, 0.01, (0.0, 0.99))
    play(straight, whole, 5, seed=1)
    play(stopped, first, 5, seed=1)
    again = Adam(stopped, 0.01, (0.0, 0.99))
    again.restore({index: {name: moment.clone() for name, moment in moments.items()} for index, moments in first.moments().items()})
    play(straight, whole, 5, seed=2)
    play(stopped, again, 5, seed=2)
    assert all(torch.equal(a, b) for a, b in zip(straight, stopped, strict=True))


def test_a_weight_that_never_moved_has_no_moments() -> None:
    mine = weights()
    adam = Adam(mine, 0.01, (0.0, 0.99))
    adam.step()
    assert adam.moments() == {}
    mine[1].grad = torch.ones_like(mine[1])
    adam.step()
    assert list(adam.moments()) == [1] and tuple(adam.moments()[1]) == MOMENTS


def test_moments_of_other_weights_are_no_use() -> None:
    with pytest.raises(IndexError):
        Adam(weights()[:1], 0.01, (0.0, 0.99)).restore({1: dict.fromkeys(MOMENTS, torch.zeros(()))})
    with pytest.raises(KeyError):
        Adam(weights(), 0.01, (0.0, 0.99)).restore({0: {"step": torch.zeros(())}})


def test_training_does_not_import_the_compiler() -> None:
    """Two seconds and 150 MB at the first Start of every server."""
    program = """
import sys
from contextlib import closing
from gan_core.config import RunConfig
from gan_core.events import Metrics, Save
from gan_core.loop import train
for network in ("mlp", "dcgan"):
    config = RunConfig(data="digits", network=network, width=16, batch_size=16, threads=1, penalty="R1+R2", augment="all")
    with closing(train(config)) as events:
        next(event for event in events if isinstance(event, Metrics))
        events.send(Save())
print(sorted({name.split(".")[0] for name in sys.modules} & {"sympy"}), "torch._dynamo" in sys.modules)
"""
    said = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=120)
    assert said.stdout.split() == ["[]", "False"], said.stdout + said.stderr
