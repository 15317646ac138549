"""The benchmark of quality per second: it counts steps alone, keeps what it knows, and says what came out."""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest
from PIL import Image

from benchmarks.quality_per_second import Row, at_marks, best_at, curves_of, ended, enough, keep, kept, table, verdict
from benchmarks.quality_picture import draw_curves
from benchmarks.quality_settings import CLASSICS, SETTINGS
from gan_core.config import RunConfig
from gan_core.presets import PRESETS

OURS = Row("mlp lazy 4", "glyphs", 0, {"penalty_every": 4}, [15.0, 30.0], [10, 20], [9.0, 4.0], [8.0, 5.0])
CLASSIC = Row("classic-small", "glyphs", 0, {}, [15.0, 30.0], [7, 14], [30.0, 20.0], [20.0, 25.0])


def test_every_setting_can_run_and_no_two_are_the_same() -> None:
    configs = [RunConfig(data="fashion-mnist").but(**changes) for changes in SETTINGS.values()]
    assert len(set(configs)) == len(SETTINGS)
    assert len(CLASSICS) == 5
    for name, changes in CLASSICS.items():
        assert RunConfig(data="fashion-mnist").but(**changes) == PRESETS[name].config


def test_what_is_done_between_two_marks_is_not_counted() -> None:
    ticks = itertools.count()
    config = RunConfig(data="digits", width=8, batch_size=4, threads=1, device="cpu")
    marks = at_marks(config, [1.0, 3.0], clock=lambda: float(next(ticks)))  # each event takes one tick, and only chunks of steps count
    (first, early), (second, late) = marks
    assert (first, second) == (1.0, 3.0)
    assert 0 < early.place.step < late.place.step
    assert early.asked and late.asked


def test_known_rows_are_not_made_again(tmp_path: Path) -> None:
    place = tmp_path / "rows.jsonl"
    assert kept(place) == []
    keep(OURS, place)
    keep(CLASSIC, place)
    keep(OURS, place)
    assert kept(place) == [OURS, CLASSIC]
    wanted = Row(OURS.setting, OURS.data, 0, OURS.config)
    assert enough(kept(place), wanted, seconds=40, drop=0), "30 s is the last mark before 40"
    assert not enough(kept(place), wanted, seconds=60, drop=0)
    assert not enough(kept(place), Row(OURS.setting, OURS.data, 1, OURS.config), seconds=30, drop=0)
    assert not enough(kept(place), Row(OURS.setting, OURS.data, 0, {"penalty_every": 2}), seconds=30, drop=0), "the setting is another now"
    keep(ended(OURS, "3.0 times the best at 30 s"), place)
    assert enough(kept(place), wanted, seconds=60, drop=2) and not enough(kept(place), wanted, seconds=60, drop=0)


def test_the_better_generator_counts_and_the_table_says_so() -> None:
    curves = curves_of([CLASSIC, OURS, Row(OURS.setting, "glyphs", 1, OURS.config, [15.0], [9], [6.0], [7.0])])
    assert list(curves) == [OURS.setting, CLASSIC.setting], "lowest first"
    assert curves[CLASSIC.setting] == {15.0: [20.0], 30.0: [20.0]}
    head, _, first, second = table(curves).splitlines()
    assert head.startswith("| setting | 15 s | 30 s |")
    assert first == "| `mlp lazy 4` | 7 (6 to 8) | 4 | - | - | - |"
    assert second == "| `classic-small` | 20 | 20 | - | - | - |"
    said = verdict(curves)
    assert "After 30 s `mlp lazy 4` has 0.20 of the FD of `classic-small`, the best of 1 of 5 classics." in said
    assert said.endswith("The goal, 0.5 after 300 s: waits for that mark and all five.\n")
    classics = {name: {300.0: [20.0]} for name in CLASSICS}
    assert verdict(classics | {"mlp lazy 4": {300.0: [10.0]}}).endswith(" s: met.\n")
    assert verdict(classics | {"mlp lazy 4": {300.0: [11.0]}}).endswith(" s: not met.\n")
    assert verdict(curves_of([OURS])) == ""
    assert best_at(15.0, [OURS, CLASSIC], "glyphs") == 8.0


def test_the_picture_holds_every_curve(tmp_path: Path) -> None:
    path = tmp_path / "curves.png"
    curves = {"ours": {15.0: 8.0, 30.0: 4.0}, "classic": {15.0: 20.0}}
    draw_curves(path, curves, [15.0, 30.0, 60.0], dashed=["classic"], title="FD")
    with Image.open(path) as image:
        colours = {colour for _, colour in image.convert("RGB").getcolors(maxcolors=100_000) or []}
    assert {(0x00, 0x72, 0xB2), (0x7A, 0x81, 0x90)} <= colours
    with pytest.raises(FileNotFoundError):
        draw_curves(tmp_path / "nowhere" / "x.png", curves, [15.0, 60.0], dashed=[], title="")
