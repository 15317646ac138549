"""The catalogue of every word a user can read: `python -m ui.catalogue` writes ui/locale/ganscope.pot anew.

Words come from calls of `_`, `N_` and `ngettext`, and from the records of the core and the live view, whose sentences go
through `_()` where they are shown. A translation begins as a copy of the template: ui/locale/zh_CN/LC_MESSAGES/ganscope.po.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import write_po

from gan_core.config import KNOBS, PRESETS
from gan_core.data import DATA
from gan_core.export import EXPORTS
from gan_core.games import GAMES
from gan_core.networks import NETWORKS
from gan_core.penalties import PENALTIES
from ui.components.run_view import WORDS
from ui.text import DOMAIN, LOCALES

ROOT = Path(__file__).parent.parent
KEYWORDS = {"_": None, "N_": None, "ngettext": (1, 2)}


def from_records() -> Iterator[str]:
    """Sentences that stand in registries."""
    for registry in (DATA, GAMES, NETWORKS, PENALTIES, KNOBS, EXPORTS):
        yield from (record.help for record in registry.values())  # type: ignore[attr-defined]
    yield from (row.label for row in EXPORTS.values())
    for preset in PRESETS.values():
        yield from (preset.title, preset.help)
    yield from WORDS.values()


def template() -> str:
    """The template's text; equal words, equal text, whatever the day or the order of files."""
    messages: dict[str, str | tuple[str, ...]] = {text: text for text in from_records()}
    for folder in ("ui", "pages"):
        for _file, _line, message, _comments, _context in extract_from_dir(ROOT / folder, keywords=KEYWORDS):
            messages[message if isinstance(message, str) else message[0]] = message
    catalog = Catalog(project="GANscope", charset="utf-8", fuzzy=False)
    for _key, message in sorted(messages.items()):
        catalog.add(message)
    text = io.BytesIO()
    write_po(text, catalog, omit_header=True, sort_output=True)
    return text.getvalue().decode()


if __name__ == "__main__":
    LOCALES.mkdir(exist_ok=True)
    (LOCALES / f"{DOMAIN}.pot").write_text(template(), encoding="utf-8")
