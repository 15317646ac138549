"""The Explore page: dragging through the latent space of a stopped run and of one that learns, in a real browser."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from kept import kept_run
from test_sockets import closed_with

pytestmark = pytest.mark.browser

DEMO = Path(__file__).parents[2] / "checkpoints" / "demo-glyphs"


@pytest.fixture(scope="module")
def demo(server):
    shutil.copytree(DEMO, server.runs / DEMO.name)
    yield DEMO.name
    shutil.rmtree(server.runs / DEMO.name)


class Explorer:
    """The page, in the words of somebody who explores."""

    def __init__(self, screen):
        self.screen, self.page = screen, screen.page
        self.page.locator(".gs-explore[data-connected=true]").wait_for()
        self.draws()

    def draws(self, more_than=0):
        """Wait until the large image was drawn once more."""
        self.screen.until("least => Number(document.querySelector('.gs-explore')?.dataset.pictures) > least", more_than)

    @property
    def drawn(self):
        return int(self.page.locator(".gs-explore").get_attribute("data-pictures"))

    def judged(self):
        """Wait until D's verdict is that on the picture that is shown, and return it."""
        self.screen.until(
            "() => { const { judged, pictures } = document.querySelector('.gs-explore').dataset; return judged === pictures; }"
        )
        return self.page.locator("[data-verdict=value]").inner_text()

    def image(self, canvas="picture"):
        return self.page.locator(f"[data-canvas={canvas}]").evaluate("canvas => canvas.toDataURL()")

    def changes(self, old, canvas="picture"):
        """Wait until a canvas shows something else than `old`; what it shows then."""
        self.screen.until("([name, old]) => document.querySelector(`[data-canvas=${name}]`).toDataURL() !== old", [canvas, old])
        return self.image(canvas)

    def shows(self, image):
        """Wait until the large image is this one again."""
        self.screen.until("image => document.querySelector('[data-canvas=picture]').toDataURL() === image", image)

    def ready(self):
        """Wait until the pad has its directions, and so its map."""
        self.page.locator("[data-canvas=map][data-drawn]").wait_for()

    def at(self, x, y):
        box = self.page.locator(".ex-ground").bounding_box()
        return box["x"] + x * box["width"], box["y"] + y * box["height"]

    def press(self, x, y):
        self.page.mouse.move(*self.at(x, y))
        self.page.mouse.down()

    def to(self, x, y):
        """Press one place of the pad; what the address says of it, once it rests."""
        self.press(x, y)
        self.page.mouse.up()
        return self.says("z")

    def click(self, name):
        self.page.locator(f"[data-do={name}]").click()

    def tab(self, name):
        self.page.locator(f"[role=tab][data-tab={name}]").click()

    def says(self, name, value=None):
        """Wait until the address names this; its value."""
        test = "([name, value]) => { const it = new URL(location).searchParams.get(name); return value === null ? it : it === value; }"
        self.screen.until(test, [name, value])
        return parse_qs(urlsplit(self.page.url).query)[name][0]


@pytest.fixture
def explore(visit, demo):
    def opened(query="", **options):
        return Explorer(visit(f"/explore?run={demo}{query}", **options))

    return opened


def test_dragging_moves_the_image_and_every_place_keeps_its_pixels(explore):
    explorer = explore()
    explorer.ready()
    begin = explorer.image()
    at_first = explorer.judged()

    explorer.press(0.2, 0.2)
    first = explorer.changes(begin)
    explorer.page.mouse.move(*explorer.at(0.8, 0.7), steps=4)
    second = explorer.changes(first)
    assert "z=" not in explorer.page.url, "a drag that goes on writes no address"
    explorer.page.mouse.move(*explorer.at(0.2, 0.2), steps=4)
    explorer.shows(first)
    explorer.page.mouse.up()
    place = explorer.says("z")
    explorer.judged()
    explorer.screen.until("old => document.querySelector('[data-verdict=value]').textContent !== old", at_first)

    keyboard = explorer.page.keyboard
    explorer.page.locator(".ex-ground").focus()
    keyboard.press("Shift+ArrowRight")
    third = explorer.changes(first)
    assert third != second
    explorer.screen.until("old => new URL(location).searchParams.get('z') !== old", place)
    keyboard.press("Shift+ArrowLeft")
    explorer.shows(first)
    explorer.says("z", place)
    for button, keys, image in (("undo", "Control+z", begin), ("redo", "Control+Shift+z", first)):
        keyboard.press(keys)
        while explorer.page.locator(f"[data-do={button}]").is_enabled():  # on a slow machine each of two steps came to rest
            keyboard.press(keys)
        explorer.shows(image)


