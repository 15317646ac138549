"""What can be taken along of a run: each kind is made, can be read by who it is for, and leaves nothing when it is given up."""

from __future__ import annotations

import csv
import shutil
import subprocess
import sys
import zipfile
from dataclasses import replace
from pathlib import Path

import av
import numpy as np
import onnx
import onnxruntime
import pytest
import torch
from kept_runs import keep_run
from PIL import Image
from safetensors import safe_open

from gan_core.export import EXPORTS, Cancelled, Options, export, export_bytes, file_name, missing
from gan_core.export.base import FPS, SIDES
from gan_core.export.networks import drawing_of
from gan_core.export.tensorboard import some
from gan_core.export.tracing import write_onnx
from gan_core.looking import draw
from gan_core.networks import NETWORKS
from gan_core.store import RunStore

MOMENTS = 5
LONG = [kind for kind, row in EXPORTS.items() if row.long]
FILMS = ["time-lapse.gif", "time-lapse.webp", "time-lapse.mp4"]
ROOT = Path(__file__).parents[1]
Kept = tuple[RunStore, str]


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Kept:
    with pytest.MonkeyPatch.context() as patch:
        return keep_run(tmp_path_factory.mktemp("runs"), patch, moments=MOMENTS)


@pytest.fixture(scope="module")
def kept_points(tmp_path_factory: pytest.TempPathFactory) -> Kept:
    with pytest.MonkeyPatch.context() as patch:
        return keep_run(tmp_path_factory.mktemp("planes"), patch, moments=MOMENTS, data="ring-8")


def made(run: Kept, kind: str, folder: Path, options: Options | None = None) -> Path:
    path = folder / file_name(kind, run[1])
    export(*run, kind=kind, path=path, options=options or Options(), progress=lambda done, total: None)
    return path


@pytest.mark.parametrize("kind", EXPORTS)
def test_every_kind_tells_how_far_it_is_and_leaves_one_file(kept: Kept, tmp_path: Path, kind: str) -> None:
    told: list[tuple[int, int]] = []
    path = tmp_path / file_name(kind, kept[1])
    export(*kept, kind=kind, path=path, options=Options(), progress=lambda done, total: told.append((done, total)))
    assert list(tmp_path.iterdir()) == [path]
    assert path.stat().st_size > 0 and path.suffix == EXPORTS[kind].ending
    assert told[-1][0] == told[-1][1] > 0
    assert told == sorted(told) and len({total for _, total in told}) == 1


@pytest.mark.parametrize("kind", LONG)
def test_what_is_given_up_leaves_nothing(kept: Kept, tmp_path: Path, kind: str) -> None:
    def give_up(done: int, total: int) -> None:
        if done >= 1:
            raise Cancelled

    with pytest.raises(Cancelled):
        export(*kept, kind=kind, path=tmp_path / "file", options=Options(), progress=give_up)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("run", ["kept", "kept_points"])
