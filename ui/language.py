"""Which language a visit is in: the link's, else the one chosen earlier, else the browser's, else English."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from gan_core.sentences import Sentence
from ui.text import LANGUAGES, SOURCE, _, said

PARAMETER = "lang"
"""The word in a link; `ui.address.RESERVED` knows it."""
COOKIE = "ganscope_language"

_REMEMBER = st.components.v2.component("ganscope_language", js=(Path(__file__).parent / "language.js").read_text(encoding="utf-8"))


def understood(tag: str | None) -> str | None:
    """The language for a tag such as "zh-CN" or "en_GB", None where we do not have it; whoever reads any Chinese gets ours."""
    first = (tag or "").replace("_", "-").lower().partition("-")[0]
    return next((code for code in LANGUAGES if code.partition("_")[0] == first), None)


def begin() -> None:
    """Settle the visit's language, before the first word is said."""
    state, asked = st.session_state, st.query_params.get(PARAMETER)
    if asked in LANGUAGES or asked == "zh":
        _speak(understood(asked) or SOURCE)
        state.language_chosen = True
    elif asked is not None:
        _speak(SOURCE)
        state.language_trouble = _unknown(asked)
        del st.query_params[PARAMETER]
    elif "language" not in state:
        earlier = st.context.cookies.get(COOKIE)
        # A browser says its language with the first message; a test that stands in for one may say nothing.
        _speak(earlier if earlier in LANGUAGES else understood(getattr(st.context, "locale", None)) or SOURCE)
    if state.get("language_chosen"):
        st.query_params[PARAMETER] = state.language


def switch() -> None:
    """The choice, quietly in the menu; and a note to the browser of what was chosen."""
    with st.sidebar:
        st.session_state._language = st.session_state.language
        st.segmented_control(
            _("Language"),
            list(LANGUAGES),
            format_func=LANGUAGES.__getitem__,
            key="_language",
            required=True,
            label_visibility="collapsed",
            on_change=_choose,
        )
        code = st.session_state.language
        _REMEMBER(
            key="language-note", data={"tag": _("en"), "cookie": COOKIE, "code": code if st.session_state.get("language_chosen") else ""}
        )


def complaint() -> None:
    """A sentence on a link that asked for a language there is not."""
    if trouble := st.session_state.get("language_trouble"):
        st.warning(said(trouble), icon=":material/link_off:")


def _choose() -> None:
    _speak(st.session_state._language)
    st.session_state.language_chosen, st.session_state.language_trouble = True, None
    st.query_params[PARAMETER] = st.session_state.language


def _speak(code: str) -> None:
    state = st.session_state
    before, state.language = state.get("language", code), code
    if before != code:
        # A list of choices in a browser knows its choice by the words it showed: what is set is told anew, in the new words.
        texts = {key: value for key, value in state.items() if isinstance(value, str) or (isinstance(value, list) and _texts(value))}
        state.update(texts)


def _texts(values: list[object]) -> bool:
    return all(isinstance(value, str) for value in values)


def _unknown(asked: str) -> Sentence:
    return Sentence("The link asks for the language {name}. There are {names}.", name=repr(asked), names=", ".join(LANGUAGES))
