"""Walks through a run's latent space as files: each kind is made, is what it says, and leaves nothing when it is given up."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import av
import numpy as np
import pytest
import torch
from kept_runs import keep_run
from PIL import Image

from gan_core.export import EXPORTS, KINDS, WALKS, Cancelled, Options, Walk, export, export_bytes, file_name, missing
from gan_core.export.networks import weights_at
from gan_core.export.walk import Frames
from gan_core.images import to_bytes, to_pictures
from gan_core.looking import draw, generator_of
from gan_core.store import RunStore
from gan_core.streams import shown_z
from live.jobs import Jobs

FRAMES = 18
Z = tuple(tuple(row) for row in shown_z("image", 4)[:3].tolist())
WALK = Walk(keys=Z, frames=FRAMES, fps=20, side=200)
FILMS = [kind for kind in WALKS if "fps" in WALKS[kind].options]
Kept = tuple[RunStore, str]


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Kept:
    with pytest.MonkeyPatch.context() as patch:
        return keep_run(tmp_path_factory.mktemp("runs"), patch, moments=4)


def made(run: Kept, kind: str, folder: Path, options: Options = WALK) -> Path:
    path = folder / file_name(kind, run[1])
    export(*run, kind=kind, path=path, options=options, progress=lambda done, total: None)
    return path


def drawn(run: Kept, z: torch.Tensor, **which: object) -> np.ndarray:
    weights, _ = weights_at(*run, **({"weights": "averaged"} | which))  # type: ignore[arg-type]
    return to_pictures(to_bytes(draw(generator_of(run[0].config(run[1]), weights), z)))


def test_kinds_of_walks_are_kinds_of_files() -> None:
    assert not EXPORTS.keys() & WALKS.keys()
    assert {*KINDS} == {*EXPORTS, *WALKS}
    assert len({file_name(kind, "run") for kind in WALKS}) == len(WALKS)


@pytest.mark.parametrize("kind", WALKS)
def test_every_kind_tells_how_far_it_is_and_leaves_one_file(kept: Kept, tmp_path: Path, kind: str) -> None:
    told: list[tuple[int, int]] = []
    path = tmp_path / file_name(kind, kept[1])
    export(*kept, kind=kind, path=path, options=WALK, progress=lambda done, total: told.append((done, total)))
    assert list(tmp_path.iterdir()) == [path]
    assert path.stat().st_size > 0 and path.suffix == WALKS[kind].ending
    assert told[-1][0] == told[-1][1] > 0
    assert told == sorted(told) and len({total for _, total in told}) == 1


@pytest.mark.parametrize("kind", WALKS)
def test_what_is_given_up_leaves_nothing(kept: Kept, tmp_path: Path, kind: str) -> None:
    def give_up(done: int, total: int) -> None:
        if done >= 1:
            raise Cancelled

    with pytest.raises(Cancelled):
        export(*kept, kind=kind, path=tmp_path / "file", options=WALK, progress=give_up)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("kind", FILMS)
@pytest.mark.parametrize("options", [WALK, replace(WALK, how="both", frames=5, closed=True, weights="living", side=129)])
def test_a_film_has_every_frame(kept: Kept, tmp_path: Path, kind: str, options: Walk) -> None:
    path = made(kept, kind, tmp_path, options)
    if kind.endswith("mp4"):
        with av.open(str(path)) as video:
            frames = list(video.decode(video=0))
            assert float(video.streams.video[0].average_rate or 0) == options.fps
        count, size = len(frames), (frames[0].width, frames[0].height)
    else:
        with Image.open(path) as picture:
            count, size = picture.n_frames, picture.size  # type: ignore[attr-defined]
            assert picture.info["loop"] == 0
    assert count == options.frames
    assert size[0] % 2 == size[1] % 2 == 0
    assert options.side / 2 < max(size) <= options.side
    assert (size[0] > size[1]) == (options.how == "both")


def test_a_gif_shows_what_the_generator_draws(kept: Kept, tmp_path: Path) -> None:
    path = WALK.path("slerp")
    assert path.shape == (FRAMES, 4)
    assert torch.allclose(path[[0, -1]], torch.tensor([Z[0], Z[-1]]), atol=1e-5)
    pictures = drawn(kept, path)
    with Image.open(made(kept, "walk.gif", tmp_path)) as film:
        for index in (0, 7, FRAMES - 1):
            film.seek(index)
            shown = np.asarray(film.convert("L").resize(pictures.shape[2:0:-1], Image.Resampling.NEAREST)).astype(int)
            assert np.abs(shown - pictures[index, :, :, 0]).max() <= 1


def test_a_sheet_holds_all_frames(kept: Kept, tmp_path: Path) -> None:
    height, width = kept[0].config(kept[1]).shape[1:]
    with Image.open(made(kept, "walk-sheet", tmp_path)) as sheet:
        times = sheet.width // (5 * width)
        assert sheet.size == (5 * width * times, 4 * height * times)
        small = np.asarray(sheet.resize((5 * width, 4 * height), Image.Resampling.NEAREST)).astype(int)
    assert np.abs(small[:height, :width] - drawn(kept, torch.tensor(Z[:1]))[0, :, :, 0]).max() <= 1


@pytest.mark.parametrize("how", ["slerp", "lerp", "both"])
def test_the_numbers_are_those_of_the_walk(kept: Kept, tmp_path: Path, how: str) -> None:
    options = replace(WALK, how=how)
    with np.load(made(kept, "walk-z", tmp_path, options), allow_pickle=False) as file:
        ways = {"slerp", "lerp"} if how == "both" else {how}
        assert {*file.files} == {"keys", "step", *ways, *(f"{way}_norms" for way in ways)}
        assert np.allclose(file["keys"], Z)
        assert file["step"] == kept[0].status(kept[1]).checkpoint_step
        for way in ways:
            assert np.allclose(file[way], options.path(way).numpy())
            assert np.allclose(file[f"{way}_norms"], np.linalg.norm(file[way], axis=1), atol=1e-5)


def test_straight_lines_cut_through_the_sphere() -> None:
    """Between two z of the same length at a right angle, the middle of the line has 1/sqrt(2) of it; the arc keeps all."""
    keys = tuple(tuple(row) for row in (3 * torch.eye(4)[:2]).tolist())
    options = Walk(keys=keys, frames=3)
    assert options.path("lerp").norm(dim=1).tolist() == pytest.approx([3, 3 / 2**0.5, 3], abs=1e-4)
    assert options.path("slerp").norm(dim=1).tolist() == pytest.approx([3, 3, 3], abs=1e-4)


def test_whose_generator_draws_it(kept: Kept, tmp_path: Path) -> None:
    store, run_id = kept
    z = torch.tensor(Z)
    averages = store.moments(run_id).averages
    assert weights_at(store, run_id, "averaged")[1] == store.status(run_id).checkpoint_step
    assert weights_at(store, run_id, "living", averages[0])[1] == averages[0]
    pictures = [drawn(kept, z), drawn(kept, z, weights="living"), drawn(kept, z, step=averages[0])]
    assert not any(np.array_equal(pictures[i], pictures[j]) for i, j in ((0, 1), (0, 2), (1, 2)))
    with np.load(made(kept, "walk-z", tmp_path, replace(WALK, step=averages[0])), allow_pickle=False) as file:
        assert file["step"] == averages[0]


def test_a_job_makes_it(kept: Kept) -> None:
    jobs = Jobs(kept[0])
    job = jobs.wait_for(jobs.start("ann", kept[1], kind="walk-z", options=WALK).job_id, 20)
    assert job.state == "done" and job.path is not None and job.path.name == f"{kept[1]}-walk-z.npz"
    jobs.close()


# What cannot be


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"how": "around"}, "how is 'around'. It can be slerp, lerp, both"),
        ({"frames": 1}, "frames is 1, and it has to be from 2 to 480"),
        ({"frames": 481}, "from 2 to 480"),
        ({"keys": Z[:1]}, "keys is 1, and it has to be from 2 to 8"),
        ({"keys": 3 * Z}, "keys is 9"),
        ({"keys": ((0.0, float("nan")), (0.0, 1.0))}, "not finite"),
        ({"keys": ((0.0, 1e4), (0.0, 1.0))}, "beyond 1000"),
        ({"weights": "best"}, "It can be averaged, living"),
        ({"fps": 99}, "from 1 to 30"),
    ],
)
def test_walks_that_cannot_be(changes: dict[str, object], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        replace(WALK, **changes)  # type: ignore[arg-type]


def test_keys_of_another_run_or_none(kept: Kept) -> None:
    with pytest.raises(ValueError, match="has 4 numbers, and a key has 5"):
        export_bytes(*kept, kind="walk-z", options=replace(WALK, keys=((0.0,) * 5,) * 2))
    with pytest.raises(ValueError, match="A walk needs keys"):
        export_bytes(*kept, kind="walk-z", options=Options())
    with pytest.raises(ValueError, match="keeps no generator of step 99999"):
        export_bytes(*kept, kind="walk-z", options=replace(WALK, step=99999))


def test_runs_without_images_or_weights_say_so(kept: Kept, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store, run_id = keep_run(tmp_path / "points", monkeypatch, moments=2, data="ring-8")
    assert "draws points, not images" in missing("walk.gif", store, run_id)
    record = kept[0].new(kept[0].config(kept[1]))
    record.close("stopped", "")
    assert "keeps no generator yet" in missing("walk.gif", kept[0], record.run_id)


def test_a_run_without_a_checkpoint_walks_with_its_last_average(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run = keep_run(tmp_path / "runs", monkeypatch, moments=3)
    status = run[0].folder(run[1]) / "status.json"
    status.write_text(status.read_text().replace(f'"checkpoint_step": {run[0].status(run[1]).checkpoint_step}', '"checkpoint_step": -1'))
    assert missing("walk-z", *run) == ""
    assert weights_at(*run, "living")[1] == run[0].moments(run[1]).averages[-1]


# Classes


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Kept:
    """A run whose players are told the class, one of three."""
    with pytest.MonkeyPatch.context() as patch:
        return keep_run(tmp_path_factory.mktemp("told"), patch, moments=2, conditional="yes")


def test_a_walk_goes_from_class_to_class_straight_on(told: Kept, tmp_path: Path) -> None:
    options = replace(WALK, keys=(Z[0], Z[0]), kinds=(((0, 1.0),), ((2, 1.0),)), frames=5)
    weights, _ = weights_at(*told, "averaged")
    generator = generator_of(told[0].config(told[1]), weights)
    frames = Frames(*told, options)
    for index, label in ((0, 0), (4, 2)):
        one = to_pictures(to_bytes(draw(generator, torch.tensor(Z[:1]), torch.tensor([label]))))[0]
        assert np.abs(frames[index].astype(int) - one).max() <= 1
    assert not np.array_equal(frames[2], frames[0]) and not np.array_equal(frames[2], frames[4])
    with np.load(made(told, "walk-z", tmp_path, options), allow_pickle=False) as file:
        assert np.allclose(file["classes"], [[1 - t, 0, t] for t in np.linspace(0, 1, 5)])


def test_without_classes_a_walk_is_of_the_first(told: Kept) -> None:
    plain, first = (Frames(*told, replace(WALK, kinds=kinds)) for kinds in ((), (((0, 1.0),),) * 3))
    assert np.array_equal(plain[3], first[3])


def test_classes_that_cannot_be(told: Kept, kept: Kept, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="There are 3 keys, and classes for 1"):
        replace(WALK, kinds=(((0, 1.0),),))
    with pytest.raises(ValueError, match="those from 0 to 2, and a key asks for class 3"):
        Frames(*told, replace(WALK, kinds=(((3, 1.0),),) * 3))
    with np.load(made(kept, "walk-z", tmp_path, replace(WALK, kinds=(((3, 1.0),),) * 3)), allow_pickle=False) as file:
        assert "classes" not in file.files, "a run that is told none asks for none"
