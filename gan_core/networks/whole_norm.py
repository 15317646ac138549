"""BatchNorm over a whole batch of which this process has a part; torch's own SyncBatchNorm does not work on a processor."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.functional import batch_norm
from torch.nn.modules.batchnorm import _BatchNorm

Add = Callable[[Tensor], Tensor]
"""Makes a tensor the sum of all processes' tensors, in place."""


class WholeNorm(_BatchNorm):
    """As the layer it replaces, with the same weights and buffers; in training mean and variance are those of the parts together."""

    def __init__(self, layer: _BatchNorm, *, rank: int, count: int, add: Add) -> None:
        super().__init__(layer.num_features, eps=layer.eps, momentum=layer.momentum)
        self.weight, self.bias = layer.weight, layer.bias
        for name, buffer in layer.named_buffers():
            self.register_buffer(name, buffer)
        self.rank, self.count, self.add = rank, count, add

    def forward(self, x: Tensor) -> Tensor:
        if not self.training:
            return batch_norm(x, self.running_mean, self.running_var, self.weight, self.bias, eps=self.eps)
        mean, variance = self._of_whole(x)
        self._remember(mean.detach(), variance.detach(), seen=self.count * x.numel() // x.shape[1])
        shape = [1, -1, *[1] * (x.dim() - 2)]
        scale = self.weight * (variance + self.eps).rsqrt()
        return torch.addcmul((self.bias - mean * scale).view(shape), x, scale.view(shape))

    def _of_whole(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Mean and variance (features,) over all parts, differentiable: each process has its own in a row of zeros, and all are added."""
        own = torch.stack(torch.var_mean(x, [0, *range(2, x.dim())], correction=0))
        rows = _Sum.apply(torch.stack([own if row == self.rank else torch.zeros_like(own) for row in range(self.count)]), self.add)
        variances, means = rows.unbind(1)
        mean = means.mean(0)
        return mean, (variances + (means - mean).square()).mean(0)

    @torch.no_grad()
    def _remember(self, mean: Tensor, variance: Tensor, *, seen: int) -> None:
        assert self.running_mean is not None and self.running_var is not None and self.momentum is not None
        self.running_mean.lerp_(mean, self.momentum)
        self.running_var.lerp_(variance * (seen / (seen - 1)), self.momentum)
        if self.num_batches_tracked is not None:
            self.num_batches_tracked.add_(1)

    def _check_input_dim(self, input: Tensor) -> None:
        """Whatever the layer took that it replaces."""


class _Sum(torch.autograd.Function):
    """The sum over all processes. What reaches it from behind is summed as well: each process's loss depends on every part."""

    @staticmethod
    def forward(ctx: Any, mine: Tensor, add: Add) -> Tensor:
        ctx.add = add
        return add(mine.clone())

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, None]:
        return ctx.add(gradients[0].clone(memory_format=torch.contiguous_format)), None


def share_norms(network: nn.Module, *, rank: int, count: int, add: Add) -> None:
    """Let every BatchNorm in a network look at the whole batch."""
    for parent in list(network.modules()):
        for name, layer in parent.named_children():
            if isinstance(layer, _BatchNorm):
                setattr(parent, name, WholeNorm(layer, rank=rank, count=count, add=add))
