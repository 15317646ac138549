"""Nothing jumps when a run starts, and nothing has to be scrolled sideways, on a desk or in a hand, by day or by night."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.browser

WATCHED = {
    "settings": ".st-key-settings",
    "buttons": ".st-key-run-buttons",
    "view": ".gs-view",
    "curves": ".gs-curves",
    "fakes": ".gs-fakes canvas",
}
WATCH = """watched => {
    const seen = (window.gsSeen = {});
    const look = () => {
        for (const [name, selector] of Object.entries(watched)) {
            const box = document.querySelector(selector)?.getBoundingClientRect();
            if (!box?.height) continue;
            const places = (seen[name] ??= { x: [box.x, box.x], y: [box.y, box.y], width: [box.width, box.width] });
            for (const side of Object.keys(places)) {
                places[side] = [Math.min(places[side][0], box[side]), Math.max(places[side][1], box[side])];
            }
        }
        requestAnimationFrame(look);
    };
    look();
}"""


SIZES = pytest.mark.parametrize(("width", "height"), [(1440, 900), (390, 844)])


def fits(screen):
    """Fail if any part of the page has to be scrolled sideways."""
    for element in ("document.documentElement", "document.querySelector('[data-testid=stMain]')"):
        assert screen.page.evaluate(f"{element}.scrollWidth - {element}.clientWidth") <= 0, element


@pytest.mark.slow
@pytest.mark.parametrize("scheme", ["light", "dark"])
@SIZES
def test_nothing_jumps_and_nothing_is_wider_than_the_screen(visit, width, height, scheme):
    screen = visit(viewport={"width": width, "height": height}, color_scheme=scheme)
    screen.offers("start")
    screen.chosen("data", "glyphs")
    screen.sees("Press Start, and watch")
    screen.shoot(f"first-{width}-{scheme}")
    screen.page.evaluate(WATCH, WATCHED)
    screen.press("start")
    screen.trains()
    screen.offers("pause", "stop")
    screen.reaches("rows", 20)
    jumps = {
        f"{name}.{side}": ends
        for name, sides in screen.page.evaluate("window.gsSeen").items()
        for side, ends in sides.items()
        if ends[1] - ends[0] > 1
    }
    screen.shoot(f"train-{width}-{scheme}")
    assert jumps == {}
    fits(screen)


@pytest.mark.slow
@SIZES
def test_settings_complaints_and_runs_fit_too(visit, width, height):
    screen = visit("/?data=digits&network=mlp&width=32&batch_size=32&threads=1&gamma=lots", viewport={"width": width, "height": height})
    if width < 640:
        screen.press("drawer-closed")
        screen.shoot(f"drawer-{width}")
    screen.page.locator(".st-key-more-settings summary").click()
    screen.page.locator(".st-key-_gamma input").wait_for()
    screen.sees("gamma is 'lots'")
    fits(screen)
    screen.shoot(f"settings-{width}")
    screen.press("start")
    screen.trains()
    screen.press("stop")
    screen.is_in("stopped")
    screen.offers("start", "continue")
    runs = visit.again(screen, "/runs")
    picture = runs.page.locator(f".st-key-run-{screen.run_id} [class*=st-key-thumb-] img")
    runs.until("image => image.complete && image.naturalWidth > 50", picture.element_handle())
    fits(runs)
    runs.shoot(f"runs-{width}")
