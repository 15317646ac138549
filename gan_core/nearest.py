"""Which training images are closest to an image, and how close held-out reals come: is it learned by heart?

Close by pixels, or by what a network sees in them: two images of one thing a pixel apart are far by pixels and near by features.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
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
LOOKED_AT = 32
"""Images that the network looks at in one go."""
SHARES = {"p5": 0.05, "p50": 0.5, "p95": 0.95}

Searching = Generator[None, None, tuple[Tensor, Tensor]]
"""Yields between two chunks; returns distances and indices, (n, k) each, closest first."""


@dataclass(frozen=True)
class Found:
    """The training images closest to one image."""

    pictures: Pictures
    distance: NDArray[np.float32]
    """Root mean square difference: per pixel on the scale from 0 to 1, or per feature."""
    labels: list[str] | None
    """Their classes, where the data have some."""


class Neighbours:
    """A data set's training images, to be searched by their pixels, or by the numbers (n, d) that `see` makes of bytes (n, c, h, w)."""

    def __init__(self, data: DataSet, see: Callable[[Tensor], Tensor] | None = None) -> None:
        self._data, self._see = data, see or (lambda images: images.flatten(1))
        self._flat = torch.empty(0) if see else data.train.flatten(1)
        self._seen: list[Tensor] = []
        self._yardstick: dict[str, float] | None = None

    def closest(self, image: Tensor) -> Generator[None, None, Found]:
        """The closest to one image (1, c, h, w) in bytes; yields between chunks."""
        distance, index = yield from self._search(image, CLOSEST)
        chosen = index[0]
        names, labels = self._data.classes, self._data.train_labels
        known = [names[int(label)] for label in labels[chosen]] if labels is not None and names else None
        return Found(to_pictures(self._data.train[chosen]), distance[0].numpy(), known)

    def yardstick(self) -> Generator[None, None, dict[str, float]]:
        """How far the closest training image is from a held-out real: percentiles over some of them; yields between chunks."""
        if self._yardstick is None:
            held_out = self._data.heldout
            chosen = torch.randperm(len(held_out), generator=stream(0, "yardstick"))[:HELD_OUT]
            distance, _ = yield from self._search(held_out[chosen], 1)
            self._yardstick = {name: float(distance.flatten().quantile(share)) for name, share in SHARES.items()}
        return self._yardstick

    def _look(self) -> Generator[None, None, None]:
        """See the training images, once; who is dropped on the way leaves what was seen to the next."""
        parts = torch.split(self._data.train, LOOKED_AT)
        while len(self._flat) < len(self._data.train):
            self._seen.append(self._see(parts[len(self._seen)]))
            if len(self._seen) == len(parts):
                self._flat, self._seen = torch.cat(self._seen), []
            yield

    def _search(self, images: Tensor, count: int) -> Searching:
        yield from self._look()
        count = min(count, len(self._flat))
        asked = _scaled(torch.cat([self._see(part) for part in torch.split(images, LOOKED_AT)]))
        best = torch.full((len(asked), 0), torch.inf)
        index = torch.zeros((len(asked), 0), dtype=torch.long)
        start = 0
        for part in torch.split(self._flat, max(1, CHUNK // (self._flat.shape[1] + 4 * len(asked)))):
            yield
            squares = torch.cdist(asked, _scaled(part), compute_mode="use_mm_for_euclid_dist")
            best = torch.cat([best, squares], dim=1)
            index = torch.cat([index, torch.arange(start, start + len(part)).expand(len(asked), -1)], dim=1)
            best, kept = best.topk(min(count, best.shape[1]), dim=1, largest=False)
            index, start = index.gather(1, kept), start + len(part)
        return self._exact(asked, index)

    def _exact(self, asked: Tensor, index: Tensor) -> tuple[Tensor, Tensor]:
        """Distances from the differences themselves: those from products lose their digits where two images are nearly the same."""
        differences = _scaled(self._flat[index]) - asked[:, None]
        distance, order = differences.square().mean(dim=2).sqrt().sort(dim=1)
        return distance, index.gather(1, order)


def _scaled(numbers: Tensor) -> Tensor:
    """Pixels from 0 to 1; features as they are."""
    return numbers.float() / 255 if numbers.dtype == torch.uint8 else numbers
