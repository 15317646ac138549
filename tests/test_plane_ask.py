"""The question about a plane, asked as a browser asks it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from kept_runs import keep_run
from test_portrait import OPTIONS, Browser, FakeRun, FakeRuns, Stepped, Time, come_back

from gan_core.data import DATA
from gan_core.store import RunStore

ALL: dict[str, Any] = {"heat": 12, "grid": 5, "fakes": 40, "figures": True}
NOTHING: dict[str, Any] = {"heat": 0, "grid": 0, "fakes": 0, "figures": False}
OPTIONS["plane"] = NOTHING


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[RunStore, str]]:
    with pytest.MonkeyPatch.context() as monkeypatch:
        yield keep_run(tmp_path_factory.mktemp("runs"), monkeypatch, data="ring-8")


@pytest.fixture
def portrait(kept: tuple[RunStore, str]) -> Stepped:
    return Stepped(kept[0], FakeRuns(), Time())


@pytest.fixture
def browser(kept: tuple[RunStore, str], portrait: Stepped) -> Browser:
    return Browser(portrait, kept[1])


def answered(browser: Browser, **facts: Any) -> dict[str, Any]:
    """The header of the answer to a question about the plane."""
    browser.ask("plane", np.zeros((0, 4), np.float32), **facts)
    come_back(browser.portrait)  # type: ignore[arg-type]
    return browser.headers[-1]


def test_all_of_it(browser: Browser, kept: tuple[RunStore, str]) -> None:
    header = answered(browser, **ALL)
    assert header["step"] == kept[0].status(kept[1]).checkpoint_step
    assert (len(header["span"]), header["axis"], header["half"]) == (3, "margin", 0)
    shapes = {"heat": (12, 12), "grid_z": (5,), "warped": (5, 5, 2), "fakes": (40, 2), "z": (40, 2), "verdict": (40,), "arrows": (40, 2)}
    assert {name: browser.last(name).shape for name in shapes} == shapes
    assert {browser.last(name).dtype for name in shapes} == {np.dtype("float32")}
    assert header["figures"].keys() == {"modes", "of", "on_mode", "reverse_kl", "energy", "energy_floor"}
    samples = kept[0].samples(kept[1])
    assert samples is not None
    np.testing.assert_allclose(browser.last("fakes"), samples.living[:40], atol=1e-5, err_msg="the points of the run's own samples")


def test_what_is_not_asked_for_is_not_there(browser: Browser) -> None:
    assert answered(browser).keys() & {"heat", "grid_z", "warped", "fakes", "z", "verdict", "arrows", "figures"} == set()


def test_a_moment_without_its_critic(browser: Browser, kept: tuple[RunStore, str]) -> None:
    moments = kept[0].moments(kept[1])
    step = next(step for step in moments.averages if step not in moments.checkpoints)
    header = answered(browser, at=step, **ALL)
    assert header.keys() & {"heat", "verdict", "arrows", "trouble"} == set()
    assert header.keys() > {"warped", "fakes", "figures"}
    assert (header["step"], header["at"]) == (step, step)


def test_data_that_cannot_be_had(browser: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(DATA, "ring-8", replace(DATA["ring-8"], where=lambda request: None))
    assert answered(browser, **ALL)["trouble"] == "no_data"


def test_a_run_that_is_put_away_while_somebody_looks(tmp_path: Any, monkeypatch: pytest.MonkeyPatch, caplog: Any) -> None:
    store, run_id = keep_run(tmp_path, monkeypatch, data="ring-8", moments=2)
    browser = Browser(Stepped(store, FakeRuns(), Time()), run_id)
    store.delete(run_id)
    assert answered(browser, **ALL)["trouble"] == "no_weights" and not caplog.records


def test_pictures_are_no_points(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    store, run_id = keep_run(tmp_path, monkeypatch, moments=2)
    assert answered(Browser(Stepped(store, FakeRuns(), Time()), run_id), **ALL)["trouble"] == "not_plane"


# A run at work


@pytest.fixture
def at_work(kept: tuple[RunStore, str], portrait: Stepped) -> FakeRun:
    run = FakeRun(kept[1], kept[0].config(kept[1]))
    portrait.runs.at_work[kept[1]] = run  # type: ignore[attr-defined]
    return run


def test_it_is_asked_ten_times_a_second_while_somebody_looks(browser: Browser, portrait: Stepped, at_work: FakeRun) -> None:
    count = 0
    at_work.publish(1)
    for tick in range(1, 101):
        portrait.time.now, at_work.at = tick / 100, tick
        answered(browser, fakes=3)
        if at_work.sent:
            count += 1
            at_work.publish(tick)
    assert 8 <= count <= 11


def test_the_answer_says_whose_turn_it_is(browser: Browser, at_work: FakeRun) -> None:
    at_work.publish(3)
    assert (answered(browser, **ALL)["step"], browser.headers[-1]["half"]) == (3, 0)
    at_work.publish(3, half=1)
    assert (answered(browser, **ALL)["step"], browser.headers[-1]["half"]) == (3, 1)


def test_a_turned_game_is_seen_at_once(browser: Browser, at_work: FakeRun) -> None:
    at_work.publish(3)
    assert answered(browser, **ALL)["axis"] == "margin"
    at_work.config = at_work.config.but(game="wasserstein")
    assert answered(browser, **ALL)["axis"] == "score"
