"""The looking thread's work, a slice at a time and without the thread: who is served when, with what, and how much it may take."""

from __future__ import annotations

import dataclasses
import threading
from collections import Counter, deque
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from kept_runs import keep_run
from test_broadcast import decode
from tiny import serve, tiny_config, tiny_state

from gan_core.config import RunConfig
from gan_core.data import DATA, DataSet
from gan_core.events import Command, Place, Publish, Started, Weights, WhichHalf
from gan_core.latent import walk
from gan_core.looking import draw, generator_of
from gan_core.looks import shown
from gan_core.networks import NETWORKS
from gan_core.snapshot import Snapshot
from gan_core.store import RunStore
from live import portrait as portrait_module
from live import subjects
from live.answers import SLICE
from live.asks import Ask
from live.budget import ANSWER_S, CREDIT_S, HAND_CREDIT_S, SHARE, WIDE_SHARE
from live.library import Library, Reals
from live.portrait import Portrait
from live.turns import Client

OPTIONS: dict[str, dict[str, Any]] = {
    "draw": {"verdict": False},
    "film": {"steps": []},
    "gradient": {},
    "follow": {"along": "z", "count": 3, "rate": 0.1},
    "nearest": {"by": "pixels"},
    "directions": {"kind": "sefa", "count": 3, "seed": 1},
    "path": {"how": "slerp", "frames": 100, "closed": False, "ease": True},
}
RNG = np.random.default_rng(0)


class Time:
    """A clock that goes on when it is told to, the effort of a fake thread, and its rests."""

    def __init__(self) -> None:
        self.now = self.effort = 0.0
        self.rests: list[float] = []

    def work(self, seconds: float) -> None:
        self.effort += seconds
        self.now += seconds

    def rest(self, seconds: float) -> None:
        self.rests.append(seconds)
        self.now += seconds


class FakeRun:
    """A run at work that publishes when the test says so."""

    def __init__(self, run_id: str, config: RunConfig) -> None:
        self.run_id, self.config = run_id, config
        self.sent: list[Command] = []
        self.listeners: list[Callable[[], None]] = []
        self.published: Weights | None = None
        self.state: Any = "running"
        self.at = 0
        self.pace: float | None = None
        reals = RNG.integers(0, 256, (64, *config.shape[1:], config.shape[0]), dtype=np.uint8)
        facts = {"train_size": 9, "parameters_generator": 1, "parameters_critic": 1}
        self.started: Started | None = Started(self.place, "image", "cpu", 1, reals=reals, **facts)

    @property
    def place(self) -> Place:
        return Place(self.at, 0.0, 8 * self.at, float(self.at))

    def snapshot(self) -> Snapshot:
        return Snapshot(self.run_id, self.state, started=self.started, place=self.place, knobs={"game": self.config.game}, pace=self.pace)

    def weights(self) -> Weights | None:
        return self.published

    def listen(self, wake: Callable[[], None]) -> Callable[[], None]:
        self.listeners.append(wake)
        return lambda: self.listeners.remove(wake)

    def send(self, command: Command) -> None:
        self.sent.append(command)

    def publish(self, step: int, half: WhichHalf = 0) -> Weights:
        """Weights of its own for every step."""
        self.at = step
        state = tiny_state(data=self.config.data, network=self.config.network, seed=step)
        players = (dict(player.state_dict()) for player in (state.G, state.G_ema, state.D))
        self.published = Weights(self.place, *players, asked=True, half=half)
        self.sent.clear()
        return self.published


class FakeRuns:
    """The runs at work: as many as the test puts there."""

    def __init__(self) -> None:
        self.at_work: dict[str, FakeRun] = {}

    def get(self, run_id: str) -> FakeRun | None:
        return self.at_work.get(run_id)

    def active(self) -> list[FakeRun]:
        return [run for run in self.at_work.values() if run.state in ("running", "paused")]


class Stepped(Portrait):
    """A portrait whose turns the test takes."""

    def __init__(self, store: RunStore, runs: FakeRuns, time: Time) -> None:
        self.time = time
        clocks = {"clock": lambda: time.now, "effort": lambda: time.effort, "rest": time.rest}
        super().__init__(store, runs, **clocks)  # type: ignore[arg-type]

    def _begin(self) -> None:
        pass

    def all(self) -> int:
        """Turns until there is nothing to do."""
        turns = 0
        while self.turn():
            turns += 1
            assert turns < 1000
        return turns


class Browser:
    """One side of a socket: what it asked, and what it was sent."""

    def __init__(self, portrait: Portrait, run_id: str) -> None:
        self.portrait, self.frames, self.full = portrait, deque[Any](), False
        self.client = Client(run_id, self._take, tell=self._take, congested=lambda: self.full)
        self.asked = 0
        portrait.join(self.client)

    def _take(self, message: bytes) -> None:
        self.frames.append(decode(message))

    def ask(self, kind: str = "draw", z: Any = 1, /, *, lane: str = "pad", weights: str = "living", **facts: Any) -> int:
        self.asked += 1
        points = RNG.standard_normal((z, 4)).astype(np.float32) if isinstance(z, int) else z
        place = {name: facts.pop(name, default) for name, default in (("at", None), ("label", 0), ("kinds", ()))}
        ask = Ask(self.asked, kind, lane, weights=weights, z=points, options=OPTIONS[kind] | facts, **place)
        self.portrait.ask(self.client, ask)
        return self.asked

    @property
    def headers(self) -> list[dict[str, Any]]:
        return [frame.header for frame in self.frames]

    def last(self, name: str = "pictures") -> Any:
        frame = self.frames[-1]
        return frame.array(frame.header[name])


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[RunStore, str]]:
    """A stopped run, stored once for all tests here."""
    with pytest.MonkeyPatch.context() as monkeypatch:
        yield keep_run(tmp_path_factory.mktemp("runs"), monkeypatch, network="dcgan")


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
def runs() -> FakeRuns:
    return FakeRuns()


