"""The classifier score: sure of each sample, unsure of them all together (Salimans et al. 2016, with a classifier of our own)."""

from __future__ import annotations

import torch
from torch import Tensor


def classifier_score(chances: Tensor) -> float:
    """exp E KL(p(y|x) | p(y)) from chances (n, classes): 1 where all samples look alike to it, the number of classes at best."""
    chances = chances.double()
    sure, together = torch.special.entr(chances).sum(1).mean(), torch.special.entr(chances.mean(0)).sum()
    return float((together - sure).exp())
