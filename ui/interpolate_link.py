"""What the Interpolate page shows, as a record, as a link, and as the browser tells it. A key frame is a short text that says its z."""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, Literal, get_args

import numpy as np
from numpy.typing import ArrayLike

from gan_core.export.base import WHOSE, Whose
from gan_core.export.walk import KEYS, How
from gan_core.latent import BLEND, Kind
from gan_core.streams import SHOWN
from ui.components.explore_view import numbers_of
from ui.text import _

FRAMES: Final = (16, 240)
"""The fewest and the most of a walk on this page."""
SAMPLES: Final = range(SHOWN["image"])
STEPS_OF_ONE: Final = 1000
"""A number of z in a link is a whole number of thousandths."""
PLACE: Final = ("z", "seed", "psi", "class")
"""A place as links of the Explore page name it: it is added to the walk."""
PARAMETERS: Final = ("keys", "how", "frames", "closed", "ease", "weights", "at", *PLACE)
Switch = Literal["0", "1"]
_NUMBERED = re.compile(r"([si])(\d{1,6})", re.ASCII)
_NEAR = 1e-5
_CLASS = re.compile(r"(\d{1,3})(?:-(\d{1,4}))?", re.ASCII)
FIRST: Final[Kind] = ((0, 1.0),)


@dataclass(frozen=True)
class View:
    """Which walk is shown, and whose generator draws it."""

    keys: tuple[str, ...] = ("i0", "i1", "i2", "i3")
    """s12: the z of seed 12; i12: the thirteenth sample of a run's grids; z and base64: any z, in thousandths.

    Where the players are told a class, s12.3 asks for the fourth one, and s12.3-250.7-750 for a blend of two, in thousandths.
    """
    how: How = "slerp"
    frames: int = 60
    closed: bool = False
    ease: bool = False
    weights: Whose = "averaged"
    at: int | None = None
    """A kept moment, whose averaged generator draws; None is now."""


USUAL: Final = View()


def key_of(z: ArrayLike) -> str:
    """The text of a key that is neither a seed's nor a sample's; each number is rounded to a thousandth and at most 32.767."""
    limits = np.iinfo(np.int16)
    whole = np.clip(np.round(np.asarray(z, np.float64) * STEPS_OF_ONE), limits.min, limits.max).astype("<i2")
    return "z" + base64.urlsafe_b64encode(whole.tobytes()).decode().rstrip("=")


def z_of(key: str) -> tuple[float, ...]:
    """The numbers of a key that carries them; ValueError for any other text."""
    try:
        base = key[1:].partition(".")[0]
        raw = base64.b64decode(base + "=" * (-len(base) % 4), altchars=b"-_", validate=True)
        return tuple((np.frombuffer(raw, "<i2") / STEPS_OF_ONE).tolist())
    except (binascii.Error, ValueError) as error:
        raise ValueError(str(error)) from error


def key_for(z: Sequence[float], shown: Sequence[Sequence[float]]) -> str:
    """The shortest text for a z: that of a sample where it is one."""
    if shown and len(z) == len(shown[0]):
        distance = np.abs(np.asarray(shown) - np.asarray(z)).max(axis=1)
        if distance.min() < _NEAR:
            return f"i{int(distance.argmin())}"
    return key_of(z)


def kind_of(key: str, labels: Sequence[int]) -> Kind:
    """What a key is asked to be: what it says, else its sample's class of `labels`, else the first; ValueError for what says nothing."""
    base, *parts = key.split(".")
    if not parts:
        return ((labels[int(base[1:])], 1.0),) if base.startswith("i") and labels else FIRST
    found = [_CLASS.fullmatch(part) for part in parts]
    shares = {int(part[1]): int(part[2] or STEPS_OF_ONE) for part in found if part is not None}
    whole = sum(shares.values())
    if len(shares) != len(parts) or len(parts) > BLEND or not whole:
        raise ValueError(f"{key} asks for no class")
    return tuple((label, share / whole) for label, share in shares.items())


def with_class(key: str, label: int, labels: Sequence[int]) -> str:
    """The key, asked to be of a class."""
    return key if kind_of(key, labels) == ((label, 1.0),) else f"{key}.{label}"


def _can_be(key: str, classes: int, complaints: list[str]) -> str:
    """The key as it can be with so many classes: what it asks for besides is left out, and complained of."""
    base, dot, _rest = key.partition(".")
    if not dot:
        return key
    try:
        if all(label < classes for label, _ in kind_of(key, ())):
            return key
    except ValueError:
        pass
    place = {"key": repr(key if len(key) < 24 else key[:20] + "…"), "last": classes - 1}
    if classes:
        said = _("From the link: the key {key} asks for a class there is not. There are those from 0 to {last}.")
    else:
        said = _("From the link: the key {key} asks for a class, and the players of this run are not told any.")
    complaints.append(said.format(**place))
    return base


def refusal(key: str, latent_dim: int) -> str:
    """Why a text cannot be a key of a run with z of this length, as a sentence; empty where it can."""
    key = key.partition(".")[0]
    numbered = _NUMBERED.fullmatch(key)
    if numbered:
        kind, number = numbered[1], int(numbered[2])
        if kind == "s" or number in SAMPLES:
            return ""
        return _("From the link: the key {key} names a sample, and there are those from i0 to i{last}.").format(key=key, last=SAMPLES[-1])
    try:
        found = len(z_of(key)) if key.startswith("z") else None
    except ValueError:
        found = None
    if found is None:
        shown = repr(key if len(key) < 24 else key[:20] + "…")
        return _("From the link: {key} is no key frame. s and a seed, i and a sample's number, or z and its numbers are.").format(key=shown)
    if found != latent_dim:
        sizes = {"found": found, "count": latent_dim}
        return _("From the link: a key has {found} numbers, and the z of this run has {count}. It belongs to another run.").format(**sizes)
    return ""


