"""What cannot work is refused when it is asked for, with one sentence: by the settings, in a link and on the command line alike."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from gan_core.__main__ import main
from gan_core.config import RunConfig
from gan_core.networks import NETWORKS
from gan_core.presets import PRESETS
from ui.address import read_url

REFUSED: list[tuple[dict[str, str], str]] = [
    ({"network": "mlp-bn", "penalty": "none", "batch_size": "1"}, "batch_size is 1, and the network mlp-bn has BatchNorm"),
    ({"latent_dim": "0"}, "latent_dim is '0', and it has to be a whole number from 1 to 1024"),
    ({"data": "folder", "folder": "somewhere", "image_size": "5000"}, "image_size is '5000'"),
    ({"data": "swiss-roll", "conditional": "yes"}, "these data have no classes"),
    ({"data": "points", "folder": "mine.csv", "conditional": "yes"}, "these data have no classes"),
    ({"data": "folder"}, "no folder is named"),
    ({"data": "ring-8", "network": "modern"}, "take the network mlp"),
    ({"data": "ring-8", "augment": "all"}, "only pictures can be changed that way"),
    ({"data": "ring-8", "critic_scales": "2"}, "points in a plane"),
    ({"game": "wasserstein", "label_smoothing": "0.1"}, "has no labels to smooth"),
    ({"network": "dcgan", "depth": "3"}, "has layers of its own"),
    ({"gamma": "nan"}, "gamma is 'nan'"),
    ({"game": "chess"}, "game is 'chess'"),
    ({"widht": "32"}, "Did you mean width?"),
]
EVERY = pytest.mark.parametrize(("settings", "said"), REFUSED, ids=[" ".join(map("=".join, settings.items())) for settings, _ in REFUSED])


def check(settings: dict[str, str], said: str, *, out: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(ValueError) as refused:
        RunConfig.from_dict(settings)
    sentence = str(refused.value)
    assert said in sentence and "\n" not in sentence

    preset, _, complaints = read_url(settings)
    assert preset == next(iter(PRESETS))
    assert [complaint for complaint in complaints if said in complaint], complaints

    told = [word for pair in settings.items() for word in ("--set", "=".join(pair))]
    assert main(["train", "--seconds", "1", "--out", str(out), *told]) == 2
    assert capsys.readouterr().err.strip() == " ".join(sentence.split())
    assert not out.exists(), "nothing was begun"


@EVERY
def test_it_is_refused_everywhere_in_the_same_words(
    settings: dict[str, str], said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    check(settings, said, out=tmp_path / "runs", capsys=capsys)


def test_so_is_a_gradient_penalty_with_batch_norm_in_d(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    # No network here has such a critic; one that somebody adds is refused by its row.
    monkeypatch.setitem(NETWORKS, "mlp-small", dataclasses.replace(NETWORKS["mlp-small"], critic_batch_norm=True))
    settings = {"network": "mlp-small", "penalty": "WGAN-GP"}
    check(settings, "D of the network mlp-small has BatchNorm", out=tmp_path / "runs", capsys=capsys)
