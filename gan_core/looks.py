"""Look-only copies of a run's networks: what one makes of z, and what the other says of it. Nothing here touches the run."""

from __future__ import annotations

import copy
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import torch
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open
from torch import Tensor, nn

from gan_core.config import RunConfig
from gan_core.events import Pictures
from gan_core.games import EACH, GAMES
from gan_core.images import to_bytes, to_network, to_pictures
from gan_core.looking import critic_of, generator_of
from gan_core.moments import CHECKPOINT_ENDING, name_of
from gan_core.networks.conditional import Conditional, ConditionalGenerator, played
from gan_core.spectral import sigma

SPECTRAL = "spectral."
"""Before the names of a checkpoint's power iterations, where its critic was normalised."""
COMPARING = frozenset({"margin"})
"""Axes on which a verdict compares with reals."""


@dataclass(frozen=True)
class Look:
    """A generator to look through, and the critic that played against it where it is at hand."""

    step: int
    """Finished steps of the run when these were its weights."""
    generator: nn.Module
    critic: nn.Module | None
    game: str
    reals: Pictures | None
    """The reals that people are shown; a margin is a distance from their logits."""
    half: int = 0
    """1 where the critic has moved in the step in hand, and the generator has yet to."""
    reals_labels: tuple[int, ...] = ()
    """The class of each of the reals, where the players are told it and the run wrote it down."""

    @cached_property
    def bytes(self) -> int:
        """Room that both networks take."""
        players = [player for player in (self.generator, self.critic) if player is not None]
        return sum(tensor.nbytes for player in players for tensor in player.state_dict().values())

    def draw(self, z: Tensor) -> Tensor:
        """Images (n, c, h, w) in the networks' range, from z (n, latent_dim)."""
        images: Tensor = self.generator(z)
        return images

    def logits(self, images: Tensor) -> Tensor:
        """The critic's logits (n,); ValueError where it is not at hand."""
        if self.critic is None:
            raise ValueError("The critic of this moment was not kept.")
        logits: Tensor = self.critic(images)
        return logits

    def logits_real(self, reals: Tensor, labels: Tensor) -> Tensor:
        """The critic's logits on the reals (n, ...) a margin compares with, `labels` (n,) their classes, or (0,) where nobody knows.

        A critic that is told a class judges those of that class; where none is of it all of them, each told its own.
        """
        if not isinstance(self.critic, OneClass) or not len(labels):
            return self.logits(reals)
        same = labels == self.critic.label
        return self.logits(reals[same]) if same.any() else played(self.critic.player, reals, labels)

    def verdicts(self, logits: Tensor) -> NDArray[Any]:
        """Logits (n,) on the game's own axis, float32, as beside the samples of a run."""
        axis = GAMES[self.game].axis
        judged = EACH[axis](logits.detach(), self._logits_real if axis in COMPARING else logits)
        values: NDArray[Any] = judged.float().numpy()
        return values

    def of_class(self, label: int) -> Look:
        """The same players, told this class (the first one where nothing is said); any label will do for players that are told none.

        ValueError for a class there is not.
        """
        if not isinstance(self.generator, OneClass) or label == self.generator.label:
            return self
        if not 0 <= label < self.generator.classes:
            raise ValueError(f"There is no class {label}, but {self.generator.classes}, counted from 0.")
        if label not in self._told:
            critic = self.critic.of_class(label) if isinstance(self.critic, OneClass) else self.critic
            self._told[label] = replace(self, generator=self.generator.of_class(label), critic=critic)
        return self._told[label]

    @property
    def classes(self) -> int:
        """How many classes the players are told; 0 where they are told none."""
        return self.generator.classes if isinstance(self.generator, OneClass | Blended) else 0

    @cached_property
    def blended(self) -> Look:
        """The same generator without its critic, told the shares of the classes (n, classes) that stand behind z."""
        if not isinstance(self.generator, OneClass):
            return self
        return replace(self, generator=self.generator.blended(), critic=None)

    @cached_property
    def _told(self) -> dict[int, Look]:
        return {}

    @cached_property
    def _logits_real(self) -> Tensor:
        if self.reals is None:
            raise ValueError("The reals of this run are not there.")
        with torch.inference_mode():
            return self.logits_real(to_network(torch.from_numpy(self.reals).permute(0, 3, 1, 2)), torch.tensor(self.reals_labels))


