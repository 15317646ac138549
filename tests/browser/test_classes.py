"""A run whose players are told the class: its names on the sheet, and one class alone."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.browser

TINY = "/?data=digits&network=mlp&width=16&batch_size=16&threads=1&conditional=yes"


@pytest.mark.slow
def test_names_stand_where_classes_begin_and_one_can_be_asked_for(visit):
    screen = visit(TINY)
    choice, names = screen.page.locator("[data-class=choice]"), screen.page.locator("[data-class=names]")
    screen.press("start")
    screen.trains()
    choice.wait_for()
    assert choice.locator("option").all_inner_texts() == ["All classes", *"0123456789"]
    assert names.locator("span").all_inner_texts() == [*"0123456789", *"012345"], "half a row each"
    choice.select_option(label="7")
    screen.until("() => document.querySelector('[data-class=names]').hidden")
    assert choice.input_value() == "7"
    choice.select_option(label="All classes")
    names.wait_for()
    screen.shoot("classes")


@pytest.mark.slow
def test_a_run_that_is_not_told_shows_no_choice(visit):
    screen = visit(TINY.replace("yes", "no"))
    screen.press("start")
    screen.trains()
    assert not screen.page.locator("[data-class=choice]").is_visible()
