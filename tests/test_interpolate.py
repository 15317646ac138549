"""The Interpolate screen without a browser: keys as texts, what a link asks for, what the page says, which files it makes."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from test_app import Visitor, ended
from test_manager import fake_train
from test_runner import SOON
from told_runs import CLASSES, handed, told_run

from gan_core.export import Walk
from gan_core.favourites import Favourites
from gan_core.streams import shown_z
from live import manager as manager_module
from live.manager import LiveManager
from ui import interpolate
from ui.components.interpolate_view import WORDS
from ui.interpolate_link import (
    FRAMES,
    PARAMETERS,
    USUAL,
    View,
    key_for,
    key_of,
    kind_of,
    link_of,
    read_link,
    refusal,
    texts_of,
    told,
    with_class,
    z_of,
)

DEMO = Path(__file__).parents[1] / "checkpoints" / "demo-glyphs"
DIM = 4
MOMENTS = [0, 100, 250]
OWN = key_of([0.5, -1.25, 0.001, 3.0])


# Keys


def test_a_key_of_its_own_brings_its_numbers_back() -> None:
    assert z_of(OWN) == (0.5, -1.25, 0.001, 3.0)
    z = np.random.default_rng(0).normal(size=1024)
    assert np.abs(np.asarray(z_of(key_of(z))) - z).max() <= 0.0005
    assert z_of(key_of([99.0, -99.0])) == (32.767, -32.768)
    assert len(key_of(np.zeros(128))) < 350
    assert key_of(z_of(OWN)) == OWN
    assert not set(OWN) & set(",+/=&?#")


def test_a_sample_is_told_by_its_number() -> None:
    shown = shown_z("image", DIM).tolist()
    assert key_for(shown[7], shown) == "i7"
    assert key_for([0.5, -1.25, 0.001, 3.0], shown) == OWN
    assert key_for([0.5], shown) == key_of([0.5])


@pytest.mark.parametrize("key", ["s0", "s999999", "i0", "i63", OWN])
def test_keys_that_can_be(key: str) -> None:
    assert refusal(key, DIM) == ""


@pytest.mark.parametrize(
    ("key", "words"),
    [
        ("i64", "there are those from i0 to i63"),
        ("s1000000", "is no key frame"),
        ("s-1", "is no key frame"),
        ("x", "is no key frame"),
        ("zä", "is no key frame"),
        ("z!", "is no key frame"),
        ("z" + "A" * 896, "has 336 numbers, and the z of this run has 4"),
        ("zAA", "is no key frame"),
        (key_of([1.0] * 5), "has 5 numbers, and the z of this run has 4"),
        ("s٣", "is no key frame"),
    ],
)
def test_keys_that_cannot_be_are_told_in_a_sentence(key: str, words: str) -> None:
    said = refusal(key, DIM)
    assert words in said and len(said) < 250


LABELS = [0, 0, 1, 1, 2, 2]


@pytest.mark.parametrize(
    ("key", "kind"),
    [
        ("s5", ((0, 1.0),)),
        ("s5.12", ((12, 1.0),)),
        ("i4", ((2, 1.0),)),
        ("i4.0", ((0, 1.0),)),
        (OWN + ".3-250.7-750", ((3, 0.25), (7, 0.75))),
        ("s5.1-333.2-333.0-333", ((1, 1 / 3), (2, 1 / 3), (0, 1 / 3))),
    ],
)
def test_a_key_says_what_it_is_asked_to_be(key: str, kind: Any) -> None:
    assert kind_of(key, LABELS) == kind
    assert refusal(key, DIM) == ""
    assert read_link({"keys": f"s1,{key}"}, DIM, MOMENTS, classes=13) == (View(keys=("s1", key)), [])


def test_only_what_differs_is_said_of_a_class() -> None:
    assert with_class("i4", 2, LABELS) == "i4" and with_class("i4", 0, LABELS) == "i4.0"
    assert with_class("s1", 0, LABELS) == "s1" and with_class(OWN, 1, LABELS) == f"{OWN}.1"
    assert z_of(f"{OWN}.1") == z_of(OWN)


@pytest.mark.parametrize("text", ["13", "-1", "", "x", "1-500.13-500", "1-0", "1.1", "1.2.3.4.5", "1-250-5"])
def test_a_class_that_cannot_be_is_told_and_left_out(text: str) -> None:
    view, [said] = read_link({"keys": f"s1,s2.{text}"}, DIM, MOMENTS, classes=13)
    assert view.keys == ("s1", "s2") and "There are those from 0 to 12." in said
    view, [said] = read_link({"keys": f"s1,s2.{text}"}, DIM, MOMENTS)
    assert view.keys == ("s1", "s2") and "are not told any" in said


def test_a_place_from_explore_brings_its_class() -> None:
    view, complaints = read_link({"keys": "s1", "seed": "5", "class": "3"}, DIM, MOMENTS, classes=10)
    assert (view.keys, complaints) == (("s1", "s5.3"), [])
    view, _ = read_link({"keys": "s1", "z": "0.5_-1.25_0.001_3", "class": "3"}, DIM, MOMENTS, classes=10)
    assert view.keys == ("s1", f"{OWN}.3")


# Links


@pytest.mark.parametrize(
    "view",
    [
        USUAL,
        View(keys=("s1", OWN)),
        View(how="both", frames=16),
        View(frames=240, closed=True),
        View(ease=True, weights="living"),
        View(at=100, how="lerp"),
        View(keys=()),
    ],
)
def test_a_link_brings_back_what_it_was_made_of(view: View) -> None:
    assert read_link(link_of(view), DIM, MOMENTS) == (view, [])
    assert link_of(view).keys() <= set(PARAMETERS) and texts_of(view).keys() <= set(PARAMETERS)


def test_an_empty_link_is_the_usual_walk() -> None:
    assert read_link({}, DIM, MOMENTS) == (USUAL, [])
    assert link_of(USUAL) == {"keys": "i0,i1,i2,i3"}


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("how", "around", "how is 'around'. It can be slerp, lerp, both."),
        ("weights", "best", "It can be averaged, living."),
        ("closed", "yes", "closed is 'yes'. It can be 0, 1."),
        ("ease", "", "ease is ''"),
        ("frames", "15", f"frames is '15', and it has to be from {FRAMES[0]} to {FRAMES[1]}."),
        ("frames", "٣٣", "it has to be from"),
        ("frames", "1e2", "it has to be from"),
        ("at", "99", "the generator of step '99' is not kept"),
        ("at", "-1", "is not kept"),
    ],
)
def test_what_a_link_cannot_ask_for_is_told_and_the_rest_goes_on(name: str, text: str, words: str) -> None:
    view, (said,) = read_link({"keys": "s1,s2", name: text}, DIM, MOMENTS)
    assert words in said and said.startswith("From the link: ")
    assert view == replace(USUAL, keys=("s1", "s2"))


def test_bad_keys_are_left_out_and_told_once() -> None:
    view, complaints = read_link({"keys": "s1,,nonsense,i2,nonsense,i99"}, DIM, MOMENTS)
    assert view.keys == ("s1", "i2")
    assert len(complaints) == 2 and "nonsense" in complaints[0] and "i99" in complaints[1]
    many, (said,) = read_link({"keys": ",".join(f"s{seed}" for seed in range(9))}, DIM, MOMENTS)
    assert many.keys == tuple(f"s{seed}" for seed in range(8)) and "9 key frames" in said


def test_a_z_of_the_explore_page_becomes_the_last_key() -> None:
    base = View(keys=("s1", "s2"), frames=30)
    view, complaints = read_link({"z": "0.5_-1.25_0.001_3"}, DIM, MOMENTS, base)
    assert (view, complaints) == (replace(base, keys=("s1", "s2", OWN)), [])
    assert z_of(read_link({"z": "1_2_3_4", "psi": "0.5"}, DIM, MOMENTS)[0].keys[-1]) == (0.5, 1.0, 1.5, 2.0)
    view, complaints = read_link({"seed": "12"}, DIM, MOMENTS)
    assert (view.keys, complaints) == ((*USUAL.keys, "s12"), [])
    assert read_link({"seed": "12", "keys": ",".join(f"s{number}" for number in range(8))}, DIM, MOMENTS)[0].keys[-2:] == ("s6", "s12")
    view, (complaint,) = read_link({"seed": "12", "psi": "0.5"}, DIM, MOMENTS)
    assert view.keys[-1] == "s12" and "'0.5'" in complaint
    view, (complaint,) = read_link({"seed": "a dozen"}, DIM, MOMENTS)
    assert view.keys == USUAL.keys and "sa dozen" in complaint
    full = View(keys=tuple(f"s{seed}" for seed in range(8)))
    assert read_link({"z": "0.5_-1.25_0.001_3"}, DIM, MOMENTS, full)[0].keys == (*full.keys[:7], OWN)
    for text in ("1_2_nan_4", "a", "", "1,2,3,4"):
        assert "z is no row of numbers" in read_link({"z": text}, DIM, MOMENTS)[1][0]
    assert "has 2 numbers" in read_link({"z": "1_2"}, DIM, MOMENTS)[1][0]


# What a browser tells


def told_by(link: Any, z: Any) -> Any:
    return told(json.dumps({"link": link, "z": z}), DIM, MOMENTS)


def test_a_view_and_its_numbers_are_taken() -> None:
    view = View(keys=("s1", OWN), how="both", frames=20)
    z = [[1.0, 2.0, 3.0, 4.0], list(z_of(OWN))]
    assert told_by(link_of(view), z) == (view, tuple(tuple(row) for row in z))
    assert told_by({"keys": ""}, []) == (View(keys=()), ())


@pytest.mark.parametrize(
    "value",
    [None, 3, "", "nonsense", "[]", "{}", json.dumps({"link": "x", "z": []}), json.dumps({"link": {"keys": 3}, "z": []})],
)
def test_what_is_no_view_is_left_alone(value: object) -> None:
    assert told(value, DIM, MOMENTS) is None


@pytest.mark.parametrize("z", [None, [[1, 2, 3, 4]], [[1, 2, 3], [1, 2, 3]], [["a"] * 4] * 2, [[1e9] * 4] * 2, [[float("nan")] * 4] * 2])
def test_numbers_that_cannot_be_are_left_alone(z: object) -> None:
    assert told_by({"keys": "s1,s2"}, z) is None
    assert told_by({"keys": "s1,nonsense"}, [[0] * 4] * 2) is None


# The page


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
    visitor = Visitor(monkeypatch, "ann")
    visitor.at.query_params.clear()
    for name, value in query.items():
        visitor.at.query_params[name] = value
    return visitor.page("interpolate")


def test_without_a_run_the_page_shows_the_way_to_one(live: LiveManager, monkeypatch: pytest.MonkeyPatch) -> None:
    page = opened(monkeypatch)
    assert page.title == "Interpolate"
    assert "no run with images yet" in page.texts("subheader")
    assert not handed(page) and page.query == {}


def test_the_bundled_run_is_walked_through(demo: str, live: LiveManager, monkeypatch: pytest.MonkeyPatch) -> None:
    page = opened(monkeypatch)
    data = handed(page)
    assert (data["run"], data["url"], data["latent_dim"]) == (demo, f"/live/latent/{demo}", 16)
    assert live.tickets.valid(data["token"], demo)
    assert data["link"] == texts_of(USUAL) and data["known"] == ""
    assert data["averages"] == live.store.moments(demo).averages
    assert data["words"].keys() == WORDS.keys()
    assert page.query == {"run": demo, "keys": "i0,i1,i2,i3"}
    assert "at least two key frames" in page.texts("caption"), "the browser has not told their z yet"


def test_a_link_is_shown_and_what_is_wrong_with_it_told(demo: str, monkeypatch: pytest.MonkeyPatch) -> None:
    page = opened(monkeypatch, run=demo, keys="s5,i64,s6", how="both", frames="999")
    said = page.texts("warning")
    assert "i0 to i63" in said and "from 16 to 240" in said
    assert page.query == {"run": demo, "keys": "s5,s6", "how": "both"}
    first = handed(page)
    assert page.look().texts("warning") == said, "told as long as the walk is the link's"
    assert handed(page)["asked"] == first["asked"], "the view is not begun anew by a rerun"


def test_the_walk_is_there_again_and_goes_along_to_another_run(demo: str, live: LiveManager, monkeypatch: pytest.MonkeyPatch) -> None:
    other = "another-demo"
    shutil.copytree(DEMO, live.store.root / other)
    page = opened(monkeypatch, run=demo, keys="s5,s6", at=str(live.store.moments(demo).averages[0]))
    page.page("runs")
    page.at.query_params.clear()
    page.page("interpolate")
    assert handed(page)["run"] == demo and handed(page)["link"]["keys"] == "s5,s6"
    asked = handed(page)["asked"]
    page.at.selectbox(key="_walk_chosen").set_value(other)
    page.look()
    assert handed(page)["run"] == other and handed(page)["link"]["keys"] == "s5,s6"
    assert handed(page)["asked"] > asked
    assert page.query["run"] == other


def test_a_place_from_explore_is_added_to_the_walk(demo: str, monkeypatch: pytest.MonkeyPatch) -> None:
    page = opened(monkeypatch, run=demo, keys="s5,s6")
    page.at.query_params.clear()
    page.at.query_params["z"] = "_".join(["0.5"] * 16)
    page.look()
    assert handed(page)["link"]["keys"] == f"s5,s6,{key_of([0.5] * 16)}"


def test_runs_of_points_and_runs_that_are_gone_are_told(demo: str, live: LiveManager, monkeypatch: pytest.MonkeyPatch) -> None:
    points = ended(live, data="ring-8", network="mlp")
    page = opened(monkeypatch, run=points)
    assert "draws points on a plane, not images" in page.texts("warning")
    assert handed(page)["run"] == demo, "one with images is shown instead"
    assert "draws points" in page.look().texts("warning")
    assert "nonsense is not here" in opened(monkeypatch, run="nonsense").texts("warning")


def test_a_view_whose_run_was_deleted_may_still_tell_something(demo: str, live: LiveManager, monkeypatch: pytest.MonkeyPatch) -> None:
    page: dict[str, Any] = {}
    monkeypatch.setattr(interpolate, "interpolate_view", lambda **given: page.update(given))
    opened(monkeypatch, run=demo)
    shutil.rmtree(live.store.folder(demo))
    page["on_view"]("nonsense")


def test_favourites_of_the_run_are_offered(demo: str, live: LiveManager, monkeypatch: pytest.MonkeyPatch) -> None:
    picture = np.zeros((32, 32, 1), np.uint8)
    keep = Favourites(live.store.root).keep
    z = shown_z("image", 16)[3].tolist()
    keep(demo, 9, index=3, weights="averaged", picture=picture, verdict=None, z=z)
    keep(demo, 9, index=-1, weights="averaged", picture=picture, verdict=None, z=[0.5] * 16)
    keep("another", 9, index=3, weights="averaged", picture=picture, verdict=None, z=z)
    assert [card["key"] for card in handed(opened(monkeypatch, run=demo))["favourites"]] == [key_of([0.5] * 16), "i3"]


# Files


def with_numbers(page: Visitor, view: View) -> Visitor:
    """As if the browser had told what it shows."""
    z = shown_z("image", 16)[: len(view.keys)].tolist()
    page.at.session_state["walk_view"], page.at.session_state["walk_z"] = view, tuple(tuple(row) for row in z)
    return page.look()


def test_a_walk_is_made_and_offered(demo: str, live: LiveManager, monkeypatch: pytest.MonkeyPatch) -> None:
    page = with_numbers(opened(monkeypatch, run=demo), View(keys=("i0", "i1"), frames=16, closed=True))
    page.at.selectbox(key="walk-kind").set_value("walk-z")
    page.look()
    assert "16 frames, drawn with the weights kept at step 9,000." in page.texts("caption")
    page.click(f"take-make-{demo}")
    (job,) = live.jobs.of("ann")
    job = live.jobs.wait_for(job.job_id, SOON)
    assert job.state == "done" and isinstance(job.options, Walk) and job.options.closed and job.options.frames == 16
    page.look()
    assert len(page.at.get("download_button")) == 1
    page.at.selectbox(key="walk-kind").set_value("walk.gif")
    page.look()
    page.at.slider(key="walk-fps").set_value(10)
    page.look()
    assert not page.at.get("download_button"), "that file is another one"
    with_numbers(page, View(keys=("i0", "i1"), at=live.store.moments(demo).averages[0]))
    assert "weights kept at step 2." in page.texts("caption")


def test_an_older_walk_is_told_by_its_own_step(demo: str, live: LiveManager, monkeypatch: pytest.MonkeyPatch) -> None:
    page = with_numbers(opened(monkeypatch, run=demo), View(keys=("i0", "i1"), frames=16))
    page.at.selectbox(key="walk-kind").set_value("walk-z")
    page.look()
    page.click(f"take-make-{demo}")
    live.jobs.wait_for(live.jobs.of("ann")[0].job_id, SOON)
    status = live.store.folder(demo) / "status.json"
    status.write_text(json.dumps(json.loads(status.read_text()) | {"checkpoint_step": 12345}))
    said = page.look().texts("caption")
    assert len(page.at.get("download_button")) == 1
    assert "16 frames, drawn with the weights kept at step 9,000." in said
    assert "This file was made at step 9,000. Made again, it would be of step 12,345." in said
    page.at.selectbox(key="walk-kind").set_value("walk.gif")
    assert "drawn with the weights kept at step 12,345." in page.look().texts("caption"), "none is made yet"


def test_a_run_without_weights_says_so(live: LiveManager, demo: str, monkeypatch: pytest.MonkeyPatch) -> None:
    record = live.store.new(live.store.config(demo))
    record.close("stopped", "")
    page = with_numbers(opened(monkeypatch, run=record.run_id), View(keys=("i0", "i1")))
    assert "keeps no generator yet" in page.texts("info")


def test_one_key_makes_no_file(demo: str, monkeypatch: pytest.MonkeyPatch) -> None:
    page = with_numbers(opened(monkeypatch, run=demo), View(keys=("i0",)))
    assert "at least two key frames" in page.texts("caption")
    assert not page.at.button


# Players that are told the class


def test_keys_of_a_run_by_class_carry_theirs(live: LiveManager, monkeypatch: pytest.MonkeyPatch) -> None:
    run = told_run(live)
    keep = Favourites(live.store.root).keep
    picture = np.zeros((28, 28, 1), np.uint8)
    for label in (0, 2):
        keep(run, 9, index=-1, weights="averaged", picture=picture, verdict=None, z=[0.5] * 4, label=label)
    page = opened(monkeypatch, run=run, keys="s1.2,i12,s3.9")
    data = handed(page)
    assert (data["told"], data["classes"], data["labels"][12]) == (True, list(CLASSES), 1)
    assert {card["key"] for card in data["favourites"]} == {key_of([0.5] * 4), f"{key_of([0.5] * 4)}.2"}
    assert "the key 's3.9' asks for a class there is not" in page.texts("warning")
    assert page.query["keys"] == "s1.2,i12,s3"
    assert interpolate._kinds(run, page.at.session_state["walk_view"]) == (((2, 1.0),), ((1, 1.0),), ((0, 1.0),))


def test_a_run_that_is_told_none_takes_the_walk_without_its_classes(live: LiveManager, demo: str, monkeypatch: pytest.MonkeyPatch) -> None:
    page = opened(monkeypatch, run=told_run(live), keys="s1.2,s3.1")
    page.at.selectbox(key="_walk_chosen").set_value(demo)
    page.look()
    assert page.query["keys"] == "s1,s3" and not page.at.warning
    assert interpolate._kinds(demo, page.at.session_state["walk_view"]) == ()
