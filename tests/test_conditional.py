"""Players that are told the class: whose labels go where, what is shown of it, and what cannot be."""

from __future__ import annotations

import dataclasses
import json
import shutil
from collections import Counter
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
import pytest
import torch
from kept_runs import keep_run
from tiny import CLASSES, serve, tiny_config, tiny_set, tiny_state

from gan_core.__main__ import main
from gan_core.batches import Batches
from gan_core.config import RunConfig
from gan_core.data import DATA
from gan_core.events import Draw, Metrics, Samples, Show, Started
from gan_core.export import Options, export
from gan_core.export.arrive import import_run
from gan_core.export.networks import drawing_of
from gan_core.export.tracing import write_onnx
from gan_core.looking import draw, generator_of, labels_for, sample
from gan_core.loop import train
from gan_core.metrics.target import Target
from gan_core.networks import NETWORKS
from gan_core.state import GanState
from gan_core.step import update
from gan_core.store import RunStore
from gan_core.streams import shown_labels, shown_z, stream

Kept = tuple[RunStore, str]


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Kept:
    with pytest.MonkeyPatch.context() as patch:
        return keep_run(tmp_path_factory.mktemp("runs"), patch, moments=2, conditional="yes")


def asked_of(state: GanState) -> dict[str, list[list[int]]]:
    """Takes down every label that a player is told from now on."""
    told: dict[str, list[list[int]]] = {"G": [], "D": []}
    for name in told:
        getattr(state, name).register_forward_hook(lambda module, inputs, out, name=name: told[name].append(inputs[1].tolist()))
    return told


# Whose labels


@pytest.mark.parametrize("game", ["non-saturating", "relativistic"])
def test_fakes_are_of_the_classes_of_the_reals_they_meet(game: str) -> None:
    state = tiny_state(conditional="yes", game=game)
    told, labels = asked_of(state), state.batches.labels_of(state.batches.numbers(0, 16)).tolist()
    update(state)
    assert told["G"] == [labels]
    # Reals and fakes in one forward, then (a relativistic G compares with reals of the same classes) what G is judged by.
    assert told["D"] == [labels * 2, *[labels] * (2 if game == "relativistic" else 1)]


def test_labels_belong_to_their_samples() -> None:
    numbers = torch.arange(10, dtype=torch.float32)[:, None].repeat(1, 2)
    batches = Batches(numbers, 3, device="cpu", labels=torch.arange(10) % 4, classes=4)
    for position in range(0, 40, 7):
        index = batches.numbers(position, 7)
        assert torch.equal(batches.pick(index)[:, 0].long() % 4, batches.labels_of(index))


def test_reals_of_asked_classes_are_drawn_from_all_of_that_class() -> None:
    numbers = torch.arange(30, dtype=torch.float32)[:, None].repeat(1, 2)
    labels = torch.tensor([0] * 20 + [1] * 9 + [2])[torch.randperm(30, generator=torch.Generator().manual_seed(1))]
    batches, rng = Batches(numbers, 0, device="cpu", labels=labels, classes=3), torch.Generator().manual_seed(0)
    wanted = torch.arange(3).repeat(3000)
    drawn = batches.of_same_class(wanted, len(wanted), rng=rng)[:, 0].long()
    assert torch.equal(labels[drawn], wanted)
    counts = Counter(drawn.tolist())
    assert len(counts) == 30
    for number in range(30):
        share = 3000 / int((labels == labels[number]).sum())
        assert 0.6 * share < counts[number] < 1.4 * share


@pytest.mark.parametrize("player", ["critic", "generator"])
def test_either_player_can_move_alone(player: Any) -> None:
    state = tiny_state(conditional="yes")
    told, labels = asked_of(state), state.batches.labels_of(state.batches.numbers(0, 16)).tolist()
    update(state, player)
    assert told["G"] == [labels]


@pytest.mark.parametrize("network", NETWORKS)
def test_every_network_learns_when_it_is_told_the_class(network: str) -> None:
    state = tiny_state(network=network, conditional="yes", penalty="R1+R2", game="non-saturating")
    for _ in range(3):
        curves = update(state)
    assert all(torch.isfinite(value) for value in curves.values())
    for player in (state.G, state.D):
        for key, weight in player.named_parameters():
            assert weight.grad is not None and weight.grad.abs().sum() > 0, key


@pytest.mark.slow
def test_a_ring_learns_which_spot_is_which() -> None:
    config = RunConfig(
        data="ring-8", conditional="yes", network="mlp", width=32, latent_dim=2, batch_size=64, gamma=0.1, threads=1, device="cpu"
    )
    samples = [event for event in train(config, until_step=400) if isinstance(event, Samples)][-1]
    labels = shown_labels("plane", 8)
    middle = [torch.tensor(samples.averaged)[labels == label].mean(0) for label in range(8)]
    angles = [torch.atan2(y, x).item() / (2 * np.pi) * 8 for x, y in middle]
    assert len({round(angle) % 8 for angle in angles}) == 8, "each class has gone to a spot of its own"


