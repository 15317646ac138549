"""One binary message: a header as JSON, and arrays behind it.

uint32 (little endian) length of the header, header padded to 8 bytes, then arrays, each at a multiple of 8.
"""

from __future__ import annotations

import json
import math
from typing import Any

from numpy.typing import NDArray

ALIGN = 8


class Payload:
    """Arrays one behind the other, each described by where it lies."""

    def __init__(self) -> None:
        self.parts: list[bytes] = []
        self.length = 0

    def add(self, array: NDArray[Any]) -> dict[str, Any]:
        """Put an array behind the others; where it is found, for the header."""
        data = array.tobytes()
        place = {"dtype": str(array.dtype), "shape": list(array.shape), "offset": self.length}
        padding = -len(data) % ALIGN
        self.parts.append(data + bytes(padding))
        self.length += len(data) + padding
        return place


def finite(value: float) -> float | None:
    """JSON has no NaN: a browser that is sent one reads nothing at all."""
    return value if math.isfinite(value) else None


def packed(header: dict[str, Any], payload: Payload) -> bytes:
    """Header and arrays as one message."""
    text = json.dumps(header, separators=(",", ":"), allow_nan=False).encode()
    text += b" " * (-(4 + len(text)) % ALIGN)
    return b"".join([len(text).to_bytes(4, "little"), text, *payload.parts])
