"""Stand-in until the real one is merged."""

from __future__ import annotations

import torch
from torch import Tensor


def lerp(a: Tensor, b: Tensor, t: Tensor) -> Tensor:
    return a + (b - a) * t[:, None]


def slerp(a: Tensor, b: Tensor, t: Tensor) -> Tensor:
    na, nb = a.norm(), b.norm()
    u, v = a / na, b / nb
    angle = torch.acos((u @ v).clamp(-1, 1))
    if angle < 1e-4:
        return lerp(a, b, t)
    t = t[:, None]
    direction = (torch.sin((1 - t) * angle) * u + torch.sin(t * angle) * v) / torch.sin(angle)
    return direction * (na + (nb - na) * t)


def walk(keys: Tensor, *, how: str, frames: int, closed: bool, ease: bool) -> Tensor:
    stops = torch.cat([keys, keys[:1]]) if closed else keys
    legs = len(stops) - 1
    where = torch.linspace(0, legs, frames + 1)[:-1] if closed else torch.linspace(0, legs, frames)
    leg = where.floor().clamp(max=legs - 1).long()
    t = where - leg
    if ease:
        t = t * t * (3 - 2 * t)
    between = {"lerp": lerp, "slerp": slerp}[how]
    return torch.cat([between(stops[i], stops[i + 1], share[None]) for i, share in zip(leg.tolist(), t, strict=True)])
