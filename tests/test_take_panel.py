"""The panel that takes a run along, and the one that lets a run in, as Streamlit draws them."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import streamlit as st
from kept_runs import keep_run
from picture_files import packed
from streamlit.testing.v1 import AppTest
from test_jobs import Slow
from test_manager import fake_train
from test_runner import SOON

from gan_core.export import EXPORTS, Options, export_bytes, step_of
from live import manager as manager_module
from live.browser import COOKIE
from live.manager import LiveManager
from ui import downloads, take_away

Kept = tuple[LiveManager, str]


@pytest.fixture
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Kept]:
    _, run_id = keep_run(tmp_path, monkeypatch, moments=3)
    live = manager_module.install(lambda: LiveManager(fake_train, tmp_path))
    monkeypatch.setattr(st, "context", SimpleNamespace(cookies={COOKIE: "ann"}, url="http://here:8501/runs"))
    yield live, run_id
    assert live.close()
    manager_module.uninstall()


def shown(run_id: str) -> AppTest:
    def page(run_id: str) -> None:
        from ui import take_away

        take_away.panel(run_id)

    at = AppTest.from_function(page, args=(run_id,), default_timeout=30).run()
    assert not at.exception
    return at


def chosen(at: AppTest, run_id: str, kind: str) -> AppTest:
    at.selectbox(key=f"take-kind-{run_id}").set_value(kind).run()
    assert not at.exception
    return at


@pytest.mark.parametrize("kind", EXPORTS)
def test_every_kind_can_be_chosen_with_its_options(kept: Kept, kind: str) -> None:
    _, run_id = kept
    at = chosen(shown(run_id), run_id, kind)
    row = EXPORTS[kind]
    assert row.help in [caption.value for caption in at.caption]
    assert bool([slider for slider in at.slider if "fps" in str(slider.key)]) == ("fps" in row.options)
    assert bool([slider for slider in at.select_slider if "step" in str(slider.key)]) == ("step" in row.options)
    assert bool(at.button_group) == ("weights" in row.options)
    assert bool(at.get("download_button")) == (not row.long)
    assert bool([button for button in at.button if button.key == f"take-make-{run_id}"]) == row.long
    assert at.code[0].value == f"http://here:8501/?run={run_id}"


def test_a_time_lapse_is_made_and_offered(kept: Kept) -> None:
    live, run_id = kept
    at = chosen(shown(run_id), run_id, "time-lapse.gif")
    at.slider(key=f"take-fps-{run_id}").set_value(6).run()
    at.button(key=f"take-make-{run_id}").click().run()
    (job,) = live.jobs.of("ann")
    job = live.jobs.wait_for(job.job_id, SOON)
    assert (job.state, job.options, job.run_id) == ("done", Options(fps=6), run_id)
    at.run()
    assert len(at.get("download_button")) == 1
    assert at.button(key=f"take-make-{run_id}").label == "Make it again"
    at.slider(key=f"take-fps-{run_id}").set_value(7).run()
    assert not at.get("download_button"), "that file is another one"


def test_what_is_at_work_has_a_bar_and_can_be_given_up(kept: Kept, monkeypatch: pytest.MonkeyPatch) -> None:
    live, run_id = kept
    slow = Slow()
    monkeypatch.setitem(EXPORTS, "run", replace(EXPORTS["run"], make=slow.make))
    at = chosen(shown(run_id), run_id, "run")
    at.button(key=f"take-make-{run_id}").click().run()
    assert slow.begun.acquire(timeout=SOON)
    (job,) = live.jobs.of("ann")
    at.run()
    assert at.button(key=f"take-cancel-{job.job_id}")
    assert at.get("progress")[0].proto.text in ("Begins", "1 of 3", "2 of 3")
    at.button(key=f"take-cancel-{job.job_id}").click().run()
    assert live.jobs.wait_for(job.job_id, SOON).state == "cancelled"
    at.run()
    assert at.button(key=f"take-make-{run_id}").label == "Make it"


def test_what_cannot_be_made_says_why(kept: Kept) -> None:
    live, run_id = kept
    record = live.store.new(live.store.config(run_id))
    record.close("stopped", "")
    empty = record.run_id
    at = shown(empty)
    assert "no pictures yet" in at.info[0].value
    assert not at.get("download_button")
    assert "no checkpoint yet" in chosen(at, empty, "onnx").info[0].value
    assert "There is no run" in shown("gone").info[0].value


@pytest.fixture
def offered(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What lies behind each download that was drawn."""
    found: list[Any] = []
    monkeypatch.setattr(downloads, "button", lambda label, data, *rest, **more: found.append(data))
    return found


