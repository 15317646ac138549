"""Texts of a component's files. Streamlit takes one script, so modules are joined, and only the last of them exports."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

FOLDER = Path(__file__).parent


def text(name: str) -> str:
    """The text of a file beside this one."""
    return (FOLDER / name).read_text(encoding="utf-8")


def script(modules: Iterable[str]) -> str:
    """The JavaScript modules of these names as one text, in order."""
    return "\n".join(text(f"{module}.js") for module in modules)
