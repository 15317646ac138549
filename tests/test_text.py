"""The catalogue of words is complete and current, so that a translation can be."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest
from chinese import english

from ui.text import DOMAIN, LOCALES, _, ngettext

ROOT = Path(__file__).parent.parent
SCREENS = [path for folder in ("ui", "pages") for path in sorted((ROOT / folder).rglob("*.py"))]
SHOWS = {
    "title",
    "header",
    "subheader",
    "caption",
    "markdown",
    "write",
    "info",
    "warning",
    "error",
    "success",
    "button",
    "expander",
    "toast",
}


pytest.importorskip("babel")
from babel.messages.catalog import Catalog  # noqa: E402
from babel.messages.mofile import read_mo  # noqa: E402

from ui import catalogue  # noqa: E402

ANEW = "run `python -m ui.catalogue`, translate what it lists, and commit what it writes"
CODES = pytest.mark.parametrize("code", catalogue.TRANSLATIONS)
PLACES = re.compile(r"\{[^{}]*\}")
MARKS = re.compile(r"\*\*|`|:[a-z]+(?:-badge)?\[|\]")


def pairs(code: str) -> list[tuple[str, str]]:
    """Originals and translations of a language; the plural form of those that have one."""
    found = [(message.id, message.string) for message in catalogue.read(code) if message.id]
    return [(text[-1], said[-1]) if isinstance(text, tuple) else (text, said) for text, said in found]


def test_the_template_holds_every_word_that_is_shown() -> None:
    assert (LOCALES / f"{DOMAIN}.pot").read_text(encoding="utf-8") == catalogue.template(), ANEW


@CODES
def test_every_word_is_translated_and_no_translation_unused(code: str) -> None:
    there, words = catalogue.read(code), {message.id for message in catalogue.words()}
    assert {message.id for message in there} == words, ANEW
    assert not catalogue.missing(there), ANEW
    assert not [message.id for message in there if message.id and message.fuzzy]
    assert not there.obsolete


@CODES
def test_what_the_app_reads_is_what_was_translated(code: str) -> None:
    def entries(catalog: Catalog) -> dict[object, object]:
        return {plain(message.id): plain(message.string) for message in catalog if message.id}

    def plain(forms: object) -> object:
        return forms if isinstance(forms, str) else (*forms,)  # type: ignore[misc]

    with catalogue.po_file(code).with_suffix(".mo").open("rb") as file:
        assert entries(read_mo(file)) == entries(catalogue.read(code)), ANEW


@CODES
def test_a_translation_keeps_places_and_marks(code: str) -> None:
    for kind in (PLACES, MARKS):
        assert not [(text, said) for text, said in pairs(code) if sorted(kind.findall(text)) != sorted(kind.findall(said))]


def test_no_english_word_is_left_in_chinese() -> None:
    assert not {said: found for _text, said in pairs("zh_CN") if (found := english(said))}


def test_punctuation_in_chinese_is_chinese() -> None:
    """Half-width marks beside Chinese letters look like a slip; and bold that ends in a mark is not bold to Markdown."""
    slip = re.compile(r"[\u4e00-\u9fff] ?[,;:?!]|[.,;:?!][\u4e00-\u9fff]|[。，：；！？]\*\*[\u4e00-\u9fff{]")
    assert not [said for _text, said in pairs("zh_CN") if slip.search(said)]


@pytest.mark.parametrize("path", SCREENS, ids=lambda path: path.name)
def test_no_word_goes_to_the_screen_untranslated(path: Path) -> None:
    """The first argument of a call that shows text is never a bare literal with letters in it."""
    bare = [
        f"{path.name}:{call.lineno} {ast.unparse(call.args[0])[:60]}"
        for call in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and call.func.attr in SHOWS and call.args
        if isinstance(call.args[0], ast.Constant) and any(character.isalpha() for character in str(call.args[0].value))
    ]
    assert not bare


def test_english_is_what_the_source_says() -> None:
    assert _("Start") == "Start"
    assert _("") == ""
    assert [ngettext("{count} run", "{count} runs", count) for count in (1, 2)] == ["{count} run", "{count} runs"]
