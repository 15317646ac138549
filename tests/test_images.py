"""Bytes and network input are two writings of the same picture."""

from __future__ import annotations

import numpy as np
import torch

from gan_core.images import to_bytes, to_network, to_pictures

BYTES = torch.arange(256, dtype=torch.uint8)


def test_every_byte_comes_back() -> None:
    assert torch.equal(to_bytes(to_network(BYTES)), BYTES)


def test_the_ends_are_exact_and_the_middle_is_even() -> None:
    images = to_network(BYTES)
    assert images[0] == -1.0
    assert images[-1] == 1.0
    assert images.dtype == torch.float32
    torch.testing.assert_close(images, -images.flip(0))


def test_the_bytes_themselves_are_not_written_to() -> None:
    pixels = BYTES.clone()
    to_network(pixels)
    assert torch.equal(pixels, BYTES)


def test_what_lies_outside_is_clipped() -> None:
    assert to_bytes(torch.tensor([-7.0, -1.001, 1.001, 300.0, torch.inf, -torch.inf])).tolist() == [0, 0, 255, 255, 255, 0]


def test_bytes_of_a_living_picture_carry_no_gradient_and_leave_it_as_it_is() -> None:
    image = torch.full((2, 3), 0.5, requires_grad=True)
    assert not to_bytes(image).requires_grad
    assert torch.equal(image.detach(), torch.full((2, 3), 0.5))


def test_pictures_have_their_channels_last_and_their_pixels_in_place() -> None:
    images = torch.randint(0, 256, (2, 3, 4, 5)).to(torch.uint8)
    pictures = to_pictures(images)
    assert pictures.shape == (2, 4, 5, 3)
    assert pictures.dtype == np.uint8
    assert pictures[1, 2, 3, 0] == images[1, 0, 2, 3]
    assert pictures.flags["C_CONTIGUOUS"]
