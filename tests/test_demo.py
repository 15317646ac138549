"""The bundled demo run is whole, small, and stays as it is whatever is done with it."""

from __future__ import annotations

import hashlib
import shutil
from pathlib import Path

import numpy as np
import pytest

from gan_core.looking import draw, generator_of
from gan_core.store import RunStore
from gan_core.streams import shown_z
from live.coaching import coach_of

HERE = Path(__file__).parents[1] / "checkpoints"
LEAST = {"demo-glyphs": (40, 8, 2), "demo-fashion": (20, 6, 1)}
"""Name -> how many moments have pictures, a generator and a checkpoint, at least."""


@pytest.fixture(params=LEAST)
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def store(tmp_path: Path, name: str) -> RunStore:
    shutil.copytree(HERE / name, tmp_path / name)
    return RunStore(tmp_path)


def contents(store: RunStore, name: str) -> dict[str, str]:
    files = sorted(path for path in store.folder(name).rglob("*") if path.is_file() and path.name != "lock")
    return {str(path.relative_to(store.root)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def test_it_is_small(name: str) -> None:
    assert sum(path.stat().st_size for path in (HERE / name).rglob("*") if path.is_file()) <= 5 * 2**20


def test_it_has_all_that_a_run_has(store: RunStore, name: str) -> None:
    status, moments = store.status(name), store.moments(name)
    assert store.list() == [status]
    assert (status.state, status.bundled, status.resumable) == ("stopped", True, False)
    assert all(len(kept) >= least for kept, least in zip(vars(moments).values(), LEAST[name], strict=True))
    assert moments.samples[0] == 0
    assert moments.samples[-1] == moments.averages[-1] == moments.checkpoints[-1] == status.step
    assert len(store.history(name)) > 200
    assert store.past(name).marks, "it shows what a turned knob looks like"
    started = store.started(name)
    assert started is not None
    assert started.reals.shape == (64, 28, 28, 1)


def test_what_the_coach_says_of_its_variety_was_measured(store: RunStore, name: str) -> None:
    said = coach_of(store, name).sayings
    assert said
    assert all(saying.code == "healthy" and isinstance(saying.values["variety"], float) for saying in said)


@pytest.mark.parametrize("which", [0, -1])
def test_its_pictures_are_those_of_its_generators(store: RunStore, name: str, which: int) -> None:
    step = store.moments(name).averages[-1]
    samples, config = store.samples(name, step), store.config(name)
    assert samples is not None
    drawn = draw(generator_of(config, store.average(name, step)), shown_z("image", config.latent_dim))
    pictures = ((drawn.clamp(-1, 1) + 1) * 127.5).permute(0, 2, 3, 1).numpy()
    # Half precision moves an edge here and there.
    assert np.abs(pictures - samples.averaged)[which].mean() < 2


def test_it_can_be_forked_and_stays_as_it_is(store: RunStore, name: str) -> None:
    before = contents(store, name)
    step = store.moments(name).checkpoints[0]
    record = store.fork(name, step, {"gamma": 3.0})
    record.close("stopped", "")
    assert store.status(record.run_id).parent == name
    assert not store.status(record.run_id).bundled
    for change in (store.reopen, store.delete):
        with pytest.raises(ValueError, match="came with GANscope"):
            change(name)
    assert contents(store, name) == before
