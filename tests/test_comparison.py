"""The Compare screen: what a link asks for, in which settings runs differ, and what the page says without a browser."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import torch
from test_app import Visit, Visitor, ended
from test_manager import fake_train, running
from test_runner import at, metrics, samples, started

from gan_core.config import LIVE, RunConfig
from gan_core.events import Changed, Checkpoint, Event
from gan_core.store import RunStore
from live import manager as manager_module
from live.manager import LiveManager
from ui.comparison import read_link
from ui.differences import courses, courses_of, differences, told

CONFIG = RunConfig(data="ring-8", network="mlp", threads=1, device="cpu")


# What a link asks for


def test_a_link_names_runs_and_the_x_axis() -> None:
    link = read_link({"runs": "b,a", "x": "images"}, {"a", "b", "c"})
    assert (link.runs, link.unit, link.complaints) == (("b", "a"), "images", ())
    assert read_link({}, {"a"}).runs == ()
    assert read_link({"runs": "a,,a"}, {"a"}).runs == ("a",)


def test_what_cannot_be_is_told_and_the_rest_goes_on() -> None:
    link = read_link({"runs": "a,../x,b", "x": "weeks"}, {"a", "b"})
    assert (link.runs, link.unit) == (("a", "b"), "step")
    assert [fragment in said for fragment, said in zip(("../x", "'weeks'"), link.complaints, strict=True)] == [True, True]
    many = read_link({"runs": "a,b,c,d,e"}, set("abcde"))
    assert many.runs == tuple("abcd")
    assert "5 runs" in many.complaints[0]


# Differences


def changed(step: int, name: str, value: object) -> Changed:
    return Changed(at(step), name, value)


def test_only_what_differs_is_listed_in_the_order_of_the_settings() -> None:
    one, other = courses(CONFIG, ()), courses(CONFIG.but(seed=3, gamma=0.5), ())
    assert differences([one, one]) == []
    assert differences([one, other]) == [("gamma", ["1.0", "0.5"]), ("seed", ["0", "3"])]
    assert differences([one, one, other]) == [("gamma", ["1.0", "1.0", "0.5"]), ("seed", ["0", "0", "3"])]


def test_a_turned_knob_is_told_with_its_step() -> None:
    turned = courses(CONFIG.but(gamma=0.1), [changed(1200, "gamma", 1.0)])
    assert differences([courses(CONFIG, ()), turned]) == [("gamma", ["1.0", "0.1 → 1.0 at step 1,200"])]
    back = courses(CONFIG, [changed(5, "gamma", 2.0), changed(9, "gamma", 1.0)])
    assert differences([courses(CONFIG, ()), back]) == [("gamma", ["1.0", "1.0 → 2.0 at step 5 → 1.0 at step 9"])]


def test_a_knob_that_was_played_with_is_summed_up() -> None:
    (text,) = {told(courses(CONFIG, [changed(step, "gamma", float(step)) for step in range(2, 12)])["gamma"])}
    assert text == "1.0 → … → 11.0 at step 11 (turned 10 times)"


def test_a_turn_that_changes_nothing_is_none() -> None:
    assert differences([courses(CONFIG, ()), courses(CONFIG, [changed(3, "gamma", 1.0)])]) == []


def written(store: RunStore, config: RunConfig, *events: Event) -> str:
    """A stopped run that said all this."""
    record = store.new(config)
    for event in (started(0), samples(0), metrics(1), *events):
        record.append(event)
    record.close("stopped", "")
    return record.folder.name


def saved(step: int, config: RunConfig) -> Checkpoint:
    return Checkpoint(at(step), {"average.weight": torch.zeros(2)}, {"live": {name: getattr(config, name) for name in LIVE}})


@pytest.mark.parametrize("orphan", [False, True])
def test_a_fork_tells_where_it_went_its_own_way(tmp_path: Path, orphan: bool) -> None:
    store = RunStore(tmp_path)
    parent = written(store, CONFIG, changed(2, "gamma", 0.5), saved(4, CONFIG.but(gamma=0.5)), changed(6, "gamma", 3.0))
    record = store.fork(parent, 4, {"batch_size": 32, "lr_critic": 0.1})
    for event in (started(4), changed(5, "gamma", 9.0), saved(8, CONFIG)):
        record.append(event)
    record.close("stopped", "")
    fork = store.status(record.folder.name)
    of_parent = courses_of(store, store.status(parent), store.past(parent).marks)
    assert told(of_parent["gamma"]) == "1.0 → 0.5 at step 2 → 3.0 at step 6"
    if orphan:
        store.delete(parent)
    found = courses_of(store, fork, store.past(fork.run_id).marks)
    assert told(found["gamma"]) == ("0.5 → 9.0 at step 5" if orphan else "1.0 → 0.5 at step 2 → 9.0 at step 5")
    assert told(found["batch_size"]) == ("32" if orphan else "64 → 32 at step 4")
    assert [name for name, _ in differences([of_parent, found])] == ["gamma", "batch_size", "lr_critic"]


# The page


@pytest.fixture
def live(tmp_path: Path) -> Iterator[LiveManager]:
    live = manager_module.install(lambda: LiveManager(fake_train, tmp_path))
    yield live
    assert live.close()
    manager_module.uninstall()


@pytest.fixture
def visit(monkeypatch: pytest.MonkeyPatch, live: LiveManager) -> Visit:
    def go(**query: str) -> Visitor:
        visitor = Visitor(monkeypatch, "ann")
        visitor.at.query_params.clear()
        for name, value in query.items():
            visitor.at.query_params[name] = value
        return visitor.page("compare")

    return go


def handed(page: Visitor) -> dict[str, Any]:
    """What the comparison in the browser is given; nothing where it is not on the page."""
    found = [element for element in page.at.main.children.values() if element.type == "bidi_component"]
    return json.loads(found[0].proto.json) if found else {}


def compares(page: Visitor) -> bool:
    """Whether the comparison is on the page."""
    return bool(handed(page))


def chosen(page: Visitor) -> list[str]:
    return list(page.at.multiselect(key="_compared").value)


def test_without_runs_the_page_says_what_it_is_for(visit: Visit) -> None:
    page = visit()
    assert page.title == "Compare"
    assert "one slider" in page.texts("markdown")
    assert not compares(page)
    assert not {"compare-newest", "compare-fork"} & {button.key for button in page.at.button}


def test_the_newest_two_are_a_click_away(visit: Visit, live: LiveManager) -> None:
    runs = [ended(live), ended(live, seed=1), ended(live, seed=2)]
    page = visit()
    assert page.at.multiselect(key="_compared").options[0].endswith(runs[2]), "newest first"
    assert "stopped" in page.at.multiselect(key="_compared").options[0]
    page.click("compare-newest")
    assert compares(page)
    assert chosen(page) == [runs[2], runs[1]]
    assert page.query == {"runs": f"{runs[2]},{runs[1]}"}


def test_a_link_compares_and_a_bad_run_in_it_is_told(visit: Visit, live: LiveManager) -> None:
    runs = [ended(live), ended(live)]
    page = visit(runs=f"{runs[0]},nonsense,{runs[1]}", x="images")
    assert "nonsense is not here" in page.texts("warning")
    assert compares(page)
    assert page.query == {"runs": ",".join(runs), "x": "images"}
    assert "nonsense" in page.look().texts("warning"), "told as long as what the link asked for is shown"
    page.at.multiselect(key="_compared").set_value([runs[0]])
    page.look()
    assert not page.at.warning
    assert not compares(page)
    assert page.query == {"runs": runs[0], "x": "images"}


def test_what_was_compared_is_there_again(visit: Visit, live: LiveManager) -> None:
    runs = [ended(live), ended(live)]
    page = visit(runs=",".join(runs))
    page.page("runs")
    page.at.query_params.clear()
    page.page("compare")
    assert chosen(page) == runs
    assert page.query == {"runs": ",".join(runs)}


def test_a_run_that_cannot_be_read_is_told_and_a_deleted_one_leaves(visit: Visit, live: LiveManager) -> None:
    good, bad, other = ended(live), ended(live), ended(live)
    (live.store.folder(bad) / "config.json").write_text("{")
    page = visit(runs=f"{good},{bad},{other}")
    assert "config.json" in page.texts("error")
    assert compares(page)
    live.delete(other)
    assert chosen(page.look()) == [good, bad]
    assert not compares(page)


def test_a_run_at_work_is_compared_with_the_knobs_turned_so_far(visit: Visit, live: LiveManager) -> None:
    done = ended(live)
    working = live.start(CONFIG, "ann")
    running(live, working)
    live.turn(working, "ann", "gamma", 5.0)
    page = visit(runs=f"{working},{done}")
    assert compares(page)
    assert "training" in page.at.multiselect(key="_compared").options[0]
    ((_label, turned, as_begun),) = [row for row in handed(page)["differences"] if row[0] == "Gamma"]
    assert turned.startswith("1.0 → 5.0 at step ")
    assert as_begun == "1.0"


def test_games_with_other_verdicts_are_not_mixed(visit: Visit, live: LiveManager) -> None:
    one, same, other = ended(live), ended(live, seed=1), ended(live, game="non-saturating", latent_dim=5)
    data = handed(visit(runs=f"{one},{same}"))
    assert [panel["curve"] for panel in data["panels"] if panel["curve"].startswith("verdict")] == ["verdict/margin"]
    assert data["axis_note"] == ""
    assert "the same z" in data["z_note"]
    assert data["differences"] == [["Seed", "0", "1"]]
    data = handed(visit(runs=f"{one},{other}"))
    assert not [panel for panel in data["panels"] if panel["curve"].startswith("verdict")]
    assert "different units" in data["axis_note"]
    assert "8, 5" in data["z_note"]
