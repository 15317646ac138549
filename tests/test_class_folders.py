"""A folder of pictures without class folders: refused before anything begins, wherever one asks for a run by class."""

from __future__ import annotations

from pathlib import Path

import pytest
from picture_files import directory, many, noise, of, zipped
from test_manager import fake_train

from gan_core.__main__ import main
from gan_core.config import RunConfig
from gan_core.data import DATA, Request, class_folders
from gan_core.data.base import NO_CLASSES
from gan_core.data.class_folders import surely_none
from live.manager import LiveManager
from live.orders import GoOn
from ui.address import read_url

LAYOUTS: dict[str, dict[str, bytes]] = {
    "class folders": many(66, "{kind}/{k}.png"),
    "class folders in one folder": many(66, "all/{kind}/{k}.png"),
    "hidden ones beside them": many(66, "{kind}/{k}.png") | {".thumbs/a/1.png": noise(0), "__MACOSX/1.png": noise(0), "notes.txt": b"text"},
    "no folder": many(66),
    "one folder": many(66, "holiday/{k}.png"),
    "one folder in another": many(66, "2026/holiday/{k}.png"),
    "a stray picture": many(66, "{kind}/{k}.png") | {"stray.png": noise(0)},
    "a deeper one": many(66, "{kind}/{k}.png") | {"cat/deep/er.png": noise(0)},
}
WITHOUT = {name for name in LAYOUTS if not name.startswith(("class folders", "hidden"))}
LAYOUT = pytest.mark.parametrize("layout", LAYOUTS)


@pytest.fixture(params=[directory, zipped])
def put(request: pytest.FixtureRequest):
    """Both ways to hand pictures over."""
    return request.param


@LAYOUT
def test_a_look_at_the_names_says_what_reading_says(put, tmp_path: Path, layout: str) -> None:
    path = put(tmp_path, LAYOUTS[layout])
    assert surely_none(Path(path)) == (of(path).train_labels is None) == (layout in WITHOUT)


@LAYOUT
def test_a_look_that_gives_up_refuses_nothing_that_could_be_read(tmp_path: Path, layout: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(class_folders, "MOST_LOOKED_AT", 3)
    assert surely_none(Path(directory(tmp_path, LAYOUTS[layout]))) <= (layout in WITHOUT)


def test_of_a_large_flat_folder_one_directory_is_enough(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(class_folders, "MOST_LOOKED_AT", 3)
    assert surely_none(Path(directory(tmp_path, many(66))))


def test_what_is_not_there_empty_or_broken_is_left_to_who_reads_it(tmp_path: Path) -> None:
    (tmp_path / "broken.zip").write_bytes(b"no zip")
    (tmp_path / "empty").mkdir()
    for name in ("nowhere", "broken.zip", "empty"):
        assert not DATA["folder"].classless(Request(folder=str(tmp_path / name)))


def test_a_zip_that_was_changed_is_looked_at_again(tmp_path: Path) -> None:
    assert surely_none(Path(zipped(tmp_path, many(66))))
    assert not surely_none(Path(zipped(tmp_path, many(66, "{kind}/{k}.png"))))


# Every door


def test_it_is_refused_on_the_command_line_and_in_a_link_in_the_same_words(put, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    settings = {"data": "folder", "folder": put(tmp_path, many(66)), "conditional": "yes"}
    told = [word for pair in settings.items() for word in ("--set", "=".join(pair))]
    assert main(["train", "--seconds", "1", "--out", str(tmp_path / "runs"), *told]) == 2
    assert capsys.readouterr().err.strip() == str(NO_CLASSES)
    assert not (tmp_path / "runs").exists(), "nothing was begun"
    _, _, complaints = read_url(settings)
    assert [complaint for complaint in complaints if str(NO_CLASSES) in complaint]


def test_no_run_of_it_is_begun_or_waited_for_or_continued(tmp_path: Path) -> None:
    pictures = tmp_path / "pictures"
    config = RunConfig(data="folder", folder=directory(pictures, many(66, "{kind}/{k}.png")), conditional="yes")
    live = LiveManager(fake_train, tmp_path / "runs")
    try:
        run_id = live.start(config, "ann")
        handle = live.runs.get(run_id)
        assert handle is not None
        handle.stop()
        assert handle.join(10)
        (pictures / "stray.png").write_bytes(noise(1))
        for order in (config, GoOn(run_id)):
            for ask in (live.start, live.wait):
                with pytest.raises(ValueError, match="have no classes"):
                    ask(order, "ann")
        assert [status.run_id for status in live.store.list()] == [run_id]
        assert live.store.config(run_id) == config.but(threads=live.store.config(run_id).threads), "and the old run's settings are good"
        assert live.store.status(run_id).state == "stopped"
    finally:
        assert live.close()
