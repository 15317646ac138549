"""Settings are valid or not made, and are the same in JSON, in a link and on the command line."""

from __future__ import annotations

import dataclasses
import json
import re
from typing import Any, get_args
from urllib.parse import parse_qsl, urlencode

import pytest

from gan_core.augment import AUGMENTS
from gan_core.config import KNOBS, LIVE, TYPES, RunConfig
from gan_core.data import DATA
from gan_core.games import GAMES
from gan_core.knobs import Group
from gan_core.networks import NETWORKS
from gan_core.penalties import PENALTIES

EVERY = pytest.mark.parametrize("name", KNOBS)
NUMBERS = [name for name in KNOBS if TYPES[name] is not str and not KNOBS[name].choices]
CHOICES = [name for name in KNOBS if KNOBS[name].choices]


def other(name: str) -> Any:
    """A good value of the field that is not its default."""
    knob, kind, default = KNOBS[name], TYPES[name], getattr(RunConfig(), name)
    if name == "folder":
        return "/home/Ünal & co/100%+ more? #1"
    if knob.choices:
        return next(kind(choice) for choice in knob.choices if kind(choice) != default)
    return default + 1 if kind is int else next(value for value in (0.1 + 0.2, 1 / 3) if knob.low <= value <= knob.high)


def needed(name: str) -> dict[str, str]:
    """Other settings that a value of this one asks for."""
    return {"folder": {"data": "folder"}, "label_smoothing": {"game": "non-saturating"}}.get(name, {})


def beyond(name: str) -> list[float]:
    knob, least = KNOBS[name], 1 if TYPES[name] is int else 1e-6
    return [knob.low - least, knob.high + least * max(1.0, knob.high)]


def everything_else() -> RunConfig:
    """No field with its default, but for the network: only that one has layers that can be chosen."""
    return RunConfig(**{name: other(name) for name in KNOBS} | {"data": "folder", "network": "mlp"})


def refused(name: str, value: Any) -> str:
    """The sentence that a bad value gets."""
    with pytest.raises(ValueError, match=re.escape(name)) as caught:
        RunConfig(**{name: value})
    assert repr(value) in str(caught.value)
    return str(caught.value)


@EVERY
def test_the_default_is_good_and_so_is_another_value(name: str) -> None:
    config = RunConfig(**({name: other(name)} | needed(name)))
    assert getattr(config, name) == other(name) != getattr(RunConfig(), name)
    assert type(getattr(config, name)) is TYPES[name]


@pytest.mark.parametrize("name", NUMBERS)
@pytest.mark.parametrize("side", [0, 1], ids=["low", "high"])
def test_a_number_beyond_its_bounds_is_refused_with_the_bounds(name: str, side: int) -> None:
    sentence = refused(name, beyond(name)[side])
    bounds = [float(text.replace(",", "")) for text in re.findall(r"from (\S+) to (\S+?)\.$", sentence)[0]]
    assert bounds == [KNOBS[name].low, KNOBS[name].high]


@pytest.mark.parametrize("name", NUMBERS)
@pytest.mark.parametrize("bound", ["low", "high"])
def test_the_bounds_themselves_are_good(name: str, bound: str) -> None:
    value = getattr(KNOBS[name], bound)
    mlp = {"network": "mlp"}
    assert getattr(RunConfig(**(mlp | needed(name) | {name: value})), name) == value


@EVERY
@pytest.mark.parametrize("value", [None, True, False, [], {}, b"1"], ids=repr)
def test_what_is_neither_text_nor_number_is_refused(name: str, value: Any) -> None:
    refused(name, value)


@pytest.mark.parametrize("name", [name for name in KNOBS if TYPES[name] is not str])
@pytest.mark.parametrize("value", ["many", "", "nan", "inf", "-inf", float("nan"), float("inf"), "1e999", "0x10", "1,5"], ids=repr)
def test_what_is_no_finite_number_is_refused(name: str, value: Any) -> None:
    refused(name, value)


@pytest.mark.parametrize("name", [name for name in KNOBS if TYPES[name] is int])
@pytest.mark.parametrize("value", [32.5, "32.5"], ids=repr)
def test_half_a_thing_is_refused(name: str, value: Any) -> None:
    refused(name, value)


