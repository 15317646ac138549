"""The living formula in a browser: numbers come with the run, a term in hand lights its curve, another game brings its own terms."""

from __future__ import annotations

import re

import pytest

pytestmark = pytest.mark.browser

LINK = "/?data=ring-8&network=mlp&width=32&batch_size=32&threads=1&game=non-saturating&penalty=R1"
WIDTHS = "(plot.data ?? []).filter(trace => trace.line.width > 3).map(trace => trace.meta.curve)"


@pytest.mark.slow
def test_terms_live_light_their_curves_and_follow_the_game(visit):
    screen = visit(LINK)
    screen.press("start")
    screen.trains(20)
    formula = screen.page.locator(".gs-formula")
    terms = formula.locator(".gs-term")
    assert [terms.nth(i).get_attribute("data-curve") for i in range(terms.count())] == [
        *("loss/critic", "verdict/real", "verdict/fake", "penalty/real"),
        *("loss/generator", "loss/generator"),
    ]
    screen.until("() => [...document.querySelectorAll('.gs-formula b')].every(value => Number.isFinite(parseFloat(value.textContent)))")
    terms.nth(1).focus()
    screen.sees("D wants to be sure that reals are real.")
    screen.until(f"() => {{ const plot = document.querySelector('.gs-plot'); return {WIDTHS}.includes('verdict/real'); }}")
    assert set(screen.plot(WIDTHS)) == {"verdict/real"}
    terms.nth(3).focus()
    screen.sees(re.compile("γ is 1 now"))
    screen.shoot("formula")
    screen.page.keyboard.press("Escape")
    screen.until(f"() => {{ const plot = document.querySelector('.gs-plot'); return {WIDTHS}.length === 0; }}")

    screen.page.locator(".st-key-live_game input").click()
    screen.page.get_by_role("option", name="hinge").click()
    screen.until("() => document.querySelector('.gs-formula').textContent.includes('max')")
    assert "2" in [shape["label"]["text"].split(": ")[-1] for shape in screen.plot("plot.layout.shapes")]
    formula.locator("summary").focus()
    for place in range(terms.count()):
        screen.page.keyboard.press("Tab")
        assert terms.nth(place).evaluate("term => document.activeElement === term")
    screen.page.keyboard.press("Tab")
    assert not formula.evaluate("formula => formula.contains(document.activeElement)"), "and out of it again"
    formula.locator("summary").focus()
    screen.page.keyboard.press("Enter")
    assert not terms.first.is_visible()
