"""What the coach says of real runs: presets that are to go well, and those that are meant to fail. Minutes, so all are slow."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest

from gan_core.coach import Coach
from gan_core.loop import train
from gan_core.presets import PRESETS
from gan_core.store import RunStore
from live.coaching import coach_for, coach_of

DEMO = Path(__file__).parents[1] / "checkpoints"
WELL = {"glyphs": 900, "ring-8": 1200, "grid-25": 1000}
FAILS = {"fails-collapse": ("collapse", 700), "fails-sure-critic": ("too-strong", 250), "fails-no-leash": ("divergence", 700)}
"""Preset -> what is to be said of it, and after how many steps at the latest."""


def trained(preset: str, steps: int, seed: int) -> Coach:
    config = PRESETS[preset].config.but(threads=1, seed=seed)
    coach = coach_for(config)
    try:
        for event in train(config, until_step=steps):
            coach.take(event)
    except FloatingPointError:
        assert preset == "fails-no-leash", "only a run that is thrown out of all numbers may end like this"
    return coach


def codes(coach: Coach) -> list[str]:
    said = [saying.code for saying in coach.sayings]
    return said[:1] + [code for before, code in pairwise(said) if code != before]


@pytest.mark.slow
@pytest.mark.parametrize("preset", WELL)
def test_presets_that_go_well_raise_no_alarm(preset: str) -> None:
    assert codes(trained(preset, WELL[preset], seed=1)) == ["healthy"]


@pytest.mark.slow
@pytest.mark.parametrize("seed", [0, 1])
@pytest.mark.parametrize("preset", FAILS)
def test_presets_that_are_meant_to_fail_are_seen_through(preset: str, seed: int) -> None:
    code, steps = FAILS[preset]
    assert codes(trained(preset, steps, seed))[-1:] == [code]


def test_every_preset_that_is_meant_to_fail_is_tried() -> None:
    assert {name for name, preset in PRESETS.items() if preset.fails} == set(FAILS)


def test_the_demo_run_is_healthy_all_the_way() -> None:
    runs = [status.run_id for status in RunStore(DEMO).list()]
    assert runs
    for run_id in runs:
        assert codes(coach_of(RunStore(DEMO), run_id)) == ["healthy"]
