"""A margin is a lead over reals of the class that was asked for: in a run, beside a stored one, on a plane."""

from __future__ import annotations

import json
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from kept_runs import keep_run
from tiny import serve, tiny_config, tiny_set, tiny_state
from torch import Tensor
from torch.testing import assert_close

from gan_core.events import Samples, Show, Started
from gan_core.export import Options, export
from gan_core.export.arrive import import_run
from gan_core.games import EACH
from gan_core.ground import Prospect, ground_of
from gan_core.images import to_bytes, to_network, to_pictures
from gan_core.looking import Shown, draw, means_by_class
from gan_core.looks import Copies, Look
from gan_core.loop import train
from gan_core.past import labels_of_reals
from gan_core.state import GanState
from gan_core.store import RunStore


def by_hand(state: GanState, shown: Shown, fakes: Tensor, labels: Tensor) -> Tensor:
    """By how much the reals of its class lead each fake, one after the other."""
    assert shown.reals_labels is not None
    reals = to_network(shown.reals)
    leads = []
    for fake, label in zip(fakes, labels, strict=True):
        same = reals[shown.reals_labels == label]
        of_reals = draw(state.D, same, label.repeat(len(same)))
        leads.append(of_reals.mean() - draw(state.D, fake[None], label[None])[0])
    return torch.stack(leads)


@pytest.fixture
def told() -> tuple[GanState, Shown]:
    state = tiny_state(conditional="yes")
    with torch.no_grad():
        state.D.classes.weight.mul_(20)  # so that it matters which class is asked for
    return state, Shown(state.config, tiny_set("digits"), "cpu")


def test_each_fake_is_compared_with_reals_of_its_class(told: tuple[GanState, Shown]) -> None:
    state, shown = told
    assert shown.labels is not None and shown.reals_labels is not None
    fakes = draw(state.G, shown.z, shown.labels)
    (found,) = shown.verdicts(state.D, "relativistic", fakes, labels=shown.labels)
    wanted = by_hand(state, shown, fakes, shown.labels)
    assert_close(torch.tensor(found), wanted)
    over_all = draw(state.D, to_network(shown.reals), shown.reals_labels).mean() - draw(state.D, fakes, shown.labels)
    assert (over_all - wanted).abs().max() > 0.1, "another number than the lead of all reals"


def test_all_of_one_class_are_compared_with_that_class(told: tuple[GanState, Shown]) -> None:
    state, shown = told
    labels = shown.all_of(2)
    fakes = draw(state.G, shown.z, labels)
    both = shown.verdicts(state.D, "relativistic", fakes, fakes, labels=labels)
    assert both[0] == both[1]
    assert_close(torch.tensor(both[0]), by_hand(state, shown, fakes, labels))


def test_a_class_without_a_real_is_compared_with_all_of_them() -> None:
    logits, labels = torch.tensor([1.0, 3.0, 8.0]), torch.tensor([0, 0, 2])
    assert_close(means_by_class(logits, labels, torch.tensor([2, 1, 0, 0])), torch.tensor([8.0, 4.0, 2.0, 2.0]))
    assert_close(EACH["margin"](torch.zeros(4), means_by_class(logits, labels, torch.tensor([2, 1, 0, 0]))[None])[1], torch.tensor(4.0))


def test_a_run_says_which_class_each_real_is_of(monkeypatch: pytest.MonkeyPatch) -> None:
    data = serve(monkeypatch, "digits")
    started = next(train(tiny_config(conditional="yes")))
    assert isinstance(started, Started)
    images = to_pictures(data.train)
    assert len(started.reals_labels) == len(started.reals)
    for real, label in zip(started.reals, started.reals_labels, strict=True):
        (number,) = np.flatnonzero((images == real).all((1, 2, 3)))
        assert data.train_labels is not None and data.train_labels[number] == label
    plain = next(train(tiny_config()))
    assert isinstance(plain, Started) and plain.reals_labels == ()


def look_of(state: GanState, shown: Shown, **facts: Any) -> Look:
    copies = Copies(state.config)
    weights = [copies.generator(state.G.state_dict()), copies.critic(state.D.state_dict())]
    return Look(0, *weights, "relativistic", to_pictures(shown.reals), **facts)  # type: ignore[arg-type]


