"""Every figure of merit against a closed form, a plain double loop, or the code of its authors; and against planted truths."""

from __future__ import annotations

import contextlib
import io
import itertools
import math

import pytest
import torch
from prdc import compute_prdc
from torch import Tensor
from torch_fidelity.metric_fid import fid_features_to_statistics, fid_statistics_to_metric
from torch_fidelity.metric_isc import KEY_METRIC_ISC_MEAN, isc_features_to_metric
from torch_fidelity.metric_kid import kernel_mmd

from gan_core.data import planes
from gan_core.metrics.classes import agreement, histogram, missing, reverse_kl
from gan_core.metrics.confidence import classifier_score
from gan_core.metrics.copies import NEAR, copies
from gan_core.metrics.distances import nearest, pairwise, radii
from gan_core.metrics.diversity import diversity
from gan_core.metrics.energy import energy_distance
from gan_core.metrics.frechet import frechet_distance
from gan_core.metrics.gap import critic_gap
from gan_core.metrics.kernel import kernel_distance
from gan_core.metrics.modes import ON_MODE, modes
from gan_core.metrics.neighbours import K, neighbours


def cloud(count: int, seed: int, dims: int = 6, shift: float = 0.0, scale: float = 1.0) -> Tensor:
    return shift + scale * torch.randn(count, dims, generator=torch.Generator().manual_seed(seed))


def with_moments(mean: Tensor, cov: Tensor, count: int, seed: int) -> Tensor:
    """Points whose sample mean and covariance are exactly these."""
    raw = cloud(count, seed, len(mean)).double()
    raw = raw - raw.mean(0)
    white = raw @ torch.linalg.inv(torch.linalg.cholesky(torch.cov(raw.T))).T
    return mean + white @ torch.linalg.cholesky(cov).T


def test_frechet_distance_of_two_gaussians_is_the_closed_form() -> None:
    # Covariances with the same axes: the trace term is the sum of squared differences of the standard deviations.
    turn = torch.linalg.qr(cloud(4, 3, 4).double())[0]
    sds = torch.tensor([[1.0, 2.0, 0.5, 3.0], [2.0, 2.0, 1.5, 0.1]], dtype=torch.float64)
    means = torch.tensor([[0.0, 1.0, 2.0, 3.0], [1.0, 1.0, 0.0, 3.5]], dtype=torch.float64)
    a, b = (with_moments(means[i], turn @ torch.diag(sds[i] ** 2) @ turn.T, 200, seed=i) for i in range(2))
    exact = float(((means[0] - means[1]) ** 2).sum() + ((sds[0] - sds[1]) ** 2).sum())
    assert frechet_distance(a, b) == pytest.approx(exact, rel=1e-9)
    assert frechet_distance(b, a) == pytest.approx(exact, rel=1e-9)
    assert frechet_distance(a, a) == pytest.approx(0, abs=1e-9)


@pytest.mark.parametrize("dims", [3, 40])
def test_frechet_distance_is_torch_fidelitys(dims: int) -> None:
    # With 40 features and 30 samples the covariances are singular, where the usual form turns complex.
    a, b = cloud(30, 0, dims), cloud(30, 1, dims, shift=0.3, scale=1.7)
    stats = [fid_features_to_statistics(features.double()) for features in (a, b)]
    theirs = fid_statistics_to_metric(*stats, verbose=False)["frechet_inception_distance"]
    assert frechet_distance(a, b) == pytest.approx(theirs, rel=1e-5)


def test_frechet_distance_survives_a_collapse() -> None:
    real = cloud(50, 0)
    assert math.isfinite(frechet_distance(torch.ones(50, 6), real))


def test_kernel_distance_is_a_plain_double_loop() -> None:
    a, b = cloud(9, 0, 3).double(), cloud(9, 1, 3, shift=0.5).double()

    def k(x: Tensor, y: Tensor) -> float:
        return (float(x @ y) / 3 + 1) ** 3

    pairs = list(itertools.permutations(range(9), 2))
    inside = sum(k(a[i], a[j]) + k(b[i], b[j]) for i, j in pairs) / len(pairs)
    across = sum(k(x, y) for x in a for y in b) / 81
    value, error = kernel_distance(a, b)
    assert value == pytest.approx(inside - 2 * across, rel=1e-9)

    def without(i: int) -> float:
        pairs_left = [(j, m) for j, m in pairs if i not in (j, m)]
        return sum(k(a[j], a[m]) + k(b[j], b[m]) - k(a[j], b[m]) - k(a[m], b[j]) for j, m in pairs_left) / len(pairs_left)

    left_out = [without(i) for i in range(9)]
    spread = sum((value - sum(left_out) / 9) ** 2 for value in left_out)
    assert error == pytest.approx(math.sqrt(8 / 9 * spread), rel=1e-9)


def test_kernel_distance_is_torch_fidelitys() -> None:
    a, b = cloud(60, 0), cloud(60, 1, shift=0.3)
    assert kernel_distance(a, b)[0] == pytest.approx(float(kernel_mmd(a.double().numpy(), b.double().numpy())), rel=1e-9)


