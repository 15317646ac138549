"""The classes that a run's players are told: their names, how one is named in a link, and which ones the run's samples are of."""

from __future__ import annotations

from gan_core.networks.conditional import MOST_CLASSES
from gan_core.sentences import Sentence
from gan_core.store import RunStore
from gan_core.streams import shown_labels


def classes_of(store: RunStore, run_id: str) -> tuple[str, ...]:
    """Names of the classes; none where the players are told none, or before the run has its data."""
    if not store.config(run_id).told:
        return ()
    began = next((event for event in store.events(run_id) if event["event"] == "started"), {})
    return tuple(began.get("classes", ()))


def count_of(store: RunStore, run_id: str) -> int:
    """How many classes the players can be asked for. Before the run has its data nobody knows, and the server says which there are not."""
    return len(classes_of(store, run_id)) or (MOST_CLASSES if store.config(run_id).told else 0)


def labels_of(classes: int) -> list[int]:
    """The class that each of the run's 64 samples is of; none where there are no classes."""
    return list(shown_labels("image", classes).tolist()) if classes else []


def read_class(text: str, classes: int) -> int:
    """The class that a link names by its number; ValueError with a sentence for one there is not."""
    if not classes:
        raise ValueError(
            Sentence("From the link: class is {label}, and the players of this run are not told any class.", label=repr(text[:40]))
        )
    if not (text.isdecimal() and text.isascii()) or int(text[:9]) >= classes:
        what = {"label": repr(text[:40]), "last": classes - 1}
        raise ValueError(Sentence("From the link: class is {label}, and it can be a number from 0 to {last}.", **what))
    return int(text)
