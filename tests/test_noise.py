"""z is drawn as the settings say, wherever it is drawn, and always with a standard deviation of 1."""

from __future__ import annotations

import math
from pathlib import Path

import pytest
import torch
from kept_runs import keep_run
from tiny import tiny_config, tiny_set, tiny_state

from gan_core.config import RunConfig
from gan_core.looking import Shown
from gan_core.noise import EDGE, NOISES
from gan_core.step import draw_z
from gan_core.streams import shown_z, stream


@pytest.mark.parametrize("name", NOISES)
def test_each_axis_has_mean_zero_and_standard_deviation_one(name: str) -> None:
    z = NOISES[name].draw(40_000, 3, stream(1, "z"))
    assert z.shape == (40_000, 3) and z.dtype == torch.float32
    assert z.mean(0).abs().max() < 0.02
    assert z.std(0).sub(1).abs().max() < 0.02
    assert torch.equal(z[:5], NOISES[name].draw(40_000, 3, stream(1, "z"))[:5])


def test_uniform_noise_fills_its_square_and_nothing_else() -> None:
    z = NOISES["uniform"].draw(40_000, 2, stream(1, "z"))
    assert math.isclose(EDGE**2, 3)
    assert z.abs().max() <= EDGE and z.amin() < -0.999 * EDGE and z.amax() > 0.999 * EDGE
    counts = torch.histogram(z.flatten(), bins=10, range=(-EDGE, EDGE)).hist
    assert counts.sub(8_000).abs().max() < 400


def test_gaussian_noise_is_what_runs_had_before_there_was_a_choice() -> None:
    assert RunConfig().noise == "gaussian"
    old = torch.randn(64, 5, generator=stream(0, "shown z"))
    assert torch.equal(shown_z("image", 5), old) and torch.equal(shown_z("image", 5, "gaussian"), old)
    state = tiny_state()
    assert torch.equal(draw_z(state, 7), torch.randn(7, 4, generator=stream(0, "z")))


@pytest.mark.parametrize("noise", NOISES)
def test_training_and_looking_draw_the_same_noise(noise: str) -> None:
    config = tiny_config(data="ring-8", noise=noise)
    state = tiny_state(data="ring-8", noise=noise)
    drawn, shown = draw_z(state, 2_000), Shown(config, tiny_set("ring-8"), "cpu").z
    assert torch.equal(shown, shown_z("plane", config.latent_dim, noise))
    for z in (drawn, shown):
        assert bool((z.abs() <= EDGE).all()) == (noise == "uniform")


def test_a_kept_run_shows_the_z_it_was_drawn_from(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store, run_id = keep_run(tmp_path, monkeypatch, moments=2, data="ring-8", noise="uniform")
    started = store.started(run_id)
    assert started is not None
    assert torch.equal(torch.from_numpy(started.z), shown_z("plane", store.config(run_id).latent_dim, "uniform"))
