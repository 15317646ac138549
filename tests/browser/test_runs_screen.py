"""The Runs screen: every run with its picture, to open, take along and delete."""

from __future__ import annotations

import csv
import re
from contextlib import closing
from pathlib import Path

import pytest
from safetensors import safe_open
from test_take_away import choose as choose_kind

from gan_core.config import RunConfig
from gan_core.events import Metrics, Save
from gan_core.loop import train
from gan_core.store import RunStore

pytestmark = pytest.mark.browser

LINK = "/?data=digits&network=mlp&width=32&batch_size=32&threads=1"


def taken(page, button):
    """The file a download button gives."""
    with page.expect_download() as download:
        button.click()
    return Path(download.value.path()), download.value.suggested_filename


def made(server, data, steps=40):
    """The id of a run that was trained without the page."""
    config = RunConfig(data=data, network="mlp", width=16, batch_size=16, threads=1, device="cpu")
    record = RunStore(server.runs).new(config)
    with closing(train(config)) as events:
        for event in events:
            record.append(event)
            if isinstance(event, Metrics) and event.place.step >= steps:
                break
        record.append(events.send(Save()))
    record.close("stopped", "")
    return record.run_id


def choose(screen, run_id, option):
    """Choose from the menu of a run."""
    screen.press(f"menu-{run_id}")
    screen.page.get_by_role("menuitem", name=option).or_(screen.page.get_by_role("option", name=option)).click()


def are_listed(screen, runs, *wanted):
    """Wait until the page lists, of these runs, exactly the wanted ones, from top to bottom."""
    screen.until(
        "([runs, wanted]) => JSON.stringify([...document.querySelectorAll('[class*=st-key-open-]')]"
        ".map(each => each.className.match(/st-key-open-(\\S+)/)[1]).filter(run => runs.includes(run))) === JSON.stringify(wanted)",
        [list(runs), list(wanted)],
    )


def shoot_all(screen, name):
    """Pictures in light and dark, on a desk and on a phone."""
    before = screen.page.viewport_size
    for scheme in ("light", "dark"):
        screen.page.emulate_media(color_scheme=scheme)
        for width in (1440, 390):
            screen.page.set_viewport_size({"width": width, "height": 900})
            screen.until("() => document.querySelector('[data-testid=stMain]').scrollWidth <= innerWidth")
            # On a phone the menu closes, sliding.
            screen.until("() => innerWidth > 768 || document.querySelector('[data-testid=stSidebar]').getBoundingClientRect().right <= 1")
            screen.shoot(f"{name}-{scheme}-{width}")
    screen.page.emulate_media(color_scheme="light")
    screen.page.set_viewport_size(before)


@pytest.mark.slow
def test_runs_are_found_named_and_deleted_with_a_way_back(visit, server):
    runs = first, second = made(server, "digits"), made(server, "ring-8")
    screen = visit("/runs")
    are_listed(screen, runs, second, first)
    screen.page.locator(f".st-key-run-{first} img").first.wait_for()

    choose(screen, first, "Rename")
    box = screen.page.get_by_role("dialog").get_by_role("textbox")
    box.fill("Group *A*")
    box.press("Enter")
    screen.page.locator(f".st-key-run-{first} strong").get_by_text("Group *A*", exact=True).wait_for()
    screen.page.get_by_role("dialog").wait_for(state="detached")
    choose(screen, first, "Note")
    screen.page.get_by_role("dialog").get_by_role("textbox").fill("two digits are missing")
    screen.page.get_by_role("dialog").get_by_role("button", name="Save").click()
    screen.page.locator(f".st-key-note-{first}").get_by_text("two digits are missing").wait_for()
    screen.page.get_by_role("dialog").wait_for(state="detached")
    choose(screen, first, "Pin")
    are_listed(screen, runs, first, second)
    shoot_all(screen, "runs")

    search = screen.page.locator(".st-key-runs-search input")
    search.press_sequentially("ring")  # no Enter: it is looked for while one types
    are_listed(screen, runs, second)
    search.fill("group missing")
    are_listed(screen, runs, first)
    search.fill("")
    are_listed(screen, runs, first, second)

    choose(screen, first, "Delete")
    are_listed(screen, runs, second)
    screen.page.locator(".st-key-runs-deleted").get_by_text("Group *A*").wait_for()
    assert not (server.runs / first).exists()
    shoot_all(screen, "runs-deleted")
    screen.press("undo")
    are_listed(screen, runs, first, second)
    assert (server.runs / first / "config.json").exists()
    choose(screen, second, "Delete")
    are_listed(screen, runs, first)
    screen.go("Train")
    screen.go("Runs")
    are_listed(screen, runs, first)
    assert not screen.has("undo"), "the page was left"


@pytest.mark.slow
def test_two_runs_that_are_ticked_can_be_compared(visit, server):
    runs = [made(server, "digits"), made(server, "ring-8")]
    screen = visit("/runs")
    for run_id in runs:
        assert screen.button("compare").is_disabled()
        screen.page.locator(f".st-key-choose-{run_id} label").click()
        screen.until("run => document.querySelector(`.st-key-choose-${run} input`).checked", run_id)
    screen.until("() => !document.querySelector('.st-key-compare button').disabled")
    screen.press("compare")
    orders = [",".join(runs), ",".join(reversed(runs))]  # ticks that reach the server together come in no order
    screen.until("orders => orders.includes(new URL(location).searchParams.get('runs'))", orders)


@pytest.mark.slow
def test_a_run_can_be_opened_and_taken_along(visit, server):
    screen = visit(LINK)
    screen.press("start")
    screen.trains(20)
    screen.until("() => new URL(location).searchParams.has('run')")
    run_id = screen.run_in_link()
    screen.press("stop")
    screen.is_in("stopped")
    rows, step = screen.number("rows"), screen.number("step")

    screen.go("Runs")
    card = screen.page.locator(f".st-key-run-{run_id}")
    card.get_by_text("stopped").wait_for()
    picture = card.get_by_alt_text(re.compile("Samples of"))
    picture.wait_for()
    for image in (card.get_by_alt_text(re.compile("D ends at .*, G at ")), picture):
        screen.until("image => image.complete && image.naturalWidth > 50", image.element_handle())
    assert card.get_by_text(re.compile(f"step {step:,.0f}")).count() == 1

    screen.press(f"take-{run_id}")
    choose_kind(screen, run_id, "Curves, CSV")
    path, name = taken(screen.page, screen.button(f"take-now-{run_id}-curves"))
    with path.open(newline="") as file:
        table = list(csv.DictReader(file))
    steps = [int(float(row["step"])) for row in table]
    assert name == f"{run_id}-curves.csv" and len(table) == rows and steps == sorted(set(steps)) and steps[-1] == step
    assert {"step", "epoch", "images", "elapsed_s", "loss/critic", "loss/generator"} <= set(table[0])
    choose_kind(screen, run_id, "Weights, safetensors")
    path, name = taken(screen.page, screen.button(f"take-now-{run_id}-weights"))
    with safe_open(path, framework="np") as weights:
        names = set(weights.keys())
    assert name == f"{run_id}-weights.safetensors" and {key.partition(".")[0] for key in names} == {"generator", "average"}

    dialog = screen.page.get_by_role("dialog")
    dialog.get_by_role("button", name="Close").click()
    dialog.wait_for(state="detached")
    screen.press(f"open-{run_id}")
    screen.is_in("stopped")
    screen.reaches("rows", rows)
    assert screen.run_id == run_id and screen.number("step") == step
