"""Random numbers of a run: every use has a stream of its own, so that looking never shifts what training draws."""

from __future__ import annotations

import zlib

import numpy as np
import torch
from torch import Tensor

from gan_core.noise import NOISES

SHOWN = {"image": 64, "plane": 1024}
"""How many samples people are shown."""


def stream(seed: int, purpose: str, *, device: str = "cpu", index: int = 0) -> torch.Generator:
    """A generator for one `purpose` of the run with `seed`; `index` numbers repeated uses (epochs). Equal arguments, equal numbers."""
    entropy = np.random.SeedSequence([seed, zlib.crc32(purpose.encode()), index])
    return torch.Generator(device).manual_seed(int(entropy.generate_state(1, np.uint64)[0] >> np.uint64(1)))


def shown_z(kind: str, latent_dim: int, noise: str = "gaussian") -> Tensor:
    """The z (SHOWN[kind], latent_dim) whose samples people watch: the same at every step of every run, so that runs can be compared."""
    return NOISES[noise].draw(SHOWN[kind], latent_dim, stream(0, "shown z"))


def shown_labels(kind: str, classes: int) -> Tensor:
    """The class (SHOWN[kind],) that each shown sample is asked to be of, for players that are told one of `classes`.

    A row of the sheet for each class, or half a row, or a quarter where there are many; when all have had theirs, the first
    class has its turn again. Points simply take turns.
    """
    slot = next((size for size in (8, 4, 2) if SHOWN[kind] // size >= classes), 1) if kind == "image" else 1
    return torch.arange(SHOWN[kind]) // slot % classes
