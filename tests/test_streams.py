"""Random numbers: equal arguments give equal ones, and no use disturbs another."""

from __future__ import annotations

import torch

from gan_core.streams import stream


def numbers(seed: int = 0, purpose: str = "z", index: int = 0) -> list[float]:
    return torch.randn(8, generator=stream(seed, purpose, index=index)).tolist()


def test_equal_arguments_give_equal_numbers() -> None:
    assert numbers(3, "z", 5) == numbers(3, "z", 5)


def test_every_argument_matters() -> None:
    drawn = [numbers(), numbers(seed=1), numbers(purpose="pairs"), numbers(index=1), numbers(seed=2**31 - 1)]
    assert len({tuple(row) for row in drawn}) == len(drawn)


def test_one_stream_does_not_shift_another() -> None:
    torch.randn(100, generator=(first := stream(0, "z")))
    assert torch.randn(8, generator=stream(0, "z")).tolist() == numbers()
    assert torch.randn(8, generator=first).tolist() != numbers()


def test_the_global_generator_is_left_alone() -> None:
    before = torch.get_rng_state()
    numbers()
    assert torch.equal(torch.get_rng_state(), before)
