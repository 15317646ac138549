"""The Playground's link: the settings of its run, what the plane shows, and how fast it goes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from gan_core.config import RunConfig
from gan_core.data import DATA
from gan_core.knobs import Knob, checked
from gan_core.presets import PRESETS
from gan_core.sentences import Sentence
from ui.address import RESERVED, take
from ui.components.plane_view import FASTEST, LAYERS, SLOWEST

TARGETS: Final = tuple(name for name, source in DATA.items() if source.kind == "plane")
DEFAULT: Final = "ring-8"
SHOWN: Final = ("reals", "fakes", "heat")
"""Layers at a first visit."""
OWN: Final = ("layers", "pace")
"""Words of this page in a link; the others are settings."""
PACE: Final = Knob("run", "", low=SLOWEST, high=FASTEST)


def base_of(data: str) -> RunConfig:
    """Settings that are known to work for a target: those of its own preset, else those of ring-8's with this target."""
    for preset in PRESETS.values():
        if preset.config.data == data and not (preset.fails or preset.gpu):
            return preset.config
    return PRESETS[DEFAULT].config if data == "points" else PRESETS[DEFAULT].config.but(data=data)


@dataclass(frozen=True)
class Play:
    """Everything that is set on the page, as a link holds it."""

    config: RunConfig = field(default_factory=lambda: base_of(DEFAULT))
    layers: tuple[str, ...] = SHOWN
    pace: float | None = None
    """Half-steps a second; None for full speed."""

    def link(self) -> dict[str, str]:
        """What differs from the defaults, as the query of a link."""
        data = self.config.data
        texts = {} if data == DEFAULT else {"data": data}
        texts |= {name: text for name, text in self.config.differences(base_of(data)).items() if name != "data"}
        if set(self.layers) != set(SHOWN):
            texts["layers"] = ",".join(self.layers)
        if self.pace is not None:
            texts["pace"] = f"{self.pace:g}"
        return texts


def read_link(query: Mapping[str, str]) -> tuple[Play, list[str]]:
    """What a link asks for, and complaints; what cannot be stays at its default and is complained of."""
    complaints: list[str] = []
    texts = {name: text for name, text in query.items() if name not in (*RESERVED, *OWN)}
    data = texts.get("data", DEFAULT)
    if data not in TARGETS:
        names = ", ".join(TARGETS)
        complaints.append(Sentence("From the link: data is {data}, and the Playground has {names}.", data=repr(data[:40]), names=names))
        texts.pop("data")
        data = DEFAULT
    config, problems = take(base_of(data), texts)
    complaints += problems
    layers, pace = SHOWN, None
    for name, read in (("layers", _layers), ("pace", _pace)):
        if name not in query:
            continue
        try:
            value = read(query[name])
        except ValueError as error:
            complaints.append(Sentence("From the link: {problem}", problem=error))
            continue
        layers, pace = (value, pace) if name == "layers" else (layers, value)
    return Play(config, layers, pace), complaints


def _layers(text: str) -> tuple[str, ...]:
    asked = [name for name in text.split(",") if name]
    for name in asked:
        if name not in LAYERS:
            raise ValueError(Sentence("{layer} is no layer. There are {names}.", layer=repr(name[:40]), names=", ".join(LAYERS)))
    return tuple(name for name in LAYERS if name in asked)


def _pace(text: str) -> float:
    return float(checked("pace", text, kind=float, knob=PACE))


def moved_to(config: RunConfig, data: str, folder: str = "") -> RunConfig:
    """The settings with another target: what was changed by hand stays, the rest is what that target is known to work with."""
    changed = {name: text for name, text in config.differences(base_of(config.data)).items() if name not in ("data", "folder")}
    wanted = {**changed, "data": data} | ({"folder": folder} if folder else {})
    return take(base_of(data), wanted)[0]
