"""Whether a generator draws the training samples again: are fakes nearer to them than new real samples are?"""

from __future__ import annotations

from torch import Tensor

NEAR = 0.05
"""The share of held-out samples that counts as unusually near to a training sample."""


def copies(fake_to_train: Tensor, heldout_to_train: Tensor) -> float:
    """Share of fakes nearer to their nearest training sample than 95 % of held-out samples are to theirs; 0.05 is what chance gives."""
    return float((fake_to_train < heldout_to_train.quantile(NEAR)).double().mean())
