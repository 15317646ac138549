"""A knob's way from its start to its end."""

from __future__ import annotations

import pytest

from gan_core.schedules import cosine

WAYS = [(1.0, 0.1), (0.1, 1.0), (2.0, 0.0)]


@pytest.mark.parametrize(("start", "end"), WAYS)
def test_it_begins_at_the_start_and_stays_at_the_end(start: float, end: float) -> None:
    assert cosine(start, end, images=0, burn_in_images=1000) == pytest.approx(start)
    for images in (1000, 1001, 10**9):
        assert cosine(start, end, images=images, burn_in_images=1000) == pytest.approx(end)


@pytest.mark.parametrize(("start", "end"), WAYS)
def test_it_never_turns_back_and_is_halfway_in_the_middle(start: float, end: float) -> None:
    way = [cosine(start, end, images=images, burn_in_images=1000) for images in range(0, 1001, 50)]
    assert way == sorted(way, reverse=start > end)
    assert way[10] == pytest.approx((start + end) / 2)


def test_it_is_flat_at_both_ends() -> None:
    way = [cosine(1.0, 0.0, images=images, burn_in_images=1000) for images in range(0, 1001, 10)]
    assert way[0] - way[1] < 0.1 * (way[50] - way[51])
    assert way[-2] - way[-1] < 0.1 * (way[50] - way[51])


@pytest.mark.parametrize("images", [0, 1, 10**9])
def test_without_a_burn_in_nothing_moves(images: int) -> None:
    assert cosine(3.0, 0.0, images=images, burn_in_images=0) == 3.0
