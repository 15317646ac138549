"""A critic that looks at a picture twice: as it is, and at half the size, where strokes are gone and the whole is left.

After Wang et al. 2018 (pix2pixHD, section 3.2), whose critics at several sizes have a loss each. Here both add up to one logit, so
that every game, penalty and axis of the verdict stays what it is, and so does the projection of a critic that is told the class.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn.functional import avg_pool2d

from gan_core.networks.layers import Flat, from_own_stream, is_picture
from gan_core.sentences import Sentence

LEAST_SIDE = 16
"""Pixels a side of the smallest pictures: half of fewer shows nothing, and convolutions start from 4."""


def check_scales(shape: tuple[int, ...], scales: int) -> None:
    """ValueError, with a sentence for the user, where samples of this shape cannot be seen at so many sizes."""
    if scales == 1:
        return
    if not is_picture(shape):
        raise ValueError(
            Sentence(
                "critic_scales is {scales}, and these data are points in a plane: only pictures have a size. Set it to 1.", scales=scales
            )
        )
    if shape[1] < LEAST_SIDE:
        raise ValueError(
            Sentence(
                "critic_scales is {scales}, and these pictures have {side} pixels a side, where {least} are the fewest. Set it to 1.",
                scales=scales,
                side=shape[1],
                least=LEAST_SIDE,
            )
        )


def halved(shape: tuple[int, ...]) -> tuple[int, ...]:
    """The shape of pictures at half the size."""
    channels, height, width = shape
    return channels, height // 2, width // 2


class TwoScales(nn.Module):
    """Pictures (batch, channels, side, side) -> the features of both critics, side by side."""

    def __init__(self, whole: nn.Sequential, far: nn.Sequential) -> None:
        super().__init__()
        self.whole, self.far = whole, far

    def forward(self, x: Tensor) -> Tensor:
        return torch.cat([self.whole(x), self.far(avg_pool2d(x, 2))], 1)


@from_own_stream
def two_scales(whole: nn.Module, far: nn.Module) -> nn.Module:
    """One critic of two, `far` made for pictures at half the size: its logit is the sum of theirs, and it ends as they do."""
    (near_body, near_head), (far_body, far_head) = _parted(whole), _parted(far)
    head = nn.Linear(near_head.in_features + far_head.in_features, 1)
    with torch.no_grad():
        head.weight.copy_(torch.cat([near_head.weight, far_head.weight], 1))
        head.bias.copy_(near_head.bias + far_head.bias)
    return nn.Sequential(TwoScales(near_body, far_body), head, Flat())


def _parted(critic: nn.Module) -> tuple[nn.Sequential, nn.Linear]:
    """A critic's features, and what makes a logit of them."""
    assert isinstance(critic, nn.Sequential)
    *body, head, flat = critic
    if not isinstance(head, nn.Linear) or not isinstance(flat, Flat):
        raise TypeError("A critic has to end in Linear(features, 1) and Flat(), so that it can look at two sizes.")
    return nn.Sequential(*body), head
