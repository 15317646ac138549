"""The catalogue of every word a user can read: `python -m ui.catalogue` writes what is in ui/locale anew.

Words come from calls of `_`, `N_`, `ngettext` and `Sentence`, and from the records of the core and the live view, whose sentences
go through `_()` where they are shown. The template (.pot) lists them, a translation (.po) says each in another language, and the
app reads its compiled form (.mo).
"""

from __future__ import annotations

import io
import pkgutil
from collections.abc import Iterator
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from gan_core.augment import AUGMENTS
from gan_core.config import KNOBS
from gan_core.data import DATA
from gan_core.export import KINDS
from gan_core.findings import FINDINGS
from gan_core.games import GAMES
from gan_core.metrics import METRICS
from gan_core.networks import NETWORKS
from gan_core.noise import NOISES
from gan_core.penalties import PENALTIES
from gan_core.presets import PRESETS
from ui import components
from ui.text import DOMAIN, LANGUAGES, LOCALES, SOURCE

ROOT = Path(__file__).parent.parent
FOLDERS = ("gan_core", "live", "ui", "pages")
KEYWORDS = {"_": None, "N_": None, "ngettext": (1, 2), "Sentence": None}
TRANSLATIONS = [code for code in LANGUAGES if code != SOURCE]
_NO_DAY = datetime(2026, 1, 1, tzinfo=UTC)
"""Files that say when they were made would differ with every writing."""


def from_records() -> Iterator[str]:
    """Sentences that stand in registries."""
    for registry in (DATA, GAMES, NETWORKS, NOISES, PENALTIES, AUGMENTS, KNOBS, KINDS, METRICS):
        yield from (record.help for record in registry.values())  # type: ignore[attr-defined]
    yield from (row.label for row in (*KINDS.values(), *METRICS.values()))
    yield from (row.good for row in METRICS.values())
    for terms in (*((*row.critic_terms, *row.generator_terms) for row in GAMES.values()), *(row.terms for row in PENALTIES.values())):
        yield from (term.help for term in terms)
    for kind in FINDINGS.values():
        yield from (kind.title, kind.sentence, kind.why, kind.numbers)
    for preset in PRESETS.values():
        yield from (preset.title, preset.help, preset.look)
    for module in pkgutil.iter_modules(components.__path__, "ui.components."):
        yield from getattr(import_module(module.name), "WORDS", {}).values()


def words() -> Catalog:
    """Every word of the product, not translated."""
    messages: dict[str, str | tuple[str, ...]] = {text: text for text in from_records()}
    for folder in FOLDERS:
        for _file, _line, message, _comments, _context in extract_from_dir(ROOT / folder, keywords=KEYWORDS):
            messages[message if isinstance(message, str) else message[0]] = message
    catalog = Catalog(project="GANscope", charset="utf-8", fuzzy=False)
    for _key, message in sorted(messages.items()):
        catalog.add(message)
    return catalog


def template() -> str:
    """The template's text; equal words, equal text, whatever the day or the order of files."""
    text = io.BytesIO()
    write_po(text, words(), omit_header=True, sort_output=True)
    return text.getvalue().decode()


def po_file(code: str) -> Path:
    """Where a language's translations are."""
    return LOCALES / code / "LC_MESSAGES" / f"{DOMAIN}.po"


def read(code: str) -> Catalog:
    """A language's translations as they are kept; empty where there are none yet."""
    path = po_file(code)
    if not path.exists():
        return Catalog(locale=code)
    with path.open("rb") as file:
        return read_po(file, locale=code)


def update(code: str) -> Catalog:
    """The translations of the words there are now: those that were made are kept, others empty, those of no word any more gone."""
    kept = read(code)
    catalog = Catalog(
        locale=code,
        project="GANscope",
        version="1",
        msgid_bugs_address="GANscope",
        last_translator="GANscope",
        language_team="GANscope",
        header_comment=f"# GANscope in {LANGUAGES[code]}.",
        charset="utf-8",
        fuzzy=False,
        creation_date=_NO_DAY,
        revision_date=_NO_DAY,
    )
    for message in words():
        if message.id:
            old = kept.get(message.id)
            catalog.add(message.id, old.string if old and not old.fuzzy else None)
    return catalog


def missing(catalog: Catalog) -> list[str]:
    """Words that a translation lacks."""
    forms = ((message, message.string if isinstance(message.string, tuple) else (message.string,)) for message in catalog if message.id)
    return [str(message.id) for message, strings in forms if not all(strings)]


def write(code: str) -> list[str]:
    """Bring a language's two files up to date; the words it lacks."""
    catalog, path = update(code), po_file(code)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        # A line a sentence: translations are edited by hand and merged by line.
        write_po(file, catalog, width=0, sort_output=True)
    with path.with_suffix(".mo").open("wb") as file:
        write_mo(file, catalog)
    return missing(catalog)


if __name__ == "__main__":
    LOCALES.mkdir(exist_ok=True)
    (LOCALES / f"{DOMAIN}.pot").write_text(template(), encoding="utf-8")
    for code in TRANSLATIONS:
        lacking = write(code)
        print(f"{po_file(code).relative_to(ROOT)}: {len(lacking)} to translate", *lacking, sep="\n  ")
