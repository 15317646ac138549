"""Everything a run is while it trains, and its critic as it judges at the moment."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial

import torch
from torch import Tensor, nn

from gan_core import spectral
from gan_core.adam import Adam
from gan_core.batches import Batches
from gan_core.config import RunConfig
from gan_core.networks import make_critic, make_generator
from gan_core.networks.dropout import Forgetting, forgetful
from gan_core.penalties import PENALTIES
from gan_core.streams import stream


@dataclass
class GanState:
    """Everything a step reads and changes. Owned by the run thread alone."""

    config: RunConfig
    device: str
    batches: Batches
    G: nn.Module
    D: nn.Module
    G_ema: nn.Module
    G_optimiser: Adam
    D_optimiser: Adam
    z_stream: torch.Generator
    pair_stream: torch.Generator
    """Draws the reals that a relativistic generator compares with."""
    mix_stream: torch.Generator
    """Draws the points between reals and fakes that some penalties look at."""
    augment_stream: torch.Generator
    noise_stream: torch.Generator
    layer_stream: torch.Generator
    """What D's dropout draws from."""
    dropout: Forgetting
    step: int = 0
    images: int = 0
    spectral: dict[str, Tensor] = field(default_factory=dict)
    """Under spectral normalisation: the name of each matrix of D -> its u."""

    @property
    def epoch(self) -> float:
        """Passes over the train split so far."""
        return self.images / len(self.batches)


def new_state(config: RunConfig, batches: Batches) -> GanState:
    """A run before its first step: fresh weights, all drawn from the config's seed."""
    device, seed = batches.device, config.seed
    build, classes = partial(make_generator, config.network, config.shape, latent_dim=config.latent_dim), batches.classes
    G, G_ema = (build(rng=stream(seed, "generator"), classes=classes, **config.size_generator) for _ in range(2))
    G_ema.requires_grad_(False).eval()
    D = make_critic(config.network, config.shape, rng=stream(seed, "critic"), classes=classes, **config.size_critic)
    for player in (G, D, G_ema):
        player.to(device)
        if device == "cpu":
            # A processor convolves with the channels side by side; else every convolution sorts weights and pictures anew.
            player.to(memory_format=torch.channels_last)
    layer_stream = stream(seed, "layers", device=device)
    state = GanState(
        config,
        device,
        batches,
        G=G,
        D=D,
        G_ema=G_ema,
        G_optimiser=Adam(G.parameters(), config.lr_generator, (config.beta1, config.beta2)),
        D_optimiser=Adam(D.parameters(), config.lr_critic, (config.beta1, config.beta2)),
        z_stream=stream(seed, "z", device=device),
        pair_stream=stream(seed, "pairs", device=device),
        mix_stream=stream(seed, "between reals and fakes", device=device),
        augment_stream=stream(seed, "augmentation", device=device),
        noise_stream=stream(seed, "instance noise", device=device),
        layer_stream=layer_stream,
        dropout=forgetful(D, layer_stream),
    )
    limit(state)
    return state


def judge(state: GanState) -> nn.Module:
    """The critic as it judges: with its own weights, or with those that spectral normalisation makes of them."""
    return spectral.Judge(state.D, spectral.normalised(state.D, state.spectral)) if state.spectral else state.D


def critic_weights(state: GanState) -> dict[str, Tensor]:
    """The state_dict the critic judges with, for looking: `judge`'s weights under the plain critic's names."""
    weights: dict[str, Tensor] = state.D.state_dict()
    return weights | {name: weight.detach() for name, weight in spectral.normalised(state.D, state.spectral).items()}


def limit(state: GanState) -> None:
    """Begin or end spectral normalisation, if the knob was turned: ending leaves the critic judging as it did."""
    if PENALTIES[state.config.penalty].normalises:
        if not state.spectral:
            state.spectral = spectral.begin(state.D, stream(state.config.seed, "spectral"))
    elif state.spectral:
        spectral.fold(state.D, state.spectral)
        state.spectral = {}
