"""The screens, as Streamlit draws them: what a visitor finds, presses and is told.

Streamlit's AppTest runs the script without a browser: the live view (a component) is mounted, its JavaScript does not run.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import streamlit as st
from picture_files import directory, many
from streamlit.testing.v1 import AppTest
from test_manager import fake_train, stopped
from test_runner import SOON, past, wait_until

from gan_core.config import KNOBS, LIVE, RunConfig
from gan_core.data import DATA
from gan_core.events import Checkpoint, EventSource, Show
from gan_core.presets import PRESETS
from live import manager as manager_module
from live.browser import COOKIE
from live.manager import LiveManager
from live.orders import GoOn
from ui import controls, hand, session
from ui.components import run_view

SHELL = Path(__file__).parents[1] / "ui" / "shell.py"
DEFAULT = next(iter(PRESETS.values()))


class Visitor:
    """A tab of one browser. Whatever is done with it, no exception may be on its page."""

    drawer_open = True
    """Whether "More settings" is open."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, browser: str | None, first: str = "train", **query: str) -> None:
        self._monkeypatch, self._cookies = monkeypatch, {COOKIE: browser} if browser else {}
        self.at = AppTest.from_file(str(SHELL), default_timeout=30)
        if first != "train":
            self.at.switch_page(f"../pages/{first}.py")
        for name, value in query.items():
            self.at.query_params[name] = value
        self.look()

    def look(self) -> Visitor:
        """Draw the page (again)."""
        self._monkeypatch.setattr(st, "context", SimpleNamespace(cookies=self._cookies, url="http://here:8501/"))
        self.at.session_state["drawer_open"] = self.drawer_open
        self.at.run()
        assert not self.at.exception
        assert self.at.title or self.watches, "an empty page raises nothing, so ask for something"
        return self

    def click(self, key: str) -> Visitor:
        self.at.button(key=key).click()
        return self.look()

    def enter(self, name: str, value: Any) -> Visitor:
        """Set a setting's widget."""
        self.widget(name).set_value(value)
        return self.look()

    def page(self, name: str) -> Visitor:
        self.at.switch_page(f"../pages/{name}.py")
        return self.look()

    def widget(self, name: str) -> Any:
        return self.settings()[name]

    def settings(self) -> dict[str, Any]:
        """The widgets of all settings on the page, by the setting's name."""
        widgets = [*self.at.selectbox, *self.at.number_input, *self.at.text_input]
        return {widget.key.removeprefix("_"): widget for widget in widgets if widget.key and widget.key.removeprefix("_") in KNOBS}

    def shown(self) -> dict[str, Any]:
        return {name: widget.value for name, widget in self.settings().items()}

    @property
    def query(self) -> dict[str, str]:
        return {name: value if isinstance(value, str) else value[0] for name, value in self.at.query_params.items()}

    @property
    def buttons(self) -> set[str]:
        """Keys of the run's buttons and of what is offered instead."""
        keys = {"start", "pause", "resume", "stop", "continue", "replace", "wait", "leave", "leave-queue"}
        return keys & {button.key for button in self.at.button}

    @property
    def title(self) -> str:
        return str(self.at.title[0].value)

    @property
    def watches(self) -> bool:
        """Whether the live view is on the page."""
        return "key='live'" in repr(self.at.main)

    def texts(self, *kinds: str) -> str:
        """All that is said in elements of these kinds."""
        return "\n".join(str(element.value) for kind in kinds for element in getattr(self.at, kind))


@pytest.fixture
def live(tmp_path: Path) -> Iterator[LiveManager]:
    live = manager_module.install(lambda: LiveManager(fake_train, tmp_path))
    yield live
    assert live.close()
    manager_module.uninstall()


Visit = Callable[..., Visitor]


@pytest.fixture
def visit(monkeypatch: pytest.MonkeyPatch, live: LiveManager) -> Visit:
    return lambda browser="ann", **query: Visitor(monkeypatch, browser, **query)


def only_run(live: LiveManager) -> str:
    (status,) = live.store.list()
    return status.run_id


def at_work(live: LiveManager) -> str:
    """The id of the only run, once it trains."""
    run_id = only_run(live)
    handle = live.runs.get(run_id)
    assert handle is not None
    assert handle.wait_for(past(1), SOON)
    return run_id


