"""The two losses of a run as a tiny picture: numbers in, SVG out; imports no Streamlit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ui.palette import PALETTE, Mode, Player

WIDTH, HEIGHT, MARGIN = 144, 40, 4
LETTER = 12
"""Room for a letter at the end of each curve, and the least distance of the two."""
PLAYERS: dict[str, tuple[Player, str]] = {"loss/critic": ("critic", "D"), "loss/generator": ("generator", "G")}


def spark(curves: Mapping[str, Sequence[float]]) -> str:
    """An SVG of D's and G's loss on one scale, each in its player's colour and with its letter; empty where nothing can be drawn.

    The colours follow the light or dark scheme of the page that shows it.
    """
    drawn = {name: [float(value) for value in curves[name]] for name in PLAYERS if len(curves.get(name, ())) > 1}
    if not drawn:
        return ""
    low, high = limits([value for values in drawn.values() for value in values])
    heights = {name: [height(value, low, high) for value in values] for name, values in drawn.items()}
    ends = apart({name: values[-1] for name, values in heights.items()})
    body = "".join(_curve(name, heights[name]) + _letter(name, ends[name]) for name in drawn)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{HEIGHT}" viewBox="0 0 {WIDTH} {HEIGHT}">'
        f"<style>{_style()}</style>{body}</svg>"
    )


def limits(values: Sequence[float]) -> tuple[float, float]:
    """The lowest and highest value to draw: a lone peak, as at a run's first step, must not flatten all the rest."""
    ordered = sorted(values)
    spare = len(ordered) // 24
    low, high = ordered[spare], ordered[-1 - spare]
    return (low, high) if high > low else (low - 1, low + 1)


def height(value: float, low: float, high: float) -> float:
    """Pixels from the top."""
    share = min(1.0, max(0.0, (value - low) / (high - low)))
    return HEIGHT - MARGIN - share * (HEIGHT - 2 * MARGIN)


def apart(ends: Mapping[str, float]) -> dict[str, float]:
    """Where the letters stand: at their curves' ends, moved apart where they would overlap, and inside the picture."""
    placed: dict[str, float] = {}
    top = LETTER / 2
    for left, name in zip(range(len(ends), 0, -1), sorted(ends, key=lambda name: ends[name]), strict=True):
        placed[name] = min(max(ends[name], top), HEIGHT - LETTER * (left - 0.5))
        top = placed[name] + LETTER
    return placed


def _curve(name: str, heights: Sequence[float]) -> str:
    across = (WIDTH - LETTER - 2 * MARGIN) / (len(heights) - 1)
    points = " ".join(f"{MARGIN + index * across:.1f},{y:.1f}" for index, y in enumerate(heights))
    return f'<polyline class="{PLAYERS[name][0]}" points="{points}"/>'


def _letter(name: str, y: float) -> str:
    player, letter = PLAYERS[name]
    return f'<text class="{player}" x="{WIDTH - LETTER + 1}" y="{y + 4:.1f}">{letter}</text>'


def _style() -> str:
    plain = "polyline{fill:none;stroke-width:1.5;stroke-linejoin:round}text{font:600 11px sans-serif}"
    return f"{plain}{_colours('light')}@media(prefers-color-scheme:dark){{{_colours('dark')}}}"


def _colours(mode: Mode) -> str:
    colours = {player: PALETTE[mode][player] for player, _letter in PLAYERS.values()}
    return "".join(f"polyline.{player}{{stroke:{colour}}}text.{player}{{fill:{colour}}}" for player, colour in colours.items())
