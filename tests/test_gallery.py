"""Favourites on screen: kept by a command of the live view, shown, renamed and removed in the gallery."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest
from test_manager import fake_train

from gan_core.config import RunConfig
from gan_core.events import Place, Samples
from gan_core.favourites import Favourites
from live import manager as manager_module
from live.manager import LiveManager
from ui import favourites
from ui.components.run_view import command_of


@pytest.fixture
def live(tmp_path: Path) -> Iterator[LiveManager]:
    live = manager_module.install(lambda: LiveManager(fake_train, tmp_path))
    yield live
    assert live.close()
    manager_module.uninstall()


def run_with_samples(live: LiveManager) -> str:
    record = live.store.new(RunConfig(data="digits", threads=1))
    pictures = np.random.default_rng(0).integers(0, 256, (64, 16, 16, 1), dtype=np.uint8)
    verdicts = tuple(image / 100 for image in range(64))
    record.append(Samples(Place(40, 1.0, 1280, 1.0), pictures, pictures // 2, False, verdicts, verdicts))
    record.close("stopped", "")
    return record.run_id


def screen() -> None:
    from ui import favourites

    favourites.gallery()


def drawn() -> AppTest:
    at = AppTest.from_function(screen, default_timeout=30).run()
    assert not at.exception
    return at


def test_an_image_is_kept_with_its_verdict_and_z(live: LiveManager, tmp_path: Path) -> None:
    run = run_with_samples(live)
    favourites.keep(run, {"name": "favourite", "label": -1, "step": 40, "index": 7, "weights": "averaged"})
    [kept] = Favourites(tmp_path).all()
    assert (kept.run_id, kept.step, kept.index, kept.weights, kept.verdict) == (run, 40, 7, "averaged", 0.07)
    assert len(kept.z) == 64


@pytest.mark.parametrize("step, index", [(41, 0), (40, 64)])
def test_one_that_is_not_there_is_answered_with_a_sentence(live: LiveManager, step: int, index: int) -> None:
    with pytest.raises(ValueError, match="not kept any more"):
        favourites.keep(run_with_samples(live), {"step": step, "index": index, "weights": "living", "label": -1})


def test_the_gallery_shows_renames_and_removes(live: LiveManager, tmp_path: Path) -> None:
    assert not drawn().subheader
    run = run_with_samples(live)
    for index in (1, 2):
        favourites.keep(run, {"step": 40, "index": index, "weights": "living", "label": -1})
    live.store.delete(run)
    second, first = Favourites(tmp_path).all()
    at = drawn()
    assert at.subheader[0].value == "2 favourites"
    texts = " ".join(str(element.value) for element in (*at.markdown, *at.caption))
    assert "Image 2" in texts and "Image 3" in texts and run in texts and "step 40" in texts

    at.text_input(key=f"favourite-name-{first.id}").set_value("A good two").run()
    assert {favourite.name for favourite in Favourites(tmp_path).all()} == {"", "A good two"}
    at.button(key=f"favourite-remove-{second.id}").click().run()
    assert not at.exception
    assert [favourite.id for favourite in Favourites(tmp_path).all()] == [first.id]
    assert at.subheader[0].value == "1 favourite"


@pytest.mark.parametrize(
    "value",
    [
        None,
        "toggle",
        {"name": "delete"},
        {"name": "step"},
        {"name": "step", "player": "nobody"},
        {"name": "fork", "step": -1},
        {"name": "fork", "step": 1.5},
        {"name": "favourite", "label": -1, "step": 1, "index": 64, "weights": "living"},
        {"name": "favourite", "label": -1, "step": [1], "index": 0, "weights": "living"},
        {"name": ["toggle"]},
    ],
)
def test_what_no_view_of_ours_sends_is_no_command(value: object) -> None:
    assert command_of(value) is None


def test_commands_come_with_their_values_and_no_others() -> None:
    assert command_of({"name": "step", "player": "critic", "n": 3, "more": 1}) == {"name": "step", "player": "critic"}
    assert command_of({"name": "projector", "on": False, "n": 4}) == {"name": "projector", "on": False}
