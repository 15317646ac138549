"""One step of the game, as the papers write it: the critic moves, then the generator, then the average follows.

Gradients are asked for one player at a time (`autograd.grad` over its own weights), so neither player's move can leave
anything in the other's gradients, and the critic's weight gradients are not computed when the generator moves.
"""

from __future__ import annotations

from functools import partial

import torch
from torch import Tensor, nn

from gan_core import spectral
from gan_core.augment import AUGMENTS, augmented
from gan_core.averaging import follow
from gan_core.dials import Dials, Number, beta2_of, dials_of
from gan_core.events import Player
from gan_core.games import GAMES
from gan_core.networks import NETWORKS
from gan_core.noise import NOISES
from gan_core.penalties import PENALTIES, clip_weights, penalised
from gan_core.precision import played
from gan_core.state import GanState, judge, limit


class Hands:
    """What makes the three moves of a step, one after the other: here by calling them."""

    def fakes(self, state: GanState, index: Tensor, *, grad: bool) -> tuple[Tensor, Tensor | None]:
        """Samples of the living generator and their labels: those of the reals `index`, which they are compared with."""
        config, labels = state.config, state.batches.labels_of(index)
        with torch.set_grad_enabled(grad):
            return played(config.precision, state.G, state.batches.part(draw_z(state, config.batch_size)), labels), labels

    def critic(self, state: GanState, fake: Tensor, labels: Tensor | None, *, index: Tensor, due: bool) -> dict[str, Tensor]:
        """Move the critic on these fakes and the reals `index`; `due`: whether its gradient is penalised this time."""
        return move_critic(state, fake, labels, index=index, due=due, dials=dials_of(state.config, state.images))

    def generator(self, state: GanState, fake: Tensor, labels: Tensor | None) -> dict[str, Tensor]:
        """Move the generator on these fakes, and the average after it."""
        return move_generator(state, fake, labels, dials=dials_of(state.config, state.images))


HANDS = Hands()


def update(state: GanState, player: Player = "both", by: Hands = HANDS) -> dict[str, Tensor]:
    """Play one step and return its curves as scalars still on the device: nothing here waits for the device.

    `player` moves one of the two alone; the average follows the generator, images are counted where the critic sees them.
    """
    if player == "generator":
        limit(state)
        return generators_turn(state, *by.fakes(state, _index(state), grad=True), by=by)
    fake, labels, curves = critics_turn(state, player, by)
    if player == "critic":
        state.step += 1
        return curves
    return curves | generators_turn(state, fake, labels, by=by)


def critics_turn(state: GanState, player: Player, by: Hands = HANDS) -> tuple[Tensor, Tensor | None, dict[str, Tensor]]:
    """Move the critic as often as one step does: the last fakes it saw, their labels and its curves.

    In a step of "both" these fakes have a graph, for `generators_turn` to move on.
    """
    limit(state)
    config, curves = state.config, dict[str, Tensor]()
    due = PENALTIES[config.penalty].on_gradient and state.step % config.penalty_every == 0
    for left in reversed(range(config.critic_steps)):
        index = _index(state)
        # The generator does not move meanwhile, so the last fakes the critic sees are still its own: one forward serves both players.
        fake, labels = by.fakes(state, index, grad=player == "both" and left == 0)
        curves |= by.critic(state, fake, labels, index=index, due=due)
        state.images += config.batch_size
    return fake, labels, curves


def generators_turn(state: GanState, fake: Tensor, labels: Tensor | None, by: Hands = HANDS) -> dict[str, Tensor]:
    """Move the generator on these fakes, and the average after it, which ends the step; its curves."""
    curves = by.generator(state, fake, labels)
    state.step += 1
    return curves


def _index(state: GanState) -> Tensor:
    """Numbers (batch,) of the reals that are next."""
    return state.batches.numbers(state.images, state.config.batch_size)


def draw_z(state: GanState, count: int) -> Tensor:
    """z (count, latent_dim) from the run's own stream."""
    return NOISES[state.config.noise].draw(count, state.config.latent_dim, state.z_stream)


