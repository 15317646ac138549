"""Adam by torch's fused kernel, called directly: what `torch.optim.Adam(fused=True)` does, bit for bit, without what comes with it.

The first optimiser of torch.optim imports torch.compile (900 modules, sympy among them), and each of its steps asks that for leave:
docs/decisions/cpu-step.md says what that costs the first Start of a server, its memory and a step.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import torch
from torch import Tensor

EPS = 1e-8
MOMENTS = ("step", "exp_avg", "exp_avg_sq")
"""What is kept of each weight, under torch.optim's names: the count of its updates, and the running means of gradient and its square."""


class Adam:
    """Adam (Kingma and Ba 2015, Algorithm 1) over weights of one device and type; `param_groups` and `state` are as in torch.optim."""

    def __init__(self, weights: Iterable[Tensor], lr: float, betas: tuple[float, float]) -> None:
        self.param_groups: list[dict[str, Any]] = [{"params": list(weights), "lr": lr, "betas": betas}]
        self.state: dict[Tensor, dict[str, Tensor]] = {}
        """Weight -> its moments, from its first update on."""

    @torch.no_grad()
    def step(self) -> None:
        """Move each weight that has a gradient."""
        (group,) = self.param_groups
        weights = [weight for weight in group["params"] if weight.grad is not None]
        if not weights:
            return
        states = [self.state.get(weight) or self._begun(weight) for weight in weights]
        steps, means, squares = ([state[moment] for state in states] for moment in MOMENTS)
        beta1, beta2 = group["betas"]
        torch._foreach_add_(steps, 1)
        torch._fused_adam_(
            weights,
            [weight.grad for weight in weights],
            means,
            squares,
            [],
            steps,
            lr=group["lr"],
            beta1=beta1,
            beta2=beta2,
            weight_decay=0.0,
            eps=EPS,
            amsgrad=False,
            maximize=False,
        )

    def _begun(self, weight: Tensor) -> dict[str, Tensor]:
        zeros = (torch.zeros((), device=weight.device), torch.zeros_like(weight), torch.zeros_like(weight))
        return self.state.setdefault(weight, dict(zip(MOMENTS, zeros, strict=True)))

    def moments(self) -> dict[int, dict[str, Tensor]]:
        """The moments of each weight that has moved, by its place among the weights."""
        return {index: self.state[weight] for index, weight in enumerate(self.param_groups[0]["params"]) if weight in self.state}

    def restore(self, moments: Mapping[int, Mapping[str, Tensor]]) -> None:
        """Go on from what `moments` gave; the tensors are kept, not copied. LookupError where they are of other weights."""
        weights = self.param_groups[0]["params"]
        self.state = {weights[index]: {moment: kept[moment] for moment in MOMENTS} for index, kept in moments.items()}
