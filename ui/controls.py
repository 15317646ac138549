"""RunConfig <-> widgets <-> URL: what is set on the page is in the link, and a link sets the page.

`settings` in the session is the truth; widgets are drawn from it and write into it, so nothing is lost when a page is left.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import streamlit as st

from gan_core.augment import AUGMENTS
from gan_core.config import KNOBS, PRESETS, TYPES, RunConfig
from gan_core.data import DATA, Request
from gan_core.data.base import data_root
from gan_core.data.folder import keep_upload
from gan_core.games import GAMES
from gan_core.knobs import Group, Knob
from gan_core.networks import NETWORKS
from gan_core.penalties import PENALTIES
from gan_core.sentences import Sentence
from ui.text import N_, _, ngettext, said

DEFAULT_PRESET = next(iter(PRESETS))
RECORDS: dict[str, Mapping[str, Any]] = {"data": DATA, "game": GAMES, "network": NETWORKS, "penalty": PENALTIES, "augment": AUGMENTS}
"""Settings whose choices have a sentence of their own."""
RESERVED = ("preset", "run", "view", "lang", "embed", "embed_options")
"""Words in a link that are no settings."""

LABELS: dict[str, str] = {
    "data": N_("Data"),
    "game": N_("Game"),
    "folder": N_("Folder or zip"),
    "image_size": N_("Image size"),
    "network": N_("Network"),
    "width": N_("Width"),
    "latent_dim": N_("Latent dimension (z)"),
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
    "threads": N_("Threads"),
}
GROUPS: dict[Group, str] = {
    "players": N_("Players"),
    "optimiser": N_("Optimiser"),
    "tricks": N_("Tricks"),
    "schedule": N_("Schedule"),
    "run": N_("Run"),
}


def read_url(query: Mapping[str, str]) -> tuple[str, dict[str, Any], list[str]]:
    """Preset, settings and complaints from the query of a link; what cannot be is left at the preset's value and complained of."""
    preset = query.get("preset", DEFAULT_PRESET)
    complaints: list[str] = []
    if preset not in PRESETS:
        complaints.append(Sentence("The link names the preset {name}. There are {names}.", name=repr(preset), names=", ".join(PRESETS)))
        preset = DEFAULT_PRESET
    config, texts = PRESETS[preset].config, {name: text for name, text in query.items() if name not in RESERVED}
    try:
        return preset, config.but(**texts).to_dict(), complaints
    except ValueError:
        pass
    # Together they do not work: take what works one by one, again after each success, as some work only after others.
    problems: dict[str, ValueError] = {}
    while texts:
        problems = {}
        for name, text in texts.items():
            try:
                config = config.but(**{name: text})
            except ValueError as error:
                problems[name] = error
        if len(problems) == len(texts):
            break
        texts = {name: texts[name] for name in problems}
    complaints += [Sentence("From the link: {problem}", problem=problem) for problem in problems.values()]
    return preset, config.to_dict(), complaints


def write_url(run_id: str | None, *, projector: bool) -> None:
    """Put what differs from the preset into the address, the run on screen and how it is shown; not while settings cannot work."""
    preset = st.session_state.preset
    wanted = {} if preset == DEFAULT_PRESET else {"preset": preset}
    try:
        wanted |= RunConfig.from_dict(st.session_state.settings).differences(PRESETS[preset].config)
    except ValueError:
        return
    if run_id:
        wanted["run"] = run_id
    if projector:
        wanted["view"] = "projector"
    if "lang" in st.query_params:
        wanted["lang"] = st.query_params["lang"]
    if st.query_params.to_dict() != wanted:
        st.query_params.from_dict(wanted)


def begin() -> list[str]:
    """Fill the session from the link on the first visit; the complaints about that link, as long as it is open."""
    if "settings" not in st.session_state:
        preset, settings, complaints = read_url(st.query_params.to_dict())
        st.session_state.update(preset=preset, settings=settings, complaints=complaints, run=st.query_params.get("run"))
        st.session_state.on_projector = st.query_params.get("view") == "projector"
    return [said(complaint) for complaint in st.session_state.complaints]


def current() -> RunConfig:
    """The config as set right now, for a button's callback, which runs before the page is drawn; ValueError where it cannot work."""
    entered = {name: st.session_state[f"_{name}"] for name in KNOBS if st.session_state.get(f"_{name}") is not None}
    st.session_state.settings |= entered
    return RunConfig.from_dict(st.session_state.settings)


