"""Glyphs are handwriting a stranger can read: real digits are the judge, not we."""

from __future__ import annotations

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from sklearn.datasets import load_digits
from sklearn.neighbors import KNeighborsClassifier
from sklearn.svm import SVC
from torch import Tensor

from gan_core.data import DataSet, Request, glyphs
from gan_core.events import Preparing

COUNT = 2_000


@pytest.fixture(scope="module")
def sheet() -> tuple[Tensor, Tensor]:
    """2,000 glyphs and their labels."""
    return glyphs.make(COUNT, 5)


def _drain() -> tuple[list[Preparing], DataSet]:
    """What `load` yields, and what it returns."""
    loading, said = glyphs.load(Request()), []
    while True:
        try:
            said.append(next(loading))
        except StopIteration as stop:
            return said, stop.value


def _different(images: Tensor) -> set[bytes]:
    """The images as bytes, equal ones only once."""
    return {image.tobytes() for image in images.numpy()}


def test_the_seed_decides_everything(sheet: tuple[Tensor, Tensor]) -> None:
    again, other = glyphs.make(COUNT, 5), glyphs.make(COUNT, 6)
    assert torch.equal(sheet[0], again[0]) and torch.equal(sheet[1], again[1])
    assert not _different(sheet[0]) & _different(other[0])
    assert not torch.equal(sheet[1], other[1])


def test_the_number_of_threads_decides_nothing(sheet: tuple[Tensor, Tensor]) -> None:
    threads = torch.get_num_threads()
    try:
        for number in (1, 2):
            torch.set_num_threads(number)
            images, labels = glyphs.make(COUNT, 5)
            assert torch.equal(images, sheet[0]) and torch.equal(labels, sheet[1])
    finally:
        torch.set_num_threads(threads)


def test_bells_down_to_nothing_would_draw_the_same(sheet: tuple[Tensor, Tensor], monkeypatch: pytest.MonkeyPatch) -> None:
    bells = glyphs._bells(np.linspace(0.0, glyphs.SIDE - 1, 500, dtype=np.float32)[:, None])
    assert bells.min() ** 2 > np.finfo(np.float32).tiny, "a product of two is a number of full precision"
    monkeypatch.setattr(glyphs, "FAINTEST", -np.inf)
    images, labels = glyphs.make(COUNT, 5)
    assert torch.equal(images, sheet[0]) and torch.equal(labels, sheet[1])


def test_the_global_random_generators_are_left_alone() -> None:
    before, numpys = torch.get_rng_state(), np.random.get_state()[1].copy()
    torch.manual_seed(1)
    one = glyphs.make(20, 0)[0]
    torch.manual_seed(2)
    state = torch.get_rng_state()
    two = glyphs.make(20, 0)[0]
    assert torch.equal(one, two)
    assert torch.equal(torch.get_rng_state(), state)
    assert np.array_equal(np.random.get_state()[1], numpys)
    torch.set_rng_state(before)


@pytest.mark.parametrize("count", [1, 7, 10, 999, 2_003])
def test_labels_are_balanced_up_to_one_and_shuffled(count: int) -> None:
    images, labels = glyphs.make(count, 3)
    assert images.shape == (count, 1, 28, 28) and images.dtype == torch.uint8
    assert labels.shape == (count,) and labels.dtype == torch.int64
    numbers = torch.bincount(labels, minlength=10)
    assert len(numbers) == 10 and numbers.max() - numbers.min() <= 1
    assert count < 20 or not torch.equal(labels, torch.arange(count) % 10)


def test_no_glyphs_are_refused() -> None:
    with pytest.raises(ValueError, match="count is 0"):
        glyphs.make(0, 0)


def test_ink_is_white_on_black(sheet: tuple[Tensor, Tensor]) -> None:
    images = sheet[0].flatten(1)
    assert (images.amin(1) == 0).all() and (images.amax(1) > 200).all()
    assert ((images == 0).float().mean(1) > 0.4).all(), "more than half of a picture is ink"
    assert ((images > 200).sum(1) >= 15).all(), "a pen stroke is missing"


def test_nothing_is_cut_off_and_nothing_is_small(sheet: tuple[Tensor, Tensor]) -> None:
    ink = sheet[0][:, 0] > 40
    border = torch.cat((ink[:, 0], ink[:, -1], ink[:, :, 0], ink[:, :, -1]), dim=1)
    assert border.any(1).float().mean() < 0.01
    heights = ink.any(2).sum(1)
    assert heights.min() >= 20 and heights.max() <= 28


def test_no_two_glyphs_are_equal(sheet: tuple[Tensor, Tensor]) -> None:
    assert len(_different(sheet[0])) == COUNT


@pytest.mark.parametrize("digit", glyphs.CLASSES)
def test_pen_positions_are_evenly_far_apart(digit: str) -> None:
    for writing in glyphs.WRITINGS[digit]:
        points = glyphs._resample(writing)
        assert points.shape == (glyphs.POINTS, 2)
        assert points.min() > -5 and points.max() < 105
        steps = np.hypot(*np.diff(points, axis=0).T)
        # Where one stroke ends and another begins the pen jumps; inside a stroke it never does.
        assert (steps > 1.3 * np.median(steps)).sum() <= 2 * writing.count(";"), writing


@pytest.mark.parametrize("digit", glyphs.CLASSES)
def test_every_digit_is_written_in_several_ways(digit: str) -> None:
    assert 2 <= len(set(glyphs.WRITINGS[digit])) <= 4


@pytest.mark.parametrize("judge", [SVC(gamma=0.001), KNeighborsClassifier()], ids=["svc", "neighbours"])
def test_who_learned_real_digits_can_read_ours(judge: SVC | KNeighborsClassifier, sheet: tuple[Tensor, Tensor]) -> None:
    images, labels = sheet[0], sheet[1].numpy()
    judge.fit(*load_digits(return_X_y=True))
    small = F.adaptive_avg_pool2d(images.float(), 8).flatten(1) * (16 / 255)
    right = judge.predict(small.numpy()) == labels
    assert right.mean() >= 0.8
    assert min(right[labels == digit].mean() for digit in range(10)) >= 0.65


def test_loading_says_how_far_it_is_and_keeps_the_halves_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(glyphs, "_ready", {})
    said, data = _drain()
    assert all(event.what == "glyphs" and event.unit == "images" and event.total == 24_000 for event in said)
    done = [event.done for event in said]
    assert done == sorted(set(done)) and done[-1] == 24_000
    assert data.train.shape == (20_000, 1, 28, 28) and data.heldout.shape == (4_000, 1, 28, 28)
    assert data.train_labels is not None and data.heldout_labels is not None
    assert torch.bincount(data.train_labels).tolist() == [2_000] * 10
    assert torch.bincount(data.heldout_labels).tolist() == [400] * 10
    assert data.classes == tuple("0123456789")
    assert not _different(data.train) & _different(data.heldout)
    assert torch.equal(data.train, glyphs.make(20_000, 0)[0])
    again, same = _drain()
    assert again == [] and same is data
