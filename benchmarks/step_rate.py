"""Is our loop faster than the loop people write? Steps a second of both, same networks and settings, in interleaved rounds.

    python -m benchmarks.step_rate --rounds 5 --seconds 8

Ours is `gan_core.loop.train` as it runs: curves, averaged generator, grids and checkpoints included. The peer is the DCGAN example
(github.com/pytorch/examples/tree/main/dcgan) with our networks: a DataLoader over images that go through PIL, ToTensor and Normalize,
two backward passes for D, D's gradients kept in G's step, `torch.optim.Adam` as it comes, five `.item()` and one printed line a step.
It draws no grids, keeps no average and saves nothing, which is in its favour. Each figure comes from a process of its own.

The peer gets torch's defaults. Since gan_core tells OpenMP's threads not to spin for long, the peer is measured a second time with
threads that sleep, and the goal is held against the fastest of the four: where other programs want the same cores, or a virtual
machine packs several threads onto one, the default costs the peer a factor of tens; where each thread has a core, next to nothing.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shlex
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
WARM_UP_S = 2.0
SETTINGS: dict[str, Any] = {
    "data": "glyphs",
    "game": "non-saturating",
    "penalty": "none",
    "batch_size": 64,
    "latent_dim": 64,
    "lr_generator": 2e-4,
    "lr_critic": 2e-4,
    "beta1": 0.5,
    "beta2": 0.999,
}
NETWORKS = {"mlp": (256, 2.0), "dcgan": (32, 1.3)}
"""Width, and how many times as fast as the peer we want to be."""
LOOPS = {
    "ours": {},
    "peer, 0 workers": {"workers": 0},
    "peer, 2 workers": {"workers": 2},
    "peer, 0 workers, threads sleep": {"workers": 0, "env": {"OMP_WAIT_POLICY": "PASSIVE"}},
    "peer, 2 workers, threads sleep": {"workers": 2, "env": {"OMP_WAIT_POLICY": "PASSIVE"}},
}
OURS, DEFAULTS, LENT = "ours", ("peer, 0 workers", "peer, 2 workers"), ("peer, 0 workers, threads sleep", "peer, 2 workers, threads sleep")
THREAD_VARIABLES = ("OMP_WAIT_POLICY", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "GOMP_SPINCOUNT")


def heading() -> str:
    """Machine, versions and command: two lines without which no figure says anything."""
    facts = Path("/proc/cpuinfo")
    lines = facts.read_text().splitlines() if facts.exists() else []
    models = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    load = " ".join(f"{value:.1f}" for value in os.getloadavg())
    machine = f"{models[0] if models else platform.processor() or platform.machine()}, {cores} cores, load {load}"
    module = Path(sys.argv[0]).stem
    command = shlex.join(["python", "-m", f"benchmarks.{module}", *sys.argv[1:]])
    return f"machine  {machine}; torch {version('torch')}, Python {platform.python_version()}\ncommand  {command}\n"


def spread(values: Sequence[float], digits: int = 1) -> str:
    """The median, and the range in brackets."""
    low, middle, high = (f"{value:,.{digits}f}" for value in (min(values), statistics.median(values), max(values)))
    return f"{middle} ({low} to {high})"


def table(rows: Sequence[Sequence[str]]) -> str:
    """Rows in columns, the first row being the head, the first column set to the left."""
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    rows = [rows[0], ["-" * width for width in widths], *rows[1:]]
    lines = ("  ".join([row[0].ljust(widths[0]), *map(str.rjust, row[1:], widths[1:])]) for row in rows)
    return "\n".join(lines) + "\n"


def ours(network: str, seconds: float) -> float:
    """Steps a second of `gan_core.loop.train`, from metrics to metrics."""
    from gan_core.config import RunConfig
    from gan_core.events import Metrics
    from gan_core.loop import train

    config = RunConfig.from_dict(SETTINGS | {"network": network, "width": NETWORKS[network][0], "device": "cpu"})
    warm = first = None
    for event in train(config):
        if not isinstance(event, Metrics):
            continue
        now, step = time.perf_counter(), event.place.step
        warm = warm or now
        if first is None and now - warm >= WARM_UP_S:
            first = (now, step)
        elif first is not None and now - first[0] >= seconds:
            return (step - first[1]) / (now - first[0])
    raise RuntimeError("The run ended by itself.")


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


def peer(network: str, seconds: float, workers: int) -> float:
    """Steps a second of the loop of the DCGAN example."""
    import torch  # before gan_core, whose import sets how OpenMP's threads wait
    from torch import nn
    from torchvision import transforms

    from gan_core.data import load_now
    from gan_core.networks import NETWORKS as built

    data, nz, batch, rng = load_now("glyphs"), SETTINGS["latent_dim"], SETTINGS["batch_size"], torch.Generator().manual_seed(0)
    transform = transforms.Compose([transforms.ToTensor(), transforms.Normalize((0.5,), (0.5,))])
    images = Images(data.train[:, 0], data.train_labels, transform)
    loader = torch.utils.data.DataLoader(images, batch_size=batch, shuffle=True, num_workers=workers)
    shape, width = (1, 28, 28), NETWORKS[network][0]
    net_g = built[network].generator(shape, latent_dim=nz, width=width, rng=rng)
    net_d = built[network].critic(shape, width=width, rng=rng)
    criterion = nn.BCEWithLogitsLoss()
    betas = (SETTINGS["beta1"], SETTINGS["beta2"])
    optimizer_d = torch.optim.Adam(net_d.parameters(), lr=SETTINGS["lr_critic"], betas=betas)
    optimizer_g = torch.optim.Adam(net_g.parameters(), lr=SETTINGS["lr_generator"], betas=betas)

    def step(real: Any) -> str:
        net_d.zero_grad()
        label = torch.full((real.size(0),), 1.0)
        output = net_d(real)
        loss_real = criterion(output, label)
        loss_real.backward()
        d_x = output.sigmoid().mean().item()
        fake = net_g(torch.randn(real.size(0), nz))
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

    def endless() -> Iterator[Any]:
        while True:
            yield from loader

    return _rate(endless(), step, seconds)


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


def measure(loop: str, network: str, seconds: float) -> float:
    """Steps a second of one of LOOPS, in a fresh process with torch's defaults (gan_core sets its own when it is imported)."""
    env = {name: value for name, value in os.environ.items() if name not in THREAD_VARIABLES} | LOOPS[loop].get("env", {})
    command = [sys.executable, "-m", "benchmarks.step_rate", "--child", loop, "--networks", network, "--seconds", str(seconds)]
    done = subprocess.run(command, cwd=ROOT, env=env, stdout=subprocess.PIPE, text=True, check=True)
    return float(json.loads(done.stdout.splitlines()[-1]))


