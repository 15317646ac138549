"""No English word on a Chinese page, whatever happens on it; and which language a visit is in."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest
import streamlit as st
from chinese import english, texts
from test_app import Visit, Visitor, at_work, ended, live, only_run, visit  # noqa: F401 - fixtures
from test_manager import stopped
from test_runner import SOON

from gan_core.config import GAMES, RunConfig
from gan_core.events import Checkpoint, EventSource
from gan_core.sentences import Sentence
from live.manager import LiveManager
from ui import figures, language
from ui.text import _, said

CHINESE = {"lang": "zh_CN"}


@pytest.fixture(autouse=True)
def _speaking(monkeypatch: pytest.MonkeyPatch) -> None:
    """AppTest asks for the words of choices outside of a script's run too, where English is spoken: let it be the page's language."""
    look = Visitor.look

    def look_speaking(page: Visitor) -> Visitor:
        state = page.at.session_state
        monkeypatch.setattr("ui.text.SOURCE", state["language"] if "language" in state else "en")  # noqa: SIM401 - it has no get
        try:
            return look(page)
        finally:
            monkeypatch.setattr("ui.text.SOURCE", "en")

    monkeypatch.setattr(Visitor, "look", look_speaking)


@pytest.fixture
def read(visit: Visit) -> Visit:  # noqa: F811
    """A visit in Chinese."""
    return lambda browser="ann", **query: visit(browser, **CHINESE, **query)


def all_chinese(page: Visitor) -> None:
    """Fail on every English word of the page."""
    said = list(texts(page.at._tree))
    assert len(said) > 5
    assert not {text: found for text in said if (found := english(text))}


def test_nothing_that_is_said_is_overheard(visit: Visit, live: LiveManager) -> None:  # noqa: F811
    page = visit().click("start")
    at_work(live)
    heard = {text for text in texts(page.look().at._tree) if english(text)}
    assert {"Train", "Preset", "Players", "Settings of the next run", "Pause", "Losses", "real minus fake", "cannot tell"} <= heard
    assert any("The same seed" in text for text in heard), "a setting's help"
    assert english("`20260101-000000-glyphs-ab12` · :red[训练中] · D 的学习率 lr_critic") == []


def test_a_first_visit(read: Visit) -> None:
    page = read()
    assert page.title == "训练"
    assert page.query == CHINESE
    all_chinese(page)
    all_chinese(page.enter("data", "folder"))


@pytest.mark.parametrize("game", GAMES)
def test_a_run_s_whole_life(read: Visit, live: LiveManager, game: str) -> None:  # noqa: F811
    page = read(game=game, seed="3").click("start")
    all_chinese(page)
    run_id = at_work(live)
    all_chinese(page.look())
    all_chinese(page.click("pause"))
    all_chinese(read("bob", run=run_id))
    all_chinese(page.click("resume").page("runs"))
    all_chinese(page.page("train").click("stop"))
    handle = live.runs.get(run_id)
    assert handle is not None
    assert handle.join(SOON)
    all_chinese(page.look())
    all_chinese(page.page("runs"))
    assert page.query["lang"] == "zh_CN"


def test_a_taken_device(read: Visit, live: LiveManager) -> None:  # noqa: F811
    done = ended(live)
    read("ann").click("start")
    bob = read("bob").click("start")
    assert "设备已被占用" in bob.texts("markdown")
    all_chinese(bob)
    all_chinese(bob.click("wait"))
    assert "第 1 位" in bob.texts("info")
    page = read("carol").page("runs").click(f"continue-{done}")
    assert page.at.error
    all_chinese(page)


def test_an_empty_list_of_runs(read: Visit) -> None:
    all_chinese(read().page("runs"))


@pytest.mark.parametrize(
    "bad",
    [
        {"width": "wide"},
        {"game": "relativist"},
        {"widht": "32"},
        {"gamma": "-1"},
        {"preset": "nonsense"},
        {"data": "folder"},
        {"network": "dcgan", "data": "ring-8"},
        {"run": "20200101-000000-glyphs-0000"},
        {"network": "dcgan", "batch_size": "1"},
    ],
)
def test_a_bad_link(read: Visit, bad: dict[str, str]) -> None:
    page = read(**bad)
    assert page.at.warning
    said = page.texts("warning").replace("widht", "")  # what somebody wrote
    assert not english(said)


def test_settings_that_cannot_work(read: Visit) -> None:
    page = read().enter("data", "folder").click("start")
    assert page.at.error
    all_chinese(page)


def test_a_failed_run_says_why_in_the_reader_s_language(
    read: Visit,
    visit: Visit,  # noqa: F811
    live: LiveManager,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def broken(config: RunConfig, resume: Checkpoint | None = None) -> EventSource:
        raise ValueError(Sentence("{name} has more than {most:,} pictures, the most allowed. Choose a smaller folder.", name="/x", most=9))
        yield

    monkeypatch.setattr(live.workshop, "train", broken)
    page = read().click("start")
    handle = live.runs.get(only_run(live))
    assert handle is not None
    assert handle.join(SOON)
    assert "/x 的图像超过了允许的上限" in page.look().texts("error")
    all_chinese(page)
    all_chinese(page.page("runs"))
    assert "/x has more than 9 pictures" in visit("bob", run=only_run(live)).texts("error")
    assert "/x has more than 9 pictures" in (live.store.folder(only_run(live)) / "status.json").read_text()


def test_curves_are_called_in_chinese(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ui.text.SOURCE", "zh_CN")
    for game in GAMES:
        figure = figures.live(RunConfig(game=game))
        titles = [panel["title"] for panel in figure["layout"]["meta"]["panels"]]
        labels = [trace["meta"]["label"] for trace in figure["data"]] + [shape["label"]["text"] for shape in figure["layout"]["shapes"]]
        assert not [word for text in titles + labels for word in english(text)]


# Which language


def test_the_switch_changes_the_words_and_nothing_else(visit: Visit, live: LiveManager) -> None:  # noqa: F811
    page = visit(seed="5", data="ring-8").click("start")
    run_id = at_work(live)
    for code, title in (("zh_CN", "训练"), ("en", "Train")):
        page.at.button_group(key="_language").set_value(code)
        page.look()
        assert page.title == title
        assert page.query == {"seed": "5", "data": "ring-8", "run": run_id, "lang": code}
        assert (page.widget("seed").value, page.widget("data").value) == (5, "ring-8")
        assert page.buttons == {"pause", "stop"}


@pytest.mark.parametrize(("asked", "title"), [("zh_CN", "训练"), ("zh", "训练"), ("en", "Train")])
def test_the_link_s_language_counts_first(visit: Visit, asked: str, title: str) -> None:  # noqa: F811
    assert visit(lang=asked).title == title


@pytest.mark.parametrize("asked", ["fr", "", "zh_XX", "../x"])
def test_a_language_there_is_not_is_told_and_english_spoken(visit: Visit, asked: str) -> None:  # noqa: F811
    page = visit(lang=asked)
    assert page.title == "Train"
    assert repr(asked) in page.texts("warning")
    assert "lang" not in page.query
    page.at.button_group(key="_language").set_value("zh_CN")
    assert not page.look().at.warning


@pytest.mark.parametrize(
    ("cookies", "locale", "title"),
    [
        ({language.COOKIE: "zh_CN"}, "en-US", "训练"),
        ({language.COOKIE: "xx"}, "zh-TW", "训练"),
        ({}, "fr-FR", "Train"),
        ({}, None, "Train"),
    ],
)
def test_the_earlier_choice_counts_before_the_browser_s(
    visit: Visit,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
    cookies: dict[str, str],
    locale: str | None,
    title: str,
) -> None:
    class Reader(Visitor):
        def look(self) -> Visitor:
            monkeypatch.setattr(st, "context", SimpleNamespace(cookies=cookies, locale=locale, url="http://here:8501/"))
            self.at.run()
            return self

    page = Reader(monkeypatch, None)
    assert page.title == title
    assert page.query == {}, "a link says a language only where somebody chose one"


def test_two_visits_speak_their_own_language_at_the_same_time(visit: Visit, live: LiveManager) -> None:  # noqa: F811
    chinese, english_page = visit("ann", lang="zh"), visit("bob")
    for _turn in range(2):
        assert chinese.look().title == "训练"
        assert english_page.look().title == "Train"


def test_what_a_button_answers_is_in_the_language_of_its_page(read: Visit, live: LiveManager) -> None:  # noqa: F811
    """A callback runs before the page's script."""
    run_id = ended(live)
    page = read().page("runs")
    other = live.start(RunConfig(), "ann")
    page.click(f"continue-{run_id}")
    assert f"设备正被训练任务 {other} 占用" in page.texts("error")
    stopped(live, other, "ann")


def test_outside_of_a_visit_english_is_spoken() -> None:
    assert _("Train") == "Train"
    assert said(ValueError(Sentence("There is no run {run} in {folder}.", run="x", folder=Path("/y")))) == "There is no run x in /y."
    assert said("plain {words}") == "plain {words}"