def move_critic(state: GanState, fake: Tensor, labels: Tensor | None, *, index: Tensor, due: bool, dials: Dials) -> dict[str, Tensor]:
    """One move of the critic; its curves. What changes from move to move is in tensors: it can be captured and replayed (`graphs.py`)."""
    config, game, penalty = state.config, GAMES[state.config.game], PENALTIES[state.config.penalty]
    real = state.batches.pick(index)
    if state.spectral:
        spectral.turn(state.D, state.spectral)
    critic, x = _judging(state, dials), _seen(state, torch.cat([real, fake.detach()]), dials).requires_grad_(due and not penalty.between)
    # One forward for both, but for BatchNorm: without it a logit depends on its own sample only.
    apart = NETWORKS[config.network].critic_batch_norm
    told = partial(played, config.precision, critic, labels=labels)
    logits = torch.cat([told(half) for half in x.chunk(2)]) if apart else told(x, labels=None if labels is None else labels.repeat(2))
    logits_real, logits_fake = logits.chunk(2)
    smoothed = game.smoothed if config.label_smoothing else None
    loss = smoothed(logits_real, logits_fake, dials.smoothing) if smoothed else game.critic(logits_real, logits_fake)
    curves = {"loss/critic": loss.detach()} | game.verdict(logits_real.detach(), logits_fake.detach())
    if due:
        excess, norms = penalised(penalty, told, x, logits=logits, rng=state.mix_stream)
        loss = loss + dials.penalty * excess
        curves |= norms
    curves["gradient/critic"] = _descend(state, state.D, loss, lr=dials.lr_critic, curves=curves)
    if penalty.clips:
        clip_weights(state.D, config.clip)
    return curves


def move_generator(state: GanState, fake: Tensor, labels: Tensor | None, *, dials: Dials) -> dict[str, Tensor]:
    """One move of the generator and of the average after it; their curves. It can be captured as `move_critic` can."""
    config, game, critic = state.config, GAMES[state.config.game], _judging(state, dials)
    logits_real = None
    if game.paired:
        with torch.no_grad():
            real = state.batches.of_same_class(labels, config.batch_size, rng=state.pair_stream)
            logits_real = played(config.precision, critic, _seen(state, real, dials), labels)
    loss = game.generator(played(config.precision, critic, _seen(state, fake, dials), labels), logits_real)
    curves = {"loss/generator": loss.detach()}
    curves["gradient/generator"] = _descend(state, state.G, loss, lr=dials.lr_generator, curves=curves)
    follow(state.G_ema, state.G, dials.follow)
    return curves


def _judging(state: GanState, dials: Dials) -> nn.Module:
    """The critic as it judges in a move: forgetting what the run asks it to."""
    state.dropout.share = dials.dropout if state.config.critic_dropout else None
    return judge(state)


def _seen(state: GanState, x: Tensor, dials: Dials) -> Tensor:
    """What the critic is shown of samples, reals and fakes alike: augmented, under noise."""
    config = state.config
    if config.augment != "none":
        x = augmented(x, AUGMENTS[config.augment], share=dials.share, rng=state.augment_stream)
    if config.instance_noise:
        noise = torch.randn(x.shape, generator=state.noise_stream, device=state.device)
        x = x + dials.noise * noise
    return x


def _descend(state: GanState, player: nn.Module, loss: Tensor, *, lr: Number, curves: dict[str, Tensor]) -> Tensor:
    """Move one player downhill on its loss; returns the norm of its gradient over all weights."""
    config, optimiser = state.config, state.D_optimiser if player is state.D else state.G_optimiser
    weights = list(player.parameters())
    gradients = state.batches.joined(torch.autograd.grad(loss, weights), curves)
    for weight, gradient in zip(weights, gradients, strict=True):
        # Adam's fused kernel walks through memory: a gradient laid out unlike its weight would go to the wrong numbers.
        weight.grad = gradient if gradient.stride() == weight.stride() else torch.empty_like(weight).copy_(gradient)
    optimiser.param_groups[0].update(lr=lr, betas=(config.beta1, beta2_of(config, state.images)))
    optimiser.step()
    norm: Tensor = torch.linalg.vector_norm(torch.stack(torch._foreach_norm(gradients)))
    return norm
