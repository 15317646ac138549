"""What a setting is: its words, its bounds, and how a value that somebody entered becomes one that fits, or a sentence."""

from __future__ import annotations

import dataclasses
import difflib
import math
from dataclasses import dataclass
from typing import Any, Literal

from gan_core.sentences import Sentence

Group = Literal["start", "players", "optimiser", "tricks", "schedule", "run"]


@dataclass(frozen=True)
class Knob:
    """What is known of a field besides its default."""

    group: Group
    help: str
    """One sentence in plain words."""
    low: float = -math.inf
    high: float = math.inf
    choices: tuple[str, ...] = ()
    live: bool = False
    """Whether it can be turned while the run goes."""
    fixed: bool = False
    """Whether a fork has to keep it, because what was learned so far would not fit."""


def setting(default: Any, group: Group, help: str, **facts: Any) -> Any:
    """A field of a config that carries its `Knob`."""
    return dataclasses.field(default=default, metadata={"knob": Knob(group, help, **facts)})


def near(name: str) -> Sentence:
    """The question that answers a slip of the pen."""
    return Sentence("Did you mean {name}?", name=name)


def text_of(value: Any) -> str:
    """A value as a link carries it."""
    return value if isinstance(value, str) else repr(value)


def checked(name: str, value: Any, *, kind: type, knob: Knob) -> Any:
    """`value` as the field's type, or ValueError naming the field, the value and what is allowed."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise _refusal(name, value, kind=kind, knob=knob)
    try:
        number = kind(value) if kind is not int or isinstance(value, str) else _whole(value)
    except (ValueError, OverflowError):
        raise _refusal(name, value, kind=kind, knob=knob) from None
    if knob.choices and str(number) not in knob.choices:
        close = difflib.get_close_matches(str(number), knob.choices, n=1)
        sentence = Sentence("{name} is {value}. It can be {choices}.", name=name, value=repr(value), choices=", ".join(knob.choices))
        raise ValueError(Sentence("{sentence} {hint}", sentence=sentence, hint=near(close[0])) if close else sentence)
    if kind is not str and not (math.isfinite(number) and knob.low <= number <= knob.high):
        raise _refusal(name, value, kind=kind, knob=knob)
    return number


def _whole(value: float) -> int:
    if value != int(value):
        raise ValueError(value)
    return int(value)


def _refusal(name: str, value: Any, *, kind: type, knob: Knob) -> ValueError:
    allowed = _allowed(kind, knob)
    return ValueError(Sentence("{name} is {value}, and it has to be {allowed}.", name=name, value=repr(value), allowed=allowed))


def _allowed(kind: type, knob: Knob) -> Sentence:
    if kind is str:
        return Sentence("one of {choices}", choices=", ".join(knob.choices)) if knob.choices else Sentence("a text")
    low, high = f"{knob.low:.10g}", f"{knob.high:.10g}"
    if math.isinf(knob.high):
        return Sentence("a whole number") if kind is int else Sentence("a number")
    if kind is int:
        return Sentence("a whole number from {low} to {high}", low=low, high=high)
    return Sentence("a number from {low} to {high}", low=low, high=high)
