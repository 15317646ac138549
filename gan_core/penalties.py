"""What keeps the critic smooth: penalties on its gradient with respect to the image, at the points a record names.

Convention: the critic's loss gets `gamma / 2 * E |grad_x D(x)|^2` (Mescheder et al. 2018, equation 9). Code bases that leave
the half out need twice our gamma for the same effect.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass(frozen=True)
class Penalty:
    """At which points the critic's squared gradient is penalised."""

    on_real: bool
    on_fake: bool
    source: str
    help: str
    """One sentence for the menu."""

    @property
    def active(self) -> bool:
        """Whether there is anything to penalise."""
        return self.on_real or self.on_fake


def squared_gradient_norm(logits: Tensor, inputs: Tensor) -> Tensor:
    """|grad_x D(x)|^2 of each sample, shape (batch,), differentiable.

    `logits` (batch,) must come from `inputs` (batch, ...) sample by sample: with BatchNorm in the critic they do not,
    because then a logit depends on the whole batch.
    """
    (gradient,) = torch.autograd.grad(logits.sum(), inputs, create_graph=True)
    return gradient.flatten(1).square().sum(1)


PENALTIES: dict[str, Penalty] = {
    "none": Penalty(False, False, "", "D may be as steep as it likes; fast, and often unstable."),
    "R1": Penalty(
        True, False, "Mescheder et al. 2018, equation 9", "Keeps D flat around real images, so that the two players settle down."
    ),
    "R1+R2": Penalty(
        True,
        True,
        "Roth et al. 2017; Huang et al. 2024 (R3GAN), section 2",
        "Keeps D flat around reals and fakes alike; the steadiest choice.",
    ),
}
