"""Shares of classes as a small picture: numbers in, SVG out; imports no Streamlit."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from ui.palette import PALETTE, Mode

WIDTH, HEIGHT, FOOT, GAP = 480, 110, 16, 4
NAMED = 12
"""More bars than this are too narrow for a name each."""
LETTERS = 7
"""Of a name, under its bar."""


def bars(names: Sequence[str], shares: Sequence[float], reals: Sequence[float]) -> str:
    """An SVG with a bar for each share and a line across it for the same of reals; ✕ marks those with less than a tenth of an even share.

    The colours follow the light or dark scheme of the page that shows it.
    """
    most, across = max(*shares, *reals, 1e-9), WIDTH / len(shares)
    body = "".join(
        _bar(
            name,
            index * across,
            across,
            share=share / most,
            real=real / most,
            missing=share < 0.1 / len(shares),
            named=len(shares) <= NAMED,
        )
        for index, (name, share, real) in enumerate(zip(names, shares, reals, strict=True))
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{HEIGHT}" viewBox="0 0 {WIDTH} {HEIGHT}">'
        f"<style>text{{font:11px sans-serif;text-anchor:middle}}{_colours('light')}"
        f"@media(prefers-color-scheme:dark){{{_colours('dark')}}}</style>{body}</svg>"
    )


def _bar(name: str, left: float, across: float, *, share: float, real: float, missing: bool, named: bool) -> str:
    room = HEIGHT - FOOT - 4
    high, line = share * room, HEIGHT - FOOT - real * room
    short = name.removeprefix("mode ")
    under = f"{'✕ ' if missing else ''}{(short[:LETTERS] if named else '')}".strip()
    return (
        f'<rect class="f" x="{left + GAP / 2:.1f}" y="{HEIGHT - FOOT - high:.1f}" width="{across - GAP:.1f}" height="{high:.1f}"/>'
        f'<rect class="r" x="{left:.1f}" y="{line - 1:.1f}" width="{across:.1f}" height="2"/>'
        f'<text class="{"d" if missing else "t"}" x="{left + across / 2:.1f}" y="{HEIGHT - 3}">{escape(under)}</text>'
    )


def _colours(mode: Mode) -> str:
    colours = PALETTE[mode]
    return f".f{{fill:{colours['fake']}}}.r{{fill:{colours['real']}}}.t{{fill:{colours['muted']}}}.d{{fill:{colours['danger']}}}"
