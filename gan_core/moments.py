"""The kept moments of a run: files by step, thinned by one rule, so that hours cost no more room than minutes."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

KEEP_SAMPLES, KEEP_AVERAGES, KEEP_CHECKPOINTS = 240, 64, 8
"""How many moments of a run have pictures, an averaged generator (fp16) to look through, a checkpoint to fork from."""
CHECKPOINT_BYTES = 256 * 2**20
"""Room for a run's checkpoints: large networks keep fewer, two at least."""
SAMPLE_ENDINGS = (".json", "-living.png", "-averaged.png", "-living.npy", "-averaged.npy")
AVERAGE_ENDING, CHECKPOINT_ENDING = "-average.safetensors", "-checkpoint.safetensors"


@dataclass(frozen=True)
class Moments:
    """The kept moments of a run, each a list of steps, ascending."""

    samples: list[int]
    """Those with pictures and verdicts: the places of the timeline."""
    averages: list[int]
    """Those whose averaged generator can be looked through."""
    checkpoints: list[int]
    """Those the run can be forked from."""


def dispensable(steps: Sequence[int]) -> int:
    """Which of the ascending `steps` (three at least) leaves the smallest gap, for its distance from the nearer end.

    So what is kept is dense where a run begins and where it is now; first and last always stay.
    """
    first, last = steps[0], steps[-1]

    def thinness(index: int) -> float:
        return (steps[index + 1] - steps[index - 1]) / (1 + min(steps[index] - first, last - steps[index]))

    return steps[min(range(1, len(steps) - 1), key=thinness)]


class Shelf:
    """Files of one kind in a folder, named after their step: `000001234` and an ending."""

    def __init__(self, folder: Path, endings: Sequence[str], most: int) -> None:
        """A moment is there when the file with the first ending is; it is written last and removed first."""
        self.folder, self.endings, self.most = folder, tuple(endings), most
        self.steps = kept_steps(folder, endings[0])

    def put(self, step: int) -> None:
        """Take note of a moment that was written, and drop what is too much by now."""
        if not self.steps or step > self.steps[-1]:
            self.steps.append(step)
        while len(self.steps) > max(2, self.most):
            self._drop(dispensable(self.steps))

    def drop_after(self, step: int) -> None:
        """Forget moments later than `step`: the run goes on from there and writes them anew."""
        for late in [other for other in self.steps if other > step]:
            self._drop(late)

    def _drop(self, step: int) -> None:
        self.steps.remove(step)
        for ending in self.endings:
            (self.folder / name_of(step, ending)).unlink(missing_ok=True)


def name_of(step: int, ending: str) -> str:
    """The name of a moment's file."""
    return f"{step:09d}{ending}"


def kept_steps(folder: Path, ending: str) -> list[int]:
    """Steps that have a file with this ending, ascending."""
    pattern = re.compile(r"(\d{9,})" + re.escape(ending))
    return sorted(int(match[1]) for path in folder.iterdir() if (match := pattern.fullmatch(path.name))) if folder.is_dir() else []


def moments_of(run: Path) -> Moments:
    """The kept moments of the run in this folder."""
    return Moments(
        samples=kept_steps(run / "samples", SAMPLE_ENDINGS[0]),
        averages=kept_steps(run / "weights", AVERAGE_ENDING),
        checkpoints=kept_steps(run / "weights", CHECKPOINT_ENDING),
    )
