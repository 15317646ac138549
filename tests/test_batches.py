"""An epoch shows each sample once, in an order that follows from the seed and the place alone."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from gan_core.batches import Batches

COUNT = 10
NUMBERS = torch.arange(COUNT, dtype=torch.float32)[:, None].repeat(1, 2)
"""Points that are their own numbers."""


def batches(seed: int = 0) -> Batches:
    return Batches(NUMBERS, seed, device="cpu")


def given_out(of: Batches, position: int, count: int) -> list[int]:
    return [int(number) for number in of.pick(of.numbers(position, count))[:, 0]]


@pytest.mark.parametrize("size", [1, 3, 4, 10, 25])
def test_an_epoch_visits_each_sample_exactly_once(size: int) -> None:
    source, seen = batches(), []
    for position in range(0, 30 * size, size):
        batch = given_out(source, position, size)
        assert len(batch) == size
        seen += batch
    for start in range(0, len(seen) - COUNT + 1, COUNT):
        assert sorted(seen[start : start + COUNT]) == list(range(COUNT))


def test_the_place_alone_decides() -> None:
    source = batches()
    straight = [given_out(source, position, 3) for position in range(0, 60, 3)]
    for number in reversed(range(20)):
        assert given_out(source, 3 * number, 3) == straight[number]
        assert given_out(batches(), 3 * number, 3) == straight[number]
    assert [number for batch in straight for number in batch] == given_out(batches(), 0, 60), "and not the size of the batches"


def test_the_order_differs_by_epoch_and_by_seed() -> None:
    orders = {tuple(given_out(batches(seed), COUNT * epoch, COUNT)) for seed in range(5) for epoch in range(5)}
    assert len(orders) == 25
    assert tuple(range(COUNT)) not in orders


def test_pictures_become_network_input_and_points_stay() -> None:
    pictures = torch.tensor([0, 255], dtype=torch.uint8).repeat(4, 1)[:, :, None, None]
    found: Tensor = Batches(pictures, 0, device="cpu").pick(torch.arange(4))
    assert found.dtype == torch.float32
    assert found.flatten(1).tolist() == [[-1.0, 1.0]] * 4
    assert torch.equal(batches().pick(torch.tensor([7, 7, 2])), NUMBERS[[7, 7, 2]])


def test_the_samples_themselves_are_not_written_to() -> None:
    source = batches()
    source.pick(source.numbers(0, 3)).fill_(-1.0)
    source.pick(torch.tensor([1])).fill_(-1.0)
    assert torch.equal(NUMBERS[:, 0], torch.arange(COUNT, dtype=torch.float32))


def test_the_global_generator_is_left_alone() -> None:
    before = torch.get_rng_state()
    batches().numbers(0, 25)
    assert torch.equal(torch.get_rng_state(), before)
