"""Every word a user reads goes through `_()`: English is the source, translations are in ui/locale."""

from __future__ import annotations

import gettext
from pathlib import Path

DOMAIN = "ganscope"
LOCALES = Path(__file__).parent / "locale"
LANGUAGES = {"en": "English"}
"""Language code -> its own name. A language is complete, or not here."""

_translations = gettext.translation(DOMAIN, LOCALES, languages=["en"], fallback=True)


def _(text: str) -> str:
    """`text` in the reader's language."""
    return _translations.gettext(text) if text else ""


def N_(text: str) -> str:
    """`text` as it is: marks words for the catalogue where they are written down before a reader's language is known."""
    return text


def ngettext(one: str, many: str, count: int) -> str:
    """The form that fits `count`, in the reader's language."""
    return _translations.ngettext(one, many, count)
