"""The Explore screen without a browser: what a link says, which runs are offered, what the view may ask for."""

from __future__ import annotations

import base64
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from test_app import Visitor
from test_manager import fake_train
from told_runs import CLASSES, handed, told_run

from gan_core.config import RunConfig
from gan_core.favourites import Favourites
from gan_core.streams import shown_z
from live import manager as manager_module
from live.manager import LiveManager
from ui import explore_keep
from ui.components import explore_view
from ui.components.explore_view import COMMANDS, WORDS, command_of, numbers_of
from ui.explore_link import DEFAULTS, MOST_AXES, READERS, Known, View, query_of, read_view
from ui.going import Way

DEMO = Path(__file__).parents[1] / "checkpoints" / "demo-glyphs"
KNOWN = Known(4, [0, 100, 250])
TOLD = Known(4, [0, 100, 250], classes=10)


@pytest.fixture
def live(tmp_path: Path) -> Iterator[LiveManager]:
    live = manager_module.install(lambda: LiveManager(fake_train, tmp_path))
    yield live
    assert live.close()
    manager_module.uninstall()


@pytest.fixture
def demo(live: LiveManager) -> str:
    shutil.copytree(DEMO, live.store.root / DEMO.name)
    return DEMO.name


def opened(monkeypatch: pytest.MonkeyPatch, **query: str) -> Visitor:
    """The page, as a link to it opens it."""
    visitor = Visitor(monkeypatch, "ann")
    for name, value in query.items():
        visitor.at.query_params[name] = value
    return visitor.page("explore")


# Links


def test_an_empty_link_is_the_default_and_says_nothing() -> None:
    assert read_view({}, KNOWN) == (View(), [])
    assert query_of(View()) == {}


@pytest.mark.parametrize(
    "view",
    [
        View(seed=999_999),
        View(z=(0.5, -1.25, 0.0, 3.0)),
        View(x="random-2-17", y="coordinate-4"),
        View(y="time", at=100),
        View(psi=0.35, weights="living"),
        View(x="classes-10", y="classes-3"),
    ],
    ids=lambda view: next(iter(query_of(view))),
)
def test_a_link_brings_back_what_it_was_made_of(view: View) -> None:
    assert read_view(query_of(view), KNOWN) == (view, [])


BAD = {
    "seed": ["-1", "1000000", "x", "9" * 5000, "²"],
    "z": ["1_2_3", "1_2_3_4_5", "1_2_3_nan", "a", "1,2,3,4", "1_2_3_999", "1_" * 9000],
    "x": [
        "principal",
        "principal-0",
        "sefa-5",
        "coordinate-5",
        "random-1",
        "random-5-1",
        "sefa-1-2",
        "classes-1001",
        "classes-0",
        "time",
        "' or 1=1",
    ],
    "y": ["nothing", "random-1-99999"],
    "psi": ["-0.1", "2", "nan", "inf", "x"],
    "weights": ["both"],
    "at": ["99", "-1", "now", "9" * 40],
    "class": ["10", "-1", "Bag", "٣", "9" * 5000],
}


@pytest.mark.parametrize("name, text", [(name, text) for name, texts in BAD.items() for text in texts], ids=lambda text: text[:20])
def test_what_cannot_be_is_said_and_left_at_its_default(name: str, text: str) -> None:
    view, complaints = read_view({"weights": "living", name: text}, TOLD if name == "class" else KNOWN)
    assert view == (View() if name == "weights" else View(weights="living"))
    [complaint] = complaints
    assert str(complaint).startswith("From the link: ") and len(str(complaint)) < 200


def test_every_value_of_a_link_has_a_reader_and_a_bad_example() -> None:
    assert READERS.keys() == BAD.keys() == DEFAULTS.keys() | {"z"}


def test_a_class_is_asked_for_where_players_are_told_one() -> None:
    view = View(label=9, psi=0.5)
    assert read_view(query_of(view), TOLD) == (view, [])
    assert query_of(view)["class"] == "9" and "class" not in query_of(View())
    view, [complaint] = read_view({"class": "3"}, KNOWN)
    assert view == View() and "the players of this run are not told any class" in str(complaint)
    view, [complaint] = read_view({"x": "classes-4"}, TOLD)
    assert view == View() and "class=3 asks for it" in str(complaint), "no direction leads there"


def test_one_direction_twice_is_no_plane() -> None:
    view, [complaint] = read_view({"x": "sefa-3", "y": "sefa-3"}, KNOWN)
    assert view == View() and "two directions" in str(complaint)


def test_time_is_no_axis_where_no_generator_is_kept() -> None:
    view, [complaint] = read_view({"y": "time"}, Known(4, []))
    assert view == View() and "'time'" in str(complaint)


# Commands

