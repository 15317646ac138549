"""What a run is called on a screen, and how words that people typed are shown as they typed them."""

from __future__ import annotations

import re

from ui import session

_MARKS = re.compile(r"[\\`*_\[\]<>$:~&|#=!]|^\s*[-+]", re.MULTILINE)
"""What Markdown and Streamlit's own marks (`:red[…]`, `$…$`, `:smile:`) are made of; a dash or plus where a list could begin."""


def name_of(run_id: str) -> str:
    """The name somebody gave the run, else its id; as plain text (see `escaped`)."""
    return session.live().store.labels.get(run_id).name or run_id


def escaped(text: str) -> str:
    """Markdown that shows `text` as it is."""
    return _MARKS.sub(lambda mark: "".join(f"&#{ord(character)};" for character in mark.group()), text)
