"""The catalogue of words is complete and current, so that a translation can be."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

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


def test_the_template_holds_every_word_that_is_shown() -> None:
    pytest.importorskip("babel")
    from ui.catalogue import template

    kept = (LOCALES / f"{DOMAIN}.pot").read_text(encoding="utf-8")
    assert kept == template(), "run `python -m ui.catalogue` and commit what it writes"


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
