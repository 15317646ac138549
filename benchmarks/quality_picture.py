"""Curves of quality against seconds as a PNG, both axes logarithmic."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

WIDE, HIGH, LEFT, RIGHT, TOP, BOTTOM = 1200, 720, 70, 330, 60, 60
PAPER, INK, FAINT = "#ffffff", "#1f2430", "#d9dde5"
COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#7f4fc9", "#8c564b")
"""Told apart by people who see fewer colours (Okabe and Ito 2008), and two more."""
GREY = "#7a8190"
TICKS = (0.2, 0.5, 1, 2, 5, 10, 20, 50, 100, 200)
LINE = 17
"""Pixels between two names."""


def draw_curves(
    path: Path, curves: Mapping[str, Mapping[float, float]], marks: Sequence[float], *, dashed: Sequence[str], title: str
) -> None:
    """Write a picture of each curve (mark -> value), with its name where it ends; those of `dashed` in grey."""
    values = [value for curve in curves.values() for value in curve.values() if value > 0]
    if not values:
        return
    low, high = min(values) / 1.2, max(values) * 1.2
    image = Image.new("RGB", (WIDE, HIGH), PAPER)
    brush, font, small = ImageDraw.Draw(image), ImageFont.load_default(20), ImageFont.load_default(14)

    def at(mark: float, value: float) -> tuple[float, float]:
        across, up = math.log(mark / marks[0]) / math.log(marks[-1] / marks[0]), math.log(value / low) / math.log(high / low)
        return LEFT + across * (WIDE - LEFT - RIGHT), HIGH - BOTTOM - up * (HIGH - TOP - BOTTOM)

    brush.text((LEFT, 18), title, INK, font)
    for mark in marks:
        brush.line([at(mark, low), at(mark, high)], FAINT)
        brush.text((at(mark, low)[0], HIGH - BOTTOM + 8), f"{mark:.0f} s", INK, small, anchor="ma")
    for tick in (tick for tick in TICKS if low <= tick <= high):
        brush.line([at(marks[0], tick), at(marks[-1], tick)], FAINT)
        brush.text((LEFT - 8, at(marks[0], tick)[1]), f"{tick:g}", INK, small, anchor="rm")
    colours = {name: COLOURS[number % len(COLOURS)] for number, name in enumerate(name for name in curves if name not in dashed)}
    ends = []
    for name, curve in curves.items():
        points, colour = [at(*point) for point in sorted(curve.items())], colours.get(name, GREY)
        brush.line(points, colour, width=2 if name in dashed else 3)
        for x, y in points:
            brush.ellipse((x - 3, y - 3, x + 3, y + 3), colour)
        ends.append((*points[-1], name, colour))
    below = float(TOP)
    for x, y, name, colour in sorted(ends, key=lambda end: end[1]):
        below = max(y, below + LINE)
        brush.line([(x + 8, y), (WIDE - RIGHT + 22, below)], FAINT)
        brush.text((WIDE - RIGHT + 28, below), name, colour, small, anchor="lm")
    image.save(path, optimize=True)
