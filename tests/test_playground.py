"""The Playground: its link, its settings, the run they make, and one's own target."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from test_app import Visit, Visitor, live, visit  # noqa: F401 - fixtures

from gan_core.config import RunConfig
from gan_core.data import DATA
from gan_core.events import Checkpoint
from gan_core.loop import train
from live.manager import LiveManager
from ui.components import plane_view
from ui.components.points_pad import FEWEST, MOST, points_of
from ui.playground_link import DEFAULT, SHOWN, TARGETS, Play, base_of, moved_to, read_link


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What the view was told last; what is put under "tell" it tells the page when it is drawn next."""
    seen: dict[str, Any] = {}

    def show(data: Any, *, key: str, on_told: Any) -> None:
        todo = seen.pop("tell", None)
        seen.clear()
        seen.update(data)
        if todo is not None:
            on_told(todo)

    monkeypatch.setattr(plane_view, "show", show)
    return seen


def opened(visit: Visit, browser: str = "ann", **query: str) -> Visitor:  # noqa: F811
    visitor = visit(browser)
    visitor.at.query_params.update(query)
    visitor.at.switch_page("../pages/playground.py")
    return visitor.look()


def test_every_plane_is_a_target_whose_settings_can_be() -> None:
    assert DEFAULT in TARGETS and all(DATA[name].kind == "plane" for name in TARGETS)
    for name in TARGETS:
        assert base_of(name).latent_dim <= 2 or name not in (DEFAULT, "points")
    assert base_of(DEFAULT).latent_dim == 2, "the warped grid of the noise can be seen"


def test_a_link_says_what_differs_and_brings_it_back() -> None:
    play = Play(base_of(DEFAULT).but(gamma=0.5, seed=7, critic_steps=2), ("reals", "grid"), 0.5)
    assert play.link() == {"gamma": "0.5", "seed": "7", "critic_steps": "2", "layers": "reals,grid", "pace": "0.5"}
    assert read_link(play.link()) == (play, [])
    assert Play().link() == {} and read_link({}) == (Play(), [])
    other = Play(base_of("grid-25").but(gamma=3.0))
    assert read_link(other.link()) == (other, [])


@pytest.mark.parametrize(
    ("query", "part"),
    [
        ({"data": "glyphs"}, "the Playground has"),
        ({"layers": "reals,fog"}, "'fog' is no layer"),
        ({"pace": "1000"}, "pace is '1000'"),
        ({"gamma": "x"}, "gamma is 'x'"),
        ({"boo": "1"}, "boo is no setting"),
    ],
)
def test_what_a_link_cannot_have_is_said_and_the_rest_is_taken(query: dict[str, str], part: str) -> None:
    play, complaints = read_link({"seed": "3", **query})
    assert len(complaints) == 1 and part in complaints[0]
    assert play == Play(base_of(DEFAULT).but(seed=3))


def test_another_target_keeps_what_was_changed_by_hand() -> None:
    here = base_of(DEFAULT).but(gamma=0.7, seed=4)
    there = moved_to(here, "grid-25")
    assert there == base_of("grid-25").but(gamma=0.7, seed=4)
    assert moved_to(there, DEFAULT) == here


@pytest.mark.slow
def test_a_link_opened_twice_gives_the_same_first_200_steps_bit_for_bit() -> None:
    link = Play(base_of(DEFAULT).but(width=16, batch_size=16, seed=5, threads=1)).link()

    def weights(config: RunConfig) -> dict[str, torch.Tensor]:
        checkpoint = [event for event in train(config, until_step=200) if isinstance(event, Checkpoint)][-1]
        assert checkpoint.place.step == 200
        return dict(checkpoint.tensors)

    first, second = (weights(read_link(dict(link))[0].config) for _ in range(2))
    assert first.keys() == second.keys() and all(torch.equal(first[name], second[name]) for name in first)


