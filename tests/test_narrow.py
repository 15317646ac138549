"""The quick convolutions at a picture's edge are torch's own, to any order of derivative, in any layout."""

from __future__ import annotations

import pytest
import torch
from tiny import tiny_state
from torch import Tensor, nn
from torch.autograd import gradcheck, gradgradcheck

from gan_core.networks import narrow
from gan_core.networks.narrow import ToFeatures, ToPicture
from gan_core.step import update

EVERY_COUNT = pytest.mark.parametrize("channels", [1, 3])


def pair(kind: str, channels: int) -> tuple[nn.Module, nn.Module, Tensor]:
    """Ours, torch's with the same weights, and something to play them on, in double precision."""
    torch.manual_seed(channels)
    ours, plain, x = {
        "features": (ToFeatures(channels, 5), nn.Conv2d(channels, 5, 4, 2, 1), torch.randn(2, channels, 6, 6)),
        "picture": (ToPicture(5, channels), nn.ConvTranspose2d(5, channels, 4, 2, 1), torch.randn(2, 5, 3, 3)),
    }[kind]
    plain.load_state_dict(ours.state_dict())
    return ours.double(), plain.double(), x.double()


@pytest.mark.parametrize("layout", [torch.contiguous_format, torch.channels_last])
@pytest.mark.parametrize("kind", ["features", "picture"])
@EVERY_COUNT
def test_equal_to_torchs_own_with_first_and_second_derivatives(kind: str, channels: int, layout: torch.memory_format) -> None:
    ours, plain, x = pair(kind, channels)
    found = []
    for layer in (ours, plain):
        layer.to(memory_format=layout)
        seen = x.clone(memory_format=layout).requires_grad_()
        out = layer(seen)
        (slope,) = torch.autograd.grad(out.sin().sum(), seen, create_graph=True)
        loss = out.square().mean() + slope.square().sum()
        found.append([out, slope, *torch.autograd.grad(loss, [seen, *layer.parameters()])])
    for mine, theirs in zip(*found, strict=True):
        torch.testing.assert_close(mine, theirs)


@EVERY_COUNT
def test_each_of_the_three_has_the_other_two_as_its_gradients(channels: int) -> None:
    _, plain, picture = pair("features", channels)
    features, weight = plain(picture).detach().requires_grad_(), plain.weight.detach().requires_grad_()
    picture.requires_grad_()
    for function, inputs in (
        (narrow._Features, (picture, weight, plain.bias)),
        (narrow._Picture, (features, weight)),
        (narrow._Weights, (features, picture)),
    ):
        assert gradcheck(function.apply, inputs, fast_mode=True)
        assert gradgradcheck(function.apply, inputs, fast_mode=True)


@pytest.mark.parametrize("penalty", ["none", "R1+R2", "WGAN-GP"])
def test_a_game_goes_as_it_would_with_torchs_own(penalty: str, monkeypatch: pytest.MonkeyPatch) -> None:
    ends, curves = [], []
    for faster in (narrow._faster, lambda x, channels: False):
        monkeypatch.setattr(narrow, "_faster", faster)
        state = tiny_state(network="dcgan", penalty=penalty, lr_generator=1e-4, lr_critic=1e-4)
        curves.append([update(state) for _ in range(3)])
        ends.append(torch.cat([weight.detach().flatten() for weight in (*state.G.parameters(), *state.D.parameters())]))
    assert not torch.equal(*ends), "both ways were taken"
    assert (ends[0] - ends[1]).norm() < 1e-4 * ends[1].norm()
    for mine, theirs in zip(*curves, strict=True):
        assert {name: value.item() for name, value in mine.items()} == pytest.approx(
            {name: value.item() for name, value in theirs.items()}, rel=1e-3, abs=1e-5
        )


def test_other_devices_and_precisions_and_wide_pictures_take_torchs_own() -> None:
    x = torch.zeros(1, 1, 4, 4)
    assert narrow._faster(x, 1)
    assert not narrow._faster(x.to("meta"), 1)
    assert not narrow._faster(x, narrow.NARROW + 1)
    with torch.autocast("cpu", torch.bfloat16):
        assert not narrow._faster(x, 1)
        assert ToFeatures(1, 4)(x).dtype == torch.bfloat16
