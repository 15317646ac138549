"""Sets that are published as files are found where people put them, and nothing damaged or foreign gets in."""

from __future__ import annotations

import gzip
import hashlib
import io
import pickle
import struct
import tarfile
from pathlib import Path

import numpy as np
import pytest

from gan_core.data import DATA, Request, cifar, load_now
from gan_core.data.base import ROOT_VARIABLE

DEBIAN = Path("/usr/share/datasets/fashion-mnist")
SPLITS = ("train", "t10k")


def pack_idx(values: np.ndarray) -> bytes:
    """An idx file of unsigned bytes."""
    return struct.pack(f">4B{values.ndim}I", 0, 0, 8, values.ndim, *values.shape) + values.astype(np.uint8).tobytes()


def write_idx(folder: Path, *, ending: str = ".gz", first: str = "5041921314", count: int = 20) -> None:
    """Four small files as MNIST has them, whose labels begin with `first`."""
    folder.mkdir(parents=True, exist_ok=True)
    labels = np.array([int(first[k]) if k < 10 else k % 10 for k in range(count)])
    images = np.arange(count)[:, None, None] * np.ones((1, 28, 28))
    for split in SPLITS:
        for part, values in (("images-idx3", images), ("labels-idx1", labels)):
            raw = pack_idx(values)
            (folder / f"{split}-{part}-ubyte{ending}").write_bytes(gzip.compress(raw) if ending else raw)


@pytest.fixture
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A root of our own, with nothing in the working directory and no packages of the system."""
    monkeypatch.setenv(ROOT_VARIABLE, str(tmp_path / "own"))
    (tmp_path / "work").mkdir()
    monkeypatch.chdir(tmp_path / "work")
    return tmp_path / "own"


@pytest.mark.parametrize("ending", [".gz", ""])
@pytest.mark.parametrize("place", ["MNIST/raw", "MNIST", "mnist", "."])
def test_files_are_found_where_people_put_them(elsewhere: Path, place: str, ending: str) -> None:
    assert DATA["mnist"].where(Request()) is None
    write_idx(elsewhere / place, ending=ending)
    data = load_now("mnist")
    assert Path(DATA["mnist"].where(Request()) or "") == elsewhere / place
    assert data.train.shape == (20, 1, 28, 28)
    assert data.train[7].unique().tolist() == [7]
    assert data.train_labels is not None
    assert data.train_labels[:10].tolist() == [5, 0, 4, 1, 9, 2, 1, 3, 1, 4]


def test_the_own_root_goes_before_the_usual_one(elsewhere: Path) -> None:
    write_idx(Path("data/mnist"))
    assert DATA["mnist"].where(Request()) == "data/mnist"
    write_idx(elsewhere / "mnist")
    assert DATA["mnist"].where(Request()) == str(elsewhere / "mnist")


def test_files_of_a_relative_are_not_taken_for_mnist(elsewhere: Path) -> None:
    # All of MNIST's relatives have the same file names.
    write_idx(elsewhere, first="9003027255")
    assert DATA["mnist"].where(Request()) is None
    assert DATA["kmnist"].where(Request()) is None
    assert DATA["fashion-mnist"].where(Request()) == str(elsewhere)


def test_an_incomplete_set_is_not_found(elsewhere: Path) -> None:
    write_idx(elsewhere / "mnist")
    (elsewhere / "mnist" / "t10k-labels-idx1-ubyte.gz").unlink()
    assert DATA["mnist"].where(Request()) is None


def test_a_set_is_read_once(elsewhere: Path) -> None:
    write_idx(elsewhere / "mnist")
    assert load_now("mnist") is load_now("mnist")


@pytest.mark.parametrize(
    "damage",
    [
        lambda raw: raw[:-1],
        lambda raw: raw[:3],
        lambda raw: b"",
        lambda raw: pack_idx(np.zeros((20, 27, 28))),
        lambda raw: pack_idx(np.zeros((19, 28, 28))),
        lambda raw: pack_idx(np.zeros((0, 28, 28))),
        lambda raw: pack_idx(np.zeros(20)),
    ],
)
def test_a_damaged_file_is_named(elsewhere: Path, damage) -> None:
    write_idx(elsewhere / "kmnist", ending="")
    path = elsewhere / "kmnist" / "train-images-idx3-ubyte"
    path.write_bytes(damage(path.read_bytes()))
    with pytest.raises(ValueError, match=r"train.*try again"):
        load_now("kmnist")


def test_a_file_cut_inside_gzip_is_named(elsewhere: Path) -> None:
    write_idx(elsewhere / "kmnist")
    path = elsewhere / "kmnist" / "t10k-images-idx3-ubyte.gz"
    path.write_bytes(path.read_bytes()[:-9])
    with pytest.raises(ValueError, match=r"t10k-images-idx3-ubyte\.gz cannot be read"):
        load_now("kmnist")


@pytest.mark.skipif(not DEBIAN.is_dir(), reason="needs Debian's package dataset-fashion-mnist")
def test_debians_fashion_mnist_is_found(elsewhere: Path) -> None:
    assert DATA["fashion-mnist"].where(Request()) == str(DEBIAN)
    data = load_now("fashion-mnist")
    assert (len(data.train), len(data.heldout)) == (60_000, 10_000)
    assert data.train_labels is not None
    assert data.train_labels.bincount().tolist() == [6000] * 10
    assert data.classes[data.train_labels[0]] == "Ankle boot"
    # The published mean of the training pixels is 0.2860.
    assert data.train.double().mean().item() / 255 == pytest.approx(0.2860, abs=1e-4)


# CIFAR-10


def old_pickle(images: np.ndarray, labels: list[int]) -> bytes:
    """A batch, its array named as the numpy of 2009 named it."""
    return pickle.dumps({"data": images, "labels": labels}, protocol=3).replace(b"numpy._core.", b"numpy.core.")


@pytest.fixture
def tiny_cifar(elsewhere: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An archive of 6 batches with 10 images each, and torchvision's checksums changed to theirs."""
    from torchvision.datasets import CIFAR10

    elsewhere.mkdir()
    path = elsewhere / CIFAR10.filename
    lists = {"train_list": [f"data_batch_{k}" for k in range(1, 6)], "test_list": ["test_batch"]}
    with tarfile.open(path, "w:gz") as tar:
        for number, (listed, names) in enumerate(lists.items()):
            sums = []
            for name in names:
                raw = old_pickle(np.full((10, 3072), 7 * (number + 1), np.uint8), list(range(10)))
                sums.append([name, hashlib.md5(raw).hexdigest()])
                info = tarfile.TarInfo(f"{CIFAR10.base_folder}/{name}")
                info.size = len(raw)
                tar.addfile(info, io.BytesIO(raw))
            monkeypatch.setattr(CIFAR10, listed, sums)
    monkeypatch.setattr(CIFAR10, "tgz_md5", hashlib.md5(path.read_bytes()).hexdigest())
    return path


