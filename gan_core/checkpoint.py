"""A run's whole state as flat CPU tensors and plain numbers, and back: resumed = uninterrupted, bit for bit on the CPU."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor

from gan_core.adam import Adam
from gan_core.config import LIVE
from gan_core.sentences import Sentence
from gan_core.spectral import matrices
from gan_core.state import GanState

PLAYERS = {"generator": "G", "critic": "D", "average": "G_ema"}
OPTIMISERS = {"optimiser_generator": "G_optimiser", "optimiser_critic": "D_optimiser"}
LATER_STREAMS = {
    "stream_mix": "mix_stream",
    "stream_augment": "augment_stream",
    "stream_noise": "noise_stream",
    "stream_layers": "layer_stream",
}
"""Streams that older checkpoints do not have: such a run never drew from them, so they are as they began."""
STREAMS = {"stream_z": "z_stream", "stream_pair": "pair_stream"} | LATER_STREAMS


def copied(tensors: Mapping[str, Tensor], prefix: str = "") -> dict[str, Tensor]:
    """The same tensors, detached, on the CPU and nobody else's, each name behind `prefix`."""
    return {prefix + name: tensor.detach().to("cpu", copy=True).contiguous() for name, tensor in tensors.items()}


def tensors_of(state: GanState) -> dict[str, Tensor]:
    """Every tensor the run needs to go on, under flat names (`generator.0.weight`, `optimiser_critic.3.exp_avg`, ...)."""
    tensors: dict[str, Tensor] = {}
    for name, attribute in PLAYERS.items():
        tensors |= copied(getattr(state, attribute).state_dict(), f"{name}.")
    for name, attribute in OPTIMISERS.items():
        for index, moments in getattr(state, attribute).moments().items():
            tensors |= copied(moments, f"{name}.{index}.")
    tensors |= copied(state.spectral, "spectral.")
    return tensors | {name: getattr(state, attribute).get_state() for name, attribute in STREAMS.items()}


def numbers_of(state: GanState) -> dict[str, Any]:
    """The counters and the live knobs' present values."""
    return {"step": state.step, "images": state.images, "live": {name: getattr(state.config, name) for name in LIVE}}


def restore(state: GanState, tensors: Mapping[str, Tensor], numbers: Mapping[str, Any]) -> None:
    """Put a checkpoint into a fresh state of the same config; ValueError where the two do not fit."""
    state.config = state.config.but(**numbers["live"])
    state.step, state.images = numbers["step"], numbers["images"]
    try:
        for name, attribute in PLAYERS.items():
            getattr(state, attribute).load_state_dict(_under(tensors, f"{name}."))
        for name, attribute in OPTIMISERS.items():
            _restore_optimiser(getattr(state, attribute), _under(tensors, f"{name}."))
        for name, attribute in STREAMS.items():
            if name in tensors or name not in LATER_STREAMS:
                getattr(state, attribute).set_state(tensors[name])
        _restore_spectral(state, _under(tensors, "spectral."))
    except (RuntimeError, LookupError) as error:
        raise ValueError(Sentence("This checkpoint does not belong to these settings: {error}", error=error)) from error


def _under(tensors: Mapping[str, Tensor], prefix: str) -> dict[str, Tensor]:
    return {name.removeprefix(prefix): tensor for name, tensor in tensors.items() if name.startswith(prefix)}


def _restore_spectral(state: GanState, u: Mapping[str, Tensor]) -> None:
    if not u:
        state.spectral = {}
    else:
        state.spectral = {name: u[name].to(state.device, copy=True).view(len(weight)) for name, weight in matrices(state.D).items()}


def _restore_optimiser(optimiser: Adam, tensors: Mapping[str, Tensor]) -> None:
    moments: dict[int, dict[str, Tensor]] = {}
    for name, tensor in tensors.items():
        index, _, moment = name.partition(".")
        # Copies: the optimiser writes into what it is given, and a checkpoint belongs to whoever holds it. Laid out as the weight is.
        weight = optimiser.param_groups[0]["params"][int(index)]
        copy = torch.empty_like(weight, dtype=tensor.dtype) if tensor.shape == weight.shape else torch.empty_like(tensor)
        moments.setdefault(int(index), {})[moment] = copy.copy_(tensor)
    optimiser.restore(moments)