def test_a_sheet_is_of_the_step_that_the_slider_shows_though_it_is_thinned_away(kept: Kept, offered: list[Any]) -> None:
    live, run_id = kept
    steps = live.store.moments(run_id).samples
    pictures = {step: export_bytes(live.store, run_id, kind="sheet", options=Options(step=step)) for step in steps}
    assert len(set(pictures.values())) == len(steps)
    at, slider = shown(run_id), f"take-step-{run_id}"
    assert at.select_slider(key=slider).value == steps[-1]
    at.select_slider(key=slider).set_value(steps[1]).run()
    for step in steps[1:]:
        for path in live.store.folder(run_id).glob(f"samples/{step:09d}*"):
            path.unlink()
    assert offered == [pictures[steps[-1]], pictures[steps[1]]], "the file was there before anybody pressed"
    at.run()
    assert not at.exception and offered[-1] == pictures[steps[0]], "and what is gone is not offered any more"


@pytest.mark.parametrize("error", [ValueError("It is gone."), OSError(28, "No space left on device"), RuntimeError("torn")])
def test_what_goes_wrong_with_a_file_made_at_once_is_said(kept: Kept, monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    def fails(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setitem(EXPORTS, "sheet", replace(EXPORTS["sheet"], make=fails))
    at = shown(kept[1])
    assert at.info[0].value == str(error) and not at.get("download_button")


def come_to(live: LiveManager, run_id: str, step: int) -> None:
    """The run goes on and keeps a checkpoint and pictures at `step`."""
    folder = live.store.folder(run_id)
    status = json.loads((folder / "status.json").read_text())
    (folder / "status.json").write_text(json.dumps(status | {"step": step, "checkpoint_step": step}))
    (folder / "samples" / f"{step:09d}.json").write_text("{}")


@pytest.mark.parametrize("kind", [kind for kind, row in EXPORTS.items() if row.long])
def test_an_older_file_says_its_step(kept: Kept, monkeypatch: pytest.MonkeyPatch, kind: str) -> None:
    live, run_id = kept
    monkeypatch.setitem(EXPORTS, kind, replace(EXPORTS[kind], packages=(), make=lambda *_, path, **__: path.write_bytes(b"x" * 2300)))
    then = step_of(kind, live.store, run_id, Options())
    at = chosen(shown(run_id), run_id, kind)
    at.button(key=f"take-make-{run_id}").click().run()
    live.jobs.wait_for(live.jobs.of("ann")[-1].job_id, SOON)
    at.run()
    assert at.get("download_button")[0].proto.label == "Download 2.3 kB"
    assert "made at step" not in captions(at), "it is as new as the run"
    come_to(live, run_id, 12345)
    at.run()
    assert f"This file was made at step {then:,}. Made again, it would be of step 12,345." in captions(at)
    at.button(key=f"take-make-{run_id}").click().run()
    live.jobs.wait_for(live.jobs.of("ann")[-1].job_id, SOON)
    at.run()
    assert at.get("download_button") and "made at step" not in captions(at)


def captions(at: AppTest) -> str:
    return " ".join(caption.value for caption in at.caption)


def test_a_zip_lets_a_run_in_or_says_what_is_wrong(kept: Kept, monkeypatch: pytest.MonkeyPatch) -> None:
    live, run_id = kept
    raw = export_bytes(live.store, run_id, kind="run", options=Options())

    class Upload(io.BytesIO):
        name = "my.zip"

    state: dict[str, object] = {"import-0": Upload(packed({"a/b.txt": b"x"})), "import-turn": 0}

    class State(dict[str, object]):
        __getattr__, __setattr__ = dict.__getitem__, dict.__setitem__  # type: ignore[assignment]

    monkeypatch.setattr(st, "session_state", kept_state := State(state))
    take_away._import("import-0")
    assert "my.zip holds no run" in str(kept_state["import-trouble"])
    assert kept_state["import-turn"] == 0
    kept_state["import-0"] = Upload(raw)
    take_away._import("import-0")
    assert kept_state["run"] == kept_state["imported"] != run_id
    assert {status.run_id for status in live.store.list()} == {run_id, kept_state["run"]}
    kept_state["import-1"] = None
    take_away._import("import-1")


def test_the_import_panel_tells_what_happened(kept: Kept) -> None:
    def page() -> None:
        from ui import take_away

        take_away.import_panel()

    at = AppTest.from_function(page, default_timeout=30)
    at.session_state["imported"] = "the-run"
    at.session_state["import-trouble"] = "It is damaged."
    at.run()
    assert not at.exception
    assert "the-run is here" in at.success[0].value
    assert at.error[0].value == "It is damaged."
    at.run()
    assert not at.success and not at.error, "told once"
