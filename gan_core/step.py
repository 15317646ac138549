"""One step of the game, as the papers write it: the critic moves, then the generator, then the average follows.

Gradients are asked for one player at a time (`autograd.grad` over its own weights), so neither player's move can leave
anything in the other's gradients, and the critic's weight gradients are not computed when the generator moves.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from gan_core.averaging import decay, update_average
from gan_core.batches import Batches
from gan_core.config import RunConfig
from gan_core.events import Player
from gan_core.games import GAMES
from gan_core.networks import make_critic, make_generator
from gan_core.networks.conditional import played
from gan_core.penalties import PENALTIES, squared_gradient_norm
from gan_core.schedules import cosine
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
    G_optimiser: torch.optim.Optimizer
    D_optimiser: torch.optim.Optimizer
    z_stream: torch.Generator
    pair_stream: torch.Generator
    """Draws the reals that a relativistic generator compares with."""
    step: int = 0
    images: int = 0

    @property
    def epoch(self) -> float:
        """Passes over the train split so far."""
        return self.images / len(self.batches)


def new_state(config: RunConfig, batches: Batches) -> GanState:
    """A run before its first step: fresh weights, all drawn from the config's seed."""
    device, seed = batches.device, config.seed
    build: dict[str, int] = {"width": config.width, "classes": batches.classes}
    G, G_ema = (
        make_generator(config.network, config.shape, latent_dim=config.latent_dim, rng=stream(seed, "generator"), **build) for _ in range(2)
    )
    G_ema.requires_grad_(False).eval()
    D = make_critic(config.network, config.shape, rng=stream(seed, "critic"), **build)
    for player in (G, D, G_ema):
        player.to(device)
        if device == "cpu":
            # A processor convolves with the channels side by side; else every convolution sorts weights and pictures anew.
            player.to(memory_format=torch.channels_last)
    return GanState(
        config,
        device,
        batches,
        G=G,
        D=D,
        G_ema=G_ema,
        G_optimiser=_adam(G, config.lr_generator, config),
        D_optimiser=_adam(D, config.lr_critic, config),
        z_stream=stream(seed, "z", device=device),
        pair_stream=stream(seed, "pairs", device=device),
    )


def _adam(player: nn.Module, lr: float, config: RunConfig) -> torch.optim.Optimizer:
    return torch.optim.Adam(player.parameters(), lr=lr, betas=(config.beta1, config.beta2), fused=True)


def update(state: GanState, player: Player = "both") -> dict[str, Tensor]:
    """Play one step and return its curves as scalars still on the device: nothing here waits for the device.

    `player` moves one of the two alone; the average follows the generator, images are counted where the critic sees them.
    """
    curves: dict[str, Tensor] = {}
    fake = labels = None
    if player != "generator":
        for left in reversed(range(state.config.critic_steps)):
            # Fakes are asked to be of the classes of the reals they are compared with.
            labels = state.batches.labels_at(state.images, state.config.batch_size)
            # The generator does not move meanwhile, so the last fakes the critic sees are still its own: one forward serves both players.
            with torch.set_grad_enabled(player == "both" and left == 0):
                fake = draw_fakes(state, labels)
            curves |= _move_critic(state, fake.detach(), labels)
    if player != "critic":
        if fake is None:
            labels = state.batches.labels_at(state.images, state.config.batch_size)
            fake = draw_fakes(state, labels)
        curves |= _move_generator(state, fake, labels)
        keep = decay(state.config.batch_size, images=state.images, halflife_images=1000 * state.config.ema_halflife_kimg)
        update_average(state.G_ema, state.G, keep)
    state.step += 1
    return curves


def draw_z(state: GanState, count: int) -> Tensor:
    """Standard normal z (count, latent_dim) from the run's own stream."""
    return torch.randn(count, state.config.latent_dim, generator=state.z_stream, device=state.device)


def draw_fakes(state: GanState, labels: Tensor | None) -> Tensor:
    """A batch of samples from the living generator, of these classes where it is told any."""
    return played(state.G, draw_z(state, state.config.batch_size), labels)


def _move_critic(state: GanState, fake: Tensor, labels: Tensor | None) -> dict[str, Tensor]:
    config, game, penalty = state.config, GAMES[state.config.game], PENALTIES[state.config.penalty]
    real = state.batches.at(state.images, config.batch_size)
    # One forward for both: the critic has no BatchNorm, so a logit depends on its own sample only.
    x = torch.cat([real, fake]).requires_grad_(penalty.active)
    logits = played(state.D, x, None if labels is None else labels.repeat(2))
    logits_real, logits_fake = logits.chunk(2)
    loss = game.critic(logits_real, logits_fake)
    curves = {"loss/critic": loss.detach()} | game.verdict(logits_real.detach(), logits_fake.detach())
    if penalty.active:
        squared_real, squared_fake = squared_gradient_norm(logits, x).chunk(2)
        gamma = _scheduled(state, config.gamma, config.gamma_end)
        loss = loss + 0.5 * gamma * (penalty.on_real * squared_real.mean() + penalty.on_fake * squared_fake.mean())
        curves |= {"penalty/real": squared_real.detach().mean(), "penalty/fake": squared_fake.detach().mean()}
    curves["gradient/critic"] = _descend(state.D, state.D_optimiser, loss, _scheduled(state, config.lr_critic, config.lr_end))
    state.images += config.batch_size
    return curves


def _move_generator(state: GanState, fake: Tensor, labels: Tensor | None) -> dict[str, Tensor]:
    config, game = state.config, GAMES[state.config.game]
    logits_real = None
    if game.paired:
        with torch.no_grad():
            real = state.batches.of_same_class(labels, config.batch_size, rng=state.pair_stream)
            logits_real = played(state.D, real, labels)
    loss = game.generator(played(state.D, fake, labels), logits_real)
    norm = _descend(state.G, state.G_optimiser, loss, _scheduled(state, config.lr_generator, config.lr_end))
    return {"loss/generator": loss.detach(), "gradient/generator": norm}


def _scheduled(state: GanState, start: float, end_share: float) -> float:
    return cosine(start, start * end_share, images=state.images, burn_in_images=1000 * state.config.burn_in_kimg)


def _descend(player: nn.Module, optimiser: torch.optim.Optimizer, loss: Tensor, lr: float) -> Tensor:
    """Move one player downhill on its loss; returns the norm of its gradient over all weights."""
    weights = list(player.parameters())
    gradients = torch.autograd.grad(loss, weights)
    for weight, gradient in zip(weights, gradients, strict=True):
        # Adam's fused kernel walks through memory: a gradient laid out unlike its weight would go to the wrong numbers.
        weight.grad = gradient if gradient.stride() == weight.stride() else torch.empty_like(weight).copy_(gradient)
    optimiser.param_groups[0]["lr"] = lr
    optimiser.step()
    norm: Tensor = torch.linalg.vector_norm(torch.stack(torch._foreach_norm(gradients)))
    return norm
