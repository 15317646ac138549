"""The GAN of two numbers in a browser: portraits move in lock-step, and a reader decides where they start."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.browser

FAST = "/dirac?portraits=minimax~none,minimax~R1&speed=200"


def step_is(screen, condition):
    screen.until(f"() => {{ const step = Number(document.querySelector('.gs-dirac').dataset.step); return {condition}; }}")


def radii(screen):
    return [float(text) for text in screen.page.locator(".gs-radius b").all_inner_texts()]


@pytest.mark.slow
def test_two_portraits_play_in_lock_step_from_where_a_reader_presses(visit):
    screen = visit(FAST)
    page = screen.page
    page.locator(".gs-portrait").nth(1).wait_for()
    step_is(screen, "step === 500")
    # In the paper's oracle 1.42 and 2.3e-7.
    first = page.locator(".gs-radius b").all_inner_texts()
    assert float(first[0]) == pytest.approx(1.42, rel=0.02) and first[1] == "2.30 · 10⁻⁷"

    page.locator("[data-do=reset]").click()
    step_is(screen, "step === 0")
    assert radii(screen) == pytest.approx([2**0.5] * 2, rel=1e-3)
    page.locator("[data-do=one]").click()
    step_is(screen, "step === 1")

    page.locator(".gs-plane").first.focus()
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowUp")
    page.wait_for_url("**start=1%2C-0.8**")
    box = page.locator(".gs-plane").first.bounding_box()
    page.locator(".gs-plane").first.click(position={"x": box["width"] * 0.75, "y": box["height"] * 0.25})
    page.wait_for_url("**start=1%2C1**")
    page.locator("[data-updates=simultaneous]").click()
    page.wait_for_url("**updates=simultaneous**")
    screen.until("() => document.querySelector('.gs-portrait').dataset.kind === 'leaves'")
    step_is(screen, "step === 500 && parseFloat(document.querySelector('.gs-radius b').textContent) > 2.5")
    screen.shoot("dirac")
