"""One step: who moves, who does not, and what it is called."""

from __future__ import annotations

from itertools import pairwise

import pytest
import torch
from tiny import tiny_state
from torch import Tensor, nn

from gan_core.games import GAMES
from gan_core.networks import NETWORKS
from gan_core.penalties import PENALTIES
from gan_core.state import GanState
from gan_core.step import Player, update

EVERY_NETWORK = pytest.mark.parametrize("network", NETWORKS)
EVERY_GAME = pytest.mark.parametrize("game", GAMES)


def weights(player: nn.Module) -> list[Tensor]:
    return [weight.detach().clone() for weight in player.parameters()]


def equal(before: list[Tensor], player: nn.Module) -> bool:
    return all(torch.equal(was, weight) for was, weight in zip(before, player.parameters(), strict=True))


def rewind(state: GanState) -> dict[str, Tensor]:
    """What both random streams and the place are now, to be put back by `again`."""
    return {"z": state.z_stream.get_state(), "pair": state.pair_stream.get_state(), "images": torch.tensor(state.images)}


def again(state: GanState, place: dict[str, Tensor]) -> None:
    state.z_stream.set_state(place["z"])
    state.pair_stream.set_state(place["pair"])
    state.images = int(place["images"])


@EVERY_GAME
@pytest.mark.parametrize("penalty", PENALTIES)
def test_curves_are_finite_scalars_with_their_groups_name(game: str, penalty: str) -> None:
    state = tiny_state(game=game, penalty=penalty)
    curves = update(state)
    assert all(value.shape == () and torch.isfinite(value) and not value.requires_grad for value in curves.values())
    axes = GAMES[game].verdict(torch.zeros(1), torch.zeros(1))
    wanted = {"loss/critic", "loss/generator", "gradient/critic", "gradient/generator", *axes}
    row = PENALTIES[penalty]
    looked_at = {"penalty/between"} if row.between else {"penalty/real", "penalty/fake"} if row.on_gradient else set()
    assert set(curves) == wanted | looked_at


@EVERY_NETWORK
@EVERY_GAME
def test_a_critics_move_leaves_the_generator_alone(network: str, game: str) -> None:
    state = tiny_state(network=network, game=game)
    generator, average, critic = weights(state.G), weights(state.G_ema), weights(state.D)
    update(state, "critic")
    assert equal(generator, state.G)
    assert equal(average, state.G_ema)
    assert not equal(critic, state.D)
    assert all(weight.grad is None for weight in state.G.parameters())


@EVERY_NETWORK
@EVERY_GAME
def test_a_generators_move_leaves_the_critic_alone(network: str, game: str) -> None:
    state = tiny_state(network=network, game=game)
    critic, generator = weights(state.D), weights(state.G)
    update(state, "generator")
    assert equal(critic, state.D)
    assert not equal(generator, state.G)
    assert all(weight.grad is None for weight in state.D.parameters())


def test_no_gradient_is_carried_from_one_move_to_the_next() -> None:
    # The DCGAN example lets D's gradients pile up while G moves.
    state = tiny_state(lr_generator=0.0, lr_critic=0.0, critic_steps=1)
    place = rewind(state)
    update(state, "critic")
    first = [weight.grad.clone() for weight in state.D.parameters()]
    update(state, "generator")
    assert all(torch.equal(was, weight.grad) for was, weight in zip(first, state.D.parameters(), strict=True))
    again(state, place)
    update(state, "critic")
    assert all(torch.equal(was, weight.grad) for was, weight in zip(first, state.D.parameters(), strict=True))


def test_the_critic_is_shown_fakes_without_their_history() -> None:
    state, drawn = tiny_state(), []
    state.G.register_forward_hook(lambda module, inputs, fake: drawn.append(fake.requires_grad))
    update(state, "critic")
    update(state, "generator")
    assert drawn == [False, True]


@EVERY_GAME
@pytest.mark.parametrize("player", ["critic", "generator"])
def test_each_move_lowers_the_movers_own_loss(game: str, player: Player) -> None:
    state = tiny_state(game=game, penalty="none", lr_critic=1e-4, lr_generator=1e-4)
    place = rewind(state)
    before = update(state, player)[f"loss/{player}"]
    again(state, place)
    assert update(state, player)[f"loss/{player}"] < before


@EVERY_GAME
def test_only_a_paired_game_is_blind_to_a_shift_of_all_logits(game: str) -> None:
    losses = []
    for shift in (0.0, 2.0):
        state = tiny_state(game=game)
        last = [layer for layer in state.D.modules() if isinstance(layer, nn.Linear)][-1]
        nn.init.constant_(last.bias, shift)
        curves = update(state)
        losses.append([curves["loss/critic"].item(), curves["loss/generator"].item()])
    assert (losses[0] == pytest.approx(losses[1], rel=1e-4)) == GAMES[game].paired


def test_a_learning_rate_of_zero_moves_nothing() -> None:
    state = tiny_state(lr_generator=0.0, lr_critic=0.0)
    generator, critic = weights(state.G), weights(state.D)
    update(state)
    assert equal(generator, state.G)
    assert equal(critic, state.D)


