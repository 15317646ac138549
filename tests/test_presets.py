"""Every preset can be started, and says what it shows."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from gan_core.config import KNOBS, RunConfig
from gan_core.presets import PRESET_FOLDER, PRESETS, Preset

FILES = sorted(PRESET_FOLDER.glob("*.toml"))


def test_every_file_is_a_preset_in_the_order_of_the_numbers() -> None:
    assert len(PRESETS) == len(FILES) > 0
    assert [f"{path.stem.partition('-')[0]}-{name}" for path, name in zip(FILES, PRESETS, strict=True)] == [path.stem for path in FILES]


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.stem))
def test_a_file_begins_with_a_number_and_sets_only_settings(path: Path) -> None:
    assert path.stem.partition("-")[0].isdigit()
    assert set(tomllib.loads(path.read_text(encoding="utf-8"))["config"]) <= set(KNOBS)


@pytest.mark.parametrize("preset", PRESETS.values(), ids=lambda preset: str(preset.name))
def test_a_preset_is_ready_to_start_and_has_its_words(preset: Preset) -> None:
    assert PRESETS[preset.name] is preset
    assert preset.title.strip()
    assert preset.help.strip().endswith(".")
    assert RunConfig.from_dict(preset.config.to_dict()) == preset.config


@pytest.mark.parametrize("preset", PRESETS.values(), ids=lambda preset: str(preset.name))
def test_a_preset_leaves_machine_and_seed_to_the_user(preset: Preset) -> None:
    assert preset.config.device == "auto"
    assert preset.config.threads == 0
    assert preset.config.folder == ""


def test_no_two_presets_are_the_same() -> None:
    assert len({preset.title for preset in PRESETS.values()}) == len(PRESETS)
    assert len({preset.config for preset in PRESETS.values()}) == len(PRESETS)