# The first visit, and a run's life


def test_a_first_visitor_finds_start_and_an_invitation(visit: Visit, live: LiveManager) -> None:
    page = visit()
    assert page.title == "Train"
    assert page.buttons == {"start"}
    assert not page.at.button(key="start").disabled
    assert {"data", "game"} <= page.settings().keys()
    assert page.at.selectbox(key="_preset").value == DEFAULT.name
    assert "Press Start" in page.texts("subheader")
    assert "CPU" in page.texts("caption") or "NVIDIA" in page.texts("caption"), "the device is named"
    assert page.query == {}
    assert not page.watches
    assert not live.store.list()


def test_a_bundled_run_can_be_looked_at_before_the_first(visit: Visit, live: LiveManager) -> None:
    shutil.copytree(Path(__file__).parents[1] / "checkpoints" / "demo-glyphs", live.store.root / "demo-glyphs")
    page = visit().click("demo")
    assert page.watches
    assert page.query == {"run": "demo-glyphs"}
    assert page.buttons == {"start"}, "it cannot be continued"


def test_start_with_nothing_chosen_trains_the_default(visit: Visit, live: LiveManager) -> None:
    page = visit().click("start")
    run_id = only_run(live)
    assert page.query == {"run": run_id}
    assert page.watches
    assert page.buttons == {"pause", "stop"}
    assert "Press Start" not in page.texts("subheader")
    assert live.store.config(run_id).but(threads=0) == DEFAULT.config
    assert live.controls(run_id, "ann")


def test_settings_stay_when_their_drawer_is_closed(visit: Visit, live: LiveManager) -> None:
    page = visit().enter("seed", 9)
    page.drawer_open = False
    page.look().look()
    assert page.settings().keys() == {"data", "game"}, "what is closed is not drawn"
    assert "1 changed" in page.at.expander[0].label
    page.click("start")
    assert live.store.config(only_run(live)).seed == 9
    page.drawer_open = True
    assert page.look().widget("seed").value == 9


def test_pause_resume_and_stop(visit: Visit, live: LiveManager) -> None:
    page = visit().click("start")
    run_id = at_work(live)
    handle = live.handle(run_id, "ann")
    page.click("pause")
    assert handle.snapshot().state == "paused"
    assert page.buttons == {"resume", "stop"}
    page.click("resume")
    assert handle.snapshot().state == "running"
    assert page.buttons == {"pause", "stop"}
    page.click("stop")
    assert handle.join(SOON)
    page.look()
    assert live.status(run_id).state == "stopped"
    assert page.buttons == {"start", "continue"}
    assert page.watches, "an ended run stays on screen"
    page.click("continue")
    assert live.status(run_id).state != "stopped"
    assert page.buttons == {"pause", "stop"}


def test_a_reload_keeps_the_run_and_its_control(visit: Visit, live: LiveManager) -> None:
    visit().click("start")
    run_id = at_work(live)
    for query in ({"run": run_id}, {}):
        page = visit("ann", **query)
        assert page.buttons == {"pause", "stop"}
        assert page.query == {"run": run_id}


def test_another_browser_watches_and_cannot_stop(visit: Visit, live: LiveManager) -> None:
    visit().click("start")
    run_id = at_work(live)
    other = visit("bob", run=run_id)
    assert other.watches
    assert other.buttons == {"start"}
    assert "watching" in other.texts("caption")


def test_without_cookies_a_tab_keeps_control(visit: Visit, live: LiveManager) -> None:
    page = visit(None).click("start")
    assert page.look().buttons == {"pause", "stop"}
    assert visit(None, run=only_run(live)).buttons == {"start"}


@pytest.mark.parametrize("run_id", ["20200101-000000-glyphs-0000", "../x"])
def test_a_link_to_a_run_that_is_gone_says_so(visit: Visit, run_id: str) -> None:
    page = visit(run=run_id)
    assert "is not here" in page.texts("warning")
    assert page.buttons == {"start"}
    assert "run" not in page.query


