"""How close do steps on a GPU come to the time of their kernels, and how far ahead of the loop people write?

    python -m benchmarks.gpu_rate --rounds 5 --seconds 8

Interleaved rounds, each figure from a process of its own: our loop eager, our loop by CUDA graphs (as it runs: curves, average, grids,
checkpoints), and the DCGAN example's loop of `step_rate`, same networks, batch and optimiser. Then the floor, from a fourth process:
one step's three graphs replayed back to back, once with CUDA events around them ("replays": what the GPU needs when nobody keeps it
waiting) and once under torch.profiler ("kernels": the sum of the kernels alone, without the gaps between them).
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
from typing import Any

from benchmarks.standard_loop import peer
from benchmarks.step_rate import ROOT, SETTINGS, heading, rate_of, ratios, spread, table

NETWORKS = {"mlp": 256, "dcgan": 64, "modern": 64}
"""Width."""
GAMES: dict[str, dict[str, Any]] = {
    "plain": {},
    "R1+R2": {"game": "relativistic", "penalty": "R1+R2", "beta1": 0.0, "beta2": 0.99},
}
"""The peer plays the plain one only."""
PEERS = {"peer, 0 workers": 0, "peer, 4 workers": 4}
OURS = {"ours, eager": "0", "ours, graphs": "1"}
"""What GANSCOPE_GRAPHS is."""
FASTER, OF_KERNELS = 5.0, 0.8
"""Goals: so many times as fast as the peer, and so much of what the kernels alone would allow."""
STEPS = 200
"""Of the floor."""


def settings_of(network: str, game: str, batch: int, precision: str) -> dict[str, Any]:
    """A run's settings for one comparison."""
    run = {"network": network, "width": NETWORKS[network], "batch_size": batch, "device": "cuda", "precision": precision}
    return SETTINGS | GAMES[game] | run


def floor(settings: dict[str, Any]) -> dict[str, Any]:
    """Microseconds of a step's replays and of its kernels, and how many kernels it has."""
    import torch

    from gan_core.batches import Batches
    from gan_core.config import RunConfig
    from gan_core.data import load_now
    from gan_core.devices import multiply_fast
    from gan_core.graphs import GRAPHS, Graphed, hands_for
    from gan_core.state import new_state
    from gan_core.step import update

    config = RunConfig.from_dict(settings)
    data = load_now(config.data, config.request)
    state = new_state(config, Batches(data.train, config.seed, device=multiply_fast("cuda")))
    hands = hands_for(state)
    if not isinstance(hands, Graphed):
        raise RuntimeError(hands.way)
    with hands.playing():
        for _ in range(3):
            update(state, "both", hands)
        if hands.way != GRAPHS:
            raise RuntimeError(hands.way)
        moves = [move for name, move in hands.moves.items() if name != "critic False" or "critic True" not in hands.moves]
        begin, end = (torch.cuda.Event(enable_timing=True) for _ in range(2))
        for number in range(2 * STEPS):
            if number == STEPS:
                begin.record()
            for move in moves:
                move()
        end.record()
        torch.cuda.synchronize()
        with torch.profiler.profile(activities=[torch.profiler.ProfilerActivity.CUDA]) as profile:
            for _ in range(STEPS):
                for move in moves:
                    move()
            torch.cuda.synchronize()
    kernels = [event for event in profile.events() if event.device_type == torch.autograd.DeviceType.CUDA]
    busy_us = sum(event.time_range.elapsed_us() for event in kernels)
    return {"replays_us": 1000 * begin.elapsed_time(end) / STEPS, "kernels_us": busy_us / STEPS, "kernels": len(kernels) / STEPS}


def child(what: str, network: str, game: str, asked: argparse.Namespace) -> dict[str, Any]:
    """What a process of its own measures."""
    env = dict(os.environ) | ({"GANSCOPE_GRAPHS": OURS[what]} if what in OURS else {})
    command = [sys.executable, "-m", "benchmarks.gpu_rate", "--child", what, "--networks", network, "--games", game]
    command += ["--seconds", str(asked.seconds), "--batch", str(asked.batch), "--precision", asked.precision]
    done = subprocess.run(command, cwd=ROOT, env=env, stdout=subprocess.PIPE, text=True, check=True)
    return dict(json.loads(done.stdout.splitlines()[-1]))


