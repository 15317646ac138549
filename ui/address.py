"""RunConfig <-> the address: what is set on the page is in the link, and a link sets the page."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

from gan_core.config import RunConfig
from gan_core.data import DATA
from gan_core.presets import PRESETS
from gan_core.sentences import Sentence

DEFAULT_PRESET = next(iter(PRESETS))
RESERVED = ("preset", "run", "view", "lang", "embed", "embed_options")
"""Words in a link that are no settings."""


def read_url(query: Mapping[str, str]) -> tuple[str, dict[str, Any], list[str]]:
    """Preset, settings and complaints from the query of a link; what cannot be is left at the preset's value and complained of."""
    preset = query.get("preset", DEFAULT_PRESET)
    complaints: list[str] = []
    if preset not in PRESETS:
        complaints.append(Sentence("The link names the preset {name}. There are {names}.", name=repr(preset), names=", ".join(PRESETS)))
        preset = DEFAULT_PRESET
    config, problems = take(PRESETS[preset].config, {name: text for name, text in query.items() if name not in RESERVED})
    return preset, config.to_dict(), complaints + problems


def take(config: RunConfig, texts: Mapping[str, str]) -> tuple[RunConfig, list[str]]:
    """`config` with what these texts of a link set, and complaints of what cannot be, which stays as it was."""
    try:
        return take_up(config, texts), []
    except ValueError:
        pass
    # Together they do not work: take what works one by one, again after each success, as some work only after others.
    problems: dict[str, ValueError] = {}
    while texts:
        problems = {}
        for name, text in texts.items():
            try:
                config = take_up(config, {name: text})
            except ValueError as error:
                problems[name] = error
        if len(problems) == len(texts):
            break
        texts = {name: texts[name] for name in problems}
    return config, [Sentence("From the link: {problem}", problem=problem) for problem in problems.values()]


def take_up(config: RunConfig, changes: Mapping[str, Any]) -> RunConfig:
    """`config` with these changes; ValueError where that cannot work, or not with the data as they lie there now."""
    changed = config.but(**changes)
    DATA[changed.data].look(changed.request, told=changed.told)
    return changed


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
