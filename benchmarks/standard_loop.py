"""The loop people write: the DCGAN example (github.com/pytorch/examples/tree/main/dcgan), as `step_rate` measures it."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

WARM_UP_S = 2.0


class Images:
    """A data set as torchvision's MNIST is one: an array in memory, each image made a PIL image and transformed when asked for."""

    def __init__(self, images: Any, labels: Any, transform: Any) -> None:
        self.images, self.labels, self.transform = images, labels, transform

    def __len__(self) -> int:
        return len(self.images)

    def __getitem__(self, index: int) -> tuple[Any, int]:
        from PIL import Image

        image, label = self.images[index], int(self.labels[index])
        return self.transform(Image.fromarray(image.numpy())), label


def peer(network: str, width: int, settings: Mapping[str, Any], *, seconds: float, workers: int, device: str = "cpu") -> float:
    """Steps a second of the loop of the DCGAN example. On a GPU its five `.item()` wait for each step's end, so the clock need not."""
    import torch  # before gan_core, whose import sets how OpenMP's threads wait
    from torchvision import transforms

    from gan_core.data import load_now

    data = load_now("glyphs")
    transform = transforms.Compose([transforms.ToTensor(), transforms.Normalize((0.5,), (0.5,))])
    images = Images(data.train[:, 0], data.train_labels, transform)
    loader = torch.utils.data.DataLoader(images, batch_size=settings["batch_size"], shuffle=True, num_workers=workers)

    def endless() -> Iterator[Any]:
        while True:
            yield from loader

    return _rate(endless(), standard_step(network, width, settings, device=device), seconds)


def standard_step(network: str, width: int, settings: Mapping[str, Any], *, device: str = "cpu") -> Callable[[Any], str]:
    """One step of the DCGAN example, on a batch of reals (batch, 1, 28, 28) in [-1, 1]; it returns the line that is printed."""
    import torch
    from torch import nn

    from gan_core.networks import NETWORKS

    nz, rng, shape = settings["latent_dim"], torch.Generator().manual_seed(0), (1, 28, 28)
    net_g = NETWORKS[network].generator(shape, latent_dim=nz, width=width, rng=rng).to(device)
    net_d = NETWORKS[network].critic(shape, width=width, rng=rng).to(device)
    criterion = nn.BCEWithLogitsLoss()
    betas = (settings["beta1"], settings["beta2"])
    optimizer_d = torch.optim.Adam(net_d.parameters(), lr=settings["lr_critic"], betas=betas)
    optimizer_g = torch.optim.Adam(net_g.parameters(), lr=settings["lr_generator"], betas=betas)

    def step(real: Any) -> str:
        net_d.zero_grad()
        real = real.to(device)
        label = torch.full((real.size(0),), 1.0, device=device)
        output = net_d(real)
        loss_real = criterion(output, label)
        loss_real.backward()
        d_x = output.sigmoid().mean().item()
        fake = net_g(torch.randn(real.size(0), nz, device=device))
        label.fill_(0.0)
        output = net_d(fake.detach())
        loss_fake = criterion(output, label)
        loss_fake.backward()
        d_g_z1 = output.sigmoid().mean().item()
        loss_d = loss_real + loss_fake
        optimizer_d.step()
        net_g.zero_grad()
        label.fill_(1.0)
        output = net_d(fake)
        loss_g = criterion(output, label)
        loss_g.backward()
        d_g_z2 = output.sigmoid().mean().item()
        optimizer_g.step()
        return f"Loss_D: {loss_d.item():.4f} Loss_G: {loss_g.item():.4f} D(x): {d_x:.4f} D(G(z)): {d_g_z1:.4f} / {d_g_z2:.4f}"

    return step


def _rate(batches: Iterator[Any], step: Any, seconds: float) -> float:
    began, first, done = time.perf_counter(), None, 0
    with Path(os.devnull).open("w") as nowhere:
        for real, _ in batches:
            print(step(real), file=nowhere)
            now = time.perf_counter()
            if first is None and now - began >= WARM_UP_S:
                first = now
            elif first is not None:
                done += 1
                if now - first >= seconds:
                    return done / (now - first)
    raise RuntimeError("No more batches.")
