"""RunConfig <-> widgets: what is set on the page, and in which words.

`settings` in the session is the truth; widgets are drawn from it and write into it, so nothing is lost when a page is left.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import streamlit as st

from gan_core.augment import AUGMENTS
from gan_core.config import KNOBS, TYPES, RunConfig
from gan_core.data import DATA, Request
from gan_core.games import GAMES
from gan_core.knobs import Group, Knob
from gan_core.networks import NETWORKS
from gan_core.noise import NOISES
from gan_core.penalties import PENALTIES
from gan_core.presets import PRESETS
from ui import preset_words
from ui.address import read_url, take_up
from ui.text import N_, _, ngettext, said
from ui.upload import UPLOADS, upload_own

RECORDS: dict[str, Mapping[str, Any]] = {
    "data": DATA,
    "game": GAMES,
    "network": NETWORKS,
    "noise": NOISES,
    "penalty": PENALTIES,
    "augment": AUGMENTS,
}
"""Settings whose choices have a sentence of their own."""

LABELS: dict[str, str] = {
    "data": N_("Data"),
    "game": N_("Game"),
    "folder": N_("Folder or zip"),
    "image_size": N_("Image size"),
    "network": N_("Network"),
    "conditional": N_("Told the class"),
    "width": N_("Width"),
    "depth": N_("Hidden layers"),
    "critic_width": N_("Width of D"),
    "critic_depth": N_("Hidden layers of D"),
    "latent_dim": N_("Latent dimension (z)"),
    "noise": N_("Noise (z)"),
    "penalty": N_("Penalty on D"),
    "gamma": N_("Gamma"),
    "penalty_every": N_("Penalty every … steps"),
    "clip": N_("Bound of D's weights"),
    "batch_size": N_("Batch size"),
    "lr_generator": N_("Learning rate of G"),
    "lr_critic": N_("Learning rate of D"),
    "beta1": N_("Adam beta 1"),
    "beta2": N_("Adam beta 2"),
    "critic_steps": N_("D steps per G step"),
    "label_smoothing": N_("Label smoothing"),
    "instance_noise": N_("Instance noise"),
    "augment": N_("Augmentation"),
    "augment_share": N_("Augmented share"),
    "critic_dropout": N_("Dropout in D"),
    "critic_scales": N_("Sizes D looks at"),
    "burn_in_kimg": N_("Burn-in (kimg)"),
    "lr_end": N_("Learning rates at its end"),
    "gamma_end": N_("Gamma at its end"),
    "noise_end": N_("Instance noise at its end"),
    "augment_begin": N_("Augmented share at its start"),
    "beta2_begin": N_("Memory of beta 2 at its start"),
    "ema_begin": N_("Half-life at its start"),
    "ema_halflife_kimg": N_("Half-life of the average (kimg)"),
    "stop_after_epochs": N_("Stop after epochs"),
    "seed": N_("Seed"),
    "device": N_("Device"),
    "precision": N_("Precision"),
    "threads": N_("Threads"),
}
OPTION_WORDS: dict[str, dict[str, str]] = {
    "conditional": {"no": N_("No"), "yes": N_("Yes")},
    "noise": {"gaussian": N_("Gaussian"), "uniform": N_("Uniform")},
    "critic_scales": {"1": N_("One: as it is"), "2": N_("Two: also at half size")},
}
"""Choices that are words of the language, and no names."""
GROUPS: dict[Group, str] = {
    "players": N_("Players"),
    "optimiser": N_("Optimiser"),
    "tricks": N_("Tricks"),
    "schedule": N_("Schedule"),
    "run": N_("Run"),
}


def begin() -> list[str]:
    """Fill the session from the link on the first visit; the complaints about that link, as long as it is open."""
    if "settings" not in st.session_state:
        preset, settings, complaints = read_url(st.query_params.to_dict())
        # A visit may have begun on another page, and a run been chosen there.
        run_id = st.query_params.get("run", st.session_state.get("run"))
        st.session_state.update(preset=preset, settings=settings, complaints=complaints, run=run_id)
        st.session_state.on_projector = st.query_params.get("view") == "projector"
    return [said(complaint) for complaint in st.session_state.complaints]


def current() -> RunConfig:
    """The config as set right now, for a button's callback, which runs before the page is drawn; ValueError where it cannot work."""
    entered = {name: st.session_state[f"_{name}"] for name in KNOBS if st.session_state.get(f"_{name}") is not None}
    st.session_state.settings |= entered
    return _set()


def choose() -> None:
    """Draw what everyone sets, side by side."""
    preset, data, game = st.columns(3, vertical_alignment="bottom")
    with preset:
        st.session_state.setdefault("_preset", st.session_state.preset)
        help_ = preset_words.help_of(PRESETS[st.session_state.preset])
        st.selectbox(_("Preset"), list(PRESETS), key="_preset", format_func=preset_words.title, on_change=_take_preset, help=help_)
    with data:
        _widget("data", KNOBS["data"])
    with game:
        _widget("game", KNOBS["game"])


