"""Which curves a run has and what they are called: from the game's record to words and lines on the chart."""

from __future__ import annotations

from typing import Any

from gan_core.config import RunConfig
from gan_core.games import GAMES, Axis, Game
from ui.charts import Curve, Line, Panel, live_figure
from ui.text import N_, _

AXIS_TITLES: dict[Axis, str] = {
    "probability": N_("D's verdict: probability of being real"),
    "score": N_("D's verdict: score, higher is more real"),
    "margin": N_("D's verdict: margin of a real over a fake"),
}
VERDICTS: dict[Axis, list[Curve]] = {
    "probability": [
        Curve(name="verdict/real", label=N_("on reals"), player="real", panel="verdict"),
        Curve(name="verdict/fake", label=N_("on fakes"), player="fake", panel="verdict"),
    ],
    "score": [
        Curve(name="verdict/score-real", label=N_("on reals"), player="real", panel="verdict"),
        Curve(name="verdict/score-fake", label=N_("on fakes"), player="fake", panel="verdict"),
    ],
    "margin": [Curve(name="verdict/margin", label=N_("real minus fake"), player="critic", panel="verdict")],
}
VERDICT_WORDS: dict[Axis, str] = {
    "probability": N_("probability of being real"),
    "score": N_("score, higher is more real"),
    "margin": N_("margin of a real over it"),
}
"""The same axis for one fake."""
RANGES: dict[Axis, dict[Panel, tuple[float, float]]] = {"probability": {"verdict": (0.0, 1.0)}, "score": {}, "margin": {}}


def live(config: RunConfig) -> dict[str, Any]:
    """The live view's figure for a run with these settings: its curves, and the lines they settle on if both play perfectly."""
    game = GAMES[config.game]
    curves = [
        Curve(name="loss/critic", label="D", player="critic", panel="loss"),
        Curve(name="loss/generator", label="G", player="generator", panel="loss"),
        *[_in_words(curve) for curve in VERDICTS[game.axis]],
        Curve(name="gradient/critic", label="D", player="critic", panel="gradient"),
        Curve(name="gradient/generator", label="G", player="generator", panel="gradient"),
    ]
    titles: dict[Panel, str] = {"loss": _("Losses"), "verdict": _(AXIS_TITLES[game.axis]), "gradient": _("Gradient norms")}
    return live_figure(curves, _lines(config, game), titles=titles, axis_title=_("Step"), ranges=RANGES[game.axis])


def _in_words(curve: Curve) -> Curve:
    label = curve["label"]
    return curve | {"label": _(label)}


def verdict(config: RunConfig) -> dict[str, Any]:
    """How D's verdict on one fake is read: in words, with the value at which it cannot tell, and its limits where it has some."""
    game = GAMES[config.game]
    limits = RANGES[game.axis].get("verdict")
    return {"words": _(VERDICT_WORDS[game.axis]), "equilibrium": game.equilibrium_verdict, "range": list(limits) if limits else None}


def _lines(config: RunConfig, game: Game) -> list[Line]:
    """Where curves settle if both play perfectly; none where the game leaves it open, and none that smoothed labels have moved."""
    if config.label_smoothing and game.smoothed:
        return []
    lines = _loss_lines(game)
    if game.equilibrium_verdict is not None:
        lines.append(Line(panel="verdict", value=game.equilibrium_verdict, label=_("cannot tell"), player="neutral"))
    return lines


def _loss_lines(game: Game) -> list[Line]:
    """Where the losses settle, as far as the game says; one line where both players settle on the same value."""
    critic, generator = game.equilibrium_critic, game.equilibrium_generator
    words_critic, words_generator = game.equilibrium_words
    if critic == generator:
        return [Line(panel="loss", value=critic, label=_label("D = G", words_critic, critic), player="neutral")]
    lines = [Line(panel="loss", value=critic, label=_label("D", words_critic, critic), player="critic")]
    if generator is not None:
        lines.append(Line(panel="loss", value=generator, label=_label("G", words_generator, generator), player="generator"))
    return lines


def _label(players: str, words: str, value: float) -> str:
    """As in D: 2 log 2 = 1.39, or just D: 2 where the formula is the number."""
    return f"{players}: {words}" if words.isdigit() else f"{players}: {words} = {value:.3g}"
