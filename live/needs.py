"""What an answer needs on its way, and what comes of it.

An answer is a generator that yields what it needs and is sent what came of it: `Draw` (drawn together with what others ask of the
same networks), `Aside` (done in another thread), or None ("go on when it is my turn again"). It returns what is answered.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass
from itertools import accumulate
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from gan_core.events import Pictures
from gan_core.looks import Look, shown


class Trouble(Exception):
    """A question that cannot be answered, and the code that says why."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


ODD = (Trouble, ArithmeticError, AttributeError, LookupError, MemoryError, OSError, RuntimeError, TypeError, ValueError)
"""What can go wrong in an answer, for instance because of a file that was damaged; the question is answered with trouble."""


@dataclass(frozen=True)
class Draw:
    """Needed: images of some z, and D's verdicts on them if asked for."""

    look: Look
    z: Tensor
    verdict: bool = False


@dataclass(frozen=True)
class Drawn:
    """What came of a `Draw`."""

    pictures: Pictures
    verdict: NDArray[np.float32] | None


@dataclass(frozen=True)
class Aside:
    """Needed: something that takes long and runs in another thread."""

    call: Callable[[], Any]


Need = Draw | Aside | None
Answer = dict[str, Any]
"""Name -> array (goes behind the header), or whatever JSON can say."""
Work = Generator[Need, Any, Answer]


@torch.inference_mode()
def draw_together(needs: list[Draw]) -> list[Drawn]:
    """What came of each of some drawings through the same networks: one forward for all, one more for the verdicts that are wanted."""
    look = needs[0].look
    images = torch.split(look.draw(torch.cat([need.z for need in needs])), [len(need.z) for need in needs])
    judged = [image for image, need in zip(images, needs, strict=True) if need.verdict and look.critic is not None]
    verdicts: Iterator[Any] = iter(())
    if judged:
        values = look.verdicts(look.logits(torch.cat(judged)))
        verdicts = iter(np.split(values, list(accumulate(map(len, judged)))[:-1]))
    pictures = np.split(shown(torch.cat(images)), list(accumulate(map(len, images)))[:-1])
    return [
        Drawn(picture, next(verdicts) if need.verdict and look.critic is not None else None)
        for picture, need in zip(pictures, needs, strict=True)
    ]


QUICK = 8
"""A question for so many images at most is what somebody's pointer waits for.

Such ones take every other turn, and ride with their like: beside a wall of 64 images they would wait for the whole wall.
"""


def quick(need: object) -> bool:
    """Whether it is a drawing of QUICK images at most."""
    return isinstance(need, Draw) and len(need.z) <= QUICK
