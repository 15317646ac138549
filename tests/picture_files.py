"""Small picture files for the tests, as directories and as zips."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from pathlib import Path

import numpy as np
from PIL import Image

from gan_core.data import DataSet, Request, load_now


def encoded(image: Image.Image, form: str = "PNG", **options: object) -> bytes:
    """The file that Pillow would save."""
    buffer = io.BytesIO()
    image.save(buffer, form, **options)
    return buffer.getvalue()


def noise(k: int, size: tuple[int, int] = (20, 16)) -> bytes:
    """A small picture of noise, different for each k."""
    return encoded(Image.fromarray(np.random.default_rng(k).integers(0, 256, (size[1], size[0], 3), np.uint8)))


def many(count: int = 70, pattern: str = "{k}.png") -> dict[str, bytes]:
    """Pictures by path."""
    return {pattern.format(k=k, kind=("cat", "dog")[k % 2]): noise(k) for k in range(count)}


def directory(root: Path, contents: dict[str, bytes]) -> str:
    for name, data in contents.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(data)
    return str(root)


def packed(contents: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        for name, data in contents.items():
            archive.writestr(name, data)
    return buffer.getvalue()


def zipped(root: Path, contents: dict[str, bytes]) -> str:
    path = root / "pictures.zip"
    path.write_bytes(packed(contents))
    return str(path)


def of(path: str, size: int = 32) -> DataSet:
    return load_now("folder", Request(folder=path, size=size))


def png_header(width: int, height: int) -> bytes:
    """A PNG that says it is so large, with next to nothing in it."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"\0")) + chunk(b"IEND", b"")
