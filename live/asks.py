"""What a browser may ask about a latent space: messages read, checked and frozen. Whoever sends anything else is let go."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gan_core.latent import BLEND, WAYS, Kind
from gan_core.networks.conditional import MOST_CLASSES
from live.frames import ALIGN

MESSAGE_BYTES = 300_000
FURTHEST = 1e3
"""No number of a z may be larger."""
LONGEST_LANE = 40
LAST_STEP = 10**12
DIRECTIONS = ("random", "principal", "sefa", "coordinates", "classes")

Check = Callable[[Any], bool]


class BadAsk(ValueError):
    """Not a message of ours; the reason is in words."""


@dataclass(frozen=True)
class Ask:
    """One checked question."""

    id: int
    kind: str
    """A key of SHAPES."""
    lane: str
    weights: str
    at: int | None
    z: NDArray[np.float32]
    """(n, latent_dim); n is 0 where the question needs none."""
    label: int
    """The class that is asked for, where the network is told one."""
    options: Mapping[str, Any]
    """What else this kind of question needs."""
    kinds: tuple[Kind, ...] = ()
    """What each z is asked to become; empty where all are of the class `label`."""


@dataclass(frozen=True)
class Shape:
    """How a kind of question looks: how many z, and which options, each with its check and the words for what is allowed."""

    least: int
    most: int
    options: Mapping[str, tuple[Check, str]]
    each: bool = False
    """Whether each z may be of a class of its own, or of a blend of some."""


def _whole(low: int, high: int) -> tuple[Check, str]:
    return lambda value: type(value) is int and low <= value <= high, f"a whole number from {low} to {high}"


def _number(low: float, high: float) -> tuple[Check, str]:
    return lambda value: type(value) in (int, float) and low <= value <= high, f"a number from {low:g} to {high:g}"


def _one_of(*words: str) -> tuple[Check, str]:
    return lambda value: isinstance(value, str) and value in words, f"one of {', '.join(words)}"


def _steps(most: int) -> tuple[Check, str]:
    one, _ = _whole(0, LAST_STEP)
    return lambda value: isinstance(value, list) and 1 <= len(value) <= most and all(map(one, value)), f"a list of 1 to {most} steps"


YES_NO: tuple[Check, str] = (lambda value: isinstance(value, bool), "true or false")

SHAPES: dict[str, Shape] = {
    "draw": Shape(1, 256, {"verdict": YES_NO}, each=True),
    "film": Shape(1, 1, {"steps": _steps(64)}),
    "gradient": Shape(1, 1, {}),
    "follow": Shape(1, 1, {"along": _one_of("image", "z"), "count": _whole(1, 32), "rate": _number(0.01, 1.0)}),
    "nearest": Shape(1, 1, {"by": _one_of("pixels", "features")}),
    "directions": Shape(0, 0, {"kind": _one_of(*DIRECTIONS), "count": _whole(1, 1024), "seed": _whole(0, 2**31 - 1)}),
    "path": Shape(2, 8, {"how": _one_of(*WAYS), "frames": _whole(2, 480), "closed": YES_NO, "ease": YES_NO}, each=True),
    "plane": Shape(0, 0, {"heat": _whole(0, 64), "grid": _whole(0, 33), "fakes": _whole(0, 1024), "figures": YES_NO}),
}
"""Every question there is."""


NEAR_ONE = 0.01
"""By how much the shares of a blend may sum to something else: they come rounded."""
_label = _whole(0, MOST_CLASSES - 1)[0]
_share = _number(0.0, 1.0)[0]


def _kind(value: Any) -> bool:
    """Whether it is a class, or a blend: a list of classes with their shares."""
    if _label(value) or not isinstance(value, list):
        return _label(value)
    pairs = 1 <= len(value) <= BLEND and all(isinstance(pair, list) and len(pair) == 2 for pair in value)
    return pairs and all(_label(label) and _share(share) for label, share in value) and abs(sum(share for _, share in value) - 1) < NEAR_ONE


ALWAYS: dict[str, tuple[Check, str]] = {
    "id": _whole(1, 2**53),
    "ask": _one_of(*SHAPES),
    "lane": (lambda value: isinstance(value, str) and 0 < len(value) <= LONGEST_LANE, f"a word of at most {LONGEST_LANE} letters"),
    "weights": _one_of("living", "averaged"),
    "at": (lambda value: value is None or _whole(0, LAST_STEP)[0](value), "null or a step"),
    "labels": (
        lambda value: value is None or (isinstance(value, list) and 1 <= len(value) <= SHAPES["draw"].most and all(map(_kind, value))),
        f"null, or for each z a class from 0 to {MOST_CLASSES - 1}, or [class, share] of at most {BLEND}",
    ),
}


def read_ask(message: bytes | None, latent_dim: int) -> Ask:
    """The question in a message; BadAsk, saying what is wrong, for anything else."""
    if message is None:
        raise BadAsk("binary messages only")
    if len(message) > MESSAGE_BYTES:
        raise BadAsk(f"a message has at most {MESSAGE_BYTES} bytes")
    header, start = _header(message)
    header = {"labels": None} | header
    _checked(header, ALWAYS)
    shape = SHAPES[header["ask"]]
    _checked(header, shape.options)
    if header["ask"] == "directions" and header["count"] > latent_dim:
        raise BadAsk(f"count: at most {latent_dim}")
    z = _z(header.get("z"), message[start:], latent_dim) if shape.most else np.zeros((0, latent_dim), np.float32)
    if not shape.least <= len(z) <= shape.most:
        raise BadAsk(f"z: {shape.least} to {shape.most} of them for {header['ask']}")
    label, kinds = _told(header["labels"] or [0], len(z), shape)
    options = {name: header[name] for name in shape.options}
    facts: dict[str, Any] = {"z": z, "label": label, "kinds": kinds, "options": options}
    return Ask(header["id"], header["ask"], header["lane"], weights=header["weights"], at=header["at"], **facts)


def _told(labels: list[Any], count: int, shape: Shape) -> tuple[int, tuple[Kind, ...]]:
    """The class of all z, or what each of them is asked to become."""
    first = labels[0]
    if type(first) is int and all(label == first for label in labels):
        return first, ()
    if not shape.each:
        raise BadAsk("labels: the same class for every z")
    if len(labels) != count:
        raise BadAsk(f"labels: one for each of the {count} z, or one class for all")
    return 0, tuple(((label, 1.0),) if type(label) is int else _blend(label) for label in labels)


def _blend(pairs: list[Any]) -> Kind:
    whole = sum(share for _, share in pairs)
    return tuple((label, share / whole) for label, share in pairs)


def _header(message: bytes) -> tuple[dict[str, Any], int]:
    size = int.from_bytes(message[:4], "little")
    start = 4 + size
    if len(message) < 4 or start > len(message) or start % ALIGN:
        raise BadAsk("not a frame: the header's length does not fit")
    try:
        header = json.loads(message[4:start])
    except (ValueError, RecursionError):
        raise BadAsk("not a frame: the header is no JSON") from None
    if not isinstance(header, dict):
        raise BadAsk("not a frame: the header is no object")
    return header, start


def _checked(header: Mapping[str, Any], checks: Mapping[str, tuple[Check, str]]) -> None:
    for name, (holds, allowed) in checks.items():
        if name not in header or not holds(header[name]):
            raise BadAsk(f"{name}: {allowed}")


def _z(place: Any, arrays: bytes, latent_dim: int) -> NDArray[np.float32]:
    """The array at `place`, a copy; BadAsk where there is none of finite numbers (n, latent_dim)."""
    whole = _whole(0, MESSAGE_BYTES)[0]
    if not isinstance(place, dict) or place.get("dtype") != "float32" or not whole(place.get("offset")):
        raise BadAsk("z: a place with dtype float32, shape and offset")
    shape, offset = place.get("shape"), place["offset"]
    if not isinstance(shape, list) or len(shape) != 2 or not all(map(whole, shape)) or shape[1] != latent_dim:
        raise BadAsk(f"z: the shape is [n, {latent_dim}]")
    end = offset + 4 * shape[0] * shape[1]
    if offset % ALIGN or end > len(arrays):
        raise BadAsk("z: lies outside of the message")
    z = np.frombuffer(arrays[offset:end], "<f4").reshape(shape).astype(np.float32)
    if not np.isfinite(z).all() or np.abs(z).max(initial=0.0) > FURTHEST:
        raise BadAsk(f"z: finite numbers of at most {FURTHEST:g}")
    return z
