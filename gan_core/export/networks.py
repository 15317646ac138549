"""The generator as a file: safetensors for PyTorch, ONNX for everything else."""

from __future__ import annotations

import json
from pathlib import Path

import torch
from torch import Tensor, nn

from gan_core.config import RunConfig
from gan_core.data import DATA, load_now
from gan_core.export.base import Options, Progress
from gan_core.looking import generator_of
from gan_core.store import RunStore


class Drawing(nn.Module):
    """z (batch, latent_dim) -> images in [-1, 1], clipped as where people look; points in the data's own units."""

    def __init__(self, config: RunConfig, generator: nn.Module) -> None:
        super().__init__()
        self.generator = generator
        self.scale = load_now(config.data, config.request).scale if DATA[config.data].kind == "plane" else 0.0

    def forward(self, z: Tensor) -> Tensor:
        drawn: Tensor = self.generator(z)
        return drawn * self.scale if self.scale else drawn.clamp(-1.0, 1.0)


def make_weights(store: RunStore, run_id: str, *, path: Path, options: Options, progress: Progress) -> None:
    """The living and the averaged generator of the last checkpoint, settings in the header."""
    path.write_bytes(store.generators(run_id))
    progress(1, 1)


def make_onnx(store: RunStore, run_id: str, *, path: Path, options: Options, progress: Progress) -> None:
    """The last checkpoint's averaged generator: input `z` (batch, latent_dim), output `samples` (batch, *shape), any batch."""
    progress(0, 2)
    config = store.config(run_id)
    drawing = drawing_of(store, run_id)
    progress(1, 2)
    program = torch.onnx.export(
        drawing,
        (torch.zeros(2, config.latent_dim),),
        input_names=["z"],
        output_names=["samples"],
        dynamic_shapes=({0: torch.export.Dim("batch")},),
        dynamo=True,
        verbose=False,
    )
    assert program is not None
    model = program.model_proto
    model.metadata_props.add(key="config", value=json.dumps(config.to_dict()))
    model.metadata_props.add(key="z", value="standard normal")
    path.write_bytes(model.SerializeToString())
    progress(2, 2)


def drawing_of(store: RunStore, run_id: str) -> Drawing:
    """What is exported, as a module of PyTorch; ValueError where the checkpoint cannot be read."""
    config, prefix = store.config(run_id), "average."
    tensors = store.checkpoint(run_id).tensors
    weights = {name.removeprefix(prefix): tensor for name, tensor in tensors.items() if name.startswith(prefix)}
    return Drawing(config, generator_of(config, weights)).eval()
