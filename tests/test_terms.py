"""What is typeset is what is trained: each formula, read back from its MathML and worked out, is the loss."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from typing import Any

import pytest
import torch
from torch import Tensor

from gan_core.games import GAMES
from gan_core.penalties import PENALTIES
from gan_core.terms import Term

SIGNS = {"−": "-", "(": "(", ")": ")", "+": "+", ",": ","}
FUNCTIONS = {"D": "D", "G": "G", "σ": "sigmoid", "max": "at_least"}
NAMES = {"x": "x", "z": "z", "s": "s"}


def python_of(node: ET.Element) -> str:
    """A MathML tree as an expression of Python, with a sign of multiplication between what stands side by side."""
    if node.tag == "msup":
        return f"({python_of(node[0])})**{node[1].text}"
    if node.tag == "mfrac":
        return f"({python_of(node[0])}/{python_of(node[1])})"
    if node.tag in ("mn", "mi"):
        return NAMES.get(node.text or "", node.text or "")
    parts = [child for child in node if child.tag != "mspace"]
    if len(parts) > 1 and parts[0].tag == "msub":
        return f"mean({''.join(map(python_of, parts[1:]))})"
    if parts[0].text == "log":
        return f"log({python_of(parts[1])})"
    text, operand = "", False
    for child in parts:
        if child.tag == "mo":
            text += SIGNS[child.text or ""]
            operand = child.text == ")"
        elif child.text in FUNCTIONS:
            text += FUNCTIONS[child.text]
        else:
            text += ("*" if operand else "") + python_of(child)
            operand = True
    return text


def value(term: Term, math: str, names: dict[str, Any]) -> Tensor:
    tree = ET.fromstring(f"<mrow>{math}</mrow>")
    result: Tensor = eval(python_of(tree), {"__builtins__": {}}, names)
    return -result if term.sign == "−" else result


def names_for(logits_real: Tensor, logits_fake: Tensor, smoothing: float = 0.0) -> dict[str, Any]:
    """The names of a formula: reals and fakes are their own logits."""
    return {
        "x": logits_real,
        "z": logits_fake,
        "s": smoothing,
        "D": lambda logits: logits,
        "G": lambda z: z,
        "sigmoid": torch.sigmoid,
        "log": torch.log,
        "mean": torch.mean,
        "at_least": lambda bound, values: values.clamp(min=bound),
    }


@pytest.fixture
def logits() -> tuple[Tensor, Tensor]:
    rng = torch.Generator().manual_seed(0)
    real, fake = torch.randn(2, 64, generator=rng, dtype=torch.float64)
    return real + 0.5, fake


@pytest.mark.parametrize("name", GAMES)
def test_the_formula_is_the_loss(name: str, logits: tuple[Tensor, Tensor]) -> None:
    game, names = GAMES[name], names_for(*logits)
    critic = sum(value(term, term.math, names) for term in game.critic_terms)
    generator = sum(value(term, term.math, names) for term in game.generator_terms)
    torch.testing.assert_close(critic, game.critic(*logits))
    torch.testing.assert_close(generator, game.generator(logits[1], logits[0]))


@pytest.mark.parametrize("name", [name for name, game in GAMES.items() if game.smoothed])
def test_so_is_the_smoothed_one(name: str, logits: tuple[Tensor, Tensor]) -> None:
    game, names = GAMES[name], names_for(*logits, smoothing=0.1)
    assert game.smoothed is not None
    critic = sum(value(term, term.smoothed or term.math, names) for term in game.critic_terms)
    torch.testing.assert_close(critic, game.smoothed(*logits, 0.1))


@pytest.mark.parametrize("name", GAMES)
def test_what_a_curve_is_read_as_is_what_it_holds(name: str, logits: tuple[Tensor, Tensor]) -> None:
    game, names = GAMES[name], names_for(*logits)
    curves = game.verdict(*logits)
    for term in game.critic_terms:
        torch.testing.assert_close(value(Term("+", "", ""), term.reads, names), curves[term.curve])
    assert [(term.curve, term.reads) for term in game.generator_terms] == [("loss/generator", "")]


@pytest.mark.parametrize("name", PENALTIES)
def test_a_penalty_shows_a_term_for_each_place_it_looks_at(name: str) -> None:
    penalty = PENALTIES[name]
    places = {"penalty/real": penalty.on_real, "penalty/fake": penalty.on_fake, "penalty/between": penalty.between}
    assert [term.curve for term in penalty.terms if term.curve] == [curve for curve, looked in places.items() if looked]
    assert [term for term in penalty.terms if term.sign == ","] == [term for term in penalty.terms if not term.curve]
    assert bool(penalty.terms) == (name != "none")


def test_every_term_is_well_formed_and_says_one_sentence() -> None:
    games = [term for game in GAMES.values() for term in (*game.critic_terms, *game.generator_terms)]
    for term in [*games, *(term for penalty in PENALTIES.values() for term in penalty.terms)]:
        for math in (term.math, term.reads, term.smoothed):
            ET.fromstring(f"<math>{math}</math>")
        assert term.help.endswith(".") and ". " not in term.help
