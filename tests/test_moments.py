"""What is kept of a run stays bounded, dense where it began and where it is."""

from __future__ import annotations

from pathlib import Path

import pytest

from gan_core.moments import Shelf, dispensable, kept_steps, name_of


def shelf(folder: Path, most: int) -> Shelf:
    return Shelf(folder, (".json", "-living.png"), most)


def put(shelf: Shelf, step: int) -> None:
    for ending in shelf.endings:
        (shelf.folder / name_of(step, ending)).write_text("")
    shelf.put(step)


@pytest.mark.parametrize("stride", [1, 7, 300])
def test_hours_keep_as_many_moments_as_minutes(stride: int, tmp_path: Path) -> None:
    kept, last = shelf(tmp_path, 24), 600 * stride
    for step in range(0, last + 1, stride):
        put(kept, step)
    steps = kept_steps(tmp_path, ".json")
    assert steps == kept.steps
    assert len(steps) == 24 == len(list(tmp_path.glob("*.png")))
    assert (steps[0], steps[-1]) == (0, last), "the first moment and the newest are always there"
    gaps = [(later - earlier) // stride for earlier, later in zip(steps[:-1], steps[1:], strict=True)]
    assert max(gaps[:2]) <= 3, "dense early"
    assert max(gaps[-2:]) <= 3, "dense late"
    assert max(gaps) <= 600 / 24 * 6, "and no hole in between"


def test_the_ends_are_never_dispensable() -> None:
    assert dispensable([0, 1, 2]) == 1
    assert dispensable([0, 10, 11, 12, 1000]) in (10, 11, 12)


def test_a_run_that_goes_on_finds_its_moments_and_forgets_the_later_ones(tmp_path: Path) -> None:
    first = shelf(tmp_path, 10)
    for step in (0, 5, 9, 12):
        put(first, step)
    again = shelf(tmp_path, 10)
    assert again.steps == [0, 5, 9, 12]
    again.drop_after(9)
    assert again.steps == kept_steps(tmp_path, ".json") == kept_steps(tmp_path, "-living.png") == [0, 5, 9]


def test_other_files_are_left_alone(tmp_path: Path) -> None:
    for name in ("reals.png", "latest.png", "12.json", "000000004-average.safetensors"):
        (tmp_path / name).write_text("")
    kept = shelf(tmp_path, 2)
    for step in range(6):
        put(kept, step)
    assert kept.steps == [0, 5]
    assert {path.name for path in tmp_path.iterdir()} >= {"reals.png", "latest.png", "12.json", "000000004-average.safetensors"}


def test_no_folder_no_moments(tmp_path: Path) -> None:
    assert kept_steps(tmp_path / "nowhere", ".json") == []
