"""How often the pad follows a pointer: at once, but not a thousand times a second, and never past the newest move."""

from __future__ import annotations

import pytest

from ui.components.parts import script

pytestmark = pytest.mark.browser

PAGE = """<div id="root"><div class="ex-ground" style="width: 200px; height: 200px; position: fixed; inset: 0 auto auto 0">
<i class="ex-line"></i><i class="ex-line"></i><i class="ex-handle"></i></div></div>"""
MAKE = """
window.went = [];
const root = document.querySelector("#root");
const ground = root.querySelector(".ex-ground");
const place = { at: [0, 0], goPad(next) { place.at = next; went.push(Math.round((next[0] / REACH + 1) * 100)); }, settle() {} };
const pad = makePad({ root, place, goTime() {}, timeAt: () => null, stepTime() {}, onDrift() {} });
ground.setPointerCapture = () => {}; // there is no such pointer
window.tell = (name, x, timeStamp) => {
  const event = new PointerEvent(name, { clientX: x, clientY: 100 });
  ground.dispatchEvent(Object.defineProperty(event, "timeStamp", { value: timeStamp }));
};
"""


@pytest.fixture
def page(chromium):
    page = chromium.new_page()
    page.set_content(PAGE)
    page.add_script_tag(content=script(("numbers", "explore_place", "explore_asks", "explore_pad")) + MAKE)
    yield page
    page.close()


def followed(page, *events):
    """Where the pad went (x of 200) while it was told these events, each with its x and its time in ms."""
    page.evaluate("events => events.forEach((event) => tell(...event))", events)
    return page.evaluate("went")


def test_a_move_is_followed_as_it_comes_and_once(page):
    raw, move = ("pointerrawupdate", 60, 20), ("pointermove", 60, 20)
    assert followed(page, ("pointerrawupdate", 20, 0), ("pointerdown", 50, 1), raw, move) == [50, 60], "nothing before the press"


def test_of_many_moves_the_newest_is_followed_before_the_frame(page):
    many = [("pointerrawupdate", 51 + number, number) for number in range(1, 8)]
    assert followed(page, ("pointerdown", 50, 0), *many, ("pointermove", 58, 7)) == [50, 58]


def test_a_jump_back_to_where_the_last_drag_ended_is_followed(page):
    again = ("pointerdown", 80, 100), ("pointermove", 50, 120)
    assert followed(page, ("pointerdown", 50, 0), ("pointerup", 50, 50), *again) == [50, 80, 50]