def test_a_failed_run_says_why(visit: Visit, live: LiveManager, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_data(config: RunConfig, resume: Checkpoint | None = None) -> EventSource:
        raise ValueError("The folder /pictures holds no image.")
        yield

    monkeypatch.setattr(live.workshop, "train", no_data)
    page = visit().click("start")
    handle = live.runs.get(only_run(live))
    assert handle is not None
    assert handle.join(SOON)
    assert "The folder /pictures holds no image." in page.look().texts("error")
    assert page.buttons == {"start"}


# Settings and the link


def test_a_link_sets_the_page(visit: Visit, live: LiveManager) -> None:
    wanted = {"data": "ring-8", "width": "32", "lr_critic": "0.002", "seed": "5"}
    page = visit(**wanted)
    assert not page.at.warning
    shown = page.shown()
    assert (shown["data"], shown["width"], shown["lr_critic"], shown["seed"]) == ("ring-8", 32, 0.002, 5)
    assert page.query == wanted
    page.click("start")
    assert live.store.config(only_run(live)).but(threads=0) == DEFAULT.config.but(**wanted)
    assert page.query == wanted | {"run": only_run(live)}


@pytest.mark.parametrize(
    ("bad", "said"),
    [
        ({"width": "wide"}, "width is 'wide'"),
        ({"width": "0"}, "width is '0'"),
        ({"game": "chess"}, "game is 'chess'"),
        ({"widht": "32"}, "Did you mean width?"),
        ({"preset": "nonsense"}, "'nonsense'"),
        ({"data": "folder"}, "no folder is named"),
        ({"network": "dcgan", "data": "ring-8"}, "take the network mlp"),
    ],
)
def test_a_bad_value_in_a_link_is_told_and_costs_no_other(visit: Visit, live: LiveManager, bad: dict[str, str], said: str) -> None:
    page = visit(seed="5", **bad)
    assert said in page.texts("warning")
    assert page.widget("seed").value == 5
    assert page.click("start").watches
    assert live.store.config(only_run(live)).seed == 5


def test_pictures_without_class_folders_are_not_learnt_by_class(visit: Visit, live: LiveManager, tmp_path: Path) -> None:
    pictures = directory(tmp_path / "pictures", many(66))
    page = visit(data="folder", folder=pictures).enter("conditional", "yes")
    assert "these data have no classes" in page.texts("error")
    assert "these data have no classes" in page.click("start").texts("error")
    assert not live.store.list()
    assert page.widget("folder").value == pictures
    assert page.enter("conditional", "no").click("start").watches


def test_settings_that_only_work_together_are_not_lost_to_a_bad_third(visit: Visit) -> None:
    page = visit(data="folder", folder="/pictures", width="wide")
    assert [warning.value.count("width") for warning in page.at.warning] == [1]
    assert (page.widget("data").value, page.widget("folder").value) == ("folder", "/pictures")


@pytest.mark.parametrize(
    "name", [name if number < 3 else pytest.param(name, marks=pytest.mark.slow) for number, name in enumerate(PRESETS)]
)
def test_a_preset_sets_everything_and_its_link_names_only_itself(visit: Visit, name: str) -> None:
    page = visit(seed="5")
    page.at.selectbox(key="_preset").set_value(name)
    page.look()
    if name == DEFAULT.name:  # chosen already, so nothing is chosen anew
        return
    assert page.query == {"preset": name}
    values = PRESETS[name].config.to_dict()
    assert page.shown() == {setting: values[setting] for setting in page.shown()}
    again = visit(**page.query)
    assert (again.shown(), again.query) == (page.shown(), {"preset": name})
    if DATA[values["data"]].where(PRESETS[name].config.request) is None:  # its label says so; AppTest knows no other words for it
        return
    page.enter("seed", 9)
    assert page.query == {"preset": name, "seed": "9"}


def test_the_link_carries_exactly_what_differs(visit: Visit) -> None:
    page = visit()
    page.enter("width", 128)
    assert page.query == {"width": "128"}
    page.enter("game", "non-saturating").enter("gamma", 0.5)
    assert page.query == {"width": "128", "game": "non-saturating", "gamma": "0.5"}
    again = visit(**page.query)
    assert again.shown() == page.shown()
    assert again.query == page.query
    page.enter("width", DEFAULT.config.width).enter("game", DEFAULT.config.game).enter("gamma", DEFAULT.config.gamma)
    assert page.query == {}


def test_points_of_ones_own_are_named_or_uploaded(visit: Visit, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("GANSCOPE_DATA", str(tmp_path))
    page = visit().enter("data", "points")
    assert "no file is named" in page.texts("error")
    assert page.settings().keys() == KNOBS.keys() - {"image_size"}
    assert page.widget("folder").label == "CSV file"
    page.at.file_uploader[0].set_value(("mine.csv", b"1;2;3\n4;5;6", "text/csv"))
    assert "Row 1 of mine.csv has 3 columns" in page.look().texts("error")
    rows = "\n".join(f"{k};{k % 5}" for k in range(20))
    page.at.file_uploader[0].set_value(("mine.csv", rows.encode(), "text/csv"))
    page.look().look()
    assert page.widget("folder").value == page.query["folder"] == str(next((tmp_path / "points").iterdir()))
    assert not page.texts("error")


def test_every_setting_is_on_the_page_with_a_sentence_of_help(visit: Visit) -> None:
    page = visit()
    assert page.settings().keys() == KNOBS.keys() - {"folder", "image_size"}
    page.enter("data", "folder")
    assert page.settings().keys() == KNOBS.keys()
    for name, widget in page.settings().items():
        assert KNOBS[name].help.split("\n")[0].rstrip(".") in widget.help
        assert widget.label
        assert widget.label != name


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"data": "folder"}, "no folder is named"),
        ({"data": "ring-8", "network": "dcgan"}, "take the network mlp"),
        ({"data": "line", "conditional": "yes"}, "these data have no classes"),
        ({"data": "digits", "network": "dcgan", "batch_size": 1}, "has BatchNorm"),
        ({"data": "ring-8", "critic_scales": 2}, "points in a plane"),
    ],
)
def test_settings_that_cannot_work_say_so_and_start_says_it_too(
    visit: Visit, live: LiveManager, settings: dict[str, str], said: str
) -> None:
    page = visit()
    for name, value in settings.items():
        page.enter(name, value)
    assert said in page.texts("error")
    assert not page.at.button(key="start").disabled
    page.click("start")
    assert [said in error.value for error in page.at.error] == [True, True]
    assert not live.store.list()
    assert page.query.get("run") is None
    page.enter("data", "glyphs").enter("network", "mlp")
    assert not page.at.error


