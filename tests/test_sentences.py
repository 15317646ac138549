"""Sentences keep what they are made of, wherever they go, and every one a user may read is made that way."""

from __future__ import annotations

import ast
import copy
import json
from pathlib import Path

import pytest

from gan_core.config import RunConfig
from gan_core.record import RunRecord
from gan_core.sentences import Sentence, from_parts, parts_of
from gan_core.status import Status
from gan_core.store import RunStore

ROOT = Path(__file__).parents[1]
TREES = {
    path: ast.parse(path.read_text(encoding="utf-8")) for folder in ("gan_core", "live", "ui") for path in (ROOT / folder).rglob("*.py")
}
NOT_FOR_READERS = {
    "gan_core/__main__.py",
    "gan_core/take.py",
    "gan_core/parallel.py",
    "gan_core/sentences.py",
    "gan_core/history.py",
    "gan_core/games.py",
    "gan_core/dirac.py",
    "ui/charts.py",
}
"""The command line speaks English, and the others only refuse what a program does wrong."""


def test_a_sentence_is_its_english_text() -> None:
    sentence = Sentence("{count:,} of {names}", count=1000, names="a")
    assert sentence == "1,000 of a"
    assert (sentence.template, sentence.values) == ("{count:,} of {names}", {"count": 1000, "names": "a"})


def test_a_sentence_survives_an_error_a_copy_and_another_sentence() -> None:
    inner = Sentence("in {place}", place=Path("/x"))
    error = ValueError(Sentence("No: {why}", why=ValueError(inner)))
    said = str(error)
    assert isinstance(said, Sentence)
    assert isinstance(said.values["why"], Sentence)
    assert copy.deepcopy(said) is said
    again = from_parts(json.loads(json.dumps(parts_of(said))))
    assert again == said == "No: in /x"
    assert isinstance(again.values["why"], Sentence)


@pytest.mark.parametrize("parts", [{}, {"template": "{a}", "values": {}}, {"template": "{", "values": {}}, {"template": 1, "values": 2}])
def test_what_are_no_parts_is_refused(parts: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="no parts"):
        from_parts(parts)


def _kept(tmp_path: Path, message: str) -> Status:
    record = RunStore(tmp_path).new(RunConfig())
    assert isinstance(record, RunRecord)
    record.close("failed", message)
    return RunStore(tmp_path).status(record.run_id)


def test_why_a_run_failed_is_english_on_disk_and_a_sentence_again_when_read(tmp_path: Path) -> None:
    sentence = Sentence("The folder {folder} is empty.", folder="/x")
    status = _kept(tmp_path, sentence)
    assert type(status.message) is str
    assert status.message == sentence
    assert isinstance(status.reason, Sentence)
    assert status.reason == sentence
    assert type(_kept(tmp_path, "boo").reason) is str
    assert _kept(tmp_path, "").reason == ""


def _calls(tree: ast.AST, name: str) -> list[ast.Call]:
    return [node for node in ast.walk(tree) if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == name]


def test_templates_are_literal_so_that_the_catalogue_finds_them() -> None:
    from_a_registry = "Sentence(FINDINGS["  # which the catalogue reads by itself
    loose = [
        f"{path.relative_to(ROOT)}:{call.lineno}"
        for path, tree in TREES.items()
        for call in _calls(tree, "Sentence")
        if path.name != "sentences.py"
        and not (isinstance(call.args[0], ast.Constant) and isinstance(call.args[0].value, str))
        and not ast.unparse(call).startswith(from_a_registry)
    ]
    assert not loose


def test_no_error_a_reader_may_see_is_made_of_bare_english() -> None:
    """`raise ValueError(Sentence(...))`: a string in its place could be said in no other language."""
    bare = [
        f"{path.relative_to(ROOT)}:{call.lineno} {ast.unparse(call)[:70]}"
        for path, tree in TREES.items()
        for call in _calls(tree, "ValueError")
        if str(path.relative_to(ROOT)) not in NOT_FOR_READERS
        if call.args and isinstance(call.args[0], ast.JoinedStr | ast.Constant)
    ]
    # A programmer's mistake, refused where nobody can make it on a screen.
    assert {line.partition(" ")[0].partition(":")[0] for line in bare} <= {
        "gan_core/data/__init__.py",
        "gan_core/data/glyphs.py",
        "gan_core/data/planes.py",
        "gan_core/latent.py",
        "gan_core/looks.py",
        "gan_core/meter.py",
        "gan_core/metrics/kernel.py",
        "ui/interpolate_link.py",  # caught there: the page says which key is meant
    }, bare
