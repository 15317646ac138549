"""The Dirac-GAN (Mescheder et al. 2018, section 2): the smallest GAN there is, whose whole state is a point in a plane.

All reals lie at 0, all fakes at theta, and D(x) = psi x, so D's gradient is psi everywhere. Both would rest at (0, 0). The losses are
those of the registries, so every game and every penalty on the gradient can be looked at here. In the paper's code a higher logit
means "more fake": its psi is ours with the other sign.
"""

from __future__ import annotations

import torch
from torch import Tensor

from gan_core.games import GAMES
from gan_core.penalties import PENALTIES

START = (1.0, -1.0)


def field(theta: Tensor, psi: Tensor, *, game: str, penalty: str = "none", gamma: float = 1.0) -> tuple[Tensor, Tensor]:
    """Where each player is drawn from these points (any shape, both alike): minus the slope of its own loss, theta's first.

    ValueError for spectral normalisation, which leaves this D nothing but its sign.
    """
    rules, limit = GAMES[game], PENALTIES[penalty]
    if limit.normalises:
        raise ValueError("The Dirac-GAN's critic has one weight, and divided by its size that is a sign: there is nothing to learn.")
    theta, psi = theta.detach().requires_grad_(), psi.detach().requires_grad_()
    logits_real, logits_fake = (psi * 0.0).flatten(), (psi * theta).flatten()
    # Losses are means over a batch; here every point is a game of its own.
    generator = theta.numel() * rules.generator(logits_fake, logits_real)
    critic = theta.numel() * rules.critic(logits_real, logits_fake)
    places = limit.on_real + limit.on_fake + limit.between
    critic = critic + 0.5 * gamma * places * limit.excess(psi.square()).sum()
    (of_theta,) = torch.autograd.grad(generator, theta, retain_graph=True)
    (of_psi,) = torch.autograd.grad(critic, psi)
    return -of_theta, -of_psi


def play(
    game: str,
    penalty: str = "none",
    *,
    gamma: float = 1.0,
    clip: float = 1.0,
    steps: int = 500,
    size: float = 0.2,
    start: tuple[float, float] = START,
    alternating: bool = True,
    critic_steps: int = 1,
) -> Tensor:
    """The path (steps + 1, 2) of theta and psi by gradient descent: the generator moves first, and then the critic, or both at once.

    `clip` bounds psi after each of its moves where the penalty clips; `critic_steps` are the critic's moves after each of the generator's.
    """

    def drawn(theta: Tensor, psi: Tensor) -> tuple[Tensor, Tensor]:
        return field(theta, psi, game=game, penalty=penalty, gamma=gamma)

    def within(psi: Tensor) -> Tensor:
        return psi.clamp(-clip, clip) if PENALTIES[penalty].clips else psi

    theta, psi = torch.tensor(start, dtype=torch.float64)
    path = [torch.stack([theta, psi])]
    for _ in range(steps):
        to_theta, to_psi = drawn(theta, psi)
        theta = theta + size * to_theta
        if alternating:
            for _ in range(critic_steps):
                psi = within(psi + size * drawn(theta, psi)[1])
        else:
            psi = within(psi + size * to_psi)
        path.append(torch.stack([theta, psi]))
    return torch.stack(path)
