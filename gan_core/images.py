"""The only place where pixels change their range: bytes 0..255 for people and files, floats -1..1 for networks."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor


def to_network(pixels: Tensor) -> Tensor:
    """float32 in [-1, 1], same shape, from uint8 in 0..255."""
    return pixels.float().mul_(2.0 / 255.0).sub_(1.0)


def to_bytes(images: Tensor) -> Tensor:
    """uint8 in 0..255, same shape, from floats in [-1, 1]; what lies outside is clipped, halves are rounded to even."""
    return images.detach().clamp(-1.0, 1.0).add(1.0).mul(127.5).round().to(torch.uint8)


def to_pictures(images: Tensor) -> NDArray[np.uint8]:
    """uint8 array (n, height, width, channels) from uint8 (n, channels, height, width)."""
    return np.ascontiguousarray(images.permute(0, 2, 3, 1).cpu().numpy())
