"""A run is a link: what is in the address is on the page, and the other way round."""

from __future__ import annotations

import re

import pytest

pytestmark = pytest.mark.browser


@pytest.mark.slow
def test_a_link_with_settings_shows_them(visit):
    screen = visit("/?data=ring-8&game=non-saturating&gamma=2.5&width=48&seed=7")
    page = screen.page
    for name, text in (("data", "ring-8"), ("game", "non-saturating")):
        screen.chosen(name, text)
    screen.sees(re.compile(r"More settings.*3 changed"))
    page.locator(".st-key-more-settings summary").click()
    for tab, name, value in (("Players", "gamma", "2.5"), ("Players", "width", "48"), ("Run", "seed", "7")):
        page.get_by_role("tab", name=tab, exact=True).click()
        box = page.locator(f".st-key-_{name} input")
        box.wait_for()
        assert box.input_value() == value
    assert page.get_by_test_id("stException").count() == 0


@pytest.mark.slow
def test_a_bad_value_shows_its_sentence_and_costs_no_other(visit):
    screen = visit("/?width=banana&gamma=2.5&colour=red&preset=none")
    screen.sees("width is 'banana', and it has to be a whole number from 4 to 2048.")
    screen.sees(re.compile("colour is no setting"))
    screen.sees(re.compile("The link names the preset 'none'"))
    assert screen.page.get_by_test_id("stException").count() == 0
    screen.until("() => new URL(location).searchParams.get('gamma') === '2.5'")
    screen.press("start")
    screen.trains()


@pytest.mark.slow
def test_a_changed_setting_is_in_the_link(visit):
    screen = visit()
    screen.set_seed(11)
    screen.page.locator(".st-key-_game input").click()
    screen.page.get_by_role("option", name="non-saturating").click()
    screen.until("() => new URL(location).searchParams.get('game') === 'non-saturating'")
    again = visit(screen.page.url.removeprefix(visit.address))
    again.chosen("game", "non-saturating")


@pytest.mark.slow
def test_every_setting_has_a_sentence_of_help(visit):
    screen = visit()
    page = screen.page
    page.locator(".st-key-more-settings summary").click()
    for tab in ("Players", "Optimiser", "Schedule", "Run"):
        page.get_by_role("tab", name=tab, exact=True).click()
        panel = page.get_by_role("tabpanel").filter(visible=True)
        widgets = panel.locator("[class*='st-key-_']").filter(has=page.locator("input"))
        widgets.nth(1).wait_for()
        for widget in widgets.all():
            widget.get_by_test_id("stTooltipIcon").wait_for()
    page.locator(".st-key-_seed").get_by_test_id("stTooltipIcon").hover()
    screen.sees("The same seed and settings give the same run.")
