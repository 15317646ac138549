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
from torch.nn.functional import relu, softplus

from gan_core import terms
from gan_core.terms import Term

Axis = Literal["probability", "score", "margin"]


def probability(logits_real: Tensor, logits_fake: Tensor) -> dict[str, Tensor]:
    """Mean probability of "real" that D gives to reals and to fakes; both are 1/2 where D can tell nothing."""
    return {"verdict/real": torch.sigmoid(logits_real).mean(), "verdict/fake": torch.sigmoid(logits_fake).mean()}


def score(logits_real: Tensor, logits_fake: Tensor) -> dict[str, Tensor]:
    """Mean logit of reals and of fakes, as they are: no probability stands behind them, so they are curves of their own."""
    return {"verdict/score-real": logits_real.mean(), "verdict/score-fake": logits_fake.mean()}


def margin(logits_real: Tensor, logits_fake: Tensor) -> dict[str, Tensor]:
    """Mean of D(real) - D(fake) over pairs: under a relativistic game D(x) alone means nothing."""
    return {"verdict/margin": (logits_real - logits_fake).mean()}


EACH: dict[Axis, Callable[[Tensor, Tensor], Tensor]] = {
    "probability": lambda logits, logits_real: torch.sigmoid(logits),
    "score": lambda logits, logits_real: logits,
    "margin": lambda logits, logits_real: logits_real.mean(0) - logits,
}
"""Axis -> the verdict on each of some samples: from their logits (samples,) and those of reals, (reals,) or (reals, samples)."""


@dataclass(frozen=True)
class Game:
    """What each player minimises, and where that ends if both play perfectly.

    An equilibrium value is None where no level is special: the game leaves it open, so no line is drawn for it.
    """

    critic: Callable[[Tensor, Tensor], Tensor]
    """(logits_real, logits_fake) -> scalar."""
    generator: Callable[[Tensor, Tensor | None], Tensor]
    """(logits_fake, logits_real or None) -> scalar."""
    paired: bool
    """True where the generator's loss compares with reals, so that it has to be given some."""
    equilibrium_critic: float
    equilibrium_generator: float | None
    equilibrium_words: tuple[str, str]
    """The same two values as a formula, critic's first; "" for None."""
    axis: Axis
    """On which axis D's verdict is shown."""
    verdict: Callable[[Tensor, Tensor], dict[str, Tensor]]
    equilibrium_verdict: float | None
    source: str
    help: str
    """One sentence for the menu."""
    critic_terms: tuple[Term, ...]
    generator_terms: tuple[Term, ...]
    """What both minimise, term by term, to be typeset: the same as the functions above say."""
    smoothed: Callable[[Tensor, Tensor, float | Tensor], Tensor] | None = None
    """(logits_real, logits_fake, smoothing) -> the critic's loss where reals are labelled 1 - smoothing; None where nothing has a label."""


def non_saturating_critic(logits_real: Tensor, logits_fake: Tensor) -> Tensor:
    """-E log D(x) - E log(1 - D(G(z))) with D = sigmoid(logit)."""
    return softplus(-logits_real).mean() + softplus(logits_fake).mean()


def smoothed_log_loss(logits_real: Tensor, logits_fake: Tensor, smoothing: float | Tensor) -> Tensor:
    """-E [(1 - s) log D(x) + s log(1 - D(x))] - E log(1 - D(G(z))): only reals are smoothed (Salimans et al. 2016, section 3.4)."""
    # (1 - s) softplus(-x) + s softplus(x) = softplus(-x) + s x.
    return softplus(-logits_real).mean() + smoothing * logits_real.mean() + softplus(logits_fake).mean()


def minimax_generator(logits_fake: Tensor, logits_real: Tensor | None) -> Tensor:
    """E log(1 - D(G(z))): the very thing the critic maximises. Where D is sure that a fake is fake, its gradient is gone."""
    return -softplus(logits_fake).mean()


def non_saturating_generator(logits_fake: Tensor, logits_real: Tensor | None) -> Tensor:
    """-E log D(G(z)): its gradient stays alive where D is sure that a fake is fake."""
    return softplus(-logits_fake).mean()


def least_squares_critic(logits_real: Tensor, logits_fake: Tensor) -> Tensor:
    """1/2 E (D(x) - 1)^2 + 1/2 E D(G(z))^2: reals belong at 1, fakes at 0."""
    return smoothed_least_squares(logits_real, logits_fake, 0.0)


def smoothed_least_squares(logits_real: Tensor, logits_fake: Tensor, smoothing: float | Tensor) -> Tensor:
    """1/2 E (D(x) - (1 - s))^2 + 1/2 E D(G(z))^2: only the reals' label is moved."""
    return 0.5 * (logits_real - (1.0 - smoothing)).square().mean() + 0.5 * logits_fake.square().mean()