@pytest.mark.slow
def test_a_link_brings_another_browser_to_the_same_image(explore):
    explorer = explore("&seed=5&x=coordinate-3&y=random-2-9&psi=0.8&weights=living")
    explorer.ready()
    begin = explorer.image()
    explorer.to(0.3, 0.9)
    image = explorer.changes(begin)
    link = explorer.page.url
    other = explore(link.partition(f"run={DEMO.name}")[2])
    other.shows(image)
    other.ready()
    assert other.page.locator("[data-axis=x] [data-axis-part=kind]").input_value() == "coordinate"
    assert other.page.locator("[data-weights=living]").get_attribute("aria-pressed") == "true"
    assert other.page.url == link

    explorer.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    explorer.click("link")
    explorer.screen.sees("Copied.")
    assert parse_qs(urlsplit(explorer.page.evaluate("navigator.clipboard.readText()")).query) == parse_qs(urlsplit(link).query)


@pytest.mark.slow
def test_back_and_forward_move_at_once(explore):
    explorer = explore("&seed=5")
    explorer.ready()
    begin = explorer.image()
    place = explorer.to(0.3, 0.9)
    image = explorer.changes(begin)
    explorer.page.go_back()
    explorer.shows(begin)
    explorer.says("seed", "5")
    explorer.page.go_forward()
    explorer.shows(image)
    explorer.says("z", place)


@pytest.mark.slow
def test_sliders_walls_and_favourites_lead_to_places(explore, server):
    explorer = explore()
    explorer.ready()
    begin = explorer.image()
    slider = explorer.page.locator(".ex-sliders input").first
    slider.focus()
    for _ in range(12):
        explorer.page.keyboard.press("ArrowRight")
    turned = explorer.changes(begin)
    explorer.click("undo")
    explorer.click("reset")
    explorer.shows(begin)

    explorer.tab("wall")
    wall = explorer.page.locator("[data-panel=wall] .ex-frame")
    explorer.page.locator("[data-panel=wall] canvas[data-drawn]").wait_for()
    before = explorer.image()
    box = wall.bounding_box()
    wall.click(position={"x": box["width"] / 16, "y": box["height"] / 16})
    there = explorer.changes(before)
    assert there != turned
    explorer.says("z")
    explorer.judged()

    explorer.click("keep")
    explorer.screen.sees("Kept. All favourites are on the Runs page.")
    [kept] = json.loads((server.runs / "favourites" / "favourites.json").read_text())["favourites"][:1]
    assert (kept["run_id"], kept["index"], kept["step"]) == (DEMO.name, -1, 9000)
    assert isinstance(kept["verdict"], float)
    explorer.click("shuffle")
    other = explorer.changes(there)
    explorer.says("seed")
    explorer.tab("kept")
    name = explorer.page.locator(".ex-kept input")
    name.fill("A fine place")
    name.press("Enter")
    explorer.screen.until_on_disk(lambda: "A fine place" in (server.runs / "favourites" / "favourites.json").read_text(), "the name")
    explorer.page.locator(".ex-photo").click()
    explorer.shows(there)
    assert other != there
    explorer.page.locator(".ex-drop").click()
    explorer.page.locator(".ex-kept li").wait_for(state="detached")


