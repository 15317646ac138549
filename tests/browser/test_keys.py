"""The keyboard: a run is played by keys, by the browser that may, and never while somebody writes."""

from __future__ import annotations

import re

import pytest
from kept import EVERY, kept_run
from test_control import settles, started
from test_timeline import opened

pytestmark = pytest.mark.browser


def press(screen, *keys):
    for key in keys:
        screen.page.keyboard.press(key)


@pytest.mark.slow
def test_space_pauses_and_letters_play_single_steps(visit):
    screen = started(visit)
    press(screen, "Space")
    screen.is_in("paused")
    screen.offers("resume")
    step = settles(screen)
    for key, sentence in (
        ("s", r"Both, step {}: D's weights moved by [\d.]+%, G's by [\d.]+%. Loss of D [\d.]+, gradient norm [\d.]+. Loss of G [\d.]+"),
        ("d", r"D only, step {}: D's weights moved by [\d.]+%, G's stood still. Loss of D [\d.]+"),
        ("g", r"G only, step {}: G's weights moved by [\d.]+%, D's stood still. Loss of G [\d.]+"),
    ):
        step += 1
        press(screen, key)
        screen.reaches("step", step)
        words = sentence.format(f"{step:,.0f}")
        screen.until("words => new RegExp(words).test(document.querySelector('[data-say=played]').textContent)", words)
    screen.until("step => document.querySelector('.gs-view').dataset.samplesStep === String(step)", int(step))
    screen.shoot("played")

    other = visit(f"/?run={screen.run_id}")
    other.is_in("paused")
    other.reaches("step", step)
    press(other, "s")
    other.sees("Only the browser that started it controls it.")
    press(other, "Space")
    assert settles(other) == step and other.fact("state") == "paused"

    press(screen, "Space")
    screen.trains()
    screen.until("() => document.querySelector('[data-say=played]').textContent === ''")


@pytest.mark.slow
def test_arrows_move_through_time_and_fields_keep_their_keys(visit, server):
    screen = opened(visit, kept_run(server.runs))
    last = 39 * EVERY
    for key, moment in (("ArrowLeft", last), ("ArrowLeft", last - EVERY), ("Home", 0), ("ArrowRight", EVERY), ("End", "")):
        press(screen, key)
        assert screen.fact("moment") == str(moment)
    press(screen, "s")
    screen.sees("The run is not at work.")

    keys = screen.page.locator(".gs-keys")
    press(screen, "?")
    keys.wait_for()
    assert re.search(r"Space\s+pause, resume", keys.inner_text())
    press(screen, "Escape")
    assert not keys.is_visible()
    screen.page.locator("[data-time=keys]").click()
    keys.wait_for()
    press(screen, "?")

    screen.page.locator(".st-key-more-settings summary").click()
    screen.page.get_by_role("tab", name="Run", exact=True).click()
    screen.page.locator(".st-key-_seed input").click()
    press(screen, "ArrowLeft", "Home", "p", "?")
    assert screen.fact("moment") == "" and screen.fact("projector") == "false" and not keys.is_visible()


@pytest.mark.slow
@pytest.mark.parametrize("data", ["digits", "ring-8"])
def test_the_projector_fills_the_window_without_scrolling(visit, server, data):
    screen = opened(visit, kept_run(server.runs, data=data))
    size = "Number(getComputedStyle(document.querySelector('[data-slot=step]')).fontSize.replace('px', ''))"
    line = "plot.data[1].line.width"
    before = screen.page.evaluate(size), screen.plot(line)
    press(screen, "p")
    screen.page.locator(".gs-view[data-projector=true]").wait_for()
    screen.until(f"width => {line.replace('plot', 'document.querySelector(`.gs-plot`)')} === width", 2 * before[1])
    assert screen.page.evaluate(size) == 1.5 * before[0]
    for width, height in ((1920, 1080), (1280, 720)):
        screen.page.set_viewport_size({"width": width, "height": height})
        screen.until("height => Math.abs(document.querySelector('.gs-plot').offsetHeight - height + 200) < 60", height)
        fits = """() => [...document.querySelectorAll('.gs-view .gs-body > :not([hidden])')].every(piece => {
            const box = piece.getBoundingClientRect();
            return box.bottom <= innerHeight && box.right <= innerWidth && piece.scrollWidth <= Math.ceil(box.width);
        })"""
        assert screen.page.evaluate(fits)
        assert screen.page.evaluate("document.querySelector('.gs-fakes canvas').offsetWidth") > 0.6 * height
        screen.page.screenshot(path=f"tests/browser/screens/projector-{data}-{height}.png")
    screen.page.locator("[data-time=leave]").click()
    screen.page.locator(".gs-view[data-projector=false]").wait_for()


@pytest.mark.slow
def test_in_a_hand_the_projector_is_the_view_alone_to_scroll(visit, server):
    screen = opened(visit, kept_run(server.runs), viewport={"width": 390, "height": 844})
    press(screen, "p")
    screen.page.locator(".gs-view[data-projector=small]").wait_for()
    screen.until("() => document.querySelector('.gs-plot').offsetHeight >= 500")
    places = screen.page.eval_on_selector_all(".gs-heads div", "all => all.map(head => head.getBoundingClientRect().top)")
    assert len(places) == 3 and all(lower - upper > 100 for upper, lower in zip(sorted(places), sorted(places)[1:], strict=False))
    screen.until("() => { const view = document.querySelector('.gs-view'); return view.scrollWidth <= view.clientWidth; }")
    screen.page.locator("[data-time=leave]").click()
    screen.page.locator(".gs-view[data-projector=false]").wait_for()
