"""One of the two processes of test_parallel.py: plays some steps of each case and writes down what came of it.

RANK=0 WORLD_SIZE=2 MASTER_ADDR=127.0.0.1 MASTER_PORT=... python tests/one_of_two.py FILE
"""

from __future__ import annotations

import json
import sys
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import torch
import torch.distributed as dist
from tiny import tiny_state

from gan_core.crew import Crew
from gan_core.images import to_network
from gan_core.parallel import WholeDraws, join
from gan_core.state import GanState
from gan_core.step import update

STEPS = 6
CASES: dict[str, dict[str, Any]] = {
    "pairs": {"network": "mlp"},
    "between": {"network": "mlp", "game": "wasserstein", "penalty": "WGAN-GP", "critic_steps": 3, "gamma": 20.0},
    "norm": {"network": "dcgan", "game": "non-saturating", "penalty": "R1"},
    "norm and dropout": {"network": "dcgan-dropout", "critic_steps": 3, "augment": "all", "augment_share": 0.5, "penalty": "none"},
    "classes": {"network": "mlp-bn", "conditional": "yes", "instance_noise": 0.2, "label_smoothing": 0.1, "game": "least-squares"},
    "two sizes": {"network": "mlp", "critic_scales": 2, "critic_dropout": 0.3, "augment": "all", "augment_share": 0.5},
    "spectral": {"network": "modern", "penalty": "spectral", "game": "hinge", "critic_steps": 2},
}


def state_of(changes: dict[str, Any]) -> GanState:
    """A tiny run in double precision: Adam makes a whole step of the last bit of a gradient that is zero, and in single precision
    that shows."""
    torch.set_default_dtype(torch.float64)
    try:
        state = tiny_state(**changes)
        for network in players(state).values():
            network.double()
        state.spectral = {name: u.double() for name, u in state.spectral.items()}
        state.batches.samples = to_network(state.batches.samples).double()
        return state
    finally:
        torch.set_default_dtype(torch.float32)


def played(state: GanState, draws: WholeDraws | None = None) -> dict[str, Any]:
    """The curves of each of STEPS steps, and all numbers of both players and of the streams after them."""
    steps = []
    torch.set_default_dtype(torch.float64)
    try:
        for _ in range(STEPS):
            with draws or nullcontext():
                steps.append({name: float(value) for name, value in update(state).items()})
    finally:
        torch.set_default_dtype(torch.float32)
    numbers = {
        name: torch.cat([part.double().flatten() for part in network.state_dict().values()]) for name, network in players(state).items()
    }
    streams = [torch.rand(1, generator=rng).item() for rng in (state.z_stream, state.pair_stream, state.mix_stream, state.layer_stream)]
    return {"steps": steps, "numbers": {name: flat.tolist() for name, flat in numbers.items()}, "streams": streams, "images": state.images}


def players(state: GanState) -> dict[str, torch.nn.Module]:
    return {"generator": state.G, "critic": state.D, "average": state.G_ema}


def main() -> None:
    torch.set_num_threads(1)
    dist.init_process_group("gloo")
    crew = Crew(dist.get_rank(), dist.get_world_size())
    found = {}
    for name, changes in CASES.items():
        state = state_of(changes)
        found[name] = played(state, join(state, crew))
    Path(sys.argv[1]).write_text(json.dumps(found), encoding="utf-8")
    dist.destroy_process_group()


if __name__ == "__main__":
    main()
