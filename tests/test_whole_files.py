"""A file is the old one or the new one, never half of one."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from gan_core import files

WRITERS = pytest.mark.parametrize("write", [files.write_whole, files.write_swapped])
Write = Callable[[Path, Callable[[Path], object]], None]


@WRITERS
def test_the_new_file_replaces_the_old(write: Write, tmp_path: Path) -> None:
    path = tmp_path / "file.txt"
    for text in ("old", "new"):
        write(path, lambda temporary, text=text: temporary.write_text(text))
        assert path.read_text() == text
    assert list(tmp_path.iterdir()) == [path]


@WRITERS
def test_the_old_file_is_whole_while_the_new_one_is_written(write: Write, tmp_path: Path) -> None:
    path = tmp_path / "file.txt"
    path.write_text("old")

    def halfway(temporary: Path) -> None:
        temporary.write_text("ne")
        assert path.read_text() == "old"
        temporary.write_text("new")

    write(path, halfway)
    assert path.read_text() == "new"


@WRITERS
@pytest.mark.parametrize("old", ["old", None])
def test_a_failing_writer_leaves_the_old_file_and_nothing_else(write: Write, old: str | None, tmp_path: Path) -> None:
    path = tmp_path / "file.txt"
    if old is not None:
        path.write_text(old)

    def failing(temporary: Path) -> None:
        temporary.write_text("ne")
        raise OSError("No space left on device")

    with pytest.raises(OSError, match="No space left"):
        write(path, failing)
    assert [file.read_text() for file in tmp_path.iterdir()] == ([old] if old else [])


def test_a_whole_file_is_on_the_disk_before_it_has_its_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path, synced = tmp_path / "file.txt", []
    monkeypatch.setattr(os, "fsync", lambda descriptor: synced.append((os.fstat(descriptor).st_size, path.exists())))
    files.write_whole(path, lambda temporary: temporary.write_text("four"))
    assert synced == [(4, False)]


def test_a_disk_that_cannot_keep_it_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def failing(_: int) -> None:
        raise OSError("I/O error")

    path = tmp_path / "file.json"
    files.write_json(path, {"old": True})
    monkeypatch.setattr(os, "fsync", failing)
    with pytest.raises(OSError, match="I/O error"):
        files.write_json(path, {"new": True})
    assert files.read_json(path) == {"old": True}
    assert list(tmp_path.iterdir()) == [path]


def test_json_comes_back(tmp_path: Path) -> None:
    values: dict[str, Any] = {"text": "Bäume 树", "number": 0.1, "list": [1, None], "inner": {"a": True}}
    files.write_json(tmp_path / "file.json", values)
    assert files.read_json(tmp_path / "file.json") == values


@pytest.mark.parametrize("content", [None, b"", b"{", b"[1]", b"1", b"\xff\xfe"])
def test_what_is_no_json_object_is_a_sentence_that_names_the_file(content: bytes | None, tmp_path: Path) -> None:
    path = tmp_path / "status.json"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(ValueError, match=r"status\.json"):
        files.read_json(path)
