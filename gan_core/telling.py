"""What a run tells of its state: records for whoever is not in its thread; and what it answers who turns a knob."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

from gan_core.checkpoint import copied
from gan_core.config import LIVE
from gan_core.events import Changed, Place, Refused, Started, Weights, WhichHalf
from gan_core.looking import Shown, draw
from gan_core.sentences import Sentence
from gan_core.state import GanState, critic_weights, judge


def place_of(state: GanState, elapsed_s: float) -> Place:
    """Where the run stands."""
    return Place(state.step, state.epoch, state.images, elapsed_s)


def started_of(state: GanState, shown: Shown, place: Place) -> Started:
    """What is going to train, on what."""
    return Started(
        place,
        shown.kind,
        device=state.device,
        threads=torch.get_num_threads(),
        train_size=len(state.batches),
        parameters_generator=_size(state.G),
        parameters_critic=_size(state.D),
        reals=shown.pictures(shown.reals).copy(),
        z=shown.z.cpu().numpy(),
        knobs={name: getattr(state.config, name) for name in LIVE},
        classes=shown.classes,
        labels=tuple(shown.labels.tolist()) if shown.labels is not None else (),
        reals_labels=tuple(shown.reals_labels.tolist()) if shown.reals_labels is not None else (),
    )


def drawn_by(state: GanState, shown: Shown, labels: Tensor | None) -> dict[str, Any]:
    """What the living and the averaged generator draw of these classes, and D's verdict on it: fields of `Samples`."""
    drawn = [draw(network, shown.z, labels) for network in (state.G, state.G_ema)]
    verdicts = shown.verdicts(judge(state), state.config.game, *drawn, labels=labels)
    names = ("living", "averaged", "verdict_living", "verdict_averaged")
    return dict(zip(names, [*map(shown.pictures, drawn), *verdicts], strict=True))


def weights_of(state: GanState, place: Place, *, asked: bool, half: WhichHalf) -> Weights:
    """Copies of both players' weights, for looking."""
    living, averaged = (copied(player.state_dict()) for player in (state.G, state.G_ema))
    return Weights(place, living, averaged, copied(critic_weights(state)), asked, half)


def turned(state: GanState, place: Place, name: str, value: object) -> Changed | Refused:
    """What came of turning a knob: the run has it from its next move on, or why it cannot."""
    if name not in LIVE:
        sentence = Sentence("{name} cannot be changed while a run goes on. What can is {names}.", name=name, names=", ".join(LIVE))
        return Refused(place, name, sentence)
    try:
        state.config = state.config.but(**{name: value})
    except ValueError as error:
        return Refused(place, name, str(error))
    return Changed(place, name, getattr(state.config, name))


def _size(player: nn.Module) -> int:
    return sum(weight.numel() for weight in player.parameters())
