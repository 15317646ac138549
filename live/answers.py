"""Answers to what browsers ask: one generator each, which hands over whenever others may have a turn.

What they yield and are sent is said in needs.py.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from itertools import islice
from typing import Any, Protocol

import numpy as np
import torch
from numpy.typing import NDArray

from gan_core import latent, wants
from gan_core.images import to_bytes
from gan_core.looks import Look, shown
from gan_core.nearest import Neighbours
from live.asks import Ask
from live.frames import finite
from live.library import Reals
from live.needs import Aside, Draw, Drawn, Need, Trouble, Work
from live.plane import Place, plane

SLICE = 16
"""Images that are drawn at once for one question; a pad's question waits for one slice of somebody's film, not for the film."""
LEARNED_FROM = 2048
"""z that principal and class directions are found from, at least; four for each number of z, if that is more."""
UNITS = 4096
"""Units of the first layer they are found from, at most: a fixed choice by chance of those it has."""


class Scene(Place, Protocol):
    """What a run offers to those who answer."""

    def at(self, step: int) -> Look | None:
        """The averaged generator of a kept moment; None where it is not kept."""

    def reals(self) -> Reals | None:
        """The training images, if they are at hand."""

    def load_reals(self) -> Reals:
        """The training images, loaded now; Trouble where that cannot be."""


def draw(ask: Ask, look: Look, scene: Scene) -> Work:
    """Pictures of some z, and D's verdicts where D is at hand."""
    drawn = yield from _drawn(look, np.concatenate([ask.z, _shares(ask, look)], axis=1), verdict=ask.options["verdict"])
    return {"pictures": drawn.pictures, "verdict": drawn.verdict}


def path(ask: Ask, look: Look, scene: Scene) -> Work:
    """Pictures of a walk along some z; from class to class it goes straight on, whatever the way of z."""
    z = latent.walk(ask.z, **ask.options)
    shares = latent.walk(_shares(ask, look), **{**ask.options, "how": "lerp"})
    drawn = yield from _drawn(look, np.concatenate([z, shares], axis=1), verdict=False)
    return {"pictures": drawn.pictures, "norms": np.linalg.norm(z, axis=1).astype(np.float32), "path": z}


def directions(ask: Ask, look: Look, scene: Scene) -> Work:
    """Directions of z, most telling first."""
    latent_dim, count = ask.z.shape[1], ask.options["count"]
    find = DIRECTIONS[ask.options["kind"]]
    vectors, strength, *names = yield from find(look, latent_dim, scene=scene, count=count, seed=ask.options["seed"])
    return {"directions": vectors, "strength": strength} | ({"names": names[0]} if names else {})


def film(ask: Ask, look: Look, scene: Scene) -> Work:
    """Pictures of one z by the averaged generators of kept moments; those thinned away meanwhile are left out."""
    steps, pictures = [], []
    for step in ask.options["steps"]:
        yield None
        if (then := scene.at(step)) is not None:
            drawn = yield from _drawn(of_class(then, ask), ask.z, verdict=False)
            steps.append(step)
            pictures.append(drawn.pictures)
    if not steps:
        raise Trouble("no_moment")
    return {"pictures": np.concatenate(pictures), "steps": steps}


def gradient(ask: Ask, look: Look, scene: Scene) -> Work:
    """One picture, and the gradient of D's logit by pixel."""
    _judging(look)
    yield None
    with torch.no_grad():
        image = look.draw(torch.from_numpy(ask.z))
    found = wants.wanted(look, image)
    heat = found.gradient[0].permute(1, 2, 0).contiguous()
    return {"pictures": shown(image), "heat": heat.numpy(), "norm": finite(float(heat.norm())), "verdict": look.verdicts(found.logit)}


def follow(ask: Ask, look: Look, scene: Scene) -> Work:
    """Pictures on the way to where D would rather have them, moved by pixel or by z."""
    _judging(look)
    yield None
    z, rate, count = torch.from_numpy(ask.z), ask.options["rate"], ask.options["count"]
    images, logits, points = [], [], []
    if ask.options["along"] == "z":
        for point, image, logit in islice(wants.z_steps(look, z, rate=rate), count + 1):
            points.append(point)
            images.append(image)
            logits.append(logit)
            yield None
    else:
        with torch.no_grad():
            first = look.draw(z).clamp(-1.0, 1.0)
        for image, logit in islice(wants.image_steps(look, first, rate=rate), count + 1):
            images.append(image)
            logits.append(logit)
            yield None
    way = {"path": torch.cat(points).numpy()} if points else {}
    return {"pictures": shown(torch.cat(images)), "verdict": look.verdicts(torch.cat(logits))} | way