def test_settings_outlive_a_look_at_another_page(visit: Visit) -> None:
    page = visit().enter("width", 128)
    page.page("runs")
    assert page.page("train").widget("width").value == 128
    assert page.query == {"width": "128"}


# A taken device


def test_busy_offers_to_wait_and_starts_when_it_is_free(visit: Visit, live: LiveManager) -> None:
    visit("ann").click("start")
    first = at_work(live)
    bob = visit("bob").click("start")
    assert "The device is taken" in bob.texts("markdown")
    assert first in bob.texts("markdown")
    assert bob.buttons == {"start", "replace", "wait", "leave"}
    assert bob.at.button(key="replace").disabled, "only who started it can stop it"
    bob.click("wait")
    assert "number 1 in line" in bob.texts("info")
    assert [waiting.browser for waiting in live.queue()] == ["bob"]
    stopped(live, first, "ann")
    wait_until(lambda: any(live.controls(run.run_id, "bob") for run in live.runs.active()))
    bob.look()
    (second,) = live.runs.active()
    assert bob.query["run"] == second.run_id
    assert bob.buttons == {"pause", "stop"}
    assert not bob.at.info


def test_who_does_not_want_to_wait_leaves(visit: Visit, live: LiveManager) -> None:
    visit("ann").click("start")
    at_work(live)
    bob = visit("bob").click("start").click("leave")
    assert bob.buttons == {"start"}
    bob.click("start").click("wait").click("leave-queue")
    assert live.queue() == ()
    assert bob.buttons == {"start"}


def test_one_s_own_run_can_be_replaced(visit: Visit, live: LiveManager) -> None:
    visit("ann").click("start")
    first = at_work(live)
    stopped(live, first, "ann")
    visit("ann", run=first, seed="1").click("start")
    (second,) = live.runs.active()
    # A tab that shows the old run offers Start.
    tab = visit("ann", run=first, seed="2").click("start")
    assert second.run_id in tab.texts("markdown")
    tab.click("replace")
    assert second.join(SOON)
    wait_until(lambda: bool(live.runs.active()))
    (third,) = live.runs.active()
    assert live.store.config(third.run_id).seed == 2
    assert tab.look().query["run"] == third.run_id


