"""The palette and the theme file agree, and every colour that carries text can be read."""

from __future__ import annotations

import re
import tomllib
from itertools import combinations
from pathlib import Path

import pytest

from ui.palette import PALETTE, RUNS, Mode

ROOT = Path(__file__).parents[1]
THEME = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text(encoding="utf-8"))["theme"]
SAME = {
    "primaryColor": "primary",
    "backgroundColor": "background",
    "secondaryBackgroundColor": "surface",
    "textColor": "text",
    "borderColor": "border",
    "orangeColor": "generator",
    "blueColor": "critic",
    "greenColor": "real",
    "grayColor": "neutral",
    "redColor": "danger",
}
MODES: tuple[Mode, ...] = ("light", "dark")
both_modes = pytest.mark.parametrize("mode", MODES)


def channels(colour: str) -> tuple[float, float, float]:
    """The three channels of "#RRGGBB", each in [0, 1]."""
    return int(colour[1:3], 16) / 255, int(colour[3:5], 16) / 255, int(colour[5:7], 16) / 255


def luminance(colour: str) -> float:
    """Relative luminance (WCAG 2.2)."""
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels(colour))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """Contrast ratio, 1 to 21 (WCAG 2.2)."""
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def test_black_on_white_has_the_highest_contrast() -> None:
    assert contrast("#000000", "#FFFFFF") == pytest.approx(21)


@both_modes
@pytest.mark.parametrize(("option", "name"), SAME.items())
def test_theme_file_agrees(mode: Mode, option: str, name: str) -> None:
    assert THEME[mode][option] == PALETTE[mode][name]


def test_both_modes_name_the_same_colours() -> None:
    assert PALETTE["light"].keys() == PALETTE["dark"].keys()


def test_the_system_chooses_the_mode() -> None:
    assert "base" not in THEME


@both_modes
@pytest.mark.parametrize("name", ["text", "muted", "neutral", "generator", "critic", "real", "fake", "danger", *RUNS])
@pytest.mark.parametrize("ground", ["background", "surface"])
def test_text_can_be_read(mode: Mode, name: str, ground: str) -> None:
    assert contrast(PALETTE[mode][name], PALETTE[mode][ground]) >= 4.5


@both_modes
def test_white_can_be_read_on_a_primary_button(mode: Mode) -> None:
    assert contrast("#FFFFFF", PALETTE[mode]["primary"]) >= 4.5


@both_modes
def test_links_and_the_sidebar_can_be_read(mode: Mode) -> None:
    theme = THEME[mode]
    assert contrast(theme["linkColor"], theme["backgroundColor"]) >= 4.5
    for option in ("backgroundColor", "secondaryBackgroundColor"):
        assert contrast(theme["textColor"], theme["sidebar"][option]) >= 4.5


@both_modes
@pytest.mark.parametrize("pair", [*combinations(("generator", "critic", "real"), 2), *combinations(RUNS, 2)], ids="-".join)
def test_players_and_runs_stay_apart_for_the_colour_blind(mode: Mode, pair: tuple[str, str]) -> None:
    # Protanopes and deuteranopes lose the difference of red and green; what is left is their sum and blue.
    (r1, g1, b1), (r2, g2, b2) = (channels(PALETTE[mode][name]) for name in pair)
    assert max(abs((r1 + g1) - (r2 + g2)) / 2, abs(b1 - b2)) >= 0.15


def test_style_sheets_use_its_colours() -> None:
    known = {colour.upper() for colours in PALETTE.values() for colour in colours.values()}
    sheets = sorted((ROOT / "ui").rglob("*.css"))
    assert len(sheets) >= 3
    assert not {
        sheet.name: found for sheet in sheets if (found := {c.upper() for c in re.findall(r"#[0-9a-fA-F]{6}", sheet.read_text())} - known)
    }