@pytest.mark.parametrize("critic_steps", [1, 3])
def test_images_are_counted_where_the_critic_sees_them(critic_steps: int) -> None:
    state = tiny_state(critic_steps=critic_steps)
    for player, images in (("both", 16 * critic_steps), ("critic", 32 * critic_steps), ("generator", 32 * critic_steps)):
        update(state, player)
        assert state.images == images
    assert state.step == 3
    assert state.epoch == state.images / len(state.batches)


def test_the_critic_sees_every_real_once_an_epoch() -> None:
    state, seen = tiny_state(batch_size=18, network="mlp"), []
    state.D.register_forward_pre_hook(lambda module, inputs: seen.append(inputs[0].detach()[:18]))
    for _ in range(4):
        update(state, "critic")
    shown = torch.cat(seen).flatten(1).sum(1).sort().values
    torch.testing.assert_close(shown, state.batches.pick(torch.arange(72)).flatten(1).sum(1).sort().values)


def test_knobs_move_from_their_start_to_their_end() -> None:
    state = tiny_state(burn_in_kimg=0.08, lr_end=0.1, lr_generator=0.01, lr_critic=0.02)
    rates = []
    for _ in range(8):
        update(state)
        rates.append((state.D_optimiser.param_groups[0]["lr"], state.G_optimiser.param_groups[0]["lr"]))
    assert rates[0][0] == pytest.approx(0.02)
    assert rates[0][1] < 0.01, "the generator moves after the critic has seen its images"
    assert all(early[0] >= late[0] and early[1] >= late[1] for early, late in pairwise(rates))
    assert rates[-1] == pytest.approx((0.002, 0.001))


def test_gamma_fades_to_its_end() -> None:
    gradients = []
    for gamma, end in ((4.0, 0.0), (0.0, 1.0)):
        state = tiny_state(penalty="R1+R2", gamma=gamma, gamma_end=end, burn_in_kimg=0.016)
        state.images = 16
        gradients.append(update(state, "critic")["gradient/critic"])
    assert gradients[0] == gradients[1]


def test_the_average_begins_as_a_copy_and_then_lags_behind() -> None:
    state = tiny_state(network="dcgan", ema_halflife_kimg=10.0)
    for (name, mine), theirs in zip(state.G_ema.state_dict().items(), state.G.state_dict().values(), strict=True):
        assert torch.equal(mine, theirs), name
        assert mine.data_ptr() != theirs.data_ptr()
    update(state, "generator")
    assert equal(weights(state.G), state.G_ema), "before the first image there is no past worth keeping"
    for _ in range(5):
        update(state)
    assert not equal(weights(state.G), state.G_ema)
    for (name, mine), theirs in zip(state.G_ema.named_buffers(), state.G.buffers(), strict=True):
        assert torch.equal(mine, theirs), name


def test_the_average_is_for_looking_only() -> None:
    state = tiny_state(network="dcgan")
    update(state)
    assert not state.G_ema.training
    assert not any(weight.requires_grad for weight in state.G_ema.parameters())
    assert state.G.training


def test_equal_seeds_play_equal_games() -> None:
    ends = []
    for seed in (0, 0, 1):
        state = tiny_state(seed=seed)
        for _ in range(3):
            update(state)
        ends.append(torch.cat([weight.flatten() for weight in (*weights(state.G), *weights(state.D))]))
    assert torch.equal(ends[0], ends[1])
    assert not torch.equal(ends[0], ends[2])


@pytest.mark.parametrize("network", ["dcgan", "modern"])
@pytest.mark.parametrize("penalty", ["none", "R1+R2"])
def test_the_fast_layout_and_optimiser_equal_the_plain_ones(network: str, penalty: str) -> None:
    """Channels side by side and Adam's fused kernel against torch's own layout and Adam's loop: five steps, to float error."""
    fast, plain = (tiny_state(network=network, penalty=penalty, lr_generator=1e-4, lr_critic=1e-4) for _ in range(2))
    for player in (plain.G, plain.D, plain.G_ema):
        player.to(memory_format=torch.contiguous_format)
    for player in ("G", "D"):
        loop = torch.optim.Adam(getattr(plain, player).parameters(), lr=1e-4, fused=False, foreach=False)
        setattr(plain, f"{player}_optimiser", loop)
    for _ in range(5):
        update(fast)
        update(plain)
    one, other = (
        torch.cat([weight.detach().contiguous().flatten() for weight in (*s.G.parameters(), *s.D.parameters())]) for s in (fast, plain)
    )
    # All weights together: D's last bias has no gradient in a relativistic game, and Adam makes steps of the rounding there.
    assert torch.linalg.vector_norm(one - other) < 1e-4 * torch.linalg.vector_norm(other)


def test_a_resumed_optimiser_keeps_the_layout_of_the_weights() -> None:
    from gan_core.checkpoint import numbers_of, restore, tensors_of

    state, again = tiny_state(network="dcgan"), tiny_state(network="dcgan")
    update(state)
    restore(again, tensors_of(state), numbers_of(state))
    for weight, moments in again.D_optimiser.state.items():
        assert moments["exp_avg"].stride() == weight.stride()
