"""Which runs a search, the filters and an order leave, and in what order: plain values in, plain values out."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from gan_core.events import ALIVE
from gan_core.labels import Label
from gan_core.status import Status
from ui.text import N_

STATES: dict[str, tuple[str, tuple[str, ...]]] = {
    "": (N_("Any state"), ()),
    "work": (N_("At work"), tuple(ALIVE)),
    "stopped": (N_("Stopped"), ("stopped",)),
    "finished": (N_("Finished"), ("finished",)),
    "interrupted": (N_("Interrupted"), ("interrupted",)),
    "failed": (N_("Failed"), ("failed",)),
}
"""Word of a filter -> how it reads, and which states it leaves (none named: all)."""

Order = Callable[[Status, str], Any]
SORTS: dict[str, tuple[str, Order]] = {
    "newest": (N_("Newest"), lambda run, name: -run.created_at),
    "touched": (N_("Last touched"), lambda run, name: -run.updated_at),
    "name": (N_("By name"), lambda run, name: name.casefold()),
    "steps": (N_("Most steps"), lambda run, name: -run.step),
    "size": (N_("Largest"), lambda run, name: -run.bytes),
}
"""Word of an order -> how it reads, and what a run and its name are sorted by."""


def found(runs: Sequence[Status], labels: Mapping[str, Label], *, search: str, state: str, data: str, sort: str) -> list[Status]:
    """The runs in which every word of `search` occurs and that pass both filters (empty ones let all pass), pinned ones first."""
    words, states, order = search.casefold().split(), STATES[state][1], SORTS[sort][1]
    left = [
        run
        for run in runs
        if (not states or run.state in states)
        and (not data or run.facts.get("data") == data)
        and all(word in _text(run, labels.get(run.run_id, Label())) for word in words)
    ]
    name = {run.run_id: labels[run.run_id].name if run.run_id in labels else "" for run in left}
    return sorted(left, key=lambda run: (not labels.get(run.run_id, Label()).pinned, order(run, name[run.run_id] or run.run_id)))


def data_of(runs: Sequence[Status]) -> list[str]:
    """The data sets that occur."""
    return sorted({run.facts["data"] for run in runs if "data" in run.facts})


def _text(run: Status, label: Label) -> str:
    """All that a search looks into."""
    return "\n".join([label.name, run.run_id, label.note, *(run.facts.get(name, "") for name in ("data", "network", "game"))]).casefold()
