"""Pictures that stand in the page itself. Streamlit forgets its media files as soon as their page is left: who asks late gets a 404."""

from __future__ import annotations

import base64
import io
from functools import lru_cache
from pathlib import Path

from PIL import Image

SIDE = 144
"""Pixels, twice those a row of the list shows."""
REMEMBERED = 1000


def png(path: Path) -> str:
    """A small PNG file as an address; OSError where there is none."""
    return _address(path.read_bytes(), "png")


def corner(path: Path) -> str:
    """A quarter of a sheet, four by four of its 64 images: at the size of a row all of them would be dust. OSError where there is none."""
    return _made(path, path.stat().st_mtime_ns, 0.5)


def whole(path: Path) -> str:
    """All of a picture, small; OSError where there is none."""
    return _made(path, path.stat().st_mtime_ns, 1.0)


@lru_cache(REMEMBERED)
def _made(path: Path, changed_ns: int, share: float) -> str:
    with Image.open(path) as image:
        part = image.crop((0, 0, round(share * image.width), round(share * image.height)))
    if (times := SIDE // part.width) > 0:
        part = part.resize((times * part.width, times * part.height), Image.Resampling.NEAREST)  # a browser would blur its pixels
    else:
        part = part.resize((SIDE, SIDE), Image.Resampling.BOX)
    file = io.BytesIO()
    part.save(file, format="WEBP", quality=90, method=0)
    return _address(file.getvalue(), "webp")


def _address(content: bytes, kind: str) -> str:
    return f"data:image/{kind};base64,{base64.b64encode(content).decode()}"
