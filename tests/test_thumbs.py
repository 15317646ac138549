"""Pictures that stand in the page itself."""

from __future__ import annotations

import base64
import io
import os
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from ui import thumbs


def opened(address: str) -> Image.Image:
    """The picture of an address."""
    head, _, text = address.partition(",")
    image = Image.open(io.BytesIO(base64.b64decode(text)))
    assert head == f"data:image/{str(image.format).lower()};base64"
    return image


def test_a_corner_is_four_by_four_of_the_sheet(tmp_path: Path) -> None:
    sheet = np.zeros((128, 128), np.uint8)
    sheet[:64, :64] = 255
    Image.fromarray(sheet).save(tmp_path / "sheet.png")
    picture = opened(thumbs.corner(tmp_path / "sheet.png"))
    assert picture.size == (128, 128), "enlarged by a whole number"
    assert np.asarray(picture).min() > 250


def test_a_large_picture_gets_small_and_an_address_stays_short(tmp_path: Path) -> None:
    noise = np.random.default_rng(0).integers(0, 256, (512, 512, 3), dtype=np.uint8)
    Image.fromarray(noise).save(tmp_path / "sheet.png")
    address = thumbs.whole(tmp_path / "sheet.png")
    assert opened(address).size == (thumbs.SIDE, thumbs.SIDE)
    assert len(address) < 40_000


def test_a_file_that_changed_is_read_again(tmp_path: Path) -> None:
    path = tmp_path / "sheet.png"
    seen = set()
    for value in (0, 255):
        Image.new("L", (128, 128), value).save(path)
        os.utime(path, ns=(value, value))
        seen.add(thumbs.whole(path))
        assert thumbs.whole(path) in seen
    assert len(seen) == 2


@pytest.mark.parametrize("content", [None, b"", b"\x89PNG\r\n\x1a\n torn"])
def test_what_cannot_be_read_is_an_error_one_can_name(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "sheet.png"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises((OSError, SyntaxError)):
        thumbs.corner(path)


def test_a_small_picture_is_taken_as_it_is(tmp_path: Path) -> None:
    Image.new("L", (16, 16), 7).save(tmp_path / "one.png")
    assert opened(thumbs.png(tmp_path / "one.png")).size == (16, 16)
