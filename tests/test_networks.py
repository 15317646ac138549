"""Every network draws what it says it can, starts from its own random numbers, and can be trained."""

from __future__ import annotations

import pytest
import torch
from tiny import tiny_state
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _NormBase

from gan_core.config import KNOBS
from gan_core.networks import NETWORKS
from gan_core.step import update
from gan_core.streams import stream

EVERY = pytest.mark.parametrize("name", NETWORKS)
SHAPES = [(2,), *((channels, side, side) for channels in (1, 3) for side in (16, 28, 32, 64))]
LATENT = 4


def players(name: str, shape: tuple[int, ...] = (1, 16, 16), *, width: int = 8, seed: int = 0) -> tuple[nn.Module, nn.Module]:
    network = NETWORKS[name]
    generator = network.generator(shape, latent_dim=LATENT, width=width, rng=stream(seed, "generator"))
    return generator, network.critic(shape, width=width, rng=stream(seed, "critic"))


def allowed(name: str, shape: tuple[int, ...]) -> bool:
    try:
        NETWORKS[name].check(shape)
    except ValueError:
        return False
    return True


def z(count: int, seed: int = 0) -> Tensor:
    return torch.randn(count, LATENT, generator=torch.Generator().manual_seed(seed))


@EVERY
@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_it_draws_and_judges_every_shape_it_accepts(name: str, shape: tuple[int, ...]) -> None:
    if not allowed(name, shape):
        with pytest.raises(ValueError, match="mlp"):
            NETWORKS[name].check(shape)
        return
    generator, critic = players(name, shape)
    for mode in (True, False):
        fake = generator.train(mode)(z(3))
        assert fake.shape == (3, *shape)
        assert torch.isfinite(fake).all()
        logits = critic.train(mode)(fake)
        assert logits.shape == (3,)
        assert torch.isfinite(logits).all()


def test_pictures_of_every_size_that_data_have_can_be_drawn_by_all() -> None:
    for shape in SHAPES[1:]:
        assert all(allowed(name, shape) for name in NETWORKS)
    assert allowed("mlp", (2,))


@EVERY
@pytest.mark.parametrize("side", range(1, 65))
def test_a_size_works_or_is_refused_with_its_number(name: str, side: int) -> None:
    shape = (1, side, side)
    if allowed(name, shape):
        generator, critic = players(name, shape, width=4)
        fake = generator(z(2))
        assert fake.shape == (2, *shape)
        assert critic(fake).shape == (2,)
    else:
        with pytest.raises(ValueError, match=str(side)):
            NETWORKS[name].check(shape)


@EVERY
@pytest.mark.parametrize("width", [int(KNOBS["width"].low), 5, 7, 12, 21, 28, 33, 50, 100])
def test_every_width_on_the_knob_can_be_built(name: str, width: int) -> None:
    generator, critic = players(name, width=width)
    assert critic(generator(z(2))).shape == (2,)


@EVERY
def test_equal_streams_give_equal_weights_whatever_torch_has_drawn_before(name: str) -> None:
    torch.manual_seed(1)
    first = players(name)
    torch.manual_seed(2)
    second = players(name)
    for one, two in zip(first, second, strict=True):
        for (key, mine), theirs in zip(one.state_dict().items(), two.state_dict().values(), strict=True):
            assert torch.equal(mine, theirs), key
    other = players(name, seed=1)
    for one, two in zip(first, other, strict=True):
        assert any(not torch.equal(mine, theirs) for mine, theirs in zip(one.parameters(), two.parameters(), strict=True))


@EVERY
def test_the_global_generator_is_left_alone(name: str) -> None:
    before = torch.get_rng_state()
    generator, critic = players(name)
    critic(generator(z(2)))
    assert torch.equal(torch.get_rng_state(), before)


@EVERY
def test_a_critic_judges_each_sample_by_itself(name: str) -> None:
    generator, critic = players(name)
    real, fake = torch.randn(5, 1, 16, 16), generator(z(5)).detach()
    together = critic(torch.cat([real, fake]))
    torch.testing.assert_close(together, torch.cat([critic(real), critic(fake)]), rtol=1e-4, atol=1e-5)


@EVERY
def test_when_looked_at_a_generator_draws_each_z_by_itself(name: str) -> None:
    generator, _ = players(name)
    generator.eval()
    torch.testing.assert_close(generator(z(5))[2:3], generator(z(5)[2:3]), rtol=1e-4, atol=1e-5)


@EVERY
def test_no_critic_normalises_over_the_batch(name: str) -> None:
    _, critic = players(name)
    assert not any(isinstance(layer, _NormBase) for layer in critic.modules())


@EVERY
def test_batch_norm_is_declared_and_has_torchs_own_eps(name: str) -> None:
    # PyTorch-GAN writes BatchNorm(…, 0.8), which is eps and not momentum: it hardly normalises.
    generator, _ = players(name)
    norms = [layer for layer in generator.modules() if isinstance(layer, _NormBase)]
    assert bool(norms) == NETWORKS[name].batch_norm
    assert all(norm.eps == nn.BatchNorm2d(1).eps and norm.momentum == nn.BatchNorm2d(1).momentum for norm in norms)


@EVERY
def test_every_weight_of_both_players_learns(name: str) -> None:
    # After the first updates: modern's blocks begin with their last convolution at zero, which hides what lies before it.
    state = tiny_state(network=name, game="non-saturating", penalty="R1+R2")
    for _ in range(3):
        update(state)
    for player in (state.G, state.D):
        for key, weight in player.named_parameters():
            assert weight.grad is not None, key
            assert weight.grad.abs().sum() > 0, key


@EVERY
def test_it_begins_small_enough_to_learn(name: str) -> None:
    generator, critic = players(name, width=32)
    fake = generator(z(64)).detach()
    assert fake.std() < 3
    assert fake.std(0).mean() > 1e-3, "different z draw different pictures from the first step on"
    assert critic(fake).abs().max() < 10


@EVERY
def test_it_helps_and_names_its_source(name: str) -> None:
    assert NETWORKS[name].source
    assert NETWORKS[name].help.endswith(".")