def check_tiny_cifar() -> None:
    """The tiny CIFAR-10 is read as it was made."""
    data = load_now("cifar-10")
    assert (data.train.shape, data.heldout.shape) == ((50, 3, 32, 32), (10, 3, 32, 32))
    assert (data.train.unique().tolist(), data.heldout.unique().tolist()) == ([7], [14])
    assert data.heldout_labels is not None
    assert data.heldout_labels.tolist() == list(range(10))


def test_cifar_is_read_from_its_archive(tiny_cifar: Path) -> None:
    check_tiny_cifar()


def test_cifar_is_read_from_its_folder(tiny_cifar: Path) -> None:
    with tarfile.open(tiny_cifar) as tar:
        tar.extractall(tiny_cifar.parent / "cifar-10", filter="data")
    tiny_cifar.unlink()
    check_tiny_cifar()


def test_an_archive_with_another_checksum_is_not_opened(tiny_cifar: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tiny_cifar.write_bytes(tiny_cifar.read_bytes() + b"!")
    monkeypatch.setattr(tarfile, "open", lambda *_: pytest.fail("the archive was opened"))
    with pytest.raises(ValueError, match="not the official file"):
        load_now("cifar-10")


def test_a_batch_with_another_checksum_is_not_unpickled(tiny_cifar: Path) -> None:
    with tarfile.open(tiny_cifar) as tar:
        tar.extractall(tiny_cifar.parent, filter="data")
    tiny_cifar.unlink()
    (tiny_cifar.parent / cifar.UNPACKED / "data_batch_3").write_bytes(pickle.dumps(print))
    with pytest.raises(ValueError, match="data_batch_3 is not the official file"):
        load_now("cifar-10")


def test_a_batch_can_only_hold_arrays() -> None:
    raw = pickle.dumps(print)
    with pytest.raises(pickle.UnpicklingError, match="print has no business"):
        cifar._batch(raw, "batch", md5=hashlib.md5(raw).hexdigest())
