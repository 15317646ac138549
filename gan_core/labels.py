"""Names, notes and pins that people give to runs: one file beside the runs, because a run that came with the program is read-only."""

from __future__ import annotations

import dataclasses
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gan_core.files import read_json, write_json
from gan_core.sentences import Sentence

FILE = "labels.json"
MAX_NAME, MAX_NOTE = 80, 2000
WORDS = {"name": Sentence("name"), "note": Sentence("note")}


@dataclass(frozen=True)
class Label:
    """What somebody wrote on a run; ValueError, with a sentence, for what is too long or no text."""

    name: str = ""
    """One line; empty where the run is called by its id."""
    note: str = ""
    pinned: bool = False

    def __post_init__(self) -> None:
        for what, longest in (("name", MAX_NAME), ("note", MAX_NOTE)):
            text = getattr(self, what)
            if not isinstance(text, str):
                raise ValueError(Sentence("A run's {what} is {value}, and it has to be a text.", what=WORDS[what], value=repr(text)))
            text = text.strip() if what == "note" else " ".join(text.split())
            if len(text) > longest:
                raise ValueError(
                    Sentence(
                        "The {what} has {count:,} characters, and at most {most:,} are kept. Shorten it.",
                        what=WORDS[what],
                        count=len(text),
                        most=longest,
                    )
                )
            object.__setattr__(self, what, text)
        if not isinstance(self.pinned, bool):
            allowed = Sentence("true or false")
            raise ValueError(
                Sentence("{name} is {value}, and it has to be {allowed}.", name="pinned", value=repr(self.pinned), allowed=allowed)
            )


class Labels:
    """The labels of a folder of runs. All methods may be called from any thread."""

    def __init__(self, root: Path) -> None:
        self.path = root / FILE
        self._lock = threading.Lock()

    def get(self, run_id: str) -> Label:
        """The run's label; an empty one where nobody wrote any."""
        return self.all().get(run_id, Label())

    def all(self) -> dict[str, Label]:
        """Every label that says something, by the run's id."""
        with self._lock:
            return self._read()

    def set(self, run_id: str, **changes: Any) -> Label:
        """The run's label with some of name, note and pinned changed; ValueError where they cannot be, or cannot be kept."""
        with self._lock:
            labels = self._read()
            label = dataclasses.replace(labels.get(run_id, Label()), **changes)
            self._write({**labels, run_id: label})
        return label

    def drop(self, run_id: str) -> None:
        """Forget the label of a run that is gone for good."""
        with self._lock:
            labels = self._read()
            if labels.pop(run_id, None):
                self._write(labels)

    def _write(self, labels: Mapping[str, Label]) -> None:
        told = {run_id: dataclasses.asdict(label) for run_id, label in labels.items() if label != Label()}
        try:
            write_json(self.path, told)
        except OSError as error:
            raise ValueError(
                Sentence("{path} cannot be written: {error}. Free some room there, or allow writing.", path=self.path, error=error)
            ) from error

    def _read(self) -> dict[str, Label]:
        """What the file says; what cannot be read of it stays beside it under another name."""
        if not self.path.exists():
            return {}
        labels: dict[str, Label] = {}
        try:
            values, whole = read_json(self.path), True
        except ValueError:
            values, whole = {}, False
        for run_id, value in values.items():
            try:
                labels[run_id] = Label(**value)
            except (TypeError, ValueError):
                whole = False
        if not whole:
            with suppress(OSError, ValueError):
                self.path.rename(self.path.with_name(f"labels.unreadable-{time.time_ns()}.json"))
                self._write(labels)
        return labels