def test_kernel_distance_has_no_bias_and_an_honest_error() -> None:
    def found(shift: float) -> Tensor:
        return torch.tensor([kernel_distance(cloud(40, 2 * seed, shift=shift), cloud(40, 2 * seed + 1)) for seed in range(200)])

    values, errors = found(0).unbind(1)
    assert abs(values.mean()) < 3 * values.std() / math.sqrt(len(values))
    assert 1 < errors.mean() / values.std() < 1.5, "of equal clouds it errs on the safe side"
    values, errors = found(1).unbind(1)
    assert errors.mean() == pytest.approx(float(values.std()), rel=0.2)


def test_kernel_distance_wants_as_many_of_each() -> None:
    with pytest.raises(ValueError, match="equally many"):
        kernel_distance(cloud(5, 0), cloud(6, 1))


@pytest.mark.parametrize(("shift", "scale"), [(0.0, 1.0), (1.5, 0.4), (0.0, 3.0)])
def test_neighbours_are_their_authors(shift: float, scale: float) -> None:
    fake, real = cloud(80, 0, shift=shift, scale=scale), cloud(100, 1)
    with contextlib.redirect_stdout(io.StringIO()):
        theirs = compute_prdc(real.double().numpy(), fake.double().numpy(), K)
    ours = neighbours(fake, real)
    assert {name: getattr(ours, name) for name in theirs} == pytest.approx(theirs)


def test_neighbours_by_brute_force() -> None:
    fake, real = cloud(12, 0, 2).double(), cloud(15, 1, 2).double()

    def reach(points: Tensor) -> list[float]:
        return [sorted(float((p - q).norm()) for q in points)[3] for p in points]

    inside = [[float((f - r).norm()) < reach_r for r, reach_r in zip(real, reach(real), strict=True)] for f in fake]
    around = [[float((f - r).norm()) < reach_f for f, reach_f in zip(fake, reach(fake), strict=True)] for r in real]
    ours = neighbours(fake, real, k=3)
    assert ours.precision == pytest.approx(sum(map(any, inside)) / 12)
    assert ours.recall == pytest.approx(sum(map(any, around)) / 15)
    assert ours.density == pytest.approx(sum(map(sum, inside)) / 12 / 3)
    assert ours.coverage == pytest.approx(sum(map(any, zip(*inside, strict=True))) / 15)


def test_too_few_samples_are_said_so() -> None:
    with pytest.raises(ValueError, match="5 samples are too few: more than 5 are needed"):
        neighbours(cloud(5, 0), cloud(9, 1))


def test_samples_of_the_target_score_the_ideal() -> None:
    fake, real = cloud(600, 0), cloud(600, 1)
    found = neighbours(fake, real)
    assert found.precision > 0.9 and found.recall > 0.9 and found.coverage > 0.9
    assert found.density == pytest.approx(1, abs=0.1)
    value, error = kernel_distance(fake, real)
    assert abs(value) < 3 * error
    assert frechet_distance(fake, real) < 0.1
    assert abs(energy_distance(fake, real)) < 0.02
    assert diversity(fake) == pytest.approx(diversity(real), rel=0.02)


