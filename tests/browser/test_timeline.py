"""The timeline: every kept moment can be looked at, beside a run that goes on, and fast enough to drag through."""

from __future__ import annotations

import re

import numpy as np
import pytest
from kept import EVERY, kept_run, place
from PIL import Image

pytestmark = pytest.mark.browser

LIVE = "/?data=digits&network=mlp&width=32&batch_size=32&threads=1"
TILES = """canvas => {
    const copy = Object.assign(document.createElement("canvas"), { width: canvas.width, height: canvas.height });
    const pen = copy.getContext("2d", { willReadFrequently: true });
    pen.drawImage(canvas, 0, 0);
    const cell = canvas.width / 8;
    const gap = Math.max(1, Math.round(cell / 17));
    const size = (Math.floor(cell) - gap) / 16;
    const { data } = pen.getImageData(0, 0, canvas.width, canvas.height);
    const at = (tile, row, column) => {
        const x = Math.round((tile % 8) * cell + gap / 2) + Math.floor((column + 0.5) * size);
        const y = Math.round(Math.floor(tile / 8) * cell + gap / 2) + Math.floor((row + 0.5) * size);
        return data[4 * (y * canvas.width + x)];
    };
    const range = length => [...Array(length).keys()];
    return [size, range(64).map(tile => range(16).map(row => range(16).map(column => at(tile, row, column))))];
}"""
SCRUB = """async places => {
    const view = document.querySelector(".gs-view");
    const slider = view.querySelector("[data-time=slider]");
    const times = [];
    for (const place of places) {
        await new Promise(done => {
            const began = performance.now();
            const seen = new MutationObserver(() => {
                if (view.dataset.samplesStep !== view.dataset.moment) return;
                seen.disconnect();
                requestAnimationFrame(() => (times.push(performance.now() - began), done()));
            });
            seen.observe(view, { attributeFilter: ["data-samples-step", "data-moment"] });
            slider.value = place;
            slider.dispatchEvent(new Event("input", { bubbles: true }));
        });
    }
    return times.sort((a, b) => a - b);
}"""


def seek(screen, index):
    """Put the slider on a moment, and wait until its picture is drawn; its step."""
    screen.page.locator("[data-time=slider]").fill(str(index))
    screen.until("() => { const { moment, samplesStep } = document.querySelector('.gs-view').dataset; return moment === samplesStep; }")
    return int(screen.fact("moment"))


def opened(visit, run, **options):
    """A stopped run on screen, its moments known and its curves drawn."""
    screen = visit(f"/?run={run}", **options)
    screen.is_in("stopped")
    screen.until("() => Number(document.querySelector('[data-time=slider]').max) > 1 && document.querySelector('.gs-plot')._fullLayout")
    screen.until("() => document.querySelector('.gs-over').style.getPropertyValue('--gs-above')")
    return screen


def stored(server, run, step, weights):
    """The 64 images of a moment, from its file."""
    with Image.open(server.runs / run / "samples" / f"{step:09d}-{weights}.png") as image:
        return np.asarray(image).reshape(8, 16, 8, 16).swapaxes(1, 2).reshape(64, 16, 16)


def drawn(screen):
    """The 64 images on the canvas, each pixel read at its middle."""
    size, tiles = screen.page.locator(".gs-fakes canvas").evaluate(TILES)
    assert size == int(size), "the test reads whole pixels only"
    return np.array(tiles)


def text(screen, name):
    return screen.page.locator(f"[data-slot={name}]").inner_text()


@pytest.mark.slow
def test_a_moment_shows_its_own_pictures_numbers_and_place(visit, server):
    run = kept_run(server.runs)
    screen = opened(visit, run)
    now = screen.picture()
    for index in (0, 20, 7):
        step = seek(screen, index)
        assert step == index * EVERY
        assert (drawn(screen) == stored(server, run, step, "averaged")).all()
        assert text(screen, "step") == f"{step:,}" and text(screen, "epoch") == f"{place(step).epoch:.2f}"
        assert screen.page.locator(".gs-when").inner_text().startswith(f"step {step:,} · epoch {place(step).epoch:.2f} · 0:")
        x = screen.page.locator(".gs-cursor").evaluate("line => new DOMMatrix(line.style.transform).e")
        assert x == pytest.approx(screen.plot(f"plot._fullLayout.xaxis.l2p({step}) + plot._fullLayout.margin.l"), abs=1)
    assert re.fullmatch(r"[\d.]+", screen.page.locator(".gs-heads [data-curve='loss/critic']").inner_text())
    screen.page.locator("[data-weights=living]").click()
    screen.until("() => document.querySelector('[data-weights=living]').ariaPressed === 'true'")
    screen.new_picture(now)
    step = seek(screen, 8)
    assert (drawn(screen) == stored(server, run, step, "living")).all()
    screen.page.locator("[data-weights=averaged]").click()

    screen.page.locator("[data-time=now]").click()
    assert screen.fact("moment") == "" and not screen.page.locator(".gs-cursor").is_visible()
    screen.until("now => document.querySelector('.gs-fakes canvas').toDataURL() === now", now)

    assert screen.page.locator("[data-time=ticks] i").count() == 3  # the beginning, and two checkpoints
    fork = screen.page.locator("[data-time=fork]")
    assert not fork.is_visible()
    for index, words in ((0, "Fork here"), (3, "Fork at 0"), (18, f"Fork at {19 * EVERY}"), (19, "Fork here")):
        seek(screen, index)
        assert fork.inner_text() == words


