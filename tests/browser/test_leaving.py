"""The Runs page may be left at once: its pictures stand in the page, and nothing is asked for that the server has forgotten."""

from __future__ import annotations

import pytest
from kept import kept_run

from gan_core.favourites import Favourites
from gan_core.store import RunStore

pytestmark = [pytest.mark.browser, pytest.mark.slow]

PICTURES = "[class*=st-key-thumb-] img, .st-key-favourites img"


def test_no_picture_is_a_file_that_the_server_may_forget(visit, server):
    for data in ("digits", "ring-8"):
        run = kept_run(server.runs, moments=4, data=data)
    run = kept_run(server.runs, moments=4)
    samples = RunStore(server.runs).samples(run, 50)
    favourite = Favourites(server.runs).keep(run, 50, index=3, weights="living", picture=samples.living[3], verdict=0.5, z=[0.0] * 64)
    screen = visit("/runs")
    screen.page.locator(f".st-key-favourite-{favourite} img").wait_for()
    screen.until(f"() => [...document.querySelectorAll('{PICTURES}')].filter(image => image.naturalWidth >= 16).length >= 4")
    sources = screen.page.eval_on_selector_all(PICTURES, "all => all.map(image => image.src.slice(0, 11))")
    assert len(sources) >= 4 and set(sources) == {"data:image/"}
    for _ in range(3):
        screen.go("Train")
        screen.go("Runs")
    Favourites(server.runs).remove(favourite)
