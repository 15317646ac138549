"""One image closer: by pointer and by keys, with D's verdict and its z, while the run goes on or stands in the past."""

from __future__ import annotations

import json

import numpy as np
import pytest
from kept import EVERY, kept_run, verdicts
from PIL import Image
from test_timeline import opened, seek, stored

from gan_core.streams import shown_z

pytestmark = pytest.mark.browser

MIDDLES = """canvas => {
    const copy = Object.assign(document.createElement("canvas"), { width: 16, height: 16 });
    const pen = copy.getContext("2d", { willReadFrequently: true });
    pen.imageSmoothingEnabled = false;
    pen.drawImage(canvas, 0, 0, 16, 16);
    const { data } = pen.getImageData(0, 0, 16, 16);
    return [...Array(256).keys()].map(i => data[4 * i]);
}"""


def part(screen, name):
    return screen.page.locator(f"[data-closer={name}]")


def click(screen, tile):
    """Click a fake."""
    canvas = screen.page.locator(".gs-fakes canvas")
    side = canvas.bounding_box()["width"] / 8
    canvas.click(position={"x": (tile % 8 + 0.5) * side, "y": (tile // 8 + 0.5) * side})


def shown(screen):
    """The large image, pixel by pixel, roughly: 16 pixels lie on a canvas of another size."""
    return part(screen, "picture").evaluate(MIDDLES)


def is_image(pixels, image):
    return sum(abs(int(a) - int(b)) for a, b in zip(pixels, image.ravel(), strict=True)) / 256 < 25


@pytest.mark.slow
def test_a_fake_is_shown_closer_and_follows_the_timeline(visit, server):
    run = kept_run(server.runs)
    screen = opened(visit, run)
    panel = screen.page.locator(".gs-closer")
    assert not panel.is_visible()
    step = seek(screen, 10)
    click(screen, 19)
    panel.wait_for()
    assert part(screen, "name").inner_text() == "Image 20"
    assert part(screen, "verdict").inner_text() == f"{verdicts(step)[19]:g}"
    assert "margin of a real over it" in panel.inner_text() and "0 = cannot tell" in panel.inner_text()
    assert is_image(shown(screen), stored(server, run, step, "averaged")[19])
    assert not is_image(shown(screen), stored(server, run, step, "averaged")[18])
    assert screen.page.locator(".gs-curves").is_visible()
    screen.until("""() => {
        const [keep, fakes] = ["[data-closer=keep]", ".gs-fakes canvas"].map(name => document.querySelector(name).getBoundingClientRect());
        return keep.bottom <= innerHeight && fakes.bottom > 0;
    }""")

    screen.until("() => document.querySelector('[data-closer=track] .gs-line').getAttribute('d').split('L').length === 40")

    later = seek(screen, 30)
    assert part(screen, "verdict").inner_text() == f"{verdicts(later)[19]:g}"
    assert is_image(shown(screen), stored(server, run, later, "averaged")[19])
    screen.shoot("closer")

    screen.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    part(screen, "copy").click()
    screen.sees("Copied.")
    z = json.loads(screen.page.evaluate("navigator.clipboard.readText()"))
    assert z == pytest.approx(shown_z("image", 64)[19].tolist(), rel=1e-6)

    part(screen, "keep").click()
    screen.sees("Kept. All favourites are on the Runs page.")
    kept = json.loads((server.runs / "favourites" / "favourites.json").read_text())["favourites"][0]
    assert (kept["run_id"], kept["step"], kept["index"], kept["weights"]) == (run, 30 * EVERY, 19, "averaged")
    with Image.open(server.runs / "favourites" / f"{kept['id']}.png") as image:
        assert (np.asarray(image) == stored(server, run, later, "averaged")[19]).all()
    screen.page.keyboard.press("Escape")
    panel.wait_for(state="hidden")


@pytest.mark.slow
def test_tiles_can_be_reached_by_keys(visit, server):
    screen = opened(visit, kept_run(server.runs))
    canvas, keyboard = screen.page.locator(".gs-fakes canvas"), screen.page.keyboard
    canvas.focus()
    for key in ("ArrowRight", "ArrowDown", "ArrowDown", "ArrowLeft", "ArrowRight"):
        keyboard.press(key)
    assert screen.fact("moment") == "", "the arrows move between tiles here, not through time"
    assert canvas.get_attribute("aria-label").startswith("Image 18 of 64: ")
    assert screen.page.locator(".gs-ring").is_visible()
    keyboard.press("Enter")
    assert part(screen, "name").inner_text() == "Image 18"
    keyboard.press("ArrowUp")
    assert part(screen, "name").inner_text() == "Image 10"
    keyboard.press("Escape")
    assert not screen.page.locator(".gs-closer").is_visible()
    assert screen.page.evaluate("document.activeElement === document.querySelector('.gs-fakes canvas')")


@pytest.mark.slow
def test_in_a_hand_it_is_a_sheet_that_leaves_the_fakes_in_sight(visit, server):
    screen = opened(visit, kept_run(server.runs), viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    click(screen, 60)
    sheet = screen.page.locator(".gs-closer")
    sheet.wait_for()
    screen.until("""() => {
        const [sheet, fakes] = [".gs-closer", ".gs-fakes canvas"].map(name => document.querySelector(name).getBoundingClientRect());
        return fakes.bottom < sheet.top && sheet.bottom <= innerHeight && sheet.width <= innerWidth;
    }""")
    part(screen, "keep").click(trial=True)  # the run's buttons, at the window's lower edge, do not lie over it
    screen.page.screenshot(path="tests/browser/screens/closer-390.png")
