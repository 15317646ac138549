"""Points of one's own: a CSV is read as people write it, or refused with the row's number; a drawing is kept under its content."""

from __future__ import annotations

import math
from pathlib import Path

import pytest
import torch

from gan_core.config import RunConfig
from gan_core.data import Request, load_now, points
from gan_core.data.points import FEWEST_POINTS, MOST_POINTS, keep_csv, keep_points, read_points
from gan_core.events import Samples
from gan_core.loop import train
from gan_core.metrics.energy import energy_distance
from gan_core.presets import PRESETS
from gan_core.sentences import Sentence

ROWS = [(k / 4, -(k % 3) / 2) for k in range(12)]


def csv(rows: list[str]) -> bytes:
    return "\n".join(rows).encode()


def written(tmp_path: Path, content: bytes) -> Path:
    path = tmp_path / "mine.csv"
    path.write_bytes(content)
    return path


@pytest.mark.parametrize("delimiter", [",", ", ", ";", "\t", " ", "   "], ids=repr)
@pytest.mark.parametrize("heading", [[], ["x{0}y"], ['"Größe"{0}"Gewicht"']], ids=str)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
def test_it_is_read_as_people_write_it(tmp_path: Path, delimiter: str, heading: list[str], encoding: str) -> None:
    rows = [row.format(delimiter) for row in heading] + [f"{x}{delimiter}{y}" for x, y in ROWS] + ["", "  "]
    path = written(tmp_path, "\r\n".join(rows).encode(encoding))
    assert read_points(path).tolist() == [list(row) for row in ROWS]


def test_decimal_commas_are_understood_where_commas_part_no_columns(tmp_path: Path) -> None:
    rows = [f"{x};{y}".replace(".", ",") for x, y in ROWS]
    assert read_points(written(tmp_path, csv(rows))).tolist() == [list(row) for row in ROWS]


GOOD = [f"{x},{y}" for x, y in ROWS]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (csv([*GOOD, "1,2,3"]), r"Row 13 of mine\.csv has 3 columns, and two are needed"),
        (csv(["x,y", *GOOD, "5"]), r"Row 14 of mine\.csv has 1 columns"),
        (csv([*GOOD[:3], "secret,word", *GOOD]), r"Row 4 of mine\.csv has no number in column 1"),
        (csv([*GOOD, "1,"]), r"Row 13 of mine\.csv has no number in column 2"),
        (csv([*GOOD, "nan,1"]), r"Row 13 of mine\.csv has a number in column 1 that is not finite"),
        (csv([*GOOD, "1,-inf"]), r"Row 13 of mine\.csv has a number in column 2 that is not finite"),
        (csv([*GOOD, "1,1e200"]), r"Row 13 of mine\.csv has a number in column 2 that is not finite, or beyond 1e\+30"),
        (csv(GOOD[: FEWEST_POINTS - 1]), r"mine\.csv has 9 points, and it has to have from 10 to 20,000"),
        (csv(["1,2"] * (MOST_POINTS + 1)), r"mine\.csv has 20,001 points"),
        (csv(["0.1,0.1"] * 50), r"mine\.csv has 50 points in one place"),
        (b"", r"mine\.csv has 0 points"),
        (b"PK\0\0", r"mine\.csv is not a text file"),
        (b"1,2\n" * (points.MOST_BYTES // 4 + 1), r"mine\.csv has more than 4 MB"),
    ],
    ids=range(13),
)
def test_what_cannot_be_learned_is_refused_with_the_row(tmp_path: Path, content: bytes, said: str) -> None:
    path = written(tmp_path, content)
    for refused in (lambda: read_points(path), lambda: keep_csv("mine.csv", content, tmp_path)):
        with pytest.raises(ValueError, match=said) as caught:
            refused()
        assert isinstance(caught.value.args[0], Sentence)
        assert "secret" not in str(caught.value), "a link could name any file"


def test_no_file_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="There is no file"):
        load_now("points", Request(folder=str(tmp_path / "none.csv")))
    with pytest.raises(ValueError, match="is not a file"):
        load_now("points", Request(folder=str(tmp_path)))


def test_points_are_centred_and_scaled_by_one_factor(tmp_path: Path) -> None:
    path = keep_points([(100 + 3 * x, -40 + y) for x, y in ROWS], tmp_path)
    data, raw = load_now("points", Request(folder=str(path))), read_points(path)
    assert (len(data.train), len(data.heldout)) == (9, 3)
    every = torch.cat([data.train, data.heldout]).double()
    assert every.mean(0).abs().max() < 1e-6 and every.std(correction=0).item() == pytest.approx(1)
    mine, theirs = (cloud - cloud.mean(0) for cloud in (every * data.scale, raw))
    order = [sorted(cloud.round(decimals=3).tolist()) for cloud in (mine, theirs)]
    assert torch.tensor(order[0]) == pytest.approx(torch.tensor(order[1]), abs=2e-3), "one factor: no axis is stretched"


def test_points_on_a_line_along_an_axis_are_good(tmp_path: Path) -> None:
    data = load_now("points", Request(folder=str(keep_points([(k, 5) for k in range(10)], tmp_path))))
    assert data.train[:, 1].abs().max() == 0 and torch.isfinite(data.train).all()


def test_the_same_drawing_is_the_same_file(tmp_path: Path) -> None:
    path = keep_points(ROWS, tmp_path)
    assert path.parent == tmp_path / "points" and path.suffix == ".csv"
    assert keep_points([(x + 0.0, y + 0.0) for x, y in ROWS], tmp_path) == path
    assert keep_csv("other.csv", csv(["a;b", *(f"{x};{y}" for x, y in ROWS)]), tmp_path) == path
    assert keep_points([(x + 1, y) for x, y in ROWS], tmp_path) != path
    assert sorted(path.parent.glob(".*")) == []
    assert read_points(path).tolist() == [list(row) for row in ROWS]


@pytest.mark.parametrize(
    ("drawn", "said"),
    [(ROWS[:5], "The drawing has 5 points"), ([(1.0, 1.0)] * 20, "in one place"), ([*ROWS, (float("nan"), 0.0)], "not finite")],
    ids=["few", "equal", "nan"],
)
def test_a_drawing_that_cannot_be_learned_is_refused(tmp_path: Path, drawn: list[tuple[float, float]], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        keep_points(drawn, tmp_path)
    assert not list(tmp_path.iterdir())


def test_a_place_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "points").write_text("in the way", encoding="utf-8")
    with pytest.raises(ValueError, match=r"cannot be written: .*Free some room"):
        keep_points(ROWS, tmp_path)


def test_a_run_of_points_names_its_file() -> None:
    assert RunConfig(data="points", folder="mine.csv").shape == (2,)


@pytest.mark.slow
def test_a_drawn_target_is_learned(tmp_path: Path) -> None:
    # A drawn heart; the distance of an untrained generator's points from it falls by four fifths at least.
    turns = [2 * math.pi * k / 120 for k in range(120)]
    heart = [
        (16 * math.sin(t) ** 3 / 17, (13 * math.cos(t) - 5 * math.cos(2 * t) - 2 * math.cos(3 * t) - math.cos(4 * t)) / 17) for t in turns
    ]
    base = PRESETS["ring-8"].config
    config = base.but(data="points", folder=str(keep_points(heart, tmp_path)), width=64, threads=1, device="cpu")
    data = load_now("points", config.request)
    away: dict[int, float] = {}
    for event in train(config, until_step=500):
        if isinstance(event, Samples):
            away[event.place.step] = energy_distance(torch.from_numpy(event.living), data.heldout * data.scale)
    assert away[max(away)] < 0.2 * away[0]
