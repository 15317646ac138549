"""Arithmetic with z: ends are met, norms are kept, and directions are those that were put in."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
import torch
from numpy.testing import assert_allclose
from tiny import tiny_config
from torch import Tensor, nn

from gan_core.latent import (
    FEWEST_OF_A_CLASS,
    WAYS,
    class_directions,
    coordinate_directions,
    eased,
    first_outputs,
    first_weight,
    lerp,
    principal_directions,
    random_directions,
    sefa_directions,
    shares_of,
    slerp,
    walk,
)
from gan_core.looking import blank_generator
from gan_core.networks import NETWORKS

RNG = np.random.default_rng(0)
EVERY_WAY = pytest.mark.parametrize("how", WAYS)
EVERY_NETWORK = pytest.mark.parametrize("network", NETWORKS)


def normal(*shape: int) -> Any:
    return RNG.standard_normal(shape).astype(np.float32)


def length(z: Any) -> Any:
    return np.linalg.norm(z, axis=-1)


# Between two points


@EVERY_WAY
@pytest.mark.parametrize("shape", [(8,), (5, 8), (2, 3, 8), (1,), (4, 1)])
def test_both_ends_are_met_in_any_shape(how: str, shape: tuple[int, ...]) -> None:
    a, b = normal(*shape), normal(*shape)
    assert_allclose(WAYS[how](a, b, 0.0), a, atol=1e-6)
    assert_allclose(WAYS[how](a, b, 1.0), b, atol=1e-6)
    assert WAYS[how](a, b, 0.3).dtype == np.float32


@EVERY_WAY
def test_each_pair_may_have_its_own_share(how: str) -> None:
    a, b, t = normal(6, 8), normal(6, 8), np.linspace(0, 1, 6)
    each = np.stack([WAYS[how](*one) for one in zip(a, b, t, strict=True)])
    assert_allclose(WAYS[how](a, b, t), each, atol=1e-6)
    assert WAYS[how](a[0], b, t).shape == (6, 8)


def test_the_arc_keeps_the_norm_where_the_straight_way_loses_a_third() -> None:
    a, b = normal(500, 128), normal(500, 128)
    mean = (length(a) + length(b)) / 2
    assert_allclose(length(slerp(a, b, 0.5)), mean, rtol=1e-5)
    assert (length(lerp(a, b, 0.5)) / mean).mean() == pytest.approx(math.sqrt(0.5), abs=0.01)


def test_the_arc_turns_evenly() -> None:
    a, b = np.array([2.0, 0.0]), np.array([0.0, 2.0])
    angle = [math.atan2(*slerp(a, b, t)[::-1]) for t in (0.25, 0.5, 0.75)]
    assert_allclose(angle, np.array([0.25, 0.5, 0.75]) * math.pi / 2, atol=1e-6)


def test_unequal_norms_pass_evenly_into_each_other() -> None:
    a, b = np.array([1.0, 0.0]), np.array([0.0, 3.0])
    assert_allclose(length(slerp(a, b, np.linspace(0, 1, 5))), np.linspace(1, 3, 5), rtol=1e-6)


@pytest.mark.parametrize("latent_dim", [2, 3, 64])
def test_opposite_points_are_joined_by_half_a_circle(latent_dim: int) -> None:
    a = normal(latent_dim)
    arc = slerp(a, -a, np.linspace(0, 1, 9))
    assert_allclose(length(arc), length(a), rtol=1e-5)
    assert_allclose(length(np.diff(arc, axis=0)), 2 * length(a) * math.sin(math.pi / 16), rtol=1e-4)


@pytest.mark.parametrize("factor", [1.0, 2.0, 1 + 1e-7, 0.0])
def test_points_of_one_direction_are_joined_by_the_straight_line(factor: float) -> None:
    a, t = normal(4, 8), 0.25
    assert_allclose(slerp(a, factor * a, t), lerp(a, factor * a, t), rtol=1e-5)
    assert_allclose(slerp(factor * a, a, t), lerp(factor * a, a, t), rtol=1e-5)


def test_nearly_opposite_and_nearly_equal_points_give_numbers() -> None:
    a = normal(64)
    for epsilon in 10.0 ** np.arange(-12, 0):
        for b in (a + epsilon * normal(64), -a + epsilon * normal(64)):
            arc = slerp(a, b, np.linspace(0, 1, 5))
            assert np.isfinite(arc).all()
            assert_allclose(length(arc), length(lerp(length(a)[None], length(b)[None], np.linspace(0, 1, 5))), rtol=1e-3)


def test_what_is_given_stays_as_it_is() -> None:
    a, b = normal(3, 4), normal(3, 4)
    copies = a.copy(), b.copy()
    for way in WAYS.values():
        way(a, b, 0.5)
    assert (a == copies[0]).all()
    assert (b == copies[1]).all()


# Along many


@EVERY_WAY
@pytest.mark.parametrize("ease", [False, True])
@pytest.mark.parametrize("keys", [2, 3, 5])
def test_an_open_walk_begins_and_ends_at_its_ends_and_meets_every_key(how: str, ease: bool, keys: int) -> None:
    stops = normal(keys, 6)
    way = walk(stops, 8 * (keys - 1) + 1, how=how, closed=False, ease=ease)
    assert way.shape == (8 * (keys - 1) + 1, 6)
    assert_allclose(way[::8], stops, atol=1e-5)


@EVERY_WAY
@pytest.mark.parametrize("keys", [2, 3, 8])
def test_a_closed_walk_goes_on_where_it_ends(how: str, keys: int) -> None:
    stops = normal(keys, 6)
    way = walk(stops, 8 * keys, how=how, closed=True, ease=False)
    assert_allclose(way[::8], stops, atol=1e-5)
    assert_allclose(way[-1], WAYS[how](stops[-1], stops[0], 7 / 8), atol=1e-5)


def test_easing_slows_down_at_every_key() -> None:
    steps = length(np.diff(walk(normal(3, 6), 41, how="lerp", closed=False, ease=True), axis=0))
    for leg in (steps[:20], steps[20:]):
        assert leg.argmin() in (0, 19)
        assert leg[9] > 5 * leg[0]
        assert_allclose(leg, leg[::-1], rtol=1e-3)
    assert eased([0.0, 0.5, 1.0]).tolist() == [0.0, 0.5, 1.0]


@pytest.mark.parametrize("closed", [False, True])
def test_the_shortest_walk_is_two_frames(closed: bool) -> None:
    stops = normal(2, 3)
    assert_allclose(walk(stops, 2, how="slerp", closed=closed, ease=True), stops, atol=1e-6)


# Directions


def upright(directions: Any) -> None:
    assert_allclose(directions @ directions.T, np.eye(len(directions)), atol=1e-4)


def test_random_directions_are_upright_and_the_seeds_own() -> None:
    directions, strength = random_directions(16, 16, 3)
    upright(directions)
    assert (directions == random_directions(16, 16, 3)[0]).all()
    assert (directions[:4] == random_directions(16, 4, 3)[0]).all()
    assert not np.allclose(directions, random_directions(16, 16, 4)[0])
    assert strength.tolist() == [1.0] * 16
    # No half of the sphere is preferred.
    first = np.stack([random_directions(3, 1, seed)[0][0] for seed in range(400)])
    assert np.abs(first.mean(axis=0)).max() < 0.1


def test_coordinates_are_the_axes() -> None:
    directions, strength = coordinate_directions(5, 3)
    assert (directions == np.eye(3, 5)).all()
    assert strength.tolist() == [1.0] * 3


def planted(latent_dim: int = 6, units: int = 40, stretch: float = 10.0) -> tuple[nn.Module, Any]:
    """A generator whose first layer stretches one direction of z, and that direction."""
    rng = torch.Generator().manual_seed(5)
    direction = torch.randn(latent_dim, generator=rng)
    direction /= direction.norm()
    layer = nn.Linear(latent_dim, units)
    with torch.no_grad():
        layer.weight.copy_(torch.randn(units, latent_dim, generator=rng))
        layer.weight += stretch * torch.randn(units, 1, generator=rng) * direction
    network = nn.Sequential(layer, nn.LeakyReLU(0.9), nn.Linear(units, 3)).requires_grad_(False)
    return network, direction.numpy()


def test_a_planted_direction_is_found_in_closed_form() -> None:
    network, direction = planted()
    directions, strength = sefa_directions(network, 6, 6)
    assert abs(directions[0] @ direction) > 0.99
    upright(directions)
    assert strength[0] > 0.8
    assert (np.diff(strength) <= 0).all()
    assert strength.sum() == pytest.approx(1.0)


def test_closed_form_is_the_singular_vectors_of_the_first_weight() -> None:
    network, _ = planted()
    _, values, vectors = torch.linalg.svd(network[0].weight, full_matrices=False)  # type: ignore[index,union-attr]
    directions, strength = sefa_directions(network, 6, 4)
    assert_allclose(np.abs((directions * vectors[:4].numpy()).sum(axis=1)), np.ones(4), atol=1e-4)
    assert_allclose(strength, (values**2 / (values**2).sum())[:4], rtol=1e-4)


def test_a_planted_direction_is_found_from_activations() -> None:
    network, direction = planted()
    z = normal(600, 6)
    activations = first_outputs(network, torch.from_numpy(z), activated=True).numpy()
    directions, strength = principal_directions(z, activations, 4)
    assert abs(directions[0] @ direction) > 0.98
    assert_allclose(length(directions), np.ones(4), rtol=1e-5)
    assert strength[0] > 0.8
    assert (np.diff(strength) <= 0).all()
    assert (directions == principal_directions(z, activations, 4)[0]).all()


@EVERY_NETWORK
def test_the_first_layer_is_found_in_every_network(network: str) -> None:
    config = tiny_config(network=network)
    generator = blank_generator(config).eval().requires_grad_(False)
    weight = first_weight(generator, config.latent_dim)
    layer = next(layer for layer in generator.modules() if isinstance(layer, nn.Linear) and layer.in_features == config.latent_dim)
    assert_allclose(weight, layer.weight, atol=1e-5)
    directions, strength = sefa_directions(generator, config.latent_dim, 4)
    upright(directions)
    assert strength.sum() == pytest.approx(1.0, rel=1e-3)
    activations = first_outputs(generator, torch.randn(64, config.latent_dim), activated=True)
    assert activations.shape[0] == 64
    assert activations.ndim == 2
    assert activations.std(dim=0).max() > 0


class Conditional(nn.Module):
    """A generator that takes its class from a table first, and reshapes z for a transposed convolution."""

    def __init__(self) -> None:
        super().__init__()
        self.table = nn.Embedding(3, 2)
        self.first = nn.ConvTranspose2d(6, 5, 4)

    def forward(self, z: Tensor) -> Tensor:
        label = self.table(torch.zeros(len(z), dtype=torch.long))
        return torch.relu(self.first(torch.cat([z, label], dim=1)[:, :, None, None]))


def test_the_first_layer_may_be_of_any_kind_and_take_more_than_z() -> None:
    network = Conditional().requires_grad_(False)
    weight = first_weight(network, 4)
    assert_allclose(weight, network.first.weight[:4].flatten(1).T, atol=1e-6)
    outputs = first_outputs(network, torch.randn(5, 4), activated=True)  # its nonlinearity is no layer: its own output stands for it
    assert outputs.shape == (5, 80)
    assert (outputs >= 0).all()


def test_looking_at_the_first_layer_leaves_no_trace() -> None:
    network, _ = planted()
    first_weight(network, 6)
    assert not any(layer._forward_hooks for layer in network.modules())
    assert not any(weight.requires_grad or weight.grad is not None for weight in network.parameters())


# Towards a class


def test_class_directions_are_those_that_were_planted() -> None:
    z = normal(3000, 6)
    kinds = z[:, :3].argmax(1)  # the class is the largest of three numbers: its direction leads up that number and down the other two
    vectors, strength = class_directions(z, kinds, 3)
    planted = np.array([[2, -1, -1, 0, 0, 0], [-1, 2, -1, 0, 0, 0], [-1, -1, 2, 0, 0, 0]]) / math.sqrt(6)
    assert (vectors * planted).sum(1).min() > 0.99
    assert_allclose(length(vectors), np.ones(3), rtol=1e-5)
    assert_allclose(strength, np.bincount(kinds) / 3000, rtol=1e-5)


def test_of_two_classes_each_is_the_other_way() -> None:
    z = normal(500, 4)
    vectors, strength = class_directions(z, (z[:, 1] > 0).astype(int), 2)
    assert vectors[1, 1] > 0.95
    assert_allclose(vectors[0], -vectors[1])
    assert strength.sum() == pytest.approx(1)


def test_a_class_that_is_hardly_drawn_has_no_direction() -> None:
    z = normal(400, 4)
    kinds = np.where(z[:, 0] > 0, 3, 1)
    kinds[: FEWEST_OF_A_CLASS - 1] = 0
    vectors, strength = class_directions(z, kinds, 5)
    assert (strength > 0).tolist() == [False, True, False, True, False]
    assert not vectors[[0, 2, 4]].any()
    vectors, strength = class_directions(z, np.full(400, 2), 5)
    assert not vectors.any() and not strength.any(), "from one class there is no way to another"


# Classes


def test_classes_walk_as_z_does() -> None:
    keys = shares_of([((0, 1.0),), ((2, 0.25), (1, 0.75))], 3)
    assert_allclose(keys, [[1, 0, 0], [0, 0.75, 0.25]])
    way = walk(keys, 5, how="lerp", closed=False, ease=False)
    assert_allclose(way[2], [0.5, 0.375, 0.125], atol=1e-6)
    assert_allclose(way.sum(1), 1.0, atol=1e-6)
    assert walk(np.zeros((2, 0), np.float32), 5, how="lerp", closed=True, ease=True).shape == (5, 0)


@pytest.mark.parametrize("label", [-1, 3])
def test_a_class_there_is_not_has_no_share(label: int) -> None:
    with pytest.raises(ValueError, match=f"There is no class {label}, but 3"):
        shares_of([((label, 1.0),)], 3)
