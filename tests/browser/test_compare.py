"""The Compare screen: curves over each other, and grids that follow one slider."""

from __future__ import annotations

import json
import shutil

import pytest

from gan_core.config import RunConfig
from gan_core.loop import train
from gan_core.store import RunStore

pytestmark = pytest.mark.browser

TINY = RunConfig(data="digits", network="mlp", width=32, batch_size=32, threads=1, device="cpu")
STEPS = 200


def made(store, config, steps=STEPS):
    """A finished run of a few epochs, each of which leaves a moment."""
    record = store.new(config)
    for event in train(config, until_step=steps):
        record.append(event)
    record.close("finished", "")
    return record.folder.name


@pytest.fixture(scope="module")
def pair(server):
    """Two finished runs that differ in gamma and in length."""
    store = RunStore(server.runs)
    runs = [made(store, TINY), made(store, TINY.but(gamma=0.1), STEPS // 2)]
    yield runs
    for run in runs:
        shutil.rmtree(store.folder(run))


def opened(visit, pair, query=""):
    """The comparison, once both grids show what the runs drew last, and the curves are there."""
    screen = visit(f"/compare?runs={','.join(pair)}{query}")
    for run in pair:
        screen.page.locator(f".gs-run[data-run='{run}'][data-step]").wait_for()
    screen.until("() => document.querySelector('.gs-compare .gs-plot')?.data?.every(trace => trace.x.length > 1)")
    return screen


def steps(screen):
    """The steps of the moments on screen."""
    return screen.page.eval_on_selector_all(".gs-run", "figures => figures.map(figure => Number(figure.dataset.step))")


def pixels(screen, canvas):
    """All pixels of these canvases, one text each."""
    return screen.page.eval_on_selector_all(canvas, "all => all.map(canvas => canvas.toDataURL())")


def slid(screen, key, old):
    """The steps on screen after a key on the slider has changed them."""
    screen.page.locator("[data-tool=moment]").press(key)
    steps_now = "[...document.querySelectorAll('.gs-run')].map(figure => Number(figure.dataset.step))"
    screen.until(f"old => JSON.stringify({steps_now}) !== old", json.dumps(old, separators=(",", ":")))
    return steps(screen)


@pytest.mark.slow
def test_curves_and_grids_of_two_runs(visit, pair):
    screen = opened(visit, pair)
    assert "Gamma" in screen.page.locator(".gs-differ tbody").inner_text()
    assert screen.page.locator(".gs-differ tbody tr").count() == 1
    the_slider_moves_both_grids(screen)
    dragging_follows_within_a_frame(screen)
    the_x_axis_and_the_zoom(screen, pair)
    curves_can_be_hidden(screen, pair)
    a_tile_is_enlarged_in_both(screen)
    screen.page.reload()
    screen.page.locator("[data-unit=images][aria-pressed=true]").wait_for()


def the_slider_moves_both_grids(screen):
    last, late = steps(screen), pixels(screen, ".gs-sheet canvas")
    assert last[0] > last[1] and late[0] != late[1]
    assert slid(screen, "Home", last) == [0, 0]
    early = pixels(screen, ".gs-sheet canvas")
    assert early[0] != late[0] and early[1] != late[1]
    assert screen.page.locator("[data-tool=moment]").get_attribute("aria-valuetext") == "step 0"
    one_on = slid(screen, "ArrowRight", [0, 0])
    assert all(a <= b for a, b in zip(one_on, last, strict=True))
    assert slid(screen, "End", one_on) == last
    for weights, same in (("living", "!=="), ("averaged", "===")):
        screen.page.locator(f"[data-weights={weights}]").click()
        screen.until(f"old => document.querySelector('.gs-sheet canvas').toDataURL() {same} old", late[0])


def dragging_follows_within_a_frame(screen):
    """Once all moments are there, each place of the slider shows its own in the frame that follows."""
    moved = screen.page.evaluate("""async () => {
        const slider = document.querySelector('[data-tool=moment]'), figures = [...document.querySelectorAll('.gs-run')];
        const frame = () => new Promise(requestAnimationFrame);
        const seen = [];
        for (let i = 0; i <= 10; i++) {
            slider.value = slider.max * i / 10;
            slider.dispatchEvent(new Event('input'));
            await frame(), await frame();
            seen.push(figures.map(figure => Number(figure.dataset.step)));
        }
        return seen;
    }""")
    assert moved[0] == [0, 0] and moved[-1] == steps(screen)
    assert moved == sorted(moved) and len({tuple(both) for both in moved}) > 3


def the_x_axis_and_the_zoom(screen, pair):
    names = screen.plot("plot.data.map(trace => trace.name)")
    assert set(names) == set(pair) and len(names) == 10
    (colour, dash), (other_colour, other_dash) = screen.plot("plot.data.slice(0, 2).map(trace => [trace.line.color, trace.line.dash])")
    assert colour != other_colour and dash != other_dash
    longest = "Math.max(...document.querySelector('.gs-plot').data[0].x)"
    assert screen.page.evaluate(longest) == STEPS
    screen.plot("window.Plotly.relayout(plot, {'xaxis.range[0]': 50, 'xaxis.range[1]': 100}) && 0")
    screen.page.locator("[data-tool=reset]:enabled").wait_for()
    screen.page.locator("[data-unit=images]").click()
    screen.until("() => new URL(location).searchParams.get('x') === 'images'")
    screen.until("() => Math.abs(document.querySelector('.gs-plot').layout.xaxis.range[0] - 1600) < 1")
    assert screen.plot("plot.layout.xaxis.range[1]") == pytest.approx(100 * 32)
    screen.page.locator("[data-tool=reset]").click()
    screen.until(f"() => {longest} === {STEPS * 32}")


def curves_can_be_hidden(screen, pair):
    head = screen.page.locator(f"th[data-run='{pair[1]}'] button")
    for pressed, there in (("false", "==="), ("true", "!==")):
        head.click()
        assert head.get_attribute("aria-pressed") == pressed
        screen.until(f"() => document.querySelector('.gs-plot').data[1].x.length {there} 0")


def a_tile_is_enlarged_in_both(screen):
    before = pixels(screen, ".gs-loupe canvas")
    sheet = screen.page.locator(".gs-sheet").first
    sheet.scroll_into_view_if_needed()
    box = sheet.bounding_box()
    sheet.hover(position={"x": box["width"] * 0.95, "y": box["height"] * 0.3})
    screen.page.locator(".gs-loupe canvas[aria-label^='Row 3, column 8 of']").first.wait_for()
    assert all(old != new for old, new in zip(before, pixels(screen, ".gs-loupe canvas"), strict=True))
    sheet.press("ArrowLeft")
    screen.page.locator(".gs-loupe canvas[aria-label^='Row 3, column 7 of']").first.wait_for()


@pytest.mark.slow
def test_it_fits_every_screen_and_nothing_jumps(visit, pair):
    screen = opened(visit, pair)
    where = """() => [...document.querySelectorAll('.gs-run, .gs-stage, .gs-time')].map(
        part => part.getBoundingClientRect().top - document.querySelector('.gs-compare').getBoundingClientRect().top)"""
    for width, height in ((1440, 900), (390, 844)):
        for scheme in ("light", "dark"):
            screen.page.emulate_media(color_scheme=scheme)
            screen.page.set_viewport_size({"width": width, "height": height})
            screen.page.locator(f".gs-compare[data-mode={scheme}]").wait_for()
            screen.until("() => document.querySelector('.gs-plot')._fullLayout.width === document.querySelector('.gs-plot').clientWidth")
            before = screen.page.evaluate(where)
            slid(screen, "Home", steps(screen))
            slid(screen, "End", [0, 0])
            assert screen.page.evaluate(where) == before
            main = "document.querySelector('[data-testid=stMain]')"
            assert screen.page.evaluate(f"{main}.scrollWidth - {main}.clientWidth") <= 0
            screen.shoot(f"compare-{width}-{scheme}")


@pytest.mark.slow
def test_a_run_at_work_goes_on_moving(visit, pair):
    trained = visit("/?data=digits&network=mlp&width=32&batch_size=32&threads=1")
    trained.press("start")
    trained.trains()
    trained.until("() => new URL(location).searchParams.has('run')")
    screen = visit.again(trained, f"/compare?runs={trained.run_id},{pair[0]}")
    figure = screen.page.locator(f".gs-run[data-run='{trained.run_id}'][data-step]")
    figure.wait_for()
    step = int(figure.get_attribute("data-step"))
    rows = "Number(document.querySelector('.gs-compare').dataset.rows.split(',')[0])"
    screen.until(f"first => {rows} > first + 5", screen.page.evaluate(rows))
    screen.until("step => Number(document.querySelector('.gs-run').dataset.step) > step", step)
    trained.press("stop")
    screen.page.locator("th small[data-state=stopped]").wait_for()