@pytest.mark.parametrize(
    "value",
    [None, "x", [0.0] * 2 * (FEWEST - 1), [0.0] * 21, [0.0] * 2 * (MOST + 1), [float("nan")] * 20, [2.0] * 20, [True] * 20, [None] * 20],
)
def test_what_are_no_points_is_not_taken(value: object) -> None:
    assert points_of(value) is None


def test_points_come_in_pairs() -> None:
    assert points_of([0.5, -1, *[0] * 18]) == [(0.5, -1.0), *[(0.0, 0.0)] * 9]


def test_the_page_shows_the_target_before_any_run(visit: Visit, shown: dict[str, Any]) -> None:  # noqa: F811
    visitor = opened(visit, seed="3")
    assert visitor.title == "Playground"
    assert shown["run"] is None and shown["controls"] and shown["state"] is None
    assert shown["layers"] == {name: name in SHOWN for name in plane_view.LAYERS}
    assert len(shown["target"]) == 1024


def test_play_turn_and_rewind_keep_the_seed(visit: Visit, live: LiveManager, shown: dict[str, Any]) -> None:  # noqa: F811
    visitor = opened(visit, seed="3")

    def tell(**told: Any) -> None:
        shown["tell"] = told
        visitor.look().look()

    tell(name="toggle")
    first = shown["run"]
    assert live.config(first).seed == 3 and shown["controls"]
    visitor.at.number_input(key="_play_gamma").set_value(0.7)
    visitor.look()
    assert live.config(first).gamma == 0.7 and visitor.query == {"seed": "3", "gamma": "0.7"}
    assert visitor.at.button(key="play-restart").disabled
    tell(name="toggle")
    tell(name="rewind")
    second = shown["run"]
    assert second != first and live.status(second).state == "paused"
    assert live.store.config(second).but(threads=0) == base_of(DEFAULT).but(seed=3, gamma=0.7)
    tell(name="layers", layers={name: name == "grid" for name in plane_view.LAYERS})
    assert visitor.query["layers"] == "grid"
    visitor.at.number_input(key="_play_width").set_value(32)
    visitor.look()
    assert not visitor.at.button(key="play-restart").disabled
    live.store.labels.set(second, pinned=True)
    visitor.click("play-restart")
    assert live.store.config(shown["run"]).width == 32
    assert live.knows(second) and not live.knows(first), "a brief run that nobody kept anything of is put away"
    visitor.at.switch_page("../pages/runs.py")
    visitor.look().click("play-away-back")
    assert live.knows(first) and "play-away-back" not in {button.key for button in visitor.at.button}


def test_an_address_that_comes_late_is_no_new_link(visit: Visit, live: LiveManager, shown: dict[str, Any]) -> None:  # noqa: F811
    visitor = opened(visit, seed="3")
    visitor.at.number_input(key="_play_gamma").set_value(0.7)
    visitor.look()
    del visitor.at.query_params["gamma"]  # a rerun that the browser asked for before it had the new address
    visitor.look()
    assert visitor.query == {"seed": "3", "gamma": "0.7"} and visitor.at.number_input(key="_play_gamma").value == 0.7
    visitor.at.query_params["seed"] = "4"
    visitor.look()
    assert visitor.query == {"seed": "4", "gamma": "0.7"} and shown["target"]


def test_another_browsers_run_leaves_a_way_to_ones_own(visit: Visit, live: LiveManager, shown: dict[str, Any]) -> None:  # noqa: F811
    shown_first = opened(visit, "ann", seed="3")
    shown["tell"] = {"name": "toggle"}
    shown_first.look().look()
    visitor = opened(visit, "bob")
    assert not shown["controls"]
    visitor.click("play-mine")
    assert "wait" in visitor.buttons


def test_a_bad_link_is_complained_of_on_the_page(visit: Visit, shown: dict[str, Any]) -> None:  # noqa: F811
    visitor = opened(visit, gamma="x", seed="3")
    assert "gamma is 'x'" in visitor.texts("warning")
    assert visitor.query == {"seed": "3"}
