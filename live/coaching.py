"""A coach for a run, what it has heard of the run's past, and what it hears of the figures that are measured beside the run."""

from __future__ import annotations

from collections import deque

from gan_core.coach import Coach
from gan_core.config import RunConfig
from gan_core.events import Command, Event, EventSource, Place, Preparing, Scored, SourceFactory
from gan_core.games import GAMES
from gan_core.metrics.scores import Scores
from gan_core.past import heard, standing
from gan_core.store import RunStore
from live.scorer import ScoresOf


def coach_for(config: RunConfig) -> Coach:
    """A coach who has heard nothing yet."""
    return Coach(GAMES, config.to_dict())


def coach_of(store: RunStore, run_id: str, until_step: int | None = None) -> Coach:
    """A coach who has heard the run's events, all or those up to a step; ValueError where its settings cannot be read."""
    coach = coach_for(store.config(run_id))
    for line in standing(store.events(run_id)):
        if (until_step is None or line["step"] <= until_step) and (event := heard(line)) is not None:
            coach.take(event)
    return coach


def with_scores(source: SourceFactory, measured: ScoresOf) -> SourceFactory:
    """The same events, and among them what is measured of the run, each as soon as it is known.

    So the run thread hands figures on and writes them down in order, and a stored run hears them where they were heard.
    """

    def events() -> EventSource:
        news: deque[Scores] = deque()
        deaf = measured.listen(lambda: news.extend(filter(None, [measured.newest()])))
        run, place, command = source(), None, None
        try:
            while True:
                event = _next(run, command) if command is not None or not news or place is None else scored(news.popleft(), place)
                if event is None:
                    return
                place = place if isinstance(event, Preparing) else event.place
                command = yield event
        finally:
            deaf()
            run.close()

    return events


def scored(scores: Scores, place: Place) -> Scored:
    """Scores as an event of a run that stands at `place`."""
    figures = {name: (figure.value, figure.floor) for name, figure in scores.figures.items()}
    return Scored(place, scores.step, figures, len(scores.classes))


def _next(run: EventSource, command: Command | None) -> Event | None:
    """The next event, or the answer to a command; None at the end."""
    try:
        return run.send(command)
    except StopIteration:
        return None
