"""How good a generator is, in numbers: one row a figure. Adding one is a file beside this and a line in `METRICS`."""

from __future__ import annotations

from collections.abc import Mapping

from torch import Tensor

from gan_core.metrics.base import Evidence, Figure, Measured, Metric, Seen, measured
from gan_core.metrics.classes import histogram, missing, reverse_kl
from gan_core.metrics.confidence import classifier_score
from gan_core.metrics.copies import copies
from gan_core.metrics.diversity import diversity
from gan_core.metrics.energy import energy_distance
from gan_core.metrics.frechet import frechet_distance
from gan_core.metrics.gap import critic_gap
from gan_core.metrics.kernel import kernel_distance

__all__ = ["METRICS", "Evidence", "Figure", "Metric", "Seen", "measured"]


def _chances(seen: Seen) -> Tensor:
    assert seen.chances is not None
    return seen.chances


def _class_kl(evidence: Evidence) -> float:
    assert evidence.shares is not None
    return reverse_kl(histogram(_chances(evidence.fake)), evidence.shares)


def _copies(evidence: Evidence) -> float:
    assert evidence.fake.to_train is not None and evidence.heldout.to_train is not None
    return copies(evidence.fake.to_train, evidence.heldout.to_train)


def _gap(evidence: Evidence) -> float:
    assert evidence.real.logits is not None and evidence.heldout.logits is not None
    return critic_gap(evidence.real.logits, evidence.heldout.logits)


def _no_gap(evidence: Evidence) -> float:
    assert evidence.real.logits is not None
    half = len(evidence.real.logits) // 2
    return critic_gap(evidence.real.logits[:half], evidence.real.logits[half:])


def _inception(evidence: Evidence) -> Mapping[str, float]:
    assert evidence.fake.inception is not None
    return evidence.fake.inception


def _kernel(evidence: Evidence) -> Measured:
    return kernel_distance(evidence.fake.features, evidence.real.features)


METRICS: dict[str, Metric] = {
    "coverage": Metric(
        "Coverage",
        "Share of real images that have a fake among their neighbours. It falls when the generator forgets kinds of images.",
        "Near the floor; far below it, the generator has collapsed.",
        "features",
        lambda evidence: evidence.neighbours.coverage,
        better="higher",
        unit="%",
    ),
    "fd": Metric(
        "FD ({judge})",
        "Fréchet distance: how far mean and spread of the fakes' features are from those of the reals. Like FID, but by another network: "
        "compare it only with others of this name, data set and count.",
        "Low, but not below the floor.",
        "features",
        lambda evidence: frechet_distance(evidence.fake.features, evidence.real.features),
    ),
    "kd": Metric(
        "KD ({judge})",
        "Kernel distance: like the Fréchet distance, without taking the features for Gaussian and without a bias for few samples. The "
        "number after ± is its standard error.",
        "Zero within its error.",
        "features",
        _kernel,
    ),
    "precision": Metric(
        "Precision",
        "Share of fakes that lie among the reals: are they good, whatever they leave out?",
        "Near the floor.",
        "features",
        lambda evidence: evidence.neighbours.precision,
        better="higher",
        unit="%",
    ),
    "recall": Metric(
        "Recall",
        "Share of reals that lie among the fakes: could the generator have drawn them?",
        "Near the floor.",
        "features",
        lambda evidence: evidence.neighbours.recall,
        better="higher",
        unit="%",
    ),
    "density": Metric(
        "Density",
        "How densely fakes lie where reals are: below 1 they stray, above 1 they crowd where reals are commonest.",
        "Near 1.",
        "features",
        lambda evidence: evidence.neighbours.density,
        better="floor",
    ),
    "missing": Metric(
        "Missing classes",
        "Classes that hardly any fake is taken for: less than a tenth of an even share.",
        "None.",
        "classes",
        lambda evidence: missing(histogram(_chances(evidence.fake))),
        unit="classes",
    ),
    "class-kl": Metric(
        "Class balance (reverse KL)",
        "How far the classes of the fakes are from those of the data; it grows where fakes crowd into a few classes.",
        "Near the floor.",
        "classes",
        _class_kl,
    ),
    "classifier": Metric(
        "Classifier score ({judge})",
        "Is the classifier sure of each fake, and are all classes among them? Like the inception score, by another network.",
        "Near the floor; the number of classes at best.",
        "classes",
        lambda evidence: classifier_score(_chances(evidence.fake)),
        better="higher",
    ),
    "diversity": Metric(
        "Diversity",
        "How far two fakes are apart in features, on average; 0 where all are the same.",
        "Near the floor.",
        "features",
        lambda evidence: diversity(evidence.fake.features),
        better="floor",
    ),
    "copies": Metric(
        "Near copies",
        "Share of fakes that are nearer to a training image than 95 % of new real images are. Copies are, and so are blurred images.",
        "At most a little over the floor.",
        "pixels",
        _copies,
        unit="%",
    ),
    "gap": Metric(
        "D(train) − D(held-out)",
        "By how much D takes its training images for more real than new ones, in standard deviations. It grows as D learns them by heart.",
        "Near zero.",
        "critic",
        _gap,
        floor=_no_gap,
        better="floor",
    ),
    "fid": Metric(
        "FID",
        "Fréchet inception distance, by torch-fidelity: the figure of the papers, in the features of a network for photos. It says little "
        "of digits, and much less than usual with so few images.",
        "Low, but not below the floor.",
        "inception",
        lambda evidence: _inception(evidence)["fid"],
    ),
    "kid": Metric(
        "KID",
        "Kernel inception distance, by torch-fidelity: like FID, without a bias for few images.",
        "Zero within its error.",
        "inception",
        lambda evidence: (_inception(evidence)["kid"], _inception(evidence)["kid-error"]),
    ),
    "modes": Metric(
        "Modes found",
        "Modes that get at least a tenth of an even share of the points. One stray hit is no find.",
        "All of them.",
        "modes",
        lambda evidence: evidence.modes.found,
        better="higher",
        unit="modes",
    ),
    "on-mode": Metric(
        "On a mode",
        "Share of points within three standard deviations of a mode's centre; of the data it is 98.9 %.",
        "Near the floor.",
        "modes",
        lambda evidence: evidence.modes.on_mode,
        better="higher",
        unit="%",
    ),
    "mode-kl": Metric(
        "Mode balance (reverse KL)",
        "How far the points' shares of each mode, and of none, are from those of the data.",
        "Near zero.",
        "modes",
        lambda evidence: evidence.modes.kl,
    ),
    "energy": Metric(
        "Energy distance",
        "How much farther fakes are from reals than each kind is from its own; in the data's unit of length.",
        "Near zero, as the floor is.",
        "plane",
        lambda evidence: energy_distance(evidence.fake.features, evidence.real.features),
    ),
}
"""By name, in the order in which people see them."""
