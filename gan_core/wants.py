"""What D wants of an image: the gradient of its logit, and the image or the z moved along it, a step at a time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Tensor

from gan_core.looks import Look

SHARES = (1.0, 0.5, 0.25, 0.125, 0.0625)
"""Of a step along z: the first that pleases D more is taken."""


@dataclass(frozen=True)
class Wanted:
    """One image (1, c, h, w) in [-1, 1], D's logit on it (1,) and the logit's gradient by pixel, (1, c, h, w)."""

    image: Tensor
    logit: Tensor
    gradient: Tensor


def wanted(look: Look, image: Tensor) -> Wanted:
    """What D wants of one image: in every game a higher logit means "more real"."""
    image = image.detach().requires_grad_()
    with torch.enable_grad():
        logit = look.logits(image)
        (gradient,) = torch.autograd.grad(logit.sum(), image)
    return Wanted(image.detach(), logit.detach(), gradient)


def image_steps(look: Look, image: Tensor, *, rate: float) -> Iterator[tuple[Tensor, Tensor]]:
    """One image after the other with D's logit on it, from `image` (1, c, h, w) on, for ever.

    A step changes a pixel by `rate` in the root mean square, on the scale from -1 to 1; what leaves the scale is clipped.
    """
    while True:
        now = wanted(look, image)
        yield now.image, now.logit
        image = (now.image + rate * now.gradient / now.gradient.square().mean().sqrt().clamp(min=1e-30)).clamp(-1.0, 1.0)


def z_steps(look: Look, z: Tensor, *, rate: float) -> Iterator[tuple[Tensor, Tensor, Tensor]]:
    """One z (1, latent_dim) after the other, its image and D's logit on it, from `z` on, for ever.

    A step goes `rate` times the norm of z in the direction that raises the logit most at that norm, which is kept: a generator
    has learned from z of about that norm. Where that is too far, and the logit would fall, it goes less far, at last not at all.
    """
    while True:
        z = z.detach().requires_grad_()
        with torch.enable_grad():
            image = look.draw(z)
            logit = look.logits(image)
            (gradient,) = torch.autograd.grad(logit.sum(), z)
        z = z.detach()
        yield z, image.detach(), logit.detach()
        outward = z / z.norm().clamp(min=1e-12)
        sideways = gradient - (gradient * outward).sum() * outward
        z = _uphill(look, z, logit, sideways / sideways.norm().clamp(min=1e-30), rate)


def _uphill(look: Look, z: Tensor, logit: Tensor, way: Tensor, rate: float) -> Tensor:
    """The farthest z (1, latent_dim) of a few along `way` whose logit is above this one; z itself if none is."""
    norm = z.norm()
    for share in SHARES:
        there: Tensor = z + share * rate * norm * way
        there = there * (norm / there.norm().clamp(min=1e-12))
        with torch.no_grad():
            if look.logits(look.draw(there)) > logit:
                return there
    return z