def read_link(
    query: Mapping[str, str], latent_dim: int, moments: Collection[int], base: View = USUAL, *, classes: int = 0
) -> tuple[View, list[str]]:
    """The view a link asks for, over `base`; what cannot be stays as it is there and is complained of, a sentence each.

    `classes` says how many the run's players are told.
    """
    complaints: list[str] = []
    changes: dict[str, Any] = {}
    for name, choices in (("how", get_args(How)), ("weights", WHOSE), ("closed", get_args(Switch)), ("ease", get_args(Switch))):
        if (text := query.get(name)) in choices:
            changes[name] = text == "1" if choices == get_args(Switch) else text
        elif text is not None:
            said = _("From the link: {name} is {value}. It can be {choices}.")
            complaints.append(said.format(name=name, value=repr(text), choices=", ".join(choices)))
    if (text := query.get("frames")) is not None:
        frames = _whole(text)
        if frames is not None and FRAMES[0] <= frames <= FRAMES[1]:
            changes["frames"] = frames
        else:
            said = _("From the link: frames is {value}, and it has to be from {low} to {high}.")
            complaints.append(said.format(value=repr(text), low=FRAMES[0], high=FRAMES[1]))
    if (text := query.get("at")) is not None:
        if _whole(text) in moments:
            changes["at"] = _whole(text)
        else:
            said = _("From the link: the generator of step {step} is not kept. The newest one draws.")
            complaints.append(said.format(step=repr(text)))
    keys = _keys(query, latent_dim, base, complaints)
    changes["keys"] = tuple(_can_be(key, classes, complaints) for key in keys)
    return replace(base, **changes), complaints


def _keys(query: Mapping[str, str], latent_dim: int, base: View, complaints: list[str]) -> tuple[str, ...]:
    asked = [key for key in query.get("keys", "").split(",") if key] if "keys" in query else list(base.keys)
    placed = "z" in query or "seed" in query
    if placed:
        asked.append(_from_explore(query, complaints))
    reasons = {key: refusal(key, latent_dim) for key in asked if key}
    complaints.extend(dict.fromkeys(reason for reason in reasons.values() if reason))
    keys = [key for key in asked if key and not reasons[key]]
    if len(keys) > KEYS[1]:
        many = _("There are {count} key frames, and at most {most} can be: the last ones are left out.")
        complaints.append(many.format(count=len(keys), most=KEYS[1]))
        keys = keys[: KEYS[1]] if not placed else [*keys[: KEYS[1] - 1], keys[-1]]
    return tuple(keys)


def _from_explore(query: Mapping[str, str], complaints: list[str]) -> str:
    """The key of a place as a link of the Explore page has it: numbers joined by a line, times psi; or a seed."""
    psi, asked = query.get("psi", "1"), f".{query['class']}" if "class" in query else ""
    if "z" not in query:
        if psi != "1":
            said = _("From the link: psi is {psi}, and a seed is taken as it is. Draw with psi on the Explore page.")
            complaints.append(said.format(psi=repr(psi)))
        return f"s{query['seed']}{asked}"
    numbers = numbers_of(query["z"])
    if numbers is None or not re.fullmatch(r"[01](\.\d{1,3})?", psi):
        complaints.append(_("From the link: z is no row of numbers. Copy the link on the Explore page again."))
        return ""
    return key_of(np.asarray(numbers) * float(psi)) + asked


def _whole(text: str) -> int | None:
    return int(text) if re.fullmatch(r"\d{1,9}", text, re.ASCII) else None


def texts_of(view: View) -> dict[str, str]:
    """Every parameter of a link to this view; `at` where it is not now."""
    texts = {
        "keys": ",".join(view.keys),
        "how": view.how,
        "frames": str(view.frames),
        "closed": str(int(view.closed)),
        "ease": str(int(view.ease)),
        "weights": view.weights,
    }
    return texts if view.at is None else texts | {"at": str(view.at)}


def link_of(view: View) -> dict[str, str]:
    """The parameters of a link to this view; what is as usual is left out, the keys excepted."""
    usual = texts_of(USUAL)
    return {name: text for name, text in texts_of(view).items() if name == "keys" or text != usual.get(name)}


def told(
    value: object, latent_dim: int, moments: Collection[int], *, classes: int = 0
) -> tuple[View, tuple[tuple[float, ...], ...]] | None:
    """A view and the z of its keys, from what a browser sent; None where it cannot be that."""
    try:
        facts = json.loads(value) if isinstance(value, str) else None
    except ValueError:
        return None
    if not isinstance(facts, Mapping) or not isinstance(query := facts.get("link"), Mapping):
        return None
    if not all(isinstance(name, str) and isinstance(text, str) for name, text in query.items()):
        return None
    view, complaints = read_link(query, latent_dim, moments, classes=classes)
    try:
        z = np.asarray(facts.get("z"), np.float64).reshape(len(view.keys), latent_dim)
    except (ValueError, TypeError):
        return None
    if complaints or not np.isfinite(z).all() or (np.abs(z) > 1e3).any():
        return None
    return view, tuple(tuple(row) for row in z.tolist())
