"""The walk through latent space: key frames, the path between them scrubbed in the browser, a sheet between corners, sums of z."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable, Mapping, Sequence
from typing import Final

import streamlit as st

from ui.components.parts import script, text
from ui.palette import PALETTE

WORDS: Final[Mapping[str, str]] = {
    "locale": "en",  # how numbers are written: a BCP 47 tag
    "keys": "Key frames",
    "keys_count": "{count} of at most {most}",
    "few": "A walk needs at least two key frames. Add some by a seed, from the samples or from your favourites.",
    "full": "There are {most} key frames, and no more fit. Remove one first.",
    "key": "Key {number}",
    "key_alt": "Key {number} of {count}, {name}. Enter shows it, Alt with an arrow key moves it, Delete removes it.",
    "name_seed": "seed {number}",
    "name_sample": "sample {number}",
    "name_own": "own z",
    "class_of": "Class of key {number}",
    "class_hint": "Below each: the class it is asked to be of.",
    "earlier": "Move key {number} to the left",
    "later": "Move key {number} to the right",
    "remove": "Remove key {number}",
    "moved": "Key {from} is key {to} now.",
    "removed": "Key {number} is removed; {count} are left.",
    "added": "Added as key {number}.",
    "random": "Random key",
    "seed": "Seed",
    "add_seed": "Add",
    "seed_wrong": "A seed is a whole number from 0 to 999,999.",
    "samples": "From the samples",
    "samples_alt": "64 samples of the run. Arrow keys choose one, Enter adds it.",
    "samples_hint": "The samples that all pages show of this run: press one to add it.",
    "favourites": "From favourites",
    "favourites_none": "No favourite of this run is kept yet. On Train, choose an image and keep it.",
    "favourite": "Add {name}",
    "pasted": "From a link",
    "pasted_label": "A link of the Explore page, or a z",
    "pasted_add": "Add",
    "pasted_wrong": "There is no z of {count} numbers in it, and no seed. Copy the link on the Explore page of this run.",
    "shuffle": "Shuffle",
    "copy_link": "Copy link",
    "copied": "The link is copied.",
    "way": "Way",
    "slerp": "Sphere",
    "slerp_help": "Slerp: along the arc between two z, whose length stays that of the keys",
    "slerp_title": "Along the sphere (slerp)",
    "lerp": "Straight",
    "lerp_help": "Lerp: along the straight line between two z, which cuts through the inside of the sphere",
    "lerp_title": "Straight on (lerp)",
    "both": "Side by side",
    "both_help": "Both ways at once, so that their difference can be seen",
    "frames": "Frames",
    "closed": "Closed loop",
    "closed_help": "Goes on from the last key to the first",
    "ease": "Ease",
    "ease_help": "Slows down at every key",
    "weights": "Weights",
    "living": "Living",
    "living_help": "The generator's weights as they are at this step",
    "averaged": "Averaged",
    "averaged_help": "A running average of the generator's weights: calmer, and usually better",
    "at": "Generator of",
    "at_now": "now",
    "at_step": "step {step}",
    "speed": "Speed",
    "per_s": "{count} a second",
    "play": "Play",
    "pause": "Pause",
    "position": "Frame",
    "frame_at": "frame {frame} of {count} · key {key}",
    "frame_between": "frame {frame} of {count} · between keys {from} and {to}",
    "film_alt": "The walk as a film strip",
    "drawn_at": "step {step}",
    "drawing": "Drawing …",
    "frame_alt": "{way}: frame {frame} of {count}",
    "norms": "Length of z: {low} to {high}, usually {usual}",
    "why": "Random z all have nearly the same length, here about {usual}, and the generator has hardly seen others. The straight line "
    "between two of them cuts through the inside and is about a third shorter in the middle; the arc along the sphere keeps their length.",
    "why_few": "Random z are about {usual} long here, and with so few numbers some are far shorter or longer. The straight line between "
    "two of them cuts through the inside and is about a third shorter in the middle; the arc along the sphere keeps to their lengths.",
    "why_class": "G is told a class as a few numbers, which it has learned. Between keys of different classes it is told what lies between "
    "their numbers, straight on from the one to the other.",
    "news": "The network has learned on: this was drawn at step {step}, and step {news} is there.",
    "again": "Draw again",
    "corners": "Sheet between four keys",
    "corner_a": "Top left",
    "corner_b": "Top right",
    "corner_c": "Bottom left",
    "corner_d": "Bottom right",
    "mix": "Between them",
    "mix_slerp": "Spherical",
    "mix_lerp": "Bilinear",
    "size": "Images a side",
    "corners_alt": "{size} by {size} images between four keys. Arrow keys choose one, Enter adds it as a key.",
    "chosen": "Row {row}, column {column}",
    "add_key": "Add as key",
    "save_png": "Save as PNG",
    "sums": "Arithmetic: A − B + C",
    "sum_of": "Key for {letter}",
    "sum_result": "A − B + C",
    "sum_length": "Length {length}, usually {usual}",
    "normal": "Bring to the usual length",
    "normal_help": "A sum of z is mostly longer than those the generator has learned from: this gives it their length without turning it",
    "sum_hint": "What A has and B has not is put onto C: with a good generator, a property can be carried from one image to another.",
    "sum_class": "The sum is asked to be of C's class.",
    "no_weights": "The run has no weights yet: they come with its first steps.",
    "no_moment": "The generator of this moment is not kept any more. The newest one draws now.",
    "no_class": "The generator of this run knows no such class. Choose another one for the key.",
    "plane": "This run draws points, not images.",
    "busy": "The server is busy; it is asked again in a moment.",
    "reconnecting": "Reconnecting …",
    "refused": "This page may no longer look into the run. Reload it to try again.",
    "bad_ask": "The server could not read what the page asked: {reason}",
}
"""Every word the view shows, in English. What stands in {braces} is filled in by the browser and must stay as it is."""

_OWN = ("z", "class", "asks", "cards", "adding", "player", "reel", "corners", "sums", "words", "view")
MODULES: Final = ("frames", "link", "latent_link", "numbers", "copy", "keys", "explore_place", *(f"interpolate_{name}" for name in _OWN))
"""The view's JavaScript, in order."""

