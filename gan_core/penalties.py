"""What keeps the critic smooth: penalties on its gradient with respect to the image, or limits on its weights.

One convention for all gradient penalties: the critic's loss gets `gamma / 2 * E excess(|grad_x D(x)|^2)` at the points a record
names (Mescheder et al. 2018, equation 9). Code bases that leave the half out need twice our gamma for the same effect: the
lambda = 10 of WGAN-GP is gamma = 20 here.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from gan_core import terms
from gan_core.terms import Term


def all_of_it(squared: Tensor) -> Tensor:
    """|grad|^2 itself: the flatter the critic, the better."""
    return squared


def off_one(squared: Tensor) -> Tensor:
    """(|grad| - 1)^2, from |grad|^2: the critic is to be as steep as 1. A root has no slope at 0, so it is taken a hair above."""
    return ((squared + 1e-12).sqrt() - 1.0).square()


@dataclass(frozen=True)
class Penalty:
    """Where the critic's gradient is penalised, and what of it; or which limit its weights have instead."""

    source: str
    help: str
    """One sentence for the menu."""
    on_real: bool = False
    on_fake: bool = False
    between: bool = False
    """At points on the way from a real to a fake."""
    excess: Callable[[Tensor], Tensor] = all_of_it
    """|grad|^2 -> what is penalised of it, sample by sample."""
    clips: bool = False
    """Whether each weight of the critic is kept within the setting `clip` of zero."""
    normalises: bool = False
    """Whether each layer of the critic is divided by its spectral norm."""
    terms: tuple[Term, ...] = ()
    """What the critic's loss gets of it, term by term, to be typeset; or the condition that is no term."""

    @property
    def on_gradient(self) -> bool:
        """Whether there is a gradient of single samples to penalise, weighed by gamma."""
        return self.on_real or self.on_fake or self.between


def squared_gradient_norm(logits: Tensor, inputs: Tensor) -> Tensor:
    """|grad_x D(x)|^2 of each sample, shape (batch,), differentiable.

    `logits` (batch,) must come from `inputs` (batch, ...) sample by sample: with BatchNorm in the critic they do not,
    because then a logit depends on the whole batch.
    """
    (gradient,) = torch.autograd.grad(logits.sum(), inputs, create_graph=True)
    return gradient.flatten(1).square().sum(1)


def mixed(real: Tensor, fake: Tensor, rng: torch.Generator) -> Tensor:
    """Points between reals and fakes, one for each pair, at a share of the way that is drawn for each pair by itself."""
    share = torch.rand(len(real), *[1] * (real.dim() - 1), generator=rng, device=real.device)
    return torch.lerp(real, fake, share)


def penalised(
    penalty: Penalty, critic: Callable[[Tensor], Tensor], x: Tensor, *, logits: Tensor, rng: torch.Generator
) -> tuple[Tensor, dict[str, Tensor]]:
    """E excess(|grad D|^2) at the penalty's points, summed over the places it looks at, and E |grad D|^2 as curves.

    `x` are reals and then as many fakes, `logits` the critic's on them: reals and fakes share one `autograd.grad`.
    """
    if penalty.between:
        real, fake = x.chunk(2)
        points = mixed(real, fake, rng).requires_grad_()
        norms = squared_gradient_norm(critic(points), points)
        return penalty.excess(norms).mean(), {"penalty/between": norms.detach().mean()}
    real, fake = squared_gradient_norm(logits, x).chunk(2)
    excess = penalty.on_real * penalty.excess(real).mean() + penalty.on_fake * penalty.excess(fake).mean()
    return excess, {"penalty/real": real.detach().mean(), "penalty/fake": fake.detach().mean()}


@torch.no_grad()
def clip_weights(critic: nn.Module, bound: float) -> None:
    """Keep every weight of the critic, biases too, in [-bound, bound] (Arjovsky et al. 2017, algorithm 1)."""
    weights: list[Tensor] = list(critic.parameters())
    torch._foreach_clamp_min_(weights, -bound)
    torch._foreach_clamp_max_(weights, bound)


PENALTIES: dict[str, Penalty] = {
    "none": Penalty("", "D may be as steep as it likes; fast, and often unstable."),
    "R1": Penalty(
        "Mescheder et al. 2018, equation 9",
        "Keeps D flat around real images, so that the two players settle down.",
        on_real=True,
        terms=(terms.FLAT_ON_REALS,),
    ),
    "R2": Penalty(
        "Mescheder et al. 2018, equation 10",
        "Keeps D flat around the fakes instead of the reals.",
        on_fake=True,
        terms=(terms.FLAT_ON_FAKES,),
    ),
    "R1+R2": Penalty(
        "Roth et al. 2017; Huang et al. 2024 (R3GAN), section 2",
        "Keeps D flat around reals and fakes alike; the steadiest choice.",
        on_real=True,
        on_fake=True,
        terms=(terms.FLAT_ON_REALS, terms.FLAT_ON_FAKES),
    ),
    "WGAN-GP": Penalty(
        "Gulrajani et al. 2017, equation 3",
        "Keeps D about as steep as 1 between reals and fakes; the paper's lambda is half of gamma.",
        between=True,
        excess=off_one,
        terms=(terms.STEEP_AS_1,),
    ),
    "zero-centred": Penalty(
        "Thanh-Tung et al. 2019", "Keeps D flat on the way from reals to fakes.", between=True, terms=(terms.FLAT_BETWEEN,)
    ),
    "clipping": Penalty(
        "Arjovsky et al. 2017, algorithm 1",
        "Cuts every weight of D off at a bound; the first idea of how to keep D from being steep, and a crude one.",
        clips=True,
        terms=(terms.CLIPPED,),
    ),
    "spectral": Penalty(
        "Miyato et al. 2018",
        "Divides each layer of D by how much it can stretch its input, so that D cannot be steep anywhere; needs no gamma.",
        normalises=True,
        terms=(terms.NORMALISED,),
    ),
}