@pytest.mark.parametrize("label", [0, 1, 2])
def test_whoever_looks_at_a_class_sees_the_margin_that_the_run_shows(told: tuple[GanState, Shown], label: int) -> None:
    state, shown = told
    assert shown.reals_labels is not None
    look = look_of(state, shown, reals_labels=tuple(shown.reals_labels.tolist())).of_class(label)
    labels = shown.all_of(label)
    fakes = look.draw(shown.z)
    (wanted,) = shown.verdicts(state.D, "relativistic", fakes, labels=labels)
    assert_close(torch.from_numpy(look.verdicts(look.logits(fakes))), torch.tensor(wanted), rtol=1e-4, atol=1e-4)


def test_a_class_that_no_shown_real_is_of_is_compared_with_all_each_told_its_own(told: tuple[GanState, Shown]) -> None:
    state, shown = told
    look = look_of(state, shown, reals_labels=tuple([0, 1] * 32)).of_class(2)
    fakes = look.draw(shown.z[:3])
    every = draw(state.D, to_network(to_bytes(to_network(shown.reals))), torch.tensor([0, 1] * 32)).mean()
    assert_close(torch.from_numpy(look.verdicts(look.logits(fakes))), every - look.logits(fakes))


def test_a_run_that_did_not_write_them_down_is_compared_with_all_of_them(told: tuple[GanState, Shown]) -> None:
    state, shown = told
    look = look_of(state, shown).of_class(1)
    fakes = look.draw(shown.z[:3])
    every = draw(state.D, to_network(shown.reals), shown.all_of(1)[: len(shown.reals)]).mean()
    assert_close(torch.from_numpy(look.verdicts(look.logits(fakes))), every - look.logits(fakes))


def test_a_stored_run_reads_them_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store, run_id = keep_run(tmp_path, monkeypatch, moments=2, conditional="yes")
    started, path = store.started(run_id), store.folder(run_id) / "events.jsonl"
    assert started is not None and len(started.reals_labels) == 64
    assert labels_of_reals(store.events(run_id)) == started.reals_labels
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    path.write_text("".join(json.dumps({key: line[key] for key in line if key != "reals_labels"}) + "\n" for line in lines))
    old = store.started(run_id)
    assert old is not None and old.reals_labels == labels_of_reals(store.events(run_id)) == labels_of_reals([]) == ()


@pytest.mark.parametrize("labels", ["[7,", "[0]", "[-1,"])
def test_classes_of_reals_that_are_none_are_not_let_in(labels: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store, run_id = keep_run(tmp_path / "runs", monkeypatch, moments=2, conditional="yes")
    path = store.folder(run_id) / "events.jsonl"
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    for line in lines:
        if line["event"] == "started":
            line["reals_labels"] = json.loads(labels.replace(",", "]")) + (line["reals_labels"][1:] if "," in labels else [])
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    export(RunStore(tmp_path / "runs"), run_id, kind="run", path=tmp_path / "run.zip", options=Options(), progress=lambda done, total: None)
    with pytest.raises(ValueError, match="its classes are"):
        import_run(tmp_path / "other", tmp_path / "run.zip")


def test_on_a_plane_too() -> None:
    state, data = tiny_state(data="ring-8", conditional="yes"), tiny_set("ring-8")
    ground = ground_of(state.config, data)
    copies = Copies(state.config)
    look = Look(0, copies.generator(state.G.state_dict()), copies.critic(state.D.state_dict()), "relativistic", None).of_class(1)
    seen = Prospect(ground, look)
    same = ground.reals[ground.reals_labels == 1]
    assert 0 < len(same) < len(ground.reals)
    *_, _end = [None, *seen.heat(4)]
    assert_close(seen._logits_real, draw(state.D, same, torch.ones(len(same), dtype=torch.int64)))


def test_what_is_asked_for_beside_the_rest_has_its_own_margin(monkeypatch: pytest.MonkeyPatch) -> None:
    serve(monkeypatch, "digits")
    run = train(tiny_config(conditional="yes"))
    list(islice(run, 2))
    asked = run.send(Show(1))
    assert isinstance(asked, Samples) and asked.only is not None
    same = np.array([label == 1 for label in Shown(tiny_config(conditional="yes"), tiny_set("digits"), "cpu").labels.tolist()])  # type: ignore[union-attr]
    assert_close(torch.tensor(asked.only.verdict_living)[same], torch.tensor(asked.verdict_living)[same])
