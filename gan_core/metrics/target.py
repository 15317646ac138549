"""The real side of a comparison: reals and held-out reals, seen with the eyes that will see the fakes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import torch
from torch import Tensor

from gan_core.config import RunConfig
from gan_core.data import DATA, DataSet, planes
from gan_core.looking import sample
from gan_core.metrics import METRICS, Evidence, Seen, measured
from gan_core.metrics.classes import histogram
from gan_core.metrics.neighbours import K
from gan_core.metrics.referee import LOOK_BATCH, Referee
from gan_core.metrics.scores import Scores
from gan_core.sentences import Sentence
from gan_core.streams import stream


class Target:
    """The real side of a comparison, seen once: every scoring of a run against it costs its fakes only."""

    def __init__(self, config: RunConfig, data: DataSet, judge: Referee | None, *, count: int, done: Callable[[], object]) -> None:
        self.config, self.judge, self.done = config, judge, done
        self.plane, self.spots = DATA[config.data].kind == "plane", planes.spots(config.data)
        self.count = fakes_of(config, data, count)
        if self.count <= K:
            raise ValueError(
                Sentence(
                    "{data} has {count} images held out for comparison, and {least} are needed.",
                    data=config.data,
                    count=self.count,
                    least=K + 1,
                )
            )
        self.train, self.heldout = (_some(part, self.count, name) for part, name in ((data.train, "train"), (data.heldout, "held-out")))
        self.labels: tuple[Tensor, Tensor] | None = None
        if config.told and data.train_labels is not None and data.heldout_labels is not None:
            self.labels = (_some(data.train_labels, self.count, "train"), _some(data.heldout_labels, self.count, "held-out"))
        if self.plane:
            self.train, self.heldout = self.train * data.scale, self.heldout * data.scale
        self.classes = self._names(data)
        labels = data.train_labels
        self.shares = torch.bincount(labels, minlength=len(data.classes)) / len(labels) if labels is not None and self.classes else None
        self.real, self.real_heldout = self.see(self.train), self.see(self.heldout)
        self.floor = self._against(self.real_heldout)

    def _names(self, data: DataSet) -> tuple[str, ...]:
        """Of what samples are counted by: modes, or classes that the judge knows."""
        if self.spots:
            return tuple(f"mode {index}" for index in range(len(self.spots[0])))
        return data.classes if self.judge and self.judge.classes == data.classes else ()

    @property
    def notes(self) -> tuple[str, ...]:
        """What one should know of the reals, in sentences."""
        if min(len(self.train), len(self.heldout)) >= self.count:
            return ()
        sentence = Sentence(
            "Of the reals there are only {train:,} to compare with, and {heldout:,} that are held out.",
            train=len(self.train),
            heldout=len(self.heldout),
        )
        return (sentence,)

    def see(self, samples: Tensor) -> Seen:
        """Samples as the figures see them: uint8 images, or points in the data's own units."""
        if self.judge is None:
            return Seen(samples)
        return Seen(*self.judge.look(samples, self.done))

    def evidence(self, fakes: Tensor) -> Evidence:
        """Fakes against the reals; what stands on pixels and on D is not in it."""
        return self._against(self.see(fakes))

    def _against(self, fake: Seen) -> Evidence:
        return Evidence(fake, self.real, self.real_heldout, self.shares, self.plane, self.spots)

    def draw(self, weights: Mapping[str, Tensor], prefix: str = "") -> Tensor:
        """`count` fakes of a generator, from z that no one else is shown."""
        drawn = []
        for index, part in enumerate(torch.split(torch.arange(self.count), LOOK_BATCH)):
            pictures = torch.from_numpy(sample(self.config, weights, prefix=prefix, count=len(part), seed=1_000_003 + index))
            drawn.append(pictures if self.plane else pictures.permute(0, 3, 1, 2).contiguous())
            self.done()
        return torch.cat(drawn)

    def scores(self, evidence: Evidence, step: int, weights: str, *, only: Sequence[str] = tuple(METRICS)) -> Scores:
        """The figures that can be had of the evidence, of those asked for."""
        same = evidence.real is self.real and evidence.heldout is self.real_heldout
        floor = self.floor if same else evidence.floor()  # whose distances are known already
        figures = {name: measured(METRICS[name], evidence, floor) for name in only if evidence.has(METRICS[name].needs)}
        return Scores(
            step,
            weights,
            self.count,
            self.judge.name if self.judge else "",
            self.judge.accuracy if self.judge else None,
            {name: figure.rounded() for name, figure in figures.items()},
            self.classes,
            self._shares(evidence),
            self._shares(floor),
        )

    def _shares(self, evidence: Evidence) -> tuple[float, ...]:
        chances = evidence.fake.chances
        found = evidence.modes.shares if self.spots else histogram(chances).tolist() if chances is not None and self.classes else ()
        return tuple(round(share, 5) for share in found)


def fakes_of(config: RunConfig, data: DataSet, count: int) -> int:
    """How many fakes are drawn: as many as there are reals, where the figures ask for that; those of points do not."""
    return count if DATA[config.data].kind == "plane" else min(count, len(data.train), len(data.heldout))


def _some(samples: Tensor, count: int, what: str) -> Tensor:
    return samples[torch.randperm(len(samples), generator=stream(0, f"scored {what}"))[:count]]
