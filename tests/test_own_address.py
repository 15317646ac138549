"""A rerun that a browser asked for before it had the page's new address brings the old one, and throws nobody back to where he was."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
from test_app import Visitor, ended
from test_manager import fake_train

from live import manager as manager_module
from live.manager import LiveManager
from ui import own_address

DEMO = Path(__file__).parent.parent / "checkpoints" / "demo-glyphs"


@pytest.fixture
def live(tmp_path: Path) -> Iterator[LiveManager]:
    live = manager_module.install(lambda: LiveManager(fake_train, tmp_path / "runs"))
    for name in ("one", "other"):
        shutil.copytree(DEMO, live.store.root / name)
    yield live
    assert live.close()
    manager_module.uninstall()


def opened(monkeypatch: pytest.MonkeyPatch, page: str, **query: str) -> Visitor:
    visitor = Visitor(monkeypatch, "ann")
    visitor.at.query_params.update(query)
    return visitor.page(page)


def brought(visitor: Visitor, address: dict[str, str]) -> Visitor:
    """The page in a rerun with that address."""
    visitor.at.query_params.clear()
    visitor.at.query_params.update(address)
    return visitor.look()


CHOICES = {
    "explore": ({"run": "one", "seed": "7"}, "_explored", {"run": "other"}),
    "interpolate": ({"run": "one", "keys": "s5,s6"}, "_walk_chosen", {"run": "other", "keys": "s5,s6"}),
}


@pytest.mark.parametrize("page", CHOICES)
def test_a_late_address_is_no_link_and_another_one_is(live: LiveManager, monkeypatch: pytest.MonkeyPatch, page: str) -> None:
    first, key, wanted = CHOICES[page]
    visitor = opened(monkeypatch, page, **first)
    assert visitor.query == first
    visitor.at.selectbox(key=key).set_value("other")
    assert visitor.look().query == wanted
    for _ in range(2):  # not in the very next rerun only
        assert brought(visitor, first).query == wanted
    link = first | {"run": "one", "psi" if page == "explore" else "frames": "0.5" if page == "explore" else "32"}
    assert brought(visitor, link).query == link

    with monkeypatch.context() as patch:
        patch.setattr(own_address, "_went_back", lambda: True)
        assert brought(visitor, wanted).query == wanted, "the way back in the browser"
    assert brought(visitor, link).query == wanted, "not so in the next rerun"

    monkeypatch.setattr(own_address, "LATE_S", 0.0)
    assert brought(visitor, link).query == link, "after a while it is somebody's link"


@pytest.mark.parametrize("page", CHOICES)
def test_an_address_between_two_is_no_link_though_no_rerun_ever_brought_it(
    live: LiveManager, monkeypatch: pytest.MonkeyPatch, page: str
) -> None:
    first, key, between = CHOICES[page]
    visitor = opened(monkeypatch, page, **first)
    visitor.at.selectbox(key=key).set_value("other")
    assert visitor.look().query == between
    visitor.at.selectbox(key=key).set_value("one")
    wanted = brought(visitor, first).query  # asked for before the browser had the address between
    assert wanted["run"] == "one"
    assert brought(visitor, between).query == wanted, "it has it by now"


def test_while_a_page_goes_on_writing_none_of_its_addresses_is_a_link(live: LiveManager, monkeypatch: pytest.MonkeyPatch) -> None:
    now = [1000.0]
    monkeypatch.setattr(own_address, "time", SimpleNamespace(monotonic=lambda: now[0]))
    first, key, between = CHOICES["explore"]
    visitor = opened(monkeypatch, "explore", **first)
    visitor.at.selectbox(key=key).set_value("other")
    assert visitor.look().query == between
    now[0] += 0.9 * own_address.LATE_S
    visitor.at.selectbox(key=key).set_value("one")
    wanted = brought(visitor, between).query
    assert wanted["run"] == "one" and wanted != first
    now[0] += 0.9 * own_address.LATE_S  # longer than that since the first one was replaced
    assert brought(visitor, first).query == wanted
    now[0] += 2 * own_address.LATE_S
    assert brought(visitor, first).query == first


def test_a_late_address_does_not_undo_a_choice_on_compare(live: LiveManager, monkeypatch: pytest.MonkeyPatch) -> None:
    one, two, three = (ended(live, seed=seed) for seed in range(3))
    page = opened(monkeypatch, "compare", runs=f"{one},{two}")
    page.at.multiselect(key="_compared").set_value([one, three])
    assert page.look().query == {"runs": f"{one},{three}"}
    for _ in range(2):
        assert brought(page, {"runs": f"{one},{two}"}).query == {"runs": f"{one},{three}"}
    assert brought(page, {"runs": f"{two},{three}", "x": "images"}).query == {"runs": f"{two},{three}", "x": "images"}
    assert brought(page, {"runs": f"{two},{three}", "x": "seconds"}).query == {"runs": f"{two},{three}", "x": "seconds"}
