"""Spectral normalisation after Miyato et al. 2018: each layer of the critic divided by the most it can stretch its input.

The critic's own weights W stay as the optimiser leaves them; what judges is W / sigma, where sigma = u^T W v is found by power
iteration, one a critic update, from the u of the update before. The u are part of the run's state. Like there, u and v count as
constants, and the gradient flows through W / sigma.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor, nn
from torch.func import functional_call
from torch.nn.functional import normalize

FIRST_ROUNDS = 15
"""Iterations before the first update, so that sigma is right from the start."""
LEAST = 0.01
"""The smallest sigma to divide by: a layer that begins at zero has no direction to keep, and grows as it is until it has one."""


def matrices(critic: nn.Module) -> dict[str, Tensor]:
    """The weights that are normalised, by name: each layer's, none of its biases or scales."""
    return {name: weight for name, weight in critic.named_parameters() if weight.dim() > 1}


def begin(critic: nn.Module, rng: torch.Generator) -> dict[str, Tensor]:
    """A u (outputs,) for each matrix, drawn from `rng` and turned until it points where the matrix stretches most."""
    found = {name: normalize(torch.randn(len(weight), generator=rng), dim=0).to(weight.device) for name, weight in matrices(critic).items()}
    for _ in range(FIRST_ROUNDS):
        turn(critic, found)
    return found


@torch.no_grad()
def turn(critic: nn.Module, u: dict[str, Tensor]) -> None:
    """One round of power iteration for each u, in place of the old ones; where a matrix is zero, u stays."""
    for name, weight in matrices(critic).items():
        matrix = weight.flatten(1)
        turned = matrix @ normalize(matrix.T @ u[name], dim=0)
        length = torch.linalg.vector_norm(turned)
        u[name].copy_(torch.where(length > 0, turned / length.clamp_min(1e-30), u[name]))


def normalised(critic: nn.Module, u: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The weights that judge, W / sigma, differentiable down to W; by the names they have in the critic."""
    weights = matrices(critic)
    return {name: weights[name] / sigma(weights[name], u[name]) for name in u}


def sigma(weight: Tensor, u: Tensor) -> Tensor:
    """The spectral norm of a weight (outputs, ...) as its u knows it, differentiable with respect to the weight."""
    matrix = weight.flatten(1)
    with torch.no_grad():
        v = normalize(matrix.T @ u, dim=0)
    return torch.dot(u, matrix @ v).clamp_min(LEAST)


@torch.no_grad()
def fold(critic: nn.Module, u: Mapping[str, Tensor]) -> None:
    """Leave the critic with the weights that judged, for good: it judges as before, and no longer needs its u."""
    for name, weight in matrices(critic).items():
        weight.div_(sigma(weight, u[name]))


class Judge(nn.Module):
    """A critic that judges with other weights than its own; in its training or its looking mode, as whoever asks sets it."""

    def __init__(self, critic: nn.Module, weights: Mapping[str, Tensor]) -> None:
        super().__init__()
        self.critic, self.weights = critic, dict(weights)

    def forward(self, *inputs: Any) -> Tensor:
        logits: Tensor = functional_call(self.critic, self.weights, inputs)
        return logits