def compare(network: str, rounds: int, seconds: float) -> str:
    """All loops, one after the other in each round, every second round backwards; the table and what it says."""
    rates: dict[str, list[float]] = {loop: [] for loop in LOOPS}
    for number in range(rounds):
        for loop in list(LOOPS) if number % 2 == 0 else reversed(LOOPS):
            rates[loop].append(measure(loop, network, seconds))
            print(f"  round {number + 1}/{rounds}  {network}  {loop}: {rates[loop][-1]:.1f} steps/s", file=sys.stderr, flush=True)
    ratios = {loop: [a / b for a, b in zip(rates[OURS], rates[loop], strict=True)] for loop in LOOPS}
    width, goal = NETWORKS[network]
    rows = [[f"{network}, width {width}", "steps/s", "ours is so many times as fast"]]
    rows += [[loop, spread(rates[loop]), "1" if loop == OURS else spread(ratios[loop], 2)] for loop in LOOPS]
    middle = {loop: statistics.median(rates[loop]) for loop in LOOPS}
    usual, fastest = max(DEFAULTS, key=middle.__getitem__), max((*DEFAULTS, *LENT), key=middle.__getitem__)
    met = "met" if statistics.median(ratios[fastest]) >= goal else "MISSED"
    verdict = f"Against the fastest of the four ({fastest}): {spread(ratios[fastest], 2)}; goal {goal:g}: {met}.\n"
    verdict += f"Against torch's defaults ({usual}): {spread(ratios[usual], 2)}.\n"
    if middle[fastest] > 1.5 * middle[usual]:
        verdict += "Threads that spin get in each other's way on this machine: do not quote the second figure.\n"
    return table(rows) + verdict


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=8.0, help="measured time of each process, after its warm-up")
    parser.add_argument("--networks", nargs="+", choices=NETWORKS, default=list(NETWORKS))
    parser.add_argument("--child", choices=LOOPS, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.child:
        facts, network = LOOPS[asked.child], asked.networks[0]
        print(json.dumps(ours(network, asked.seconds) if asked.child == OURS else peer(network, asked.seconds, facts["workers"])))
        return
    print(heading())
    for network in asked.networks:
        print(compare(network, asked.rounds, asked.seconds), flush=True)


if __name__ == "__main__":
    main()
