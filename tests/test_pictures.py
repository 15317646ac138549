"""Every kind of picture file becomes a small square of red, green and blue."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from picture_files import encoded, png_header
from PIL import Image

from gan_core.data import pictures


def one(data: bytes) -> torch.Tensor:
    return pictures.decode(data, "picture", side=32)


GREY = np.full((8, 8), 200, np.uint8)
RAMP_16 = np.full((8, 8), 200 * 257, np.uint16)


@pytest.mark.parametrize(
    ("data", "colour"),
    [
        (encoded(Image.fromarray(GREY)), (200, 200, 200)),
        (encoded(Image.fromarray(RAMP_16)), (200, 200, 200)),
        (encoded(Image.new("1", (8, 8), 1)), (255, 255, 255)),
        (encoded(Image.new("RGBA", (8, 8), (255, 0, 0, 255))), (255, 0, 0)),
        (encoded(Image.new("RGBA", (8, 8), (255, 0, 0, 0))), (255, 255, 255)),
        (encoded(Image.new("RGBA", (8, 8), (0, 0, 0, 51))), (204, 204, 204)),
        (encoded(Image.new("LA", (8, 8), (10, 0))), (255, 255, 255)),
        (encoded(Image.new("RGB", (8, 8), (10, 20, 30)).quantize(4)), (10, 20, 30)),
        (encoded(Image.new("RGB", (8, 8), (10, 20, 30)).quantize(4), transparency=b"\x00\x00\x00\x00"), (255, 255, 255)),
        (encoded(Image.new("RGB", (8, 8), (10, 20, 30)), "BMP"), (10, 20, 30)),
        (encoded(Image.new("RGB", (8, 8), (10, 20, 30)), "WEBP", lossless=True), (10, 20, 30)),
        (encoded(Image.new("CMYK", (8, 8), (0, 0, 0, 0)), "JPEG"), (255, 255, 255)),
    ],
)
def test_every_kind_of_colour_becomes_rgb(data: bytes, colour: tuple[int, int, int]) -> None:
    image = one(data)
    assert image.shape == (3, 32, 32)
    assert image.dtype == torch.uint8
    # One off is allowed: blending and JPEG round.
    assert (image.int() - torch.tensor(colour).view(3, 1, 1)).abs().max() <= 1


def test_a_gif_shows_its_first_frame() -> None:
    frames = [Image.new("RGB", (8, 8), colour) for colour in ("red", "blue")]
    assert one(encoded(frames[0], "GIF", save_all=True, append_images=frames[1:]))[:, 0, 0].tolist() == [255, 0, 0]


@pytest.mark.parametrize("size", [(300, 100), (100, 300)])
@pytest.mark.parametrize("form", ["PNG", "BMP"])
def test_the_middle_is_cut_out(size: tuple[int, int], form: str) -> None:
    image = Image.new("RGB", size, "red")
    left, top = (size[0] - 100) // 2, (size[1] - 100) // 2
    image.paste("blue", (left, top, left + 100, top + 100))
    small = one(encoded(image, form))
    # At the rim, the resampling filter sees a little of what is outside.
    assert small[:, 2:-2, 2:-2].flatten(1).unique(dim=1).flatten().tolist() == [0, 0, 255]
    assert small[0].max() < 30


def test_a_photo_is_turned_upright() -> None:
    image = Image.new("RGB", (64, 64), "red")
    image.paste("blue", (0, 0, 64, 32))
    turned = Image.Exif()
    turned[0x0112] = 3  # Orientation: upside down
    small = one(encoded(image, "JPEG", exif=turned, quality=95))
    assert small[0, 4, 16] > 200
    assert small[2, 28, 16] > 200


def test_shrinking_is_antialiased() -> None:
    chequered = np.kron(np.indices((128, 128)).sum(0) % 2, np.ones((1, 1))) * 255
    assert (one(encoded(Image.fromarray(chequered.astype(np.uint8)))).float() - 127.5).abs().max() < 10


def test_the_suffix_does_not_choose_the_decoder() -> None:
    with pytest.raises(pictures.Unreadable):
        one(encoded(Image.new("RGB", (8, 8)), "TIFF"))


@pytest.mark.parametrize("side", [10_000, 20_000])
def test_what_pillow_takes_for_a_bomb_is_an_error(side: int) -> None:
    with pytest.raises(ValueError, match="too large"):
        one(png_header(side, side))
