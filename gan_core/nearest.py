"""Which training images are closest to an image, and how close held-out reals come: is it learned by heart?"""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from gan_core.data import DataSet
from gan_core.events import Pictures
from gan_core.images import to_pictures
from gan_core.streams import stream

CLOSEST = 3
HELD_OUT = 256
"""Held-out reals that the yardstick is made of, at most."""
CHUNK = 2**20
"""Numbers of a chunk of the training images: a few milliseconds of work for one image."""
SHARES = {"p5": 0.05, "p50": 0.5, "p95": 0.95}

Searching = Generator[None, None, tuple[Tensor, Tensor]]
"""Yields between two chunks; returns distances and indices, (n, k) each, closest first."""


@dataclass(frozen=True)
class Found:
    """The training images closest to one image."""

    pictures: Pictures
    distance: NDArray[np.float32]
    """Root mean square difference per pixel, on the scale from 0 to 1."""
    labels: list[str] | None
    """Their classes, where the data have some."""


class Neighbours:
    """A data set's training images, to be searched through."""

    def __init__(self, data: DataSet) -> None:
        self._data, self._flat = data, data.train.flatten(1)
        self._yardstick: dict[str, float] | None = None

    def closest(self, image: Tensor) -> Generator[None, None, Found]:
        """The closest to one image (1, c, h, w) in bytes; yields between chunks."""
        distance, index = yield from self._search(image.flatten(1), CLOSEST)
        chosen = index[0]
        names, labels = self._data.classes, self._data.train_labels
        known = [names[int(label)] for label in labels[chosen]] if labels is not None and names else None
        return Found(to_pictures(self._data.train[chosen]), distance[0].numpy(), known)

    def yardstick(self) -> Generator[None, None, dict[str, float]]:
        """How far the closest training image is from a held-out real: percentiles over some of them; yields between chunks."""
        if self._yardstick is None:
            held_out = self._data.heldout
            chosen = torch.randperm(len(held_out), generator=stream(0, "yardstick"))[:HELD_OUT]
            distance, _ = yield from self._search(held_out[chosen].flatten(1), 1)
            self._yardstick = {name: float(distance.flatten().quantile(share)) for name, share in SHARES.items()}
        return self._yardstick

    def _search(self, images: Tensor, count: int) -> Searching:
        count = min(count, len(self._flat))
        asked = images.float() / 255
        best = torch.full((len(asked), 0), torch.inf)
        index = torch.zeros((len(asked), 0), dtype=torch.long)
        start = 0
        for part in torch.split(self._flat, max(1, CHUNK // (self._flat.shape[1] + 4 * len(asked)))):
            yield
            squares = torch.cdist(asked, part.float() / 255, compute_mode="use_mm_for_euclid_dist")
            best = torch.cat([best, squares], dim=1)
            index = torch.cat([index, torch.arange(start, start + len(part)).expand(len(asked), -1)], dim=1)
            best, kept = best.topk(min(count, best.shape[1]), dim=1, largest=False)
            index, start = index.gather(1, kept), start + len(part)
        return self._exact(asked, index)

    def _exact(self, asked: Tensor, index: Tensor) -> tuple[Tensor, Tensor]:
        """Distances from the differences themselves: those from products lose their digits where two images are nearly the same."""
        differences = self._flat[index].float() / 255 - asked[:, None]
        distance, order = differences.square().mean(dim=2).sqrt().sort(dim=1)
        return distance, index.gather(1, order)
