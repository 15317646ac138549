"""One's own target on the Playground: drawn by pointer or finger or read from a CSV, trained on, and handed on by its link."""

from __future__ import annotations

import json
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from test_playing import LINK, Plane

pytestmark = pytest.mark.browser
PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}


@pytest.fixture
def plane(visit):
    return Plane(visit(LINK))


def open_pad(plane):
    plane.page.locator(".st-key-play-draw button:visible").click()
    pad = plane.page.locator(".gs-draw-pad[aria-label]")  # its script is there, not only its markup
    pad.wait_for()
    return pad


def use(plane):
    plane.page.locator(".gs-draw [data-do=use]").click()
    took(plane)


def took(plane):
    plane.page.locator(".gs-draw").wait_for(state="detached")
    plane.screen.until("() => new URL(location).searchParams.get('data') === 'points'")


def place_on(pad, across, down):
    box = pad.bounding_box()
    return box["x"] + across * box["width"], box["y"] + down * box["height"]


def settings_of(server):
    """What the newest run began with."""
    newest = max(server.runs.glob("*/config.json"), key=lambda path: path.stat().st_mtime)
    return json.loads(newest.read_text())


def test_what_a_pointer_draws_is_trained_on(plane, server):
    pad, mouse = open_pad(plane), plane.page.mouse
    mouse.move(*place_on(pad, 0.2, 0.2))
    mouse.down()
    mouse.move(*place_on(pad, 0.8, 0.2), steps=6)
    mouse.up()
    drawn = int(plane.page.locator(".gs-draw").get_attribute("data-points"))
    assert drawn > 40, "a spot, and a line from there"
    use(plane)
    plane.press("data-do=toggle")
    plane.is_in("running")
    plane.until("Number(facts.step) > 20")
    facts = settings_of(server)
    assert facts["data"] == "points" and facts["folder"] == parse_qs(urlsplit(plane.page.url).query)["folder"][0]
    rows = [line.split(",") for line in Path(facts["folder"]).read_text().splitlines()[1:]]
    assert len(rows) == drawn and all(abs(float(y) - 0.6) < 0.2 for _x, y in rows), "a level line, where it was drawn"


@pytest.mark.slow
def test_a_finger_draws_and_the_keyboard_does(visit, server):
    plane = Plane(visit(LINK, **PHONE))
    plane.page.locator(".st-key-drawer-closed button:visible").click()
    pad = open_pad(plane)
    touch = plane.page.context.new_cdp_session(plane.page)
    ways = [place_on(pad, 0.2 + 0.06 * i, 0.2 + 0.06 * i) for i in range(10)]
    for number, (x, y) in enumerate(ways):
        touch.send("Input.dispatchTouchEvent", {"type": "touchMove" if number else "touchStart", "touchPoints": [{"x": x, "y": y}]})
    touch.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    counted = plane.page.locator(".gs-draw")
    stroke = int(counted.get_attribute("data-points"))
    assert stroke > 40
    pad.focus()
    plane.page.keyboard.press("Space")
    plane.page.keyboard.press("Shift+ArrowRight")
    assert int(counted.get_attribute("data-points")) > stroke + 12
    for _press in range(2):
        plane.page.keyboard.press("Backspace")
    assert int(counted.get_attribute("data-points")) == stroke
    use(plane)


@pytest.mark.slow
def test_a_table_is_taken_and_a_bad_one_says_where_it_is_bad(plane):
    open_pad(plane)
    plane.page.get_by_role("tab", name="CSV file").click()
    upload = plane.page.locator("[role=dialog] input[type=file]")
    upload.set_input_files({"name": "bad.csv", "mimeType": "text/csv", "buffer": b"x,y\n" + b"1,2\n" * 12 + b"3,three\n"})
    plane.screen.sees("Row 14 of bad.csv has no number in column 2.")
    upload.set_input_files({"name": "few.csv", "mimeType": "text/csv", "buffer": b"1,2\n3,4\n"})
    plane.screen.sees("few.csv has 2 points")
    good = "".join(f"{i % 7};{i / 30}\n" for i in range(60)).encode()
    upload.set_input_files({"name": "good.csv", "mimeType": "text/csv", "buffer": good})
    took(plane)
    plane.press("data-do=toggle")
    plane.is_in("running")
    plane.until("Number(facts.step) > 20")


@pytest.mark.slow
def test_a_link_begins_the_same_run_in_another_browser(visit, server):
    plane = Plane(visit(f"{LINK}&seed=7&gamma=0.3&noise=uniform&data=two-moons"))
    plane.press("data-do=toggle")
    plane.until("Number(facts.step) > 20")
    link, first = urlsplit(plane.page.url), settings_of(server)
    plane.screen.go("Train")
    plane.screen.press("stop")
    plane.screen.offers("continue")
    other = Plane(visit(f"{link.path}?{link.query}"))
    other.press("data-do=toggle")
    other.until("Number(facts.step) > 20")
    assert settings_of(server) == first and (first["seed"], first["gamma"], first["noise"]) == (7, 0.3, "uniform")
