"""What the page makes of a run's rows: curves smoothed by the step, and what they said at a moment."""

from __future__ import annotations

import random
import statistics

import pytest

from ui.components.parts import script

pytestmark = pytest.mark.browser

SMOOTHED = """([steps, values, factor]) => {
  const smoother = makeSmoother();
  smoother.upTo(steps, values, steps.length >> 1, factor); // as rows come in
  return [...smoother.upTo(steps, values, steps.length, factor)];
}"""
MOMENT = """(step) => momentAt(new Map(Object.entries({
  step: [5, 10], epoch: [1, 2], images: [50, 100], elapsed_s: [2, 4], "loss/critic": [0.7, 0.9] })), 2, step).values["loss/critic"]"""


@pytest.fixture(scope="module")
def page(chromium):
    page = chromium.new_page()
    page.add_script_tag(content=script(("numbers", "curves")))
    yield page
    page.close()


def test_rows_of_one_span_are_an_exponential_mean(page):
    values, mean, weight, wanted = [3.0, 1.0, 4.0, 1.0, 5.0], 0.0, 0.0, []
    for value in values:
        mean, weight = 0.8 * mean + 0.2 * value, 0.8 * weight + 0.2
        wanted.append(mean / weight)
    assert page.evaluate(SMOOTHED, [[7, 14, 21, 28, 35], values, 0.8]) == pytest.approx(wanted)
    assert page.evaluate(SMOOTHED, [[7, 14, 21, 28, 35], values, 0]) == values


def test_the_newest_rows_are_smoothed_as_the_old_ones_that_were_merged(page):
    """The same noise all along; a row is the mean of 16 steps in the first half, and one step in the last."""
    random.seed(3)
    rows = [(16 * row, statistics.fmean(random.gauss() for _ in range(16))) for row in range(1, 401)]
    rows += [(6400 + step, random.gauss()) for step in range(1, 1601)]
    smooth = page.evaluate(SMOOTHED, [[step for step, _ in rows], [value for _, value in rows], 0.8])
    old, new = statistics.pstdev(smooth[50:400]), statistics.pstdev(smooth[1200:])
    assert new < 1.5 * old, "by the row it would be four times as uneasy"


@pytest.mark.parametrize(("step", "said"), [(1, 0.7), (5, 0.7), (6, 0.9), (10, 0.9)])
def test_a_moment_has_what_its_row_tells(page, step, said):
    assert page.evaluate(MOMENT, step) == said


def test_before_the_first_step_nothing_was_measured(page):
    assert page.evaluate(MOMENT, 0) != page.evaluate(MOMENT, 0), "not a number"
