"""The answer to what the players of a plane do: D's verdict everywhere, G's noise bent, fakes and where they are pulled, figures."""

from __future__ import annotations

from typing import Protocol

from gan_core.ground import Ground, Prospect
from gan_core.looks import Look
from live.asks import Ask
from live.needs import Answer, Aside, Work


class Place(Protocol):
    """What a run on a plane offers to those who answer."""

    def ground(self) -> Ground | None:
        """What stays as it is during the run, if it is at hand."""

    def load_ground(self) -> Ground:
        """The same, loaded now; Trouble where that cannot be."""


def plane(ask: Ask, look: Look, place: Place) -> Work:
    """Everything that is asked for of one moment, all from the same weights; what needs D is left out where D is not at hand."""
    yield None
    ground = place.ground() or (yield Aside(place.load_ground))
    options, prospect = ask.options, Prospect(ground, look)
    answer: Answer = {"span": list(ground.span), "axis": prospect.axis, "half": look.half}
    if options["heat"] and look.critic is not None:
        answer["heat"] = (yield from prospect.heat(options["heat"])).numpy()
    if options["grid"]:
        answer["grid_z"] = prospect.grid_z(options["grid"]).numpy()
        answer["warped"] = (yield from prospect.warped(options["grid"])).numpy()
    if options["fakes"]:
        fakes = yield from prospect.fakes(options["fakes"])
        answer |= {"fakes": fakes.places.numpy(), "z": fakes.z[:, :2].contiguous().numpy()}
        if fakes.verdict is not None and fakes.arrows is not None:
            answer |= {"verdict": fakes.verdict.numpy(), "arrows": fakes.arrows.numpy()}
    if options["figures"]:
        answer["figures"] = yield from prospect.figures()
    return answer