KEEP = {"name": "keep", "step": 4, "weights": "living", "z": "0.5_-1", "verdict": 0.25, "label": -1, "picture": "AAAA"}


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": "delete"},
        {"step": -1},
        {"step": "4"},
        {"weights": "best"},
        {"z": "0.5,1"},
        {"z": [0.5]},
        {"verdict": float("nan")},
        {"verdict": None},
        {"label": 1000},
        {"label": None},
        {"label": "1"},
        {"picture": "<svg>"},
        {"picture": "A" * 500_000},
    ],
    ids=str,
)
def test_what_no_view_of_ours_sends_is_no_command(wrong: dict[str, Any]) -> None:
    assert command_of(KEEP) == KEEP
    assert command_of(KEEP | wrong) is None


@pytest.mark.parametrize("value", [None, "keep", 4, {}, {"name": ["keep"]}, {"name": "rename", "id": "../up", "title": "x"}])
def test_nor_is_anything_else(value: object) -> None:
    assert command_of(value) is None


def test_what_a_command_carries_besides_is_left_out() -> None:
    assert command_of({"name": "forget", "id": "0123456789ab", "n": 7}) == {"name": "forget", "id": "0123456789ab"}
    assert COMMANDS.keys() == explore_keep.OBEY.keys()


@pytest.mark.parametrize(("given", "key"), [({"seed": "12"}, "s12"), ({"z": "_".join(["0.5"] * 16)}, "z")])
def test_a_place_is_taken_to_the_walk(monkeypatch: pytest.MonkeyPatch, live: LiveManager, demo: str, given: Any, key: str) -> None:
    page = opened(monkeypatch, run=demo)
    command = command_of({"name": "walk", "z": "", "seed": "", "weights": "living", "at": "", "label": "", **given})
    assert command is not None
    page.at.session_state["going"] = Way("interpolate", {"run": demo, "weights": "living", **given})
    page.look()
    view = page.at.session_state["walk_view"]
    assert page.title == "Interpolate"
    assert view.keys[-1].startswith(key) and len(view.keys) == 5 and view.weights == "living"
    assert command_of(command | {"seed": "-1"}) is None and command_of(command | {"z": "one"}) is None


def test_numbers_of_a_z() -> None:
    assert numbers_of("0.5_-1_2.125") == [0.5, -1.0, 2.125]
    assert numbers_of("1e9") is None and numbers_of("") is None


def kept_with(demo: str, **changes: Any) -> None:
    picture = base64.b64encode(np.arange(784, dtype=np.uint8).tobytes()).decode()
    place = {"z": "_".join(["0.5"] * 16), "picture": picture}
    explore_keep._keep(demo, KEEP | place | changes)


def test_a_place_is_kept_with_its_picture(live: LiveManager, demo: str) -> None:
    kept_with(demo)
    [favourite] = Favourites(live.store.root).all()
    assert (favourite.run_id, favourite.index, favourite.step, favourite.verdict) == (demo, -1, 4, 0.25)
    assert favourite.z == (0.5,) * 16
    [card] = explore_keep.cards(demo, 16, ())
    assert card["id"] == favourite.id and card["z"] == [0.5] * 16 and card["picture"].startswith("data:image/png;base64,")
    assert explore_keep.cards(demo, 17, ()) == [] and explore_keep.cards("another", 16, ()) == []
    assert (favourite.label, card["label"]) == (-1, 0)


@pytest.mark.parametrize("wrong", [{"picture": "AAAA"}, {"picture": "A"}, {"z": "1_2"}], ids=str)
def test_what_does_not_belong_to_the_run_is_not_kept(live: LiveManager, demo: str, wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="keep it again"):
        kept_with(demo, **wrong)
    assert Favourites(live.store.root).all() == []


# The page


def test_without_a_run_it_says_what_to_do(monkeypatch: pytest.MonkeyPatch, live: LiveManager) -> None:
    live.store.new(RunConfig(data="ring-8", threads=1)).close("stopped", "")
    page = opened(monkeypatch)
    assert page.title == "Explore"
    assert "start one on the Train page" in page.texts("markdown")
    assert page.query == {}


def test_a_link_is_followed_and_stays(monkeypatch: pytest.MonkeyPatch, live: LiveManager, demo: str) -> None:
    page = opened(monkeypatch, run=demo, seed="7", psi="0.5")
    assert page.query == {"run": demo, "seed": "7", "psi": "0.5"}
    assert "key='explore'" in repr(page.at.main)
    assert not page.at.warning
    assert page.look().query == {"run": demo, "seed": "7", "psi": "0.5"}


@pytest.mark.parametrize(
    "query, words",
    [
        ({"run": "gone"}, "not here"),
        ({"run": "demo-glyphs", "psi": "7"}, "psi is '7'"),
        ({"run": "demo-glyphs", "image": "64"}, "image is '64'"),
        ({"run": "demo-glyphs", "favourite": "x"}, "favourite is not there"),
    ],
    ids=str,
)
def test_a_link_that_cannot_be_is_complained_of(
    monkeypatch: pytest.MonkeyPatch, live: LiveManager, demo: str, query: dict[str, str], words: str
) -> None:
    page = opened(monkeypatch, **query)
    assert words in page.texts("warning")
    assert page.query == {"run": demo}


