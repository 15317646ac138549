"""The GAN of two numbers on screen: what a link asks for, the paths and fields that are shown, and what is said of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from functools import lru_cache
from typing import Any, Final

import streamlit as st
import torch

from gan_core.dirac import START, field, play
from gan_core.games import GAMES
from gan_core.knobs import Knob, checked
from gan_core.outlook import Kind, Outlook, outlook, playable
from gan_core.penalties import PENALTIES
from gan_core.sentences import Sentence
from ui.components.dirac_view import WORDS, dirac_view
from ui.text import N_, _, said

STEPS: Final = 500
MOST: Final = 4
POINTS: Final = 17
"""Arrows of a field, each way."""
UPDATES: Final = ("alternating", "simultaneous")
SPEEDS: Final = (5, 20, 60, 200)
REACHES: Final = (2.0, 3.0, 4.0)
"""How far the planes may reach: the first that holds all paths, for all portraits alike."""
KNOBS: Final[Mapping[str, Knob]] = {
    "updates": Knob("run", "", choices=UPDATES),
    "size": Knob("run", "", low=0.01, high=1.0),
    "gamma": Knob("run", "", low=0.0, high=10.0),
    "speed": Knob("run", "", choices=tuple(map(str, SPEEDS))),
}
OWN: Final = ("portraits", "start", *KNOBS)
"""Words of this page in a link."""

SENTENCES: Final[dict[Kind, str]] = {
    "rests": N_("They come to rest where the fakes are like the reals: the penalty takes the swing out of their quarrel."),
    "circles": N_("They go round and round: what one of them gains, the other takes back, and neither ever arrives."),
    "creeps": N_("They creep inward, more slowly the closer they are: the last bit of the way takes for ever."),
    "orbits": N_(
        "They are drawn to a circle of one size and stay on it: close to the goal their steps are too long, farther out they calm down."
    ),
    "leaves": N_("They spiral out: each step answers the other's last one a little too late and carries both farther away."),
    "bounded": N_("They swing outward until a bound holds them, and then go round for ever."),
    "overshoots": N_("The steps are too long for so strong a penalty: D is thrown over the middle, farther each time."),
    "stalls": N_("D falls silent too early: its weight goes to zero, G hears nothing any more, and the fakes stay where they are."),
    "restless": N_("They never rest: this penalty wants D as steep as 1, and at the goal D would have to be flat."),
}
RATES: Final[dict[Kind, str]] = {
    "rests": N_("Eigenvalue size {rate}: near the goal each step leaves that share of the distance."),
    "circles": N_("Eigenvalue size exactly 1: to first order the distance stays."),
    "creeps": N_("Eigenvalue size exactly 1: only higher orders pull inward; after t steps of h about √(8 / ht) is left."),
    "orbits": N_("Eigenvalue size {rate}, above 1: the goal repels. To leading order the circle has radius {orbit}."),
    "leaves": N_("Eigenvalue size {rate}, above 1: near the goal each step makes the distance that much longer."),
    "bounded": N_("Eigenvalue size {rate}, above 1: the goal repels, until the bound."),
    "overshoots": N_("Eigenvalue below -1, of size {rate}: a smaller step or a smaller gamma would come to rest."),
    "stalls": N_("Eigenvalue exactly 1 along D = 0: each place with a silent D is a rest, the goal only one of them."),
    "restless": N_("The penalty's slope jumps where D is flat, so there is no eigenvalue to go by."),
}


@dataclass(frozen=True)
class Settings:
    """Everything that is set on the page, as a link holds it."""

    portraits: tuple[tuple[str, str], ...] = (
        ("minimax", "none"),
        ("non-saturating", "none"),
        ("wasserstein", "WGAN-GP"),
        ("non-saturating", "R1"),
    )
    """Game and penalty of each."""
    start: tuple[float, float] = START
    updates: str = "alternating"
    size: float = 0.2
    gamma: float = 0.3
    speed: str = "60"

    def link(self) -> dict[str, str]:
        """What differs from the defaults, as the query of a link."""
        texts = {
            "portraits": ",".join("~".join(pair) for pair in self.portraits),
            "start": ",".join(f"{value:.4g}" for value in self.start),
            "updates": self.updates,
            "size": f"{self.size:.4g}",
            "gamma": f"{self.gamma:.4g}",
            "speed": self.speed,
        }
        return {name: text for name, text in texts.items() if getattr(self, name) != getattr(Settings, name)}


def read_link(query: Mapping[str, str], base: Settings | None = None) -> tuple[Settings, list[str]]:
    """Settings from a link's query or from what the view sends; what cannot be stays as in `base` and is complained of."""
    settings, complaints = base or Settings(), []
    for item in fields(Settings):
        if item.name in query:
            try:
                settings = replace(settings, **{item.name: _read(item.name, query[item.name])})
            except ValueError as error:
                complaints.append(_("From the link: {problem}").format(problem=said(error)))
    return settings, complaints


def _read(name: str, text: str) -> Any:
    if name == "portraits":
        return _portraits(text)
    if name == "start":
        return _start(text)
    return checked(name, text, kind=str if KNOBS[name].choices else float, knob=KNOBS[name])


def _portraits(text: str) -> tuple[tuple[str, str], ...]:
    pairs = [pair.partition("~") for pair in text.split(",") if pair]
    if not 1 <= len(pairs) <= MOST:
        raise ValueError(Sentence("portraits names {count} games, and it has to be from 1 to {most}.", count=len(pairs), most=MOST))
    games, penalties = (Knob("run", "", choices=tuple(names)) for names in playable())
    return tuple(
        (checked("game", game, kind=str, knob=games), checked("penalty", penalty or "none", kind=str, knob=penalties))
        for game, _tilde, penalty in pairs
    )


