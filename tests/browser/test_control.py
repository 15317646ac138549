"""Who controls a run, from where, and what its buttons do."""

from __future__ import annotations

import json
import re

import pytest

pytestmark = pytest.mark.browser

LINK = "/?data=digits&network=mlp&width=32&batch_size=32&threads=1"
WINDOW_MS = 1500


def started(visit, link=LINK):
    """A tab that has just started a run."""
    screen = visit(link)
    screen.press("start")
    screen.trains()
    screen.until("() => new URL(location).searchParams.has('run')")
    return screen


def settles(screen):
    """The step a run stands still at, after the chunk that was under way when it was told to."""
    for _ in range(20):
        step = screen.number("step")
        screen.page.wait_for_timeout(WINDOW_MS)  # the time over which nothing may move
        if screen.number("step") == step:
            return step
    pytest.fail("the step counter never stood still")


def test_pause_resume_stop_and_continue(visit, server):
    screen = started(visit)
    screen.press("pause")
    screen.is_in("paused")
    screen.offers("resume", "stop")
    step = settles(screen)

    screen.press("resume")
    screen.reaches("step", step + 1)
    screen.press("stop")
    screen.is_in("stopped")
    screen.offers("start", "continue")
    assert not screen.has("stop") and not screen.has("pause")
    status = server.status(screen.run_id)
    assert status["state"] == "stopped" and status["checkpoint_step"] == status["step"] == screen.number("step")

    rows = screen.number("rows")
    screen.press("continue")
    screen.trains()
    assert screen.reaches("rows", rows + 1) > rows
    lines = (server.runs / screen.run_id / "events.jsonl").read_text().splitlines()
    begun = [event["step"] for event in map(json.loads, lines) if event["event"] == "started"]
    assert begun == [0, status["step"]]
    screen.offers("pause", "stop")


@pytest.mark.slow
def test_a_reload_and_another_screen_keep_control(visit, server):
    screen = started(visit)
    run_id = screen.run_id
    screen.page.reload()
    screen.offers("pause", "stop")
    assert screen.run_id == run_id
    screen.trains()

    screen.go("Runs")
    screen.page.locator(f".st-key-run-{run_id}").wait_for()
    screen.go("Train")
    screen.offers("pause", "stop")
    screen.trains()
    assert screen.run_id == run_id
    screen.press("pause")
    screen.is_in("paused")


@pytest.mark.slow
def test_a_run_outlives_its_tab(visit, server):
    screen = started(visit)
    run_id, step = screen.run_id, screen.number("step")
    last = visit.again(screen, "/runs")  # a browser closes with its last tab
    screen.page.close()
    again = visit.again(last)
    assert again.reaches("step", step + 1) > step
    again.offers("pause", "stop")
    again.until("run => new URL(location).searchParams.get('run') === run", run_id)
    assert server.at_work() == {run_id}


@pytest.mark.slow
def test_a_second_browser_watches_the_same_moment_and_waits_its_turn(visit, server):
    mine, theirs = started(visit), visit("/?data=ring-8&network=mlp&width=32&batch_size=32&threads=1")
    theirs.trains()
    theirs.sees(re.compile("you are watching"))
    theirs.offers("start")
    assert not theirs.has("pause") and not theirs.has("stop")
    # Each is never more behind the other than what passes meanwhile: the one asked last is ahead, whichever it is.
    for ahead, behind in ((theirs, mine), (mine, theirs)):
        ahead.reaches("step", behind.number("step"))
    mine.press("pause")
    theirs.is_in("paused")
    step = settles(mine)
    theirs.reaches("step", step)
    assert theirs.number("step") == step
    theirs.until("picture => document.querySelector('.gs-fakes canvas').toDataURL() === picture", mine.picture())

    theirs.press("start")
    theirs.sees(re.compile("device is taken"))
    theirs.offers("replace", "wait", "leave")
    assert theirs.button("replace").is_disabled()
    theirs.shoot("busy")
    theirs.press("wait")
    theirs.sees(re.compile("Waiting for the device, number 1"))
    theirs.shoot("waiting")
    first = mine.run_id
    mine.press("stop")
    theirs.offers("pause", "stop")
    theirs.trains()
    theirs.until("run => ![null, run].includes(new URL(location).searchParams.get('run'))", first)
    assert "ring-8" in theirs.run_id
    assert server.status(first)["state"] == "stopped"
