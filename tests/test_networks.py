"""Every network draws what it says it can, starts from its own random numbers, and can be trained."""

from __future__ import annotations

import pytest
import torch
from tiny import tiny_state
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _NormBase

from gan_core.config import KNOBS
from gan_core.networks import NETWORKS, make_critic, make_generator
from gan_core.networks.conditional import MOST_CLASSES, ConditionalCritic, ConditionalGenerator, played
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


def without_convolutions(name: str) -> bool:
    """Whether the network has no convolutions, so that it draws points as well."""
    return allowed(name, (2,))


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
    assert {name for name in NETWORKS if allowed(name, (2,))} == {"mlp", "mlp-bn", "mlp-growing", "mlp-small"}


@EVERY
def test_a_size_works_or_is_refused_with_its_number(name: str) -> None:
    for shape in ((1, side, side) for side in range(1, 65)):
        if allowed(name, shape):
            if without_convolutions(name) and shape[1] % 9:
                continue  # a network without convolutions cannot care
            generator, critic = players(name, shape, width=4)
            fake = generator(z(2))
            assert fake.shape == (2, *shape)
            assert critic(fake).shape == (2,)
        else:
            with pytest.raises(ValueError, match=str(shape[1])):
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
    critic.eval()(generator(z(2)))
    assert torch.equal(torch.get_rng_state(), before)


@EVERY
def test_a_critic_judges_each_sample_by_itself(name: str) -> None:
    generator, critic = players(name)
    critic.eval()  # dropout draws anew for each batch
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


# The sizes that were published


def hidden(network: nn.Module) -> list[int]:
    """Outputs of the linear layers."""
    return [layer.out_features for layer in network.modules() if isinstance(layer, nn.Linear)]


@pytest.mark.parametrize(
    ("name", "width", "generator", "critic"),
    [
        ("mlp-bn", 128, [128, 256, 512, 1024, 784], [512, 256, 1]),
        ("mlp-growing", 256, [256, 512, 1024, 784], [512, 256, 1]),
        ("mlp-small", 128, [128, 256, 784], [256, 128, 1]),
        ("dense-up", 256, [7 * 7 * 256], [256, 1]),
        ("dcgan-dropout", 64, [7 * 7 * 256], [1]),
    ],
)
def test_at_the_published_width_the_layers_are_the_published_ones(name: str, width: int, generator: list[int], critic: list[int]) -> None:
    G, D = players(name, (1, 28, 28), width=width)
    assert (hidden(G), hidden(D)) == (generator, critic)


def test_the_tutorials_convolutions() -> None:
    G, D = players("dcgan-dropout", (1, 28, 28), width=64)
    up = [(layer.out_channels, layer.kernel_size[0], layer.stride[0]) for layer in G.modules() if isinstance(layer, nn.ConvTranspose2d)]
    down = [(layer.out_channels, layer.kernel_size[0], layer.stride[0]) for layer in D.modules() if isinstance(layer, nn.Conv2d)]
    assert up == [(128, 5, 1), (64, 5, 2), (1, 5, 2)]
    assert down == [(64, 5, 2), (128, 5, 2)]


def test_batch_norm_of_the_classic_mlp_begins_at_its_second_layer() -> None:
    G, _ = players("mlp-bn", (1, 28, 28), width=128)
    assert [layer.num_features for layer in G.modules() if isinstance(layer, nn.BatchNorm1d)] == [256, 512, 1024]
    assert not isinstance(list(G.children())[1], nn.BatchNorm1d)


# As deep as one likes


@pytest.mark.parametrize("shape", [(2,), (1, 16, 16)], ids=str)
@pytest.mark.parametrize("classes", [0, 3])
def test_depth_is_the_number_of_hidden_layers(shape: tuple[int, ...], classes: int) -> None:
    for depth in (1, 2, 5):
        G = make_generator("mlp", shape, latent_dim=LATENT, width=8, rng=stream(0, "generator"), depth=depth, classes=classes)
        D = make_critic("mlp", shape, width=8, rng=stream(0, "critic"), depth=depth, classes=classes)
        for player in (G, D):
            assert sum(isinstance(layer, nn.Linear) for layer in player.modules()) == depth + 1
        assert D(G(z(3))).shape == (3,)