def test_what_waits_is_what_start_was_pressed_for(visit: Visit, live: LiveManager) -> None:
    visit("ann").click("start")
    first = at_work(live)
    tab = visit("bob").enter("data", "digits").click("start").enter("data", "folder").click("wait")
    (waiting,) = live.queue()
    assert waiting.order == DEFAULT.config.but(data="digits")
    assert "a new run on digits" in tab.texts("info")
    assert live.status(first).state == "running"


def test_an_order_that_can_no_longer_be_carried_out_says_why(visit: Visit, live: LiveManager) -> None:
    gone = ended(live)
    visit("ann").click("start")
    (second,) = live.runs.active()
    live.wait(GoOn(gone), "bob")
    live.delete(gone)
    stopped(live, second.run_id, "ann")
    wait_until(lambda: not live.queue())
    assert gone in visit("bob").texts("error")
    assert gone not in visit("bob").texts("error"), "it is told once"


# A run in hand: steps, knobs, forks


def in_hand(visit: Visit, live: LiveManager) -> tuple[Visitor, str]:
    page = visit().click("start")
    return page, at_work(live)


@pytest.mark.parametrize("player", ["both", "critic", "generator"])
def test_a_step_pauses_and_is_played(visit: Visit, live: LiveManager, player: str) -> None:
    page, run_id = in_hand(visit, live)
    page.click(f"step-{player}")
    handle = live.handle(run_id, "ann")
    assert handle.wait_for(lambda now: now.played is not None, SOON)
    snapshot = handle.snapshot()
    assert snapshot.state == "paused"
    assert snapshot.played is not None
    assert snapshot.played.player == player
    page.look().click("resume")
    assert handle.wait_for(lambda now: now.played is None and now.state == "running", SOON)


def test_a_turned_knob_reaches_the_run(visit: Visit, live: LiveManager) -> None:
    page, run_id = in_hand(visit, live)
    page.at.number_input(key="live_gamma").set_value(7.5).run()
    assert live.handle(run_id, "ann").snapshot().knobs["gamma"] == 7.5
    assert [mark.name for mark in live.handle(run_id, "ann").snapshot().marks] == ["gamma"]
    assert live.config(run_id).gamma == page.at.number_input(key="live_gamma").value == 7.5
    page.at.selectbox(key="live_game").set_value("non-saturating").run()
    assert live.config(run_id).game == "non-saturating"
    assert live.store.config(run_id).game == DEFAULT.config.game, "what it began with stays on record"


def test_a_field_that_is_emptied_keeps_its_number(visit: Visit, live: LiveManager) -> None:
    page = visit()
    page.enter("gamma", 3.0).enter("gamma", None)
    assert page.widget("gamma").value == 3.0
    assert page.query["gamma"] == "3.0"
    page, run_id = in_hand(visit, live)
    before = live.config(run_id)
    page.at.number_input(key="live_lr_generator").set_value(None).run()
    assert live.config(run_id) == before
    assert page.at.number_input(key="live_lr_generator").value == before.lr_generator
    assert not live.handle(run_id, "ann").snapshot().marks


def test_others_find_no_knobs(visit: Visit, live: LiveManager) -> None:
    in_hand(visit, live)
    page = visit("bob")
    keys = {element.key for kind in (page.at.number_input, page.at.selectbox, page.at.button) for element in kind}
    assert not {key for key in keys if key and key.startswith(("live_", "step-"))}


def test_a_fork_with_one_knob_changed(visit: Visit, live: LiveManager) -> None:
    page, run_id = in_hand(visit, live)
    page.click("stop")
    wait_until(lambda: live.status(run_id).state == "stopped")
    step = live.store.status(run_id).checkpoint_step
    page.look().click("fork")
    page.at.selectbox(key="fork-name").set_value("gamma").run()
    page.at.number_input(key=f"fork_gamma_{step}").set_value(None).run()
    assert page.at.number_input(key=f"fork_gamma_{step}").value == live.store.config(run_id).gamma, "emptied"
    page.at.number_input(key=f"fork_gamma_{step}").set_value(9.0).run()
    page.click("fork-go")
    other = page.query["run"]
    status = live.status(other)
    assert other != run_id
    assert live.store.status(other).parent == run_id
    assert live.store.config(other).gamma == 9.0
    assert status.state in ("preparing", "running")


