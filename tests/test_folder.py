"""The user's own pictures: what is read from them, and what is refused."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from picture_files import directory, encoded, many, noise, of, png_header, zipped
from PIL import Image

from gan_core.data import Request, folder, zips
from gan_core.events import Preparing


@pytest.fixture(params=[directory, zipped])
def put(request: pytest.FixtureRequest):
    """Both ways to hand pictures over."""
    return request.param


@pytest.mark.parametrize("size", folder.SIZES)
def test_pictures_become_squares(put, tmp_path: Path, size: int) -> None:
    data = of(put(tmp_path, many(70)), size)
    assert (len(data.train), len(data.heldout)) == (63, 7)
    assert data.train.shape[1:] == data.heldout.shape[1:] == (3, size, size)
    assert data.train_labels is None
    assert data.classes == ()


def test_a_directory_and_a_zip_of_it_are_the_same_set(tmp_path: Path) -> None:
    contents = many(70, "set/{kind}/{k}.png")
    (tmp_path / "a").mkdir()
    one, two = of(directory(tmp_path / "a", contents)), of(zipped(tmp_path, contents))
    assert torch.equal(one.train, two.train)
    assert one.train_labels is not None
    assert two.train_labels is not None
    assert torch.equal(one.train_labels, two.train_labels)


@pytest.mark.parametrize("pattern", ["{kind}/{k}.png", "all/{kind}/{k}.png"])
def test_class_folders_are_labels(put, tmp_path: Path, pattern: str) -> None:
    colours = {"cat": "red", "dog": "blue"}
    contents = {pattern.format(kind=kind, k=k): encoded(Image.new("RGB", (9, 9), colours[kind])) for kind in colours for k in range(40)}
    data = of(put(tmp_path, contents))
    assert data.classes == ("cat", "dog")
    for images, labels in ((data.train, data.train_labels), (data.heldout, data.heldout_labels)):
        assert labels is not None
        # Cats are red: each label has stayed with its image.
        assert torch.equal(images[:, 0, 0, 0] == 255, labels == 0)


@pytest.mark.parametrize("extra", ["stray.png", "cat/deep/er.png"])
def test_mixed_depths_are_no_classes(put, tmp_path: Path, extra: str) -> None:
    assert of(put(tmp_path, many(70, "{kind}/{k}.png") | {extra: noise(0)})).train_labels is None


def test_one_folder_is_no_class(put, tmp_path: Path) -> None:
    assert of(put(tmp_path, many(70, "holiday/{k}.png"))).train_labels is None


def test_hidden_files_and_others_are_ignored(put, tmp_path: Path) -> None:
    hidden = {"._1.png": b"mac", "__MACOSX/1.png": b"mac", ".thumbs/1.png": b"thumb", "notes.txt": b"text", ".hidden/deep/1.png": b""}
    data = of(put(tmp_path, many(70) | hidden))
    assert len(data.train) + len(data.heldout) == 70


def test_progress_is_counted_in_images(tmp_path: Path) -> None:
    progress = list(folder.load(Request(folder=directory(tmp_path, many(70)))))
    assert progress[0] == Preparing(tmp_path.name, 0, 70, "images")
    assert progress[-1] == Preparing(tmp_path.name, 70, 70, "images")


# Limits


def test_too_few_pictures(put, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"has 63 pictures.*at least 64"):
        of(put(tmp_path, many(63)))


def test_too_many_pictures(put, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(folder, "MOST_IMAGES", 69)
    with pytest.raises(ValueError, match="more than 69 pictures"):
        of(put(tmp_path, many(70)))


def test_a_few_broken_pictures_are_left_out(put, tmp_path: Path) -> None:
    broken = {"a.png": b"", "b.jpg": b"no picture", "c.png": noise(1)[:60]}
    data = of(put(tmp_path, many(70) | broken))
    assert len(data.train) + len(data.heldout) == 70


def test_many_broken_pictures_are_an_error_that_names_the_first(put, tmp_path: Path) -> None:
    broken = {f"broken{k}.png": b"no picture" for k in range(10)}
    with pytest.raises(ValueError, match=r"tenth of the 80 pictures.*first is broken0\.png"):
        of(put(tmp_path, many(70) | broken))


def test_too_few_are_left_without_the_broken(put, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="has 63 readable"):
        of(put(tmp_path, many(63) | {"x.png": b"", "y.png": b""}))


def test_a_picture_with_too_many_pixels_is_not_decoded(put, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Image.Image, "convert", lambda *_: pytest.fail("it was decoded"))
    with pytest.raises(ValueError, match=r"0\.png is too large \(8000x6251 pixels\): at most 50 megapixels"):
        of(put(tmp_path, many(70) | {"0.png": png_header(8000, 6251)}))


def test_a_file_that_is_too_large_is_named(put, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(zips, "MOST_FILE_BYTES", 5000)
    monkeypatch.setattr(folder, "MOST_FILE_BYTES", 5000)
    with pytest.raises(ValueError, match=r"big\.png"):
        of(put(tmp_path, many(70) | {"big.png": noise(1, (50, 50))}))


@pytest.mark.parametrize("path", ["", "  ", "/no/such/folder", "~nobody-by-that-name/x"])
def test_a_path_that_leads_nowhere(path: str) -> None:
    assert folder.where(Request(folder=path)) is None
    with pytest.raises(ValueError, match="no folder or zip file"):
        of(path)


def test_only_two_sizes_are_offered(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="48 pixels wide: choose one of 32, 64"):
        of(str(tmp_path), 48)
