"""A run that is deleted while a page looks at it: the page goes on without it, and says so."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import streamlit as st
from test_app import Visitor, ended, live, visit  # noqa: F401 - fixtures

from gan_core.sentences import Sentence
from gan_core.store import RunStore
from live.manager import LiveManager
from ui import run_list

Vanish = Callable[[int, Path], list[int]]
DEMO = Path(__file__).parents[1] / "checkpoints" / "demo-glyphs"
LOOKS = {"train": 8, "explore": 9, "interpolate": 11, "compare": 6, "runs": 2, "playground": 4}
"""So often, at least, a page looks for the folder of the run that it shows."""


@pytest.fixture
def vanishing(monkeypatch: pytest.MonkeyPatch, live: LiveManager) -> Iterator[Vanish]:  # noqa: F811
    """Puts a run there that is deleted just before a page's n-th look at it; how often it was looked for."""
    folder = RunStore.folder

    def vanish(n: int, source: Path) -> list[int]:
        shutil.copytree(source, live.store.root / "one", dirs_exist_ok=True)
        looks = [0]

        def look(store: RunStore, run_id: str) -> Path:
            if run_id == "one":
                looks[0] += 1
                if looks[0] == n:
                    shutil.rmtree(live.store.root / "one")
            return folder(store, run_id)

        monkeypatch.setattr(RunStore, "folder", look)
        return looks

    return vanish


@pytest.mark.parametrize("page", [pytest.param(page, marks=[pytest.mark.slow] * (looks > 6)) for page, looks in LOOKS.items()])
def test_at_whatever_look_a_page_goes_on(
    monkeypatch: pytest.MonkeyPatch,
    live: LiveManager,  # noqa: F811
    vanishing: Vanish,
    tmp_path_factory: pytest.TempPathFactory,
    page: str,
) -> None:
    other, source, n = ended(live), DEMO, 0
    if page == "playground":
        source = shutil.copytree(live.store.root / ended(live, data="ring-8"), tmp_path_factory.mktemp("kept") / "plane")
    query = {"compare": {"runs": f"one,{other}"}, "playground": {}}.get(page, {"run": "one"})
    while True:
        n += 1
        looks = vanishing(n, source)
        visitor = Visitor(monkeypatch, "ann", page, **query)  # an exception on the page fails here
        if page == "playground":  # it knows its run from the visit, not from the link
            visitor.at.session_state["run"] = "one"
            visitor.look()
        if looks[0] < n:
            break
        assert "There is no run" not in visitor.look().texts("error"), "by the next look it knows"
    assert n > LOOKS[page]


def test_a_page_that_cannot_be_drawn_without_it_says_so(monkeypatch: pytest.MonkeyPatch, live: LiveManager) -> None:  # noqa: F811
    page, times = Visitor(monkeypatch, "ann", "runs"), []

    def broken() -> None:
        times.append(1)
        raise ValueError(Sentence("There is no run {run} in {folder}.", run="x", folder="there"))

    with monkeypatch.context() as patch:
        patch.setattr(run_list, "heading", lambda: st.title("Runs") and broken())
        for drawn in (2, 4):  # not once more for ever, and once more again at the next visit
            assert "There is no run x in there." in page.look().texts("error")
            assert len(times) == drawn
    assert not page.look().texts("error")


def test_a_mistake_of_ours_is_not_hidden(monkeypatch: pytest.MonkeyPatch, live: LiveManager) -> None:  # noqa: F811
    page = Visitor(monkeypatch, "ann", "runs")
    monkeypatch.setattr(run_list, "heading", lambda: int("one"))
    page.at.run()
    assert "invalid literal" in page.at.exception[0].message


@pytest.mark.parametrize(("page", "key"), [("explore", "_explored"), ("interpolate", "_walk_chosen")])
def test_a_run_that_is_gone_may_be_chosen(monkeypatch: pytest.MonkeyPatch, live: LiveManager, page: str, key: str) -> None:  # noqa: F811
    for name in ("one", "two"):
        shutil.copytree(DEMO, live.store.root / name)
    visitor = Visitor(monkeypatch, "ann", page, run="one")
    shutil.rmtree(live.store.root / "two")
    visitor.at.selectbox(key=key).set_value("two")
    for _ in range(2):  # until another one is chosen
        assert "The run two is not here" in visitor.look().texts("warning")
        assert visitor.query["run"] == "one"
