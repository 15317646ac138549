"""Favourites on the Explore screen: a place in the latent space with its picture, kept, called something, come back to."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import Any

import numpy as np
import streamlit as st

from gan_core.favourites import Favourite
from ui import favourites, going, session
from ui.components.explore_view import numbers_of
from ui.text import _

MOST = 24
"""Favourites that are shown, the newest."""


def cards(run_id: str, dim: int, classes: Sequence[str]) -> list[dict[str, Any]]:
    """The run's favourites as the view shows them, the newest first; `classes` are those its players are told."""
    kept = favourites.kept()
    found: list[Favourite] = []
    with suppress(ValueError):  # the Runs page says what is wrong with the list
        found = [favourite for favourite in kept.all() if favourite.run_id == run_id and len(favourite.z) == dim]
    return [_card(favourite, kept.picture(favourite.id).read_bytes(), classes) for favourite in found[:MOST]]


def _card(favourite: Favourite, png: bytes, classes: Sequence[str]) -> dict[str, Any]:
    label = favourite.label if favourite.label in range(len(classes)) else 0
    note = " · ".join([_("step {step:,}").format(step=favourite.step), *classes[label : label + 1]])
    picture = f"data:image/png;base64,{base64.b64encode(png).decode()}"
    return {"id": favourite.id, "name": favourite.name, "note": note, "picture": picture, "z": list(favourite.z), "label": label}


def obey(run_id: str, command: Mapping[str, Any]) -> None:
    """Do what the view asks for."""
    try:
        OBEY[command["name"]](run_id, command)
    except ValueError as error:
        session.put(explored_trouble=str(error))


def _keep(run_id: str, command: Mapping[str, Any]) -> None:
    config = session.live().store.config(run_id)
    channels, height, width = config.shape
    try:
        pixels = np.frombuffer(base64.b64decode(command["picture"], validate=True), np.uint8).reshape(height, width, channels)
    except (binascii.Error, ValueError) as error:
        raise ValueError(_("The picture does not have the size of this run's images. Reload the page and keep it again.")) from error
    z = numbers_of(command["z"]) or []
    if len(z) != config.latent_dim:
        raise ValueError(_("The place does not belong to this run. Reload the page and keep it again."))
    verdict = None if command["verdict"] == "" else float(command["verdict"])
    facts = {"weights": command["weights"], "verdict": verdict, "label": command["label"]}
    favourites.kept().keep(run_id, command["step"], index=-1, picture=pixels, z=z, **facts)
    st.toast(_("Kept. All favourites are on the Runs page."), icon=":material/star:")


def _walk(run_id: str, command: Mapping[str, Any]) -> None:
    """Go to the Interpolate page with this place."""
    facts = {"run": run_id, **{name: command[name] for name in ("z", "seed", "weights", "at")}, "class": command["label"]}
    going.to("interpolate", **{name: text for name, text in facts.items() if text})


OBEY: dict[str, Callable[[str, Mapping[str, Any]], None]] = {
    "keep": _keep,
    "walk": _walk,
    "rename": lambda run_id, command: favourites.kept().rename(command["id"], command["title"]),
    "forget": lambda run_id, command: favourites.kept().remove(command["id"]),
}
"""What the view can ask for."""
