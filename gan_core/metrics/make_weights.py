"""Train the referees that are shipped: `python -m gan_core.metrics.make_weights glyphs digits fashion-mnist`."""

from __future__ import annotations

import sys
import time

from tqdm import tqdm

from gan_core.data import load_now
from gan_core.metrics.referee import SHIPPED, trained, training_steps, write_weights


def main(names: list[str]) -> None:
    """Make each and say how good it is."""
    for name in names:
        data, began = load_now(name), time.perf_counter()
        with tqdm(total=training_steps(data), desc=name) as bar:
            referee = trained(data, bar.update)
        path = SHIPPED / f"{name}.safetensors"
        write_weights(referee, path)
        seconds, size = time.perf_counter() - began, path.stat().st_size / 1e3
        print(f"{name}: right about {referee.accuracy:.2%} of the held-out images; {seconds:.0f} s, {size:.0f} kB in {path}")


if __name__ == "__main__":
    main(sys.argv[1:])