def nearest(ask: Ask, look: Look, scene: Scene) -> Work:
    """The training images closest to one picture, and how close held-out reals come to any."""
    neighbours, judge = NEAR[ask.options["by"]](scene.reals() or (yield Aside(scene.load_reals)))
    with torch.inference_mode():
        image = to_bytes(look.draw(torch.from_numpy(ask.z)))
    found = yield from neighbours.closest(image)
    yardstick = yield from neighbours.yardstick()
    return {"pictures": found.pictures, "distance": found.distance, "yardstick": yardstick, "labels": found.labels, "judge": judge}


NEAR: dict[str, Callable[[Reals], tuple[Neighbours, str]]] = {"pixels": Reals.by_pixels, "features": Reals.by_features}
"""By what images are near each other."""


def _judging(look: Look) -> None:
    if look.critic is None:
        raise Trouble("no_critic")


Found = Generator[Need, Any, latent.Directions | tuple[latent.Z, latent.Z, tuple[str, ...]]]
"""Vectors, the strength of each, and names where they have some."""


def _random(look: Look, latent_dim: int, *, scene: Scene, count: int, seed: int) -> Found:
    yield None
    return latent.random_directions(latent_dim, count, seed)


def _coordinates(look: Look, latent_dim: int, *, scene: Scene, count: int, seed: int) -> Found:
    yield None
    return latent.coordinate_directions(latent_dim, count)


def _sefa(look: Look, latent_dim: int, *, scene: Scene, count: int, seed: int) -> Found:
    yield None
    return latent.sefa_directions(look.generator, latent_dim, count)


def _principal(look: Look, latent_dim: int, *, scene: Scene, count: int, seed: int) -> Found:
    rng, z = _z_of_directions(latent_dim, seed)
    seen, kept = [], None
    for part in torch.split(torch.from_numpy(z), 4 * SLICE):
        yield None
        outputs = latent.first_outputs(look.generator, part, activated=True).numpy()
        if kept is None:
            kept = np.sort(rng.permutation(outputs.shape[1])[:UNITS])
        seen.append(outputs[:, kept])
    found: latent.Directions = yield Aside(lambda: latent.principal_directions(z, np.concatenate(seen), count))
    return found


def _classes(look: Look, latent_dim: int, *, scene: Scene, count: int, seed: int) -> Found:
    """One for each class, whatever the count: where the own CNN of the data takes images for it, and where not."""
    reals = scene.reals() or (yield Aside(scene.load_reals))
    if not (judge := reals.judge()).classes:
        raise Trouble("no_classes")
    _, z = _z_of_directions(latent_dim, seed)
    kinds = []
    for part in torch.split(torch.from_numpy(z), SLICE):
        drawn: Drawn = yield Draw(look, part)
        kinds.append(judge.kinds(torch.from_numpy(drawn.pictures).permute(0, 3, 1, 2)).numpy())
    found: latent.Directions = yield Aside(lambda: latent.class_directions(z, np.concatenate(kinds), len(judge.classes)))
    if not found[1].any():
        raise Trouble("one_class")
    return *found, judge.classes


def _z_of_directions(latent_dim: int, seed: int) -> tuple[np.random.Generator, NDArray[np.float32]]:
    rng = np.random.default_rng(seed)
    return rng, rng.standard_normal((max(LEARNED_FROM, 4 * latent_dim), latent_dim), np.float32)


DIRECTIONS: dict[str, Callable[..., Found]] = {
    "random": _random,
    "principal": _principal,
    "sefa": _sefa,
    "coordinates": _coordinates,
    "classes": _classes,
}

ASKS: dict[str, Callable[[Ask, Look, Scene], Work]] = {
    "draw": draw,
    "film": film,
    "gradient": gradient,
    "follow": follow,
    "nearest": nearest,
    "directions": directions,
    "path": path,
    "plane": plane,
}
"""Question -> what answers it."""


def _drawn(look: Look, z: NDArray[np.float32], *, verdict: bool) -> Generator[Need, Any, Drawn]:
    """Images of any number of z, a slice at a time."""
    parts: list[Drawn] = []
    for part in torch.split(torch.from_numpy(z), SLICE):
        parts.append((yield Draw(look, part, verdict)))
    verdicts = [part.verdict for part in parts if part.verdict is not None]
    return Drawn(np.concatenate([part.pictures for part in parts]), np.concatenate(verdicts) if verdicts else None)


def of_class(look: Look, ask: Ask) -> Look:
    """The networks, told the class that is asked for, or ready for a blend behind each z; Trouble where there is no such class."""
    try:
        return look.blended if ask.kinds else look.of_class(ask.label)
    except ValueError:
        raise Trouble("no_class") from None


def _shares(ask: Ask, look: Look) -> NDArray[np.float32]:
    """What stands behind each z: the share of each class (n, classes), or nothing (n, 0) where all are told the same."""
    if not ask.kinds or not look.classes:
        return np.zeros((len(ask.z), 0), np.float32)
    try:
        return latent.shares_of(ask.kinds, look.classes)
    except ValueError:
        raise Trouble("no_class") from None
