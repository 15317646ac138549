"""How different a generator's samples are from each other, measured by the reals beside them: what mode collapse takes away.

No classifier and no network: cheap enough (about a millisecond) for every grid of fakes that is shown.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from gan_core.events import Pictures

CELLS = 16
"""Cells a side that a plane is cut into."""
SIDE = 32
"""Larger pictures are looked at through every second, third ... pixel."""


def variety_beside(reals: Pictures) -> Callable[[Pictures], float]:
    """What measures fakes: about 1 where they are as different from each other as these reals are, 0 where they are all the same.

    Images, uint8 (n, height, width, channels): mean distance of two fakes, as a share of the mean distance of two reals.
    Points, float (n, 2): the share of reals that have a fake in their cell of a grid over the reals.
    """
    if reals.ndim == 2:
        return _covered(reals)
    scale = max(_apart(reals), 1e-9)
    return lambda fakes: round(_apart(fakes) / scale, 4)


def _apart(pictures: Pictures) -> float:
    """Mean Euclidean distance of two of the pictures."""
    stride = -(-pictures.shape[1] // SIDE)
    flat = pictures[:, ::stride, ::stride].reshape(len(pictures), -1).astype(np.float32)
    flat -= flat.mean(0)  # distances stay as they are, and large equal parts no longer eat the digits of small differences
    rows = torch.from_numpy(flat)  # numpy's own product would keep a second core spinning for 0.1 s after each (docs/decisions/threads.md)
    squares = rows.square().sum(1)
    distances = (squares[:, None] + squares - 2 * (rows @ rows.T)).clamp(min=0).sqrt()
    return float((distances.sum() - distances.trace()) / (len(rows) * (len(rows) - 1)))


def _covered(reals: Pictures) -> Callable[[Pictures], float]:
    low = reals.min(0)
    size = np.maximum((reals.max(0) - low) / CELLS, 1e-9)

    def cells(points: Pictures) -> NDArray[Any]:
        # Whatever lies outside gets the frame around the grid, where no real is.
        boxes = np.clip((points - low) // size + 1, 0, CELLS + 2)
        column, row = np.nan_to_num(boxes).astype(np.int64).T
        places: NDArray[Any] = column * (CELLS + 3) + row
        return places

    of_reals = cells(reals)

    def share(fakes: Pictures) -> float:
        hit = np.zeros((CELLS + 3) ** 2, dtype=bool)
        hit[cells(fakes)] = True
        return round(float(hit[of_reals].mean()), 4)

    return share