def shown(images: Tensor) -> Pictures:
    """Images as people see them, uint8 (n, h, w, c)."""
    return to_pictures(to_bytes(images))


class OneClass(nn.Module):
    """A player that is told the class, always told the same one.

    Without labels such players take the classes in turn, and what one draws would depend on who else is drawn beside it.
    """

    def __init__(self, player: Conditional, label: int = 0) -> None:
        super().__init__()
        self.player, self.label, self.classes = player, label, player.classes.num_embeddings

    def of_class(self, label: int) -> OneClass:
        """The same player, told another class."""
        return OneClass(self.player, label)

    def blended(self) -> nn.Module:
        """The same generator, told a blend of classes for each z."""
        assert isinstance(self.player, ConditionalGenerator)
        return Blended(self.player)

    def forward(self, x: Tensor) -> Tensor:
        return played(self.player, x, torch.full((len(x),), self.label))


class Blended(nn.Module):
    """(z and, behind it, the share of each class (n, latent_dim + classes)) -> samples.

    The generator reads an embedding of the class, a point like z; between two of them lie points too, and it is shown those.
    """

    def __init__(self, player: ConditionalGenerator) -> None:
        super().__init__()
        self.player, self.classes = player, player.classes.num_embeddings

    def forward(self, x: Tensor) -> Tensor:
        table = self.player.classes.weight
        z, shares = x[:, : -len(table)], x[:, -len(table) :]
        drawn: Tensor = self.player.network(torch.cat([z, shares @ table], 1))
        return drawn


class Copies:
    """Makes look-only copies of one run's networks; what takes long, building them, is done once."""

    def __init__(self, config: RunConfig) -> None:
        self._config = config
        self._blanks: dict[str, nn.Module] = {}

    def generator(self, weights: Mapping[str, Tensor]) -> nn.Module:
        """A generator with these weights; they must not change any more, it may hold on to them."""
        return self._dressed("generator", weights)

    def critic(self, weights: Mapping[str, Tensor]) -> nn.Module | None:
        """A critic with these weights; None where there are none."""
        return self._dressed("critic", weights) if weights else None

    def _dressed(self, player: str, weights: Mapping[str, Tensor]) -> nn.Module:
        if player not in self._blanks:
            self._blanks[player] = (generator_of if player == "generator" else critic_of)(self._config, weights)
        network = copy.deepcopy(self._blanks[player])
        network.load_state_dict(weights, assign=True)
        network.requires_grad_(False).eval().to(memory_format=torch.channels_last)
        return OneClass(network) if isinstance(network, Conditional) else network


@dataclass(frozen=True)
class Players:
    """Weights of a checkpoint's players (the critic's are those it judges with), and the game they played."""

    generator: Mapping[str, Tensor]
    average: Mapping[str, Tensor]
    critic: Mapping[str, Tensor]
    game: str | None


def players_at(folder: Path, step: int) -> Players:
    """The players of a run's checkpoint at `step`, without all the rest that a checkpoint holds; ValueError where it cannot be read."""
    try:
        with safe_open(folder / "weights" / name_of(step, CHECKPOINT_ENDING), framework="pt") as file:
            names = list(file.keys())
            game = json.loads(file.metadata()["state"])["numbers"].get("live", {}).get("game")
            of = {
                player: {name.removeprefix(f"{player}."): file.get_tensor(name) for name in names if name.startswith(f"{player}.")}
                for player in ("generator", "average", "critic")
            }
            judging = {name.removeprefix(SPECTRAL): file.get_tensor(name) for name in names if name.startswith(SPECTRAL)}
    except (SafetensorError, OSError, KeyError, TypeError) as error:
        raise ValueError(f"There is no readable checkpoint at step {step}: {error}") from error
    of["critic"] |= {name: of["critic"][name] / sigma(of["critic"][name], u.flatten()) for name, u in judging.items()}
    return Players(**of, game=game)
