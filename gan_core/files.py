"""Where runs lie, and writing files so that a power cut leaves the old one or the new one, never half of one."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from gan_core.sentences import Sentence

RUNS_VARIABLE = "GANSCOPE_RUNS"
USUAL_RUNS = Path(__file__).parents[1] / "checkpoints"


def runs_folder() -> Path:
    """The folder of runs, for the app and the command line alike: what the environment says now, else `checkpoints` beside the app."""
    own = os.environ.get(RUNS_VARIABLE, "").strip()
    return Path(own).expanduser() if own else USUAL_RUNS


def write_whole(path: Path, write: Callable[[Path], object]) -> None:
    """Let `write` fill a temporary file, force it to disk, then give it the name `path`."""

    def write_and_sync(temporary: Path) -> None:
        write(temporary)
        with temporary.open("rb") as file:
            os.fsync(file.fileno())

    write_swapped(path, write_and_sync)


def write_swapped(path: Path, write: Callable[[Path], object]) -> None:
    """The same without waiting for the disk: readers never see half a file, a power cut may cost the newest one."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        write(temporary)
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def write_json(path: Path, values: Mapping[str, Any]) -> None:
    """One JSON object, indented for people."""
    write_whole(path, lambda temporary: temporary.write_text(json.dumps(values, indent=1) + "\n", encoding="utf-8"))


def read_json(path: Path) -> dict[str, Any]:
    """The object in a JSON file; ValueError, naming the file, where there is none that can be read."""
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, json.JSONDecodeError, UnicodeDecodeError) as error:
        raise ValueError(Sentence("{path} cannot be read: {error}.", path=path, error=error)) from error
    if not isinstance(values, dict):
        raise ValueError(Sentence("{path} should hold one JSON object.", path=path))
    return values
