"""Every word a user reads goes through `_()`: English is the source, translations are in ui/locale."""

from __future__ import annotations

import gettext
from pathlib import Path
from typing import Final

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from gan_core.sentences import Sentence

DOMAIN: Final = "ganscope"
LOCALES: Final = Path(__file__).parent / "locale"
LANGUAGES: Final = {"en": "English", "zh_CN": "简体中文"}
"""Language code -> its own name. A language is complete, or not here; the first is the source."""
SOURCE: Final = next(iter(LANGUAGES))

_CATALOGUES = {code: gettext.translation(DOMAIN, LOCALES, languages=[code], fallback=True) for code in LANGUAGES}


def language() -> str:
    """The reader's language: that of the visit whose script runs in this thread, callbacks and fragments included; else English."""
    # Asked at each word, not kept in the thread: a callback runs before the page's script could say whose thread this is.
    if get_script_run_ctx(suppress_warning=True) is None:
        return SOURCE
    return str(st.session_state.get("language", SOURCE))


def _(text: str) -> str:
    """`text` in the reader's language."""
    return _CATALOGUES[language()].gettext(text) if text else ""


def N_(text: str) -> str:
    """`text` as it is: marks words for the catalogue where they are written down before a reader's language is known."""
    return text


def ngettext(one: str, many: str, count: int) -> str:
    """The form that fits `count`, in the reader's language."""
    return _CATALOGUES[language()].ngettext(one, many, count)


def said(what: object) -> str:
    """What the core says, a sentence or an error with one, in the reader's language; words of others stay as they are."""
    text = str(what)
    if not isinstance(text, Sentence):
        return text
    values = {name: said(value) if isinstance(value, Sentence) else value for name, value in text.values.items()}
    return _(text.template).format(**values)
