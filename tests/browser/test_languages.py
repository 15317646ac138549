"""Chinese beside English: from the address, by the switch, and in the view that moves, without losing anything."""

from __future__ import annotations

import re

import pytest

pytestmark = pytest.mark.browser

TINY = "data=ring-8&network=mlp&width=32&batch_size=32&threads=1&seed=7"
LATIN = re.compile(r"[A-Za-z]{2,}")
NAMES = re.compile(r"\d{8}-\d{6}-[\w-]+|ring-8|mlp|relativistic|R1\+R2|CPU|English|log 2|\blog\b|KL|Tab|Skip to main content")
"""Runs and choices by their names; and what Streamlit says itself, which is English only."""


def speak(screen, name, heading):
    """Choose a language in the menu, which a narrow screen keeps shut."""
    menu = screen.page.get_by_test_id("stSidebar")
    shut = menu.get_attribute("aria-expanded") == "false"
    if shut:
        screen.page.get_by_test_id("stExpandSidebarButton").click()
    menu.get_by_text(name, exact=True).click()
    screen.page.get_by_role("heading", name=heading, exact=True).wait_for()
    if shut:
        screen.page.get_by_test_id("stSidebarCollapseButton").get_by_role("button").click()


def english(screen):
    """Latin words that can be read on the page; icons' names, and the "Stop" of Streamlit beside a long rerun, left out."""
    said = screen.page.evaluate(
        """() => {
            const found = [], walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
            while (walk.nextNode()) {
                const parent = walk.currentNode.parentElement;
                const own = "[data-testid=stIconMaterial], [data-testid=stStatusWidget], [translate=no]";
                const silent = parent.closest(`script, style, noscript, ${own}`);
                if (!silent && parent.checkVisibility()) found.push(walk.currentNode.textContent);
            }
            return found;
        }"""
    )
    return [text for text in said if LATIN.search(NAMES.sub("", text))]


@pytest.mark.slow
def test_a_link_in_chinese_the_switch_and_a_run_that_goes_on(visit):
    screen = visit(f"/?{TINY}&lang=zh_CN", viewport={"width": 1440, "height": 900})
    page = screen.page
    page.get_by_role("heading", name="训练", exact=True).wait_for()
    screen.until("() => document.documentElement.lang === 'zh-CN'")
    screen.press("start")
    screen.trains()
    screen.reaches("rows", 3)
    screen.offers("pause", "stop")
    screen.sees("生成样本")
    screen.sees("梯度范数")
    assert english(screen) == []
    run_id, step = screen.run_id, screen.number("step")

    speak(screen, "English", "Train")
    screen.until("() => document.documentElement.lang === 'en' && new URL(location).searchParams.get('lang') === 'en'")
    screen.sees("Gradient norms")
    page.locator(".st-key-more-settings summary").click()
    screen.chosen("preset", "Glyphs, quick start")
    assert screen.run_id == run_id
    assert "seed=7" in page.url
    assert screen.reaches("step", step + 1) > step
    assert screen.number("rows") >= 3, "the curves are not drawn anew"

    speak(screen, "简体中文", "训练")
    screen.chosen("preset", "手写风格数字，快速上手")
    screen.press("stop")
    screen.is_in("stopped")
    screen.offers("start", "continue")
    screen.sees("已停止")
    # What was set is still set: the same choice in another language is no other choice.
    assert page.url.count("seed=7") == 1
    assert page.get_by_test_id("stException").count() == 0
    again = visit.again(screen, "/")
    again.page.get_by_role("heading", name="训练", exact=True).wait_for()
    assert "lang" not in again.page.url, "remembered by the browser, not by the address"


@pytest.mark.slow
def test_the_browser_s_own_language_and_one_there_is_not(visit):
    screen = visit("/", locale="zh-CN")
    screen.sees("按下“开始”")
    assert "lang" not in screen.page.url
    other = visit("/?lang=fr")
    other.sees("The link asks for the language 'fr'. There are en, zh_CN.")
    other.page.get_by_role("heading", name="Train", exact=True).wait_for()


@pytest.mark.slow
def test_the_switch_is_reached_by_keyboard(visit):
    screen = visit("/?lang=en")
    screen.page.locator(".st-key-_language").get_by_role("radio", name="English").focus()
    screen.page.keyboard.press("ArrowRight")
    screen.page.keyboard.press("Space")
    screen.page.get_by_role("heading", name="训练", exact=True).wait_for()


@pytest.mark.slow
def test_chinese_fits_on_a_desk_and_in_a_hand(visit):
    screen = visit(f"/?{TINY}&lang=zh_CN&gamma=lots")
    screen.sees("gamma 的值是 'lots'")
    screen.press("start")
    screen.trains()
    screen.page.locator(".gs-plot .main-svg").first.wait_for(state="attached")
    for width, height in ((1440, 900), (390, 844)):
        screen.page.set_viewport_size({"width": width, "height": height})
        for scheme in ("light", "dark"):
            screen.page.emulate_media(color_scheme=scheme)
            screen.page.locator(f".gs-view[data-mode={scheme}]").wait_for()
            for element in ("document.documentElement", "document.querySelector('[data-testid=stMain]')"):
                screen.until(f"() => {element}.scrollWidth <= {element}.clientWidth")
            screen.shoot(f"chinese-{width}-{scheme}")
