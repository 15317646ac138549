"""What is sent to a browser is what the run said: whole for who is new, the rest for who keeps up, the newest for who is slow."""

from __future__ import annotations

import asyncio
import dataclasses
import json
import math
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from test_runner import SOON, at, metrics, started

from gan_core.events import Preparing, Samples, Started
from gan_core.history import History, Rows
from gan_core.snapshot import Snapshot
from live.broadcast import Feed, Feeds, Seen, encode
from live.frames import ALIGN

CAPACITY = 8


class FakeRun:
    """A run that changes when it is told to."""

    def __init__(self) -> None:
        self.history = History(capacity=CAPACITY)
        self.now = Snapshot("run", "running", place=at(0), started=started())
        self.listeners: list[Callable[[], None]] = []

    def snapshot(self) -> Snapshot:
        return self.now

    def rows(self, end: tuple[int, int] | None) -> Rows:
        return self.history.since(end)

    def listen(self, wake: Callable[[], None]) -> Callable[[], None]:
        self.listeners.append(wake)
        return lambda: self.listeners.remove(wake)

    def say(self, **changes: Any) -> None:
        self.now = dataclasses.replace(self.now, version=self.now.version + 1, **changes)
        for wake in self.listeners:
            wake()

    def step(self, step: int, *, drawn: bool = False, **values: float) -> None:
        self.history.append(metrics(step, **values))
        self.say(place=at(step), samples=drawn_at(step) if drawn else self.now.samples)


def drawn_at(step: int) -> Samples:
    return Samples(at(step), np.full((4, 2), step, np.float32), np.full((4, 2), -step, np.float32), epoch_ended=False)


@dataclasses.dataclass(frozen=True)
class Frame:
    """A frame as a browser reads it."""

    header: dict[str, Any]
    payload: memoryview

    def array(self, place: dict[str, Any]) -> NDArray[Any]:
        count = math.prod(place["shape"])
        return np.frombuffer(self.payload, place["dtype"], count, place["offset"]).reshape(place["shape"])

    def rows(self) -> list[list[float]]:
        """The rows' steps and first curve."""
        return self.array(self.header["rows"]["array"])[:, [0, 4]].tolist() if self.header["rows"] else []


def no_constant(name: str) -> None:
    raise AssertionError(f"{name} is no JSON, and JSON.parse in the browser fails at it")


def decode(data: bytes) -> Frame:
    length = int.from_bytes(data[:4], "little")
    header = json.loads(data[4 : 4 + length], parse_constant=no_constant)
    return Frame(header, memoryview(data)[4 + length :])


def frame_of(run: FakeRun, seen: Seen | None = None) -> tuple[Frame, Seen]:
    data, now_seen = encode(run, run.snapshot(), seen or Seen())
    return decode(data), now_seen


# One frame


def test_a_fresh_client_gets_all() -> None:
    run = FakeRun()
    for step in (1, 2, 3):
        run.step(step, drawn=step == 2)
    run.say(steps_per_s=2.5, images_per_s=20.0)
    frame, seen = frame_of(run)
    header = frame.header
    assert (header["run"], header["state"], header["message"], header["preparing"]) == ("run", "running", "", None)
    assert header["place"] == {"step": 3, "epoch": 0.3, "images": 24, "elapsed_s": 0.03}
    assert header["rates"] == {"steps_per_s": 2.5, "images_per_s": 20.0}
    assert header["rows"]["reset"]
    assert header["rows"]["names"] == ["loss/critic"]
    np.testing.assert_array_equal(frame.array(header["rows"]["array"]), run.history.since(None).values)
    assert (header["samples"]["step"], header["samples"]["epoch"]) == (2, 0.2)
    np.testing.assert_array_equal(frame.array(header["samples"]["living"]), drawn_at(2).living)
    np.testing.assert_array_equal(frame.array(header["samples"]["averaged"]), drawn_at(2).averaged)
    np.testing.assert_array_equal(frame.array(header["reals"]), started().reals)
    assert seen == Seen(run.now.version, run.rows(None).end, (2, -1), reals=True)


def test_one_class_that_was_asked_for_is_shown_in_place_of_the_rest() -> None:
    run = FakeRun()
    run.step(2, drawn=True)
    frame, seen = frame_of(run)
    assert frame.header["samples"]["label"] == -1
    assert (frame.header["classes"], frame.header["labels"]) == ([], [])
    whole, one = drawn_at(2), dataclasses.replace(drawn_at(5), place=drawn_at(2).place, label=3)
    run.say(samples=dataclasses.replace(whole, only=one))
    frame, seen = frame_of(run, seen)  # at the same step: somebody paused the run and looks around
    assert (frame.header["samples"]["step"], frame.header["samples"]["label"]) == (2, 3)
    np.testing.assert_array_equal(frame.array(frame.header["samples"]["living"]), one.living)
    run.say(samples=whole)
    frame, _ = frame_of(run, seen)
    assert frame.header["samples"]["label"] == -1
    np.testing.assert_array_equal(frame.array(frame.header["samples"]["living"]), whole.living)


