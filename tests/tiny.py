"""Tiny data and tiny players, so that a whole run takes a moment."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest
import torch

from gan_core.batches import Batches
from gan_core.config import RunConfig
from gan_core.data import DATA, DataSet, Loading, Request
from gan_core.state import GanState, new_state

COUNT = 72
"""Samples in a tiny set: with batches of 16 an epoch ends inside a batch."""
CLASSES = ("bag", "coat", "shoe")
SIZES: dict[str, Any] = {"width": 8, "latent_dim": 4, "batch_size": 16, "threads": 1, "device": "cpu"}


def tiny_set(name: str, count: int = COUNT) -> DataSet:
    """Noise in the shape of the data set `name`: bytes for images, points for planes."""
    shape, rng = (count, *DATA[name].shape(Request())), torch.Generator().manual_seed(7)
    classes = {"train_labels": torch.arange(count) % len(CLASSES), "heldout_labels": torch.arange(count) % len(CLASSES), "classes": CLASSES}
    if DATA[name].kind == "plane":
        return DataSet(torch.randn(shape, generator=rng), torch.randn(shape, generator=rng), scale=2.0, **classes)
    return DataSet(*(torch.randint(0, 256, shape, generator=rng).to(torch.uint8) for _ in range(2)), **classes)


def serve(monkeypatch: pytest.MonkeyPatch, name: str, data: DataSet | None = None) -> DataSet:
    """Let the registry's row `name` hand out tiny data for the length of a test."""
    served = data or tiny_set(name)

    def load(_: Request) -> Loading:
        yield from ()
        return served

    monkeypatch.setitem(DATA, name, dataclasses.replace(DATA[name], load=load))
    return served


def tiny_config(**changes: Any) -> RunConfig:
    """Settings for a small run on the images of `digits`."""
    return RunConfig(**({"data": "digits"} | SIZES | changes))


def tiny_state(**changes: Any) -> GanState:
    """A run on tiny data before its first step."""
    config = tiny_config(**changes)
    data = tiny_set(config.data)
    told = {"labels": data.labels, "classes": len(data.classes)} if config.told else {}
    return new_state(config, Batches(data.train, config.seed, device="cpu", **told))