_MOUNT = st.components.v2.component(
    "ganscope_interpolate_view",
    html=text("interpolate_view.html"),
    css=text("interpolate_view.css"),
    js=script(MODULES),
    isolate_styles=False,  # as the other views: one document, one set of styles
)


def _rerun_is_enough() -> None:
    """A new ticket comes with every rerun."""


def interpolate_view(
    *,
    run: str,
    url: str,
    token: str,
    latent_dim: int,
    noise: str,
    told: bool,
    classes: Sequence[str],
    labels: Sequence[int],
    link: Mapping[str, str],
    usual: Mapping[str, str],
    asked: int,
    known: str,
    limits: Mapping[str, Sequence[int]],
    averages: Sequence[int],
    shown: bytes,
    favourites: Sequence[Mapping[str, str]],
    words: Mapping[str, str],
    on_view: Callable[[str], None],
    key: str = "interpolate",
) -> None:
    """Draw the view; `on_view` is called with what the reader has chosen, as JSON {link, z}, before the page is drawn again.

    `url` is the latent socket of the run, `token` its ticket, `noise` what its z are drawn from. Where its players are `told` a class,
    `classes` are the names, which may be yet to come, and `labels` those of the run's samples. `link` says what is shown when the view
    is made and whenever `asked` changes; parameters that are not in it are as in `usual`. `known` are the keys whose z the page has
    been told. `averages` are the moments whose generator is kept, `shown` the z of the run's samples (float32), `favourites` those of
    this run {name, key}.
    Draw it with the same `key` in every rerun: socket, pictures and player then stay.
    """

    def viewed() -> None:
        on_view(st.session_state[key].view)

    _MOUNT(
        key=key,
        data={
            "run": run,
            "url": url,
            "token": token,
            "latent_dim": latent_dim,
            "noise": noise,
            "told": told,
            "classes": list(classes),
            "labels": list(labels),
            "link": dict(link),
            "usual": dict(usual),
            "asked": asked,
            "known": known,
            "limits": {name: list(values) for name, values in limits.items()},
            "averages": list(averages),
            "shown": b64encode(shown).decode(),
            "favourites": [dict(favourite) for favourite in favourites],
            "words": dict(words),
            "palette": {mode: dict(colours) for mode, colours in PALETTE.items()},
        },
        on_view_change=viewed,
        on_renew_change=_rerun_is_enough,
    )