def test_a_client_in_step_gets_only_what_is_new() -> None:
    run = FakeRun()
    run.step(1, drawn=True)
    _, seen = frame_of(run)
    run.say(state="paused")
    frame, seen = frame_of(run, seen)
    assert frame.header["state"] == "paused"
    assert (frame.header["rows"], frame.header["samples"], frame.header["reals"]) == (None, None, None)
    assert len(frame.payload) == 0
    run.step(2)
    run.step(3)
    frame, _ = frame_of(run, seen)
    assert not frame.header["rows"]["reset"]
    assert frame.rows() == [[2, 2], [3, 3]]


def test_images_arrive_as_bytes() -> None:
    rng = np.random.default_rng(0)
    living, averaged, reals = rng.integers(0, 256, (3, 4, 5, 3, 3), dtype=np.uint8)  # 180 bytes each: no multiple of 8
    run = FakeRun()
    began = Started(at(0), "image", "cpu", 1, train_size=9, parameters_generator=1, parameters_critic=1, reals=reals)
    run.say(started=began, samples=Samples(at(1), living, averaged, epoch_ended=False))
    frame, _ = frame_of(run)
    for place, array in (
        (frame.header["samples"]["living"], living),
        (frame.header["samples"]["averaged"], averaged),
        (frame.header["reals"], reals),
    ):
        assert place["dtype"] == "uint8"
        np.testing.assert_array_equal(frame.array(place), array)


@pytest.mark.parametrize("message", ["", "x", "xy", "xyz", "ünïcödé 树", "a long sentence about what went wrong at step 7"])
def test_every_array_begins_at_a_multiple_of_eight(message: str) -> None:
    run = FakeRun()
    run.step(1, drawn=True)
    run.say(message=message)
    data, _ = encode(run, run.now, Seen())
    length = int.from_bytes(data[:4], "little")
    header = decode(data).header
    assert header["message"] == message
    assert (4 + length) % ALIGN == 0
    places = [header["rows"]["array"], header["samples"]["living"], header["samples"]["averaged"], header["reals"]]
    assert all(place["offset"] % ALIGN == 0 for place in places)
    assert len(data) % ALIGN == 0


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf])
def test_the_header_is_json_whatever_the_numbers(bad: float) -> None:
    run = FakeRun()
    run.step(1, a=bad)
    run.step(2, b=1.0)  # a is missing here: NaN
    run.say(steps_per_s=bad, images_per_s=bad)
    frame, _ = frame_of(run)
    assert frame.header["rates"] == {"steps_per_s": None, "images_per_s": None}
    np.testing.assert_array_equal(frame.array(frame.header["rows"]["array"])[:, 4:], [[bad, math.nan], [math.nan, 1.0]])


def test_a_run_that_prepares_says_how_far_it_is() -> None:
    run = FakeRun()
    run.now = Snapshot("run", preparing=Preparing("glyphs", 3, 10, "images"))
    frame, seen = frame_of(run)
    assert frame.header["preparing"] == {"what": "glyphs", "done": 3, "total": 10, "unit": "images"}
    assert (frame.header["place"], frame.header["samples"], frame.header["reals"]) == (None, None, None)
    assert (seen.reals, seen.samples) == (False, (-1, -1))
    run.say(started=started(), place=at(0), preparing=None)
    assert frame_of(run, seen)[0].header["reals"] is not None


# Clients of one feed


@asynccontextmanager
async def followed(run: FakeRun) -> AsyncGenerator[Feed]:
    feed = Feed(run)
    task = asyncio.create_task(feed.follow())
    try:
        async with asyncio.timeout(SOON):
            yield feed
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    assert run.listeners == [], "who follows no more listens no more"


def played(scene: Callable[[FakeRun, Feed], Awaitable[None]]) -> None:
    """Play a scene on one event loop, within SOON seconds."""

    async def play() -> None:
        run = FakeRun()
        run.step(1, drawn=True)
        async with followed(run) as feed:
            await scene(run, feed)

    asyncio.run(play())


