"""The pure parts of the Runs screen: what is found, in what order, in which words, and the tiny curves."""

from __future__ import annotations

import re
from typing import Any
from xml.etree import ElementTree

import pytest

from gan_core.events import ALIVE, RunState
from gan_core.labels import Label
from gan_core.status import Status
from ui import amounts, finding, sparks
from ui.names import escaped
from ui.palette import PALETTE
from ui.run_panel import STATE_WORDS

ANY: dict[str, str] = {"search": "", "state": "", "data": "", "sort": "newest"}
DIGITS = {"data": "digits", "network": "mlp", "game": "hinge"}
GLYPHS = {"data": "glyphs", "network": "dcgan", "game": "relativistic"}
RUNS = [
    Status("one", "stopped", created_at=1, updated_at=9, step=50, bytes=1, facts=DIGITS),
    Status("two", "failed", created_at=2, updated_at=2, step=70, bytes=5, facts=GLYPHS),
    Status("ten", "running", created_at=3, updated_at=3, step=10, bytes=3, facts=DIGITS),
    Status("old", "finished", created_at=0, updated_at=0),
]
LABELS = {"one": Label("Zebra", "shows two modes"), "two": Label("apple"), "nobody": Label("gone")}


def found(labels: dict[str, Label] | None = None, **changes: str) -> list[str]:
    return [run.run_id for run in finding.found(RUNS, LABELS if labels is None else labels, **(ANY | changes))]


@pytest.mark.parametrize(
    ("search", "left"),
    [
        ("", ["ten", "two", "one", "old"]),
        ("ZEBRA", ["one"]),
        ("two", ["two", "one"]),
        ("modes hinge", ["one"]),
        ("  digits   mlp ", ["ten", "one"]),
        ("relativ", ["two"]),
        ("gone", []),
    ],
)
def test_every_word_of_a_search_is_somewhere(search: str, left: list[str]) -> None:
    assert found(search=search) == left


@pytest.mark.parametrize(
    ("sort", "order"),
    [
        ("newest", ["ten", "two", "one", "old"]),
        ("touched", ["one", "ten", "two", "old"]),
        ("name", ["two", "old", "ten", "one"]),
        ("steps", ["two", "one", "ten", "old"]),
        ("size", ["two", "ten", "one", "old"]),
    ],
)
def test_the_orders(sort: str, order: list[str]) -> None:
    assert found(sort=sort) == order
    assert found(sort=sort, labels=LABELS | {"old": Label(pinned=True)})[0] == "old", "pinned ones come first"


def test_filters_leave_what_they_say() -> None:
    assert found(state="work") == ["ten"]
    assert found(state="failed") == ["two"]
    assert found(data="digits") == ["ten", "one"]
    assert found(data="digits", state="stopped", search="zebra") == ["one"]
    assert finding.data_of(RUNS) == ["digits", "glyphs"]


def test_every_state_has_a_filter_of_its_own() -> None:
    named = [state for _, states in finding.STATES.values() for state in states]
    assert sorted(named) == sorted(STATE_WORDS)
    assert set(finding.STATES["work"][1]) == set(ALIVE)


@pytest.mark.parametrize(
    ("seconds", "words"), [(0, "0 s"), (12.4, "12 s"), (59, "59 s"), (204, "3.4 min"), (2040, "34 min"), (4320, "1.2 h"), (360000, "100 h")]
)
def test_a_duration_is_as_precise_as_anyone_wants(seconds: float, words: str) -> None:
    assert amounts.duration(seconds) == words


@pytest.mark.parametrize(
    ("count", "words"), [(0, "0 bytes"), (999, "999 bytes"), (1000, "1.0 kB"), (582_000, "582 kB"), (3.04e6, "3.0 MB"), (12.3e9, "12 GB")]
)
def test_a_size(count: float, words: str) -> None:
    assert amounts.size(count) == words


