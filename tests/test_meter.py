"""Means are exact, and no NaN hides in one."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from gan_core.meter import Meter

BAD = [torch.nan, torch.inf, -torch.inf]


def curves(critic: float, generator: float) -> dict[str, Tensor]:
    return {"loss/critic": torch.tensor(critic), "loss/generator": torch.tensor(generator)}


def test_means_are_exact_and_each_reading_starts_anew() -> None:
    meter = Meter()
    for step in range(1, 5):
        meter.add(step, curves(float(step), 0.5))
    assert meter.steps == 4
    assert meter.read() == {"loss/critic": 2.5, "loss/generator": 0.5}
    assert meter.steps == 0
    meter.add(5, curves(7.0, 8.0))
    assert meter.read() == {"loss/critic": 7.0, "loss/generator": 8.0}


def test_the_tensors_it_is_given_are_not_written_to() -> None:
    meter, given = Meter(), curves(1.0, 2.0)
    meter.add(1, given)
    meter.add(2, given)
    assert [value.item() for value in given.values()] == [1.0, 2.0]


@pytest.mark.parametrize("bad", BAD)
@pytest.mark.parametrize("when", [1, 3, 6])
def test_the_first_bad_step_is_named_with_its_curve(bad: float, when: int) -> None:
    meter = Meter()
    for step in range(1, 7):
        meter.add(step, curves(1.0, bad if step >= when else 1.0))
    with pytest.raises(FloatingPointError, match=rf"loss/generator .* step {when}\."):
        meter.read()


def test_of_two_bad_curves_the_earlier_one_is_named() -> None:
    meter = Meter()
    meter.add(1, curves(1.0, 1.0))
    meter.add(2, curves(1.0, torch.nan))
    meter.add(3, curves(torch.nan, torch.nan))
    with pytest.raises(FloatingPointError, match=r"loss/generator .* step 2\."):
        meter.read()


def test_opposite_infinities_do_not_cancel() -> None:
    meter = Meter()
    meter.add(1, curves(torch.inf, 0.0))
    meter.add(2, curves(-torch.inf, 0.0))
    with pytest.raises(FloatingPointError, match=r"loss/critic .* step 1\."):
        meter.read()


def test_a_curve_that_comes_in_some_steps_has_the_mean_of_those() -> None:
    meter = Meter()
    meter.add(1, curves(1.0, 1.0) | {"penalty/real": torch.tensor(8.0)})
    for step in (2, 3):
        meter.add(step, curves(4.0, 7.0))
    meter.add(4, curves(3.0, 1.0) | {"penalty/real": torch.tensor(4.0)})
    assert meter.steps == 4
    assert meter.read() == {"loss/critic": 3.0, "loss/generator": 4.0, "penalty/real": 6.0}
    meter.add(5, {"verdict/margin": torch.tensor(1.5)})
    assert meter.read() == {"verdict/margin": 1.5}


def test_nothing_was_seen_is_nothing() -> None:
    assert Meter().read() == {}
