"""What a class does at the lesson's end: a whole run goes to another machine, four runs lie beside each other, an image is found again."""

from __future__ import annotations

import re

import pytest
from kept import kept_run
from test_exploring import demo  # noqa: F401 - a fixture
from test_runs_screen import made, taken
from test_take_away import choose

from gan_core.favourites import Favourites

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def test_a_whole_run_goes_out_as_a_zip_and_comes_in_again(visit, server):
    run = made(server, "digits")
    screen = visit("/runs")
    screen.press(f"take-{run}")
    choose(screen, run, "The whole run")
    screen.press(f"take-make-{run}")
    path, name = taken(screen.page, screen.button(f"take-file-{run}"))
    assert name.endswith(".zip")
    dialog = screen.page.get_by_role("dialog")
    dialog.get_by_role("button", name="Close", exact=True).click()
    dialog.wait_for(state="detached")

    before = server.run_ids()
    screen.press("import")
    screen.page.get_by_test_id("stFileUploaderDropzoneInput").set_input_files(
        {"name": name, "mimeType": "application/zip", "buffer": path.read_bytes()}
    )
    screen.sees(re.compile("is here. Open it, or go on with it."))
    (came,) = server.run_ids() - before
    step = server.status(run)["step"]
    assert server.status(came)["step"] == step > 0
    screen.page.keyboard.press("Escape")
    screen.press(f"open-{came}")
    screen.is_in("stopped")
    screen.reaches("step", step)
    assert screen.run_id == came


def test_four_runs_lie_beside_each_other_and_a_fifth_finds_no_room(visit, server):
    runs = [kept_run(server.runs, moments=5 + number) for number in range(5)]
    screen = visit(f"/compare?runs={','.join(runs)}")
    screen.sees("The link names 5 runs, and at most 4 can be compared: the first 4 are.")
    for run in runs[:4]:
        screen.page.locator(f".gs-run[data-run='{run}'][data-step]").wait_for()
    screen.until("() => document.querySelector('.gs-compare .gs-plot')?.data?.every(trace => trace.x.length > 1)")
    looks = screen.plot("plot.data.slice(0, 4).map(trace => trace.line.color + trace.line.dash)")
    assert len(set(looks)) == 4
    screen.page.locator("[data-tool=moment]").press("Home")
    screen.until("() => [...document.querySelectorAll('.gs-run')].every(figure => figure.dataset.step === '0')")
    screen.sees("Each place in the grids is drawn from the same z in every run.")


def test_a_favourite_is_found_again_named_and_opened_in_explore(visit, server, demo):  # noqa: F811
    screen = visit(f"/?run={demo}")
    screen.is_in("stopped")
    screen.until("() => document.querySelector('.gs-view').dataset.samplesStep !== ''")
    screen.page.locator(".gs-fakes canvas").click(position={"x": 5, "y": 5})
    screen.page.locator("[data-closer=keep]").click()
    screen.sees("Kept. All favourites are on the Runs page.")
    (favourite,) = [each for each in Favourites(server.runs).all() if each.run_id == demo]
    screen.go("Runs")
    screen.press(f"favourite-change-{favourite.id}")
    field = screen.page.locator(f".st-key-favourite-name-{favourite.id} input")
    field.fill("A good zero")
    field.press("Enter")
    screen.page.locator(f".st-key-favourite-{favourite.id} strong").get_by_text("A good zero").wait_for()
    screen.page.keyboard.press("Escape")
    screen.press(f"favourite-explore-{favourite.id}")
    screen.page.locator(".gs-explore[data-connected=true]").wait_for()
    screen.until("() => new URL(location).searchParams.get('run') === 'demo-glyphs'")
    Favourites(server.runs).remove(favourite.id)