@pytest.mark.parametrize("name", [name for name in KNOBS if TYPES[name] is int and not KNOBS[name].choices])
def test_a_whole_number_may_come_as_any_number(name: str) -> None:
    value = other(name)
    for written in (value, float(value), str(value)):
        got = getattr(RunConfig(**{name: written}), name)
        assert got == value
        assert type(got) is int


@pytest.mark.parametrize("name", CHOICES)
def test_no_such_choice_is_refused_with_the_choices(name: str) -> None:
    bad = "no such thing" if TYPES[name] is str else 33
    sentence = refused(name, bad)
    assert all(choice in sentence for choice in KNOBS[name].choices)


@pytest.mark.parametrize(("name", "choice"), [(name, choice) for name in CHOICES for choice in KNOBS[name].choices])
def test_a_near_miss_of_a_choice_is_answered_with_the_choice(name: str, choice: str) -> None:
    assert f"Did you mean {choice}?" in refused(name, choice[0] + choice)


@EVERY
def test_a_near_miss_of_a_name_is_answered_with_the_name(name: str) -> None:
    with pytest.raises(ValueError, match=rf"{name[0]}{name} is no setting\. Did you mean {name}\?"):
        RunConfig().but(**{name[0] + name: getattr(RunConfig(), name)})


def test_a_name_that_is_near_to_none_is_answered_with_all() -> None:
    with pytest.raises(ValueError, match="zzz is no setting") as caught:
        RunConfig.from_dict({"zzz": 1})
    assert all(name in str(caught.value) for name in KNOBS)


def test_choices_are_the_registries() -> None:
    for name, registry in (("data", DATA), ("network", NETWORKS), ("game", GAMES), ("penalty", PENALTIES), ("augment", AUGMENTS)):
        assert KNOBS[name].choices == tuple(registry)


@EVERY
def test_every_knob_helps_in_a_sentence_and_is_in_a_group(name: str) -> None:
    assert KNOBS[name].help.endswith(".")
    assert KNOBS[name].group in get_args(Group)
    assert KNOBS[name].live == (name in LIVE)


@EVERY
def test_it_is_frozen(name: str) -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        setattr(RunConfig(), name, other(name))


def test_it_comes_back_from_json() -> None:
    for config in (RunConfig(), everything_else()):
        assert RunConfig.from_dict(json.loads(json.dumps(config.to_dict()))) == config
        assert list(config.to_dict()) == list(KNOBS)


def test_what_json_leaves_out_has_its_default() -> None:
    assert RunConfig.from_dict({}) == RunConfig()
    assert RunConfig.from_dict({"width": 8}) == RunConfig(width=8)


def test_it_comes_back_from_a_link() -> None:
    plain, changed = RunConfig(), everything_else()
    for base, config in ((plain, changed), (changed, plain)):
        link = urlencode(config.differences(base))
        assert base.but(**dict(parse_qsl(link, keep_blank_values=True))) == config
    assert set(changed.differences(plain)) == set(KNOBS) - {"network"}


@EVERY
def test_a_link_carries_what_differs_and_nothing_else(name: str) -> None:
    changes = {name: other(name)} | needed(name)
    differences = RunConfig(**changes).differences(RunConfig())
    assert set(differences) == set(changes)
    assert all(isinstance(text, str) for text in differences.values())
    assert RunConfig().differences(RunConfig()) == {}


def test_changes_make_another_and_leave_the_first() -> None:
    config = RunConfig()
    assert config.but(gamma=3).gamma == 3.0
    assert config == RunConfig()
    with pytest.raises(ValueError, match="gamma"):
        config.but(gamma=-1)


@pytest.mark.parametrize("data", ["folder", "points"])
def test_a_folder_that_is_not_named_is_refused(data: str) -> None:
    with pytest.raises(ValueError, match=rf"{data}.* Set folder"):
        RunConfig(data=data)


@pytest.mark.parametrize("network", NETWORKS)
def test_one_sample_is_no_batch_for_batch_norm(network: str) -> None:
    if NETWORKS[network].batch_norm:
        with pytest.raises(ValueError, match=rf"batch_size is 1.*{network}"):
            RunConfig(network=network, batch_size=1)
    else:
        assert RunConfig(network=network, batch_size=1).batch_size == 1
    assert RunConfig(network=network, batch_size=2).batch_size == 2


