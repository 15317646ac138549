"""The Explore page's view: a place in the latent space of a run, and everything that can be seen from it, over the run's latent socket."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import streamlit as st

from ui.components.parts import script, text
from ui.palette import PALETTE

WORDS: Final[Mapping[str, str]] = {
    "locale": "en",  # how numbers are written: a BCP 47 tag
    "reconnecting": "Reconnecting …",
    "refused": "This page may no longer ask the run for pictures. Reload it to try again.",
    "gone": "The run is not here any more: it was deleted. Choose another one.",
    "misread": "The server could not read what this page asked ({reason}). Reload the page.",
    "trouble_no_weights": "This run has no weights to look through. They come with its first steps; if it has ended, choose another run.",
    "trouble_no_moment": "The generator of this moment is not kept any more. Choose another moment.",
    "trouble_no_critic": "D is not kept at this moment. Go to “Now”, where it is.",
    "trouble_no_data": "The training images cannot be had on this machine now, so nothing can be compared with them.",
    "trouble_plane": "This run draws points, not images, and cannot be explored here.",
    "trouble_no_classes": "No classifier of these images is at hand, so no direction leads to a class. One comes with glyphs, digits and "
    "Fashion-MNIST; for other images with classes it is made when a run of them is scored on the Runs page.",
    "trouble_one_class": "At this moment the images are nearly all of one class, so no direction leads from one class to another.",
    "trouble_other": "The server has no answer to this. Reload the page to try again.",
    "seed": "Seed",
    "shuffle": "Shuffle",
    "shuffle_help": "Another z, drawn by chance",
    "undo": "Undo (Ctrl+Z)",
    "redo": "Redo (Ctrl+Shift+Z)",
    "reset": "Back to where this began",
    "drift": "Drift",
    "drift_help": "A slow walk by itself",
    "keep": "Keep",
    "keep_help": "Keep this image as a favourite",
    "walk": "Interpolate",
    "walk_help": "Add this place to the walk on the Interpolate page",
    "copy_link": "Copy link",
    "copied": "Copied.",
    "image": "G draws",
    "image_alt": "The image the generator draws at this place; D's verdict: {verdict}",
    "at_step": "step {step}",
    "weights": "Weights the image is drawn with",
    "living": "Living",
    "living_help": "The generator's weights as they are at this step",
    "averaged": "Averaged",
    "averaged_help": "A running average of the generator's weights: calmer, and usually better",
    "balance": "{value} = cannot tell",
    "no_verdict": "D is not kept at this moment",
    "moment": "Moment",
    "now": "Now",
    "pad": "Pad: across {x}, up {y}. Arrow keys move, with Shift farther, Home goes to the middle.",
    "axis_x": "Direction across",
    "axis_y": "Direction up",
    "axis_number": "Number of the direction",
    "axis_seed": "Seed of the direction",
    "axis_class": "Class that the direction leads to",
    "class_not_drawn": "{name} (not drawn)",
    "kind_principal": "Principal",
    "kind_sefa": "SeFa",
    "kind_random": "Random",
    "kind_coordinate": "Coordinate",
    "kind_classes": "Class",
    "kind_time": "Training time",
    "tabs": "What else there is to see",
    "tab_rail": "Sliders",
    "tab_wall": "Around here",
    "tab_critic": "What does D think?",
    "tab_near": "Nearest real images",
    "tab_time": "Through time",
    "tab_kept": "Favourites",
    "psi": "Truncation ψ",
    "strongest": "Strongest directions",
    "slider": "Direction {number}",
    "more": "All {dim} numbers of z",
    "coordinate_of": "Number {number} of z",
    "wall_hint": "64 neighbours of this image. A click, or Enter, goes there.",
    "wall_way": "Where the neighbours lie",
    "wall_plane": "In the pad's plane",
    "wall_near": "In random directions",
    "spread": "Distance",
    "wall_tile": "Neighbour in row {row}, column {column}. Arrow keys choose another, Enter goes there.",
    "heat": "Show what D wants",
    "heat_alt": "The image, with the pixels coloured that D wants brighter or darker",
    "brighter": "D wants brighter",
    "darker": "D wants darker",
    "wish_strength": "Strength of the wish: {value}",
    "follow": "Follow the arrow",
    "follow_z": "G gives in to D: each step moves z where D believes the image more. Click one to go there.",
    "follow_image": "Each step changes the pixels themselves as D wishes: no generator need be able to draw this.",
    "along_z": "By z",
    "along_image": "By pixel",
    "onward": "Go on from the last",
    "step_along": "Step {number}, verdict {value}",
    "this_image": "this image",
    "distance": "{value} away",
    "near_copy": "Closer than 95 % of held-out reals to the training images: it may have memorised this one.",
    "near_usual": "As far from the training images as real held-out images are: neither a copy nor strange.",
    "near_far": "Farther from the training images than 95 % of real held-out images are: it is not yet like them.",
    "near_hint": "The line shows this image's distance to its nearest training image; the band holds 90 % of the real images that "
    "were held out. Distance is the root mean square difference of all pixels, from 0 to 1.",
    "near_hint_features": "The line shows this image's distance to its nearest training image; the band holds 90 % of the real images that "
    "were held out. Distance is that of the features by which a classifier tells the classes of these data: what counts is what is shown, "
    "less so where.",
    "near_hint_random": "The line shows this image's distance to its nearest training image; the band holds 90 % of the real images that "
    "were held out. Distance is that of the features of a network with random weights, since no classifier of these data is at hand.",
    "near_looking": "A network looks at all training images now. The first time that may take a minute.",
    "near_by": "By what images are near each other",
    "by_pixels": "By pixels",
    "by_features": "By features",
    "scale": "Distance {distance}; held-out reals lie between {low} and {high}",
    "time_hint": "The same z through all kept moments of the averaged generator. Click one to look from there.",
    "time_pad": "Put time on the pad",
    "go_moment": "Look from step {step}",
    "none_kept": "Nothing of this run is kept yet. “Keep” above keeps the image with its place.",
    "name": "Name",
    "go_kept": "Go to {name}",
    "drop": "Remove",
    "drop_kept": "Remove {name}",
}
"""Every word the view shows, in English. What stands in {braces} is filled in by the browser and must stay as it is."""

MODULES: Final = (
    *("frames", "link", "latent_link", "numbers", "copy"),
    *(f"explore_{name}" for name in ("place", "asks", "paint", "axes", "axis_menu", "pad", "rail", "wall", "critic", "near", "time")),
    *(f"explore_{name}" for name in ("keep", "image", "tabs", "pieces", "tools", "view")),
)
"""The view's JavaScript, in order."""

