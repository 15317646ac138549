"""Arithmetic with z: walks between points, and directions that mean something. Arrays in, arrays out."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray
from threadpoolctl import threadpool_limits
from torch import Tensor, nn

from gan_core.streams import stream

Z = NDArray[np.float32]
Directions = tuple[Z, Z]
"""Unit vectors (k, latent_dim), most telling first, and the strength (k,) of each; 1 where strength means nothing."""

Kind = tuple[tuple[int, float], ...]
"""What one z is asked to become, where the generator is told the class: a class and its share, of one or several; shares sum to 1."""

BLEND = 4
"""Classes that one z may be blended of, at most: those of a sheet's four corners."""
FEWEST_OF_A_CLASS = 10
"""Images of a class, at least, that a direction towards it is learned from."""
SLERP_FLOOR = 1e-4
"""Sine of the angle below which two vectors lie on one line, so that their arc is none or any."""


def lerp(start: ArrayLike, end: ArrayLike, t: ArrayLike) -> Z:
    """The points a share `t` of the straight way from `start` to `end`, both (..., latent_dim); t (...) or a number.

    Halfway between two independent normal vectors the norm is about 0.71 of theirs: a generator seldom saw such z.
    """
    a, b, share = _broadcast(start, end, t)
    return ((1.0 - share) * a + share * b).astype(np.float32)


def slerp(start: ArrayLike, end: ArrayLike, t: ArrayLike) -> Z:
    """The points a share `t` of the way along the arc from `start` to `end`, both (..., latent_dim); t (...) or a number.

    The direction turns evenly and the norm moves evenly from one's to the other's (White 2016 for equal norms). Vectors of one
    direction are joined by the straight line; opposite ones by the half circle through the axis they lean on least.
    """
    a, b, share = _broadcast(start, end, t)
    norm_a, norm_b = (np.linalg.norm(v, axis=-1, keepdims=True) for v in (a, b))
    unit_a, unit_b = a / np.maximum(norm_a, 1e-12), b / np.maximum(norm_b, 1e-12)
    cosine = np.clip((unit_a * unit_b).sum(-1, keepdims=True), -1.0, 1.0)
    side = unit_b - cosine * unit_a
    sine = np.linalg.norm(side, axis=-1, keepdims=True)
    opposite = (cosine < 0) & (sine < SLERP_FLOOR)
    side = np.where(opposite, _beside(unit_a), side / np.maximum(sine, 1e-12))
    angle = share * np.where(opposite, np.pi, np.arctan2(sine, cosine))
    arc = ((1.0 - share) * norm_a + share * norm_b) * (np.cos(angle) * unit_a + np.sin(angle) * side)
    straight = (1.0 - share) * a + share * b
    on_a_line = ~opposite & (sine < SLERP_FLOOR) | (norm_a == 0) | (norm_b == 0) | (a.shape[-1] == 1)
    return np.where(on_a_line, straight, np.where(share == 1.0, b, arc)).astype(np.float32)


WAYS: dict[str, Callable[[ArrayLike, ArrayLike, ArrayLike], Z]] = {"lerp": lerp, "slerp": slerp}


def eased(t: ArrayLike) -> NDArray[np.float64]:
    """t with a soft start and a soft end: 3t^2 - 2t^3, for t in [0, 1]."""
    share = np.asarray(t, np.float64)
    return share * share * (3.0 - 2.0 * share)


def walk(keys: ArrayLike, frames: int, *, how: str, closed: bool, ease: bool) -> Z:
    """z (frames, latent_dim) along `keys` (2 or more, latent_dim), `how` of WAYS.

    An open walk begins at the first key and ends at the last. A closed one goes back to the first; its last frame is the one
    before that, so that it repeats without a jump. `ease` slows down at every key.
    """
    stops = np.asarray(keys, np.float32)
    stops = np.concatenate([stops, stops[:1]]) if closed else stops
    legs = len(stops) - 1
    place = np.arange(frames) * legs / max(1, frames if closed else frames - 1)
    leg = np.minimum(place.astype(int), legs - 1)
    share = place - leg
    return WAYS[how](stops[leg], stops[leg + 1], eased(share) if ease else share)


def shares_of(kinds: Sequence[Kind], classes: int) -> Z:
    """The share of each of so many classes in each kind (n, classes), which walk as z does; ValueError for a class there is not."""
    shares = np.zeros((len(kinds), classes), np.float32)
    for row, kind in zip(shares, kinds, strict=True):
        for label, share in kind:
            if not 0 <= label < classes:
                raise ValueError(f"There is no class {label}, but {classes}, counted from 0.")
            row[label] += share
    return shares


def random_directions(latent_dim: int, count: int, seed: int) -> Directions:
    """`count` unit vectors at right angles to each other, drawn by chance; the same seed draws the same ones."""
    normal = torch.randn(latent_dim, latent_dim, generator=stream(seed, "directions"), dtype=torch.float64)
    turned, triangle = torch.linalg.qr(normal)
    turned = turned * triangle.diagonal().sign()  # without it the turns are not spread evenly (Mezzadri 2007)
    return turned.T[:count].float().numpy(), np.ones(count, np.float32)


def coordinate_directions(latent_dim: int, count: int) -> Directions:
    """The first `count` axes of z."""
    return np.eye(count, latent_dim, dtype=np.float32), np.ones(count, np.float32)