@pytest.mark.parametrize(
    ("passed", "words"),
    [(-5, "just now"), (59, "just now"), (60, "1 min ago"), (7200, "2 h ago"), (86400, "1 day ago"), (3 * 86400, "3 days ago")],
)
def test_an_age(passed: float, words: str) -> None:
    assert amounts.ago(1e9, 1e9 + passed) == words


def test_after_a_week_a_date_says_more() -> None:
    assert re.fullmatch(r"2001-09-\d\d", amounts.ago(1e9, 1e9 + 8 * 86400))


@pytest.mark.parametrize("text", ["**bold** _under_ `code`", ":red[danger] :smile: $x$", "# no heading", "- no list", "<b>&amp;", "[a](b)"])
def test_what_people_type_is_no_markup(text: str) -> None:
    import html

    shown = escaped(text)
    assert html.unescape(shown) == text
    assert not re.search(r"[*_`$<>\[\]]|&(?!#)|:(?=\w)", shown)
    assert not shown.startswith(("#", "-"))


# The tiny curves

CURVES: dict[str, Any] = {"loss/critic": (1.0, 0.5, 0.4), "loss/generator": (2.0, 2.5, 2.4)}


def drawn(curves: dict[str, Any]) -> list[ElementTree.Element]:
    return list(ElementTree.fromstring(sparks.spark(curves)))


def points(element: ElementTree.Element) -> list[tuple[float, ...]]:
    return [tuple(map(float, point.split(","))) for point in element.attrib["points"].split()]


def test_both_losses_are_drawn_with_their_letters() -> None:
    style, critic, d, generator, g = drawn(CURVES)
    assert [element.attrib["class"] for element in (critic, d, generator, g)] == ["critic", "critic", "generator", "generator"]
    assert (d.text, g.text) == ("D", "G")
    assert len(points(critic)) == len(points(generator)) == 3
    assert points(generator)[1][1] == sparks.MARGIN, "the highest value is at the top"
    assert points(critic)[2][1] == sparks.HEIGHT - sparks.MARGIN
    for mode in ("light", "dark"):
        assert {PALETTE[mode]["critic"], PALETTE[mode]["generator"]} <= set(re.findall(r"#\w+", style.text or ""))
    assert "prefers-color-scheme:dark" in (style.text or "")


@pytest.mark.parametrize("curves", [{}, {"loss/critic": ()}, {"loss/critic": (1.0,)}, {"other": (1.0, 2.0)}])
def test_nothing_is_drawn_of_nothing(curves: dict[str, Any]) -> None:
    assert sparks.spark(curves) == ""


def test_one_curve_alone_and_a_flat_one_are_drawn() -> None:
    _, line, letter = drawn({"loss/generator": (3.0, 3.0)})
    assert letter.text == "G"
    assert {y for _, y in points(line)} == {sparks.HEIGHT / 2}


def test_a_lone_peak_does_not_flatten_the_rest() -> None:
    _, line, *_rest = drawn({"loss/critic": (1000.0, *(index / 31 for index in range(31)))})
    heights = [y for _, y in points(line)]
    assert max(heights[1:]) - min(heights[1:]) > 20
    assert all(0 <= y <= sparks.HEIGHT for y in heights)


@pytest.mark.parametrize("ends", [{"a": 20.0, "b": 20.0}, {"a": 0.0, "b": 1.0}, {"a": 40.0, "b": 39.0}, {"a": 5.0, "b": 35.0}])
def test_letters_do_not_overlap_and_stay_inside(ends: dict[str, float]) -> None:
    placed = sorted(sparks.apart(ends).values())
    assert placed[1] - placed[0] >= sparks.LETTER
    assert placed[0] >= sparks.LETTER / 2
    assert placed[1] <= sparks.HEIGHT - sparks.LETTER / 2


def test_the_states_of_this_file_are_states() -> None:
    states: set[RunState] = {run.state for run in RUNS}
    assert states <= STATE_WORDS.keys()