def test_a_fork_meets_a_taken_device(visit: Visit, live: LiveManager) -> None:
    page, run_id = in_hand(visit, live)
    page.click("fork").click("fork-go")
    assert page.query["run"] == run_id
    assert page.buttons >= {"replace", "wait", "leave"}
    assert f"a fork of {run_id} at step 0" in page.texts("markdown")
    page.click("replace")
    wait_until(lambda: not live.queue() and len(live.runs.active()) == 1)
    (forked,) = live.runs.active()
    assert live.store.status(forked.run_id).parent == run_id


def test_every_command_of_the_live_view_is_obeyed() -> None:
    assert hand.COMMANDS.keys() == run_view.COMMANDS.keys()


def test_every_live_knob_has_a_short_name() -> None:
    assert set(hand.SHORT) <= set(LIVE)
    assert set(LIVE) <= set(controls.LABELS), "and those behind the button their whole name"


def test_a_class_is_asked_for_from_the_live_view() -> None:
    asked = {"name": "class", "label": 2}
    assert run_view.command_of(asked | {"n": 1}) == asked
    assert run_view.command_of({"name": "class", "label": 2000}) is None
    with pytest.MonkeyPatch.context() as patch:
        sent = list[object]()
        patch.setattr(session, "command", lambda run_id, tell: tell(SimpleNamespace(send=sent.append)))
        hand.obey("run", asked)
    assert sent == [Show(2)]


@pytest.mark.parametrize("run", [{}, {"run": "no-such-run"}], ids=["no run", "a deleted run"])
def test_without_a_run_the_projector_is_no_dead_end(visit: Visit, run: dict[str, str]) -> None:
    page = visit(view="projector", **run)
    assert page.title == "Train"
    assert "start" in page.buttons
    assert "view" not in page.query


def test_the_projector_shows_the_live_view_alone(visit: Visit, live: LiveManager) -> None:
    page, run_id = in_hand(visit, live)
    page.click("projector")
    assert page.watches
    assert not page.buttons
    assert page.query == {"run": run_id, "view": "projector"}
    alone = visit(run=run_id, view="projector")
    assert alone.watches
    assert not alone.buttons
    assert alone.shown() == {}


# The Runs page


def test_without_runs_the_runs_page_says_where_they_come_from(visit: Visit) -> None:
    page = visit().page("runs")
    assert page.title == "Runs"
    assert "No run yet" in page.texts("info")


def ended(live: LiveManager, **settings: Any) -> str:
    run_id = live.start(DEFAULT.config.but(**settings), "ann")
    assert live.handle(run_id, "ann").wait_for(past(1), SOON)
    stopped(live, run_id, "ann")
    return run_id


def rows(page: Visitor) -> list[str]:
    """The ids of the listed runs, from top to bottom."""
    return [key.removeprefix("open-") for key in (button.key for button in page.at.button) if key.startswith("open-")]


def options(page: Visitor, run_id: str) -> str:
    """What the menu of a run offers."""
    return " ".join(page.at.menu_button(key=f"menu-{run_id}").options).lower()


def choose(page: Visitor, run_id: str, option: str) -> Visitor:
    """Choose from the menu of a run."""
    page.at.menu_button(key=f"menu-{run_id}").click(option)
    return page.look()


def write(page: Visitor, run_id: str, what: str, text: str) -> Visitor:
    """Give a run a name or a note, as the window asks for it."""
    choose(page, run_id, what)
    kind = page.at.text_input if what == "rename" else page.at.text_area
    kind(key="label-text").set_value(text)
    return page.click("label-save")