def test_a_depth_of_0_is_what_the_network_always_had() -> None:
    for depth in (0, 3):
        made = make_generator("mlp", (2,), latent_dim=LATENT, width=8, rng=stream(0, "generator"), depth=depth)
        was = NETWORKS["mlp"].generator((2,), latent_dim=LATENT, width=8, rng=stream(0, "generator"))
        assert all(torch.equal(made.state_dict()[name], weight) for name, weight in was.state_dict().items())
        assert made.state_dict().keys() == was.state_dict().keys()


# Told the class

CLASSES = 3


def told(name: str, shape: tuple[int, ...] = (1, 16, 16), *, seed: int = 0, classes: int = CLASSES) -> tuple[nn.Module, nn.Module]:
    G = make_generator(name, shape, latent_dim=LATENT, width=8, rng=stream(seed, "generator"), classes=classes)
    return G, make_critic(name, shape, width=8, rng=stream(seed, "critic"), classes=classes)


@EVERY
@pytest.mark.parametrize("shape", [(2,), (3, 28, 28)], ids=str)
def test_every_network_can_be_told_the_class(name: str, shape: tuple[int, ...]) -> None:
    if not allowed(name, shape):
        return
    G, D = (player.eval() for player in told(name, shape))
    labels, turned = torch.tensor([0, 1, 2, 0]), torch.tensor([0, 2, 1, 1])
    one = z(1).repeat(4, 1)
    fake = played(G, one, labels)
    assert fake.shape == (4, *shape)
    shown = fake[:1].repeat(4, *[1] * len(shape))
    for what, given in ((G, one), (D, shown)):
        said, again = played(what, given, labels), played(what, given, turned)
        # To the bit in the same place only: some processors sum the last rows of a batch in another order.
        assert torch.equal(said[0], again[0]), "the other rows' classes are nothing to it"
        torch.testing.assert_close(said[0], said[3])
        assert not torch.allclose(said[0], said[1]) and not torch.allclose(said[3], again[3]), "the class decides"
    assert played(D, shown, labels).shape == (4,)
    other = [dict(player.state_dict()) for player in told(name, shape)]
    assert all(
        torch.equal(value, state[key]) for player, state in zip((G, D), other, strict=True) for key, value in player.state_dict().items()
    )


@EVERY
def test_without_labels_every_class_takes_its_turn(name: str) -> None:
    G, D = (player.eval() for player in told(name))
    labels = torch.arange(7) % CLASSES
    assert torch.equal(G(z(7)), G(z(7), labels))
    assert torch.equal(D(G(z(7))), D(G(z(7)), labels))


@EVERY
def test_the_projection_is_the_papers(name: str) -> None:
    # Miyato and Koyama 2018, equation 7: y^T V phi(x) + psi(phi(x)).
    G, D = (player.eval() for player in told(name))
    assert isinstance(G, ConditionalGenerator) and isinstance(D, ConditionalCritic)
    labels = torch.tensor([2, 0, 1])
    fake = G(z(3), labels)
    phi = D.body(fake)
    one_hot = torch.eye(CLASSES)[labels]
    torch.testing.assert_close(D(fake, labels), ((one_hot @ D.classes.weight) * phi).sum(1) + D.head(phi).flatten())


@EVERY
def test_unconditional_players_are_as_without_the_wrapper(name: str) -> None:
    G, D = told(name, classes=0)
    for mine, theirs in zip((G, D), players(name), strict=True):
        assert all(torch.equal(a, b) for a, b in zip(mine.state_dict().values(), theirs.state_dict().values(), strict=True))


def test_more_classes_than_can_be_are_refused() -> None:
    with pytest.raises(ValueError, match=r"have 1,001 classes.*1,000 at most"):
        told("mlp", classes=MOST_CLASSES + 1)


def test_a_critic_without_a_linear_end_is_no_row() -> None:
    with pytest.raises(TypeError, match="Linear"):
        ConditionalCritic(nn.Sequential(nn.Flatten(), nn.Tanh()), 3)
