"""The page of the GAN of two numbers: its link, its paths, and what it says."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import get_args

import pytest
import torch
from streamlit.testing.v1 import AppTest

from gan_core.dirac import field
from gan_core.outlook import Kind
from ui import dirac
from ui.dirac import RATES, SENTENCES, Settings, arrows, portrait, reach, read_link

SHELL = Path(__file__).parents[1] / "ui" / "shell.py"


def test_a_link_holds_everything_and_nothing_twice() -> None:
    assert Settings().link() == {}
    settings = Settings((("minimax", "R1+R2"), ("hinge", "none")), (0.5, -2.0), "simultaneous", 0.1, 1.5, "20")
    link = settings.link()
    assert link["portraits"] == "minimax~R1+R2,hinge~none"
    assert read_link(link) == (settings, [])


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ({"portraits": "minmax~R1"}, "Did you mean minimax"),
        ({"portraits": "hinge~spectral"}, "penalty is 'spectral'"),
        ({"portraits": ",".join(["minimax"] * 5)}, "5 games"),
        ({"portraits": ""}, "0 games"),
        ({"start": "1"}, "two numbers"),
        ({"start": "1,nan"}, "start is 'nan'"),
        ({"size": "0"}, "from 0.01 to 1"),
        ({"gamma": "lots"}, "gamma is 'lots'"),
        ({"updates": "both"}, "alternating, simultaneous"),
        ({"speed": "7"}, "5, 20, 60, 200"),
    ],
)
def test_what_cannot_be_is_said_and_the_rest_is_taken(query: dict[str, str], words: str) -> None:
    settings, complaints = read_link({"gamma": "0.7"} | query)
    assert len(complaints) == 1 and words in complaints[0]
    assert replace(settings, gamma=0.3) == Settings()
    assert settings.gamma == (0.3 if "gamma" in query else 0.7)


@pytest.mark.parametrize(
    ("game", "penalty", "gamma", "updates", "end"),
    [
        ("minimax", "none", 0.3, "simultaneous", 3.10),
        ("minimax", "none", 0.3, "alternating", 1.42),
        ("non-saturating", "none", 0.3, "simultaneous", 0.64),
        ("non-saturating", "none", 0.3, "alternating", 0.284),
        ("wasserstein", "clipping", 0.3, "alternating", 1.02),
        ("wasserstein", "WGAN-GP", 0.7, "simultaneous", 1.80),
        ("minimax", "R1", 0.3, "alternating", 2.3e-7),
    ],
)
def test_the_radii_shown_are_those_of_the_oracle(game: str, penalty: str, gamma: float, updates: str, end: float) -> None:
    shown = portrait(game, penalty, Settings(gamma=gamma, updates=updates))
    assert len(shown["radii"]) == 501 and len(shown["path"]) == 1002
    assert shown["radii"][0] == pytest.approx(2**0.5)
    assert shown["radii"][-1] == pytest.approx(end, rel=0.02)
    assert shown["sentence"] == SENTENCES[shown["kind"]]


def test_there_is_a_sentence_for_each_thing_that_can_become_of_them() -> None:
    assert set(SENTENCES) == set(RATES) == set(get_args(Kind))


def test_arrows_are_the_field_row_by_row() -> None:
    flat = torch.tensor(arrows("hinge", "R1", gamma=0.3, edge=2.0), dtype=torch.float64).view(dirac.POINTS, dirac.POINTS, 2)
    theta, psi = torch.tensor(-2.0, dtype=torch.float64), torch.tensor(1.0, dtype=torch.float64)
    to_theta, to_psi = field(theta, psi, game="hinge", penalty="R1", gamma=0.3)
    assert flat[12, 0].tolist() == pytest.approx([to_theta.item(), to_psi.item()])


def test_all_planes_reach_equally_far() -> None:
    assert reach([[0.1, -1.9], [0.0, 0.5]]) == 2.0
    assert reach([[0.1, -2.1]]) == 3.0
    assert reach([[1e9, 0.0]]) == 4.0


def test_the_page_opens_from_a_link_and_keeps_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dirac, "STEPS", 20)
    dirac.path.cache_clear()
    page = AppTest.from_file(str(SHELL))
    page.query_params.update(portraits="minimax~R1", gamma="1", size="9")
    page.switch_page("../pages/dirac.py").run()
    assert not page.exception
    assert page.title[0].value == "Two numbers"
    assert [warning.value for warning in page.warning] == ["From the link: size is '9', and it has to be a number from 0.01 to 1."]
    assert page.session_state.dirac == Settings((("minimax", "R1"),), gamma=1.0)
    assert dict(page.query_params) == {"portraits": "minimax~R1", "gamma": "1"}
    dirac.path.cache_clear()