@pytest.mark.parametrize("kind", FILMS)
@pytest.mark.parametrize("options", [Options(), Options(weights="living", fps=5, side=129), Options(fps=30, side=1001)])
def test_a_time_lapse_has_a_frame_a_moment(kind: str, run: str, options: Options, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    path = made(request.getfixturevalue(run), kind, tmp_path, options)
    if kind.endswith("mp4"):
        with av.open(str(path)) as video:
            frames = list(video.decode(video=0))
            assert video.streams.video[0].codec_context.pix_fmt == "yuv420p"
            assert float(video.streams.video[0].average_rate or 0) == options.fps
        size = (frames[0].width, frames[0].height)
        assert len(frames) == MOMENTS
    else:
        with Image.open(path) as picture:
            assert getattr(picture, "n_frames", 1) == MOMENTS
            size = picture.size
    assert size[0] % 2 == size[1] % 2 == 0
    assert options.side / 2 < size[0] <= options.side + 1
    assert size[1] > size[0], "the step stands below the picture"


@pytest.mark.parametrize(("run", "least"), [("kept", 1024), ("kept_points", 1024)])
def test_a_sheet_is_enlarged_by_a_whole_number(run: str, least: int, request: pytest.FixtureRequest, tmp_path: Path) -> None:
    store, run_id = request.getfixturevalue(run)
    for weights in ("averaged", "living"):
        options = Options(weights=weights, step=store.moments(run_id).samples[2])  # type: ignore[arg-type]
        with Image.open(made((store, run_id), "sheet", tmp_path, options)) as sheet:
            assert max(sheet.size) >= least
            if run == "kept":
                with Image.open(store.folder(run_id) / "samples" / f"{options.step:09d}-{weights}.png") as small:
                    assert sheet.size[0] % small.size[0] == 0
                    assert np.array_equal(np.asarray(sheet.resize(small.size, Image.Resampling.NEAREST)), np.asarray(small))


def test_curves_are_a_table_of_whole_numbers_and_values(kept: Kept, tmp_path: Path) -> None:
    with made(kept, "curves", tmp_path).open(newline="") as file:
        table = list(csv.DictReader(file))
    rows = kept[0].history(kept[1]).since(None)
    assert [*table[0]] == ["step", "epoch", "images", "elapsed_s", *rows.names]
    assert [int(row["step"]) for row in table] == rows.values[:, 0].tolist()
    assert [float(row["loss/critic"]) for row in table] == pytest.approx(rows.values[:, 4 + rows.names.index("loss/critic")].tolist())


def test_weights_are_both_generators(kept: Kept, tmp_path: Path) -> None:
    with safe_open(made(kept, "weights", tmp_path), framework="pt") as file:
        assert {name.partition(".")[0] for name in file.keys()} == {"generator", "average"}  # noqa: SIM118 - not a dict


@pytest.mark.parametrize(("network", "data"), [*((name, "digits") for name in NETWORKS), ("mlp", "ring-8")])
def test_onnx_draws_what_torch_draws(network: str, data: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    width = {"dcgan": 16, "modern": 4}.get(network, 8)
    run = keep_run(tmp_path / "runs", monkeypatch, moments=2, network=network, data=data, width=width)
    path = tmp_path / "generator.onnx"
    write_onnx(*run, path)
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    latent_dim = run[0].config(run[1]).latent_dim
    assert {entry.key for entry in onnx.load(path).metadata_props} >= {"config", "z"}
    for batch in (1, 7):
        z = torch.randn(batch, latent_dim, generator=torch.Generator().manual_seed(batch)) * 3
        (drawn,) = session.run(["samples"], {"z": z.numpy()})
        assert np.abs(drawn - draw(drawing_of(*run), z).numpy()).max() < 1e-4
        assert data == "ring-8" or np.abs(drawn).max() <= 1


@pytest.mark.slow
def test_onnx_comes_from_a_process_of_its_own(kept: Kept, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """torch.export changes how other threads of its process compute: a run that trains meanwhile would become another one."""
    monkeypatch.setattr(torch.onnx, "export", lambda *_, **__: pytest.fail("it was traced here"))
    monkeypatch.setattr(torch.export, "export", lambda *_, **__: pytest.fail("it was traced here"))
    assert onnx.load(made(kept, "onnx", tmp_path)).graph.input[0].name == "z"


def test_what_goes_wrong_in_that_process_is_said(kept: Kept, tmp_path: Path) -> None:
    root = tmp_path / "runs"
    shutil.copytree(kept[0].root, root)
    for path in root.rglob("*-checkpoint.safetensors"):
        path.write_bytes(b"torn")
    with pytest.raises(RuntimeError, match=r"could not be written: .* no readable checkpoint"):
        export_bytes(RunStore(root), kept[1], kind="onnx", options=Options())


def test_tensorboard_reads_the_log(kept: Kept, tmp_path: Path) -> None:
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    with zipfile.ZipFile(made(kept, "tensorboard", tmp_path)) as archive:
        archive.extractall(tmp_path / "log")
    log = EventAccumulator(str(tmp_path / "log" / kept[1]), size_guidance={"images": 0, "scalars": 0})
    log.Reload()
    rows, status = kept[0].history(kept[1]).since(None), kept[0].status(kept[1])
    scalars = log.Scalars("loss/critic")
    assert [scalar.step for scalar in scalars] == rows.values[:, 0].tolist()
    assert [scalar.wall_time for scalar in scalars] == pytest.approx((status.created_at + rows.values[:, 3]).tolist())
    assert [image.step for image in log.Images("samples/averaged")] == kept[0].moments(kept[1]).samples
    assert log.Tags()["tensors"] == ["settings/text_summary"]


def test_some_of_many_are_spread_from_end_to_end() -> None:
    assert some([3, 4], 20) == [3, 4]
    chosen = some(range(240), 20)
    assert len(set(chosen)) == 20 and chosen[0] == 0 and chosen[-1] == 239
    assert {b - a for a, b in zip(chosen, chosen[1:], strict=False)} <= {12, 13}


@pytest.mark.slow
@pytest.mark.parametrize("data", ["digits", pytest.param("ring-8", marks=pytest.mark.slow)])
def test_the_script_runs(data: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run = keep_run(tmp_path / "runs", monkeypatch, moments=4, data=data)
    script = made(run, "script", tmp_path)
    assert "'gamma', 0.5" in script.read_text()
    done = subprocess.run(
        [sys.executable, "-W", "error", script, "4"],
        cwd=tmp_path,
        env={"PYTHONPATH": str(ROOT), "PATH": ""},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert "4 steps; what the generator draws is in samples.png" in done.stdout
    with Image.open(tmp_path / "samples.png") as picture:
        assert picture.width > 100


# What cannot be


def test_a_run_without_pictures_or_checkpoint_says_so(tmp_path: Path, kept: Kept) -> None:
    store = RunStore(tmp_path)
    record = store.new(kept[0].config(kept[1]))
    record.close("stopped", "")
    for kind, row in EXPORTS.items():
        wanted = {"nothing": "", "pictures": "no pictures yet", "checkpoint": "no checkpoint yet"}[row.needs]
        reason = missing(kind, store, record.run_id)
        assert wanted in reason and bool(reason) == bool(wanted)
        if wanted:
            with pytest.raises(ValueError, match=wanted):
                export_bytes(store, record.run_id, kind=kind, options=Options())


@pytest.mark.parametrize("kind", [kind for kind, row in EXPORTS.items() if row.packages])
def test_a_missing_package_is_named(kind: str, kept: Kept, monkeypatch: pytest.MonkeyPatch) -> None:
    assert EXPORTS[kind].available() == ""
    monkeypatch.setitem(EXPORTS, kind, replace(EXPORTS[kind], packages=("no_such_package",)))
    assert missing(kind, *kept) == "This needs the Python package no_such_package, which is not installed: pip install no_such_package."


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"weights": "best"}, "It can be averaged, living"),
        ({"fps": FPS[1] + 1}, "from 1 to 30"),
        ({"fps": float("nan")}, "from 1 to 30"),
        ({"side": SIDES[0] - 1}, "from 128 to 2160"),
    ],
)
def test_options_that_cannot_be(changes: dict[str, object], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        Options(**changes)  # type: ignore[arg-type]


def test_what_was_not_kept_or_is_not_known(kept: Kept, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="keeps no pictures of step 99999"):
        export_bytes(*kept, kind="sheet", options=Options(step=99999))
    with pytest.raises(ValueError, match="There is no export 'mp5'"):
        export_bytes(*kept, kind="mp5", options=Options())
    with pytest.raises(ValueError, match="There is no run"):
        export_bytes(kept[0], "nothing", kind="curves", options=Options())


def test_a_moment_that_is_gone_is_left_standing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store, run_id = keep_run(tmp_path / "runs", monkeypatch, moments=4)
    (store.folder(run_id) / "samples" / f"{store.moments(run_id).samples[2]:09d}-averaged.png").unlink()
    with av.open(str(made((store, run_id), "time-lapse.mp4", tmp_path))) as video:
        assert len(list(video.decode(video=0))) == 4
