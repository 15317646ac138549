"""In which numbers the networks multiply: fp32, or bf16 where the device multiplies those itself.

Weights, averages, optimisers, losses and what people look at are fp32 either way; only what a player computes inside is not. A gradient
penalty's second derivative goes through the same products, and is as right as they are.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from gan_core.networks import conditional


def played(precision: str, player: nn.Module, x: Tensor, labels: Tensor | None) -> Tensor:
    """What a player makes of z or of samples, told the classes where there are labels, in fp32 whatever it computes in."""
    if precision == "fp32":
        return conditional.played(player, x, labels)
    # No cache: a weight that was rounded where nobody wanted a gradient would be found again where somebody does.
    with torch.autocast(x.device.type, torch.bfloat16, cache_enabled=False):
        return conditional.played(player, x, labels).float()
