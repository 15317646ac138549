"""What the core says to a reader: English here, and any language where it is shown."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


class Sentence(str):
    """English words that remember their template and what fills its {places}, so that a screen can say them in another language.

        raise ValueError(Sentence("There is no run {run} in {folder}.", run=run_id, folder=root))

    A value may be a `Sentence` itself, or an error that carries one. It is a `str` like any other; `str()` of it, or of an error
    made with it, is the same sentence still. The catalogue (ui/catalogue.py) finds the templates by this class's name.
    """

    __slots__ = ("template", "values")
    template: str
    values: dict[str, str | int | float]

    def __new__(cls, template: str, /, **values: object) -> Sentence:
        plain = {name: value if isinstance(value, str | int | float) else str(value) for name, value in values.items()}
        sentence = super().__new__(cls, template.format(**plain))
        sentence.template, sentence.values = template, plain
        return sentence

    def __str__(self) -> str:
        return self

    def __deepcopy__(self, memo: object) -> Sentence:
        return self  # nothing in it changes


def parts_of(text: str) -> dict[str, Any]:
    """Template and values of a sentence as plain values, which JSON can keep; empty for text that is none."""
    if not isinstance(text, Sentence):
        return {}
    return {"template": text.template, "values": {name: _kept(value) for name, value in text.values.items()}}


def from_parts(parts: Mapping[str, Any]) -> Sentence:
    """What `parts_of` was given; ValueError where these are no parts of a sentence."""
    try:
        values = {name: from_parts(value) if isinstance(value, dict) else value for name, value in parts["values"].items()}
        template = parts["template"]
        return Sentence(template, **values)
    except (KeyError, TypeError, AttributeError, IndexError, ValueError) as error:
        raise ValueError(f"These are no parts of a sentence: {parts!r}.") from error


def _kept(value: str | int | float) -> Any:
    return parts_of(value) if isinstance(value, Sentence) else value
