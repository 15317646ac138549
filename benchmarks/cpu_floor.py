"""How close does a step on a processor come to its arithmetic, and how far ahead of the loop people write could any step be?

    python -m benchmarks.cpu_floor --rounds 40 --seconds 0.15

One step of ours and one of the DCGAN example (`standard_loop`, without its data loading) are recorded once: each product of matrices and
each convolution, forwards and backwards, with the shapes, the layouts and the kind of numbers it has there. Then, in turns: our steps,
their steps, and the recorded products alone, one after another, on tensors that are at hand. What a step does beside them (what lies
between the layers, optimiser, average, curves, layouts, calls) is the difference; a tensor that the step before has pushed out of the
cache counts as the step's. Each figure is a median, with the middle half of the rounds in brackets. The floor is not the least that could
be: it is torch's products as they are, asked for by themselves.
"""

from __future__ import annotations

# isort: off
import gan_core  # noqa: F401 - before torch: it tells its threads how to wait

# isort: on
import argparse
import statistics
import time
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import torch
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_map_only
from torch.utils.flop_counter import FlopCounterMode

from benchmarks.standard_loop import standard_step
from benchmarks.step_rate import NETWORKS, SETTINGS, heading, ratios, table
from gan_core.batches import Batches
from gan_core.config import RunConfig
from gan_core.data import load_now
from gan_core.devices import cores, keep_memory, multiplies_bf16
from gan_core.state import new_state
from gan_core.step import update

PRODUCTS = ("mm", "addmm", "bmm", "baddbmm", "mv", "addmv", "convolution", "convolution_backward")
WARM_UP = 10
Call = Callable[[], object]


class Tape(TorchDispatchMode):
    """Notes each product that is asked for while it is on, with tensors of its own, alike in shape and layout."""

    def __init__(self) -> None:
        super().__init__()
        self.calls: list[partial[Any]] = []

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        if func.overloadpacket.__name__ in PRODUCTS:
            mine, options = tree_map_only(Tensor, torch.clone, (args, kwargs or {}))
            self.calls.append(partial(func, *mine, **options))
        return func(*args, **(kwargs or {}))

    def play(self) -> None:
        """All products of a step, in their order."""
        for call in self.calls:
            call()


def our_step(network: str, precision: str) -> Call:
    """A step of ours, on the processor, with what `step_rate` trains by."""
    settings = SETTINGS | {"network": network, "width": NETWORKS[network], "device": "cpu", "precision": precision}
    config = RunConfig.from_dict(settings)
    data = load_now(config.data, config.request)
    state = new_state(config, Batches(data.train, config.seed, device="cpu"))
    return lambda: update(state)


def their_step(network: str) -> Call:
    """A step of the example, on reals that are at hand."""
    step, real = standard_step(network, NETWORKS[network], SETTINGS), torch.rand(SETTINGS["batch_size"], 1, 28, 28) * 2 - 1
    return lambda: step(real)


def recorded(step: Call) -> tuple[Call, float]:
    """The products of one of these steps, to be asked for alone, and how many thousand million operations they are."""
    for _ in range(WARM_UP):
        step()
    with Tape() as tape:
        step()
    with FlopCounterMode(display=False) as counter:
        step()
    return tape.play, counter.get_total_flops() / 1e9


def window(call: Call, seconds: float) -> float:
    """Milliseconds a call, in a window of so many seconds."""
    began, count = time.perf_counter(), 0
    while (took := time.perf_counter() - began) < seconds or not count:
        call()
        count += 1
    return 1e3 * took / count


def compare(network: str, rounds: int, seconds: float) -> str:
    """Steps and their products in turns; the table and what it says."""
    steps = {
        f"ours, {precision}": our_step(network, precision)
        for precision in ("fp32", "bf16")
        if precision == "fp32" or multiplies_bf16("cpu")
    }
    steps["theirs"] = their_step(network)
    products = {name: recorded(step) for name, step in steps.items()}
    took: dict[str, list[float]] = {name: [] for name in (*steps, *(f"{name}: products" for name in steps))}
    for number in range(rounds):
        for name in list(steps) if number % 2 == 0 else reversed(list(steps)):
            took[name].append(window(steps[name], seconds))
            took[f"{name}: products"].append(window(products[name][0], seconds))
    return told(network, took, {name: work for name, (_, work) in products.items()})


def told(network: str, took: dict[str, list[float]], work: dict[str, float]) -> str:
    """The table of these milliseconds, round by round, and what they leave to be won."""
    rows = [[f"{network}, width {NETWORKS[network]}", "step, ms", "products alone, ms", "their share", "GFLOP", "GFLOP/s alone"]]
    said = ""
    for name, count in work.items():
        step, alone = took[name], took[f"{name}: products"]
        share, speed = ratios(alone, step), [1e3 * count / value for value in alone]
        rows.append([name, middle(step), middle(alone), middle(share, 2), f"{count:.2f}", middle(speed, 0)])
        if name != "theirs":
            ahead, best = ratios(took["theirs"], step), ratios(took["theirs"], alone)
            said += f"{name}: {middle(ahead, 2)} times as fast as theirs without its data; its products alone would be {middle(best, 2)}.\n"
    return table(rows) + said


def middle(values: Sequence[float], digits: int = 1) -> str:
    """The median, and the quartiles in brackets: single rounds may fall to another guest of the machine."""
    low, median, high = statistics.quantiles(values, n=4, method="inclusive")
    return f"{median:,.{digits}f} ({low:,.{digits}f} to {high:,.{digits}f})"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=40)
    parser.add_argument("--seconds", type=float, default=0.15, help="of each window; short ones, so that the machine's pace is the same")
    parser.add_argument("--networks", nargs="+", choices=NETWORKS, default=list(NETWORKS))
    parser.add_argument("--threads", type=int, default=0, help="of torch; 0 for every core")
    asked = parser.parse_args()
    if asked.rounds < 2:
        parser.error(f"--rounds is {asked.rounds}, and the middle half of them needs 2 at least")
    if asked.threads < 0:
        parser.error(f"--threads is {asked.threads}; 0 is every core, and any number above it is so many threads")
    torch.get_num_threads()
    torch.set_num_threads(asked.threads or cores())
    keep_memory()
    print(heading())
    for network in asked.networks:
        print(compare(network, asked.rounds, asked.seconds), flush=True)


if __name__ == "__main__":
    main()
