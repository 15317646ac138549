"""Training images for those who compare with them: loaded when somebody asks, a few sets kept."""

from __future__ import annotations

from collections import OrderedDict

from gan_core.config import RunConfig
from gan_core.data import DATA, DataSet, Request, load_now
from gan_core.metrics.referee import OWN, Referee, at_hand
from gan_core.nearest import Neighbours
from live.needs import Trouble

KEPT = 2


class Reals:
    """A run's training images, and who tells what is on them."""

    def __init__(self, name: str, data: DataSet) -> None:
        self._name, self._data = name, data
        self._pixels, self._judge = Neighbours(data), at_hand(name, data)
        self._features: tuple[Referee, Neighbours] | None = None

    def by_pixels(self) -> tuple[Neighbours, str]:
        """What finds images that are close by their pixels."""
        return self._pixels, ""

    def by_features(self) -> tuple[Neighbours, str]:
        """What finds images that are close to the judge's eyes, and the judge's name."""
        judge = self.judge()
        if self._features is None or self._features[0] is not judge:
            self._features = judge, Neighbours(self._data, lambda images: judge.look(images)[0])
        return self._features[1], judge.name

    def judge(self) -> Referee:
        """The best network at hand that looks at such images: an own CNN that knows their classes may have been made meanwhile."""
        if self._judge.name != OWN:
            self._judge = at_hand(self._name, self._data)
        return self._judge


def data_of(config: RunConfig) -> DataSet:
    """The run's data; Trouble where they cannot be had now (nothing is downloaded for this)."""
    try:
        if DATA[config.data].where(config.request) is None:
            raise Trouble("no_data")
        return load_now(config.data, config.request)
    except (ValueError, OSError):
        raise Trouble("no_data") from None


class Library:
    """The data sets that were compared with last. Filled by one thread, read by another."""

    def __init__(self) -> None:
        self._sets: OrderedDict[tuple[str, Request], Reals] = OrderedDict()

    def get(self, config: RunConfig) -> Reals | None:
        """The run's training images, if they are there."""
        return self._sets.get((config.data, config.request))

    def load(self, config: RunConfig) -> Reals:
        """The run's training images; Trouble where they cannot be had now."""
        self._sets[config.data, config.request] = found = Reals(config.data, data_of(config))
        while len(self._sets) > KEPT:
            self._sets.popitem(last=False)
        return found
