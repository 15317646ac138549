"""The user's own points in the plane: a CSV of two columns, from anywhere, uploaded, or drawn by hand."""

from __future__ import annotations

import hashlib
import math
import stat
from collections.abc import Sequence
from pathlib import Path

import torch
from torch import Tensor

from gan_core.data.base import DataSet, Loading, Request
from gan_core.data.folder import where
from gan_core.data.planes import to_unit_variance
from gan_core.files import write_whole
from gan_core.sentences import Sentence

FEWEST_POINTS, MOST_POINTS = 10, 20_000
MOST_BYTES = 4 << 20
FARTHEST = 1e30
"""Numbers beyond this would not fit into float32 when they are squared and summed up."""
FINEST = 1e-12
"""Numbers that differ by a smaller share of their size differ by rounding."""
HELD_OUT = 5
"""Every fifth point is held out: of few points a tenth would be too few to compare with."""
SEED = 0
DELIMITERS = (";", "\t", ",")
"""The first of these that is in a row separates its columns; else spaces do."""


def load(request: Request) -> Loading:
    """Points around their middle, of unit variance, in a fixed random order, every fifth held out; ValueError as `read_points`."""
    yield from ()
    found = where(request)
    if found is None:
        sentence = Sentence(
            "There is no file {path}: give the path of a CSV with two columns and at least {fewest} rows.",
            path=repr(request.folder),
            fewest=FEWEST_POINTS,
        )
        raise ValueError(sentence)
    points = read_points(Path(found))
    points = points[torch.randperm(len(points), generator=torch.Generator().manual_seed(SEED))]
    held = torch.zeros(len(points), dtype=torch.bool)
    held[::HELD_OUT] = True
    points, scale = to_unit_variance(points - points.mean(0), len(points))
    points = points.float()
    return DataSet(points[~held], points[held], scale=scale)


def read_points(path: Path) -> Tensor:
    """Points float64 (n, 2) as the CSV has them; ValueError, with the row's number, where it has none that could be learned.

    Columns are separated by semicolons, tabs, commas or spaces; a first row that is no numbers is a heading.
    """
    try:
        # Opening a pipe that somebody named like a file would wait for ever.
        if not stat.S_ISREG(path.stat().st_mode):
            raise ValueError(Sentence("{name} is not a file. Give the path of a CSV with two columns.", name=path.name))
        with path.open("rb") as file:
            content = file.read(MOST_BYTES + 1)
    except OSError as error:
        raise ValueError(Sentence("{path} cannot be read: {error}.", path=path, error=error.strerror)) from error
    return _checked(_parsed(content, path.name), path.name)


def keep_csv(name: str, content: bytes, root: Path) -> Path:
    """Path of an uploaded CSV, kept as `keep_points` keeps points; ValueError, with the row's number, as `read_points`."""
    return _kept(_checked(_parsed(content, name), name), root)


def keep_points(points: Sequence[tuple[float, float]], root: Path) -> Path:
    """Path of a CSV of these points, `<root>/points/<start of its sha256>.csv`: the same drawing is the same file.

    ValueError where there are too few, too many, or none that could be learned, or where the disk does not let us.
    """
    return _kept(_checked([(float(x), float(y)) for x, y in points], Sentence("The drawing")), root)


def _kept(points: Tensor, root: Path) -> Path:
    # 0.0 is added because a zero can have a sign, which would make another file of the same points.
    text = "x,y\n" + "".join(f"{x + 0.0!r},{y + 0.0!r}\n" for x, y in points.tolist())
    path = root / "points" / f"{hashlib.sha256(text.encode()).hexdigest()[:16]}.csv"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, lambda temporary: temporary.write_text(text, encoding="utf-8"))
    except OSError as error:
        raise ValueError(
            Sentence("{path} cannot be written: {error}. Free some room there, or allow writing.", path=path, error=error.strerror)
        ) from error
    return path


def _parsed(content: bytes, name: str) -> list[tuple[float, float]]:
    """The rows of a CSV as pairs of numbers; ValueError for the first that is none."""
    if len(content) > MOST_BYTES:
        raise ValueError(Sentence("{name} has more than {most} MB, the most allowed. Keep fewer rows.", name=name, most=MOST_BYTES >> 20))
    if b"\0" in content:
        raise ValueError(Sentence("{name} is not a text file. Save the table as CSV (UTF-8).", name=name))
    # A heading in another encoding than UTF-8 must not cost the numbers below it.
    lines = content.decode("utf-8-sig", errors="replace").splitlines()
    rows = [(number, _cells(line)) for number, line in enumerate(lines, 1) if line.strip()]
    if rows and all(_number(cell) is None for cell in rows[0][1]):
        rows = rows[1:]
    return [_pair(cells, number, name) for number, cells in rows]


def _cells(line: str) -> list[str]:
    delimiter = next((known for known in DELIMITERS if known in line), None)
    cells = [cell.strip().strip('"') for cell in line.split(delimiter)]
    return cells if delimiter == "," else [cell.replace(",", ".") for cell in cells]  # as half of Europe writes 0,5


def _number(cell: str) -> float | None:
    try:
        return float(cell)
    except ValueError:
        return None


def _pair(cells: list[str], number: int, name: str) -> tuple[float, float]:
    """The two numbers of a row. What stands in it is not told: a link could name any file of this machine."""
    if len(cells) != 2:
        raise ValueError(
            Sentence(
                "Row {row} of {name} has {count} columns, and two are needed, x and y. Keep those two only.",
                row=number,
                name=name,
                count=len(cells),
            )
        )
    found = []
    for column, cell in enumerate(cells, 1):
        value = _number(cell)
        if value is None:
            sentence = Sentence(
                "Row {row} of {name} has no number in column {column}. Write one there, or remove the row.",
                row=number,
                name=name,
                column=column,
            )
            raise ValueError(sentence)
        if not abs(value) <= FARTHEST:
            sentence = Sentence(
                "Row {row} of {name} has a number in column {column} that is not finite, or beyond {most:g}. Remove the row.",
                row=number,
                name=name,
                column=column,
                most=FARTHEST,
            )
            raise ValueError(sentence)
        found.append(value)
    return found[0], found[1]


def _checked(points: Sequence[tuple[float, float]], name: str) -> Tensor:
    """The points as float64 (n, 2); ValueError unless a generator could learn them."""
    count = len(points)
    if not FEWEST_POINTS <= count <= MOST_POINTS:
        sentence = Sentence(
            "{name} has {count:,} points, and it has to have from {fewest} to {most:,}.",
            name=name,
            count=count,
            fewest=FEWEST_POINTS,
            most=MOST_POINTS,
        )
        raise ValueError(sentence)
    if not all(math.isfinite(value) and abs(value) <= FARTHEST for point in points for value in point):
        raise ValueError(Sentence("{name} has a point that is not finite. Remove it.", name=name))
    found = torch.tensor(points, dtype=torch.float64)
    if float((found - found[0]).abs().max()) <= max(1 / FARTHEST, FINEST * float(found.abs().max())):
        raise ValueError(Sentence("{name} has {count:,} points in one place. Some of them have to be elsewhere.", name=name, count=count))
    return found
