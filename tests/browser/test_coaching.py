"""What the coach says, on screen: in a line that keeps its room, with why, evidence on the curve and a remedy one click away."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from kept import pictures, place

from gan_core.config import RunConfig
from gan_core.events import Checkpoint, Metrics, Samples, Started
from gan_core.store import RunStore
from gan_core.streams import shown_z

pytestmark = pytest.mark.browser

COLLAPSED_AT, LAST = 1600, 3600
CODE = """code => document.querySelector('.gs-coach').dataset.code === code"""
BOX = "element => { const { x, y, width, height } = element.getBoundingClientRect(); return [x, y, width, height].map(Math.round); }"


def collapsed_run(root: Path) -> str:
    """The id of a stopped run that is healthy until its fakes become alike."""
    config = RunConfig(data="digits", network="mlp", width=32, batch_size=32, threads=1, lr_critic=1e-4)
    record = RunStore(root).new(config)
    z = shown_z("image", config.latent_dim).numpy()
    record.append(Started(place(0), "image", "cpu", 1, 1437, 1, 1, pictures(0, "image"), z, {"lr_critic": 1e-4}))
    for step in range(20, LAST + 1, 20):
        noise = 0.05 * np.sin(step / 50).item()
        values = {"loss/critic": 0.6 + noise, "loss/generator": 0.8 - noise, "verdict/margin": 0.2}
        record.append(Metrics(place(step), 20, values | {"gradient/critic": 1.0, "gradient/generator": 0.5}))
        if step % 100 == 0:
            alike = 0.05 if step > COLLAPSED_AT else 0.95
            record.append(Samples(place(step), pictures(step, "image"), pictures(step + 1, "image"), False, variety=alike))
        if step in (800, 3000):
            record.append(Checkpoint(place(step), {}, {"live": {"lr_critic": 1e-4}}))
    record.close("stopped", "")
    return record.run_id


def part(screen, name):
    return screen.page.locator(f"[data-coach={name}]")


@pytest.mark.slow
def test_the_coach_says_what_it_sees_and_where_and_helps(visit, server):
    run = collapsed_run(server.runs)
    screen = visit(f"/?run={run}")
    screen.is_in("stopped")
    screen.until("() => Number(document.querySelector('[data-time=slider]').max) > 1 && document.querySelector('.gs-plot')._fullLayout")
    screen.until(CODE, "collapse")
    assert part(screen, "sentence").inner_text().startswith("Mode collapse: ")
    assert part(screen, "sentence").get_attribute("aria-live") == "polite"

    shade = screen.page.locator(".gs-shade")
    shade.wait_for()
    left, _top, width, _height = shade.evaluate(BOX)
    plot = screen.page.locator(".gs-plot").evaluate(BOX)
    ends = [screen.plot(f"plot._fullLayout.xaxis.l2p({step}) + plot._fullLayout.margin.l") + plot[0] for step in (COLLAPSED_AT, LAST)]
    assert ends[0] < left + 1 < ends[0] + 0.3 * (ends[1] - ends[0]), "it begins where the fakes became alike"
    assert left + width == pytest.approx(ends[1], abs=0.1 * (ends[1] - ends[0]))

    below = screen.page.locator(".gs-time").evaluate(BOX)
    part(screen, "why").click()
    assert "Fakes are 5 % as varied as reals" in part(screen, "numbers").inner_text()
    screen.page.keyboard.press("Escape")
    assert not part(screen, "more").is_visible()

    slider = screen.page.locator("[data-time=slider]")
    slider.fill("15")  # step 1,500: all was well then
    screen.until(CODE, "healthy")
    assert part(screen, "sentence").get_attribute("aria-live") == "off"
    assert not shade.is_visible()
    slider.fill("2")
    screen.until(CODE, "")
    assert part(screen, "sentence").inner_text().startswith("The coach is watching")
    assert screen.page.locator(".gs-time").evaluate(BOX) == below, "what the coach says moves nothing"

    screen.page.locator("[data-time=now]").click()
    screen.until(CODE, "collapse")
    assert part(screen, "remedy").inner_text() == "Fork, Learning rate of G: 0.001 → 0.0001"
    part(screen, "remedy").click()
    screen.sees("Fork the past")
    for name, choice in (("step", "step 800"), ("name", "Learning rate of G")):
        screen.until("([key, text]) => document.querySelector(`.st-key-fork-${key} input`)?.value === text", [name, choice])
    screen.until("() => Number(document.querySelector('.st-key-fork_lr_generator_800 input')?.value) === 1e-4")
