"""Convolutions between features and a picture of one to four channels, 4 pixels wide with stride 2: those a processor is slow at.

oneDNN makes pictures of features (forwards in a generator, backwards in a critic) many channels at a time, and with one channel most
of that is for nothing. A product of matrices and eight sums do the same sooner. What a convolution C makes of a picture p with weights
w is linear in p and in w, so that <f, C(p, w)> has three derivatives, by f, by p and by w: `_Features`, `_Picture` and `_Weights`. Each
has the other two as its gradients, to any order: a gradient penalty's second derivative goes the same ways.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.functional import conv2d

KERNEL, STRIDE, PADDING = 4, 2, 1
NARROW = 4
"""The most channels of a picture that is narrow; with more of them oneDNN's own way is no longer slow."""


class ToFeatures(nn.Conv2d):
    """Pictures (batch, channels, side, side) -> features (batch, width, side / 2, side / 2)."""

    def __init__(self, channels: int, width: int) -> None:
        super().__init__(channels, width, KERNEL, STRIDE, PADDING)

    def forward(self, input: Tensor) -> Tensor:
        if not _faster(input, self.in_channels):
            return super().forward(input)
        features: Tensor = _Features.apply(input, self.weight, self.bias)
        return features


class ToPicture(nn.ConvTranspose2d):
    """Features (batch, width, side, side) -> pictures (batch, channels, 2 side, 2 side)."""

    def __init__(self, width: int, channels: int) -> None:
        super().__init__(width, channels, KERNEL, STRIDE, PADDING)

    def forward(self, input: Tensor, output_size: list[int] | None = None) -> Tensor:
        if not _faster(input, self.out_channels):
            return super().forward(input, output_size)
        assert self.bias is not None
        picture: Tensor = _Picture.apply(input, self.weight)
        return picture + self.bias.view(1, -1, 1, 1)


def _faster(x: Tensor, channels: int) -> bool:
    """Whether the ways below are: on a processor, in the numbers of `x`, where nobody writes down which operations are called."""
    return x.device.type == "cpu" and channels <= NARROW and not (torch.is_autocast_enabled("cpu") or torch.compiler.is_compiling())


class _Features(torch.autograd.Function):
    """(picture, weights (width, channels, 4, 4), bias) -> features."""

    @staticmethod
    def forward(ctx: Any, picture: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:
        ctx.save_for_backward(picture, weight)
        return conv2d(_side_by_side(picture), weight, bias, STRIDE, PADDING)

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor | None, ...]:
        (features,), (picture, weight), wanted = gradients, ctx.saved_tensors, ctx.needs_input_grad
        return (
            _Picture.apply(features, weight) if wanted[0] else None,
            _Weights.apply(features, picture) if wanted[1] else None,
            features.sum((0, 2, 3)) if wanted[2] else None,
        )


class _Picture(torch.autograd.Function):
    """(features, weights) -> picture: each feature puts down 4 x 4 pixels, 2 apart from the next one's."""

    @staticmethod
    def forward(ctx: Any, features: Tensor, weight: Tensor) -> Tensor:
        ctx.save_for_backward(features, weight)
        (batch, width, high, wide), channels = features.shape, weight.shape[1]
        put = weight.permute(2, 3, 1, 0).reshape(-1, width) @ features.permute(0, 2, 3, 1).reshape(-1, width).T
        down = put.view(KERNEL, KERNEL, channels, batch, high, wide)
        # Line 2a of the picture gets line 1 of what row a of the features puts down and 3 of row a - 1; line 2a + 1 gets 2, and 0 of a + 1.
        lines = down[1:3].clone()
        lines[0, ..., 1:, :] += down[3, ..., :-1, :]
        lines[1, ..., :-1, :] += down[0, ..., 1:, :]
        picture = features.new_empty(batch, high, STRIDE, wide, STRIDE, channels)
        pixels = picture.permute(2, 4, 5, 0, 1, 3)
        pixels.copy_(lines[:, 1:3])
        pixels[:, 0, ..., 1:] += lines[:, 3, ..., :-1]
        pixels[:, 1, ..., :-1] += lines[:, 0, ..., 1:]
        return picture.view(batch, STRIDE * high, STRIDE * wide, channels).permute(0, 3, 1, 2)

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor | None, ...]:
        (picture,), (features, weight), wanted = gradients, ctx.saved_tensors, ctx.needs_input_grad
        return (
            _Features.apply(picture, weight, None) if wanted[0] else None,
            _Weights.apply(features, picture) if wanted[1] else None,
        )


class _Weights(torch.autograd.Function):
    """(features, picture) -> how much each weight has to do with both, in the shape of the weights."""

    @staticmethod
    def forward(ctx: Any, features: Tensor, picture: Tensor) -> Tensor:
        ctx.save_for_backward(features, picture)
        shape = features.new_empty(features.shape[1], picture.shape[1], KERNEL, KERNEL)
        sizes: tuple[Any, ...] = (None, [STRIDE] * 2, [PADDING] * 2, [1, 1], True, [0, 0], 1, [False, True, False])
        found: Tensor = torch.ops.aten.convolution_backward(_side_by_side(picture), features, shape, *sizes)[1]
        return found

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor | None, ...]:
        (weight,), (features, picture), wanted = gradients, ctx.saved_tensors, ctx.needs_input_grad
        return (
            _Features.apply(picture, weight, None) if wanted[0] else None,
            _Picture.apply(features, weight) if wanted[1] else None,
        )


def _side_by_side(x: Tensor) -> Tensor:
    """The same pictures, strictly channels last: of one channel torch otherwise thinks whatever layout it was made in."""
    return x.permute(0, 2, 3, 1).contiguous().permute(0, 3, 1, 2)
