"""Favourites: what was kept comes back, and nothing that is wrong with one costs another."""

from __future__ import annotations

import json
import threading
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from gan_core import favourites as module
from gan_core.config import RunConfig
from gan_core.favourites import Favourites
from gan_core.store import RunStore

RUN = "20260101-120000-digits-abcd"


def picture(channels: int = 1) -> Any:
    return np.random.default_rng(channels).integers(0, 256, (16, 12, channels), dtype=np.uint8)


def kept(root: Path, **changes: Any) -> str:
    facts = {"index": 3, "weights": "living", "picture": picture(), "verdict": 0.25, "z": [0.5, -1.25]} | changes
    return Favourites(root).keep(RUN, 40, **facts)


@pytest.mark.parametrize("channels", [1, 3])
def test_what_was_kept_comes_back(tmp_path: Path, channels: int) -> None:
    id = kept(tmp_path, picture=picture(channels))
    [found] = Favourites(tmp_path).all()
    assert (found.id, found.run_id, found.step, found.index, found.weights) == (id, RUN, 40, 3, "living")
    assert (found.verdict, found.z, found.name) == (0.25, (0.5, -1.25), "")
    with Image.open(Favourites(tmp_path).picture(id)) as image:
        assert np.array_equal(np.asarray(image).reshape(16, 12, channels), picture(channels))


def test_the_newest_comes_first_and_none_is_no_trouble(tmp_path: Path) -> None:
    assert Favourites(tmp_path).all() == []
    ids = [kept(tmp_path, index=index) for index in range(3)]
    assert [favourite.id for favourite in Favourites(tmp_path).all()] == ids[::-1]


def test_one_is_renamed_and_removed_without_the_others(tmp_path: Path) -> None:
    first, second = kept(tmp_path), kept(tmp_path)
    favourites = Favourites(tmp_path)
    favourites.rename(first, "  a   good\nseven ")
    assert {favourite.id: favourite.name for favourite in favourites.all()} == {first: "a good seven", second: ""}
    favourites.remove(first)
    assert [favourite.id for favourite in favourites.all()] == [second]
    assert not favourites.picture(first).exists() and favourites.picture(second).exists()
    for change in (lambda: favourites.remove(first), lambda: favourites.rename(first, "x")):
        with pytest.raises(ValueError, match="not there any more"):
            change()


@pytest.mark.parametrize("id", ["", "../../etc", "0123456789ab/..", "0123456789AB"])
def test_an_id_is_never_a_path(tmp_path: Path, id: str) -> None:
    with pytest.raises(ValueError, match="no favourite's id"):
        Favourites(tmp_path).picture(id)


@pytest.mark.parametrize(
    "wrong",
    [
        {"picture": picture().astype(np.float32)},
        {"picture": picture()[0]},
        {"picture": np.zeros((4, 4, 2), np.uint8)},
        {"weights": "best"},
        {"index": -2},
        {"z": [float("nan")]},
    ],
    ids=lambda wrong: next(iter(wrong)),
)
def test_what_is_no_favourite_is_not_kept(tmp_path: Path, wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="favourite"):
        kept(tmp_path, **wrong)
    assert Favourites(tmp_path).all() == []


def test_a_verdict_that_is_no_number_is_none(tmp_path: Path) -> None:
    kept(tmp_path, verdict=float("nan"))
    assert Favourites(tmp_path).all()[0].verdict is None


def test_too_many_and_too_long_are_refused_with_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST", 2)
    ids = [kept(tmp_path), kept(tmp_path)]
    with pytest.raises(ValueError, match="There are 2 favourites"):
        kept(tmp_path)
    with pytest.raises(ValueError, match="81 characters, and 80"):
        Favourites(tmp_path).rename(ids[0], 81 * "x")
    assert len(Favourites(tmp_path).all()) == 2


def test_bad_entries_cost_no_others(tmp_path: Path) -> None:
    id, lost = kept(tmp_path), kept(tmp_path)
    favourites = Favourites(tmp_path)
    favourites.picture(lost).unlink()
    path = favourites.folder / "favourites.json"
    entries = json.loads(path.read_text())["favourites"]
    good = next(entry for entry in entries if entry["id"] == id)
    bad = [None, 7, {}, {"id": "x"}, good | {"z": "no"}, good | {"id": "../up"}, good | {"step": "4"}, good | {"index": -2}]
    path.write_text(json.dumps({"favourites": [*bad, *entries]}))
    assert [favourite.id for favourite in favourites.all()] == [id]


def test_a_torn_list_is_named_and_not_overwritten(tmp_path: Path) -> None:
    kept(tmp_path)
    path = Favourites(tmp_path).folder / "favourites.json"
    path.write_text('{"favourites": [')
    with pytest.raises(ValueError, match=r"favourites\.json cannot be read"):
        kept(tmp_path)
    assert path.read_text() == '{"favourites": ['


def test_nobody_loses_what_another_keeps_at_the_same_time(tmp_path: Path) -> None:
    threads = [threading.Thread(target=lambda: [kept(tmp_path) for _ in range(5)]) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(Favourites(tmp_path).all()) == 20


def test_they_outlive_their_run_and_are_no_run(tmp_path: Path) -> None:
    store = RunStore(tmp_path)
    record = store.new(RunConfig(data="digits", threads=1))
    record.close("stopped", "")
    Favourites(tmp_path).keep(record.run_id, 0, index=0, weights="averaged", picture=picture(), verdict=None, z=[])
    assert [status.run_id for status in store.list()] == [record.run_id]
    store.delete(record.run_id)
    assert [favourite.run_id for favourite in Favourites(tmp_path).all()] == [record.run_id]
