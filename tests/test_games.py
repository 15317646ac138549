"""What is true of every game, and of some."""

from __future__ import annotations

import math
from fractions import Fraction

import pytest
import torch
from torch import Tensor

from gan_core.games import GAMES, Game

EVERY = pytest.mark.parametrize("game", GAMES.values(), ids=GAMES)
BATCH = 8


def logits(low: float, high: float, seed: int) -> Tensor:
    return torch.empty(BATCH).uniform_(low, high, generator=torch.Generator().manual_seed(seed))


def slopes(loss: Tensor, *inputs: Tensor) -> tuple[Tensor, ...]:
    return torch.autograd.grad(loss, inputs)


def number(words: str) -> float:
    """The value of "2 log 2", "log 2", "0" or "1/2"."""
    factor, log, argument = words.partition("log")
    return float(Fraction(factor.strip() or "1")) * (math.log(float(argument)) if log else 1.0)


@EVERY
def test_a_higher_logit_means_more_real(game: Game) -> None:
    real, fake = logits(0.1, 0.9, 0).requires_grad_(), logits(0.1, 0.9, 1).requires_grad_()
    towards_real, towards_fake = slopes(game.critic(real, fake), real, fake)
    assert (towards_real < 0).all(), "the critic gains from a higher logit on reals"
    assert (towards_fake > 0).all(), "and from a lower one on fakes"
    (wanted,) = slopes(game.generator(fake, real.detach()), fake)
    assert (wanted < 0).all(), "the generator gains from a higher logit on fakes"


@EVERY
def test_equilibrium_is_the_critics_best_where_it_can_tell_nothing(game: Game) -> None:
    # Reals and fakes alike: the same logit on both. At the best of these the record's values hold.
    grid = torch.linspace(-2, 2, 401)
    losses = torch.stack([game.critic(same, same) for same in grid[:, None]])
    best = min((grid[losses <= losses.min() + 1e-6]).tolist(), key=abs)
    same = torch.full((BATCH,), best)
    assert game.critic(same, same).item() == pytest.approx(game.equilibrium_critic, abs=1e-5)
    assert game.generator(same, same).item() == pytest.approx(game.equilibrium_generator, abs=1e-5)
    for name, value in game.verdict(same, same).items():
        assert value.item() == pytest.approx(game.equilibrium_verdict, abs=1e-5), name


@EVERY
def test_equilibrium_words_are_the_equilibrium_values(game: Game) -> None:
    critic, generator = map(number, game.equilibrium_words)
    assert critic == pytest.approx(game.equilibrium_critic)
    assert generator == pytest.approx(game.equilibrium_generator)


@EVERY
def test_losses_are_means_over_the_batch(game: Game) -> None:
    real, fake = logits(-1, 1, 0), logits(-1, 1, 1)
    twice = game.critic(real.repeat(2), fake.repeat(2))
    torch.testing.assert_close(twice, game.critic(real, fake))
    torch.testing.assert_close(game.generator(fake.repeat(2), real.repeat(2)), game.generator(fake, real))
    assert game.critic(real, fake).shape == game.generator(fake, real).shape == ()


@EVERY
@pytest.mark.parametrize("far", [25.0, 200.0, 1e6])
@pytest.mark.parametrize("sign", [1, -1])
def test_extreme_logits_stay_finite(game: Game, far: float, sign: int) -> None:
    real, fake = torch.full((BATCH,), sign * far, requires_grad=True), torch.full((BATCH,), -sign * far, requires_grad=True)
    for loss in (game.critic(real, fake), game.generator(fake, real)):
        assert torch.isfinite(loss)
        (slope,) = slopes(loss, fake)
        assert torch.isfinite(slope).all()


@pytest.mark.parametrize("name", ["non-saturating", "relativistic"])
@pytest.mark.parametrize("far", [25.0, 200.0, 1e6])
def test_a_sure_critic_leaves_the_generator_its_whole_gradient(name: str, far: float) -> None:
    # log(sigmoid(x) + 1e-8), as in mimicry, would leave a 3,000th at -25; minimax a 10^11th.
    fake = torch.full((BATCH,), -far, requires_grad=True)
    (slope,) = slopes(GAMES[name].generator(fake, torch.full((BATCH,), far)), fake)
    torch.testing.assert_close(slope, torch.full((BATCH,), -1 / BATCH))


@EVERY
def test_only_a_paired_game_looks_at_pairs(game: Game) -> None:
    real, fake = logits(-1, 1, 0), logits(-1, 1, 1)
    shifted = game.critic(real + 3.0, fake + 3.0), game.generator(fake + 3.0, real + 3.0)
    if game.paired:
        torch.testing.assert_close(shifted, (game.critic(real, fake), game.generator(fake, real)))
        with pytest.raises(ValueError, match="reals"):
            game.generator(fake, None)
    else:
        torch.testing.assert_close(game.generator(fake, None), game.generator(fake, real))


def test_the_relativistic_generator_is_relativistic() -> None:
    # PyTorch-GAN computes this loss and then overwrites it with plain BCE.
    real, fake = logits(-1, 1, 0), logits(-1, 1, 1)
    game, plain = GAMES["relativistic"], GAMES["non-saturating"]
    torch.testing.assert_close(game.generator(fake, real), game.critic(fake, real))
    assert not torch.isclose(game.generator(fake, real), plain.generator(fake, None))
    real.requires_grad_()
    (slope,) = slopes(game.generator(fake, real), real)
    assert (slope > 0).all()


def test_the_relativistic_critic_compares_pair_by_pair() -> None:
    real, fake = torch.tensor([9.0, -9.0]), torch.tensor([8.0, -10.0])
    torch.testing.assert_close(GAMES["relativistic"].critic(real, fake), torch.tensor(math.log(1 + math.exp(-1))))


@EVERY
def test_the_verdict_is_on_the_games_own_axis(game: Game) -> None:
    real, fake = logits(1, 9, 0), logits(-9, -1, 1)
    verdict = game.verdict(real, fake)
    assert all(name.startswith("verdict/") and value.shape == () for name, value in verdict.items())
    expected = {
        "probability": {"verdict/real": torch.sigmoid(real).mean(), "verdict/fake": torch.sigmoid(fake).mean()},
        "score": {"verdict/real": real.mean(), "verdict/fake": fake.mean()},
        "margin": {"verdict/margin": (real - fake).mean()},
    }[game.axis]
    torch.testing.assert_close(verdict, expected)


@EVERY
def test_every_game_names_its_source_and_helps(game: Game) -> None:
    assert game.source
    assert game.help.endswith(".")
