"""Every data set that is at hand tells the truth about itself, and is split once and for all."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from gan_core.data import DATA, DataSet, Request, curves, digits, load_now, planes
from gan_core.data.points import keep_points

OFFLINE = [name for name in DATA if name not in ("folder", "points") and DATA[name].where(Request()) is not None]


def image_folder(root: Path) -> Request:
    """A request for 70 plain images."""
    for k in range(70):
        Image.new("RGB", (40, 30), (k, 2 * k, 3 * k)).save(root / f"{k}.png")
    return Request(folder=str(root), size=64)


@pytest.fixture(scope="module", params=[*OFFLINE, "folder", "points"])
def named(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Request, DataSet]:
    name = str(request.param)
    asked = Request()
    if name == "folder":
        asked = image_folder(tmp_path_factory.mktemp("images"))
    if name == "points":
        asked = Request(folder=str(keep_points([(k, k % 7) for k in range(50)], tmp_path_factory.mktemp("points"))))
    return name, asked, load_now(name, asked)


def test_shape_and_type_are_those_of_the_row(named: tuple[str, Request, DataSet]) -> None:
    name, asked, data = named
    for part in (data.train, data.heldout):
        assert part.shape[1:] == DATA[name].shape(asked)
        assert part.dtype == (torch.uint8 if DATA[name].kind == "image" else torch.float32)
        assert part.is_contiguous()
    assert len(data.train) > len(data.heldout) > 0


def test_labels_are_indices_of_classes(named: tuple[str, Request, DataSet]) -> None:
    name, _, data = named
    assert (data.train_labels is not None) == (data.heldout_labels is not None) == DATA[name].labelled
    for images, labels in ((data.train, data.train_labels), (data.heldout, data.heldout_labels)):
        if labels is not None:
            assert labels.dtype == torch.int64
            assert labels.shape == (len(images),)
            assert labels.unique().tolist() == list(range(len(data.classes)))


def test_the_split_is_the_same_every_time(named: tuple[str, Request, DataSet]) -> None:
    name, asked, data = named
    again = load_now(name, asked)
    assert torch.equal(data.train, again.train)
    assert torch.equal(data.heldout, again.heldout)


@pytest.mark.parametrize("name", DATA)
def test_help_is_one_sentence(name: str) -> None:
    assert DATA[name].help.endswith(".")
    assert ". " not in DATA[name].help


def test_the_menu_is_in_this_order() -> None:
    pictures = ["glyphs", "fashion-mnist", "mnist", "kmnist", "cifar-10", "digits"]
    planes = ["line", "two-gaussians", "ring-8", "grid-25", "spiral", "two-moons", "swiss-roll", "points"]
    assert list(DATA) == [*pictures, *planes, "folder"]


def test_an_unknown_name_is_told_the_known_ones() -> None:
    with pytest.raises(ValueError, match=r"'imagenet'.*ring-8"):
        load_now("imagenet")


def test_importing_the_registry_is_cheap() -> None:
    code = "import sys, gan_core.data; sys.exit(int(any(name in sys.modules for name in ('torchvision', 'sklearn'))))"
    assert subprocess.run([sys.executable, "-c", code], check=False, cwd=Path(__file__).parents[1]).returncode == 0


# Planes


@pytest.mark.parametrize(("name", "modes"), [("ring-8", 8), ("grid-25", 25)])
def test_all_modes_are_distinct(name: str, modes: int) -> None:
    # A ring from linspace(0, 2 pi, 8) has its first and last centre in one place.
    distances = torch.cdist(planes.centres(name), planes.centres(name)) + 10 * torch.eye(modes)
    assert distances.shape == (modes, modes)
    assert distances.min() > 20 * planes.sd(name)


def test_the_ring_is_regular() -> None:
    centres = planes.centres("ring-8")
    steps = (centres.roll(-1, 0) - centres).norm(dim=1)
    torch.testing.assert_close(steps, torch.full((8,), 2 * np.sin(np.pi / 8)), check_dtype=False)
    torch.testing.assert_close(centres[0], torch.tensor([1.0, 0.0]))


def test_the_grid_has_its_spacing() -> None:
    assert planes.centres("grid-25").unique().tolist() == [-4.0, -2.0, 0.0, 2.0, 4.0]


@pytest.mark.parametrize("name", planes.PLANES)
def test_planes_have_unit_variance_and_the_right_width(name: str) -> None:
    data = load_now(name)
    assert (len(data.train), len(data.heldout)) == (50_000, 10_000)
    assert data.train.double().std(correction=0).item() == pytest.approx(1, abs=1e-5)
    for points, labels in ((data.train, data.train_labels), (data.heldout, data.heldout_labels)):
        assert labels is not None
        away = points * data.scale - planes.centres(name)[labels]
        assert away.std().item() == pytest.approx(planes.sd(name), rel=0.02)
        assert away.mean().abs().item() < planes.sd(name) / 20
        assert labels.bincount().min().item() > 0.8 * len(labels) / len(data.classes)


@pytest.mark.parametrize("name", curves.CURVES)
def test_curves_have_unit_variance_and_lie_where_they_say(name: str) -> None:
    data, curve = load_now(name), curves.CURVES[name]
    assert (len(data.train), len(data.heldout)) == (50_000, 10_000)
    assert data.train.double().std(correction=0).item() == pytest.approx(1, abs=1e-5)
    assert len(data.classes) == len(curve.branches)
    branches = max(1, len(curve.branches))
    t = torch.linspace(0, 1, 2_000).repeat(branches)
    exact = curve.at(t, torch.arange(branches).repeat_interleave(2_000).float())
    away = torch.cdist(data.heldout[:2_000] * data.scale, exact).amin(1)
    # Across the curve only: the noise along it does not lead away from it.
    assert away.square().mean().sqrt().item() == pytest.approx(curve.sd, rel=0.1)
    far = torch.cdist(exact[::20], data.heldout * data.scale).amin(1)
    assert far.max().item() < 3 * curve.sd, "and no part of it is empty"


def test_making_a_plane_leaves_the_global_generator_alone() -> None:
    before = torch.get_rng_state()
    planes.make("ring-8")
    assert torch.equal(before, torch.get_rng_state())


def test_an_unknown_plane_is_told_the_known_ones() -> None:
    with pytest.raises(ValueError, match=r"spiral.*two-gaussians, ring-8, grid-25"):
        planes.centres("spiral")


# Digits


def test_digits_are_split_by_class() -> None:
    data = load_now("digits")
    assert (len(data.train), len(data.heldout)) == (1437, 360)
    assert data.train_labels is not None
    assert data.heldout_labels is not None
    total = data.train_labels.bincount() + data.heldout_labels.bincount()
    assert (data.heldout_labels.bincount() - total / digits.HELD_OUT).abs().max().item() <= 1
    assert data.train.max().item() > 240
    assert data.train.min().item() == 0