def test_the_runs_page_lists_every_run_with_its_state(visit: Visit, live: LiveManager) -> None:
    done, killed = ended(live, seed=3), ended(live)
    path = live.store.folder(killed) / "status.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"state": "running"}))
    working = live.start(DEFAULT.config, "ann")
    assert live.handle(working, "ann").wait_for(past(1), SOON)
    page = visit().page("runs")
    assert rows(page) == [working, killed, done]
    cards = {run: next(text for text in (m.value for m in page.at.markdown) if run in text) for run in (done, killed, working)}
    assert ["stopped" in cards[done], "interrupted" in cards[killed], "training" in cards[working]] == [True] * 3
    assert "seed 3" in page.texts("caption")
    assert "3 runs" in page.texts("caption")
    keys = {button.key for button in page.at.button}
    assert {f"continue-{done}", f"continue-{killed}"} <= keys
    assert f"continue-{working}" not in keys
    assert "delete" not in options(page, working), "a run at work is not deleted"
    assert "delete" in options(page, killed)


def test_open_shows_the_run_on_the_train_page(visit: Visit, live: LiveManager) -> None:
    run_id = ended(live)
    page = visit().page("runs").click(f"open-{run_id}")
    assert page.title == "Train"
    assert page.query["run"] == run_id
    assert page.watches


def test_a_run_opened_in_a_visit_that_began_on_the_runs_page_is_shown(visit: Visit, live: LiveManager) -> None:
    """The Train page fills the session when it is first drawn, and has to leave alone what was chosen before."""
    run_id = ended(live)
    page = visit(first="runs").click(f"open-{run_id}")
    assert page.title == "Train" and page.watches
    assert page.query["run"] == run_id


def test_continue_goes_on_and_shows_it(visit: Visit, live: LiveManager) -> None:
    run_id = ended(live)
    page = visit("bob").page("runs").click(f"continue-{run_id}")
    assert page.title == "Train"
    assert page.query["run"] == run_id
    assert page.buttons == {"pause", "stop"}
    assert live.controls(run_id, "bob")


def test_continue_on_a_taken_device_says_by_whom(visit: Visit, live: LiveManager) -> None:
    run_id = ended(live)
    other = live.start(DEFAULT.config, "ann")
    page = visit("bob").page("runs").click(f"continue-{run_id}")
    assert other in page.texts("error")
    assert live.status(run_id).state == "stopped"


def test_delete_and_undo(visit: Visit, live: LiveManager) -> None:
    kept, gone = ended(live), ended(live)
    live.store.labels.set(gone, name="The *failed* one")
    page = choose(visit(run=gone).page("runs"), gone, "delete")
    assert rows(page) == [kept]
    assert "Deleted" in page.texts("info")
    assert "failed" in page.texts("info"), "by the name it was given"
    page.look()
    assert "Deleted" in page.texts("info"), "until the page is left"
    page.click("undo")
    assert rows(page) == [gone, kept]
    assert not page.at.info
    assert live.store.labels.get(gone).name == "The *failed* one"
    choose(page, kept, "delete")
    choose(page, gone, "delete")
    assert "No run yet" in page.texts("info")
    assert "failed" in page.texts("info"), "the last one can be brought back though the list is empty"
    page.page("train")
    assert not page.at.warning, "the deleted run is not asked for again"
    page.page("runs")
    assert "Deleted" not in page.texts("info")


def test_a_run_that_is_gone_for_good_cannot_be_brought_back(visit: Visit, live: LiveManager) -> None:
    run_id = ended(live)
    page = choose(visit().page("runs"), run_id, "delete")
    live.store.empty_trash(0)
    page.click("undo")
    assert "cannot be brought back" in page.texts("error")


def test_a_run_is_named_and_its_name_is_shown_as_it_was_typed(visit: Visit, live: LiveManager) -> None:
    run_id = ended(live)
    page = write(visit().page("runs"), run_id, "rename", "Group *A*")
    assert live.store.labels.get(run_id).name == "Group *A*"
    assert "Group &#42;A&#42;" in page.texts("markdown")
    assert run_id in page.texts("caption"), "the id stays readable"
    page = write(page, run_id, "note", "look at step 40\nand after")
    assert "look at step 40" in page.texts("caption")
    assert write(page, run_id, "rename", "").texts("markdown").count(run_id) == 1, "an empty name is none"


def test_a_pinned_run_comes_first(visit: Visit, live: LiveManager) -> None:
    old, new = ended(live), ended(live)
    page = visit().page("runs")
    assert rows(page) == [new, old]
    assert rows(choose(page, old, "pin")) == [old, new]
    assert "unpin" in options(page, old)
    assert rows(choose(page, old, "unpin")) == [new, old]


