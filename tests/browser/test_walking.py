"""The Interpolate screen: key frames, a walk that is drawn once and scrubbed here, a sheet between keys, sums of z, files."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

pytestmark = pytest.mark.browser

DEMO = Path(__file__).parents[2] / "checkpoints" / "demo-glyphs"
RUN = "walked-demo"
LIVE = "/?data=digits&network=mlp&width=32&batch_size=32&threads=1"


@pytest.fixture(scope="module")
def run(server):
    """The bundled run, under a name of its own."""
    shutil.copytree(DEMO, server.runs / RUN)
    yield RUN
    shutil.rmtree(server.runs / RUN)


class Walk:
    """The page, in the words of a person who uses it."""

    def __init__(self, screen, run, query=""):
        self.screen, self.page = screen, screen.page
        self.root = self.page.locator(".gs-walk")

    def fact(self, name):
        return self.root.get_attribute(f"data-{name}") or ""

    @property
    def keys(self):
        return self.page.eval_on_selector_all(".gs-cards li", "cards => cards.map(card => card.dataset.key)")

    def drawn(self, *parts):
        """Wait until the walk on screen is one of these ways and frames."""
        for part in parts:
            self.screen.until("part => document.querySelector('.gs-walk')?.dataset.drawn.includes(part)", part)

    def walks(self, *keys):
        """Wait until the walk on screen goes by these keys."""
        self.screen.until("keys => document.querySelector('.gs-walk').dataset.walked === keys", ",".join(keys))

    def pixels(self, selector):
        return self.page.locator(selector).evaluate("canvas => canvas.toDataURL()")

    def image(self, way="slerp"):
        return self.pixels(f".gs-figures [data-way={way}] canvas")

    def norms(self, way):
        reel = self.page.locator(f".gs-reel[data-way={way}]")
        return float(reel.get_attribute("data-low")), float(reel.get_attribute("data-high"))

    def in_link(self, name, value):
        self.screen.until("([name, value]) => new URL(location).searchParams.get(name) === value", [name, value])

    def has_keys(self, *keys):
        """Wait for these keys on screen, drawn, and in the address."""
        self.screen.until("keys => document.querySelector('.gs-walk')?.dataset.keys === keys", ",".join(keys))
        self.screen.until("() => [...document.querySelectorAll('.gs-cards li')].every(card => card.dataset.drawn === 'true')")
        self.in_link("keys", ",".join(keys))


def opened(visit, run, query="", **options):
    walk = Walk(visit(f"/interpolate?run={run}{query}", **options), run)
    walk.drawn(":")
    return walk


def test_keys_are_added_and_the_walk_between_them_is_scrubbed_here(visit, run):
    walk = opened(visit, run, "&keys=i0,i1&frames=24")
    page = walk.page
    page.locator("[data-form=seed] input").fill("7")
    page.locator("[data-form=seed] button").click()
    walk.has_keys("i0", "i1", "s7")
    page.locator("[data-how=both]").click()
    walk.drawn("lerp:24", "slerp:24")
    walk.walks("i0", "i1", "s7")
    walk.in_link("how", "both")

    # Both ways begin at the same key; in between they show other images, and only the straight one is shorter than its keys.
    ends = walk.image("lerp"), walk.image("slerp")
    assert ends[0] == ends[1]
    slider = page.locator("[data-player=slider]")
    slider.focus()
    for _ in range(6):
        slider.press("ArrowRight")
    assert walk.fact("frame") == "6"
    assert slider.get_attribute("aria-valuetext") == "frame 7 of 24 · between keys 1 and 2"
    middle = walk.image("lerp"), walk.image("slerp")
    assert middle[0] != middle[1] and not set(middle) & set(ends)
    (low_lerp, _), (low_slerp, _) = walk.norms("lerp"), walk.norms("slerp")
    assert low_lerp < 0.85 * low_slerp

    # Scrubbing asks nobody.
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    film = page.locator(".gs-reel[data-way=slerp] .gs-film")
    film.click(position={"x": 0.9 * film.bounding_box()["width"], "y": 20})
    assert int(walk.fact("frame")) >= 20
    assert walk.image("slerp") not in middle
    assert not asked


@pytest.mark.slow
def test_it_plays_and_stops_where_it_is(visit, run):
    walk = opened(visit, run, "&keys=i0,i1,i2&frames=60&closed=1")
    page = walk.page
    assert page.locator(".gs-marks b").all_inner_texts() == ["1", "2", "3"]
    page.locator("[data-player=speed]").select_option("60")
    page.locator("[data-do=play]").click()
    walk.screen.until("() => Number(document.querySelector('.gs-walk').dataset.frame) > 20")
    page.keyboard.press("Escape")
    page.locator("[data-do=play]").click()
    stopped = walk.fact("frame")
    assert page.locator("[data-do=play]").get_attribute("aria-pressed") == "false"
    page.wait_for_timeout(200)
    assert walk.fact("frame") == stopped
    page.locator(".gs-cards .gs-thumb").nth(1).click()
    assert walk.fact("frame") == "20"
    page.locator("[data-do=play]").blur()
    page.locator("h1").click()
    page.keyboard.press("End")
    assert walk.fact("frame") == "59"
    page.keyboard.press(" ")
    walk.screen.until("() => document.querySelector('[data-do=play]').getAttribute('aria-pressed') === 'true'")
    page.keyboard.press(" ")


@pytest.mark.slow
def test_keys_are_moved_removed_and_come_from_everywhere(visit, run):
    walk = opened(visit, run, "&keys=i0,i1,i2&frames=16")
    page = walk.page
    cards = page.locator(".gs-cards li")
    cards.nth(0).get_by_role("button", name="Move key 1 to the right").click()
    walk.screen.sees("Key 1 is key 2 now.")
    walk.has_keys("i1", "i0", "i2")
    cards.nth(2).locator(".gs-thumb").focus()
    page.keyboard.press("Alt+ArrowLeft")
    walk.has_keys("i1", "i2", "i0")
    page.keyboard.press("Alt+ArrowLeft")
    walk.has_keys("i2", "i1", "i0")
    cards.nth(2).drag_to(cards.nth(0))
    walk.has_keys("i0", "i2", "i1")
    cards.nth(1).locator(".gs-thumb").focus()
    page.keyboard.press("Delete")
    walk.has_keys("i0", "i1")

    page.locator("[data-open=samples]").click()
    page.locator("[data-drawer=samples][data-drawn='64']").wait_for()
    page.locator("[data-drawer=samples] canvas").focus()
    for key in ("Home", "ArrowDown", "ArrowRight", "Enter"):
        page.keyboard.press(key)
    walk.has_keys("i0", "i1", "i9")
    page.locator("[data-open=pasted]").click()
    field = page.locator("[data-form=pasted] input")
    field.fill("http://here/explore?run=x&seed=12")
    field.press("Enter")
    walk.has_keys("i0", "i1", "i9", "s12")
    field.fill("1_2_3")
    field.press("Enter")
    walk.screen.sees("There is no z of 16 numbers in it")
    field.fill("_".join(["0.5"] * 16))
    field.press("Enter")
    walk.screen.until("() => document.querySelectorAll('.gs-cards li').length === 5")
    while len(walk.keys) < 8:
        page.locator("[data-do=random]").click()
    page.locator("[data-do=random]").click()
    walk.screen.sees("no more fit")
    assert len(walk.keys) == 8
    while len(walk.keys) > 1:
        page.locator(".gs-cards li").last.get_by_role("button", name="Remove key").click()
    assert page.locator(".gs-few").is_visible()
    assert page.locator("[data-do=play]").is_disabled()


@pytest.mark.slow
def test_a_link_brings_all_of_it_back(visit, run):
    walk = opened(
        visit, run, "&keys=s3,i4&frames=20&how=both&closed=1&ease=1&weights=living", permissions=["clipboard-read", "clipboard-write"]
    )
    page = walk.page
    page.locator("[data-sums=add]").click()
    walk.screen.until("() => document.querySelectorAll('.gs-cards li').length === 3")
    walk.walks(*walk.keys)
    walk.has_keys(*walk.keys)
    page.locator("[data-player=slider]").fill("7")
    seen = walk.image("slerp"), walk.pixels(".gs-cards li:nth-child(3) canvas")
    page.locator("[data-do=copy]").click()
    walk.screen.sees("The link is copied.")
    link = page.evaluate("() => navigator.clipboard.readText()")
    walk.in_link("keys", ",".join(walk.keys))
    assert page.url == link
    again = Walk(visit.again(walk.screen, link.removeprefix(visit.address)), run)
    again.drawn("lerp:20", "slerp:20")
    assert again.keys == walk.keys
    again.has_keys(*walk.keys)
    again.walks(*walk.keys)
    assert again.page.locator("[data-set=ease]").is_checked() and again.page.locator("[data-set=closed]").is_checked()
    assert again.page.locator("[data-weights=living]").get_attribute("aria-pressed") == "true"
    again.page.locator("[data-player=slider]").fill("7")
    assert (again.image("slerp"), again.pixels(".gs-cards li:nth-child(3) canvas")) == seen


@pytest.mark.slow
def test_a_sheet_between_keys_and_a_sum(visit, run):
    walk = opened(visit, run, "&keys=i0,i1,s2,i3&frames=16")
    page = walk.page
    walk.screen.until("() => document.querySelector('.gs-corners').dataset.drawn === '36'")
    spherical = walk.pixels(".gs-corners canvas")
    page.locator("[data-mix=lerp]").click()
    walk.screen.until("old => document.querySelector('.gs-corners canvas').toDataURL() !== old", spherical)
    page.locator("[data-corners=size]").select_option("3")
    walk.screen.until("() => document.querySelector('.gs-corners').dataset.drawn === '9'")
    with page.expect_download() as download:
        page.locator("[data-corners=save]").click()
    with Image.open(download.value.path()) as sheet:
        assert sheet.width == sheet.height and sheet.width % (3 * 28) == 0
        corner = np.asarray(sheet.convert("L"))[: sheet.height // 3, : sheet.width // 3]
    assert corner.std() > 10
    page.locator(".gs-corners canvas").focus()
    for key in ("End", "Enter"):
        page.keyboard.press(key)
    walk.screen.until("() => document.querySelectorAll('.gs-cards li').length === 5")
    assert walk.keys[4].startswith("z")

    # A - A + C is C.
    sums = page.locator(".gs-equation")
    normal = page.locator("[data-sums=normal]")
    result = walk.pixels(".gs-equation figure canvas")
    normal.uncheck()
    sums.get_by_label("Key for B").select_option("0")
    walk.screen.until("old => document.querySelector('.gs-equation figure canvas').toDataURL() !== old", result)
    page.locator("[data-sums=add]").click()
    walk.screen.until("() => document.querySelectorAll('.gs-cards li').length === 6")
    walk.has_keys(*walk.keys)
    assert walk.pixels(".gs-cards li:nth-child(6) canvas") == walk.pixels(".gs-cards li:nth-child(3) canvas")


@pytest.mark.slow
def test_the_walk_is_taken_away_as_a_gif(visit, run):
    walk = opened(visit, run, "&keys=i0,i1,i2&frames=16")
    walk.has_keys("i0", "i1", "i2")
    walk.screen.offers(f"take-make-{run}")
    walk.screen.press(f"take-make-{run}")
    walk.screen.offers(f"take-file-{run}")
    with walk.page.expect_download() as download:
        walk.screen.press(f"take-file-{run}")
    assert download.value.suggested_filename == f"{run}-walk.gif"
    with Image.open(download.value.path()) as film:
        assert (film.n_frames, film.format) == (16, "GIF")


@pytest.mark.slow
def test_a_run_at_work_offers_newer_weights_and_waits_until_they_are_wanted(visit, server):
    screen = visit(LIVE)
    screen.press("start")
    screen.trains(20)
    screen.until("() => new URL(location).searchParams.has('run')")
    run_id = screen.run_id
    walk = Walk(visit.again(screen, f"/interpolate?run={run_id}&frames=16"), run_id)
    walk.drawn("slerp:16")
    first, drawn = walk.image(), walk.fact("drawn")
    walk.page.locator(".gs-news").wait_for()
    assert (walk.image(), walk.fact("drawn")) == (first, drawn), "nothing is drawn again unasked"
    walk.page.locator("[data-do=again]").click()
    walk.screen.until("old => document.querySelector('.gs-walk').dataset.drawn !== old", drawn)
    assert walk.image() != first


@pytest.mark.slow
@pytest.mark.parametrize(("width", "scheme"), [(1440, "light"), (1440, "dark"), (390, "light")])
def test_it_fits_its_window(visit, run, width, scheme):
    walk = opened(visit, run, "&how=both&frames=16", viewport={"width": width, "height": 900}, color_scheme=scheme)
    walk.screen.until("() => document.querySelector('.gs-corners').dataset.drawn === '36'")
    assert walk.page.evaluate("document.querySelector('[data-testid=stMain]').scrollWidth") <= width
    wide = walk.page.evaluate(
        "() => [...document.querySelectorAll('.gs-walk :is(button, select, input, canvas)')]"
        ".filter(e => e.offsetParent && e.getBoundingClientRect().right > innerWidth && !e.closest('.gs-cards')).map(e => e.outerHTML)"
    )
    assert not wide
    walk.screen.shoot(f"interpolate-{width}-{scheme}")
