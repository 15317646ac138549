"""Where the Dirac-GAN goes, said beforehand: from the slopes of both players' fields at (0, 0), where fakes are reals.

On the axes every field is a straight line, so three numbers are all of its slope: how D's weight draws G, how G's place draws D, and
how a penalty pulls D back. One step is then a 2x2 matrix, and its eigenvalues say what happens near the equilibrium (Mescheder et al.
2018, sections 2 and 4). Where their size is exactly 1 that is no answer; then what the game does farther out decides.
"""

from __future__ import annotations

import cmath
import math
from dataclasses import dataclass
from typing import Final, Literal

import torch

from gan_core.dirac import field
from gan_core.games import GAMES
from gan_core.penalties import PENALTIES, off_one

Kind = Literal["rests", "circles", "creeps", "orbits", "leaves", "bounded", "overshoots", "stalls", "restless"]

FAR: Final[dict[str, Literal["damped", "bounded"]]] = {"non-saturating": "damped", "relativistic": "damped", "hinge": "bounded"}
"""Games that do something of their own farther out: a pull inward that grows with the distance, or a critic that stops at its margin."""
EXACT: Final = 1e-12


@dataclass(frozen=True)
class Outlook:
    """What becomes of the two players, and the numbers that say so."""

    kind: Kind
    rate: float
    """The larger eigenvalue's size: by how much one step multiplies the distance near the equilibrium."""
    turn: float | None
    """Steps for one whole turn; None where nothing turns."""
    critical_gamma: float | None
    """The gamma that is fastest if steps are small; None without a penalty that gamma weighs, or without a turn it could damp."""
    orbit: float | None = None
    """The radius it settles on, to leading order in the size of a step."""


def slopes(game: str, penalty: str = "none", gamma: float = 1.0) -> tuple[float, float, float]:
    """How D's weight draws G, how G's place pushes D, how D's weight pulls itself back."""
    zero, one = torch.zeros(1, dtype=torch.float64), torch.ones(1, dtype=torch.float64)
    drawn, _ = field(zero, one, game=game)
    _, pushed = field(one, zero, game=game)
    _, back = field(zero, one, game=game, penalty=penalty, gamma=gamma)
    return drawn.item(), -pushed.item(), -back.item()


def outlook(game: str, penalty: str = "none", *, gamma: float = 1.0, size: float = 0.2, alternating: bool = True) -> Outlook:
    """What becomes of this game; ValueError for a game or penalty that cannot be played on two numbers."""
    draw, push, back = slopes(game, penalty, gamma)
    # Theta and psi after one step; in turns, D already sees where G has gone.
    own = 1 - size * back - (size * size * draw * push if alternating else 0.0)
    trace, det = 1 + own, own + size * size * draw * push
    root = cmath.sqrt(trace * trace / 4 - det)
    ends = (trace / 2 + root, trace / 2 - root)
    rate = max(map(abs, ends))
    turn = 2 * math.pi / abs(cmath.phase(ends[0])) if abs(root.imag) > EXACT else None
    places = sum((PENALTIES[penalty].on_real, PENALTIES[penalty].on_fake, PENALTIES[penalty].between))
    critical = 2 * math.sqrt(draw * push) / places if places and draw * push > 0 and PENALTIES[penalty].excess is not off_one else None
    kind = _kind(game, penalty, rate=rate, push=push, lowest=min(end.real for end in ends))
    orbit = math.sqrt(8 * (size * draw * push - back)) if kind == "orbits" else None
    return Outlook(kind, rate, turn, critical, orbit)


def _kind(game: str, penalty: str, *, rate: float, push: float, lowest: float) -> Kind:
    far = FAR.get(game)
    if PENALTIES[penalty].excess is off_one:
        return "restless"  # a weight of 1 is what it wants, and the equilibrium needs 0
    if push == 0.0 and rate <= 1 + EXACT:
        return "stalls"
    if rate < 1 - EXACT:
        return "rests"
    if rate <= 1 + EXACT:
        return "creeps" if far == "damped" else "circles"
    if lowest < -1:
        return "overshoots"  # the penalty throws D over the place it pulls it to
    if far == "damped":
        return "orbits"
    return "bounded" if far == "bounded" or PENALTIES[penalty].clips else "leaves"


def playable() -> tuple[list[str], list[str]]:
    """Games and penalties that mean something where D has one weight."""
    return list(GAMES), [name for name, penalty in PENALTIES.items() if not penalty.normalises]