@pytest.mark.slow
def test_what_d_thinks_what_is_near_and_how_it_was(explore):
    explorer = explore("&seed=3")
    explorer.ready()
    begin = explorer.image()
    explorer.tab("critic")
    explorer.screen.until("() => document.querySelector('[data-canvas=heat]').width > 100")
    explorer.screen.until("() => document.querySelectorAll('.ex-steps button:not([disabled])').length === 8")
    explorer.page.locator(".ex-steps button").last.click()
    moved = explorer.changes(begin)
    explorer.page.locator("[data-along=image]").click()
    assert explorer.page.locator(".ex-steps button").last.is_disabled(), "pixels lead to no z"

    explorer.tab("near")
    explorer.screen.sees("training images")
    explorer.page.locator(".ex-scale").wait_for()
    assert explorer.page.locator("[data-real='2'] figcaption").inner_text().endswith("away")

    explorer.tab("time")
    film = explorer.page.locator(".ex-film button")
    film.nth(3).wait_for()
    film.nth(3).click()
    then = explorer.changes(moved)
    explorer.says("at")
    explorer.screen.until("() => document.querySelector('[data-verdict=words]').textContent === 'D is not kept at this moment'")
    explorer.tab("critic")
    explorer.screen.sees("D is not kept at this moment. Go to “Now”, where it is.")
    explorer.click("now")
    explorer.shows(moved)
    explorer.tab("time")
    explorer.click("time")
    explorer.says("y", "time")
    explorer.press(0.5, 0.99)
    explorer.page.mouse.up()
    assert int(explorer.says("at")) < 20, "the first moment is at the bottom"
    assert explorer.changes(moved) != then


@pytest.mark.slow
def test_it_drifts_only_when_asked_and_comes_back(explore):
    explorer = explore(reduced_motion="reduce")
    explorer.ready()
    begin = explorer.image()
    explorer.click("drift")
    explorer.changes(begin)
    explorer.draws(explorer.drawn + 10)
    assert "z=" not in explorer.page.url
    explorer.click("drift")
    explorer.says("z")
    explorer.click("reset")
    explorer.shows(begin)


@pytest.mark.slow
def test_a_network_that_learns_changes_the_image_at_a_fixed_place(visit):
    screen = visit("/?data=digits&network=mlp&width=32&batch_size=32&threads=1")
    screen.press("start")
    screen.trains()
    run = screen.run_in_link()
    screen.page.locator(".gs-fakes canvas").click(position={"x": 20, "y": 20})
    screen.page.locator("[data-closer=explore]").click()
    explorer = Explorer(screen)
    assert explorer.says("run") == run and explorer.says("z")
    first = explorer.image()
    second = explorer.changes(first)
    explorer.changes(second)
    explorer.ready()
    map_now = explorer.image("map")
    explorer.changes(map_now, "map")


@pytest.mark.slow
def test_in_a_hand_the_image_stays_in_sight(explore):
    explorer = explore(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    explorer.ready()
    explorer.tab("rail")
    slider = explorer.page.locator(".ex-sliders input").last
    slider.scroll_into_view_if_needed()
    explorer.screen.until(
        """() => {
        const image = document.querySelector("[data-canvas=picture]").getBoundingClientRect();
        return image.top >= 0 && image.bottom < innerHeight && document.documentElement.scrollWidth <= innerWidth;
    }"""
    )


@pytest.mark.slow
def test_points_and_missing_runs_are_said(visit, server, demo):
    plane = kept_run(server.runs, data="ring-8")
    screen = visit(f"/explore?run={plane}")
    screen.sees("draws points, not images, and cannot be explored here")
    screen = visit("/explore?run=gone&psi=9")
    screen.sees("The run gone is not here")


@pytest.mark.slow
def test_strangers_may_not_ask(visit, server, demo):
    screen = visit(f"/explore?run={demo}")
    with screen.page.expect_websocket(lambda socket: "/live/latent/" in socket.url) as opened:
        screen.page.reload()
    ticketed = opened.value.url.replace("localhost", "127.0.0.1")
    own, foreign = f"http://127.0.0.1:{server.port}", "http://evil.example"
    assert closed_with(ticketed, foreign) == 4403
    assert closed_with(ticketed.partition("?")[0], own) == 4401


def test_the_place_goes_on_to_the_walk(explore):
    page = explore("&seed=7")
    page.click("walk")
    page.screen.until("document.querySelector('.gs-cards li:last-child')?.dataset.key === 's7'")
    assert page.page.locator(".gs-cards li").count() == 5