def measured(what: str, asked: argparse.Namespace) -> dict[str, Any]:
    """The same, in this process."""
    network, game = asked.networks[0], asked.games[0]
    settings = settings_of(network, game, asked.batch, asked.precision)
    if what in PEERS:
        rate = peer(network, NETWORKS[network], settings, seconds=asked.seconds, workers=PEERS[what], device="cuda")
        return {"rate": rate, "way": ""}
    if what == "floor":
        return floor(settings)
    rate, way = rate_of(settings, asked.seconds)
    return {"rate": rate, "way": way}


def compare(network: str, game: str, asked: argparse.Namespace) -> str:
    """All loops in turns, every second round backwards, then the floor; the table and what it says."""
    loops = [*OURS, *(PEERS if game == "plain" else ())]
    rates: dict[str, list[float]] = {loop: [] for loop in loops}
    ways: dict[str, str] = {}
    for number in range(asked.rounds):
        for loop in loops if number % 2 == 0 else reversed(loops):
            found = child(loop, network, game, asked)
            rates[loop].append(found["rate"])
            ways[loop] = found["way"]
            print(
                f"  round {number + 1}/{asked.rounds}  {network}, {game}  {loop}: {found['rate']:.1f} steps/s {found['way']}",
                file=sys.stderr,
            )
    return told(f"{network}, width {NETWORKS[network]}, {game}", rates, ways, child("floor", network, game, asked))


def told(name: str, rates: dict[str, list[float]], ways: dict[str, str], least: dict[str, float]) -> str:
    """The table of these rates, and whether the goals are met."""
    rows = [[name, "steps/s", "graphs are so many times as fast", "how"]]
    for loop, values in rates.items():
        rows.append([loop, spread(values), spread(ratios(rates["ours, graphs"], values), 2), ways[loop] or "-"])
    middle = {loop: statistics.median(values) for loop, values in rates.items()}
    reached = middle["ours, graphs"] * least["kernels_us"] / 1e6
    kernels, busy, replays = (f"{least[of]:,.0f}" for of in ("kernels", "kernels_us", "replays_us"))
    lines = [
        f"floor of a step: {kernels} kernels of {busy} us together; replayed one after the other {replays} us.",
        f"graphs reach {reached:.2f} of the kernels' rate; goal {OF_KERNELS:g}: {'met' if reached >= OF_KERNELS else 'MISSED'}.",
    ]
    if peers := [loop for loop in PEERS if loop in middle]:
        fastest = max(peers, key=middle.__getitem__)
        ratio = statistics.median(ratios(rates["ours, graphs"], rates[fastest]))
        lines.append(f"graphs against {fastest}: {ratio:.2f}; goal {FASTER:g}: {'met' if ratio >= FASTER else 'MISSED'}.")
    return table(rows) + "\n".join(lines) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=8.0, help="measured time of each process, after its warm-up")
    parser.add_argument("--networks", nargs="+", choices=NETWORKS, default=list(NETWORKS))
    parser.add_argument("--games", nargs="+", choices=GAMES, default=list(GAMES))
    parser.add_argument("--batch", type=int, default=64)
    parser.add_argument("--precision", choices=("fp32", "bf16"), default="fp32")
    parser.add_argument("--child", choices=[*OURS, *PEERS, "floor"], help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.child:
        print(json.dumps(measured(asked.child, asked)))
        return
    import torch

    if not torch.cuda.is_available():
        raise SystemExit("This machine has no CUDA device, so there is nothing to measure.")
    print(heading() + f"GPU      {torch.cuda.get_device_name()}, batch {asked.batch}, {asked.precision}\n")
    for network in asked.networks:
        for game in asked.games:
            print(compare(network, game, asked), flush=True)


if __name__ == "__main__":
    main()
