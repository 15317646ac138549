"""Samples as files: sheets as PNG, points as .npy; the same arrays come back."""

from __future__ import annotations

import math
import zlib
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

from gan_core.events import Pictures
from gan_core.files import write_swapped

SCATTER_SIDE = 256
SCATTER_COLOURS = ((16, 18, 24), (242, 140, 56))
"""Background and dots of a picture of points."""


def write_pictures(stem: Path, pictures: Pictures) -> None:
    """Keep samples under `stem`: images as one sheet `stem`.png, points as `stem`.npy."""
    if pictures.ndim == 4:
        write_picture(stem.with_suffix(".png"), pictures)
    else:
        write_swapped(stem.with_suffix(".npy"), lambda path: _save_array(path, pictures))


def read_pictures(stem: Path, shape: tuple[int, ...]) -> Pictures | None:
    """What `write_pictures` kept, of samples of `shape` (channels, height, width) or (2,); None where nothing can be read.

    That may be after a power cut, as pictures are not forced to disk; the run is as good without.
    """
    try:
        return _read(stem, shape)
    except (OSError, EOFError, ValueError, SyntaxError):  # Pillow calls a torn PNG a SyntaxError
        return None


def _read(stem: Path, shape: tuple[int, ...]) -> Pictures | None:
    if len(shape) == 1:
        path = stem.with_suffix(".npy")
        return np.load(path, allow_pickle=False) if path.exists() else None
    path = stem.with_suffix(".png")
    if not path.exists():
        return None
    channels, height, width = shape
    with Image.open(path) as image:
        sheet = np.asarray(image).reshape(image.height, image.width, channels)
    rows, columns = sheet.shape[0] // height, sheet.shape[1] // width
    tiles = sheet.reshape(rows, height, columns, width, channels).swapaxes(1, 2)
    return np.ascontiguousarray(tiles.reshape(rows * columns, height, width, channels))


def grid_of(pictures: Pictures) -> Pictures:
    """One sheet (rows * height, columns * width, channels) of n equal images, as square as it gets; places left over are black."""
    count, height, width, channels = pictures.shape
    columns = math.ceil(math.sqrt(count))
    rows = math.ceil(count / columns)
    empty = np.zeros((rows * columns - count, height, width, channels), pictures.dtype)
    tiles = np.concatenate([pictures, empty]).reshape(rows, columns, height, width, channels)
    return tiles.swapaxes(1, 2).reshape(rows * height, columns * width, channels)


def write_picture(path: Path, pictures: Pictures) -> None:
    """A PNG for people: images as a sheet, points as dots."""
    image = sheet_image(pictures) if pictures.ndim == 4 else scatter_image(pictures)
    write_swapped(path, lambda temporary: image.save(temporary, format="PNG", compress_level=1, compress_type=zlib.Z_RLE))


def sheet_image(pictures: Pictures) -> Image.Image:
    """Images (n, height, width, channels) as one Pillow image."""
    sheet = grid_of(pictures)
    return Image.fromarray(sheet[:, :, 0] if sheet.shape[2] == 1 else sheet)


def scatter_image(points: Pictures, *, side: int = SCATTER_SIDE, half: float | None = None) -> Image.Image:
    """Points (n, 2) as dots on a square from -half to half; without `half`, one that just holds all but the farthest in a hundred."""
    half = half or half_of(points)
    image = Image.new("RGB", (side, side), SCATTER_COLOURS[0])
    brush, dot = ImageDraw.Draw(image), side * 1.5 / SCATTER_SIDE
    for x, y in np.nan_to_num(points / half):
        column, row = (x + 1) * side / 2, (1 - y) * side / 2
        brush.ellipse((column - dot, row - dot, column + dot, row + dot), fill=SCATTER_COLOURS[1])
    return image


def half_of(points: Pictures) -> float:
    """Half the side of the square that just holds all points but the farthest in a hundred."""
    return max(float(np.quantile(np.abs(points), 0.99)) * 1.1, 1e-6) if np.isfinite(points).all() else 1.0


def _save_array(path: Path, array: Pictures) -> None:
    with path.open("wb") as file:
        np.save(file, array, allow_pickle=False)