# What is shown


@pytest.mark.parametrize(("classes", "slot"), [(2, 8), (8, 8), (10, 4), (16, 4), (25, 2), (47, 1), (100, 1)])
def test_a_sheet_has_whole_parts_of_rows_of_a_class(classes: int, slot: int) -> None:
    labels = shown_labels("image", classes)
    assert labels.shape == (64,)
    assert all(len(set(part.tolist())) == 1 for part in labels.split(slot))
    assert labels.unique().numel() == min(classes, 64)


def events(monkeypatch: pytest.MonkeyPatch, count: int, **changes: Any) -> list[Any]:
    serve(monkeypatch, "digits")
    return list(islice(train(tiny_config(**changes)), count))


def test_a_run_says_which_class_each_sample_is_of(monkeypatch: pytest.MonkeyPatch) -> None:
    started = events(monkeypatch, 1, conditional="yes")[0]
    assert started.classes == CLASSES
    assert started.labels == tuple(shown_labels("image", 3).tolist())
    assert events(monkeypatch, 1)[0].classes == events(monkeypatch, 1)[0].labels == ()


def test_samples_are_of_the_classes_that_are_said(monkeypatch: pytest.MonkeyPatch) -> None:
    serve(monkeypatch, "digits")
    run = train(tiny_config(conditional="yes", lr_generator=0.0))
    started, samples = next(run), next(run)
    assert isinstance(started, Started) and isinstance(samples, Samples)
    state = tiny_state(conditional="yes")
    drawn = draw(state.G, torch.from_numpy(started.z), torch.tensor(started.labels))
    assert np.abs(samples.living[..., 0].astype(int) - (drawn[:, 0].clamp(-1, 1) + 1).mul(127.5).round().numpy()).max() <= 1
    assert samples.label == -1 and samples.only is None


def test_one_class_can_be_asked_for_beside_the_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    serve(monkeypatch, "digits")
    run = train(tiny_config(conditional="yes"))
    next(run)
    before = run.send(None)
    assert isinstance(before, Samples)
    asked = run.send(Show(1))
    assert isinstance(asked, Samples) and asked.only is not None
    assert np.array_equal(asked.living, before.living), "what is kept is what it always was"
    assert asked.only.label == 1 and len(asked.only.verdict_living) == 64
    same = shown_labels("image", 3).numpy() == 1
    assert np.array_equal(asked.only.living[same], asked.living[same])
    assert not np.array_equal(asked.only.living[~same], asked.living[~same])
    assert run.send(Draw()).only is not None
    for label in (-1, 3, 99):
        run.send(Show(0))
        assert run.send(Show(label)).only is None


def test_looking_at_a_class_changes_no_weight(monkeypatch: pytest.MonkeyPatch) -> None:
    serve(monkeypatch, "digits")
    ends = []
    for look in (False, True):
        run = train(tiny_config(conditional="yes", network="mlp-bn"), until_step=6)
        for event in run:
            if look and isinstance(event, Metrics):
                run.send(Show(event.place.step % 3))
            end = event
            if hasattr(event, "tensors"):
                ends.append(event.tensors)
        assert end.place.step == 6
    assert all(torch.equal(value, ends[1][name]) for name, value in ends[0].items())


def test_a_run_without_classes_has_none_to_show(monkeypatch: pytest.MonkeyPatch) -> None:
    serve(monkeypatch, "digits")
    run = train(tiny_config())
    next(run)
    assert run.send(Show(0)).only is None


# On disk, and taken along


def test_a_stored_run_says_its_classes(kept: Kept) -> None:
    started = kept[0].started(kept[1])
    assert started is not None
    assert started.classes == CLASSES and started.labels == tuple(shown_labels("image", 3).tolist())