def choose() -> None:
    """Draw what everyone sets, side by side."""
    preset, data, game = st.columns(3, vertical_alignment="bottom")
    with preset:
        st.session_state.setdefault("_preset", st.session_state.preset)
        help_ = _(PRESETS[st.session_state.preset].help)
        st.selectbox(
            _("Preset"), list(PRESETS), key="_preset", format_func=lambda name: _(PRESETS[name].title), on_change=_take_preset, help=help_
        )
    with data:
        _widget("data", KNOBS["data"])
    with game:
        _widget("game", KNOBS["game"])


def more(*, all_of_them: bool) -> RunConfig | None:
    """Draw what experts set, or `all_of_them` where the row above is taken by the run in hand.

    Returns the config that all settings make, or None with a sentence on the page where they cannot work.
    """
    standard = PRESETS[st.session_state.preset].config.to_dict()
    changed = sum(st.session_state.settings[name] != standard[name] for name, knob in KNOBS.items() if knob.group in GROUPS)
    label = _("Settings of the next run") if all_of_them else _("More settings")
    if changed:
        label += " · " + ngettext("{count} changed", "{count} changed", changed).format(count=changed)
    with st.expander(label, icon=":material/tune:", key="more-settings"):
        if all_of_them:
            choose()
        if st.session_state.settings["data"] == "folder" and all_of_them:
            _folder_row()
        _groups()
    if st.session_state.settings["data"] == "folder" and not all_of_them:
        _folder_row()
    try:
        return RunConfig.from_dict(st.session_state.settings)
    except ValueError as error:
        st.error(said(error), icon=":material/error:")
        return None


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


def _folder_row() -> None:
    path, size, upload = st.columns([3, 1, 2], vertical_alignment="bottom")
    with upload, st.popover(_("Upload a zip"), icon=":material/upload:", width="stretch"):
        file = st.file_uploader(_("A zip of images; folders inside become classes"), type="zip")
        if file is not None and file.file_id != st.session_state.get("uploaded"):
            _keep(file)
    with path:
        _widget("folder", KNOBS["folder"])
    with size:
        _widget("image_size", KNOBS["image_size"])


def _keep(file: Any) -> None:
    try:
        path = keep_upload(file.name, file.getvalue(), data_root())
    except ValueError as error:
        st.error(said(error))
        return
    st.session_state.uploaded = file.file_id
    st.session_state.settings["folder"] = st.session_state["_folder"] = str(path)


def _widget(name: str, knob: Knob) -> None:
    """One setting as the widget its type asks for; what is entered goes to `settings`."""
    key, settings = f"_{name}", st.session_state.settings
    st.session_state.setdefault(key, settings[name])
    value = draw(name, key, label=_(LABELS[name]))
    if value is not None:
        settings[name] = value


def draw(name: str, key: str, *, label: str, **events: Any) -> Any:
    """The widget for a setting's type, its value kept under `key`; what is entered, None where the field is empty."""
    knob, kind = KNOBS[name], TYPES[name]
    if knob.choices:
        options = [kind(choice) for choice in knob.choices]
        return st.selectbox(label, options, key=key, help=_help_of(name, knob), format_func=_option_words(name), **events)
    if kind is str:
        return st.text_input(label, key=key, help=_(knob.help), placeholder=str(Path.home() / "pictures"), **events)
    facts = {"min_value": kind(knob.low), "max_value": kind(knob.high)}
    facts["step"] = 1 if kind is int else _step(st.session_state[key], knob)
    return st.number_input(label, key=key, help=_(knob.help), format="%d" if kind is int else "%g", **facts, **events)


def _help_of(name: str, knob: Knob) -> str:
    """What a setting is, and a line for each of its choices."""
    choices = [f"- **{choice}**: {_(record.help)}" for choice, record in RECORDS.get(name, {}).items()]
    return "\n".join([_(knob.help), "", *choices])


def _option_words(name: str) -> Any:
    if name != "data":
        return str
    return lambda data: data if DATA[data].where(_request()) or data == "folder" else _("{data} (download)").format(data=data)


def _request() -> Request:
    settings = st.session_state.settings
    return Request(folder=settings["folder"], size=settings["image_size"])


def _step(value: float, knob: Knob) -> float:
    """A part of the value's own size, so that the arrows move 0.0002 as sensibly as 20; finer where 1 is never reached."""
    if knob.high < 1:
        return 0.001
    return 10.0 ** (len(f"{value:.0f}") - 2) if value >= 1 else float(f"1e{f'{value or 0.1:e}'.partition('e')[2]}") / 2
