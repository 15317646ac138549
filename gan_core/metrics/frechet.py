"""The Fréchet distance between two clouds of features, as if both were Gaussian (Dowson and Landau 1982; Heusel et al. 2017)."""

from __future__ import annotations

import torch
from torch import Tensor


def frechet_distance(fake: Tensor, real: Tensor) -> float:
    """|m1 - m2|^2 + tr(S1 + S2 - 2 (S1^1/2 S2 S1^1/2)^1/2) of features (n, d); 0 where means and covariances are equal.

    It has a floor above 0 for real samples too, which falls with n: compare only distances of equally many samples.
    """
    (mean_fake, cov_fake), (mean_real, cov_real) = _moments(fake), _moments(real)
    root = _root(cov_fake)
    # Symmetric, so its eigenvalues are real; the usual square root of S1 S2 has an imaginary part to be explained away.
    between = torch.linalg.eigvalsh(root @ cov_real @ root).clamp(min=0).sqrt().sum()
    distance = (mean_fake - mean_real).square().sum() + cov_fake.trace() + cov_real.trace() - 2 * between
    return max(0.0, float(distance))


def _moments(features: Tensor) -> tuple[Tensor, Tensor]:
    return features.double().mean(0), torch.cov(features.double().T)


def _root(cov: Tensor) -> Tensor:
    values, vectors = torch.linalg.eigh(cov)
    root: Tensor = vectors * values.clamp(min=0).sqrt() @ vectors.T
    return root
