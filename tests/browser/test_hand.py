"""The run in hand: steps say what moved, a turned knob leaves a mark, a fork shares the past and then goes its own way."""

from __future__ import annotations

import re

import pytest

from gan_core.store import RunStore

pytestmark = pytest.mark.browser

LINK = "/?data=digits&network=mlp&width=32&batch_size=32&threads=1"


def last_checkpoint(server, run_id):
    """The step of the run's last checkpoint on disk."""
    return server.status(run_id)["checkpoint_step"]


def test_steps_knobs_and_a_fork(visit, server):
    screen = visit(LINK)
    screen.press("start")
    screen.trains(20)
    parent = screen.run_in_link()

    # A single step pauses, counts, and says who moved.
    screen.press("step-critic")
    screen.is_in("paused")
    screen.sees(re.compile("D only, step"))
    step, living = screen.number("step"), screen.picture()
    screen.press("step-generator")
    screen.sees(re.compile("G only, step"))
    screen.reaches("step", step + 1)
    assert screen.number("step") == step + 1
    assert screen.new_picture(living) != living

    # A turned knob is told to the run, marked on the curves, and kept with it.
    knob = screen.page.locator(".st-key-live_gamma input")
    knob.fill("0.25")
    knob.press("Enter")
    mark = screen.page.locator(".gs-mark").first
    mark.wait_for()
    assert "0.25" in screen.page.locator(".gs-marks, .gs-stage").first.inner_text()
    screen.shoot("hand")

    # Another game has other curves: the page follows.
    screen.page.locator(".st-key-live_game input").click()
    screen.page.get_by_role("option", name="non-saturating").click()
    screen.sees("D's verdict: probability of being real")
    screen.press("resume")
    screen.trains(20)
    screen.press("stop")
    screen.is_in("stopped")
    told = [(mark.name, mark.value) for mark in RunStore(server.runs).past(parent).marks]
    assert told == [("gamma", 0.25), ("game", "non-saturating")]

    # The fork begins where the original was saved, with one knob changed, and is drawn beside it.
    screen.press("fork")
    screen.sees("Both futures begin with the same weights")
    screen.shoot("fork")
    knob = screen.page.locator(f".st-key-fork_gamma_{last_checkpoint(server, parent)} input")
    knob.fill("4")
    knob.press("Enter")
    screen.press("fork-go")
    screen.until("run => ![null, run].includes(new URL(location).searchParams.get('run'))", parent)
    screen.trains(5)
    fork = screen.run_id
    status = server.status(fork)
    assert (status["parent"], status["fork_step"]) == (parent, last_checkpoint(server, parent))
    screen.press("stop")
    screen.is_in("stopped")
    screen.press("origin")
    screen.page.get_by_role("heading", name="Compare", exact=True).wait_for()
    screen.sees("Settings that differ")
    screen.page.get_by_role("cell", name="4.0").first.wait_for()


@pytest.mark.slow
def test_the_projector_and_back(visit):
    screen = visit(LINK)
    screen.press("start")
    screen.trains()
    screen.press("projector")
    screen.until("() => new URL(location).searchParams.get('view') === 'projector'")
    screen.page.locator(".st-key-stop").wait_for(state="detached")
    screen.trains(5)
    screen.shoot("projector-1280")
    screen.page.keyboard.press("p")
    screen.offers("pause", "stop")
