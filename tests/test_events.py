"""What crosses a thread is frozen; a sheet has its pictures in order."""

from __future__ import annotations

import dataclasses
from typing import get_args

import numpy as np
import pytest

from gan_core import events
from gan_core.events import ALIVE, Command, Event, RunState
from gan_core.pictures import grid_of


@pytest.mark.parametrize("record", [*get_args(Event), *get_args(Command), events.Place], ids=lambda record: str(record.__name__))
def test_every_record_is_frozen(record: type) -> None:
    made = record(*[None] * sum(field.default is dataclasses.MISSING for field in dataclasses.fields(record)))
    for field in dataclasses.fields(record):
        with pytest.raises(dataclasses.FrozenInstanceError):
            setattr(made, field.name, 1)


def test_a_living_state_is_a_state() -> None:
    assert set(ALIVE) < set(get_args(RunState))


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize(("count", "rows", "columns"), [(1, 1, 1), (9, 3, 3), (64, 8, 8), (7, 3, 3), (6, 2, 3), (2, 1, 2)])
def test_pictures_lie_on_the_sheet_row_by_row(count: int, rows: int, columns: int, channels: int) -> None:
    pictures = np.random.default_rng(0).integers(1, 256, (count, 4, 5, channels), dtype=np.uint8)
    sheet = grid_of(pictures)
    assert sheet.shape == (rows * 4, columns * 5, channels)
    assert sheet.dtype == np.uint8
    for number in range(rows * columns):
        row, column = divmod(number, columns)
        tile = sheet[row * 4 : row * 4 + 4, column * 5 : column * 5 + 5]
        assert np.array_equal(tile, pictures[number]) if number < count else not tile.any()
