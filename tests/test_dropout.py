"""D forgets the share of its features it is asked to, in every network; what was published with dropout of its own keeps that at 0."""

from __future__ import annotations

import pytest
import torch
from test_every_row import play, same, stopped_and_continued
from tiny import tiny_config, tiny_state
from torch import Tensor

from gan_core.looking import critic_of, draw
from gan_core.networks import NETWORKS, make_critic
from gan_core.networks.dropout import Dropout, Forgetting
from gan_core.state import GanState, critic_weights, judge
from gan_core.step import update
from gan_core.streams import stream

OWN = {"dcgan-dropout": 0.3, "dense-up": 0.3}
"""Networks that were published with dropout, and its share."""


def forgotten(state: GanState) -> dict[str, float]:
    """Which share of its features each dropout of D made zero in one step, by the layer's name."""
    shares: dict[str, list[float]] = {}
    hooks = []
    for name, layer in state.D.named_modules():
        if isinstance(layer, Dropout):

            def look(_: object, given: tuple[Tensor], out: Tensor, name: str = name) -> None:
                there = given[0] != 0
                shares.setdefault(name, []).append(float((out[there] == 0).double().mean()))

            hooks.append(layer.register_forward_hook(look))
    update(state)
    for hook in hooks:
        hook.remove()
    return {name: sum(found) / len(found) for name, found in shares.items()}


def test_a_share_is_forgotten_and_made_up_for() -> None:
    layer = Dropout(0.3, Forgetting(torch.Generator().manual_seed(0)))
    out = layer(torch.ones(20_000))
    assert (out == 0).float().mean().item() == pytest.approx(0.3, abs=0.02)
    assert out.mean().item() == pytest.approx(1.0, abs=0.03)
    layer.forgetting.share = 0.6
    assert (layer(torch.ones(20_000)) == 0).float().mean().item() == pytest.approx(0.6, abs=0.02)
    assert torch.equal(layer.eval()(torch.ones(5)), torch.ones(5))


@pytest.mark.parametrize("network", NETWORKS)
def test_every_network_forgets_what_is_asked_in_every_hidden_layer(network: str) -> None:
    state = tiny_state(network=network, width=32, batch_size=64, critic_dropout=0.5)
    hidden = [layer for layer in state.D.modules() if isinstance(layer, torch.nn.LeakyReLU | torch.nn.ReLU)]
    shares = forgotten(state)
    assert len(shares) == len(hidden) > 0
    assert all(share == pytest.approx(0.5, abs=0.05) for share in shares.values()), shares
    state.config = state.config.but(critic_dropout=0.0)
    shares = forgotten(state)
    assert all(share == pytest.approx(OWN.get(network, 0.0), abs=0.05) for share in shares.values()), "0 is the network's own"


@pytest.mark.parametrize("network", NETWORKS)
def test_weights_keep_the_names_they_have_in_older_runs_and_in_whoever_looks(network: str) -> None:
    state = tiny_state(network=network, critic_dropout=0.5)
    plain = make_critic(network, state.config.shape, rng=stream(0, "critic"), **state.config.size_critic)
    assert list(plain.state_dict()) == list(state.D.state_dict())


@pytest.mark.parametrize("network", NETWORKS)
def test_whoever_looks_sees_all_features(network: str) -> None:
    state = tiny_state(network=network, critic_dropout=0.5)
    update(state)
    x = torch.rand(8, *state.config.shape) * 2 - 1
    drawn = state.layer_stream.get_state()
    looked = draw(judge(state), x)
    assert torch.equal(draw(judge(state), x), looked)
    torch.testing.assert_close(draw(critic_of(state.config, critic_weights(state)), x), looked)
    assert torch.equal(state.layer_stream.get_state(), drawn), "and draws nothing"
    assert not torch.equal(state.D(x), state.D(x))


@pytest.mark.parametrize("network", ["mlp", "dcgan-dropout"])
def test_it_can_be_turned_while_the_run_goes(network: str) -> None:
    row = {"network": network, "game": "hinge", "penalty": "none"}
    plain, turned = tiny_state(**row), tiny_state(**row)
    assert play(plain, 2) == play(turned, 2)
    turned.config = turned.config.but(critic_dropout=0.5)
    again = stopped_and_continued(turned, **row)
    assert play(turned, 2) == play(again, 2) != play(plain, 2)
    assert same(turned, again)


def test_a_network_of_its_own_dropout_asked_for_the_same_share_is_the_same_run() -> None:
    own, asked = (tiny_state(network="dcgan-dropout", penalty="none", game="minimax", critic_dropout=share) for share in (0.0, 0.3))
    assert play(own, 3) == play(asked, 3)


@pytest.mark.parametrize("share", [0.95, -0.1, 1])
def test_more_than_nine_tenths_are_refused(share: float) -> None:
    with pytest.raises(ValueError, match=r"critic_dropout is .* 0\.9"):
        tiny_config(critic_dropout=share)
