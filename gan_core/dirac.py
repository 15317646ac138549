"""The Dirac-GAN (Mescheder et al. 2018, section 2): the smallest GAN there is, whose whole state is a point in a plane.

All reals lie at 0, all fakes at theta, and D(x) = psi x, so D's gradient is psi everywhere. Both would rest at (0, 0). The losses are
those of the registries, so every game and every penalty on the gradient can be looked at here. In the paper's code a higher logit
means "more fake": its psi is ours with the other sign.
"""

from __future__ import annotations

import torch
from torch import Tensor

from gan_core.games import GAMES, Game
from gan_core.penalties import PENALTIES, Penalty

START = (1.0, -1.0)


def field(theta: Tensor, psi: Tensor, *, game: str, penalty: str = "none", gamma: float = 1.0) -> tuple[Tensor, Tensor]:
    """Where each player is drawn from these points (any shape, both alike): minus the slope of its own loss, theta's first.

    ValueError for spectral normalisation, which leaves this D nothing but its sign.
    """
    return _to_theta(theta, psi, GAMES[game]), _to_psi(theta, psi, GAMES[game], penalty=PENALTIES[penalty], gamma=gamma)


def _to_theta(theta: Tensor, psi: Tensor, game: Game) -> Tensor:
    theta = theta.detach().requires_grad_()
    # A loss is a mean over its batch; here every point is a game of its own.
    loss = theta.numel() * game.generator((psi * theta).flatten(), (psi * 0.0).flatten())
    (slope,) = torch.autograd.grad(loss, theta)
    return -slope


def _to_psi(theta: Tensor, psi: Tensor, game: Game, *, penalty: Penalty, gamma: float) -> Tensor:
    if penalty.normalises:
        raise ValueError("The Dirac-GAN's critic has one weight, and divided by its size that is a sign: there is nothing to learn.")
    psi = psi.detach().requires_grad_()
    loss = psi.numel() * game.critic((psi * 0.0).flatten(), (psi * theta).flatten())
    if penalty.on_gradient:
        places = penalty.on_real + penalty.on_fake + penalty.between
        loss = loss + 0.5 * gamma * places * penalty.excess(psi.square()).sum()
    (slope,) = torch.autograd.grad(loss, psi)
    return -slope


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
    rules, limit = GAMES[game], PENALTIES[penalty]
    theta, psi = torch.tensor(start, dtype=torch.float64)
    path = [torch.stack([theta, psi])]
    for _ in range(steps):
        moved = theta + size * _to_theta(theta, psi, rules)
        seen = moved if alternating else theta
        for _ in range(critic_steps):
            psi = psi + size * _to_psi(seen, psi, rules, penalty=limit, gamma=gamma)
            psi = psi.clamp(-clip, clip) if limit.clips else psi
        theta = moved
        path.append(torch.stack([theta, psi]))
    return torch.stack(path)