def _start(text: str) -> tuple[float, float]:
    edge = Knob("run", "", low=-REACHES[-1], high=REACHES[-1])
    parts = text.split(",")
    if len(parts) != 2:
        raise ValueError(Sentence("start is {value}, and it has to be two numbers with a comma between them.", value=repr(text)))
    theta, psi = (checked("start", part, kind=float, knob=edge) for part in parts)
    return theta, psi


@lru_cache(maxsize=256)
def path(game: str, penalty: str, settings: Settings) -> torch.Tensor:
    """The steps of one portrait, (STEPS + 1, 2), by the core; `settings` without what does not move anybody."""
    alternating = settings.updates == "alternating"
    steps = play(game, penalty, gamma=settings.gamma, steps=STEPS, size=settings.size, start=settings.start, alternating=alternating)
    return torch.nan_to_num(steps, nan=1e12, posinf=1e12, neginf=-1e12).clamp(-1e12, 1e12)


def portrait(game: str, penalty: str, settings: Settings) -> dict[str, Any]:
    """One portrait as the view draws it: path, radii, and what is said of it."""
    weighed = PENALTIES[penalty].on_gradient
    moving = replace(settings, portraits=(), speed="", gamma=settings.gamma if weighed else 0.0)
    steps = path(game, penalty, moving)
    ahead = outlook(game, penalty, gamma=settings.gamma, size=settings.size, alternating=settings.updates == "alternating")
    return {
        "game": game,
        "penalty": penalty,
        "path": _short(steps),
        "radii": _short(steps.norm(dim=1)),
        "kind": ahead.kind,
        "sentence": _(SENTENCES[ahead.kind]),
        "numbers": numbers_of(ahead, tell_critical=weighed and settings.gamma != ahead.critical_gamma),
    }


def numbers_of(ahead: Outlook, *, tell_critical: bool) -> str:
    """The expert's line."""
    said_ = [_(RATES[ahead.kind]).format(rate=f"{ahead.rate:.4f}", orbit=f"{ahead.orbit or 0:.3g}")]
    if ahead.turn is not None and ahead.kind != "restless":
        said_.append(_("One turn takes {steps} steps.").format(steps=f"{ahead.turn:.1f}"))
    if ahead.critical_gamma is not None and tell_critical:
        said_.append(_("With small steps γ = {gamma} is fastest.").format(gamma=f"{ahead.critical_gamma:.3g}"))
    return " ".join(said_)


def reach(paths: list[list[float]]) -> float:
    """How far the planes have to reach: as far as all paths, within what can be drawn."""
    far = max((abs(value) for flat in paths for value in flat), default=0.0)
    return next((limit for limit in REACHES if far <= limit), REACHES[-1])


def arrows(game: str, penalty: str, *, gamma: float, edge: float) -> list[float]:
    """The field on a grid over the plane, flat: a pair (dθ, dψ) a point, psi by psi from below, theta by theta within."""
    line = torch.linspace(-edge, edge, POINTS, dtype=torch.float64)
    psi, theta = torch.meshgrid(line, line, indexing="ij")
    return _short(torch.stack(field(theta, psi, game=game, penalty=penalty, gamma=gamma), dim=-1))


def _short(values: torch.Tensor) -> list[float]:
    """As a flat list of numbers of seven digits: a screen needs no more."""
    return [float(f"{value:.7g}") for value in values.flatten().tolist()]


def begin() -> list[str]:
    """Take the settings of the link, or those the page was left with; complaints about that link."""
    state, query = st.session_state, {name: text for name, text in st.query_params.items() if name in OWN}
    if "dirac" not in state or (query != state.dirac_link and query):
        state.dirac, state.dirac_complaints = read_link(query)
    return list(state.dirac_complaints)


def write_url() -> None:
    """Put what differs from the defaults into the address."""
    st.session_state.dirac_link = st.session_state.dirac.link()
    wanted = st.session_state.dirac_link | {name: value for name, value in st.query_params.items() if name == "lang"}
    if st.query_params.to_dict() != wanted:
        st.query_params.from_dict(wanted)


def obey(asked: Mapping[str, str]) -> None:
    """Set what the view asks for, before the page is drawn again."""
    texts = {name: text for name, text in asked.items() if name in OWN and isinstance(text, str)}
    st.session_state.dirac, st.session_state.dirac_complaints = read_link(texts, st.session_state.dirac)


def portraits() -> None:
    """Draw the view."""
    settings: Settings = st.session_state.dirac
    shown = [portrait(game, penalty, settings) for game, penalty in settings.portraits]
    edge = reach([one["path"] for one in shown])
    for one in shown:
        one["arrows"] = arrows(one["game"], one["penalty"], gamma=settings.gamma, edge=edge)
    games, penalties = playable()
    dirac_view(
        portraits=shown,
        settings={name: getattr(settings, name) for name in ("updates", "size", "gamma", "speed", "start")},
        limits={name: [KNOBS[name].low, KNOBS[name].high] for name in ("size", "gamma")},
        reach=edge,
        games={name: _(GAMES[name].help) for name in games},
        penalties={name: _(PENALTIES[name].help) for name in penalties},
        speeds=list(SPEEDS),
        words={key: _(word) for key, word in WORDS.items()},
        on_ask=obey,
        key="dirac_view",
    )