STEPS: Final = range(10**11)
LONGEST_Z, LONGEST_PICTURE = 8_000, 400_000
_NUMBER: Final = r"-?\d{1,3}(?:\.\d{1,3})?"
_Z: Final = re.compile(rf"{_NUMBER}(?:_{_NUMBER})*")


def numbers_of(value: object) -> list[float] | None:
    """z from its text, as links and commands have it; None for anything else."""
    if not isinstance(value, str) or len(value) > LONGEST_Z or not _Z.fullmatch(value):
        return None
    return [float(number) for number in value.split("_")]


def _text(longest: int, pattern: str = r"(?s).*") -> Callable[[object], bool]:
    matches = re.compile(pattern)
    return lambda value: isinstance(value, str) and len(value) <= longest and matches.fullmatch(value) is not None


def _verdict(value: object) -> bool:
    return value == "" or (isinstance(value, int | float) and math.isfinite(value))


COMMANDS: Final[Mapping[str, Mapping[str, Callable[[object], bool]]]] = {
    "keep": {
        "step": lambda value: isinstance(value, int) and value in STEPS,
        "weights": lambda value: value in ("living", "averaged"),
        "z": lambda value: numbers_of(value) is not None,
        "verdict": _verdict,
        "picture": _text(LONGEST_PICTURE, r"[A-Za-z0-9+/]+={0,2}"),
    },
    "walk": {
        "z": lambda value: value == "" or numbers_of(value) is not None,
        "seed": _text(6, r"\d*"),
        "weights": lambda value: value in ("living", "averaged"),
        "at": _text(11, r"\d*"),
    },
    "rename": {"id": _text(12, r"[0-9a-f]{12}"), "title": _text(200)},
    "forget": {"id": _text(12, r"[0-9a-f]{12}")},
}
"""What the view can ask of the page: command -> its values, each with what it may be."""

_MOUNT = st.components.v2.component(
    "ganscope_explore_view",
    html=text("explore_view.html"),
    css=text("explore_view.css") + text("explore_panels.css"),
    js=script(MODULES),
    isolate_styles=False,  # tests and keyboard help look into it as into every other view
)


def command_of(value: object) -> dict[str, Any] | None:
    """A command as COMMANDS has it, from what a browser sent; None for anything else."""
    if not isinstance(value, Mapping) or not isinstance(name := value.get("name"), str) or name not in COMMANDS:
        return None
    given = {field: value.get(field) for field in COMMANDS[name]}
    if not all(valid(given[field]) for field, valid in COMMANDS[name].items()):
        return None
    return {"name": name, **given}


def _rerun_is_enough() -> None:
    """A trigger reruns the page; the value is read from the result."""


def explore_view(
    *,
    run: str,
    url: str,
    token: str,
    dim: int,
    verdict: Mapping[str, Any],
    start: Mapping[str, Any],
    asked: int,
    favourites: Sequence[Mapping[str, Any]],
    words: Mapping[str, str],
    on_command: Callable[[dict[str, Any]], None],
    on_place: Callable[[Mapping[str, Any]], None],
    key: str = "explore_view",
) -> None:
    """Draw the view of a run with `dim` numbers in its z.

    `url` is the run's latent socket and `token` its ticket. The view begins at `start` (seed, noise, z, x, y, psi, weights, at) and again
    whenever `asked` changes, as a new link's does. `on_place` is called with the view as texts for a link whenever it has come to
    rest, `on_command` with each command (see COMMANDS). Draw it with the same `key` in every rerun: socket and place then stay.
    """

    def moved() -> None:
        if isinstance(place := st.session_state[key].place, Mapping):
            on_place(place)

    def told() -> None:
        if (command := command_of(st.session_state[key].command)) is not None:
            on_command(command)

    _MOUNT(
        key=key,
        data={
            "run": run,
            "url": url,
            "token": token,
            "dim": dim,
            "verdict": dict(verdict),
            "start": dict(start),
            "asked": asked,
            "favourites": [dict(favourite) for favourite in favourites],
            "words": dict(words),
            "palette": {mode: dict(colours) for mode, colours in PALETTE.items()},
        },
        on_place_change=moved,
        on_command_change=told,
        on_renew_change=_rerun_is_enough,
    )