def test_a_collapse_is_seen_where_it_should_be() -> None:
    real = torch.cat([cloud(100, mode, 2, shift=20 * mode, scale=0.5) for mode in range(5)])
    every, one = (torch.cat([cloud(500 // n, 9 + mode, 2, shift=20 * mode, scale=0.5) for mode in range(n)]) for n in (5, 1))
    whole, collapsed = neighbours(every, real), neighbours(one, real)
    assert whole.coverage > 0.9 and collapsed.coverage < 0.25
    assert collapsed.precision > 0.9, "each of them is a good sample"
    assert collapsed.recall < 0.25
    assert frechet_distance(one, real) > 100 * frechet_distance(every, real)
    assert kernel_distance(one, real)[0] > 10 * abs(kernel_distance(every, real)[0])
    assert diversity(one) < diversity(every) / 10
    same = torch.ones(500, 2)
    assert neighbours(same, real).recall == 0 and diversity(same) == 0


def chances_of(labels: Tensor, classes: int = 10, sure: float = 1.0) -> Tensor:
    return torch.nn.functional.one_hot(labels, classes) * sure + (1 - sure) / classes


def test_classes_are_counted() -> None:
    labels = torch.tensor([0, 0, 1, 3])
    shares = histogram(chances_of(labels, 4))
    assert shares.tolist() == [0.5, 0.25, 0.0, 0.25]
    assert missing(shares) == 1
    even = torch.full((4,), 0.25)
    assert reverse_kl(shares, even) == pytest.approx(0.5 * math.log(2))
    assert reverse_kl(even, even) == 0
    assert reverse_kl(torch.tensor([1.0, 0, 0, 0]), even) == pytest.approx(math.log(4))
    assert agreement(chances_of(labels, 4), torch.tensor([0, 1, 1, 3])) == 0.75


def test_a_class_with_a_stray_hit_is_missing() -> None:
    shares = torch.tensor([0.5, 0.46, 0.024, 0.016])  # a tenth of an even share is 0.025
    assert missing(shares) == 2


def test_classifier_score_between_one_and_the_classes() -> None:
    every = torch.arange(10).repeat(5)
    assert classifier_score(chances_of(every)) == pytest.approx(10)
    assert classifier_score(chances_of(torch.zeros(50, dtype=torch.long))) == pytest.approx(1)
    assert classifier_score(torch.full((50, 10), 0.1)) == pytest.approx(1)
    logits = cloud(200, 0, 10)
    theirs = isc_features_to_metric(logits, splits=1)[KEY_METRIC_ISC_MEAN]
    assert classifier_score(logits.softmax(1)) == pytest.approx(theirs, rel=1e-6)


def test_diversity_is_the_mean_over_pairs() -> None:
    points = torch.tensor([[0.0, 0.0], [3.0, 4.0], [0.0, 8.0]])
    assert diversity(points) == pytest.approx((5 + 8 + 5) / 3)


def test_distances_in_parts_are_those_at_once() -> None:
    a, b = cloud(30, 0), cloud(9_000, 1)
    assert torch.allclose(nearest(a, b), pairwise(a, b).amin(1).float(), atol=1e-4)
    assert radii(a, 1).tolist() == pytest.approx(pairwise(a, a).fill_diagonal_(torch.inf).amin(1).tolist())


def test_memorised_fakes_are_detected() -> None:
    train, heldout = cloud(2_000, 0, 20), cloud(1_000, 1, 20)
    yardstick = nearest(heldout, train)
    assert copies(nearest(cloud(1_000, 2, 20), train), yardstick) == pytest.approx(NEAR, abs=0.025)
    learned_by_heart = train[:1000] + cloud(1_000, 3, 20, scale=0.01)
    assert copies(nearest(learned_by_heart, train), yardstick) == 1
    a_third = torch.cat([learned_by_heart[:333], cloud(667, 4, 20)])
    assert copies(nearest(a_third, train), yardstick) == pytest.approx(0.33 + 0.67 * NEAR, abs=0.03)


def test_the_gap_of_a_critic_is_in_standard_deviations() -> None:
    logits = cloud(4_000, 0, 1).squeeze(1)
    assert critic_gap(logits, logits) == 0
    assert critic_gap(logits + 0.5, logits) == pytest.approx(0.5, rel=0.05)
    assert critic_gap(20 * (logits + 0.5), 20 * logits) == pytest.approx(critic_gap(logits + 0.5, logits))
    assert critic_gap(torch.ones(5), torch.ones(5)) == 0


@pytest.mark.parametrize("name", planes.PLANES)
def test_the_planes_own_points_are_ideal(name: str) -> None:
    data = planes.make(name)
    centres, sd = planes.centres(name), planes.sd(name)
    seen = modes(data.heldout * data.scale, centres, sd)
    assert seen.found == len(centres)
    assert seen.on_mode == pytest.approx(ON_MODE, abs=0.005)
    assert seen.kl < 0.005
    assert seen.shares == pytest.approx([ON_MODE / len(centres)] * len(centres), abs=0.015)
    points = data.heldout * data.scale
    assert abs(energy_distance(points[:1000], points[1000:2000])) < 0.02


def test_points_on_one_mode_or_on_none() -> None:
    centres, sd = planes.centres("ring-8"), planes.sd("ring-8")
    one = centres[:1] + sd * cloud(800, 0, 2)
    seen = modes(one, centres, sd)
    assert (seen.found, sum(share > 0 for share in seen.shares)) == (1, 1)
    assert seen.kl == pytest.approx(math.log(8), abs=0.06)
    nothing = modes(torch.zeros(800, 2), centres, sd)
    assert (nothing.found, nothing.on_mode) == (0, 0)
    assert nothing.kl == pytest.approx(-math.log(1 - ON_MODE)), "all in the bin that should hold 1.1 %"
    broken = modes(torch.full((800, 2), torch.nan), centres, sd)
    assert (broken.found, broken.on_mode) == (0, 0)


def test_a_mode_with_a_stray_hit_is_not_found() -> None:
    # A wide cloud hits every mode of the ring now and then: one hit a mode is no find.
    centres, sd = planes.centres("ring-8"), planes.sd("ring-8")
    seen = modes(cloud(5_000, 0, 2), centres, sd)
    assert min(seen.shares) > 0
    assert seen.found == 0


def test_energy_distance_by_hand() -> None:
    a, b = torch.tensor([[0.0], [2.0]]), torch.tensor([[1.0], [5.0]])
    across = (1 + 5 + 1 + 3) / 4
    assert energy_distance(a, b) == pytest.approx(2 * across - 2 - 4)
    far = cloud(300, 0, 2)
    assert energy_distance(far + 10, far) == pytest.approx(2 * 10 * math.sqrt(2), rel=0.2)