def test_clients_in_step_share_one_encoding() -> None:
    async def scene(run: FakeRun, feed: Feed) -> None:
        one, other = feed.frames(), feed.frames()
        assert await anext(one) is await anext(other)
        run.step(2)
        waiting = [asyncio.ensure_future(anext(client)) for client in (one, other)]
        first, second = await asyncio.gather(*waiting)
        assert first is second
        assert decode(first).rows() == [[2, 2]]

    played(scene)


def test_who_comes_later_gets_all_and_then_shares() -> None:
    async def scene(run: FakeRun, feed: Feed) -> None:
        early = feed.frames()
        await anext(early)
        run.step(2)
        await anext(early)
        late = feed.frames()
        assert decode(await anext(late)).rows() == [[1, 1], [2, 2]]
        run.step(3)
        assert await anext(early) is await anext(late)

    played(scene)


def test_a_slow_client_gets_every_row_and_only_the_newest_samples() -> None:
    async def scene(run: FakeRun, feed: Feed) -> None:
        slow, fast = feed.frames(), feed.frames()
        await anext(slow)
        await anext(fast)
        for step in (2, 3, 4):
            run.step(step, drawn=True)
            frame = decode(await anext(fast))
            assert (frame.rows(), frame.header["samples"]["step"]) == ([[step, step]], step)
        frame = decode(await anext(slow))
        assert frame.rows() == [[2, 2], [3, 3], [4, 4]]
        assert not frame.header["rows"]["reset"]
        assert frame.header["samples"]["step"] == 4
        assert frame.header["reals"] is None
        run.step(5)
        assert await anext(slow) is await anext(fast)

    played(scene)


def test_thinning_sends_the_whole_history_anew() -> None:
    async def scene(run: FakeRun, feed: Feed) -> None:
        client = feed.frames()
        await anext(client)
        for step in range(2, CAPACITY + 1):
            run.step(step)
        frame = decode(await anext(client))
        assert frame.header["rows"]["reset"]
        thinned = run.rows(None).values
        assert len(frame.rows()) == len(thinned) < CAPACITY
        assert frame.rows()[-1][0] == CAPACITY
        run.step(9)
        frame = decode(await anext(client))
        assert not frame.header["rows"]["reset"]
        assert frame.rows() == [[9, 9]]

    played(scene)


def test_frames_end_with_the_run_and_its_last_word() -> None:
    async def scene(run: FakeRun, feed: Feed) -> None:
        client = feed.frames()
        await anext(client)
        run.say(state="failed", message="It broke.")
        last = decode(await anext(client))
        assert (last.header["state"], last.header["message"]) == ("failed", "It broke.")
        with pytest.raises(StopAsyncIteration):
            await anext(client)

    played(scene)


def test_an_ended_run_is_one_frame() -> None:
    async def scene(run: FakeRun, feed: Feed) -> None:
        run.say(state="stopped")
        late = [decode(frame) async for frame in feed.frames()]
        assert late[-1].header["state"] == "stopped"
        again = [decode(frame) async for frame in feed.frames()]
        assert len(again) == 1
        assert again[0].rows() == [[1, 1]]

    played(scene)


def test_a_watched_run_has_one_feed_and_nobody_s_has_none() -> None:
    made: list[str] = []

    async def scene() -> None:
        feeds, runs = Feeds(), {"a": FakeRun(), "b": FakeRun()}

        def view(name: str) -> Callable[[], FakeRun]:
            def make() -> FakeRun:
                made.append(name)
                return runs[name]

            return make

        clients = [feeds.watch((name, 1), view(name)) for name in "aab"]
        for client in clients:
            await anext(client)
        assert made == ["a", "b"]
        # Following begins as a task of its own; a change that is passed on shows that it has begun.
        for name, client in (("a", clients[0]), ("b", clients[2])):
            runs[name].step(1)
            await anext(client)
        assert [len(run.listeners) for run in runs.values()] == [1, 1]
        await clients[0].aclose()
        runs["a"].step(2)
        await anext(clients[1])
        await clients[1].aclose()
        await until(lambda: not runs["a"].listeners)
        assert len(runs["b"].listeners) == 1
        again = feeds.watch(("a", 1), view("a"))
        assert decode(await anext(again)).rows() == [[1, 1], [2, 2]]
        assert made == ["a", "b", "a"]
        await again.aclose()
        await clients[2].aclose()
        await until(lambda: not runs["a"].listeners and not runs["b"].listeners)

    async def bounded() -> None:
        async with asyncio.timeout(SOON):
            await scene()

    asyncio.run(bounded())


async def until(condition: Callable[[], bool]) -> None:
    """Let the event loop go on until it is so; the caller bounds the time."""
    while not condition():
        await asyncio.sleep(0)
