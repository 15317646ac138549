"""Players that are told the class, made of players that are not: one way for every network of the registry.

The generator reads an embedding of the class beside z; the critic adds the product of its last features with another embedding
to its logit (the projection of Miyato and Koyama 2018, equation 7), which needs nothing of it but a linear last layer.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from gan_core.networks.layers import Flat, from_own_stream
from gan_core.sentences import Sentence

EMBEDDING = 32
"""Numbers that stand for a class in front of the generator."""
MOST_CLASSES = 1000


class Conditional(nn.Module):
    """What both players have: an embedding of each class."""

    def __init__(self, classes: int, size: int) -> None:
        super().__init__()
        self.classes = nn.Embedding(classes, size)

    def embedded(self, labels: Tensor | None, x: Tensor) -> Tensor:
        """An embedding (len(x), size) for each label; without labels every class takes its turn, in order."""
        if labels is None:
            labels = torch.arange(len(x), device=self.classes.weight.device) % self.classes.num_embeddings
        found: Tensor = self.classes(labels)
        return found


class ConditionalGenerator(Conditional):
    """(z (batch, latent_dim), labels (batch,)) -> samples: `network` reads z and, in further columns, the embedding of the class."""

    def __init__(self, network: nn.Module, classes: int) -> None:
        super().__init__(classes, EMBEDDING)
        self.network = network

    def forward(self, z: Tensor, labels: Tensor | None = None) -> Tensor:
        drawn: Tensor = self.network(torch.cat([z, self.embedded(labels, z)], 1))
        return drawn


class ConditionalCritic(Conditional):
    """(samples, labels (batch,)) -> logits (batch,): the critic's own, and how well its last features point at the class."""

    def __init__(self, critic: nn.Sequential, classes: int) -> None:
        *body, head, flat = critic
        if not isinstance(head, nn.Linear) or not isinstance(flat, Flat):
            raise TypeError("A critic has to end in Linear(features, 1) and Flat(), so that it can be told the class.")
        super().__init__(classes, head.in_features)
        self.body, self.head = nn.Sequential(*body), head

    def forward(self, x: Tensor, labels: Tensor | None = None) -> Tensor:
        features = self.body(x)
        logits: Tensor = self.head(features).flatten() + (features * self.embedded(labels, x)).sum(1)
        return logits


def played(network: nn.Module, x: Tensor, labels: Tensor | None) -> Tensor:
    """What a player makes of z or of samples, told the classes where there are labels."""
    out: Tensor = network(x) if labels is None else network(x, labels)
    return out


@from_own_stream
def conditional_generator(network: nn.Module, classes: int, rng: torch.Generator) -> nn.Module:
    """The generator, made for EMBEDDING numbers more than z has, told the class."""
    told = ConditionalGenerator(network, _checked(classes))
    with torch.no_grad():
        told.classes.weight.normal_(generator=rng)
    return told


@from_own_stream
def conditional_critic(critic: nn.Module, classes: int, rng: torch.Generator) -> nn.Module:
    """The critic, told the class."""
    assert isinstance(critic, nn.Sequential)
    told = ConditionalCritic(critic, _checked(classes))
    with torch.no_grad():
        told.classes.weight.normal_(0.0, told.classes.embedding_dim**-0.5, generator=rng)
    return told


def _checked(classes: int) -> int:
    if classes > MOST_CLASSES:
        raise ValueError(
            Sentence("The data have {count:,} classes, and a conditional run takes {most:,} at most.", count=classes, most=MOST_CLASSES)
        )
    return classes