@pytest.fixture
def portrait(kept: tuple[RunStore, str], runs: FakeRuns, time: Time) -> Stepped:
    return Stepped(kept[0], runs, time)


@pytest.fixture
def stored(kept: tuple[RunStore, str]) -> str:
    return kept[1]


@pytest.fixture
def at_work(kept: tuple[RunStore, str], runs: FakeRuns) -> FakeRun:
    run = FakeRun(kept[1], kept[0].config(kept[1]))
    runs.at_work[kept[1]] = run
    return run


@pytest.fixture
def batches(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many questions were drawn together, each time."""
    found: list[int] = []
    together = portrait_module.draw_together

    def counted(needs: Any) -> Any:
        found.append(len(needs))
        return together(needs)

    monkeypatch.setattr(portrait_module, "draw_together", counted)
    return found


def drawn_by_hand(store: RunStore, run_id: str, z: Any, which: str = "generator") -> Any:
    tensors = store.checkpoint(run_id).tensors
    prefix = f"{which}."
    generator = generator_of(
        store.config(run_id), {name.removeprefix(prefix): value for name, value in tensors.items() if name.startswith(prefix)}
    )
    with torch.no_grad():
        return shown(generator(torch.from_numpy(z)))


# What is answered


@pytest.mark.parametrize(("weights", "which"), [("living", "generator"), ("averaged", "average")])
def test_a_stored_run_is_drawn_by_its_last_checkpoint(portrait: Stepped, stored: str, weights: str, which: str) -> None:
    browser, z = Browser(portrait, stored), RNG.standard_normal((5, 4)).astype(np.float32)
    browser.ask("draw", z, weights=weights)
    portrait.all()
    header = browser.headers[0]
    assert (header["id"], header["ask"], header["lane"], header["at"]) == (1, "draw", "pad", None)
    assert header["step"] == portrait.store.status(stored).checkpoint_step
    assert header["verdict"] is None
    by_hand = drawn_by_hand(portrait.store, stored, z, which)
    assert np.abs(browser.last().astype(int) - by_hand).max() <= 1


def test_the_same_z_gives_the_same_pixels(portrait: Stepped, stored: str) -> None:
    browser, z = Browser(portrait, stored), RNG.standard_normal((3, 4)).astype(np.float32)
    seen = []
    for _ in range(2):
        browser.ask("draw", z)
        portrait.all()
        seen.append(browser.last())
    assert (seen[0] == seen[1]).all()


def test_verdicts_are_those_beside_the_samples(portrait: Stepped, stored: str) -> None:
    store = portrait.store
    samples, started = store.samples(stored), store.started(stored)
    assert samples is not None
    assert started is not None
    assert samples.place.step == store.status(stored).checkpoint_step
    browser = Browser(portrait, stored)
    browser.ask("draw", np.ascontiguousarray(started.z), verdict=True)
    portrait.all()
    assert np.abs(browser.last().astype(int) - samples.living).max() <= 1
    np.testing.assert_allclose(browser.last("verdict"), samples.verdict_living, rtol=1e-2, atol=1e-3)


def test_a_path_is_the_walk(portrait: Stepped, stored: str) -> None:
    browser, keys = Browser(portrait, stored), RNG.standard_normal((3, 4)).astype(np.float32)
    browser.ask("path", keys)
    assert portrait.all() == 7, "a slice at a time"
    z = walk(keys, 100, how="slerp", closed=False, ease=True)
    assert browser.last().shape == (100, 16, 16, 1)
    np.testing.assert_allclose(browser.last("path"), z, rtol=1e-5)
    np.testing.assert_allclose(browser.last("norms"), np.linalg.norm(z, axis=1), rtol=1e-5)
    assert np.abs(browser.last().astype(int) - drawn_by_hand(portrait.store, stored, z)).max() <= 1


def test_a_film_is_one_z_through_all_kept_averages(portrait: Stepped, stored: str) -> None:
    steps = portrait.store.moments(stored).averages
    browser, z = Browser(portrait, stored), RNG.standard_normal((1, 4)).astype(np.float32)
    browser.ask("film", z, steps=[*steps, 10**6])
    portrait.all()
    assert browser.headers[0]["steps"] == steps
    assert len(browser.last()) == len(steps)
    browser.ask("draw", z, at=steps[0])
    portrait.all()
    assert browser.headers[1]["step"] == browser.headers[1]["at"] == steps[0]
    assert np.abs(browser.last()[0].astype(int) - _film(browser)[0]).max() <= 1


def _film(browser: Browser) -> Any:
    frame = browser.frames[0]
    return frame.array(frame.header["pictures"]).astype(int)


def test_gradient_and_following_come_with_verdicts(portrait: Stepped, stored: str) -> None:
    browser = Browser(portrait, stored)
    browser.ask("gradient")
    portrait.all()
    assert browser.last("heat").shape == (16, 16, 1)
    assert browser.headers[0]["norm"] == pytest.approx(float(np.linalg.norm(browser.last("heat"))), rel=1e-5)
    browser.ask("follow")
    portrait.all()
    assert (browser.last().shape, browser.last("verdict").shape, browser.last("path").shape) == ((4, 16, 16, 1), (4,), (4, 4))
    browser.ask("follow", along="image", count=2)
    portrait.all()
    assert browser.last("verdict").shape == (3,)
    assert "path" not in browser.headers[2]


@pytest.mark.parametrize("kind", ["random", "sefa", "coordinates"])
def test_directions_are_unit_vectors(portrait: Stepped, stored: str, kind: str) -> None:
    browser = Browser(portrait, stored)
    browser.ask("directions", np.zeros((0, 4), np.float32), kind=kind)
    portrait.all()
    np.testing.assert_allclose(np.linalg.norm(browser.last("directions"), axis=1), np.ones(3), rtol=1e-5)
    assert browser.last("strength").shape == (3,)


# What cannot be answered


@pytest.mark.parametrize("kind", ["draw", "gradient"])
def test_a_moment_that_is_not_kept(portrait: Stepped, stored: str, kind: str) -> None:
    browser = Browser(portrait, stored)
    browser.ask(kind, at=10**6)
    portrait.all()
    assert browser.headers[0]["trouble"] == "no_moment"


@pytest.mark.parametrize("kind", ["gradient", "follow"])
def test_a_moment_without_its_critic(portrait: Stepped, stored: str, kind: str) -> None:
    moments = portrait.store.moments(stored)
    bare = next(step for step in moments.averages if step not in moments.checkpoints)
    browser = Browser(portrait, stored)
    browser.ask(kind, at=bare)
    browser.ask("draw", at=bare, verdict=True, lane="other")
    portrait.all()
    assert [header.get("trouble") for header in browser.headers] == ["no_critic", None]
    assert browser.headers[1]["verdict"] is None


def test_a_run_without_weights(portrait: Stepped, tmp_path: Path, runs: FakeRuns, time: Time) -> None:
    store = RunStore(tmp_path)
    record = store.new(tiny_config())
    browser = Browser(Stepped(store, runs, time), record.run_id)
    browser.ask()
    browser.portrait.all()  # type: ignore[attr-defined]
    assert browser.headers[0]["trouble"] == "no_weights"
    record.close("stopped", "")


def test_points_are_no_pictures(tmp_path: Path, runs: FakeRuns, time: Time, monkeypatch: pytest.MonkeyPatch) -> None:
    store, run_id = keep_run(tmp_path, monkeypatch, moments=2, data="ring-8")
    portrait = Stepped(store, runs, time)
    browser = Browser(portrait, run_id)
    browser.ask()
    portrait.all()
    assert browser.headers[0]["trouble"] == "plane"


def test_what_breaks_an_answer_breaks_no_other(portrait: Stepped, stored: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(needs: Any) -> Any:
        raise RuntimeError("no memory")

    browser = Browser(portrait, stored)
    with monkeypatch.context() as patch:
        patch.setattr(portrait_module, "draw_together", broken)
        browser.ask()
        portrait.all()
    browser.ask()
    portrait.all()
    assert [header.get("trouble") for header in browser.headers] == ["busy", None]


@pytest.fixture
def data(kept: tuple[RunStore, str], monkeypatch: pytest.MonkeyPatch) -> DataSet:
    return serve(monkeypatch, kept[0].config(kept[1]).data)


def come_back(portrait: Stepped) -> None:
    """Turns until nothing is left to do, with what is done in the other thread."""
    portrait.all()
    while portrait._asides:
        assert portrait._woken.wait(60)
        portrait._woken.clear()
        portrait.all()


def test_the_closest_training_images(portrait: Stepped, stored: str, data: DataSet, monkeypatch: pytest.MonkeyPatch) -> None:
    browser, gate, load = Browser(portrait, stored), threading.Event(), Library.load

    def late(library: Library, config: RunConfig) -> Any:
        assert gate.wait(60)
        return load(library, config)

    monkeypatch.setattr(Library, "load", late)
    browser.ask("nearest", lane="near")
    portrait.all()
    browser.ask()
    portrait.all()
    assert [header["ask"] for header in browser.headers] == ["draw"], "a pad does not wait for the training images"
    gate.set()
    come_back(portrait)
    header = browser.headers[1]
    assert header["ask"] == "nearest"
    assert set(header["labels"]) <= set(data.classes)
    assert header["yardstick"].keys() == {"p5", "p50", "p95"}
    assert browser.last().shape == (3, 16, 16, 1)
    images = data.train.permute(0, 2, 3, 1).numpy()
    assert all((images == one).all(axis=(1, 2, 3)).any() for one in browser.last())
    assert (np.diff(browser.last("distance")) >= 0).all()


def test_training_images_that_cannot_be_had(portrait: Stepped, stored: str, monkeypatch: pytest.MonkeyPatch) -> None:
    name = portrait.store.config(stored).data
    monkeypatch.setitem(DATA, name, dataclasses.replace(DATA[name], where=lambda request: None))
    browser = Browser(portrait, stored)
    browser.ask("nearest")
    come_back(portrait)
    assert browser.headers[0]["trouble"] == "no_data"


def test_principal_directions_come_from_the_other_thread(portrait: Stepped, stored: str) -> None:
    browser = Browser(portrait, stored)
    browser.ask("directions", np.zeros((0, 4), np.float32), kind="principal")
    come_back(portrait)
    np.testing.assert_allclose(np.linalg.norm(browser.last("directions"), axis=1), np.ones(3), rtol=1e-5)
    assert (np.diff(browser.last("strength")) <= 0).all()


def test_the_closest_by_features(portrait: Stepped, stored: str, data: DataSet) -> None:
    browser = Browser(portrait, stored)
    browser.ask("nearest", by="features")
    come_back(portrait)
    assert browser.headers[0]["judge"] == "own CNN"
    assert browser.last().shape == (3, 16, 16, 1)
    assert (np.diff(browser.last("distance")) >= 0).all()
    assert browser.headers[0]["yardstick"]["p5"] > 0


DIGITS = tuple(f"{digit}" for digit in range(10))


def judged(monkeypatch: pytest.MonkeyPatch, taken_for: Callable[[Any], Any], classes: tuple[str, ...] = DIGITS) -> None:
    """Let a judge take images for what the test says."""

    class Judge:
        kinds = staticmethod(taken_for)

    Judge.classes = classes  # type: ignore[attr-defined]
    monkeypatch.setattr(Reals, "judge", lambda reals: Judge)


def test_class_directions_lead_to_where_the_judge_sees_the_class(
    portrait: Stepped, stored: str, data: DataSet, monkeypatch: pytest.MonkeyPatch
) -> None:
    bright: Callable[[Any], Any] = lambda images: images.float().mean(dim=(1, 2, 3))  # noqa: E731
    middle = float(
        bright(torch.from_numpy(drawn_by_hand(portrait.store, stored, RNG.standard_normal((500, 4)).astype(np.float32)))).median()
    )
    judged(monkeypatch, lambda images: torch.where(bright(images) > middle, 7, 2))
    browser = Browser(portrait, stored)
    browser.ask("directions", np.zeros((0, 4), np.float32), kind="classes", count=1)
    come_back(portrait)
    assert browser.headers[0]["names"] == list(DIGITS)
    strength, vectors = browser.last("strength"), browser.last("directions")
    assert np.flatnonzero(strength).tolist() == [2, 7]
    np.testing.assert_allclose(np.linalg.norm(vectors[[2, 7]], axis=1), np.ones(2), rtol=1e-5)
    z = RNG.standard_normal((64, 4)).astype(np.float32)
    there, back = (bright(torch.from_numpy(drawn_by_hand(portrait.store, stored, z + 2 * vectors[kind]))).mean() for kind in (7, 2))
    assert there > back


@pytest.mark.parametrize(("classes", "code"), [((), "no_classes"), (DIGITS, "one_class")])
def test_class_directions_that_cannot_be_had(
    portrait: Stepped, stored: str, data: DataSet, monkeypatch: pytest.MonkeyPatch, classes: tuple[str, ...], code: str
) -> None:
    judged(monkeypatch, lambda images: torch.full((len(images),), 4), classes)
    browser = Browser(portrait, stored)
    browser.ask("directions", np.zeros((0, 4), np.float32), kind="classes")
    come_back(portrait)
    assert browser.headers[0]["trouble"] == code


def test_the_other_thread_takes_so_much_and_no_more(portrait: Stepped, stored: str, monkeypatch: pytest.MonkeyPatch) -> None:
    gate = threading.Event()
    monkeypatch.setattr(Library, "load", lambda library, config: gate.wait(60))
    monkeypatch.setattr(portrait_module, "ASIDES", 2)
    browsers = [Browser(portrait, stored) for _ in range(3)]
    for browser in browsers:
        browser.ask("nearest")
    portrait.all()
    assert [[header["trouble"] for header in browser.headers] for browser in browsers] == [[], [], ["busy"]]
    for browser in browsers:
        portrait.leave(browser.client)
    gate.set()
    come_back(portrait)
    assert not browsers[0].frames, "who has left is sent nothing"


def test_a_run_that_is_not_there_is_said_at_once(portrait: Stepped) -> None:
    with pytest.raises(ValueError, match="no run"):
        Browser(portrait, "nothing")


# Who is served when


def test_browsers_that_ask_at_once_share_one_forward(portrait: Stepped, stored: str, batches: list[int]) -> None:
    browsers = [Browser(portrait, stored) for _ in range(5)]
    points = [RNG.standard_normal((count, 4)).astype(np.float32) for count in (1, 2, 3, 4, 5)]
    for index, (browser, z) in enumerate(zip(browsers, points, strict=True)):
        browser.ask("draw", z, verdict=index % 2 == 0)
    assert portrait.all() == 1
    assert batches == [5]
    for index, (browser, z) in enumerate(zip(browsers, points, strict=True)):
        assert np.abs(browser.last().astype(int) - drawn_by_hand(portrait.store, stored, z)).max() <= 1
        assert (browser.headers[0]["verdict"] is not None) == (index % 2 == 0)
        assert browser.headers[0]["verdict"] is None or browser.last("verdict").shape == (len(z),)


def test_other_weights_are_another_forward(portrait: Stepped, stored: str, batches: list[int]) -> None:
    for weights in ("living", "averaged", "living"):
        Browser(portrait, stored).ask(weights=weights)
    portrait.all()
    assert sorted(batches) == [1, 2]


def test_a_batch_has_an_end(portrait: Stepped, stored: str, monkeypatch: pytest.MonkeyPatch) -> None:
    sizes: list[int] = []
    together = portrait_module.draw_together

    def measured(needs: Any) -> Any:
        sizes.append(sum(len(need.z) for need in needs))
        return together(needs)

    monkeypatch.setattr(portrait_module, "draw_together", measured)
    browsers = [Browser(portrait, stored) for _ in range(5)]
    for browser in browsers:
        browser.ask("draw", 200)
    portrait.all()
    assert sum(sizes) == 1000
    assert max(sizes) <= portrait_module.BATCH
    assert all(len(browser.last()) == 200 for browser in browsers)


def test_the_newest_question_of_a_lane_wins(portrait: Stepped, stored: str) -> None:
    browser = Browser(portrait, stored)
    for _ in range(3):
        browser.ask()
    browser.ask(lane="other")
    portrait.all()
    by_id = {header["id"]: header for header in browser.headers}
    assert sorted(by_id) == [1, 2, 3, 4], "every question has one answer"
    assert [by_id[n].get("dropped", False) for n in (1, 2, 3, 4)] == [True, True, False, False]
    assert (by_id[1]["ask"], by_id[1]["lane"]) == ("draw", "pad")


def test_what_is_under_way_is_not_dropped(portrait: Stepped, stored: str) -> None:
    browser = Browser(portrait, stored)
    browser.ask("path", 2)
    portrait.turn()
    browser.ask("path", 2)
    browser.ask("path", 2)
    portrait.all()
    assert [(header["id"], header.get("dropped", False)) for header in browser.headers] == [(2, True), (1, False), (3, False)]


def test_a_pad_waits_for_one_slice_of_a_film_only(portrait: Stepped, stored: str) -> None:
    long, pad = Browser(portrait, stored), Browser(portrait, stored)
    long.ask("path", 2, frames=480)
    portrait.turn()
    pad.ask()
    portrait.turn()
    assert len(pad.frames) == 1
    assert not long.frames
    pad.ask(weights="averaged")  # other networks: it cannot ride along
    portrait.turn()
    portrait.turn()
    assert len(pad.frames) == 2
    assert portrait.all() >= 480 // SLICE - 4


def test_a_pad_overtakes_its_own_browsers_film(portrait: Stepped, stored: str) -> None:
    browser = Browser(portrait, stored)
    browser.ask("path", 2, lane="film", weights="averaged", frames=480)
    portrait.turn()
    browser.ask()
    portrait.turn()
    portrait.turn()
    assert [header["lane"] for header in browser.headers] == ["pad"]


def test_a_browser_that_floods_starves_nobody(portrait: Stepped, stored: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(portrait_module, "BATCH", 1)  # nobody rides along
    flood, calm = Browser(portrait, stored), Browser(portrait, stored)
    for lane in range(16):
        flood.ask("draw", 200, lane=str(lane))
    waits = []
    for _ in range(10):
        calm.ask()
        before = len(calm.frames)
        waits.append(0)
        while len(calm.frames) == before:
            portrait.turn()
            waits[-1] += 1
            assert waits[-1] < 100
    assert max(waits) <= 2, "at most one slice of the other's comes first"


def test_every_browser_has_its_turn(portrait: Stepped, stored: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(portrait_module, "BATCH", 1)
    browsers = [Browser(portrait, stored) for _ in range(6)]
    for browser in browsers:
        for lane in range(3):
            browser.ask(lane=str(lane))
    for turn in range(1, 4):
        for _ in browsers:
            portrait.turn()
        assert Counter(len(browser.frames) for browser in browsers) == {turn: 6}


def test_a_browser_that_takes_no_answers_is_given_none(portrait: Stepped, stored: str) -> None:
    slow, quick = Browser(portrait, stored), Browser(portrait, stored)
    slow.full = True
    slow.ask()
    quick.ask()
    portrait.all()
    assert (len(slow.frames), len(quick.frames)) == (0, 1)
    slow.full = False
    portrait.all()
    assert len(slow.frames) == 1


def test_who_leaves_is_forgotten(portrait: Stepped, stored: str, at_work: FakeRun) -> None:
    browser, other = Browser(portrait, stored), Browser(portrait, stored)
    at_work.publish(1)
    browser.ask("path", 2)
    portrait.turn()
    assert len(at_work.listeners) == 1
    portrait.leave(browser.client)
    portrait.leave(browser.client)
    assert portrait.all() == 0
    browser.ask()
    assert portrait.all() == 0
    portrait.leave(other.client)
    portrait.all()
    assert not at_work.listeners
    assert not portrait._subjects


# How much it may take


@pytest.fixture
def hard(monkeypatch: pytest.MonkeyPatch, time: Time) -> None:
    """Each picture is a millisecond of work."""
    together = portrait_module.draw_together

    def worked(needs: Any) -> Any:
        time.work(0.001 * sum(len(need.z) for need in needs))
        return together(needs)

    monkeypatch.setattr(portrait_module, "draw_together", worked)


@pytest.mark.usefixtures("hard")
def test_it_rests_while_a_run_trains(portrait: Stepped, stored: str, at_work: FakeRun, time: Time) -> None:
    at_work.publish(1)
    browser = Browser(portrait, stored)
    for count in (9, 100, 20, 256):
        browser.ask("draw", count)
        portrait.all()
    last = 0.001 * SLICE
    allowed = SHARE * (time.now - last + CREDIT_S)
    assert time.effort - last + 3 * ANSWER_S == pytest.approx(allowed), "before its last slice: its share of the time, and a short burst"
    assert time.rests[0] < time.rests[-1], "the first slices came within the credit"
    taken = len(time.rests)
    for at_work.state in ("paused", "stopped"):
        browser.ask("draw", 100)
        portrait.all()
    assert len(time.rests) == taken, "nobody has to be spared"
    at_work.state = "running"
    browser.ask("draw", 1)
    portrait.all()
    assert len(time.rests) == taken, "and what was drawn meanwhile is not paid for later"


@pytest.mark.usefixtures("hard")
def test_a_hand_that_moves_beside_a_run_is_not_kept_waiting(portrait: Stepped, stored: str, at_work: FakeRun, time: Time) -> None:
    at_work.publish(1)
    browser = Browser(portrait, stored)
    for frame in range(120):
        time.now = frame / 60
        browser.ask()
        portrait.all()
    assert time.effort == pytest.approx(0.12)
    assert not time.rests, "a millisecond of each sixteen is less than the share"


@pytest.mark.usefixtures("hard")
def test_what_is_wide_pays_for_its_own_pictures_only(portrait: Stepped, stored: str, at_work: FakeRun, time: Time) -> None:
    dozed: list[float] = []
    portrait._doze = lambda seconds: (dozed.append(seconds), time.rest(seconds))
    at_work.publish(1)
    browser = Browser(portrait, stored)
    portrait.all()
    portrait._inbox.append(lambda: time.work(0.02))  # a turn that takes something in and draws nothing
    portrait.all()
    browser.ask("draw", SLICE, lane="wall")
    portrait.all()
    assert not dozed, "0.02 s as what is wide would be a rest of 0.2 s"

    time.now = 1.0
    browser.ask("draw", SLICE, lane="wall")
    portrait.turn()
    browser.ask("draw", SLICE, lane="wall")
    portrait._inbox.append(lambda: setattr(time, "effort", time.effort + 0.1))  # a turn in which the second wall is held
    portrait.all()
    one = 0.001 * SLICE
    assert sum(dozed) == pytest.approx((one + ANSWER_S) / WIDE_SHARE - one), "for the first wall, and for no more"


class Frames:
    """Hands that move sixty times a second beside a run, each with something wide on another lane that is asked for again and again."""

    def __init__(self, portrait: Stepped, stored: str, time: Time) -> None:
        self.portrait, self.time = portrait, time
        self.browser = Browser(portrait, stored)
        self.next = 0.0
        self.waits: list[float] = []
        self.wide = 0

    def rest(self, seconds: float) -> None:
        self.time.now += min(seconds, max(0.0, self.next - self.time.now) + 1e-6)

    def drag(self, seconds: float, pictures: int) -> None:
        """The hand asks for so many pictures at each frame."""
        began, asked = self.time.now, None
        waiting = open_wide = False
        while self.time.now < began + seconds:
            if self.time.now >= self.next:
                self.next += 1 / 60
                if not waiting:
                    asked, waiting = self.time.now, bool(self.browser.ask("draw", pictures))
            if not open_wide:
                open_wide = bool(self.browser.ask("draw", 64, lane="wall"))
            if not self.portrait.turn():
                self.time.now = max(self.time.now, self.next)
            while self.browser.frames:
                header = self.browser.frames.popleft().header
                if header["lane"] == "wall":
                    open_wide, self.wide = False, self.wide + 64
                elif asked is not None:
                    self.waits.append(self.time.now - asked)
                    waiting = False


@pytest.fixture
def frames(kept: tuple[RunStore, str], runs: FakeRuns, time: Time, at_work: FakeRun) -> Frames:
    at_work.publish(1)
    portrait = Stepped(kept[0], runs, time)
    frames = Frames(portrait, kept[1], time)
    portrait._doze = frames.rest
    return frames


@pytest.mark.usefixtures("hard")
def test_a_hand_does_not_rest_for_the_wall_beside_it(frames: Frames, time: Time) -> None:
    frames.drag(4.0, 1)
    assert len(frames.waits) > 200
    assert max(frames.waits) <= 0.001 * (SLICE + 1) + 1e-5, "one slice of the wall, and its own picture"
    assert frames.wide / 4.0 > 150, "the wall has what the hand leaves of the share: 300 pictures a second, and answers cost too"
    assert time.effort <= SHARE * (time.now + HAND_CREDIT_S) + 0.001 * SLICE


@pytest.mark.usefixtures("hard")
def test_hands_that_take_all_leave_a_part_for_what_is_wide(frames: Frames, time: Time) -> None:
    frames.drag(8.0, 8)
    assert 0.8 * WIDE_SHARE <= 0.001 * frames.wide / 8.0 <= 1.2 * WIDE_SHARE
    assert len(frames.waits) / 8.0 > 15, "of 0.3 of a core 0.2 are theirs, at 8 ms"
    assert time.effort <= SHARE * (time.now + HAND_CREDIT_S) + 0.001 * SLICE


# A run at work


def test_a_run_at_work_is_asked_for_weights_and_drawn_by_them(portrait: Stepped, stored: str, at_work: FakeRun) -> None:
    browser, z = Browser(portrait, stored), RNG.standard_normal((2, 4)).astype(np.float32)
    browser.ask("draw", z)
    portrait.all()
    assert not browser.frames
    assert at_work.sent == [Publish()]
    weights = at_work.publish(3)
    portrait.all()
    assert browser.headers[0]["step"] == 3
    generator = generator_of(at_work.config, weights.living)
    with torch.no_grad():
        assert np.abs(browser.last().astype(int) - shown(generator(torch.from_numpy(z)))).max() <= 1


def test_new_weights_are_told_once_and_change_the_picture(portrait: Stepped, stored: str, at_work: FakeRun, time: Time) -> None:
    browser, silent = Browser(portrait, stored), Browser(portrait, stored)
    z = RNG.standard_normal((1, 4)).astype(np.float32)
    at_work.publish(1)
    browser.ask("draw", z)
    portrait.all()
    before = browser.last()
    at_work.publish(2)
    portrait.all()
    portrait.all()
    assert browser.headers[1:] == [{"news": 2}]
    assert not silent.frames, "who has seen none is told of none"
    browser.ask("draw", z)
    portrait.all()
    assert browser.headers[-1]["step"] == 2
    assert (browser.last() != before).any()


@pytest.mark.parametrize("weights", ["living", "averaged"])
def test_verdicts_of_a_run_at_work_are_its_critics(portrait: Stepped, stored: str, at_work: FakeRun, weights: str) -> None:
    published = at_work.publish(2)
    browser = Browser(portrait, stored)
    browser.ask("draw", 3, verdict=True, weights=weights)
    browser.ask("gradient", lane="heat", weights=weights)
    portrait.all()
    assert published.critic
    assert [len(frame.array(frame.header["verdict"])) for frame in browser.frames] == [3, 1]


def test_it_is_asked_four_times_a_second_while_somebody_looks(portrait: Stepped, stored: str, at_work: FakeRun, time: Time) -> None:
    browser, published = Browser(portrait, stored), 0

    def two_seconds(start: int, *, looking: bool) -> int:
        count = 0
        for tick in range(start, start + 100):
            time.now, at_work.at = tick / 50, tick
            if looking:
                browser.ask()
            portrait.all()
            if at_work.sent:
                count += 1
                at_work.publish(tick)
        return count

    at_work.publish(1)
    assert 7 <= two_seconds(2, looking=True) <= 9
    assert two_seconds(102, looking=False) <= 1, "one more, which was told of and not looked at"
    published = two_seconds(202, looking=True)
    assert 7 <= published <= 9


@pytest.mark.parametrize(("state", "pace"), [("running", 10.0), ("paused", None)])
def test_who_follows_each_half_is_told_of_each(
    portrait: Stepped, stored: str, at_work: FakeRun, time: Time, *, state: str, pace: float | None
) -> None:
    browser, count = Browser(portrait, stored), 0
    at_work.state, at_work.pace = state, pace
    at_work.publish(1)
    for tick in range(1, 101):
        time.now, at_work.at = tick / 100, tick
        browser.ask()
        portrait.all()
        if at_work.sent:
            count += 1
            at_work.publish(tick)
    assert 24 <= count <= 30, "thirty a second at most, where it ticks a hundred times"


def test_a_long_step_holds_nobody_up(portrait: Stepped, stored: str, at_work: FakeRun, time: Time) -> None:
    browser = Browser(portrait, stored)
    at_work.publish(1)
    for tick in range(10):
        time.now, at_work.at = tick * 0.5, tick + 1
        browser.ask()
        portrait.all()
    assert at_work.sent == [Publish()], "an answer that is awaited is not asked for again"
    assert len(browser.frames) == 10


def test_after_a_while_without_questions_fresh_weights_come_first(portrait: Stepped, stored: str, at_work: FakeRun, time: Time) -> None:
    browser = Browser(portrait, stored)
    at_work.publish(1)
    browser.ask()
    portrait.all()
    at_work.sent.clear()
    time.now, at_work.at = 60.0, 50
    browser.ask()
    portrait.all()
    at_work.publish(50)
    portrait.all()
    assert [header["step"] for header in browser.headers if "id" in header] == [1, 50]


def test_a_paused_run_publishes_after_a_step_and_then_no_more(portrait: Stepped, stored: str, at_work: FakeRun, time: Time) -> None:
    browser = Browser(portrait, stored)
    at_work.state = "paused"
    at_work.publish(4)
    for time.now in (0.0, 5.0):
        browser.ask()
        portrait.all()
    assert at_work.sent == []
    assert [header["step"] for header in browser.headers] == [4, 4]
    at_work.at = 5
    portrait.all()
    assert at_work.sent == [Publish()]
    at_work.publish(5)
    portrait.all()
    assert browser.headers[-1] == {"news": 5}


def test_an_ended_run_is_looked_at_from_disk_and_that_is_news(portrait: Stepped, stored: str, at_work: FakeRun) -> None:
    browser, last = Browser(portrait, stored), portrait.store.status(stored).checkpoint_step
    at_work.publish(last + 7)
    browser.ask()
    portrait.all()
    at_work.state = "stopped"
    portrait.all()
    assert browser.headers[-1] == {"news": last}
    assert not at_work.listeners
    browser.ask()
    portrait.all()
    assert browser.headers[-1]["step"] == last


def test_a_run_that_prepares_is_looked_at_as_it_was_left(portrait: Stepped, stored: str, at_work: FakeRun) -> None:
    at_work.started, at_work.state = None, "preparing"
    browser = Browser(portrait, stored)
    browser.ask()
    portrait.all()
    assert browser.headers[0]["step"] == portrait.store.status(stored).checkpoint_step
    assert at_work.sent == []


def test_moments_of_a_run_at_work_need_no_new_weights(portrait: Stepped, stored: str, at_work: FakeRun) -> None:
    step = portrait.store.moments(stored).averages[0]
    browser = Browser(portrait, stored)
    browser.ask(at=step)
    portrait.all()
    assert browser.headers[0]["step"] == step


# What is kept


def test_copies_are_made_once_and_the_oldest_go(portrait: Stepped, stored: str, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[int] = []
    average = RunStore.average

    def counted(store: RunStore, run_id: str, step: int) -> Any:
        made.append(step)
        return average(store, run_id, step)

    monkeypatch.setattr(RunStore, "average", counted)
    steps = portrait.store.moments(stored).averages[:3]
    assert len(steps) > 1
    browser = Browser(portrait, stored)

    def visit(*order: int) -> list[int]:
        made.clear()
        for step in order:
            browser.ask(at=steps[step])
            portrait.all()
        return [steps.index(step) for step in made]

    assert visit(0, 1, 0, 1) == [0, 1]
    one = max(look.bytes for look in portrait._shelf._looks.values())
    portrait._shelf._most = one
    portrait._shelf.get(("other",), lambda: next(iter(portrait._shelf._looks.values())))
    assert visit(0, 0, 1, 0) == [0, 1, 0], "the one used longest ago went"


@pytest.mark.parametrize("network", NETWORKS)
def test_every_network_can_be_looked_through(tmp_path: Path, runs: FakeRuns, monkeypatch: pytest.MonkeyPatch, network: str) -> None:
    store, run_id = keep_run(tmp_path, monkeypatch, moments=2, network=network)
    portrait = Stepped(store, runs, Time())
    browser = Browser(portrait, run_id)
    browser.ask(verdict=True)
    browser.ask("directions", np.zeros((0, 4), np.float32), lane="rail")
    browser.ask("follow", lane="follow")
    portrait.all()
    assert [header.get("trouble") for header in browser.headers] == [None] * 3
    assert subjects.KEPT_BYTES > portrait._shelf._bytes > 0


@pytest.fixture
def told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Stepped, str]:
    """A portrait of a run whose players are told the class, one of three."""
    store, run_id = keep_run(tmp_path, monkeypatch, moments=2, conditional="yes")
    return Stepped(store, FakeRuns(), Time()), run_id


@pytest.mark.parametrize("label", [0, 2])
def test_one_class_is_drawn_whoever_is_drawn_beside(told: tuple[Stepped, str], label: int) -> None:
    portrait, run_id = told
    z = RNG.standard_normal((4, 4)).astype(np.float32)
    tensors = portrait.store.checkpoint(run_id).tensors
    weights = {name.removeprefix("generator."): tensor for name, tensor in tensors.items() if name.startswith("generator.")}
    generator = generator_of(portrait.store.config(run_id), weights)
    by_hand = shown(draw(generator, torch.from_numpy(z), torch.full((4,), label)))
    browsers = [Browser(portrait, run_id) for _ in range(4)]
    for browser, one in zip(browsers, z, strict=True):
        browser.ask("draw", one[None], label=label)
    portrait.all()
    assert np.abs(np.concatenate([browser.last() for browser in browsers]).astype(int) - by_hand).max() <= 1


def test_every_answer_can_be_of_a_class(told: tuple[Stepped, str]) -> None:
    portrait, run_id = told
    browser, steps = Browser(portrait, run_id), portrait.store.moments(run_id).averages
    for lane, (kind, count, facts) in enumerate(
        [("draw", 2, {"verdict": True}), ("path", 2, {}), ("gradient", 1, {}), ("follow", 1, {}), ("film", 1, {"steps": steps})]
    ):
        browser.ask(kind, count, lane=str(lane), label=1, **facts)
    browser.ask("directions", np.zeros((0, 4), np.float32), lane="rail", label=1)
    browser.ask(lane="none", label=3)
    portrait.all()
    troubles = {header["lane"]: header.get("trouble") for header in browser.headers}
    assert troubles == dict.fromkeys("01234") | {"rail": None, "none": "no_class"}


def test_mixed_classes_are_drawn_in_one_batch_and_blend_in_the_embedding(told: tuple[Stepped, str]) -> None:
    portrait, run_id = told
    z = RNG.standard_normal((1, 4)).astype(np.float32).repeat(3, axis=0)
    browser = Browser(portrait, run_id)
    browser.ask("draw", z, verdict=True, kinds=(((0, 1.0),), ((0, 0.5), (2, 0.5)), ((2, 1.0),)))
    for label in (0, 2):
        browser.ask("draw", z[:1], lane=f"of {label}", label=label)
    browser.ask("path", z[:2], lane="path", kinds=(((0, 1.0),), ((2, 1.0),)), how="slerp", frames=3)
    browser.ask("draw", z[:2], lane="none", kinds=(((0, 1.0),), ((3, 1.0),)))
    portrait.all()
    by_lane = {frame.header["lane"]: frame for frame in browser.frames}
    pictures = {lane: frame.array(frame.header["pictures"]).astype(int) for lane, frame in by_lane.items() if lane != "none"}
    assert np.abs(pictures["pad"][0] - pictures["of 0"][0]).max() <= 1
    assert np.abs(pictures["pad"][2] - pictures["of 2"][0]).max() <= 1
    assert not np.array_equal(pictures["pad"][1], pictures["pad"][0]) and not np.array_equal(pictures["pad"][1], pictures["pad"][2])
    assert np.abs(pictures["path"] - pictures["pad"]).max() <= 1, "at one z only the class moves, and it goes straight"
    assert by_lane["pad"].header["verdict"] is None, "D is told one class, and no blend"
    assert by_lane["none"].header["trouble"] == "no_class"


def test_classes_of_a_run_that_is_told_none_change_nothing(portrait: Stepped, stored: str) -> None:
    browser, z = Browser(portrait, stored), RNG.standard_normal((2, 4)).astype(np.float32)
    browser.ask("draw", z, kinds=(((0, 1.0),), ((5, 1.0),)))
    browser.ask("draw", z, lane="plain")
    portrait.all()
    mixed, plain = (frame.array(frame.header["pictures"]) for frame in browser.frames)
    np.testing.assert_array_equal(mixed, plain)


def test_a_margin_is_a_distance_from_reals_told_their_own_class(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store, run_id = keep_run(tmp_path, monkeypatch, moments=3, conditional="yes", game="relativistic")
    portrait, samples, started = Stepped(store, FakeRuns(), Time()), store.samples(run_id), store.started(run_id)
    assert samples is not None and started is not None
    assert len(started.reals_labels) == len(started.reals) and set(started.reals_labels) <= {0, 1, 2}
    labels = np.array(started.labels)
    browser = Browser(portrait, run_id)
    for label in range(3):
        browser.ask("draw", np.ascontiguousarray(started.z[labels == label]), verdict=True, label=label, lane=str(label))
        portrait.all()
        np.testing.assert_allclose(browser.last("verdict"), np.array(samples.verdict_living)[labels == label], rtol=1e-2, atol=1e-3)


def test_a_normalised_critic_judges_as_beside_the_samples(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store, run_id = keep_run(tmp_path, monkeypatch, moments=3, penalty="spectral", game="hinge")
    portrait, samples, started = Stepped(store, FakeRuns(), Time()), store.samples(run_id), store.started(run_id)
    assert samples is not None
    assert started is not None
    browser = Browser(portrait, run_id)
    browser.ask("draw", np.ascontiguousarray(started.z), verdict=True)
    portrait.all()
    assert samples.place.step == browser.headers[0]["step"]
    np.testing.assert_allclose(browser.last("verdict"), samples.verdict_living, rtol=1e-2, atol=1e-3)
