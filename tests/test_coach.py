"""The coach finds what is there, in every game alike; says nothing too early, does not flicker, and forgets what is long ago."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path
from string import Formatter

import numpy as np
import pytest

from gan_core.coach import BUCKET_IMAGES, KEEP, PATIENCE, Coach, Saying
from gan_core.config import RunConfig
from gan_core.events import Changed, Event, Metrics, Place, Samples, Started
from gan_core.findings import FINDINGS
from gan_core.games import GAMES
from gan_core.past import copy_past
from gan_core.runner import RunHandle
from gan_core.sight import swings
from gan_core.snapshot import Snapshot
from gan_core.store import RunStore
from gan_core.variety import variety_beside
from live.broadcast import sayings
from live.coaching import coach_for, coach_of
from live.views import StoredRun

BATCH, CHUNK = 64, 5
"""Images a step, steps an event."""
EVERY_GAME = pytest.mark.parametrize("game", GAMES)
POINTS = np.zeros((4, 2), np.float32)
BOUNDED = [name for name, game in GAMES.items() if game.equilibrium_critic > 0]
Curve = Callable[[int], float]


def at(step: int) -> Place:
    return Place(step, step * BATCH / 20_000, step * BATCH, step / 40)


def level(value: float) -> Curve:
    return lambda step: value


BALANCED, STEADY = level(0.0), level(1.0)


def curves(
    game: str,
    steps: int,
    *,
    lead: Curve = BALANCED,
    size: Curve = STEADY,
    variety: float | None = 0.95,
    begin: int = 0,
    chunk: int = CHUNK,
) -> Iterator[Event]:
    """Events of a run in which D leads and losses grow as told; at the equilibrium where nothing is."""
    rules = GAMES[game]
    for step in range(begin + chunk, steps + 1, chunk):
        critic = rules.equilibrium_critic * (1 - lead(step)) * size(step) or -3 * lead(step) - (size(step) - 1)
        generator = (rules.equilibrium_generator or 0.1) * size(step)
        yield Metrics(at(step), chunk, {"loss/critic": critic, "loss/generator": generator, "gradient/generator": 1.0})
        if step % (4 * chunk) == 0 and variety is not None:
            yield Samples(at(step), POINTS, POINTS, False, variety=variety)


def heard(events: Iterator[Event], **settings: object) -> Coach:
    config = RunConfig(**settings)  # type: ignore[arg-type]
    coach = coach_for(config)
    for event in events:
        coach.take(event)
    return coach


def codes(coach: Coach) -> list[str]:
    """What was said, one after the other."""
    said = [saying.code for saying in coach.sayings]
    return said[:1] + [code for before, code in pairwise(said) if code != before]


TROUBLES: dict[str, Callable[[str], Iterator[Event]]] = {
    "divergence": lambda game: curves(game, 1500, size=lambda step: math.exp(step / 100)),
    "too-strong": lambda game: curves(game, 1000, lead=level(0.995)),
    "collapse": lambda game: curves(game, 1000, variety=0.1),
    "oscillation": lambda game: curves(game, 2000, lead=lambda step: 0.4 * math.sin(step / 60)),
}


@EVERY_GAME
def test_balance_is_healthy(game: str) -> None:
    coach = heard(curves(game, 3000), game=game)
    assert codes(coach) == ["healthy"]
    assert coach.sayings[-1].remedy is None


@EVERY_GAME
@pytest.mark.parametrize("code", TROUBLES)
def test_every_trouble_is_found_in_every_game(game: str, code: str) -> None:
    if code == "too-strong" and game not in BOUNDED:
        pytest.skip("no game without an end has a D that is sure")
    coach = heard(TROUBLES[code](game), game=game, penalty="none")
    last = coach.sayings[-1]
    assert last.code == code, codes(coach)
    assert last.since < last.step <= last.until
    assert last.strength >= 0.5
    assert last.curve in ("loss/critic", "loss/generator")
    assert last.remedy is not None
    RunConfig(game=game, penalty="none").but(**{last.remedy.name: last.remedy.new})


def test_every_finding_has_a_trouble_here() -> None:
    assert set(FINDINGS) == {*TROUBLES, "healthy"}


def test_a_usual_lead_of_d_is_healthy() -> None:
    # Fashion and digits train for long with a D that is right about nine of ten.
    for game in BOUNDED:
        assert codes(heard(curves(game, 3000, lead=lambda step: 0.85 + 0.03 * math.sin(step)), game=game)) == ["healthy"]


@pytest.mark.parametrize("code", [*TROUBLES, "healthy"])
def test_nothing_is_said_before_there_is_evidence(code: str) -> None:
    coach = coach_for(RunConfig(game="non-saturating", penalty="none"))
    for event in TROUBLES.get(code, lambda game: curves(game, 1500))("non-saturating"):
        if coach.take(event):
            break
    assert coach.sayings[0].step * BATCH >= FINDINGS[coach.sayings[0].code].enter >= 10_000


def test_a_finding_comes_after_evidence_and_leaves_later_than_it_came() -> None:
    began, ended = 1000, 2000
    coach = heard(curves("non-saturating", 4000, lead=lambda step: 0.995 if began < step <= ended else 0.3), game="non-saturating")
    assert codes(coach) == ["healthy", "too-strong", "healthy"]
    came = next(saying.step for saying in coach.sayings if saying.code == "too-strong")
    gone = next(saying.step for saying in coach.sayings if saying.code == "healthy" and saying.step > came)
    kind = FINDINGS["too-strong"]
    assert came - began >= kind.enter / BATCH
    assert gone - ended >= kind.leave / BATCH > (came - began) / 2
    assert kind.leave > kind.enter


def test_what_comes_and_goes_at_once_does_not_flicker() -> None:
    def lead(step: int) -> float:
        return 0.97 if step // 80 % 2 else 0.95  # a level that crosses the threshold again and again

    assert len(codes(heard(curves("non-saturating", 6000, lead=lead), game="non-saturating"))) <= 2


def test_a_short_outburst_is_no_finding() -> None:
    coach = heard(curves("relativistic", 3000, lead=lambda step: 0.999 if 1000 < step < 1150 else 0.2))
    assert codes(coach) == ["healthy"]


def test_the_wasserstein_game_knows_no_sure_d() -> None:
    assert "too-strong" not in codes(heard(curves("wasserstein", 2000, lead=level(1.5)), game="wasserstein"))


def test_without_variety_there_is_no_collapse_and_no_trouble_either() -> None:
    coach = heard(curves("hinge", 2000, variety=None), game="hinge")
    assert codes(coach) == ["healthy"]
    assert coach.sayings[-1].values["variety"] is None
    assert "–" in coach.sayings[-1].numbers


def test_a_sure_d_is_the_cause_and_not_the_collapse_that_follows() -> None:
    assert codes(heard(curves("minimax", 1500, lead=level(0.999), variety=0.0), game="minimax")) == ["too-strong"]


def test_a_sentence_needs_only_numbers_that_there_are() -> None:
    values = heard(curves("minimax", 1000), game="minimax").sayings[-1].values
    for kind in FINDINGS.values():
        assert {name for _, name, _, _ in Formatter().parse(kind.numbers) if name} <= values.keys()
        assert not [name for text in (kind.title, kind.sentence, kind.why) for _, name, _, _ in Formatter().parse(text) if name]


def test_the_remedy_fits_the_settings() -> None:
    def remedy(code: str, **settings: object) -> tuple[str, object, object]:
        found = heard(TROUBLES[code]("minimax"), game="minimax", **settings).sayings[-1].remedy
        assert found is not None
        return found.name, found.old, found.new

    assert remedy("too-strong", lr_critic=4e-3, lr_generator=1e-3) == ("lr_critic", 4e-3, 1e-3)
    assert remedy("too-strong", critic_steps=5) == ("critic_steps", 5, 1)
    assert remedy("too-strong", penalty="none") == ("penalty", "none", "R1+R2")
    assert remedy("too-strong", gamma=0.5) == ("gamma", 0.5, 2.0)
    assert remedy("collapse", lr_critic=1e-4) == ("lr_generator", 1e-3, 1e-4)
    assert remedy("oscillation", beta1=0.5) == ("beta1", 0.5, 0.0)


def test_a_turned_knob_gets_time_to_tell() -> None:
    coach = heard(TROUBLES["too-strong"]("minimax"), game="minimax", penalty="none")
    coach.take(Changed(at(1000), "penalty", "R1+R2"))
    later = curves("minimax", 1000 + (PATIENCE + BUCKET_IMAGES) // BATCH + CHUNK, lead=lambda step: 0.995, begin=1000)
    advised = [coach.sayings[-1].remedy for event in later if coach.take(event)]
    assert advised[0] is None
    assert advised[-1] is not None
    assert advised[-1].name == "gamma"


def test_another_game_is_judged_anew() -> None:
    coach = heard(TROUBLES["too-strong"]("minimax"), game="minimax")
    coach.take(Changed(at(1000), "game", "wasserstein"))
    for event in curves("wasserstein", 2000, begin=1000):
        coach.take(event)
    assert codes(coach) == ["too-strong", "healthy"]
    assert coach.sayings[-1].step - 1000 >= FINDINGS["healthy"].enter / BATCH


def test_hours_cost_no_more_than_minutes() -> None:
    coach = heard(curves("relativistic", 300_000, lead=lambda step: 0.999 if step // 1000 % 2 else 0.1, chunk=50))
    assert len(coach.sayings) == KEEP
    assert coach.sayings[-1].number > KEEP, "more was said than is kept"


def test_a_step_that_was_asked_for_is_no_evidence() -> None:
    coach = coach_for(RunConfig())
    for step in range(2000):
        coach.take(Metrics(at(step), 1, {"loss/critic": 0.0}, player="critic"))
    assert not coach.sayings


def started(knobs: dict[str, object] | None = None) -> Started:
    return Started(at(0), "plane", "cpu", 1, 20_000, 1, 1, POINTS, knobs=knobs or {})


def written(store: RunStore, config: RunConfig, events: list[Event]) -> tuple[str, tuple[Saying, ...]]:
    """A run with a coach beside it, on disk; what was said while it went."""
    record = store.new(config)
    handle = RunHandle(record.run_id, lambda: (yield from events), record=record, coach=coach_for(config))  # type: ignore[arg-type,return-value]
    handle.start()
    assert handle.join(60)
    snapshot: Snapshot = handle.snapshot()
    assert snapshot.state == "finished", snapshot.message
    return record.run_id, snapshot.coach


def test_a_stored_run_says_what_was_said_while_it_went(tmp_path: Path) -> None:
    config, store = RunConfig(data="ring-8", game="minimax", penalty="none"), RunStore(tmp_path)
    events = [started(), *curves("minimax", 700, lead=level(0.999), chunk=20), Changed(at(700), "penalty", "R1+R2")]
    events += curves("minimax", 2500, begin=700, variety=0.2, chunk=20)
    run_id, said = written(store, config, events)
    assert said[0].code == "too-strong"
    assert said[-1].code == "collapse"
    assert StoredRun(store, run_id).snapshot().coach == said
    assert coach_of(store, run_id, until_step=700).sayings[-1].code == "too-strong"
    (tmp_path / "copy" / "samples").mkdir(parents=True)
    (tmp_path / "copy" / "weights").mkdir()
    copy_past(store.folder(run_id), tmp_path / "copy", 700)
    assert '"event":"samples"' in (tmp_path / "copy" / "events.jsonl").read_text()


def test_only_news_go_to_those_who_watch() -> None:
    coach = heard(TROUBLES["collapse"]("minimax"), game="minimax")
    said = coach.sayings
    seen = (said[-1].number, said[-1].until)
    assert len(sayings(said, (-1, 0)) or []) == len(said)
    assert sayings(said, seen) is None
    for event in curves("minimax", 1000 + BUCKET_IMAGES // BATCH + CHUNK, begin=1000, variety=0.1):
        coach.take(event)
    news = sayings(coach.sayings, seen)
    assert news is not None
    assert [saying["number"] for saying in news] in ([seen[0]], [seen[0] + 1])
    assert news[-1]["remedy"] == {"name": "game", "old": "minimax", "new": "relativistic", "live": False}


def test_swings_count_turns_and_not_noise() -> None:
    assert swings([0.0, 1.0, 0.0, 1.0, 0.0], 0.5) == 3
    assert swings([0.0, 0.1, 0.0, 0.1, 0.0], 0.5) == 0
    assert swings([0.0, 1.0, 2.0, 3.0], 0.5) == 0


@pytest.mark.parametrize("shape", [(64, 16, 16, 1), (64, 28, 28, 1), (64, 64, 64, 3)])
def test_variety_of_pictures_is_measured_by_the_reals(shape: tuple[int, ...]) -> None:
    rng = np.random.default_rng(1)
    reals, fakes = (rng.integers(0, 256, shape, dtype=np.uint8) for _ in range(2))
    variety = variety_beside(reals)
    assert variety(reals) == 1
    assert variety(fakes) == pytest.approx(1, abs=0.02)
    assert variety(np.repeat(fakes[:1], 64, 0)) == pytest.approx(0, abs=1e-3)
    assert variety(128 + (fakes.astype(int) - 128) // 4) == pytest.approx(0.25, abs=0.01)


def test_variety_of_points_is_the_share_of_reals_that_have_a_fake_nearby() -> None:
    rng, angles = np.random.default_rng(1), np.arange(1024) % 8 * np.pi / 4
    reals = (np.stack([np.cos(angles), np.sin(angles)], 1) + rng.normal(size=(1024, 2), scale=0.02)).astype(np.float32)
    variety = variety_beside(reals)
    assert variety(reals) == 1
    assert variety(reals[::8].repeat(8, 0)) == pytest.approx(1 / 8, abs=0.01)
    assert variety(reals[reals[:, 0] > 0.1].repeat(2, 0)) == pytest.approx(3 / 8, abs=0.02)
    assert variety(reals + 100) == 0
