"""FID and KID as the papers mean them, by torch-fidelity where it is installed and its network can be had."""

from __future__ import annotations

import importlib
import importlib.util

import torch
from torch import Tensor
from torch.utils.data import Dataset

from gan_core.sentences import Sentence

PACKAGE = "torch_fidelity"
SUBSET = 1_000
"""Images in each of KID's subsets, at most."""


class _Pictures(Dataset[Tensor]):
    """uint8 (3, height, width) each, as torch-fidelity wants them: grey ones become three equal channels."""

    def __init__(self, images: Tensor) -> None:
        self.images = images.expand(-1, 3, -1, -1) if images.shape[1] == 1 else images

    def __len__(self) -> int:
        return len(self.images)

    def __getitem__(self, index: int) -> Tensor:
        return self.images[index]


def missing() -> str:
    """Why FID and KID cannot be had here, as a sentence; empty where they may."""
    if importlib.util.find_spec(PACKAGE) is None:
        return Sentence("FID and KID need the Python package torch-fidelity: pip install torch-fidelity.")
    return ""


def distances(images: Tensor, train: Tensor) -> dict[str, float]:
    """fid, kid and kid-error of uint8 images (n, channels, height, width) from as many training images.

    ValueError, saying why, where the package or its network (91 MB, downloaded once) cannot be had.
    """
    if reason := missing():
        raise ValueError(reason)
    fidelity = importlib.import_module(PACKAGE)
    wanted = {"fid": True, "kid": True, "kid_subset_size": min(SUBSET, len(images), len(train))}
    try:
        found = fidelity.calculate_metrics(
            input1=_Pictures(images), input2=_Pictures(train), cuda=torch.cuda.is_available(), verbose=False, **wanted
        )
    except (OSError, RuntimeError) as error:
        why = " ".join(str(error).split())
        raise ValueError(Sentence("FID and KID are left out: the Inception network could not be had ({error}).", error=why)) from error
    names = {"fid": "frechet_inception_distance", "kid": "kernel_inception_distance_mean", "kid-error": "kernel_inception_distance_std"}
    return {name: float(found[theirs]) for name, theirs in names.items()}
