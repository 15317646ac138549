"""What people write on runs is kept, checked and never lost."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from gan_core.labels import FILE, MAX_NAME, MAX_NOTE, Label, Labels


@pytest.fixture
def labels(tmp_path: Path) -> Labels:
    return Labels(tmp_path)


def test_without_a_file_every_label_is_empty_and_nothing_is_written(labels: Labels) -> None:
    assert labels.get("a") == Label("", "", False)
    assert labels.all() == {}
    assert not labels.path.exists()


def test_what_is_set_comes_back_after_a_restart(labels: Labels) -> None:
    assert labels.set("a", name="Group 1", note="first\nsecond") == Label("Group 1", "first\nsecond")
    labels.set("a", pinned=True)
    labels.set("b", note="雙")
    again = Labels(labels.path.parent)
    assert again.all() == {"a": Label("Group 1", "first\nsecond", True), "b": Label(note="雙")}
    assert again.get("a").name == "Group 1"


def test_a_label_that_says_nothing_is_not_kept(labels: Labels) -> None:
    labels.set("a", name="x", pinned=True)
    labels.set("a", name=" ", pinned=False)
    assert json.loads(labels.path.read_text()) == {}


def test_a_name_is_one_line_without_space_around_it(labels: Labels) -> None:
    assert labels.set("a", name="  two\nlines\t here ").name == "two lines here"
    assert labels.set("a", note="\n kept\n\nas it is \n").note == "kept\n\nas it is"


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"name": "x" * (MAX_NAME + 1)}, "81 characters, and at most 80"),
        ({"note": "x" * (MAX_NOTE + 1)}, "2,001 characters, and at most 2,000"),
        ({"name": 3}, "name is 3"),
        ({"pinned": "yes"}, "pinned is 'yes'"),
    ],
)
def test_what_cannot_be_kept_is_a_sentence_and_changes_nothing(labels: Labels, changes: dict[str, Any], said: str) -> None:
    labels.set("a", name="before")
    with pytest.raises(ValueError, match=said):
        labels.set("a", **changes)
    assert labels.all() == {"a": Label("before")}


def test_the_longest_is_kept(labels: Labels) -> None:
    label = labels.set("a", name="n" * MAX_NAME, note="x" * MAX_NOTE)
    assert (len(label.name), len(label.note)) == (MAX_NAME, MAX_NOTE)


@pytest.mark.parametrize("text", ['{"a": {"name": "to', "[]", "\x00", ""])
def test_a_file_that_cannot_be_read_stays_under_another_name(labels: Labels, text: str) -> None:
    labels.path.write_text(text)
    assert labels.all() == {}
    labels.set("b", name="new")
    assert Labels(labels.path.parent).all() == {"b": Label("new")}
    (aside,) = labels.path.parent.glob("labels.unreadable-*.json")
    assert aside.read_text() == text


@pytest.mark.parametrize("bad", [3, {"name": 5}, {"colour": "red"}, {"name": "x" * 100}, None])
def test_one_bad_label_costs_no_other(labels: Labels, bad: Any) -> None:
    text = json.dumps({"good": {"name": "kept"}, "bad": bad})
    labels.path.write_text(text)
    assert labels.all() == {"good": Label("kept")}
    assert Labels(labels.path.parent).all() == {"good": Label("kept")}, "and is still there the next time"
    (aside,) = labels.path.parent.glob("labels.unreadable-*.json")
    assert aside.read_text() == text


def test_many_who_write_at_once_lose_nothing(labels: Labels) -> None:
    with ThreadPoolExecutor(8) as people:
        list(people.map(lambda index: labels.set(f"run-{index}", name=str(index)), range(40)))
    assert {run_id: label.name for run_id, label in labels.all().items()} == {f"run-{index}": str(index) for index in range(40)}


def test_a_dropped_label_is_gone(labels: Labels) -> None:
    labels.set("a", name="x")
    labels.drop("a")
    labels.drop("nobody")
    assert labels.all() == {}


def test_a_folder_that_cannot_be_written_is_a_sentence(tmp_path: Path) -> None:
    labels = Labels(tmp_path / "nowhere")
    with pytest.raises(ValueError, match=f"{FILE} cannot be written"):
        labels.set("a", name="x")
