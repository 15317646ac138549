"""Figures of merit beside a run at work, and all of them in the panel of a run."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.browser

LINK = "/?data=ring-8&network=mlp&width=32&latent_dim=2&batch_size=32&threads=1"


@pytest.mark.slow
def test_a_run_is_measured_while_it_trains_and_as_a_whole_afterwards(visit):
    screen = visit(LINK)
    screen.press("start")
    screen.trains()
    scores = screen.page.locator(".gs-scores")
    before = scores.bounding_box()
    screen.until("() => Number(document.querySelector('.gs-view').dataset.scoresStep) > 0")
    assert scores.locator("dt").all_inner_texts()[0] == "Modes found"
    assert scores.locator(".gs-bar").count() == 8
    assert "reals: 8" in scores.inner_text()
    after = scores.bounding_box()
    assert (before["width"], before["height"]) == (after["width"], after["height"]), "its room was there before"
    label = scores.get_by_role("img").get_attribute("aria-label")
    assert label is not None and "mode 7" in label
    run_id = screen.run_id
    screen.press("stop")
    screen.is_in("stopped")

    screen.go("Runs")
    screen.press(f"score-{run_id}")
    screen.press(f"score-start-{run_id}")
    table = screen.page.locator(f".st-key-score-panel-{run_id} table")
    table.get_by_text("Energy distance").wait_for()
    screen.page.get_by_role("button", name="Close", exact=True).click()
    screen.page.get_by_role("dialog").wait_for(state="detached")
    screen.press(f"score-{run_id}")
    table.get_by_text("Modes found").wait_for()
    assert not screen.has(f"score-start-{run_id}"), "nothing newer to measure"