def test_a_search_and_filters_narrow_the_list(visit: Visit, live: LiveManager) -> None:
    first, second = ended(live, seed=1), ended(live, data="digits")
    live.store.labels.set(first, name="Anna")
    page = visit().page("runs")

    def left(key: str, value: str) -> list[str]:
        kind = page.at.text_input if key == "search" else page.at.selectbox
        kind(key=f"runs-{key}").set_value(value)
        return rows(page.look())

    assert left("search", "anna") == [first]
    assert left("search", "digits") == [second]
    assert left("search", "nothing like it") == []
    assert "No run fits" in page.texts("info")
    assert rows(page.click("runs-all")) == [second, first]
    assert left("data", "digits") == [second]
    assert left("state", "failed") == []
    assert rows(page.click("runs-all")) == [second, first]
    assert left("sort", "name") == [second, first], "digits by its id, before Anna by her name"
    live.store.labels.set(second, name="Zoe")
    assert rows(page.look()) == [first, second]
    assert left("data", "digits") == [second]
    choose(page, second, "delete")
    assert rows(page) == [first], "a filter by data that are gone lets all pass"


def test_two_to_four_runs_can_be_compared(visit: Visit, live: LiveManager, monkeypatch: pytest.MonkeyPatch) -> None:
    runs = [ended(live, seed=seed) for seed in range(5)]
    page = visit().page("runs")

    def tick(run_id: str) -> bool:
        page.at.checkbox(key=f"choose-{run_id}").check()
        return bool(page.look().at.button(key="compare").disabled)

    assert page.at.button(key="compare").disabled
    assert [tick(run_id) for run_id in runs[:4]] == [True, False, False, False]
    assert page.at.checkbox(key=f"choose-{runs[4]}").disabled, "four fit on a screen"
    choose(page, runs[0], "delete")
    assert not page.at.checkbox(key=f"choose-{runs[4]}").disabled, "what is deleted is not chosen any more"
    assert page.at.session_state.chosen == runs[1:4]


def test_what_can_be_taken_away_is_drawn_when_asked_for(visit: Visit, live: LiveManager) -> None:
    run_id = ended(live)
    page = visit().page("runs")
    assert not page.at.get("download_button")
    page.click(f"take-{run_id}")
    assert "keeps no pictures" in page.texts("info"), "these runs have none that could be drawn"
    page.at.selectbox(key=f"take-kind-{run_id}").set_value("curves").run()
    assert page.at.get("download_button")


def test_a_run_that_cannot_be_read_hides_no_other(visit: Visit, live: LiveManager) -> None:
    good, bad, worse = ended(live), ended(live), ended(live)
    (live.store.folder(bad) / "config.json").write_text("{")
    (live.store.folder(worse) / "status.json").write_text("{")
    page = visit().page("runs")
    assert rows(page) == [bad, good]
    assert visit(run=bad).texts("error", "warning"), "its own page says what is wrong"


def test_more_runs_than_fit_are_on_further_pages(visit: Visit, live: LiveManager, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ui.run_list.PAGE", 2)
    runs = [ended(live, seed=seed) for seed in range(3)][::-1]
    page = visit().page("runs")
    assert rows(page) == runs[:2]
    assert "1–2 of 3" in page.texts("caption")
    page.at.pagination[0].set_value(2)
    assert rows(page.look()) == runs[2:]
    page.at.text_input(key="runs-search").set_value("mlp")
    assert rows(page.look()) == runs[:2], "another look begins at the first page"
    page.at.pagination[0].set_value(2)
    assert rows(choose(page.look(), runs[2], "delete")) == runs[:2], "a page that is gone leaves the first"
    assert not page.at.pagination


def test_a_page_gets_a_moment_to_show_its_name_when_it_is_come_to_and_at_no_other_redraw(
    visit: Visit, monkeypatch: pytest.MonkeyPatch
) -> None:
    waits: list[int] = []
    monkeypatch.setattr("ui.arrival.breathe", lambda: waits.append(1))
    page = visit(first="runs")
    assert not waits, "a first page has none before it"
    page.look()
    assert not waits
    page.page("compare")
    assert len(waits) == 1
    page.look()
    assert len(waits) == 1
