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

HERE = Path(__file__).parents[1] / "checkpoints"
NAME = "demo-glyphs"


@pytest.fixture
def store(tmp_path: Path) -> RunStore:
    shutil.copytree(HERE / NAME, tmp_path / NAME)
    return RunStore(tmp_path)


def contents(store: RunStore) -> dict[str, str]:
    files = sorted(path for path in store.folder(NAME).rglob("*") if path.is_file() and path.name != "lock")
    return {str(path.relative_to(store.root)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def test_it_is_small() -> None:
    assert sum(path.stat().st_size for path in (HERE / NAME).rglob("*") if path.is_file()) <= 5 * 2**20


def test_it_has_all_that_a_run_has(store: RunStore) -> None:
    status, moments = store.status(NAME), store.moments(NAME)
    assert store.list() == [status]
    assert (status.state, status.bundled, status.resumable) == ("stopped", True, False)
    assert len(moments.samples) >= 40
    assert moments.samples[0] == 0
    assert moments.samples[-1] == moments.averages[-1] == moments.checkpoints[-1] == status.step
    assert len(moments.averages) >= 8
    assert len(moments.checkpoints) >= 2
    assert len(store.history(NAME)) > 200
    assert store.past(NAME).marks, "it shows what a turned knob looks like"
    started = store.started(NAME)
    assert started is not None
    assert started.reals.shape == (64, 28, 28, 1)


@pytest.mark.parametrize("which", [0, -1])
def test_its_pictures_are_those_of_its_generators(store: RunStore, which: int) -> None:
    step = store.moments(NAME).averages[-1]
    samples, config = store.samples(NAME, step), store.config(NAME)
    assert samples is not None
    drawn = draw(generator_of(config, store.average(NAME, step)), shown_z("image", config.latent_dim))
    pictures = ((drawn.clamp(-1, 1) + 1) * 127.5).permute(0, 2, 3, 1).numpy()
    # Half precision moves an edge here and there.
    assert np.abs(pictures - samples.averaged)[which].mean() < 2


def test_it_can_be_forked_and_stays_as_it_is(store: RunStore) -> None:
    before = contents(store)
    step = store.moments(NAME).checkpoints[0]
    record = store.fork(NAME, step, {"gamma": 3.0})
    record.close("stopped", "")
    assert store.status(record.run_id).parent == NAME
    assert not store.status(record.run_id).bundled
    for change in (store.reopen, store.delete):
        with pytest.raises(ValueError, match="came with GANscope"):
            change(NAME)
    assert contents(store) == before
