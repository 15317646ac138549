"""What the critic is shown: changed as written, with a gradient, reals and fakes alike, and nothing of it in what people see."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from tiny import tiny_state
from torch import Tensor, nn

from gan_core.augment import AUGMENTS, Change, augmented, brightness, contrast, cutout, translation
from gan_core.games import GAMES
from gan_core.looking import draw
from gan_core.state import GanState
from gan_core.step import update
from gan_core.streams import stream

CHANGES: dict[str, Change] = {"brightness": brightness, "contrast": contrast, "translation": translation, "cutout": cutout}
EVERY_CHANGE = pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
EVERY = pytest.mark.parametrize("name", [name for name, augment in AUGMENTS.items() if augment.changes])


def pictures(count: int = 64, channels: int = 1, side: int = 16) -> Tensor:
    return torch.rand(count, channels, side, side, generator=stream(1, "pictures")) * 2 - 1


def changed(x: Tensor, change: Change, seed: int = 0) -> Tensor:
    return change(x, stream(seed, "changes"))


@EVERY_CHANGE
@pytest.mark.parametrize(("channels", "side"), [(1, 16), (3, 28), (3, 7)])
def test_a_change_keeps_the_shape_and_draws_for_each_picture_by_itself(change: Change, channels: int, side: int) -> None:
    x = pictures(1, channels, side).expand(32, -1, -1, -1)
    made = changed(x, change)
    assert made.shape == x.shape
    assert len(made.flatten(1).unique(dim=0)) > 8
    assert torch.equal(made, changed(x, change))
    assert not torch.equal(made, changed(x, change, seed=1))


def test_brightness_moves_all_pixels_of_a_picture_alike() -> None:
    moved = changed(pictures(), brightness) - pictures()
    each = moved.mean((1, 2, 3))
    torch.testing.assert_close(moved, each[:, None, None, None].expand_as(moved), atol=1e-6, rtol=0)
    assert -0.5 <= each.min() < -0.3 < 0.3 < each.max() <= 0.5


def test_contrast_keeps_the_mean_and_scales_what_differs_from_it() -> None:
    made, x = changed(pictures(), contrast), pictures()
    torch.testing.assert_close(made.mean((1, 2, 3)), x.mean((1, 2, 3)))
    scale = made.std((1, 2, 3)) / x.std((1, 2, 3))
    assert 0.5 <= scale.min() < 0.7 < 1.3 < scale.max() <= 1.5 + 1e-5


def test_translation_moves_by_whole_pixels_at_most_an_eighth_and_brings_in_grey() -> None:
    x, made = pictures(), changed(pictures(), translation)
    shifts = set()
    for before, after in zip(x, made, strict=True):
        found = [
            (down, right)
            for down in range(-2, 3)
            for right in range(-2, 3)
            if torch.equal(after, nn.functional.pad(before, (2, 2, 2, 2))[:, 2 + down : 18 + down, 2 + right : 18 + right])
        ]
        shifts.update(found)
        assert found
    assert len(shifts) > 15


def test_cutout_takes_a_square_of_half_the_side_at_most() -> None:
    gone = changed(pictures(256), cutout) == 0
    assert torch.equal(changed(pictures(256), cutout)[~gone], pictures(256)[~gone])
    heights, widths = gone.any(3).sum(2).flatten(), gone.any(2).sum(2).flatten()
    assert torch.equal(gone.sum((1, 2, 3)), heights * widths), "a rectangle: a square, cut off at the border"
    assert heights.max() == widths.max() == 8
    assert gone.sum((1, 2, 3)).max() == 64


@EVERY_CHANGE
def test_a_gradient_passes_through_to_what_is_left_of_the_picture(change: Change) -> None:
    x = pictures(4).double().requires_grad_()
    torch.autograd.gradcheck(lambda x: changed(x, change), (x[:1, :, :8, :8].detach().requires_grad_(),))
    (slope,) = torch.autograd.grad(changed(x, change).sum(), x)
    assert (slope.flatten(1).abs().sum(1) > 0).all()


@EVERY
def test_a_share_of_the_pictures_is_changed(name: str) -> None:
    x = pictures(2000, side=7)
    for share in (0.0, 0.3, 1.0):
        made = augmented(x, AUGMENTS[name], share=share, rng=stream(0, "changes"))
        differ = (made != x).flatten(1).any(1).float().mean().item()
        # A translation may be by nothing at all: one in nine, where an eighth of the side is one pixel.
        assert share - 0.15 <= differ <= share + 0.05


class Perfect(nn.Module):
    """A generator that cannot be told from the data: it draws the samples that `Batches` holds."""

    def __init__(self, samples: Tensor) -> None:
        super().__init__()
        self.samples, self.weight = samples, nn.Parameter(torch.ones(()))

    def forward(self, z: Tensor) -> Tensor:
        rng = torch.Generator().manual_seed(int(z.abs().sum() * 1e6))
        return self.weight * self.samples[torch.randint(len(self.samples), (len(z),), generator=rng)]


def what_the_critic_sees(**changes: Any) -> tuple[GanState, dict[str, Tensor]]:
    """What D was shown over some steps when G is perfect: reals and fakes in its own move, fakes in G's, reals there as well if paired."""
    state = tiny_state(lr_generator=0.0, lr_critic=0.0, penalty="none", batch_size=64, **changes)
    state.G, state.G_ema = (Perfect(state.batches.pick(torch.arange(72))) for _ in range(2))
    state.G_ema.requires_grad_(False)
    state.G_optimiser = torch.optim.Adam(state.G.parameters())
    seen: dict[str, list[Tensor]] = {"real": [], "fake": [], "fake in G's move": [], "real in G's move": []}

    def note(_: nn.Module, inputs: tuple[Tensor, ...]) -> None:
        x = inputs[0].detach()
        if len(x) == 128:
            seen["real"].append(x[:64])
            seen["fake"].append(x[64:])
        else:
            seen["fake in G's move" if torch.is_grad_enabled() else "real in G's move"].append(x)

    state.D.register_forward_pre_hook(note)
    for _ in range(16):
        update(state, "critic")
        update(state, "generator")
    return state, {name: torch.cat(parts) for name, parts in seen.items() if parts}