def test_a_run_of_an_older_ganscope_has_none(kept: Kept, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store, run_id = keep_run(tmp_path, monkeypatch, moments=2)
    path = store.folder(run_id) / "events.jsonl"
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    path.write_text("".join(json.dumps({key: line[key] for key in line if key not in ("classes", "labels")}) + "\n" for line in lines))
    started = store.started(run_id)
    assert started is not None and started.classes == started.labels == ()


def test_samples_of_a_class_are_of_that_class(kept: Kept) -> None:
    store, run_id = kept
    config, tensors = store.config(run_id), store.checkpoint(run_id).tensors
    asked: dict[str, Any] = {"prefix": "average.", "count": 300, "seed": 5}
    every, one = sample(config, tensors, **asked), sample(config, tensors, **asked, label=1)
    alike = [number for number in range(300) if np.array_equal(every[number], one[number])]
    assert alike == list(range(1, 300, 3)), "without a class they take turns, through batches"
    generator = generator_of(config, {key.removeprefix("average."): value for key, value in tensors.items() if key.startswith("average.")})
    assert labels_for(generator, 4).tolist() == [0, 1, 2, 0]
    assert labels_for(generator.network, 4) is None
    z = torch.randn(300, config.latent_dim, generator=stream(5, "sample"))
    assert draw(generator, z[:4], torch.full((4,), 1)).shape == (4, *config.shape)


@pytest.mark.parametrize("name", ["coat", "COAT", "1"])
def test_the_command_line_draws_one_class(kept: Kept, tmp_path: Path, name: str) -> None:
    out = tmp_path / "one.npz"
    assert main(["sample", str(kept[0].folder(kept[1])), "--n", "4", "--class", name, "--out", str(out)]) == 0
    config, tensors = kept[0].config(kept[1]), kept[0].checkpoint(kept[1]).tensors
    wanted = sample(config, tensors, prefix="average.", count=4, seed=0, label=1)
    with np.load(out) as arrays:
        assert np.array_equal(arrays["images"], wanted[..., 0])


def test_the_command_line_names_the_classes_there_are(kept: Kept, tmp_path: Path, capsys: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    out = str(tmp_path / "one.npz")
    assert main(["sample", str(kept[0].folder(kept[1])), "--class", "hat", "--out", out]) == 2
    assert "--class is 'hat'. There are bag, coat, shoe" in capsys.readouterr().err
    other, run_id = keep_run(tmp_path / "runs", monkeypatch, moments=2)
    assert main(["sample", str(other.folder(run_id)), "--class", "coat", "--out", out]) == 2
    assert "was not told any classes" in capsys.readouterr().err


@pytest.mark.parametrize("network", [pytest.param(name, marks=[pytest.mark.slow] if name != "mlp" else []) for name in NETWORKS])
def test_onnx_takes_the_class_too(network: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run = keep_run(tmp_path / "runs", monkeypatch, moments=2, network=network, conditional="yes")
    path = tmp_path / "generator.onnx"
    write_onnx(*run, path)
    facts = {entry.key: entry.value for entry in onnx.load(path).metadata_props}
    assert json.loads(facts["classes"]) == list(CLASSES)
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    for batch in (1, 7):
        z = shown_z("image", run[0].config(run[1]).latent_dim)[:batch]
        labels = torch.arange(batch) % 3
        (drawn,) = session.run(["samples"], {"z": z.numpy(), "label": labels.numpy()})
        assert np.abs(drawn - draw(drawing_of(*run), z, labels).numpy()).max() < 1e-4


def test_a_run_travels_as_a_zip(kept: Kept, tmp_path: Path) -> None:
    zipped = tmp_path / "run.zip"
    export(*kept, kind="run", path=zipped, options=Options(), progress=lambda done, total: None)
    run_id = import_run(tmp_path / "runs", zipped)
    there = RunStore(tmp_path / "runs").started(run_id)
    assert there is not None and there.classes == CLASSES


def test_classes_that_are_none_are_not_let_in(kept: Kept, tmp_path: Path) -> None:
    shutil.copytree(kept[0].root, tmp_path / "runs")
    store = RunStore(tmp_path / "runs")
    path = store.folder(kept[1]) / "events.jsonl"
    path.write_text(path.read_text().replace('"labels":[0,', '"labels":[7,'))
    zipped = tmp_path / "run.zip"
    export(store, kept[1], kind="run", path=zipped, options=Options(), progress=lambda done, total: None)
    with pytest.raises(ValueError, match="its classes are"):
        import_run(tmp_path / "other", zipped)


def test_scores_tell_d_the_classes_of_the_reals() -> None:
    config, data = tiny_config(conditional="yes"), tiny_set("digits")
    target = Target(config, data, None, count=60, done=lambda: None)
    assert target.labels is not None
    for images, labels, whole, known in zip(
        (target.train, target.heldout), target.labels, (data.train, data.heldout), (data.train_labels, data.heldout_labels), strict=True
    ):
        for image, label in zip(images, labels, strict=True):
            assert known[(whole == image).flatten(1).all(1)] == label
    assert Target(tiny_config(), data, None, count=60, done=lambda: None).labels is None


# What cannot be


def test_data_without_classes_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    plain = dataclasses.replace(tiny_set("digits"), train_labels=None, heldout_labels=None, classes=())
    serve(monkeypatch, "digits", plain)
    with pytest.raises(ValueError, match=r"conditional is yes, and these data have no classes\. Set it to no"):
        next(train(tiny_config(conditional="yes")))
    assert isinstance(next(train(tiny_config())), Started)


def test_every_data_set_that_says_so_has_classes() -> None:
    assert {name for name in DATA if not DATA[name].labelled} == {"folder", "line", "swiss-roll", "points"}
