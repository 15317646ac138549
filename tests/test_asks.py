"""Questions are checked before anything is done with them, and whatever is wrong is said in words."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from live.answers import ASKS, DIRECTIONS
from live.asks import DIRECTIONS as DIRECTION_NAMES
from live.asks import MESSAGE_BYTES, SHAPES, BadAsk, read_ask
from live.frames import Payload, packed

DIM = 4
GOOD: dict[str, dict[str, Any]] = {
    "draw": {"verdict": True},
    "film": {"steps": [0, 5, 9]},
    "gradient": {},
    "follow": {"along": "z", "count": 3, "rate": 0.1},
    "nearest": {"by": "pixels"},
    "directions": {"kind": "sefa", "count": 3, "seed": 1},
    "path": {"how": "slerp", "frames": 12, "closed": False, "ease": True},
    "plane": {"heat": 64, "grid": 33, "fakes": 1024, "figures": True},
}


def asked(kind: str, z: Any = "some", /, **changes: Any) -> bytes:
    """A good question of that kind, with changes; a value of ... leaves the field out."""
    payload = Payload()
    header = {"id": 1, "ask": kind, "lane": "pad", "weights": "living", "at": None} | GOOD.get(kind, {})
    if isinstance(z, str):
        z = np.ones((max(SHAPES[kind].least, 1), DIM), np.float32) if kind in SHAPES and SHAPES[kind].most else None
    if z is not None:
        header["z"] = payload.add(z)
    return packed({name: value for name, value in (header | changes).items() if value is not ...}, payload)


def raw(header: Any, arrays: bytes = b"") -> bytes:
    text = json.dumps(header).encode()
    text += b" " * (-(4 + len(text)) % 8)
    return len(text).to_bytes(4, "little") + text + arrays


@pytest.mark.parametrize("kind", SHAPES)
def test_good_questions_are_read(kind: str) -> None:
    ask = read_ask(asked(kind, at=7, weights="averaged", labels=None, id=2**53), DIM)
    assert (ask.id, ask.kind, ask.lane, ask.weights, ask.at) == (2**53, kind, "pad", "averaged", 7)
    assert ask.options == GOOD[kind]
    assert ask.label == 0
    assert read_ask(asked(kind, labels=[3, 3]), DIM).label == 3
    assert ask.z.shape == (SHAPES[kind].least, DIM)


def test_each_z_may_be_of_a_class_of_its_own_or_of_a_blend() -> None:
    two = np.ones((2, DIM), np.float32)
    for kind in ("draw", "path"):
        assert read_ask(asked(kind, two, labels=[3, 3]), DIM).kinds == ()
        assert read_ask(asked(kind, two, labels=[3]), DIM).label == 3
        assert read_ask(asked(kind, two, labels=[3, 0]), DIM).kinds == (((3, 1.0),), ((0, 1.0),))
        found = read_ask(asked(kind, two, labels=[7, [[2, 0.25], [5, 0.751]]]), DIM).kinds
        assert found[0] == ((7, 1.0),) and [label for label, _ in found[1]] == [2, 5]
        assert sum(share for _, share in found[1]) == pytest.approx(1.0), "shares come rounded"


def test_every_question_has_an_answer() -> None:
    assert ASKS.keys() == SHAPES.keys() == GOOD.keys()
    assert DIRECTIONS.keys() == set(DIRECTION_NAMES)


def test_z_arrives_as_it_was_sent_and_is_a_copy() -> None:
    z = np.random.default_rng(0).standard_normal((3, DIM)).astype(np.float32)
    message = asked("draw", z)
    read = read_ask(message, DIM).z
    assert_array_equal(read, z)
    assert read.flags.writeable


def test_as_many_as_allowed() -> None:
    assert len(read_ask(asked("draw", np.zeros((256, DIM), np.float32)), DIM).z) == 256
    assert len(read_ask(asked("path", np.zeros((8, DIM), np.float32), frames=480), DIM).z) == 8


@pytest.mark.parametrize(
    ("kind", "changes", "named"),
    [
        ("draw", {"id": 0}, "id"),
        ("draw", {"id": 1.0}, "id"),
        ("draw", {"id": True}, "id"),
        ("draw", {"id": ...}, "id"),
        ("draw", {"ask": "steal"}, "ask"),
        ("draw", {"ask": ["draw"]}, "ask"),
        ("draw", {"ask": ...}, "ask"),
        ("draw", {"lane": ""}, "lane"),
        ("draw", {"lane": "x" * 41}, "lane"),
        ("draw", {"lane": 3}, "lane"),
        ("draw", {"weights": "both"}, "weights"),
        ("draw", {"at": -1}, "at"),
        ("draw", {"at": 1.5}, "at"),
        ("draw", {"at": ...}, "at"),
        ("draw", {"labels": []}, "labels"),
        ("draw", {"labels": [0, 1, 2]}, "labels"),
        ("gradient", {"labels": [[[0, 0.5], [1, 0.5]]]}, "labels"),
        ("film", {"labels": [0, 1]}, "labels"),
        ("draw", {"labels": [[]]}, "labels"),
        ("draw", {"labels": [[0, 1.0]]}, "labels"),
        ("draw", {"labels": [[[0, 0.5]]]}, "labels"),
        ("draw", {"labels": [[[0, 1.5], [1, -0.5]]]}, "labels"),
        ("draw", {"labels": [[[0, 0.5], [1000, 0.5]]]}, "labels"),
        ("draw", {"labels": [[[0, 0.5], [1, "0.5"]]]}, "labels"),
        ("draw", {"labels": [[[label, 0.2] for label in range(5)]]}, "labels"),
        ("draw", {"labels": [1000]}, "labels"),
        ("draw", {"labels": [-1]}, "labels"),
        ("draw", {"labels": [True]}, "labels"),
        ("draw", {"labels": 1}, "labels"),
        ("draw", {"verdict": 1}, "verdict"),
        ("draw", {"verdict": ...}, "verdict"),
        ("film", {"steps": []}, "steps"),
        ("film", {"steps": list(range(65))}, "steps"),
        ("film", {"steps": [1, -1]}, "steps"),
        ("film", {"steps": "1"}, "steps"),
        ("follow", {"along": "x"}, "along"),
        ("follow", {"count": 0}, "count"),
        ("follow", {"count": 33}, "count"),
        ("follow", {"rate": 0.001}, "rate"),
        ("follow", {"rate": 1.5}, "rate"),
        ("follow", {"rate": "0.1"}, "rate"),
        ("nearest", {"by": "ear"}, "by"),
        ("nearest", {"by": ...}, "by"),
        ("directions", {"kind": "best"}, "kind"),
        ("directions", {"count": DIM + 1}, "count"),
        ("directions", {"count": 0}, "count"),
        ("directions", {"seed": -1}, "seed"),
        ("path", {"how": "fly"}, "how"),
        ("path", {"frames": 1}, "frames"),
        ("path", {"frames": 481}, "frames"),
        ("path", {"closed": None}, "closed"),
        ("path", {"ease": "yes"}, "ease"),
    ],
)
def test_what_is_out_of_bounds_is_named(kind: str, changes: dict[str, Any], named: str) -> None:
    with pytest.raises(BadAsk, match=f"^{named}: "):
        read_ask(asked(kind, **changes), DIM)


@pytest.mark.parametrize("value", ["NaN", "Infinity", "-Infinity", "1e999"])
def test_numbers_that_are_none_are_refused(value: str) -> None:
    text = json.dumps({"id": 1, "ask": "follow", "lane": "pad", "weights": "living", "at": None} | GOOD["follow"])
    text = text.replace('"rate": 0.1', f'"rate": {value}')
    with pytest.raises(BadAsk, match=r"^rate: "):
        read_ask(raw_text(text), DIM)


def raw_text(text: str) -> bytes:
    data = text.encode()
    data += b" " * (-(4 + len(data)) % 8)
    return len(data).to_bytes(4, "little") + data


@pytest.mark.parametrize("kind", ["draw", "path"])
@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf, 1001.0, -1e30])
def test_z_has_to_be_finite_and_near(kind: str, value: float) -> None:
    z = np.zeros((2, DIM), np.float32)
    z[1, 2] = value
    with pytest.raises(BadAsk, match=r"^z: finite"):
        read_ask(asked(kind, z), DIM)


@pytest.mark.parametrize(
    ("kind", "z"),
    [
        ("draw", np.zeros((0, DIM), np.float32)),
        ("draw", np.zeros((257, DIM), np.float32)),
        ("draw", np.zeros((2, DIM + 1), np.float32)),
        ("draw", np.zeros(DIM, np.float32)),
        ("draw", np.zeros((1, 1, DIM), np.float32)),
        ("draw", np.zeros((2, DIM), np.float64)),
        ("draw", np.zeros((2, DIM), np.uint8)),
        ("draw", None),
        ("gradient", np.zeros((2, DIM), np.float32)),
        ("path", np.zeros((1, DIM), np.float32)),
        ("path", np.zeros((9, DIM), np.float32)),
    ],
)
def test_z_has_to_have_the_shape_that_is_asked_for(kind: str, z: Any) -> None:
    with pytest.raises(BadAsk, match=r"^z: "):
        read_ask(asked(kind, z), DIM)


@pytest.mark.parametrize(
    "place",
    [
        {"dtype": "float32", "shape": [1, DIM], "offset": 8},
        {"dtype": "float32", "shape": [1, DIM], "offset": -8},
        {"dtype": "float32", "shape": [1, DIM], "offset": 4},
        {"dtype": "float32", "shape": [1, DIM], "offset": 2**70},
        {"dtype": "float32", "shape": [10**9, DIM], "offset": 0},
        {"dtype": "float32", "shape": [-1, DIM], "offset": 0},
        {"dtype": "float32", "shape": [True, DIM], "offset": 0},
        {"dtype": "float32", "shape": "14", "offset": 0},
        {"dtype": "float32", "offset": 0},
        {"dtype": ["float32"], "shape": [1, DIM], "offset": 0},
        [1, DIM],
        "z",
        None,
    ],
)
def test_a_z_that_lies_elsewhere_is_refused(place: Any) -> None:
    header = {"id": 1, "ask": "draw", "lane": "pad", "weights": "living", "at": None, "verdict": False, "z": place}
    with pytest.raises(BadAsk, match=r"^z: "):
        read_ask(raw(header, bytes(16)), DIM)


@pytest.mark.parametrize(
    "message",
    [
        None,
        b"",
        b"abc",
        bytes(8),
        (2**32 - 1).to_bytes(4, "little") + b"{}  ",
        (5).to_bytes(4, "little") + b'{"": 1}',
        raw_text("{"),
        raw_text("[" * 5000),
        raw([]),
        raw("draw"),
        raw(None),
        (4).to_bytes(4, "little") + b"\xff\xfe\x00\x01",
        bytes(MESSAGE_BYTES + 1),
    ],
)
def test_what_is_no_frame_is_refused(message: bytes | None) -> None:
    with pytest.raises(BadAsk):
        read_ask(message, DIM)


@pytest.mark.parametrize("cut", [1, 3, 8, 40, 100])
def test_a_message_that_was_cut_is_refused(cut: int) -> None:
    whole = asked("draw", np.zeros((8, DIM), np.float32))
    with pytest.raises(BadAsk):
        read_ask(whole[:-cut], DIM)


def test_reasons_fit_into_a_closing_frame() -> None:
    for kind in SHAPES:
        for name in ("id", "ask", "lane", "weights", "at", *SHAPES[kind].options):
            with pytest.raises(BadAsk) as reason:
                read_ask(asked(kind, **{name: object.__name__ * 20}), DIM)
            assert len(str(reason.value).encode()) <= 123, "a WebSocket's reason is no longer"
