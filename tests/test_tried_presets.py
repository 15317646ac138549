"""What `benchmarks/presets.py` measured of every preset that is called tried: from three seeds, on all its data, and what came of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.presets import PAGE, PICTURES, Row, configs_of, kept, measured, page
from gan_core.loop import train
from gan_core.presets import PRESETS
from gan_core.store import RunStore

SEEDS = 3
ROWS: dict[tuple[str, str], Row] = {(row.preset, row.data): row for row in kept()}
TRIED = [(name, config.data) for name, preset in PRESETS.items() if preset.tried for config in configs_of(preset)]
EVERY = pytest.mark.parametrize(("name", "data"), TRIED, ids=[f"{name} on {data}" for name, data in TRIED])


@EVERY
def test_a_tried_preset_was_tried_from_three_seeds_and_has_its_picture(name: str, data: str) -> None:
    row = ROWS[name, data]
    assert row.figures
    assert all(len(values) + len(row.failed) >= SEEDS for values in row.figures.values())
    assert (PICTURES / f"{name}-{data}.png").exists()


@EVERY
def test_no_run_of_a_tried_preset_ends_early_or_forgets_a_class_without_saying_so(name: str, data: str) -> None:
    row, preset = ROWS[name, data], PRESETS[name]
    if preset.fails:
        return
    assert not row.failed
    if any(row.figures.get("missing", [])):
        assert name.startswith("classic-"), "these stay as their authors wrote them"
        assert "kinds" in preset.look


def test_the_planes_are_learnt_as_well_as_was_measured() -> None:
    ring, grid = ROWS["ring-8", "ring-8"], ROWS["grid-25", "grid-25"]
    assert set(ring.figures["modes"]) == {8} and set(grid.figures["modes"]) == {25}
    assert min(ring.figures["on-mode"]) >= 0.7
    assert min(grid.figures["on-mode"]) >= 0.84 and max(grid.figures["share-kl"]) <= 0.02


def test_the_page_is_of_these_figures_and_these_words() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(kept())


@pytest.mark.slow
def test_ten_seconds_of_the_ring_find_every_spot(tmp_path: Path) -> None:
    # 1,500 steps are what an idle core plays in 10 s.
    store, config = RunStore(tmp_path), PRESETS["ring-8"].config.but(threads=1, device="cpu", seed=1)
    record = store.new(config)
    for event in train(config, until_step=1500):
        record.append(event)
    record.close("finished", "")
    figures = measured(store, record.run_id)
    assert figures["modes"].value == 8
    assert figures["on-mode"].value >= 0.7
