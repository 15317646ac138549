"""One picture file, whatever its size and colours, to a small square of red, green and blue."""

from __future__ import annotations

import struct
import warnings
import zlib
from io import BytesIO

import numpy as np
import torch
from PIL import Image, ImageOps
from torch import Tensor

from gan_core.sentences import Sentence

FORMATS = {".png": "PNG", ".jpg": "JPEG", ".jpeg": "JPEG", ".webp": "WEBP", ".bmp": "BMP", ".gif": "GIF"}
"""Suffix -> Pillow's decoder. No other decoder is ever tried, whatever the bytes say they are."""
MOST_FILE_BYTES = 20_000_000
MOST_PIXELS = 50_000_000
WIDEST_16_BIT = 65_535

BROKEN = (OSError, SyntaxError, ValueError, EOFError, IndexError, KeyError, TypeError, OverflowError, struct.error, zlib.error)
"""What Pillow raises for damaged files of the formats above."""


class Unreadable(Exception):
    """A file that is no picture, or a damaged one: it can be left out."""


def refuse_bombs() -> None:
    """None; from now on Pillow's warning of a picture that is too large to unpack safely is an error, in the whole process."""
    warnings.simplefilter("error", Image.DecompressionBombWarning)


def decode(data: bytes, name: str, *, side: int) -> Tensor:
    """uint8 (3, side, side): the middle square, antialiased, over white where the picture is transparent; a GIF's first frame.

    Unreadable if it is damaged or no picture; ValueError if it has more than 50 megapixels, before any is decoded.
    """
    image = _open(data, name)
    width, height = image.size
    if width * height > MOST_PIXELS:
        raise ValueError(_too_many(name, Sentence("{width}x{height} pixels", width=width, height=height)))
    try:
        # JPEG only: decodes at a half, quarter or eighth where that still leaves twice the pixels that are needed.
        image.draft(None, (2 * side, 2 * side))
        upright = ImageOps.exif_transpose(image)
        square = ImageOps.fit(_rgb(upright), (side, side), method=Image.Resampling.BICUBIC)
    except BROKEN as error:
        raise Unreadable(str(error)) from error
    return torch.from_numpy(np.array(square)).permute(2, 0, 1)


def _open(data: bytes, name: str) -> Image.Image:
    """The picture with its header read and its pixels not."""
    try:
        return Image.open(BytesIO(data), formats=sorted(set(FORMATS.values())))
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise ValueError(_too_many(name, str(error))) from error
    except BROKEN as error:
        raise Unreadable(str(error)) from error


def _rgb(image: Image.Image) -> Image.Image:
    """The same picture in 8-bit red, green and blue."""
    if image.mode.startswith("I"):
        # 16-bit grey: Pillow's own conversion would clip everything above 255 to white.
        grey = np.asarray(image).astype(np.float32) * (255 / WIDEST_16_BIT)
        image = Image.fromarray(grey.round().clip(0, 255).astype(np.uint8))
    if image.has_transparency_data:
        picture = image.convert("RGBA")
        image = Image.alpha_composite(Image.new("RGBA", picture.size, "white"), picture)
    return image.convert("RGB")


def _too_many(name: str, found: str) -> str:
    """The sentence for a picture with too many pixels."""
    return Sentence(
        "{name} is too large ({found}): at most {most} megapixels are allowed. Shrink it or leave it out.",
        name=name,
        found=found,
        most=MOST_PIXELS // 1_000_000,
    )
