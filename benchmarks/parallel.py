"""What do several processes that share a run make of it? Steps a second of the same run, the same batch, in one process and in N.

    python -m benchmarks.parallel --rounds 3 --seconds 8
    python -m benchmarks.parallel --rounds 3 --seconds 8 --device cuda --processes 1 2 4 8 --batch 512     (waiting for GPUs)

Every figure is of a run of its own on the command line, N processes under torchrun; rounds follow one another, every second one
backwards. On a processor each of N processes has one thread, beside them stands one process with as many threads: what shares a
machine's cores better. On GPUs each process has one of its own.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile

from benchmarks.step_rate import ROOT, SETTINGS, THREAD_VARIABLES, heading, ratios, spread, table
from gan_core.devices import cores

NETWORKS = {"mlp": 256, "dcgan": 32}
"""Width."""


def rate(network: str, *, processes: int, threads: int, asked: argparse.Namespace) -> float:
    """Steps a second of one run."""
    settings = SETTINGS | {"network": network, "width": NETWORKS[network], "batch_size": asked.batch, "threads": threads}
    training = ["-m", "gan_core", "train", "--json", "--seconds", str(asked.seconds), "--device", asked.device]
    training += [f"--set={name}={value}" for name, value in settings.items()]
    launcher = ["-m", "torch.distributed.run", "--standalone", f"--nproc-per-node={processes}"] if processes > 1 else []
    env = {name: value for name, value in os.environ.items() if name not in THREAD_VARIABLES}
    with tempfile.TemporaryDirectory(prefix="ganscope-bench-") as runs:
        command = [sys.executable, *launcher, *training, "--out", runs]
        done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(done.stderr)
    facts = json.loads(done.stdout.strip().splitlines()[-1])
    return float(facts["steps_per_s"])


def conditions_of(asked: argparse.Namespace) -> dict[str, tuple[int, int]]:
    """What is compared -> processes, and threads of each (0: whatever is usual)."""
    if asked.device != "cpu":
        return {f"{count} GPUs" if count > 1 else "1 GPU": (count, 0) for count in asked.processes}
    found = {"1 process, 1 thread": (1, 1)}
    for count in asked.processes:
        if count > 1:
            found |= {f"1 process, {count} threads": (1, count), f"{count} processes, 1 thread each": (count, 1)}
    return found


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=8.0, help="of training, for each figure")
    parser.add_argument("--processes", type=int, nargs="+", default=[1, min(2, cores())])
    parser.add_argument("--batch", type=int, default=64)
    parser.add_argument("--device", choices=("cpu", "cuda"), default="cpu")
    parser.add_argument("--networks", nargs="+", choices=tuple(NETWORKS), default=list(NETWORKS))
    asked = parser.parse_args()
    print(heading())
    conditions = conditions_of(asked)
    first = next(iter(conditions))
    for network in asked.networks:
        measured: dict[str, list[float]] = {name: [] for name in conditions}
        for number in range(asked.rounds):
            for name, (processes, threads) in list(conditions.items())[:: 1 if number % 2 == 0 else -1]:
                measured[name].append(rate(network, processes=processes, threads=threads, asked=asked))
                print(f"  {network}, round {number + 1}, {name}: {measured[name][-1]:.1f} steps/s", file=sys.stderr, flush=True)
        rows = [[f"{network}, width {NETWORKS[network]}, batch {asked.batch}", "steps/s", f"ratio to {first}"]]
        for name, rates in measured.items():
            rows.append([name, spread(rates), spread(ratios(rates, measured[first]), 2)])
        print(table(rows))


if __name__ == "__main__":
    main()
