"""Settings that belong together: one TOML file a preset, with what is known of it."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path

from gan_core.config import RunConfig


@dataclass(frozen=True)
class Preset:
    """Settings that belong together, and what is known of them."""

    name: str
    title: str
    help: str
    """What it is, in a sentence or two."""
    look: str
    """What to look at while it trains."""
    config: RunConfig
    gpu: bool
    """Whether it wants a GPU; the others are for one processor core."""
    seconds: int
    """How long it takes there until there is something to see."""
    tried: bool
    """Whether it has been run, and did what it says."""
    fails: bool = False
    """Whether it is meant to fail, and says so."""


PRESET_FOLDER = Path(__file__).parent


def _read_preset(path: Path) -> Preset:
    values = tomllib.loads(path.read_text(encoding="utf-8"))
    return Preset(path.stem.partition("-")[2], **values | {"config": RunConfig.from_dict(values["config"])})


PRESETS: dict[str, Preset] = {preset.name: preset for preset in map(_read_preset, sorted(PRESET_FOLDER.glob("*.toml")))}
"""In the order of their file names, which begin with a number; the first is the default."""
