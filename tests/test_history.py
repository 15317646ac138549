"""A history stays small, keeps its means, and never leaves a reader behind."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from gan_core.events import Metrics, Place
from gan_core.history import PLACE, History, Rows

STEP = PLACE.index("step")


def metrics(step: int, steps: int = 1, **values: float) -> Metrics:
    return Metrics(Place(step, step / 100, 64 * step, step / 10), steps, values or {"loss": float(step)})


def filled(count: int, capacity: int = 8) -> History:
    history = History(capacity)
    for step in range(1, count + 1):
        history.append(metrics(step))
    return history


def same(one: NDArray[np.float64], other: NDArray[np.float64]) -> bool:
    return np.array_equal(one, other, equal_nan=True)


class Reader:
    """Whoever keeps a copy by asking for what is new."""

    def __init__(self) -> None:
        self.end: tuple[int, int] | None = None
        self.names: tuple[str, ...] = ()
        self.values = np.empty((0, len(PLACE)))

    def take(self, rows: Rows) -> None:
        if not rows.reset:
            assert rows.names == self.names
        self.values = rows.values if rows.reset else np.concatenate([self.values, rows.values])
        self.end, self.names = rows.end, rows.names


def test_rows_are_kept_as_they_come() -> None:
    rows = filled(5, capacity=100).since(None)
    assert rows.reset
    assert rows.names == ("loss",)
    assert rows.values.tolist() == [[step, step / 100, 64 * step, step / 10, step] for step in range(1, 6)]


def test_an_empty_history_can_be_read() -> None:
    rows = History().since(None)
    assert rows.values.shape == (0, len(PLACE))
    assert History().since(rows.end).values.shape == (0, len(PLACE))


def test_a_reader_gets_only_what_is_new() -> None:
    history = filled(3, capacity=100)
    end = history.since(None).end
    assert len(history.since(end).values) == 0
    history.append(metrics(4))
    rows = history.since(end)
    assert not rows.reset
    assert rows.values[:, STEP].tolist() == [4]


def test_rows_given_out_do_not_change_any_more() -> None:
    history = filled(7)
    values = history.since(None).values
    before = values.copy()
    for step in range(8, 30):
        history.append(metrics(step))
    assert same(values, before)
    values[:] = -1
    assert not (history.since(None).values == -1).any()


@pytest.mark.parametrize("capacity", [2, 8, 64])
def test_it_is_bounded_and_keeps_its_length_in_time(capacity: int) -> None:
    history = History(capacity)
    for step in range(1, 1001):
        history.append(metrics(step))
        assert len(history) <= capacity
        last = history.since(None).values[-1]
        assert last[: len(PLACE)].tolist() == [step, step / 100, 64 * step, step / 10], "the newest place is never lost"
    steps = history.since(None).values[:, STEP]
    assert (np.diff(steps) > 0).all()
    assert np.diff(steps, prepend=0).max() <= 8 * 1000 / capacity, "and what is old is not lumped together more than what is new"


def test_thinning_weighs_rows_by_their_steps() -> None:
    history = History(2)
    history.append(metrics(1, 1, loss=1.0))
    history.append(metrics(4, 3, loss=5.0))
    assert history.since(None).values[:, [STEP, -1]].tolist() == [[4, 4.0]]


def test_the_mean_over_all_steps_survives_every_thinning() -> None:
    rng = np.random.default_rng(0)
    history, step, total = History(4), 0, 0.0
    for _ in range(64):
        steps, value = int(rng.integers(1, 9)), float(rng.normal())
        step, total = step + steps, total + steps * value
        history.append(metrics(step, steps, loss=value))
    values = history.since(None).values
    weights = np.diff(values[:, STEP], prepend=0)
    assert (weights * values[:, -1]).sum() == pytest.approx(total)


def test_a_curve_that_comes_later_is_nan_before_and_where_it_pauses() -> None:
    history = History(100)
    history.append(metrics(1, a=1.0))
    history.append(metrics(2, a=2.0, b=20.0))
    history.append(metrics(3, b=30.0))
    rows = history.since(None)
    assert rows.names == ("a", "b")
    assert same(rows.values[:, len(PLACE) :], np.array([[1, np.nan], [2, 20], [np.nan, 30]]))


def test_thinning_takes_the_value_that_is_there() -> None:
    history = History(2)
    history.append(metrics(1, a=1.0))
    history.append(metrics(2, b=2.0))
    assert history.since(None).values[:, len(PLACE) :].tolist() == [[1.0, 2.0]]


def test_drop_after_forgets_what_is_later_and_nothing_else() -> None:
    history = filled(7)
    history.drop_after(4)
    assert history.since(None).values[:, STEP].tolist() == [1, 2, 3, 4]
    generation = history.generation
    history.drop_after(4)
    assert history.generation == generation, "nothing to forget, so no reader need start anew"
    history.drop_after(0)
    assert len(history) == 0


@pytest.mark.parametrize("every", [1, 2, 3, 7, 20])
def test_a_reader_always_has_what_a_fresh_one_gets(every: int) -> None:
    history, reader, step = History(8), Reader(), 0
    for turn in range(200):
        step += 1
        history.append(metrics(step, **({"a": 1.0 * step} if turn % 50 < 25 else {"a": 2.0, f"late {turn // 50}": 3.0})))
        if turn % 31 == 30:
            step -= 4
            history.drop_after(step)
        if turn % every == 0:
            reader.take(history.since(reader.end))
            fresh = history.since(None)
            assert reader.names == fresh.names
            assert same(reader.values, fresh.values)


@pytest.mark.parametrize("capacity", [-2, 0, 1, 7])
def test_a_capacity_that_cannot_be_halved_is_refused(capacity: int) -> None:
    with pytest.raises(ValueError, match=str(capacity)):
        History(capacity)