@pytest.mark.parametrize(
    ("name", "game"), [*((name, "non-saturating") for name, augment in AUGMENTS.items() if augment.changes), ("all", "relativistic")]
)
def test_nothing_leaks_a_perfect_generators_fakes_look_like_reals_in_both_moves(name: str, game: str) -> None:
    # Were only reals changed, or fakes in one move only, D could tell the two apart and G would have to draw the changes.
    state, seen = what_the_critic_sees(augment=name, game=game)
    assert ("real in G's move" in seen) == GAMES[game].paired
    plain = state.batches.pick(torch.arange(72))
    measures = {
        "brightness": lambda x: x.mean((1, 2, 3)).std(),
        "contrast": lambda x: x.std((1, 2, 3)).std(),
        "grey": lambda x: (x == 0).float().mean(),
    }
    for what, measure in measures.items():
        of_reals = measure(seen["real"]).item()
        for where in seen:
            assert measure(seen[where]).item() == pytest.approx(of_reals, rel=0.12, abs=1e-3), f"{what}: {where}"
    assert any(abs(measure(seen["real"]) - measure(plain)) > 0.02 for measure in measures.values()), "D does see changed pictures"


def test_nobody_else_sees_the_changes() -> None:
    plain, state = (tiny_state(augment=name, lr_generator=0.0, lr_critic=0.0) for name in ("none", "all"))
    z = torch.randn(8, 4, generator=stream(2, "z"))
    update(plain), update(state)
    assert torch.equal(draw(state.G, z), draw(plain.G, z))
    assert torch.equal(draw(state.D, pictures()), draw(plain.D, pictures()))
    assert torch.equal(state.z_stream.get_state(), plain.z_stream.get_state())
    assert not torch.equal(state.augment_stream.get_state(), plain.augment_stream.get_state())


def test_the_share_rises_over_the_burn_in() -> None:
    state = tiny_state(augment="brightness", augment_share=0.8, augment_begin=0.0, burn_in_kimg=0.8, penalty="none", batch_size=64)
    shares, reals = [], {}

    def note(_: nn.Module, inputs: tuple[Tensor, ...]) -> None:
        if len(inputs[0]) == 128:
            real = state.batches.pick(state.batches.numbers(reals["at"], 64))
            shares.append((inputs[0][:64].detach() != real).flatten(1).any(1).float().mean().item())

    state.D.register_forward_pre_hook(note)
    for _ in range(16):
        reals["at"] = state.images
        update(state, "critic")
    assert shares[0] == 0.0
    assert sum(shares[-3:]) / 3 == pytest.approx(0.8, abs=0.1)
    assert 0.2 < sum(shares[5:8]) / 3 < 0.6


@pytest.mark.parametrize("data", ["digits", "ring-8"])
@pytest.mark.parametrize("game", GAMES)
def test_noise_lies_on_reals_and_fakes_and_fades(data: str, game: str) -> None:
    state = tiny_state(data=data, game=game, instance_noise=2.0, burn_in_kimg=0.4, penalty="none", batch_size=64)
    sizes: list[tuple[float, float]] = []
    drawn: list[Tensor] = []
    state.G.register_forward_hook(lambda module, inputs, fake: drawn.append(fake.detach()))

    def note(_: nn.Module, inputs: tuple[Tensor, ...]) -> None:
        x = inputs[0].detach()
        if len(x) == 128:
            real = state.batches.pick(state.batches.numbers(state.images, 64))
            sizes.append(((x[:64] - real).std().item(), (x[64:] - drawn[-1]).std().item()))

    state.D.register_forward_pre_hook(note)
    for _ in range(8):
        update(state, "critic")
    assert sizes[0] == (pytest.approx(2.0, rel=0.25), pytest.approx(2.0, rel=0.25))
    assert all(early >= late * 0.8 for pair in zip(sizes, sizes[1:], strict=False) for early, late in zip(*pair, strict=True))
    assert sizes[-1] == (0.0, 0.0), "from the end of the burn-in on there is none"


def test_every_augmentation_helps() -> None:
    assert AUGMENTS["none"].changes == ()
    assert all(augment.help.endswith(".") for augment in AUGMENTS.values())