@pytest.mark.slow
def test_scrubbing_is_quick_and_the_time_lapse_ends_at_now(visit, server):
    screen = opened(visit, kept_run(server.runs, moments=120))
    screen.page.locator(".gs-time").hover()
    seek(screen, 60)
    screen.page.evaluate(SCRUB, list(range(119, 0, -1)))  # by now all have come
    times = screen.page.evaluate(SCRUB, [5, 100, 33, 90, 61, 17, 72, 44, 110, 28] * 2)
    assert times[len(times) // 2] < 250, times

    screen.page.evaluate("""() => {
        const view = document.querySelector(".gs-view");
        window.gsFrames = [];
        new MutationObserver(() => window.gsFrames.push(performance.now())).observe(view, { attributeFilter: ["data-samples-step"] });
    }""")
    seek(screen, 80)
    screen.page.locator("[data-time=play]").click()
    screen.page.locator("[data-time=play][aria-pressed=true]").wait_for()
    screen.page.locator("[data-time=play][aria-pressed=false]").wait_for()
    assert screen.fact("moment") == ""
    frames = screen.page.evaluate("window.gsFrames")
    assert len(frames) > 30
    assert (len(frames) - 1) / (frames[-1] - frames[0]) * 1000 > 5


@pytest.mark.slow
def test_training_goes_on_beside_the_past(visit):
    screen = visit(LIVE)
    screen.press("start")
    screen.trains()
    screen.until("() => Number(document.querySelector('[data-time=slider]').max) > 3")
    step = seek(screen, 1)
    screen.sees("Looking at the past; training goes on")
    picture, rows = screen.picture(), screen.number("rows")
    screen.reaches("rows", rows + 15)
    assert screen.picture() == picture and screen.fact("moment") == str(step) and text(screen, "step") == f"{step:,}"
    before = int(screen.page.locator("[data-time=slider]").get_attribute("max"))
    screen.until("before => Number(document.querySelector('[data-time=slider]').max) > before", before)
    assert screen.fact("moment") == str(step)
    screen.shoot("timeline")
    screen.page.locator("[data-time=now]").click()
    screen.new_picture(picture)
    screen.until("() => Number(document.querySelector('.gs-view').dataset.samplesStep) > 0")


@pytest.mark.slow
def test_a_moment_that_is_gone_breaks_nothing(visit, server):
    run = kept_run(server.runs, moments=60)
    screen = opened(visit, run)
    (server.runs / run / "samples" / f"{10 * EVERY:09d}-averaged.png").unlink()
    (server.runs / run / "samples" / f"{12 * EVERY:09d}-averaged.png").write_bytes(b"torn")
    for index in (10, 12):
        screen.page.locator("[data-time=slider]").fill(str(index))
        screen.until("step => document.querySelector('.gs-view').dataset.moment === step", str(index * EVERY))
    assert seek(screen, 14) == 14 * EVERY
    assert (drawn(screen) == stored(server, run, 14 * EVERY, "averaged")).all()


@pytest.mark.slow
def test_planes_have_a_past_too(visit, server):
    screen = opened(visit, kept_run(server.runs, data="ring-8"))
    seen = {screen.picture()}
    for index in (0, 10, 20):
        seek(screen, index)
        seen.add(screen.picture())
    assert len(seen) == 4


@pytest.mark.slow
def test_marks_say_which_knob_was_turned_and_do_not_crowd(visit, server):
    turned = {100: ("gamma", 5.0), 900: ("gamma", 0.25), 920: ("penalty", "R1"), 940: ("lr_critic", 0.01), 1500: ("game", "non-saturating")}
    screen = opened(visit, kept_run(server.runs, marks=turned))
    marks = screen.page.locator(".gs-mark")
    marks.nth(1).wait_for()
    labels = [label for label in marks.locator("span").all_inner_texts() if label]
    assert "Game relativistic → non-saturating" in labels, "the first turn of a knob says what it was as the run began"
    boxes = [box for label in marks.locator("span").all() if label.is_visible() and (box := label.bounding_box())]
    boxes.sort(key=lambda box: box["x"])
    assert all(left["x"] + left["width"] <= right["x"] + 1 for left, right in zip(boxes, boxes[1:], strict=False))
    titles = " ".join(mark.get_attribute("title") for mark in marks.locator("button").all())
    assert "Gamma 1 → 5" in titles and "Gamma 5 → 0.25" in titles and "step 100" in titles
    screen.shoot("marks")
