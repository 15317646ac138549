"""The averaged generator: how fast it follows, and that nothing is left out."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from gan_core.averaging import RAMP, decay, follow

LATE = 10**12
"""So many images that the ramp has no say any more."""


def network(value: float) -> nn.Module:
    """Weights of `value`, and BatchNorm with its buffers."""
    players = nn.Sequential(nn.Linear(3, 3), nn.BatchNorm1d(3))
    for weight in players.parameters():
        nn.init.constant_(weight, value)
    return players


@pytest.mark.parametrize("batch_size", [1, 16, 64])
def test_after_a_half_life_half_of_the_past_is_left(batch_size: int) -> None:
    keep = decay(batch_size, images=LATE, halflife_images=6400)
    assert keep ** (6400 / batch_size) == pytest.approx(0.5)


def test_it_follows_images_not_steps() -> None:
    two_small = decay(32, images=LATE, halflife_images=1000) ** 2
    assert decay(64, images=LATE, halflife_images=1000) == pytest.approx(two_small)


@pytest.mark.parametrize("images", [64, 640, 6400])
def test_the_ramp_caps_the_half_life_at_a_share_of_the_images_seen(images: int) -> None:
    assert decay(64, images=images, halflife_images=1e9) == pytest.approx(0.5 ** (64 / (RAMP * images)))
    assert decay(64, images=images, halflife_images=1.0) == decay(64, images=LATE, halflife_images=1.0)


def test_before_the_first_image_and_with_no_half_life_it_is_a_copy() -> None:
    assert decay(64, images=0, halflife_images=1e9) == 0.0
    assert decay(64, images=LATE, halflife_images=0.0) == 0.0


def test_weights_move_by_the_formula() -> None:
    average, living = network(1.0), network(5.0)
    follow(average, living, 0.25)
    for mine, theirs in zip(average.parameters(), living.parameters(), strict=True):
        torch.testing.assert_close(mine, torch.full_like(mine, 2.0))
        assert torch.equal(theirs, torch.full_like(theirs, 5.0))


def test_keeping_nothing_copies_to_the_last_bit_and_shares_no_memory() -> None:
    average, living = network(1.0), network(0.1)
    follow(average, living, 1.0)
    for mine, theirs in zip(average.parameters(), living.parameters(), strict=True):
        assert torch.equal(mine, theirs)
        assert mine.data_ptr() != theirs.data_ptr()


def test_buffers_are_copied_not_averaged() -> None:
    average, living = network(1.0), network(1.0)
    living(torch.randn(8, 3))
    follow(average, living, 0.001)
    for (name, mine), theirs in zip(average.named_buffers(), living.buffers(), strict=True):
        assert torch.equal(mine, theirs), name
    assert int(average[1].num_batches_tracked) == 1
