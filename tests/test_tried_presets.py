"""What `benchmarks/presets.py` measured of every preset that is called tried: as good as it promises."""

from __future__ import annotations

from benchmarks.presets import Row, kept

ROWS: dict[tuple[str, str], Row] = {(row.preset, row.data): row for row in kept()}


def test_the_planes_are_learnt_as_well_as_was_measured() -> None:
    ring, grid = ROWS["ring-8", "ring-8"], ROWS["grid-25", "grid-25"]
    assert set(ring.figures["modes"]) == {8} and set(grid.figures["modes"]) == {25}
    assert min(ring.figures["on-mode"]) >= 0.7
    assert min(grid.figures["on-mode"]) >= 0.84 and max(grid.figures["share-kl"]) <= 0.02
