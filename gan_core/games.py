"""The games two players can play: one record each, written as in the papers.

In every game a higher logit means "more real". Losses are means over a batch and take logits of shape (batch,).
Logarithms of a sigmoid go through softplus: log sigmoid(x) = -softplus(-x), which never saturates to log 0.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor
from torch.nn.functional import softplus

Axis = Literal["probability", "score", "margin"]


def probability(logits_real: Tensor, logits_fake: Tensor) -> dict[str, Tensor]:
    """Mean probability of "real" that D gives to reals and to fakes; both are 1/2 where D can tell nothing."""
    return {"verdict/real": torch.sigmoid(logits_real).mean(), "verdict/fake": torch.sigmoid(logits_fake).mean()}


def margin(logits_real: Tensor, logits_fake: Tensor) -> dict[str, Tensor]:
    """Mean of D(real) - D(fake) over pairs: under a relativistic game D(x) alone means nothing."""
    return {"verdict/margin": (logits_real - logits_fake).mean()}


EACH: dict[Axis, Callable[[Tensor, Tensor], Tensor]] = {
    "probability": lambda logits, logits_real: torch.sigmoid(logits),
    "score": lambda logits, logits_real: logits,
    "margin": lambda logits, logits_real: logits_real.mean() - logits,
}
"""Axis -> the verdict on each of some samples: from their logits and those of reals."""


@dataclass(frozen=True)
class Game:
    """What each player minimises, and where that ends if both play perfectly."""

    critic: Callable[[Tensor, Tensor], Tensor]
    """(logits_real, logits_fake) -> scalar."""
    generator: Callable[[Tensor, Tensor | None], Tensor]
    """(logits_fake, logits_real or None) -> scalar."""
    paired: bool
    """True where the generator's loss compares with reals, so that it has to be given some."""
    equilibrium_critic: float
    equilibrium_generator: float
    equilibrium_words: tuple[str, str]
    """The same two values as a formula, critic's first."""
    axis: Axis
    """On which axis D's verdict is shown."""
    verdict: Callable[[Tensor, Tensor], dict[str, Tensor]]
    equilibrium_verdict: float
    source: str
    help: str
    """One sentence for the menu."""


def non_saturating_critic(logits_real: Tensor, logits_fake: Tensor) -> Tensor:
    """-E log D(x) - E log(1 - D(G(z))) with D = sigmoid(logit)."""
    return softplus(-logits_real).mean() + softplus(logits_fake).mean()


def non_saturating_generator(logits_fake: Tensor, logits_real: Tensor | None) -> Tensor:
    """-E log D(G(z)): its gradient stays alive where D is sure that a fake is fake."""
    return softplus(-logits_fake).mean()


def relativistic_critic(logits_real: Tensor, logits_fake: Tensor) -> Tensor:
    """-E log sigmoid(D(x) - D(G(z))): D only has to rank a real above the fake it is paired with."""
    return softplus(logits_fake - logits_real).mean()


def relativistic_generator(logits_fake: Tensor, logits_real: Tensor | None) -> Tensor:
    """-E log sigmoid(D(G(z)) - D(x)): the critic's loss with the two swapped."""
    if logits_real is None:
        raise ValueError("The relativistic generator compares with reals and was given none.")
    return softplus(logits_real - logits_fake).mean()


GAMES: dict[str, Game] = {
    "non-saturating": Game(
        critic=non_saturating_critic,
        generator=non_saturating_generator,
        paired=False,
        equilibrium_critic=2 * math.log(2),
        equilibrium_generator=math.log(2),
        equilibrium_words=("2 log 2", "log 2"),
        axis="probability",
        verdict=probability,
        equilibrium_verdict=0.5,
        source="Goodfellow et al. 2014, section 3",
        help="The classic: D says how probable it is that an image is real, G wants D to say yes to fakes.",
    ),
    "relativistic": Game(
        critic=relativistic_critic,
        generator=relativistic_generator,
        paired=True,
        equilibrium_critic=math.log(2),
        equilibrium_generator=math.log(2),
        equilibrium_words=("log 2", "log 2"),
        axis="margin",
        verdict=margin,
        equilibrium_verdict=0.0,
        source="Jolicoeur-Martineau 2018; Huang et al. 2024 (R3GAN), equation 2",
        help="D compares a real with a fake and says which is more real; steadier, and it leaves fewer kinds of image out.",
    ),
}
