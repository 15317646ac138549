"""The closest training images are those that are closest."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any, TypeVar

import pytest
import torch
from numpy.testing import assert_allclose

from gan_core import nearest
from gan_core.data import DataSet
from gan_core.nearest import Neighbours

T = TypeVar("T")
SHAPE = (2, 3, 4)


def images(count: int, seed: int = 0) -> Any:
    return torch.randint(0, 256, (count, *SHAPE), generator=torch.Generator().manual_seed(seed), dtype=torch.uint8)


def result(work: Generator[None, None, T]) -> tuple[T, int]:
    """What comes of it, and how often it handed over."""
    turns = 0
    while True:
        try:
            next(work)
        except StopIteration as end:
            return end.value, turns
        turns += 1


def by_hand(one: Any, many: Any) -> Any:
    return ((one.float() - many.float()) / 255).square().flatten(1).mean(dim=1).sqrt()


@pytest.mark.parametrize("chunk", [1, 500, 2**20])
def test_the_three_closest_in_order(chunk: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(nearest, "CHUNK", chunk)
    data = DataSet(images(50), images(9, 1), train_labels=torch.arange(50) % 5, classes=tuple("abcde"))
    found, turns = result(Neighbours(data).closest(images(1, 2)))
    expected = by_hand(images(1, 2), data.train)
    order = expected.argsort()[:3]
    assert_allclose(found.distance, expected[order], rtol=1e-5)
    assert (found.pictures == data.train[order].permute(0, 2, 3, 1).numpy()).all()
    assert found.labels == ["abcde"[index % 5] for index in order]
    assert turns >= 50 if chunk == 1 else turns <= 12


def test_an_image_learned_by_heart_is_at_distance_nothing() -> None:
    data = DataSet(images(200), images(9, 1))
    found, _ = result(Neighbours(data).closest(data.train[77:78]))
    assert found.distance[0] == 0.0
    assert found.distance[1] > 0.1
    assert found.labels is None


def test_the_yardstick_is_how_far_held_out_reals_are() -> None:
    data = DataSet(images(60), images(40, 1))
    neighbours = Neighbours(data)
    yardstick, _ = result(neighbours.yardstick())
    each = torch.stack([by_hand(one[None], data.train).min() for one in data.heldout])
    assert yardstick == pytest.approx({name: float(each.quantile(share)) for name, share in nearest.SHARES.items()}, rel=1e-4)
    assert result(neighbours.yardstick()) == (yardstick, 0), "it is found once"


def test_fewer_images_than_are_shown_are_all_shown() -> None:
    found, _ = result(Neighbours(DataSet(images(2), images(2, 1))).closest(images(1, 2)))
    assert found.pictures.shape == (2, 3, 4, 2)


def halves(many: Any) -> Any:
    """Two numbers an image: how bright its first and its second channel are."""
    return many.float().mean(dim=(2, 3))


def test_the_closest_by_features_are_close_to_whoever_sees() -> None:
    data = DataSet(images(150), images(40, 1))
    looks: list[int] = []

    def see(many: Any) -> Any:
        looks.append(len(many))
        return halves(many)

    neighbours = Neighbours(data, see)
    found, turns = result(neighbours.closest(images(1, 2)))
    expected = (halves(data.train) - halves(images(1, 2))).square().mean(dim=1).sqrt()
    order = expected.argsort()[:3]
    assert_allclose(found.distance, expected[order], rtol=1e-5)
    assert (found.pictures == data.train[order].permute(0, 2, 3, 1).numpy()).all()
    assert turns > 150 // nearest.LOOKED_AT and max(looks) <= nearest.LOOKED_AT
    yardstick, _ = result(neighbours.yardstick())
    each = torch.stack([(halves(data.train) - one).square().mean(dim=1).sqrt().min() for one in halves(data.heldout)])
    assert yardstick == pytest.approx({name: float(each.quantile(share)) for name, share in nearest.SHARES.items()}, rel=1e-3)
    before = len(looks)
    result(neighbours.closest(images(1, 2)))
    assert len(looks) == before + 1, "the training images are looked at once"


def test_a_search_that_is_dropped_leaves_what_it_saw() -> None:
    looked: list[int] = []
    neighbours = Neighbours(DataSet(images(90), images(9, 1)), lambda many: looked.append(len(many)) or halves(many))
    dropped = neighbours.closest(images(1, 2))
    next(dropped)
    dropped.close()
    found, _ = result(neighbours.closest(images(1, 2)))
    assert len(found.distance) == 3 and sum(looked) == 90 + 1
