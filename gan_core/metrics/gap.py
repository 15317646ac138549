"""Whether D has learned its training samples by heart: does it take them for more real than held-out ones?"""

from __future__ import annotations

from torch import Tensor


def critic_gap(train: Tensor, heldout: Tensor) -> float:
    """Mean logit of training samples less that of held-out ones, in standard deviations of a logit; 0 where D sees no difference.

    So runs of different games can be compared, whose logits have different sizes.
    """
    train, heldout = train.double(), heldout.double()
    spread = float(((train.var() + heldout.var()) / 2).sqrt())
    return float(train.mean() - heldout.mean()) / spread if spread > 0 else 0.0
