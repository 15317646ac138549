"""A run's scores: measured, kept, and said; the referee that looks; what cannot be scored."""

from __future__ import annotations

import json
import urllib.error
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from kept_runs import keep_run
from safetensors.torch import save_file
from tiny import serve, tiny_set

from gan_core.__main__ import main
from gan_core.config import RunConfig
from gan_core.data import DATA, DataSet, curves, digits, load_now, planes
from gan_core.data.base import ROOT_VARIABLE
from gan_core.data.points import keep_points
from gan_core.events import Place
from gan_core.export import Options, export_bytes
from gan_core.images import to_network
from gan_core.metrics import METRICS, inception, referee
from gan_core.metrics.base import OF_POINTS, Figure
from gan_core.metrics.score import LEAST, score
from gan_core.metrics.scores import Scores, add_live, kept_scores, live_scores
from gan_core.metrics.target import Target
from gan_core.moments import CHECKPOINT_ENDING, name_of
from gan_core.store import RunStore

Kept = tuple[RunStore, str]


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Kept:
    with pytest.MonkeyPatch.context() as patch:
        return keep_run(tmp_path_factory.mktemp("runs"), patch, moments=4)


@pytest.fixture
def plane(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Kept:
    return keep_run(tmp_path, monkeypatch, moments=2, data="ring-8")


def target_of(data: DataSet, name: str, *, count: int, judge: referee.Referee | None) -> Target:
    return Target(RunConfig(data=name), data, judge, count=count, done=lambda: None)


# The referee


@pytest.mark.parametrize("name", ["glyphs", "digits", "fashion-mnist"])
def test_the_shipped_referees_are_small_and_know_their_classes(name: str) -> None:
    path = referee.SHIPPED / f"{name}.safetensors"
    assert path.stat().st_size < 500_000
    judge = referee._read(path, 0)
    assert judge.name == referee.OWN and len(judge.classes) == 10
    assert judge.accuracy is not None and judge.accuracy > 0.9
    assert name in (path.parent / "README.md").read_text(encoding="utf-8")


def test_the_referee_of_digits_is_as_good_as_it_says() -> None:
    data = digits._read()
    judge = referee.at_hand("digits", data)
    assert judge.classes == data.classes and data.heldout_labels is not None
    features, chances = judge.look(data.heldout)
    assert features.shape == (len(data.heldout), 128) and chances is not None
    assert float((chances.argmax(1) == data.heldout_labels).double().mean()) == pytest.approx(judge.accuracy, abs=0.006)
    assert f"{judge.accuracy:.2%}".replace("%", " %") in (referee.SHIPPED / "README.md").read_text(encoding="utf-8")


def test_a_referee_is_trained_kept_and_found_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(ROOT_VARIABLE, str(tmp_path))
    monkeypatch.setattr(referee, "LEAST_STEPS", 12)
    plain = tiny_set("digits")
    labels = torch.arange(len(plain.train)) % 2
    both = [part // 2 + 120 * labels[:, None, None, None].byte() for part in (plain.train, plain.heldout)]  # dark ones and bright ones
    data = replace(plain, train=both[0], heldout=both[1], train_labels=labels, heldout_labels=labels, classes=("dark", "bright"))
    assert referee.needs_training("mine", data)
    assert referee.at_hand("mine", data).name == referee.RANDOM
    steps: list[int] = []
    judge = referee.trained(data, lambda: steps.append(1))
    assert len(steps) == referee.training_steps(data) == 12
    assert judge.accuracy == 1
    referee.keep(judge, "mine", data)
    assert not referee.needs_training("mine", data)
    again = referee.at_hand("mine", data)
    assert (again.name, again.classes, again.accuracy) == (referee.OWN, ("dark", "bright"), 1)
    for mine, theirs in zip(judge.look(data.heldout), again.look(data.heldout), strict=True):
        assert mine is not None and theirs is not None and torch.allclose(mine, theirs)
    other = replace(data, train=data.train + 1)
    assert referee.needs_training("mine", other), "other images under the same name"


def test_a_damaged_referee_is_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(ROOT_VARIABLE, str(tmp_path))
    data = replace(tiny_set("digits"), train_labels=torch.zeros(72, dtype=torch.long), classes=("a",))
    path = referee._place("mine", data)
    path.parent.mkdir()
    path.write_bytes(b"half of it")
    assert referee.at_hand("mine", data).name == referee.RANDOM
    save_file({"body.0.weight": torch.zeros(1)}, path, {"classes": "a", "accuracy": "1"})
    assert referee.needs_training("mine", data)


def test_the_random_referee_is_the_same_everywhere_and_leaves_the_streams_alone() -> None:
    data = tiny_set("digits")
    torch.manual_seed(1)
    first = torch.rand(1)
    torch.manual_seed(1)
    judge = referee.untrained(data)
    assert torch.equal(torch.rand(1), first)
    assert torch.equal(judge.look(data.train)[0], referee.untrained(data).look(data.train)[0])
    assert judge.look(data.train)[1] is None


# Planted truths, through the whole of it


def test_real_digits_score_the_ideal_and_a_collapse_does_not() -> None:
    data = digits._read()
    target = target_of(data, "digits", count=300, judge=referee.at_hand("digits", data))
    others = data.train[torch.randperm(len(data.train), generator=torch.Generator().manual_seed(5))[:300]]
    ideal = target.scores(target.evidence(others), 1, "averaged").figures
    assert ideal["coverage"].value > 0.9 * ideal["coverage"].floor
    assert ideal["missing"].value == 0
    assert abs(ideal["kd"].value) < 4 * (ideal["kd"].error or 0) + abs(ideal["kd"].floor)
    assert data.train_labels is not None
    ones = data.train[data.train_labels == 1][:1].expand(300, -1, -1, -1)
    collapsed = target.scores(target.evidence(ones), 1, "averaged")
    figures = collapsed.figures
    assert figures["coverage"].value < 0.1 and figures["recall"].value == 0 and figures["missing"].value == 9
    assert figures["diversity"].value == pytest.approx(0, abs=1e-3)
    assert figures["fd"].value > 10 * ideal["fd"].value
    assert figures["classifier"].value == pytest.approx(1, abs=1e-4)
    assert collapsed.shares[1] == 1 and sum(collapsed.floor_shares) == pytest.approx(1, abs=1e-3)


@pytest.mark.parametrize("name", planes.PLANES)
def test_a_planes_own_points_score_the_ideal(name: str) -> None:
    data = planes.make(name)
    target = target_of(data, name, count=1_000, judge=None)
    found = target.scores(target.evidence(data.train[-1_000:] * data.scale), 1, "averaged")
    assert set(found.figures) == {row for row, metric in METRICS.items() if metric.needs in OF_POINTS}
    assert found.figures["modes"] == Figure(len(planes.centres(name)), len(planes.centres(name)))
    assert found.figures["on-mode"].value == pytest.approx(0.989, abs=0.01)
    assert len(found.shares) == len(found.classes) == len(planes.centres(name))


@pytest.mark.parametrize("name", curves.CURVES)
def test_a_plane_without_modes_is_scored_by_its_distance_alone(name: str) -> None:
    data = curves.make(name)
    target = target_of(data, name, count=1_000, judge=None)
    found = target.scores(target.evidence(data.train[-1_000:] * data.scale), 1, "averaged")
    assert set(found.figures) == {"energy"}
    assert abs(found.figures["energy"].value) < 0.02 and found.shares == found.classes == ()
    far = target.scores(target.evidence(torch.zeros(1_000, 2)), 1, "averaged").figures["energy"]
    assert far.value > 20 * abs(far.floor)


def test_few_points_of_ones_own_are_scored_with_many_fakes(tmp_path: Path) -> None:
    drawn = [(k / 7, (k * k % 11) / 5) for k in range(40)]
    config = RunConfig(data="points", folder=str(keep_points(drawn, tmp_path)))
    target = Target(config, load_now("points", config.request), None, count=500, done=lambda: None)
    assert (target.count, len(target.train), len(target.heldout)) == (500, 32, 8)
    assert target.notes == ("Of the reals there are only 32 to compare with, and 8 that are held out.",)
    figures = target.scores(target.evidence(target.train.repeat(16, 1)), 1, "averaged").figures
    assert set(figures) == {"energy"} and figures["energy"].value < 0.05


# A run


def test_a_run_is_scored_and_the_scores_are_kept(kept: Kept, monkeypatch: pytest.MonkeyPatch) -> None:
    store, run_id = kept
    serve(monkeypatch, "digits")
    told: list[tuple[int, int]] = []
    scores = score(store, run_id, count=60, progress=lambda done, total: told.append((done, total)))
    assert told[0][0] == 0 and told[-1][0] == told[-1][1] > 0 and told == sorted(told)
    assert (scores.step, scores.count, scores.judge) == (store.status(run_id).checkpoint_step, 60, referee.OWN)
    assert set(scores.figures) == {row for row, metric in METRICS.items() if metric.needs in ("features", "pixels", "critic")}
    assert kept_scores(store.folder(run_id), "averaged") == scores
    assert kept_scores(store.folder(run_id), "living") is None
    again = score(store, run_id, count=60)
    assert again.figures == scores.figures, "the same to the last digit"
    assert score(store, run_id, weights="living", count=60).figures != scores.figures
    raw = export_bytes(store, run_id, kind="scores", options=Options())
    assert Scores.from_dict(json.loads(raw)) == again, "not measured a second time"


def test_every_label_and_unit_can_be_said() -> None:
    for metric in METRICS.values():
        assert metric.label.format(judge="own CNN") and metric.help.endswith((".", "?")) and metric.good.endswith(".")
    assert not [metric.label for name, metric in METRICS.items() if "FID" in metric.label and name != "fid"]


@pytest.mark.parametrize(
    ("spoil", "why"),
    [
        (lambda store, run_id: (store.folder(run_id) / "status.json").write_text('{"state": "stopped"}'), "no checkpoint yet"),
        (lambda store, run_id: (store.folder(run_id) / "config.json").unlink(), "There is no run"),
    ],
)
def test_what_cannot_be_scored_says_why(plane: Kept, spoil: Any, why: str) -> None:
    store, run_id = plane
    spoil(store, run_id)
    with pytest.raises(ValueError, match=why):
        score(store, run_id)


def test_too_few_or_too_many_samples_are_refused(kept: Kept, monkeypatch: pytest.MonkeyPatch) -> None:
    store, run_id = kept
    for count in (LEAST - 1, 1_000_000):
        with pytest.raises(ValueError, match=f"count is {count}, and it has to be from 50 to 20000"):
            score(store, run_id, count=count)
    serve(monkeypatch, "digits", tiny_set("digits", 5))
    with pytest.raises(ValueError, match="5 images held out for comparison, and 6 are needed"):
        score(store, run_id)


def test_weights_that_are_no_numbers_are_refused(plane: Kept) -> None:
    store, run_id = plane
    step = store.status(run_id).checkpoint_step
    checkpoint = store.checkpoint(run_id)
    tensors = {
        name: torch.full_like(tensor, torch.nan) if name.startswith("average.") else tensor for name, tensor in checkpoint.tensors.items()
    }
    facts = {"place": vars_of(checkpoint.place), "numbers": dict(checkpoint.state)}
    save_file(tensors, store.folder(run_id) / "weights" / name_of(step, CHECKPOINT_ENDING), {"state": json.dumps(facts)})
    with pytest.raises(ValueError, match="not finite"):
        score(store, run_id)


def vars_of(place: Place) -> dict[str, float]:
    return {name: getattr(place, name) for name in ("step", "epoch", "images", "elapsed_s")}


def test_giving_up_keeps_nothing(kept: Kept, monkeypatch: pytest.MonkeyPatch) -> None:
    store, run_id = kept
    serve(monkeypatch, "digits")
    (store.folder(run_id) / "scores-living.json").unlink(missing_ok=True)

    class GivenUp(Exception):
        pass

    def progress(done: int, total: int) -> None:
        if done == 2:
            raise GivenUp

    with pytest.raises(GivenUp):
        score(store, run_id, weights="living", count=60, progress=progress)
    assert kept_scores(store.folder(run_id), "living") is None


def test_scores_that_are_none_are_not_read(kept: Kept, tmp_path: Path) -> None:
    scores = Scores(3, "averaged", 9, "", None, {"modes": Figure(8, 8)}, ("a",), (1.0,), (1.0,))
    for line in (scores, replace(scores, step=7), replace(scores, step=5)):
        add_live(tmp_path, line)
    with (tmp_path / "scores.jsonl").open("a", encoding="utf-8") as file:
        file.write('{"step": 9, "figures": {"modes": {"value": NaN}}}\n[]\n{"torn')
    assert [row.step for row in live_scores(tmp_path)] == [3, 5], "what was measured of step 7 is of a past that was left"
    assert live_scores(tmp_path / "nothing") == []
    with pytest.raises(ValueError, match="These are no scores"):
        Scores.from_dict(scores.to_dict() | {"shares": [float("inf")]})


def test_the_command_prints_a_table_or_json(plane: Kept, capsys: pytest.CaptureFixture[str]) -> None:
    store, run_id = plane
    assert main(["score", str(store.folder(run_id)), "--count", "200", "--weights", "living"]) == 0
    table = capsys.readouterr().out
    assert f"{run_id}, step {store.status(run_id).checkpoint_step}, living weights, 200 samples of each side" in table
    assert "Of the reals there are only 72 to compare with" in table
    assert all(METRICS[name].label in table for name in ("modes", "on-mode", "mode-kl", "energy"))
    assert main(["score", str(store.folder(run_id)), "--json"]) == 0
    facts = json.loads(capsys.readouterr().out)
    assert facts["run"] == run_id and set(facts["figures"]["modes"]) == {"value", "floor", "error"}
    assert main(["score", "nowhere"]) == 2
    assert "There is no run 'nowhere'" in capsys.readouterr().err


# FID and KID by torch-fidelity


class Fidelity:
    """torch-fidelity as far as it is asked: its network needs a download."""

    def __init__(self, error: Exception | None = None) -> None:
        self.error = error

    def calculate_metrics(self, *, input1: Any, input2: Any, kid_subset_size: int, **_: Any) -> dict[str, float]:
        if self.error:
            raise self.error
        assert input1[0].shape == (3, 16, 16) and input1[0].dtype == torch.uint8 and kid_subset_size == len(input2) == 60
        mean = float(to_network(torch.stack([input1[i] for i in range(len(input1))])).mean())
        return {"frechet_inception_distance": mean, "kernel_inception_distance_mean": 1.0, "kernel_inception_distance_std": 0.5}


def test_fid_stands_under_its_name_where_it_can_be_had(kept: Kept, monkeypatch: pytest.MonkeyPatch) -> None:
    store, run_id = kept
    serve(monkeypatch, "digits")
    monkeypatch.setattr(inception.importlib, "import_module", lambda name: Fidelity())
    figures = score(store, run_id, count=60, inception=True).figures
    assert figures["kid"] == Figure(1, 1, 0.5)
    assert figures["fid"].value != figures["fid"].floor
    monkeypatch.setattr(inception.importlib, "import_module", lambda name: Fidelity(OSError("no route to host")))
    scores = score(store, run_id, count=60, inception=True)
    assert "fid" not in scores.figures
    assert scores.notes == ("FID and KID are left out: the Inception network could not be had (no route to host).",)
    monkeypatch.setattr(inception.importlib.util, "find_spec", lambda name: None)
    assert "pip install torch-fidelity" in inception.missing()


def test_torch_fidelity_itself_says_what_it_lacks(kept: Kept, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The real package, as far as it goes where its network is not and cannot be fetched."""
    pytest.importorskip("torch_fidelity")

    def no_route(*_: Any, **__: Any) -> None:
        raise urllib.error.URLError("no route to host")

    monkeypatch.setattr(torch.hub, "urlopen", no_route)
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    store, run_id = kept
    serve(monkeypatch, "digits")
    scores = score(store, run_id, count=60, inception=True)
    assert scores.notes == ("FID and KID are left out: the Inception network could not be had (<urlopen error no route to host>).",)
    assert {"fd", "kd", "coverage"} <= scores.figures.keys() and "fid" not in scores.figures


def test_all_data_sets_have_someone_to_look_at_them() -> None:
    for name, source in DATA.items():
        if source.kind == "image" and name != "folder":
            channels = source.shape(None)[0]  # type: ignore[arg-type]
            data = DataSet(torch.zeros(8, channels, 32, 32, dtype=torch.uint8), torch.zeros(1, dtype=torch.uint8))
            assert referee.untrained(data).look(data.train)[0].shape == (8, 128)
