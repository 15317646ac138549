"""The line above a run says how its steps are played, where there is more than one way."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from streamlit.testing.v1 import AppTest

from gan_core.graphs import GRAPHS, Eager
from gan_core.sentences import Sentence
from gan_core.status import Status
from ui import run_panel, session

UNCHECKED = Eager(Sentence("their CUDA graphs have yet to be checked")).way


def page() -> None:
    from ui.run_panel import status_line

    status_line(None, "run")


@pytest.mark.parametrize(
    ("device", "way", "said"),
    [
        ("cpu", "", "`run` · training · CPU"),
        ("cuda", GRAPHS, "`run` · training · NVIDIA H200 · CUDA graphs"),
        ("cuda", UNCHECKED, "`run` · training · NVIDIA H200 · eager, because their CUDA graphs have yet to be checked"),
    ],
)
def test_the_line_says_the_way(monkeypatch: pytest.MonkeyPatch, device: str, way: str, said: str) -> None:
    status = Status("run", "running", device=device, way=way)
    live = SimpleNamespace(status=lambda run: status, controls=lambda run, browser: True)
    monkeypatch.setattr(session, "live", lambda: live)
    monkeypatch.setattr(run_panel, "describe", lambda device: "NVIDIA H200" if device == "cuda" else "CPU")
    at = AppTest.from_function(page).run()
    assert not at.exception
    assert [caption.value for caption in at.caption] == [said]