def test_points_are_not_explored(monkeypatch: pytest.MonkeyPatch, live: LiveManager, demo: str) -> None:
    record = live.store.new(RunConfig(data="ring-8", threads=1))
    record.close("stopped", "")
    page = opened(monkeypatch, run=record.run_id)
    assert "draws points, not images" in page.texts("warning")
    assert [option for option in page.at.selectbox(key="_explored").options if record.run_id in option] == []


def test_an_image_of_the_grid_is_a_place(monkeypatch: pytest.MonkeyPatch, live: LiveManager, demo: str) -> None:
    averages = live.store.moments(demo).averages
    page = opened(monkeypatch, run=demo, image="5", step=str(averages[2] + 1))
    z = numbers_of(page.query["z"])
    assert z == pytest.approx(shown_z("image", 16)[5].tolist(), abs=6e-4)
    assert page.query["at"] == str(averages[2])
    assert "at" not in opened(monkeypatch, run=demo, image="5", step="9000").query


def test_a_favourite_is_a_place(monkeypatch: pytest.MonkeyPatch, live: LiveManager, demo: str) -> None:
    kept_with(demo, step=9000)
    [favourite] = Favourites(live.store.root).all()
    assert opened(monkeypatch, run=demo, favourite=favourite.id).query["z"] == "_".join(["0.5"] * 16)
    runs = Visitor(monkeypatch, "ann").page("runs").click(f"favourite-explore-{favourite.id}")
    assert runs.title == "Explore"
    assert runs.query["z"] == "_".join(["0.5"] * 16)


def test_another_run_begins_anew(monkeypatch: pytest.MonkeyPatch, live: LiveManager, demo: str) -> None:
    record = live.store.new(RunConfig(data="digits", threads=1))
    record.close("stopped", "")
    page = opened(monkeypatch, run=demo, seed="7")
    page.at.selectbox(key="_explored").set_value(record.run_id)
    assert page.look().query == {"run": record.run_id}
    live.store.delete(record.run_id)
    assert page.look().query == {"run": demo}
    assert "not here" in page.texts("warning")


def test_every_trouble_of_the_socket_has_a_sentence() -> None:
    codes = {
        "no_weights",
        "no_moment",
        "no_critic",
        "no_data",
        "plane",
        "no_classes",
        "one_class",
        "no_class",
    }  # "busy" is answered by asking again
    assert {f"trouble_{code}" for code in codes} <= WORDS.keys()


def test_a_link_knows_how_many_directions_the_view_asks_for() -> None:
    source = (Path(explore_view.__file__).parent / "explore_axes.js").read_text(encoding="utf-8")
    assert f"const FETCHED = {{ {', '.join(f'{kind}: {most}' for kind, most in MOST_AXES.items())} }};" in source


# Players that are told the class


@pytest.fixture
def told(live: LiveManager) -> str:
    return told_run(live)


def test_the_class_of_a_link_is_shown_and_stays(monkeypatch: pytest.MonkeyPatch, live: LiveManager, told: str) -> None:
    page = opened(monkeypatch, run=told, **{"class": "2"})
    assert page.query == {"run": told, "class": "2"} and not page.at.warning
    data = handed(page)
    assert (data["told"], data["classes"], data["start"]["label"]) == (True, list(CLASSES), 2)
    page = opened(monkeypatch, run=told, **{"class": "3"})
    assert "class is '3', and it can be a number from 0 to 2" in page.texts("warning") and page.query == {"run": told}


def test_an_image_of_the_grid_is_of_its_class(monkeypatch: pytest.MonkeyPatch, live: LiveManager, told: str) -> None:
    assert opened(monkeypatch, run=told, image="12").query["class"] == "1"
    assert opened(monkeypatch, run=told, image="12", **{"class": "2"}).query["class"] == "2", "one class alone was on the sheet"


def test_a_favourite_keeps_its_class(monkeypatch: pytest.MonkeyPatch, live: LiveManager, told: str) -> None:
    kept_with(told, z="_".join(["0.5"] * 4), label=2)
    [favourite] = Favourites(live.store.root).all()
    [card] = explore_keep.cards(told, 4, CLASSES)
    assert (favourite.label, card["label"], card["note"]) == (2, 2, "step 4 · crosses")
    assert opened(monkeypatch, run=told, favourite=favourite.id).query["class"] == "2"


def test_a_run_without_its_data_yet_is_asked_for_any_class(monkeypatch: pytest.MonkeyPatch, live: LiveManager) -> None:
    record = live.store.new(RunConfig(data="glyphs", conditional="yes", threads=1))
    record.close("stopped", "")
    page = opened(monkeypatch, run=record.run_id, **{"class": "7"})
    assert page.query["class"] == "7" and handed(page)["classes"] == []
