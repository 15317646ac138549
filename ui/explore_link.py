"""A place in a run's latent space as a link: what its texts say, and what cannot be."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from gan_core.networks.conditional import MOST_CLASSES
from gan_core.sentences import Sentence
from ui.components.explore_view import numbers_of
from ui.run_classes import read_class

WEIGHTS = ("averaged", "living")
SEEDS = range(10**6)
FARTHEST = 100.0
"""No number of z is farther from 0; a standard normal one never comes near."""
_AXIS = re.compile(r"(?P<kind>principal|sefa|coordinate|random|classes)-(?P<number>[1-9]\d{0,4})(?:-(?P<seed>\d{1,4}))?")
MOST_AXES: Final[Mapping[str, int]] = {"principal": 32, "sefa": 32, "random": 16}
"""As many directions of a kind as the view asks for (FETCHED in explore_axes.js); a coordinate can be any."""
DEFAULTS: Final[Mapping[str, str]] = {
    "class": "0",
    "x": "sefa-1",
    "y": "sefa-2",
    "psi": "1",
    "weights": "averaged",
    "at": "",
    "seed": "0",
}
"""What a link need not say."""


@dataclass(frozen=True)
class View:
    """A place in the latent space of a run, and how it is looked at."""

    seed: int = 0
    z: tuple[float, ...] | None = None
    """Instead of what the seed gives."""
    x: str = DEFAULTS["x"]
    y: str = DEFAULTS["y"]
    psi: float = 1.0
    weights: str = "averaged"
    at: int | None = None
    """The step of a kept moment; None for now."""
    label: int = 0
    """The class that is asked for, where the players are told one."""


@dataclass(frozen=True)
class Known:
    """What there is to look at: the length of the run's z, the moments whose generators are kept, how many classes the players are told."""

    dim: int
    averages: Sequence[int]
    classes: int = 0


def read_view(query: Mapping[str, str], known: Known) -> tuple[View, list[str]]:
    """The view a link asks for, and a sentence for each of its values that cannot be; those keep their defaults."""
    view, complaints = View(), []
    for name, read in READERS.items():
        if not (text := str(query.get(name, ""))):
            continue
        try:
            view = replace(view, **{FIELDS.get(name, name): read(text, known)})
        except ValueError as error:
            complaints.append(error.args[0])
    if view.x == view.y:
        complaints.append(Sentence("From the link: x and y are both {axis}, and a pad needs two directions.", axis=repr(view.x)))
        view = replace(view, x=DEFAULTS["x"], y=DEFAULTS["y"])
    return view, complaints


def _seed(text: str, known: Known) -> int:
    if not text.isdecimal() or int(text[:9]) not in SEEDS:
        raise ValueError(Sentence("From the link: seed is {seed}, and it can be a whole number from 0 to 999999.", seed=repr(text[:40])))
    return int(text)


def _z(text: str, known: Known) -> tuple[float, ...]:
    numbers = numbers_of(text)
    if numbers is None or any(abs(number) > FARTHEST for number in numbers):
        raise ValueError(Sentence("From the link: z is not numbers between -100 and 100 joined by “_”. The seed's place is shown."))
    if len(numbers) != known.dim:
        what = {"count": len(numbers), "dim": known.dim}
        raise ValueError(Sentence("From the link: z has {count} numbers, and this run's has {dim}. The seed's place is shown.", **what))
    return tuple(numbers)


def _axis(text: str, known: Known) -> str:
    found = _AXIS.fullmatch(text)
    kind = found["kind"] if found else ""
    if (
        found is None
        or int(found["number"]) > (MOST_CLASSES if kind == "classes" else min(known.dim, MOST_AXES.get(kind, known.dim)))
        or (kind == "random") is not bool(found["seed"])
    ):
        what = {"axis": repr(text[:40]), "dim": known.dim}
        raise ValueError(Sentence("From the link: {axis} is no direction such as sefa-1, random-1-7 or coordinate-{dim}.", **what))
    if kind == "classes" and known.classes:
        what = {"axis": repr(text), "label": int(found["number"]) - 1}
        raise ValueError(
            Sentence("From the link: {axis} leads to a class, and here G is told the class: class={label} asks for it.", **what)
        )
    return text


def _upright(text: str, known: Known) -> str:
    return text if text == "time" and known.averages else _axis(text, known)


def _psi(text: str, known: Known) -> float:
    try:
        psi = float(text)
    except ValueError:
        psi = -1.0
    if not 0 <= psi <= 1.5:
        raise ValueError(Sentence("From the link: psi is {psi}, and it can be a number from 0 to 1.5.", psi=repr(text[:40])))
    return round(psi, 3)


def _weights(text: str, known: Known) -> str:
    if text not in WEIGHTS:
        raise ValueError(Sentence("From the link: weights are {weights}, and they can be averaged or living.", weights=repr(text[:40])))
    return text


def _at(text: str, known: Known) -> int:
    if not text.isdecimal() or len(text) > 11:
        raise ValueError(Sentence("From the link: at is {at}, and it can be the step of a kept moment.", at=repr(text[:40])))
    if int(text) not in known.averages:
        raise ValueError(Sentence("From the link: the generator of step {step} is not kept. Now is shown.", step=int(text)))
    return int(text)


READERS: Final = {
    "class": lambda text, known: read_class(text, known.classes),
    "seed": _seed,
    "z": _z,
    "x": _axis,
    "y": _upright,
    "psi": _psi,
    "weights": _weights,
    "at": _at,
}
"""Word of a link -> how its text is read; ValueError with a sentence."""
FIELDS: Final = {"class": "label"}
"""Word of a link -> field of a view, where they differ."""


def query_of(view: View) -> dict[str, str]:
    """What a link says of the view: only what differs from the defaults."""
    z = None if view.z is None else "_".join(f"{round(number, 3):g}" for number in view.z)
    texts: dict[str, Any] = {"class": view.label, "x": view.x, "y": view.y, "psi": f"{view.psi:g}", "weights": view.weights}
    texts["seed"] = view.seed
    texts |= {"at": "" if view.at is None else view.at} | ({"z": z} if z is not None else {})
    return {name: str(value) for name, value in texts.items() if DEFAULTS.get(name) != str(value)}
