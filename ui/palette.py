"""Every colour GANscope draws with, for both themes: one colour per player, the same on every screen.

`.streamlit/config.toml` has to repeat the ones Streamlit draws with; `tests/test_palette.py` holds the two together.
Orange, blue and teal stay apart under the three common colour blindnesses, and no chart relies on hue alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal

Mode = Literal["light", "dark"]
Player = Literal["generator", "critic", "real", "fake", "neutral"]

PALETTE: Final[Mapping[Mode, Mapping[str, str]]] = {
    "light": {
        "generator": "#AE4C0A",
        "critic": "#1F5FA6",
        "real": "#0A716C",
        "fake": "#AE4C0A",  # what the generator draws wears the generator's colour
        "neutral": "#5C6470",
        "primary": "#5B4A9C",  # the app's own: between the players' colours, neither of them
        "background": "#FBFAF7",
        "surface": "#F2EFE9",
        "text": "#1D2430",
        "muted": "#5C6470",
        "grid": "#E4DFD6",
        "border": "#DAD4C9",
        "danger": "#B3261E",
        "run1": "#6A3FB5",  # runs beside each other: none of them a player's colour
        "run2": "#B4235A",
        "run3": "#6B6500",
        "run4": "#2B3440",
    },
    "dark": {
        "generator": "#F2A154",
        "critic": "#74B3F0",
        "real": "#53C7BA",
        "fake": "#F2A154",
        "neutral": "#9BA4B2",
        "primary": "#7866C6",
        "background": "#14171D",
        "surface": "#1D222B",
        "text": "#E8E6E0",
        "muted": "#9BA4B2",
        "grid": "#2A303A",
        "border": "#353C48",
        "danger": "#FF8A80",
        "run1": "#B79CF5",
        "run2": "#F0719F",
        "run3": "#D9C64A",
        "run4": "#E8E6E0",
    },
}
"""Mode -> name -> #RRGGBB. A player's name is a key, so a curve says whose it is and not what colour it has."""

RUNS: Final = ("run1", "run2", "run3", "run4")
"""Names of the colours of runs that are compared, in order; each also has a dash pattern of its own."""
