"""Answers to what browsers ask: one generator each, which hands over whenever others may have a turn.

Such a generator yields what it needs and is sent what came of it: `Draw` (drawn together with what others ask of the same
networks), `Aside` (done in another thread), or None ("go on when it is my turn again"). It returns what is answered.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from gan_core import latent
from gan_core.events import Pictures
from gan_core.looks import Look
from live.asks import Ask

SLICE = 32
"""Images that are drawn at once for one question; a pad's question waits for one slice of somebody's film, not for the film."""
ACTIVATIONS = 2048
"""z whose activations principal directions are found from, at least; four for each number of z, if that is more."""
UNITS = 4096
"""Units of the first layer they are found from, at most: a fixed choice by chance of those it has."""


class Trouble(Exception):
    """A question that cannot be answered, and the code that says why."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True)
class Draw:
    """Needed: images of some z, and D's verdicts on them if asked for."""

    look: Look
    z: Tensor
    verdict: bool = False


@dataclass(frozen=True)
class Drawn:
    """What came of a `Draw`."""

    pictures: Pictures
    verdict: NDArray[np.float32] | None


@dataclass(frozen=True)
class Aside:
    """Needed: something that takes long and runs in another thread."""

    call: Callable[[], Any]


Need = Draw | Aside | None
Answer = dict[str, Any]
"""Name -> array (goes behind the header), or whatever JSON can say."""
Work = Generator[Need, Any, Answer]


class Scene(Protocol):
    """What a run offers to those who answer."""

    def at(self, step: int) -> Look | None:
        """The averaged generator of a kept moment; None where it is not kept."""


def draw(ask: Ask, look: Look, scene: Scene) -> Work:
    """Pictures of some z, and D's verdicts where D is at hand."""
    drawn = yield from _drawn(look, ask.z, verdict=ask.options["verdict"])
    return {"pictures": drawn.pictures, "verdict": drawn.verdict}


def path(ask: Ask, look: Look, scene: Scene) -> Work:
    """Pictures of a walk along some z."""
    z = latent.walk(ask.z, **ask.options)
    drawn = yield from _drawn(look, z, verdict=False)
    return {"pictures": drawn.pictures, "norms": np.linalg.norm(z, axis=1).astype(np.float32), "path": z}


def directions(ask: Ask, look: Look, scene: Scene) -> Work:
    """Directions of z, most telling first."""
    latent_dim, count = ask.z.shape[1], ask.options["count"]
    found = yield from DIRECTIONS[ask.options["kind"]](look, latent_dim, count=count, seed=ask.options["seed"])
    return {"directions": found[0], "strength": found[1]}


Found = Generator[Need, Any, latent.Directions]


def _random(look: Look, latent_dim: int, *, count: int, seed: int) -> Found:
    yield None
    return latent.random_directions(latent_dim, count, seed)


def _coordinates(look: Look, latent_dim: int, *, count: int, seed: int) -> Found:
    yield None
    return latent.coordinate_directions(latent_dim, count)


def _sefa(look: Look, latent_dim: int, *, count: int, seed: int) -> Found:
    yield None
    return latent.sefa_directions(look.generator, latent_dim, count)


def _principal(look: Look, latent_dim: int, *, count: int, seed: int) -> Found:
    rng = np.random.default_rng(seed)
    z = rng.standard_normal((max(ACTIVATIONS, 4 * latent_dim), latent_dim), np.float32)
    seen, kept = [], None
    for part in torch.split(torch.from_numpy(z), 4 * SLICE):
        yield None
        outputs = latent.first_outputs(look.generator, part, activated=True).numpy()
        if kept is None:
            kept = np.sort(rng.permutation(outputs.shape[1])[:UNITS])
        seen.append(outputs[:, kept])
    found: latent.Directions = yield Aside(lambda: latent.principal_directions(z, np.concatenate(seen), count))
    return found


DIRECTIONS: dict[str, Callable[..., Found]] = {
    "random": _random,
    "principal": _principal,
    "sefa": _sefa,
    "coordinates": _coordinates,
}

ASKS: dict[str, Callable[[Ask, Look, Scene], Work]] = {"draw": draw, "directions": directions, "path": path}
"""Question -> what answers it."""


def _drawn(look: Look, z: NDArray[np.float32], *, verdict: bool) -> Generator[Need, Any, Drawn]:
    """Images of any number of z, a slice at a time."""
    parts: list[Drawn] = []
    for part in torch.split(torch.from_numpy(z), SLICE):
        parts.append((yield Draw(look, part, verdict)))
    verdicts = [part.verdict for part in parts if part.verdict is not None]
    return Drawn(np.concatenate([part.pictures for part in parts]), np.concatenate(verdicts) if verdicts else None)
