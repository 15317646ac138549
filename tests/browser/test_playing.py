"""The Playground in a browser: play, look closer, go step by step, slow down, begin again, take another target."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.browser

LINK = "/playground?width=32&batch_size=64&threads=1"


class Plane:
    """The Playground, in the words of a person at it."""

    def __init__(self, screen):
        self.screen, self.page = screen, screen.page
        self.view = screen.page.locator(".gs-plane-view")
        screen.page.locator(".gs-plane-view[data-mode]").wait_for()  # its script is there, not only its markup

    def press(self, what):
        self.page.locator(f".pl-bar [{what}]").click()

    def is_in(self, state):
        self.page.locator(f".gs-plane-view[data-state={state}]").wait_for()

    def number(self, name):
        return int(self.view.get_attribute(f"data-{name}") or 0)

    def until(self, condition, arg=None):
        self.screen.until(f"arg => {{ const facts = document.querySelector('.gs-plane-view').dataset; return {condition}; }}", arg)

    def pixels(self):
        return self.page.locator(".pl-frame canvas").evaluate("canvas => canvas.toDataURL()")


@pytest.fixture
def plane(visit):
    return Plane(visit(LINK))


def test_play_look_closer_step_slow_down_and_rewind(plane):
    page, before = plane.page, plane.pixels()
    plane.press("data-do=toggle")
    plane.is_in("running")
    plane.until("Number(facts.step) > 100")
    plane.screen.until("() => /\\d\\/8/.test(document.querySelector('[data-figure=modes]').textContent)")
    assert plane.pixels() != before

    page.locator(".pl-frame canvas").focus()
    page.keyboard.press("ArrowRight")
    page.locator(".pl-card:not([hidden])").wait_for()
    assert page.locator("[data-card=z]").inner_text().strip()
    page.keyboard.press("Escape")

    plane.press("data-do=toggle")
    plane.is_in("paused")
    step = plane.number("step")
    plane.press("data-step=both")
    plane.until("Number(facts.step) > arg", step)

    page.locator(".pl-speed input").focus()
    for _press in range(6):
        page.keyboard.press("ArrowLeft")
    plane.screen.until("() => new URL(location).searchParams.get('pace') === '2'")
    plane.press("data-do=toggle")
    plane.is_in("running")
    for part in (1, 6):
        plane.until("Number(facts.part) === arg", part)
    assert page.locator(".pl-stage li[aria-current=step]").count() == 1

    plane.press("data-do=rewind")
    plane.until("Number(facts.step) < arg", step)
    plane.until("Number(facts.step) > 0")
    plane.screen.shoot("playground")


@pytest.mark.slow
def test_another_target_begins_at_once_and_is_in_the_link(plane):
    plane.press("data-do=toggle")
    plane.until("Number(facts.step) > 20")
    plane.page.get_by_text("two-moons").click()
    plane.screen.until("() => new URL(location).searchParams.get('data') === 'two-moons'")
    plane.is_in("running")
    plane.screen.until("() => document.querySelector('[data-figure=modes]').textContent.includes('–')")
    plane.until("Number(facts.step) > 0")