@pytest.mark.parametrize("penalty", PENALTIES)
def test_no_penalty_on_gradients_goes_with_batch_norm_in_the_critic(penalty: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(NETWORKS, "dcgan", dataclasses.replace(NETWORKS["dcgan"], critic_batch_norm=True))
    if PENALTIES[penalty].on_gradient:
        with pytest.raises(ValueError, match=rf"penalty is {re.escape(penalty)}, and D of the network dcgan has BatchNorm.*Take .*none"):
            RunConfig(network="dcgan", penalty=penalty)
        with pytest.raises(ValueError, match="BatchNorm"):
            RunConfig(network="dcgan", penalty="none").but(penalty=penalty)
    else:
        assert RunConfig(network="dcgan", penalty=penalty).penalty == penalty


def test_one_sample_is_no_batch_for_a_critic_with_batch_norm_either(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(NETWORKS, "mlp", dataclasses.replace(NETWORKS["mlp"], critic_batch_norm=True))
    with pytest.raises(ValueError, match=r"batch_size is 1.*mlp"):
        RunConfig(network="mlp", penalty="none", batch_size=1)


@pytest.mark.parametrize("game", GAMES)
def test_only_labels_can_be_smoothed(game: str) -> None:
    if GAMES[game].smoothed:
        assert RunConfig(game=game, label_smoothing=0.1).label_smoothing == 0.1
    else:
        with pytest.raises(ValueError, match=rf"label_smoothing is 0\.1, and the game {game} has no labels.* take the game .*minimax"):
            RunConfig(game=game, label_smoothing=0.1)
        assert RunConfig(game=game, label_smoothing=0).game == game


@pytest.mark.parametrize("network", NETWORKS)
@pytest.mark.parametrize("name", ["depth", "critic_depth"])
def test_layers_are_chosen_where_a_network_lets_one(network: str, name: str) -> None:
    if NETWORKS[network].deep:
        assert getattr(RunConfig(network=network, **{name: 2}), name) == 2
    else:
        with pytest.raises(ValueError, match=rf"{name} is 2, and the network {network} has layers of its own.*take the network mlp\."):
            RunConfig(network=network, **{name: 2})


def test_the_critic_is_built_as_the_generator_where_nothing_else_is_said() -> None:
    config = RunConfig(width=40, depth=2)
    assert config.size_generator == {"width": 40, "depth": 2}
    assert config.size_critic == config.size_generator | {"scales": 1}
    assert config.but(critic_width=7, critic_depth=1).size_critic == {"width": 7, "depth": 1, "scales": 1}
    assert config.but(critic_width=7, critic_depth=1).size_generator == config.size_generator


@pytest.mark.parametrize("data", [name for name in DATA if DATA[name].kind == "plane"])
def test_points_are_not_augmented(data: str) -> None:
    with pytest.raises(ValueError, match=rf"augment is cutout, and the data {data} are points.* Set it to none"):
        RunConfig(data=data, folder="somewhere", augment="cutout")


@pytest.mark.parametrize("network", NETWORKS)
@pytest.mark.parametrize("data", [name for name in DATA if DATA[name].kind == "plane"])
def test_points_are_for_networks_without_convolutions(network: str, data: str) -> None:
    if network.startswith("mlp"):
        assert RunConfig(network=network, data=data, folder="somewhere").shape == (2,)
    else:
        with pytest.raises(ValueError, match="take the network mlp"):
            RunConfig(network=network, data=data, folder="somewhere")


@pytest.mark.parametrize("bad", [{"latent_dim": 0}, {"width": 0}, {"data": "folder", "folder": "x", "image_size": 5000}], ids=str)
def test_sizes_that_cannot_be_are_refused(bad: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"latent_dim is 0|width is 0|image_size is 5000"):
        RunConfig(**bad)


@pytest.mark.parametrize("data", DATA)
def test_labelled_data_can_be_asked_for_by_class(data: str) -> None:
    settings = {"data": data, "conditional": "yes", "folder": "somewhere", "network": "mlp"}
    if DATA[data].labelled or data == "folder":  # whose folder has to be read first
        assert RunConfig(**settings).told and not RunConfig().told
    else:
        with pytest.raises(ValueError, match=r"conditional is yes, and these data have no classes\. Set it to no"):
            RunConfig(**settings)


@pytest.mark.parametrize("size", [32, 64])
def test_a_folders_images_have_the_size_that_is_set(size: int) -> None:
    config = RunConfig(data="folder", folder="somewhere", image_size=size)
    assert config.shape[1:] == (size, size)
    assert config.request.folder == "somewhere"
