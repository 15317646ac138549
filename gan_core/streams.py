"""Random numbers of a run: every use has a stream of its own, so that looking never shifts what training draws."""

from __future__ import annotations

import zlib

import numpy as np
import torch


def stream(seed: int, purpose: str, *, device: str = "cpu", index: int = 0) -> torch.Generator:
    """A generator for one `purpose` of the run with `seed`; `index` numbers repeated uses (epochs). Equal arguments, equal numbers."""
    entropy = np.random.SeedSequence([seed, zlib.crc32(purpose.encode()), index])
    return torch.Generator(device).manual_seed(int(entropy.generate_state(1, np.uint64)[0] >> np.uint64(1)))
