"""The Runs screen: every run with its picture, to open, take along and delete."""

from __future__ import annotations

import csv
import re
from pathlib import Path

import pytest
from safetensors import safe_open
from test_take_away import choose

pytestmark = pytest.mark.browser

LINK = "/?data=digits&network=mlp&width=32&batch_size=32&threads=1"


def taken(page, button):
    """The file a download button gives."""
    with page.expect_download() as download:
        button.click()
    return Path(download.value.path()), download.value.suggested_filename


def test_a_run_can_be_opened_taken_along_and_deleted(visit, server):
    screen = visit(LINK)
    screen.press("start")
    screen.trains(20)
    screen.until("() => new URL(location).searchParams.has('run')")
    run_id = screen.run_id
    screen.press("stop")
    screen.is_in("stopped")
    rows, step = screen.number("rows"), screen.number("step")

    screen.go("Runs")
    card = screen.page.locator(f".st-key-run-{run_id}")
    card.get_by_text("stopped").wait_for()
    picture = card.locator("img")
    picture.wait_for()
    screen.until("image => image.complete && image.naturalWidth > 50", picture.element_handle())
    assert card.get_by_text(re.compile(f"step {step:,.0f}")).count() == 1

    screen.press(f"take-{run_id}")
    choose(screen, run_id, "Curves, CSV")
    path, name = taken(screen.page, screen.button(f"take-now-{run_id}"))
    with path.open(newline="") as file:
        table = list(csv.DictReader(file))
    steps = [int(float(row["step"])) for row in table]
    assert name == f"{run_id}-curves.csv" and len(table) == rows and steps == sorted(set(steps)) and steps[-1] == step
    assert {"step", "epoch", "images", "elapsed_s", "loss/critic", "loss/generator"} <= set(table[0])
    choose(screen, run_id, "Weights, safetensors")
    screen.sees(re.compile("for PyTorch and others"))
    path, name = taken(screen.page, screen.button(f"take-now-{run_id}"))
    with safe_open(path, framework="np") as weights:
        names = set(weights.keys())
    assert name == f"{run_id}-weights.safetensors" and {key.partition(".")[0] for key in names} == {"generator", "average"}

    screen.page.keyboard.press("Escape")
    screen.press(f"open-{run_id}")
    screen.is_in("stopped")
    screen.reaches("rows", rows)
    assert screen.run_id == run_id and screen.number("step") == step

    screen.go("Runs")
    screen.press(f"delete-{run_id}")
    screen.sees(re.compile("This cannot be undone"))
    assert run_id in server.run_ids()
    screen.press(f"really-{run_id}")
    card.wait_for(state="detached")
    assert not (server.runs / run_id).exists()
