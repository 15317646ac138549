"""Every preset can be started, and says what it shows."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
import torch

from gan_core.config import KNOBS, RunConfig
from gan_core.presets import PRESET_FOLDER, PRESETS, Preset
from ui import preset_words

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


@pytest.mark.parametrize("preset", PRESETS.values(), ids=lambda preset: str(preset.name))
def test_a_preset_says_what_to_look_at_and_how_long_it_takes(preset: Preset) -> None:
    assert preset.look.strip().endswith((".", "?"))
    assert preset.seconds > 0
    assert preset.fails == preset.title.startswith("Meant to fail")
    assert preset.fails == preset.name.startswith("fails-")
    assert preset.gpu == preset.name.startswith("gpu-")
    assert not (preset.gpu and preset.tried), "nobody had a GPU yet"


def test_an_untested_preset_says_so_in_the_menu() -> None:
    for preset in PRESETS.values():
        assert preset_words.title(preset.name).endswith("(untested here)") is not preset.tried
        assert all(words in preset_words.help_of(preset) for words in (preset.help, preset.look))
        assert ("GPU" in preset_words.help_of(preset).splitlines()[-1]) is preset.gpu


def test_the_classic_presets_have_the_published_settings() -> None:
    for preset in (preset for preset in PRESETS.values() if preset.name.startswith("classic-")):
        config = preset.config
        assert (config.game, config.penalty, config.latent_dim) == ("non-saturating", "none", 100)
        assert (config.lr_generator, config.lr_critic, config.beta1, config.beta2) == (2e-4, 2e-4, 0.5, 0.999)
        assert config.batch_size == (32 if preset.name == "classic-dcgan" else 64)
    widths = {name: PRESETS[name].config.width for name in PRESETS if name.startswith("classic-")}
    assert widths == {"classic-mlp-bn": 128, "classic-mlp-bce": 256, "classic-dense": 256, "classic-small": 128, "classic-dcgan": 64}


def test_half_a_loss_is_the_same_to_adam() -> None:
    # Keras-GAN halves D's loss; Adam divides by the gradient's own size, so that nothing is different.
    ends = []
    for factor in (1.0, 0.5):
        weight = torch.linspace(-1, 1, 7, requires_grad=True)
        adam = torch.optim.Adam([weight], lr=0.1, betas=(0.5, 0.999))
        for _ in range(20):
            weight.grad = torch.autograd.grad(factor * weight.pow(4).sum(), weight)[0]
            adam.step()
        ends.append(weight.detach())
    torch.testing.assert_close(*ends, rtol=1e-4, atol=1e-6)


def test_no_two_presets_are_the_same() -> None:
    assert len({preset.title for preset in PRESETS.values()}) == len(PRESETS)
    assert len({preset.config for preset in PRESETS.values()}) == len(PRESETS)
