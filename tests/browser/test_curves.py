"""The live view: what a reader sets on it stays, and it says what has gone wrong."""

from __future__ import annotations

import re

import pytest
from test_control import settles

pytestmark = pytest.mark.browser

SMALL = "network=mlp&width=32&batch_size=32&threads=1"
# Diverges at once: steps of size one under the strongest penalty, through a network without normalisation.
DIVERGES = "data=digits&network=modern&width=8&batch_size=8&lr_critic=1&lr_generator=1&gamma=10000"


def drag(screen, start, end):
    """Draw a box over the losses from one share of their width to another."""
    box = screen.page.locator(".gs-plot .xy .nsewdrag, .gs-plot .nsewdrag").first.bounding_box()
    y = box["y"] + box["height"] / 2
    mouse = screen.page.mouse
    mouse.move(box["x"] + start * box["width"], y)
    mouse.down()
    mouse.move(box["x"] + (start + end) / 2 * box["width"], y, steps=4)
    mouse.move(box["x"] + end * box["width"], y, steps=4)
    mouse.up()


@pytest.mark.slow
def test_zoom_survives_updates_and_a_rerun(visit):
    screen = visit(f"/?data=digits&{SMALL}")
    screen.press("start")
    screen.trains()
    screen.reaches("rows", 10)
    whole = screen.plot("plot._fullLayout.xaxis.range")
    drag(screen, 0.2, 0.5)
    screen.page.locator("[data-tool=reset]:enabled").wait_for()
    low, high = zoomed = screen.plot("plot._fullLayout.xaxis.range")
    assert whole[0] < low < high

    screen.reaches("rows", screen.number("rows") + 20)
    assert screen.plot("plot._fullLayout.xaxis.range") == zoomed
    screen.set_seed(5)
    screen.reaches("rows", screen.number("rows") + 10)
    assert screen.plot("plot._fullLayout.xaxis.range") == zoomed

    screen.page.locator("[data-tool=reset]").click()
    screen.until("high => document.querySelector('.gs-plot')._fullLayout.xaxis.range[1] > high", high)
    assert screen.plot("plot._fullLayout.xaxis.range")[0] == whole[0]


@pytest.mark.slow
def test_switches_change_what_is_drawn_and_not_the_run(visit):
    screen = visit(f"/?data=digits&{SMALL}")
    screen.press("start")
    screen.trains()
    screen.reaches("samples-step", 50)
    screen.press("pause")
    screen.is_in("paused")
    screen.offers("resume")
    settles(screen)
    screen.page.locator("[data-weights=averaged][aria-pressed=true]").wait_for()
    step, averaged = screen.fact("samples-step"), screen.picture()
    screen.page.locator("[data-weights=living]").click()
    living = screen.new_picture(averaged)
    screen.page.locator("[data-weights=averaged]").click()
    assert screen.new_picture(living) == averaged and screen.fact("samples-step") == step

    screen.plot("plot.data.length")
    raw = "document.querySelector('.gs-plot').data.filter(trace => trace.meta.layer === 'raw')"
    screen.until(f"() => {raw}.every(trace => trace.opacity < 1)")
    screen.page.locator(".gs-tools input").fill("0")
    screen.until(f"() => {raw}.every(trace => trace.opacity === 1)")
    assert screen.page.locator(".gs-tools output").inner_text() == "0.00"

    kinds = "['yaxis', 'yaxis2', 'yaxis3'].map(name => plot._fullLayout[name].type)"
    assert screen.plot(kinds) == ["linear"] * 3
    screen.page.locator("[data-tool=log]").click()
    screen.until("() => document.querySelector('.gs-plot')._fullLayout.yaxis3.type === 'log'")
    assert screen.plot(kinds)[1] == "linear"  # a verdict is read against its own zero


@pytest.mark.slow
def test_planes_draw_a_scatter(visit):
    screen = visit(f"/?data=ring-8&{SMALL}")
    screen.press("start")
    screen.trains()
    assert screen.fact("kind") == "plane"
    assert not screen.page.locator(".gs-reals").is_visible()
    screen.reaches("samples-step", 1)
    screen.new_picture(screen.picture())
    screen.shoot("plane")
    colours = screen.page.locator(".gs-fakes canvas").evaluate(
        """canvas => {
            const pixels = new Uint32Array(canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data.buffer);
            return [new Set(pixels).size, pixels.filter(pixel => pixel >>> 24).length / pixels.length];
        }"""
    )
    different, covered = colours
    assert different > 10 and 0.005 < covered < 0.6


@pytest.mark.slow
def test_a_run_that_diverges_names_curve_and_step(visit, server):
    screen = visit(f"/?{DIVERGES}")
    screen.press("start")
    screen.is_in("failed")
    message = screen.sees(re.compile(r"\b(loss|gradient|verdict)/\w+.*\bstep \d+", re.IGNORECASE)).inner_text()
    assert server.status(screen.run_id)["message"] == message
    screen.offers("start")
    screen.shoot("failed")
    assert screen.page.get_by_test_id("stException").count() == 0


@pytest.mark.slow
def test_a_set_that_cannot_be_downloaded_says_where_it_can_be_put(visit, server):
    screen = visit(f"/?data=mnist&{SMALL}")
    screen.press("start")
    sentence = screen.sees(re.compile("mnist could not be downloaded")).inner_text()
    screen.shoot("no-download")
    assert str(server.data / "mnist") in sentence and "glyphs" in sentence
    assert screen.page.get_by_test_id("stException").count() == 0
