"""The generator as a file: safetensors for PyTorch, ONNX for everything else."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from torch import Tensor, nn

from gan_core.config import RunConfig
from gan_core.data import DATA, load_now
from gan_core.export.base import Options, Progress, Whose
from gan_core.looking import generator_of
from gan_core.networks.conditional import played
from gan_core.sentences import Sentence
from gan_core.store import RunStore

HOME = Path(__file__).parents[2]
"""Where the package gan_core is."""
PREFIXES: dict[Whose, str] = {"averaged": "average.", "living": "generator."}
"""Whose weights -> how their names begin in a checkpoint."""
LOOK_S = 0.2
"""How often it is looked whether somebody has given up."""


class Drawing(nn.Module):
    """z (batch, latent_dim) -> images in [-1, 1], clipped as where people look; points in the data's own units.

    A generator that is told the class takes labels (batch,) beside z.
    """

    def __init__(self, config: RunConfig, generator: nn.Module) -> None:
        super().__init__()
        self.generator = generator
        self.scale = load_now(config.data, config.request).scale if DATA[config.data].kind == "plane" else 0.0

    def forward(self, z: Tensor, label: Tensor | None = None) -> Tensor:
        drawn = played(self.generator, z, label)
        return drawn * self.scale if self.scale else drawn.clamp(-1.0, 1.0)


def make_weights(store: RunStore, run_id: str, *, path: Path, options: Options, progress: Progress) -> None:
    """The living and the averaged generator of the last checkpoint, settings in the header."""
    path.write_bytes(store.generators(run_id))
    progress(1, 1)


def make_onnx(store: RunStore, run_id: str, *, path: Path, options: Options, progress: Progress) -> None:
    """The averaged generator as ONNX, written by a process of its own (`tracing.py` says why); RuntimeError where that fails."""
    progress(0, 2)
    command = [sys.executable, "-m", "gan_core.export.tracing", str(store.root.resolve()), run_id, str(path.resolve())]
    places = [str(HOME), *filter(None, [os.environ.get("PYTHONPATH")])]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(places)}
    with subprocess.Popen(command, env=environment, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) as process:
        try:
            said = _until_ended(process, lambda: progress(1, 2))
        finally:
            process.kill()
    if process.returncode != 0:
        last = said.strip().splitlines()[-1:] or ["it ended without a word."]
        raise RuntimeError(Sentence("The ONNX file of {run} could not be written: {error}", run=run_id, error=last[0]))
    progress(2, 2)


def _until_ended(process: subprocess.Popen[str], meanwhile: Callable[[], None]) -> str:
    """What the process said on stderr, once it has ended."""
    while True:
        try:
            return process.communicate(timeout=LOOK_S)[1]
        except subprocess.TimeoutExpired:
            meanwhile()


def weights_at(store: RunStore, run_id: str, weights: Whose, step: int | None = None) -> tuple[Mapping[str, Tensor], int]:
    """A stored generator's weights and the step they are of: the average of a kept moment `step`, else the last checkpoint's.

    A run that has no checkpoint yet gives its last kept average. ValueError where nothing of the kind can be read.
    """
    if step is None and store.status(run_id).checkpoint_step >= 0:
        return _of_checkpoint(store, run_id, weights)
    at = step_at(store, run_id) if step is None else step
    return store.average(run_id, at), at


def step_at(store: RunStore, run_id: str) -> int:
    """The step of the last generator that is stored: the checkpoint's, else the last kept average's."""
    checkpoint = store.status(run_id).checkpoint_step
    return checkpoint if checkpoint >= 0 else max(store.moments(run_id).averages, default=0)


def drawing_of(store: RunStore, run_id: str) -> Drawing:
    """What is exported, as a module of PyTorch; ValueError where the checkpoint cannot be read."""
    config = store.config(run_id)
    return Drawing(config, generator_of(config, _of_checkpoint(store, run_id, "averaged")[0])).eval()


def _of_checkpoint(store: RunStore, run_id: str, weights: Whose) -> tuple[Mapping[str, Tensor], int]:
    checkpoint, prefix = store.checkpoint(run_id), PREFIXES[weights]
    kept = {name.removeprefix(prefix): tensor for name, tensor in checkpoint.tensors.items() if name.startswith(prefix)}
    return kept, checkpoint.place.step
