"""A coach for a run, and what it has heard of the run's past."""

from __future__ import annotations

from gan_core.coach import Coach
from gan_core.config import RunConfig
from gan_core.games import GAMES
from gan_core.past import heard, standing
from gan_core.store import RunStore


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
