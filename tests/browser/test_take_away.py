"""A run is taken along: a time-lapse with its bar, given up and made, and the whole run, which comes back in."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest
from PIL import Image

pytestmark = pytest.mark.browser

LINK = "/?data=digits&network=mlp&width=32&batch_size=32&threads=1"
MOMENTS = 240
"""As many as a long run keeps."""


def as_after_hours(folder: Path) -> None:
    """Give the run as many moments as a long one has, so that a film of them takes a while."""
    last = max(path.name[:9] for path in folder.glob("*-averaged.png"))
    kept = len(list(folder.glob("*-averaged.png")))
    for more in range(MOMENTS - kept):
        for path in list(folder.glob(f"{last}*")):
            shutil.copyfile(path, folder / path.name.replace(last, f"{int(last) + 1 + more:09d}"))


def choose(screen, run_id: str, kind: str) -> None:
    """Pick a kind in the open panel."""
    screen.page.locator(f".st-key-take-kind-{run_id}").get_by_role("combobox").click()
    screen.page.get_by_role("option", name=kind, exact=True).click()
    screen.until("([run, kind]) => document.querySelector(`.st-key-take-kind-${run} input`)?.value === kind", [run_id, kind])


def downloaded(screen, key: str) -> tuple[Path, str]:
    with screen.page.expect_download() as download:
        screen.press(key)
    return Path(download.value.path()), download.value.suggested_filename


@pytest.mark.slow
def test_a_time_lapse_is_made_with_a_bar_and_downloaded(visit, server):
    screen = visit(LINK)
    screen.press("start")
    screen.trains(20)
    screen.until("() => new URL(location).searchParams.has('run')")
    run_id = screen.run_id
    screen.press("stop")
    screen.is_in("stopped")
    as_after_hours(server.runs / run_id / "samples")

    screen.go("Runs")
    screen.press(f"take-{run_id}")
    choose(screen, run_id, "Time-lapse, WebP")  # the slowest: there is time to cancel it
    bar = screen.page.get_by_test_id("stProgress")
    screen.press(f"take-make-{run_id}")
    bar.get_by_text(re.compile(f"of {MOMENTS}")).wait_for()
    screen.page.get_by_role("button", name="Cancel").click()
    screen.offers(f"take-make-{run_id}")
    assert bar.count() == 0 and not screen.has(f"take-file-{run_id}")

    choose(screen, run_id, "Time-lapse, GIF")
    screen.press(f"take-make-{run_id}")
    screen.offers(f"take-file-{run_id}")
    assert bar.count() == 0
    path, name = downloaded(screen, f"take-file-{run_id}")
    assert name == f"{run_id}-time-lapse.gif"
    with Image.open(path) as film:
        assert film.n_frames == MOMENTS

    link = screen.page.locator(f".st-key-take-away-{run_id} code")
    assert link.inner_text() == f"{server.url}/?run={run_id}"
