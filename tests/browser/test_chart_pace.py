"""Who draws the curves of a run that goes on: Plotly seldom, for it costs the run's cores, oftener under a pointer; in between the tail."""

from __future__ import annotations

import pytest

from benchmarks.live_app import WATCH_JS
from gan_core.config import RunConfig
from ui import figures
from ui.components.parts import script
from ui.palette import PALETTE

pytestmark = pytest.mark.browser

PAGE = """<div style="position: absolute; inset: 0 auto auto 0; width: 600px; height: 500px">
<div id="plot" style="position: absolute; inset: 0"><div class="shape-label">
<text style="position: absolute; left: 0; top: 150px; width: 600px; height: 160px"></text></div></div>
<canvas id="tail" class="gs-tail" style="position: absolute"></canvas></div>"""
LABELLED = range(156, 304)
"""What the label takes of the page, from top to bottom but for its edges: the middle panel."""
MAKE = """
const host = document.querySelector("#plot");
window.drawn = []; // of each drawing of Plotly's, the last step it was given
window.Plotly = {
  newPlot: async (host, data, layout) => Object.assign(host, { on() {}, removeAllListeners() {} }),
  relayout: async () => {},
  update: (host, { x }) => drawn.push(Math.max(...x.flatMap((steps) => [...steps.slice(-1)]))),
};
const chart = makeChart({ host, tail: document.querySelector("#tail"), onZoom() {}, onDraw() {}, onScale() {} });
window.begin = async ({ figure, colours }) => {
  await new Promise((done) => new ResizeObserver(done).observe(host)); // it is asked after the chart's own
  chart.setColours(colours);
  chart.setFigure(figure, "");
};
window.curves = [];
window.row = (step, reset) => {
  window.shown = step;
  const values = [step, 1, 64 * step, step / 10, ...curves.map(() => 0.5)];
  chart.add({ reset, names: curves, array: { shape: [1, values.length], values } });
  chart.schedule();
};
window.point = (name) => host.dispatchEvent(new PointerEvent(name));
"""
DRAWN = """() => {
  const canvas = document.querySelector("#tail"), { width, height } = canvas;
  const alpha = canvas.getContext("2d").getImageData(0, 0, width, height).data.filter((_, i) => i % 4 === 3);
  const pixels = [...alpha.keys()].filter((pixel) => alpha[pixel]);
  const [columns, lines] = [(pixel) => pixel % width + canvas.offsetLeft, (pixel) => Math.floor(pixel / width) + canvas.offsetTop];
  const { l, width: wide, left, right } = chart.scale();
  const at = (step) => l + ((step - left) / (right - left)) * wide;
  return { columns: [...new Set(pixels.map(columns))], lines: [...new Set(pixels.map(lines))], should: [drawn.at(-1), shown].map(at) };
}"""
EVERY_MS = 80
"""From one row to the next, as a run says them."""
BEFORE = 1000
"""The step before the first row: far enough for two hundred more not to end the x axis."""


class Chart:
    """A chart on a page of its own, under a clock that the test turns; Plotly is one that only notes when it is asked."""

    def __init__(self, page):
        self.page, self.step = page, BEFORE
        figure = figures.live(RunConfig())
        curves = sorted({trace["meta"]["curve"] for trace in figure["data"]})
        page.evaluate("names => curves.push(...names)", curves)
        page.evaluate("begin", {"figure": figure, "colours": PALETTE["light"]})
        self.goes_on(400)

    def goes_on(self, milliseconds):
        """Rows come for so long; the steps that Plotly drew up to meanwhile."""
        before = len(self.page.evaluate("drawn"))
        for _ in range(milliseconds // EVERY_MS):
            self.page.evaluate("([step, first]) => row(step, first)", [self.step + 1, self.step == BEFORE])
            self.step += 1
            self.page.clock.run_for(EVERY_MS)
        return self.page.evaluate("drawn")[before:]

    def points(self, name):
        """The pointer comes or goes; the steps that Plotly drew up to at that."""
        before = len(self.page.evaluate("drawn"))
        self.page.evaluate("point", name)
        self.page.clock.run_for(EVERY_MS)
        return self.page.evaluate("drawn")[before:]

    @property
    def tail(self):
        """Columns and lines of pixels that are drawn over Plotly's, and the columns where that should begin and end."""
        return self.page.evaluate(DRAWN)


@pytest.fixture
def chart(chromium):
    page = chromium.new_page()
    page.set_content(PAGE)
    page.clock.install(time=0)
    page.clock.pause_at(1)  # left alone, it goes on by itself
    page.add_script_tag(content=script(("numbers", "curves", "tail", "leaving", "chart")) + MAKE)
    yield Chart(page)
    page.close()


def test_with_nobody_pointing_plotly_draws_every_five_seconds_and_the_tail_grows(chart):
    assert chart.goes_on(4000) == []
    assert len(chart.tail["columns"]) > 18, "each row is seen as it comes"
    assert len(chart.goes_on(6000)) in (1, 2)
    assert len(chart.tail["columns"]) < 10, "Plotly has the others"


def test_the_tail_goes_from_plotlys_last_row_to_the_newest_and_leaves_labels_free(chart):
    chart.goes_on(4000)
    columns, lines = chart.tail["columns"], chart.tail["lines"]
    assert [min(columns), max(columns)] == pytest.approx(chart.tail["should"], abs=3)
    assert not set(LABELLED) & set(lines)
    assert min(lines) < LABELLED.start and max(lines) > LABELLED.stop


def test_who_points_at_the_curves_is_answered_from_the_newest_row(chart):
    chart.goes_on(2000)
    assert chart.points("pointerenter") == [chart.step]
    assert 3 <= len(chart.goes_on(4000)) <= 4
    chart.points("pointerleave")
    assert chart.goes_on(3000) == []


def test_benchmarks_count_what_the_tail_draws(chart):
    chart.page.add_script_tag(content=WATCH_JS)
    chart.goes_on(4000)
    assert chart.page.evaluate("bench.drawn") == pytest.approx(4000 / EVERY_MS, abs=2)