def sefa_directions(generator: nn.Module, latent_dim: int, count: int) -> Directions:
    """Directions that the first layer stretches most: eigenvectors of W^T W, in closed form (Shen & Zhou 2021, equation 5).

    Their strength is the share of the squared singular values.
    """
    weight = first_weight(generator, latent_dim).double()
    values, vectors = torch.linalg.eigh(weight.T @ weight)
    values, vectors = values.flip(0).clamp(min=0), vectors.flip(1)
    return _pointing(vectors.T[:count].numpy()), (values / values.sum().clamp(min=1e-30))[:count].float().numpy()


def principal_directions(z: Z, activations: NDArray[np.float32], count: int) -> Directions:
    """Directions along which the first layer's `activations` (n, units) at `z` (n, latent_dim) vary most (Härkönen et al. 2020, GANSpace).

    Their principal components, brought back to z by least squares; their strength is the share of the variance.
    """
    from sklearn.decomposition import PCA  # Takes a second or two, which only its users wait for.

    with threadpool_limits(1, "blas"):  # numpy's own threads would take every core from the run that trains
        found = PCA(n_components=min(count, *activations.shape), svd_solver="randomized", random_state=0).fit(activations)
        along = found.transform(activations)
        back, *_ = np.linalg.lstsq(along, z - z.mean(axis=0), rcond=None)
    length = np.linalg.norm(back, axis=1, keepdims=True)
    strength = found.explained_variance_ratio_.astype(np.float32)
    return _pointing(back / np.maximum(length, 1e-12)), np.nan_to_num(strength)


def class_directions(z: Z, kinds: NDArray[np.int64], classes: int) -> Directions:
    """For each class the way to it from all others: the weights of a logistic regression from `z` (n, latent_dim) to `kinds` (n,).

    `kinds` says, by number, what each z's image is taken for. The strength of a direction is the class's share of the images. A class
    with too few of them to learn from has no direction, and none has one where all are of one kind: vector and strength are 0 then.
    """
    from sklearn.linear_model import LogisticRegression  # Takes a second or two, which only its users wait for.

    members = np.bincount(kinds, minlength=classes)
    known = np.flatnonzero(members >= FEWEST_OF_A_CLASS)
    vectors, strength = np.zeros((classes, z.shape[1]), np.float32), np.zeros(classes, np.float32)
    if len(known) > 1:
        chosen = np.isin(kinds, known)
        with threadpool_limits(1, "blas"):
            weights = LogisticRegression(max_iter=1000).fit(z[chosen], kinds[chosen]).coef_
        weights = weights if len(known) > 2 else np.concatenate([-weights, weights])  # of two classes only one has weights
        vectors[known] = weights / np.maximum(np.linalg.norm(weights, axis=1, keepdims=True), 1e-12)
        strength[known] = members[known] / len(kinds)
    return vectors, strength


def first_weight(generator: nn.Module, latent_dim: int) -> Tensor:
    """W (units, latent_dim) of the first layer that takes z, whatever its kind: what it adds to its output at 0 for each axis of z."""
    outputs = first_outputs(generator, torch.cat([torch.zeros(1, latent_dim), torch.eye(latent_dim)]), activated=False)
    return (outputs[1:] - outputs[0]).T


def first_outputs(generator: nn.Module, z: Tensor, *, activated: bool) -> Tensor:
    """What the first layer makes of `z` (n, latent_dim), flat (n, units); with `activated`, after the nonlinearity that follows it.

    The generator goes no further than that. Where it has no such layer (or no nonlinearity) its own output stands for it.
    """
    found: list[Tensor] = []

    def watch(module: nn.Module, inputs: tuple[Any, ...], output: Tensor) -> None:
        if not any(isinstance(x, Tensor) and x.requires_grad for x in inputs):
            return  # not on z's way: a table of classes, for instance
        weighs = any(weight.ndim > 1 for weight in module.parameters(recurse=False))
        if (weighs and not found) or (found and activated and type(module).__module__ == nn.ReLU.__module__):
            found.append(output)
        if len(found) == 1 + activated:
            raise _Enough

    leaves = [module for module in generator.modules() if next(module.children(), None) is None]
    with _hooked(leaves, watch), torch.enable_grad():
        try:
            found.append(generator(z.detach().requires_grad_()))
        except _Enough:
            pass
    return found[-1].detach().flatten(1)


class _Enough(Exception):
    """The layer one waited for has spoken."""


@contextmanager
def _hooked(modules: list[nn.Module], watch: Callable[..., None]) -> Iterator[None]:
    hooks = [module.register_forward_hook(watch) for module in modules]
    try:
        yield
    finally:
        for hook in hooks:
            hook.remove()


def _pointing(directions: NDArray[Any]) -> Z:
    """The same directions, each with its largest entry positive: an eigenvector's sign is chance."""
    largest = np.take_along_axis(directions, np.abs(directions).argmax(axis=1, keepdims=True), axis=1)
    return (directions * np.where(largest < 0, -1.0, 1.0)).astype(np.float32)


def _broadcast(start: ArrayLike, end: ArrayLike, t: ArrayLike) -> list[NDArray[np.float64]]:
    a, b = np.broadcast_arrays(np.asarray(start, np.float64), np.asarray(end, np.float64))
    return [a, b, np.asarray(t, np.float64)[..., None]]


def _beside(unit: NDArray[np.float64]) -> NDArray[np.float64]:
    """A unit vector at right angles to each of `unit` (..., latent_dim): the axis it leans on least, made upright."""
    axis = np.eye(unit.shape[-1])[np.abs(unit).argmin(axis=-1)]
    upright: NDArray[np.float64] = axis - (axis * unit).sum(-1, keepdims=True) * unit
    upright /= np.maximum(np.linalg.norm(upright, axis=-1, keepdims=True), 1e-12)
    return upright
