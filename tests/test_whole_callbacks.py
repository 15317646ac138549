"""What a button began is shown, also where the browser asks for another rerun while the button's callback waits.

Streamlit leaves a callback at its next look into the session then; the live view asks whenever its run's state changes.
"""

from __future__ import annotations

import io
import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import streamlit as st
from streamlit.runtime.scriptrunner import RerunData, get_script_run_ctx
from test_app import Visit, at_work, choose, ended, in_hand, live, only_run, visit  # noqa: F401 - fixtures
from test_runner import wait_until

from live.manager import LiveManager
from ui import going, take_away

Disturb = Callable[..., list[str]]


@pytest.fixture
def disturbed(monkeypatch: pytest.MonkeyPatch) -> Disturb:
    """Lets the browser ask for another rerun at the end of these methods; the names of those that were called."""
    called: list[str] = []

    def disturb(owner: object, *names: str) -> list[str]:
        for name in names:
            monkeypatch.setattr(owner, name, _followed_by_a_rerun(getattr(owner, name), lambda name=name: called.append(name)))
        return called

    return disturb


def _followed_by_a_rerun(method: Callable[..., Any], note: Callable[[], None]) -> Callable[..., Any]:
    def followed(*args: Any, **kwargs: Any) -> Any:
        try:
            return method(*args, **kwargs)
        finally:
            note()
            context = get_script_run_ctx(suppress_warning=True)
            if context is not None and context.script_requests is not None:  # not in a thread of the manager's
                context.script_requests.request_rerun(RerunData(context.query_string, page_script_hash=context.page_script_hash))

    return followed


def test_start_shows_its_run(visit: Visit, live: LiveManager, disturbed: Disturb) -> None:  # noqa: F811
    page = visit()
    called = disturbed(live, "start")
    page.click("start")
    assert called == ["start"]
    assert page.at.session_state.run == only_run(live) == page.query["run"]


def test_a_fork_shows_its_run_and_lets_the_original_wait(visit: Visit, live: LiveManager, disturbed: Disturb) -> None:  # noqa: F811
    page, run_id = in_hand(visit, live)
    page.click("stop")
    wait_until(lambda: live.status(run_id).state == "stopped")
    page.look().click("fork")
    page.at.checkbox(key="fork-original").check()
    called = disturbed(live, "start", "wait")
    page.look().click("fork-go")
    assert (called[0], called[-1]) == ("start", "wait")
    assert page.query["run"] != run_id
    assert page.at.session_state.waits and len(live.queue()) == 1
    assert "fork-go" not in {button.key for button in page.at.button}, "the dialog is closed"


def test_a_taken_device_is_told_and_taken_over(visit: Visit, live: LiveManager, disturbed: Disturb) -> None:  # noqa: F811
    page, run_id = in_hand(visit, live)
    page.click("fork")
    disturbed(live, "start", "wait")
    page.click("fork-go")
    assert page.buttons >= {"replace", "wait", "leave"}
    page.click("replace")
    wait_until(lambda: [handle.run_id for handle in live.runs.active() if handle.run_id != run_id] and not live.queue())
    assert page.look().query["run"] != run_id, "it waited, and was shown as it began"


def test_a_refused_knob_says_why(visit: Visit, live: LiveManager, disturbed: Disturb, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: F811
    page, _ = in_hand(visit, live)

    def refuse(*args: object) -> None:
        raise ValueError("gamma stays as it is")

    monkeypatch.setattr(live, "turn", refuse)
    disturbed(live, "turn")
    page.at.number_input(key="live_gamma").set_value(7.0)
    assert "gamma stays as it is" in page.look().texts("error")


def test_a_deleted_run_can_be_brought_back(visit: Visit, live: LiveManager, disturbed: Disturb) -> None:  # noqa: F811
    run_id = ended(live)
    page = visit(run=run_id).page("runs")
    called = disturbed(live, "delete")
    choose(page, run_id, "delete")
    assert called == ["delete"]
    page.click("undo")
    assert live.store.status(run_id).run_id == run_id


def test_continue_shows_the_run(visit: Visit, live: LiveManager, disturbed: Disturb) -> None:  # noqa: F811
    run_id = ended(live)
    page = visit("bob").page("runs")
    disturbed(live, "start")
    page.click(f"continue-{run_id}")
    assert (page.title, page.query["run"]) == ("Train", run_id)


def test_a_run_that_was_brought_in_is_told(visit: Visit, live: LiveManager, disturbed: Disturb, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: F811
    run_id = ended(live)
    page = visit().page("runs")
    monkeypatch.setattr(take_away, "import_run", lambda *args: run_id)
    disturbed(take_away, "import_run")
    page.at.file_uploader(key="import-0").set_value(("my.zip", io.BytesIO(b"PK").getvalue(), "application/zip"))
    assert f"{run_id} is here" in page.look().texts("success")
    assert page.at.session_state["import-turn"] == 1


def test_the_way_to_another_page_is_gone_to_its_end(visit: Visit, live: LiveManager, disturbed: Disturb) -> None:  # noqa: F811
    ids = [ended(live, seed=seed) for seed in range(2)]
    page = visit().page("runs")
    for run_id in ids:
        page.at.checkbox(key=f"choose-{run_id}").check()
        page.look()
    called = disturbed(going, "Way")
    page.click("compare")
    assert called == ["Way"]
    assert (page.title, page.query) == ("Compare", {"runs": ",".join(ids)})


def test_a_rerun_of_the_page_that_was_left_leads_nobody_back(
    visit: Visit,  # noqa: F811
    live: LiveManager,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    run_id = ended(live)
    page, left = visit().page("runs"), []
    turn = st.switch_page

    def crossed(*args: Any, **kwargs: Any) -> None:
        """Streamlit's, while the browser asks for the old page once more."""
        context = get_script_run_ctx()
        assert context is not None and context.script_requests is not None
        try:
            turn(*args, **kwargs)
        finally:
            if not left:
                left.append(context.page_script_hash)
                context.script_requests.request_rerun(RerunData(context.query_string, page_script_hash=context.page_script_hash))

    monkeypatch.setattr(st, "switch_page", crossed)
    page.click(f"open-{run_id}")
    assert left and (page.title, page.query["run"]) == ("Train", run_id)
    assert page.page("runs").title == "Runs", "who has arrived may leave again"


def test_a_page_that_never_ends_holds_nobody(visit: Visit, live: LiveManager, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: F811
    page = visit()
    page.at.session_state["going"] = going.Way("compare", asked=time.monotonic() - going.LASTS_S)
    assert page.look().title == "Train"


def test_a_button_is_answered_by_its_callback() -> None:
    """A `True` that a rerun overtakes is lost."""
    root = Path(__file__).parents[1]
    sources = {path.name: path.read_text() for place in ("ui", "pages") for path in (root / place).glob("*.py")}
    asked = re.compile(r"(\bif|=|\band|\bor|\bnot|\breturn) \w+\.button\(")
    assert any("st.button(" in text for text in sources.values())
    assert asked.search("if st.button('Go'):") and asked.search("    gone = place.button('Go')")
    assert not [name for name, text in sources.items() if asked.search(text)]
