"""A first visitor is shown around, once, and can use the page meanwhile."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.browser

CARD = ".gs-tour-card"
ROUND = """part => {
  const [ring, box] = [".gs-tour-ring", part].map((one) => document.querySelector(one).getBoundingClientRect());
  const margins = [box.left - ring.left, box.top - ring.top, ring.right - box.right, ring.bottom - box.bottom];
  return margins.every((margin) => margin > 4 && margin < 8);
}"""
TINY = "/?data=digits&network=mlp&width=32&batch_size=32&threads=1"


def reads(screen, title):
    """Wait until the card has this title; it lies within the window then."""
    screen.page.locator(CARD).get_by_role("heading", name=title).wait_for()
    box = screen.page.locator(CARD).bounding_box()
    size = screen.page.viewport_size
    assert box["x"] >= 0 and box["y"] >= 0
    assert box["x"] + box["width"] <= size["width"] and box["y"] + box["height"] <= size["height"]


@pytest.mark.slow
@pytest.mark.parametrize(("width", "height", "scheme"), [(1440, 900, "light"), pytest.param(390, 844, "dark", marks=pytest.mark.slow)])
def test_five_steps_over_the_real_page(visit, width, height, scheme):
    screen = visit(TINY, toured=False, viewport={"width": width, "height": height}, color_scheme=scheme)
    reads(screen, "Choose what to train")
    screen.shoot(f"tour-1-{width}")
    card = screen.page.locator(CARD)
    card.get_by_role("button", name="Next").click()
    reads(screen, "Press Start")
    assert card.get_by_role("button", name="Next").is_disabled(), "the next thing it speaks of is not there yet"
    screen.press("start")
    reads(screen, "What G draws")
    screen.until(ROUND, ".gs-fakes")
    screen.shoot(f"tour-3-{width}")
    card.get_by_role("button", name="Next").click()
    reads(screen, "Who is ahead?")
    card.get_by_role("button", name="Back").click()
    reads(screen, "What G draws")
    card.get_by_role("button", name="Next").click()
    card.get_by_role("button", name="Next").click()
    reads(screen, "Go back in time")
    card.get_by_role("button", name="Done").click()
    card.wait_for(state="detached")
    screen.page.reload()
    screen.view.wait_for()
    assert card.count() == 0, "it is remembered"


@pytest.mark.slow
def test_it_can_be_skipped_and_asked_for_again(visit):
    screen = visit(TINY, toured=False)
    card = screen.page.locator(CARD)
    card.get_by_role("button", name="Skip the tour").click()
    card.wait_for(state="detached")
    screen.press("tour-again")
    reads(screen, "Choose what to train")
    screen.page.keyboard.press("Escape")
    card.wait_for(state="detached")