def least_squares_generator(logits_fake: Tensor, logits_real: Tensor | None) -> Tensor:
    """1/2 E (D(G(z)) - 1)^2: fakes should be where reals belong; the further they are, the harder they are pulled."""
    return 0.5 * (logits_fake - 1.0).square().mean()


def wasserstein_critic(logits_real: Tensor, logits_fake: Tensor) -> Tensor:
    """E D(G(z)) - E D(x): minus what D makes of the distance between the two, true where D is as steep as 1 allows."""
    return logits_fake.mean() - logits_real.mean()


def hinge_critic(logits_real: Tensor, logits_fake: Tensor) -> Tensor:
    """E max(0, 1 - D(x)) + E max(0, 1 + D(G(z))): who is on the right side by 1 no longer counts."""
    return relu(1.0 - logits_real).mean() + relu(1.0 + logits_fake).mean()


def score_generator(logits_fake: Tensor, logits_real: Tensor | None) -> Tensor:
    """-E D(G(z)): fakes should score higher, however high they are."""
    return -logits_fake.mean()


def relativistic_critic(logits_real: Tensor, logits_fake: Tensor) -> Tensor:
    """-E log sigmoid(D(x) - D(G(z))): D only has to rank a real above the fake it is paired with."""
    return softplus(logits_fake - logits_real).mean()


def relativistic_generator(logits_fake: Tensor, logits_real: Tensor | None) -> Tensor:
    """-E log sigmoid(D(G(z)) - D(x)): the critic's loss with the two swapped."""
    if logits_real is None:
        raise ValueError("The relativistic generator compares with reals and was given none.")
    return softplus(logits_real - logits_fake).mean()


GAMES: dict[str, Game] = {
    "minimax": Game(
        critic=non_saturating_critic,
        generator=minimax_generator,
        paired=False,
        equilibrium_critic=2 * math.log(2),
        equilibrium_generator=-math.log(2),
        equilibrium_words=("2 log 2", "-log 2"),
        axis="probability",
        verdict=probability,
        equilibrium_verdict=0.5,
        source="Goodfellow et al. 2014, equation 1",
        help="The original: G minimises what D maximises; once D is sure, G learns nothing any more.",
        critic_terms=(terms.LOG_REAL, terms.LOG_FAKE),
        generator_terms=(terms.LOG_NOT_CAUGHT,),
        smoothed=smoothed_log_loss,
    ),
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
        critic_terms=(terms.LOG_REAL, terms.LOG_FAKE),
        generator_terms=(terms.LOG_FOOLED,),
        smoothed=smoothed_log_loss,
    ),
    "least-squares": Game(
        critic=least_squares_critic,
        generator=least_squares_generator,
        paired=False,
        equilibrium_critic=0.25,
        equilibrium_generator=0.125,
        equilibrium_words=("1/4", "1/8"),
        axis="score",
        verdict=score,
        equilibrium_verdict=0.5,
        source="Mao et al. 2017, targets 0 and 1",
        help="D gives marks, 1 for reals and 0 for fakes, and squares its errors; far-off fakes are pulled hardest.",
        critic_terms=(terms.SQUARE_REAL, terms.SQUARE_FAKE),
        generator_terms=(terms.SQUARE_FOOLED,),
        smoothed=smoothed_least_squares,
    ),
    "wasserstein": Game(
        critic=wasserstein_critic,
        generator=score_generator,
        paired=False,
        equilibrium_critic=0.0,
        equilibrium_generator=None,
        equilibrium_words=("0", ""),
        axis="score",
        verdict=score,
        equilibrium_verdict=None,
        source="Arjovsky et al. 2017, equation 2",
        help="D measures how far fakes are from reals, as long as it is kept from being steep: take clipping or WGAN-GP with it.",
        critic_terms=(terms.SCORE_FAKE, terms.SCORE_REAL),
        generator_terms=(terms.SCORE_FOOLED,),
    ),
    "hinge": Game(
        critic=hinge_critic,
        generator=score_generator,
        paired=False,
        equilibrium_critic=2.0,
        equilibrium_generator=None,
        equilibrium_words=("2", ""),
        axis="score",
        verdict=score,
        equilibrium_verdict=None,
        source="Lim and Ye 2017; Miyato et al. 2018",
        help="D wants reals above 1 and fakes below -1, and cares no further; goes well with spectral normalisation.",
        critic_terms=(terms.HINGE_REAL, terms.HINGE_FAKE),
        generator_terms=(terms.SCORE_FOOLED,),
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
        critic_terms=(terms.PAIR_RANKED,),
        generator_terms=(terms.PAIR_FOOLED,),
    ),
}
