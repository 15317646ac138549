"""The terms of a loss as they are typeset: MathML, the curve that shows each, and what it wants, in one sentence.

D(x) is the logit everywhere, as in the code; where a game makes a probability of it, the formula says so with a sigma. Letters wear
the classes gs-real, gs-generator and gs-critic, so that a screen can give them their players' colours.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

X = '<mi class="gs-real">x</mi>'
Z = "<mi>z</mi>"
BETWEEN = '<mover><mi class="gs-real">x</mi><mo>^</mo></mover>'
MINUS = "<mo>−</mo>"
ONE = "<mn>1</mn>"


def of(what: str, inner: str) -> str:
    """`what`, of `inner` in brackets."""
    return f'<mrow>{what}<mo stretchy="false">(</mo>{inner}<mo stretchy="false">)</mo></mrow>'


def judged(inner: str) -> str:
    """D of something."""
    return of('<mi class="gs-critic">D</mi>', inner)


def mean(over: str, inner: str) -> str:
    """The mean of `inner` over what is drawn."""
    return f'<mrow><msub><mi mathvariant="normal">E</mi><mrow>{over}</mrow></msub><mspace width="0.15em"/>{inner}</mrow>'


def sigmoid(inner: str) -> str:
    """A logit as a probability."""
    return of("<mi>σ</mi>", inner)


def log(inner: str) -> str:
    """The natural logarithm, with brackets where `inner` needs them."""
    return f'<mrow><mi>log</mi><mspace width="0.1em"/>{inner}</mrow>'


def squared(inner: str) -> str:
    """`inner`, squared; it brings its own brackets."""
    return f"<msup>{inner}<mn>2</mn></msup>"


def half(inner: str) -> str:
    """Half of it."""
    return f'<mrow><mfrac>{ONE}<mn>2</mn></mfrac><mspace width="0.15em"/>{inner}</mrow>'


def no_less_than_0(inner: str) -> str:
    """max(0, inner)."""
    return of("<mi>max</mi>", f"<mn>0</mn><mo>,</mo>{inner}")


def steepness(at: str) -> str:
    """How steep D is there."""
    return f'<mrow><mo stretchy="false">‖</mo><mo>∇</mo>{judged(at)}<mo stretchy="false">‖</mo></mrow>'


def weighed(inner: str) -> str:
    """Half of gamma times it."""
    return f'<mrow><mfrac><mi>γ</mi><mn>2</mn></mfrac><mspace width="0.15em"/>{inner}</mrow>'


GZ = of('<mi class="gs-generator">G</mi>', Z)
D_X, D_GZ = judged(X), judged(GZ)
LOG_NOT_GZ = log(of("", f"{ONE}{MINUS}{sigmoid(D_GZ)}"))


@dataclass(frozen=True)
class Term:
    """One term of what a player minimises."""

    sign: Literal["+", "−", ","]
    """A comma before what is no summand, but a condition."""
    math: str
    help: str
    """What it wants, in one sentence."""
    curve: str = ""
    """The curve that shows it best, where one does."""
    reads: str = ""
    """What that curve is the mean of; "" where it is the term itself."""
    smoothed: str = ""
    """The same where reals are labelled 1 - s, if that changes it."""


LOG_REAL = Term(
    "−",
    mean(X, log(sigmoid(D_X))),
    "D wants to be sure that reals are real.",
    "verdict/real",
    mean(X, sigmoid(D_X)),
    smoothed=mean(
        X, of("", f"{of('', f'{ONE}{MINUS}<mi>s</mi>')}{log(sigmoid(D_X))}<mo>+</mo><mi>s</mi>{log(of('', f'{ONE}{MINUS}{sigmoid(D_X)}'))}")
    ),
)
LOG_FAKE = Term("−", mean(Z, LOG_NOT_GZ), "D wants to be sure that fakes are fake.", "verdict/fake", mean(Z, sigmoid(D_GZ)))
LOG_NOT_CAUGHT = Term(
    "+", mean(Z, LOG_NOT_GZ), "G wants D to be unsure of its fakes; once D is sure, this is flat and teaches G nothing.", "loss/generator"
)
LOG_FOOLED = Term(
    "−",
    mean(Z, log(sigmoid(D_GZ))),
    "G wants D to call its fakes real; the surer D is that they are not, the harder this pulls.",
    "loss/generator",
)
SQUARE_REAL = Term(
    "+",
    half(mean(X, squared(of("", f"{D_X}{MINUS}{ONE}")))),
    "D wants to give reals the mark 1.",
    "verdict/score-real",
    mean(X, D_X),
    smoothed=half(mean(X, squared(of("", f"{D_X}{MINUS}{of('', f'{ONE}{MINUS}<mi>s</mi>')}")))),
)
SQUARE_FAKE = Term("+", half(mean(Z, squared(D_GZ))), "D wants to give fakes the mark 0.", "verdict/score-fake", mean(Z, D_GZ))
SQUARE_FOOLED = Term(
    "+",
    half(mean(Z, squared(of("", f"{D_GZ}{MINUS}{ONE}")))),
    "G wants its fakes to get the mark 1; the farther off they are, the harder this pulls.",
    "loss/generator",
)
SCORE_REAL = Term("−", mean(X, D_X), "D wants reals to score high.", "verdict/score-real", mean(X, D_X))
SCORE_FAKE = Term("+", mean(Z, D_GZ), "D wants fakes to score low.", "verdict/score-fake", mean(Z, D_GZ))
SCORE_FOOLED = Term("−", mean(Z, D_GZ), "G wants its fakes to score high, however high they are.", "loss/generator")
HINGE_REAL = Term(
    "+",
    mean(X, no_less_than_0(f"{ONE}{MINUS}{D_X}")),
    "D wants reals above 1; those that are there cost nothing.",
    "verdict/score-real",
    mean(X, D_X),
)
HINGE_FAKE = Term(
    "+",
    mean(Z, no_less_than_0(f"{ONE}<mo>+</mo>{D_GZ}")),
    "D wants fakes below -1; those that are there cost nothing.",
    "verdict/score-fake",
    mean(Z, D_GZ),
)
PAIR = f"{X}<mo>,</mo>{Z}"
PAIR_RANKED = Term(
    "−",
    mean(PAIR, log(sigmoid(f"{D_X}{MINUS}{D_GZ}"))),
    "D wants each real to be more real than the fake it is paired with.",
    "verdict/margin",
    mean(PAIR, of("", f"{D_X}{MINUS}{D_GZ}")),
)
PAIR_FOOLED = Term(
    "−",
    mean(PAIR, log(sigmoid(f"{D_GZ}{MINUS}{D_X}"))),
    "G wants each fake to be more real than the real it is paired with.",
    "loss/generator",
)

FLAT_ON_REALS = Term(
    "+",
    weighed(mean(X, squared(steepness(X)))),
    "The penalty wants D to be flat around reals, so that G is not chased away from them.",
    "penalty/real",
    mean(X, squared(steepness(X))),
)
FLAT_ON_FAKES = Term(
    "+",
    weighed(mean(Z, squared(steepness(GZ)))),
    "The penalty wants D to be flat around fakes, so that G is not thrown about.",
    "penalty/fake",
    mean(Z, squared(steepness(GZ))),
)
FLAT_BETWEEN = Term(
    "+",
    weighed(mean(BETWEEN, squared(steepness(BETWEEN)))),
    "The penalty wants D to be flat on the way from a real to a fake.",
    "penalty/between",
    mean(BETWEEN, squared(steepness(BETWEEN))),
)
STEEP_AS_1 = Term(
    "+",
    weighed(mean(BETWEEN, squared(of("", f"{steepness(BETWEEN)}{MINUS}{ONE}")))),
    "The penalty wants D to be as steep as 1 on the way from a real to a fake, no more and no less.",
    "penalty/between",
    mean(BETWEEN, squared(steepness(BETWEEN))),
)
CLIPPED = Term(
    ",",
    "<mrow><mo>|</mo><mi>w</mi><mo>|</mo><mo>≤</mo><mi>c</mi></mrow>",
    "No term of the loss: after each step every weight of D that is beyond c is put back to c.",
)
NORMALISED = Term(
    ",",
    '<mrow><mo stretchy="false">‖</mo><mi>W</mi><mo stretchy="false">‖</mo><mo>=</mo><mn>1</mn></mrow>',
    "No term of the loss: each layer of D is divided by how much it can stretch its input.",
)
