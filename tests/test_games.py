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


def number(words: str) -> float | None:
    """The value of "2 log 2", "-log 2", "0" or "1/2"; None of ""."""
    if not words:
        return None
    factor, log, argument = words.partition("log")
    return float(Fraction({"": "1", "-": "-1"}.get(factor.strip(), factor.strip()))) * (math.log(float(argument)) if log else 1.0)


@EVERY
def test_a_higher_logit_means_more_real(game: Game) -> None:
    real, fake = logits(0.1, 0.9, 0).requires_grad_(), logits(0.1, 0.9, 1).requires_grad_()
    towards_real, towards_fake = slopes(game.critic(real, fake), real, fake)
    assert (towards_real < 0).all(), "the critic gains from a higher logit on reals"
    assert (towards_fake > 0).all(), "and from a lower one on fakes"
    (wanted,) = slopes(game.generator(fake, real.detach()), fake)
    assert (wanted < 0).all(), "the generator gains from a higher logit on fakes"


def best_logits(game: Game) -> list[float]:
    """The logits a critic can do no better than to give to reals and fakes that are alike: the same to both."""
    grid = torch.linspace(-2, 2, 401)
    losses = torch.stack([game.critic(same, same) for same in grid[:, None]])
    return sorted(grid[losses <= losses.min() + 1e-6].tolist(), key=abs)


@EVERY
def test_equilibrium_is_the_critics_best_where_it_can_tell_nothing(game: Game) -> None:
    same = torch.full((BATCH,), best_logits(game)[0])
    assert game.critic(same, same).item() == pytest.approx(game.equilibrium_critic, abs=1e-5)
    if game.equilibrium_generator is not None:
        assert game.generator(same, same).item() == pytest.approx(game.equilibrium_generator, abs=1e-5)
    for name, value in game.verdict(same, same).items():
        if game.equilibrium_verdict is not None:
            assert value.item() == pytest.approx(game.equilibrium_verdict, abs=1e-5), name


@EVERY
def test_a_value_is_left_open_only_where_several_are_as_good(game: Game) -> None:
    ends = [torch.full((BATCH,), logit) for logit in (min(best_logits(game)), max(best_logits(game)))]
    generator = [game.generator(same, same).item() for same in ends]
    verdicts = [next(iter(game.verdict(same, same).values())).item() for same in ends]
    assert (game.equilibrium_generator is None) == (generator[0] != pytest.approx(generator[1], abs=1e-4))
    assert (game.equilibrium_verdict is None) == (verdicts[0] != pytest.approx(verdicts[1], abs=0.02))


@EVERY
def test_equilibrium_words_are_the_equilibrium_values(game: Game) -> None:
    for words, value in zip(game.equilibrium_words, (game.equilibrium_critic, game.equilibrium_generator), strict=True):
        assert number(words) == (None if value is None else pytest.approx(value))


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
    # log(sigmoid(x) + 1e-8), as in mimicry, would leave a 3,000th at -25.
    fake = torch.full((BATCH,), -far, requires_grad=True)
    (slope,) = slopes(GAMES[name].generator(fake, torch.full((BATCH,), far)), fake)
    torch.testing.assert_close(slope, torch.full((BATCH,), -1 / BATCH))


@pytest.mark.parametrize("logit", [-25.0, -5.0, 0.0, 5.0])
def test_the_original_generator_loses_its_gradient_where_the_critic_is_sure(logit: float) -> None:
    # d/dx -softplus(x) = -sigmoid(x) against d/dx softplus(-x) = -sigmoid(-x): a ratio of e^x. mimicry calls the second minimax.
    fake = torch.full((BATCH,), logit, dtype=torch.float64, requires_grad=True)
    (original,), (alive,) = (slopes(GAMES[name].generator(fake, None), fake) for name in ("minimax", "non-saturating"))
    torch.testing.assert_close(original / alive, torch.full_like(fake, math.exp(logit)))


def test_in_the_original_game_one_players_loss_is_the_others_gain() -> None:
    real, fake = logits(-3, 3, 0), logits(-3, 3, 1)
    of_fakes = GAMES["minimax"].critic(real, fake) - torch.nn.functional.softplus(-real).mean()
    torch.testing.assert_close(GAMES["minimax"].generator(fake, None), -of_fakes)


def test_least_squares_has_its_halves_and_its_targets() -> None:
    game, one, zero = GAMES["least-squares"], torch.ones(BATCH), torch.zeros(BATCH)
    assert game.critic(one, zero) == 0.0
    assert game.critic(zero, one) == 1.0
    assert (game.generator(one, None), game.generator(zero, None)) == (0.0, 0.5)
    far = torch.full((BATCH,), -3.0, requires_grad=True)
    torch.testing.assert_close(slopes(game.generator(far, None), far)[0], torch.full((BATCH,), -4.0 / BATCH))


def test_a_wasserstein_critic_measures_the_difference_of_the_means_and_nothing_else() -> None:
    real, fake = logits(-3, 3, 0), logits(-3, 3, 1)
    torch.testing.assert_close(GAMES["wasserstein"].critic(real, fake), fake.mean() - real.mean())
    torch.testing.assert_close(GAMES["wasserstein"].critic(real + 5, fake + 5), fake.mean() - real.mean())


def test_a_hinge_counts_only_what_is_on_the_wrong_side_of_its_one() -> None:
    game = GAMES["hinge"]
    assert game.critic(torch.tensor([1.0, 7.0]), torch.tensor([-1.0, -7.0])) == 0.0
    assert game.critic(torch.tensor([0.5]), torch.tensor([-1.0])) == 0.5
    sure = torch.tensor([-7.0], requires_grad=True)
    assert slopes(game.critic(torch.tensor([7.0]), sure), sure)[0] == 0.0
    assert slopes(game.generator(sure, None), sure)[0] == -1.0, "the generator is never sure"


@EVERY
def test_smoothing_lowers_the_label_of_reals_and_of_nothing_else(game: Game) -> None:
    if game.smoothed is None:
        assert game.axis == "margin" or game.equilibrium_verdict is None, "a game with labels can be smoothed"
        return
    real, fake = logits(-3, 3, 0), logits(-3, 3, 1).requires_grad_()
    torch.testing.assert_close(game.smoothed(real, fake, 0.0), game.critic(real, fake))
    plain, smooth = (slopes(loss, fake)[0] for loss in (game.critic(real, fake), game.smoothed(real, fake, 0.1)))
    assert torch.equal(plain, smooth), "one-sided: fakes keep their label"
    grid = torch.linspace(-4, 4, 8001)
    nothing = torch.full((1,), -60.0) if game.axis == "probability" else torch.zeros(1)
    best = grid[torch.stack([game.smoothed(same, nothing, 0.1) for same in grid[:, None]]).argmin()]
    verdict = torch.sigmoid(best) if game.axis == "probability" else best
    assert verdict.item() == pytest.approx(0.9, abs=1e-3), "a critic that is sure says 0.9"


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
        "score": {"verdict/score-real": real.mean(), "verdict/score-fake": fake.mean()},
        "margin": {"verdict/margin": (real - fake).mean()},
    }[game.axis]
    torch.testing.assert_close(verdict, expected)


@EVERY
def test_every_game_names_its_source_and_helps(game: Game) -> None:
    assert game.source
    assert game.help.endswith(".")