def more(*, all_of_them: bool) -> RunConfig | None:
    """Draw what experts set, or `all_of_them` where the row above is taken by the run in hand.

    Returns the config that all settings make, or None with a sentence on the page where they cannot work.
    """
    drawer = _drawer(_("Settings of the next run") if all_of_them else _("More settings"))
    if drawer.open:  # closed, its 18 widgets would be most of what a visit to the page has to draw
        with drawer:
            if all_of_them:
                choose()
            if all_of_them:
                _own_row()
            _groups()
    if not all_of_them:
        _own_row()
    try:
        return _set()
    except ValueError as error:
        st.error(said(error), icon=":material/error:")
        return None


def _set() -> RunConfig:
    """What the settings make; ValueError where they cannot work, or not with the data as they lie there now."""
    return take_up(RunConfig(), st.session_state.settings)


def _drawer(label: str) -> Any:
    """An expander that stays as it was left; closed, it says how many settings in it are not the preset's."""
    # Streamlit takes an expander with other words for another one, so those of an open one stay, whatever is entered in it.
    opened = st.session_state["more-settings"] = st.session_state.get("drawer_open", False)
    standard = PRESETS[st.session_state.preset].config.to_dict()
    changed = sum(st.session_state.settings[name] != standard[name] for name, knob in KNOBS.items() if knob.group in GROUPS)
    if changed and not opened:
        label += " · " + ngettext("{count} changed", "{count} changed", changed).format(count=changed)
    return st.expander(label, icon=":material/tune:", key="more-settings", on_change=_drawer_turned)


def _drawer_turned() -> None:
    st.session_state.drawer_open = st.session_state["more-settings"]


def _take_preset() -> None:
    st.session_state.preset = st.session_state._preset
    st.session_state.settings = PRESETS[st.session_state.preset].config.to_dict()
    st.session_state.complaints = []
    for name, value in st.session_state.settings.items():
        st.session_state[f"_{name}"] = value


def _groups() -> None:
    tabs = st.tabs([_(GROUPS[group]) for group in GROUPS])
    for tab, group in zip(tabs, GROUPS, strict=True):
        with tab, st.grid(min_column_width=200):
            for name, knob in KNOBS.items():
                if knob.group == group:
                    _widget(name, knob)


def _own_row() -> None:
    """Where one's own data lie, for the data sets that have to be named."""
    data = st.session_state.settings["data"]
    if data not in UPLOADS:
        return
    sized = DATA[data].kind == "image"
    path, upload, *size = st.columns([3, 2, 1] if sized else [3, 2], vertical_alignment="bottom")
    with upload:
        upload_own(UPLOADS[data])
    with path:
        _widget("folder", KNOBS["folder"], label=_(UPLOADS[data].label))
    if size:
        with size[0]:
            _widget("image_size", KNOBS["image_size"])


def _widget(name: str, knob: Knob, label: str = "") -> None:
    """One setting as the widget its type asks for; what is entered goes to `settings`."""
    key, settings = f"_{name}", st.session_state.settings
    if st.session_state.get(key) is None:  # not drawn before, or emptied
        st.session_state[key] = settings[name]
    settings[name] = draw(name, key, label=label or _(LABELS[name]))


def draw(name: str, key: str, *, label: str, **events: Any) -> Any:
    """The widget for a setting's type, its value kept under `key`, None there once it is emptied; what is entered."""
    knob, kind = KNOBS[name], TYPES[name]
    if knob.choices:
        options = [kind(choice) for choice in knob.choices]
        return st.selectbox(label, options, key=key, help=_help_of(name, knob), format_func=_option_words(name), **events)
    if kind is str:
        return st.text_input(label, key=key, help=_(knob.help), placeholder=str(Path.home() / "pictures"), **events)
    facts = {"min_value": kind(knob.low), "max_value": kind(knob.high)}
    facts["step"] = 1 if kind is int else _step(st.session_state[key], knob)
    # No value of its own: Streamlit would have the least one allowed stand for a field that somebody empties.
    return st.number_input(label, value=None, key=key, help=_(knob.help), format="%d" if kind is int else "%g", **facts, **events)


def _help_of(name: str, knob: Knob) -> str:
    """What a setting is, and a line for each of its choices."""
    choices = [f"- **{choice}**: {_(record.help)}" for choice, record in RECORDS.get(name, {}).items()]
    return "\n".join([_(knob.help), "", *choices])


def _option_words(name: str) -> Any:
    if name in OPTION_WORDS:
        return lambda choice: _(OPTION_WORDS[name][str(choice)])
    if name != "data":
        return str
    return lambda data: data if DATA[data].where(_request()) or DATA[data].unnamed else _("{data} (download)").format(data=data)


def _request() -> Request:
    settings = st.session_state.settings
    return Request(folder=settings["folder"], size=settings["image_size"])


def _step(value: float, knob: Knob) -> float:
    """A part of the value's own size, so that the arrows move 0.0002 as sensibly as 20; finer where 1 is never reached."""
    if knob.high < 1:
        return 0.001
    return 10.0 ** (len(f"{value:.0f}") - 2) if value >= 1 else float(f"1e{f'{value or 0.1:e}'.partition('e')[2]}") / 2
