"""Writes the ONNX file of a run, as a process of its own: python -m gan_core.export.tracing ROOT RUN PATH.

While torch.export traces a network it changes how every thread of the process computes: a dcgan that trains meanwhile ends with other
weights, each time. Looking at a run must not change it, so nobody imports this file into the process that trains.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import torch

from gan_core.export.networks import drawing_of
from gan_core.noise import NOISES
from gan_core.store import RunStore


def write_onnx(store: RunStore, run_id: str, path: Path) -> None:
    """The last checkpoint's averaged generator: input `z` (batch, latent_dim), output `samples` (batch, *shape), any batch.

    A generator that is told the class has a second input, `label` (batch,), int64.
    """
    config = store.config(run_id)
    inputs = {"z": torch.zeros(2, config.latent_dim)} | ({"label": torch.zeros(2, dtype=torch.int64)} if config.told else {})
    program = torch.onnx.export(
        drawing_of(store, run_id),
        tuple(inputs.values()),
        input_names=list(inputs),
        output_names=["samples"],
        # Both have one batch; an axis that is named twice makes torch warn.
        dynamic_shapes=({0: torch.export.Dim("batch")}, {0: torch.export.Dim.AUTO})[: len(inputs)],
        dynamo=True,
        verbose=False,
    )
    assert program is not None
    model = program.model_proto
    model.metadata_props.add(key="config", value=json.dumps(config.to_dict()))
    model.metadata_props.add(key="z", value=NOISES[config.noise].words)
    started = store.started(run_id)
    if config.told and started is not None:
        model.metadata_props.add(key="classes", value=json.dumps(started.classes))
    path.write_bytes(model.SerializeToString())


if __name__ == "__main__":
    root, run_id, path = sys.argv[1:]
    try:
        torch.set_num_threads(1)
        write_onnx(RunStore(Path(root)), run_id, Path(path))
    except ValueError as error:
        sys.exit(str(error))
