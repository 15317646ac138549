"""What a first visitor gets: one click, nothing chosen, and a GAN that learns before their eyes."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.browser


def test_start_with_nothing_chosen_trains_on_glyphs(visit, server):
    screen = visit()
    screen.sees("Press Start, and watch two networks teach each other")
    screen.press("start")
    screen.trains()
    screen.until("() => new URL(location).searchParams.has('run')")
    assert "glyphs" in screen.run_id
    assert screen.fact("connected") == "true"

    first = screen.picture()
    rows = screen.reaches("rows", 1)
    numbers = {name: screen.page.locator(f"[data-slot={name}]").inner_text() for name in ("step", "epoch", "elapsed")}
    screen.new_picture(screen.new_picture(first))
    screen.reaches("rows", rows + 10)
    for name, old in numbers.items():
        screen.until("([name, old]) => document.querySelector(`[data-slot=${name}]`).textContent !== old", [name, old])
    screen.until("() => parseFloat(document.querySelector('[data-slot=images_per_s]').textContent.replace(',', '')) > 0")
    screen.plot("plot.data.length")
    raw = "document.querySelector('.gs-plot').data.filter(trace => trace.meta.layer === 'raw')"
    screen.until(f"() => {raw}.every(trace => trace.x.length > 1)")
    assert screen.picture("reals") != screen.picture()
