"""Is our loop faster than the loop people write? Steps a second of both, same networks and settings, in interleaved rounds.

    python -m benchmarks.step_rate --rounds 5 --seconds 8

Ours is `gan_core.loop.train` as it runs: curves, averaged generator, grids and checkpoints included. The peer is the DCGAN example
(github.com/pytorch/examples/tree/main/dcgan) with our networks: a DataLoader over images that go through PIL, ToTensor and Normalize,
two backward passes for D, D's gradients kept in G's step, `torch.optim.Adam` as it comes, five `.item()` and one printed line a step.
It draws no grids, keeps no average and saves nothing, which is in its favour. Each figure comes from a process of its own.

The peer gets torch's defaults. Since gan_core tells OpenMP's threads not to spin for long, the peer is measured a second time with
threads that sleep, and each goal is held against the fastest of the four: where other programs want the same cores, or a virtual
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
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

from benchmarks.standard_loop import WARM_UP_S, peer

ROOT = Path(__file__).resolve().parent.parent
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
NETWORKS = {"mlp": 256, "dcgan": 32}
"""Width."""
GOALS = {"ours": 1.8, "ours, bf16": 3.0}
"""How many times as fast as the peer we want to be."""
LOOPS: dict[str, dict[str, Any]] = {
    "ours": {},
    "ours, bf16": {"settings": {"precision": "bf16"}},
    "peer, 0 workers": {"workers": 0},
    "peer, 2 workers": {"workers": 2},
    "peer, 0 workers, threads sleep": {"workers": 0, "env": {"OMP_WAIT_POLICY": "PASSIVE"}},
    "peer, 2 workers, threads sleep": {"workers": 2, "env": {"OMP_WAIT_POLICY": "PASSIVE"}},
}
COARSE = "ours, bf16"
DEFAULTS, LENT = ("peer, 0 workers", "peer, 2 workers"), ("peer, 0 workers, threads sleep", "peer, 2 workers, threads sleep")
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


def ratios(over: Sequence[float], under: Sequence[float]) -> list[float]:
    """Round by round, the one as so many times the other."""
    return [a / b for a, b in zip(over, under, strict=True)]


def table(rows: Sequence[Sequence[str]]) -> str:
    """Rows in columns, the first row being the head, the first column set to the left."""
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    rows = [rows[0], ["-" * width for width in widths], *rows[1:]]
    lines = ("  ".join([row[0].ljust(widths[0]), *map(str.rjust, row[1:], widths[1:])]) for row in rows)
    return "\n".join(lines) + "\n"


def ours(network: str, seconds: float, settings: dict[str, Any]) -> float:
    """Steps a second of our loop on the processor."""
    return rate_of(SETTINGS | settings | {"network": network, "width": NETWORKS[network], "device": "cpu"}, seconds)[0]


def rate_of(settings: dict[str, Any], seconds: float) -> tuple[float, str]:
    """Steps a second of `gan_core.loop.train`, from metrics to metrics, which wait for the device; and how it says they were played."""
    from gan_core.config import RunConfig
    from gan_core.events import Metrics
    from gan_core.loop import train

    warm = first = None
    for event in train(RunConfig.from_dict(settings)):
        if not isinstance(event, Metrics):
            continue
        now, step = time.perf_counter(), event.place.step
        warm = warm or now
        if first is None and now - warm >= WARM_UP_S:
            first = (now, step)
        elif first is not None and now - first[0] >= seconds:
            return (step - first[1]) / (now - first[0]), event.way
    raise RuntimeError("The run ended by itself.")


def measure(loop: str, network: str, seconds: float) -> float:
    """Steps a second of one of LOOPS, in a fresh process with torch's defaults (gan_core sets its own when it is imported)."""
    env = {name: value for name, value in os.environ.items() if name not in THREAD_VARIABLES} | LOOPS[loop].get("env", {})
    command = [sys.executable, "-m", "benchmarks.step_rate", "--child", loop, "--networks", network, "--seconds", str(seconds)]
    done = subprocess.run(command, cwd=ROOT, env=env, stdout=subprocess.PIPE, text=True, check=True)
    return float(json.loads(done.stdout.splitlines()[-1]))


def at_hand() -> list[str]:
    """The loops this machine can be asked for: bf16 only where the processor multiplies it."""
    from gan_core.devices import multiplies_bf16

    return [loop for loop in LOOPS if loop != COARSE or multiplies_bf16("cpu")]


def compare(network: str, rounds: int, seconds: float) -> str:
    """All loops, one after the other in each round, every second round backwards; the table and what it says."""
    loops = at_hand()
    rates: dict[str, list[float]] = {loop: [] for loop in loops}
    for number in range(rounds):
        for loop in loops if number % 2 == 0 else reversed(loops):
            rates[loop].append(measure(loop, network, seconds))
            print(f"  round {number + 1}/{rounds}  {network}  {loop}: {rates[loop][-1]:.1f} steps/s", file=sys.stderr, flush=True)
    return told(network, rates)


def told(network: str, rates: dict[str, list[float]]) -> str:
    """The table of these rates, round by round, how many times as fast as each loop both of ours are, and whether that is enough."""
    rows = [[f"{network}, width {NETWORKS[network]}", "steps/s", *(f"{mine} is so many times as fast" for mine in GOALS)]]
    for loop in LOOPS:
        against = [spread(ratios(rates[mine], rates[loop]), 2) if {mine, loop} <= rates.keys() else "waiting" for mine in GOALS]
        rows.append([loop, spread(rates[loop]) if loop in rates else "waiting for a processor that multiplies bf16", *against])
    middle = {loop: statistics.median(values) for loop, values in rates.items()}
    usual, fastest = max(DEFAULTS, key=middle.__getitem__), max((*DEFAULTS, *LENT), key=middle.__getitem__)
    verdict = ""
    for mine, goal in GOALS.items():
        if mine not in rates:
            verdict += f"{mine}: waiting for a processor that multiplies bf16; goal {goal:g}.\n"
            continue
        against = ratios(rates[mine], rates[fastest])
        met = "met" if statistics.median(against) >= goal else "MISSED"
        verdict += f"{mine} against the fastest of the four ({fastest}): {spread(against, 2)}; goal {goal:g}: {met}.\n"
        verdict += f"{mine} against torch's defaults ({usual}): {spread(ratios(rates[mine], rates[usual]), 2)}.\n"
    if middle[fastest] > 1.5 * middle[usual]:
        verdict += "Threads that spin get in each other's way on this machine: do not quote what is said of torch's defaults.\n"
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
        if asked.child in GOALS:
            print(json.dumps(ours(network, asked.seconds, facts.get("settings", {}))))
        else:
            print(json.dumps(peer(network, NETWORKS[network], SETTINGS, seconds=asked.seconds, workers=facts["workers"])))
        return
    print(heading())
    for network in asked.networks:
        print(compare(network, asked.rounds, asked.seconds), flush=True)


if __name__ == "__main__":
    main()
