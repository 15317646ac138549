"""Mistakes of well-known GAN programs: for each the test that fails if somebody makes it here.

They were found in the programs' sources. Most are tested where they belong; what is left is here.
"""

from __future__ import annotations

import ast
from pathlib import Path
from typing import Any

import pytest
import torch
from tiny import tiny_state
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode
from torch.utils._python_dispatch import TorchDispatchMode

from gan_core.augment import AUGMENTS
from gan_core.games import GAMES
from gan_core.looking import draw
from gan_core.penalties import PENALTIES
from gan_core.state import GanState
from gan_core.step import update

TESTS = Path(__file__).parent
BUGS: dict[str, str] = {
    "PyTorch-GAN, relativistic_gan.py: the relativistic loss is computed and then overwritten by plain BCE": (
        "test_games.test_the_relativistic_generator_is_relativistic"
    ),
    "PyTorch-GAN, 22 files: BatchNorm(…, 0.8) sets eps": "test_networks.test_batch_norm_is_declared_and_has_torchs_own_eps",
    "PyTorch-GAN, wgan_gp.py: D is shown fakes with their history, so that G is differentiated for nothing": (
        "test_step.test_the_critic_is_shown_fakes_without_their_history"
    ),
    "PyTorch-GAN, gan.py: BCELoss on a sigmoid saturates": "test_games.test_extreme_logits_stay_finite",
    "PyTorch-GAN, gan.py: G moves first, and D then judges fakes of a G that is gone": (
        "test_known_bugs.test_the_critic_judges_fakes_of_the_generator_as_it_is"
    ),
    "pytorch/examples, dcgan: pictures are drawn in train mode, which changes BatchNorm's statistics": (
        "test_loop.test_drawing_leaves_batch_norm_alone"
    ),
    "pytorch/examples, dcgan: pictures are drawn with a graph behind them": "test_known_bugs.test_pictures_for_people_have_no_graph",
    "pytorch/examples, dcgan: D's gradients pile up while G moves": "test_step.test_no_gradient_is_carried_from_one_move_to_the_next",
    "pytorch/examples, Lightning, mimicry: .item() in every step": "test_known_bugs.test_no_step_waits_for_the_device",
    "mimicry: the loss called minimax is the non-saturating one": (
        "test_games.test_the_original_generator_loses_its_gradient_where_the_critic_is_sure"
    ),
    "mimicry: log(sigmoid + 1e-8) has no gradient where D is sure": "test_games.test_a_sure_critic_leaves_the_generator_its_whole_gradient",
    "mimicry: D is differentiated in G's step": "test_known_bugs.test_the_generators_move_computes_no_gradient_of_the_critics_weights",
    "torchgan: the penalty has an optimiser step of its own": (
        "test_penalties.test_the_penalty_between_is_in_the_critics_own_loss_and_takes_one_step_of_its_optimiser"
    ),
    "torchgan: one place between real and fake for the whole batch": (
        "test_penalties.test_points_between_are_each_at_a_place_of_its_own_and_on_the_way"
    ),
    "torchgan: logging gradients zeroes them": "test_known_bugs.test_curves_tell_the_gradients_that_moved_the_players",
    "pytorch_GAN_zoo: a NaN is masked, and training goes on": "test_loop.test_a_nan_ends_the_run_and_names_curve_and_step",
    "pytorch_GAN_zoo: both backward passes keep their graphs": "test_known_bugs.test_no_graph_outlives_its_move",
    "pytorch_GAN_zoo, GAN_stability: the average ignores BatchNorm's buffers": "test_averaging.test_buffers_are_copied_not_averaged",
    "lightweight-gan: the average begins after 20,000 steps": "test_step.test_the_average_begins_as_a_copy_and_then_lags_behind",
    "lightweight-gan: the way between two z of one direction is no number": (
        "test_latent.test_points_of_one_direction_are_joined_by_the_straight_line"
    ),
    "lightweight-gan: a NaN takes the last checkpoint back, for ever": "test_loop.test_a_nan_ends_the_run_and_names_curve_and_step",
    "unrolled_gan: a ring of eight that has seven places": "test_data.test_all_modes_are_distinct",
    "StudioGAN: each batch travels from the processor to the device": "test_known_bugs.test_nothing_travels_to_the_device_in_a_step",
    "StudioGAN: R1 asks D again, on newly augmented images": "test_known_bugs.test_a_penalty_looks_at_what_the_critic_judged",
    "StudioGAN: D judges reals under one augmentation and G's fakes under none": (
        "test_augment.test_nothing_leaks_a_perfect_generators_fakes_look_like_reals_in_both_moves"
    ),
    "R3GAN's paper prints a saturating generator; its code trains the other": (
        "test_games.test_a_sure_critic_leaves_the_generator_its_whole_gradient"
    ),
    "R3GAN's paper, equation 12: the square of the gradient's norm is missing": (
        "test_penalties.test_of_a_linear_critic_it_is_the_squared_weight_everywhere"
    ),
    "a gradient penalty through BatchNorm in D": "test_config.test_no_penalty_on_gradients_goes_with_batch_norm_in_the_critic",
    "WGAN-GP's root has no slope where the gradient is zero": "test_penalties.test_a_root_has_a_slope_where_the_gradient_is_zero",
    "a factor of two between programs' gammas": "test_penalties.test_the_loss_gets_half_of_gamma_times_the_square",
}


@pytest.mark.parametrize("bug", BUGS)
def test_every_known_bug_has_its_test(bug: str) -> None:
    file, _, name = BUGS[bug].partition(".")
    tree = ast.parse((TESTS / f"{file}.py").read_text(encoding="utf-8"))
    assert name in {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}


def test_the_critic_judges_fakes_of_the_generator_as_it_is() -> None:
    state, drawn, judged = tiny_state(critic_steps=2), [], []

    def of_generator() -> Tensor:
        return torch.cat([weight.detach().flatten() for weight in state.G.parameters()])

    state.G.register_forward_hook(lambda module, inputs, fake: drawn.append((fake.detach().clone(), of_generator())))
    state.D.register_forward_pre_hook(lambda module, inputs: judged.append((inputs[0].detach()[-16:].clone(), of_generator())))
    for _ in range(2):
        update(state)
    judged = [pair for pair in judged if any(torch.equal(pair[0], fake) for fake, _ in drawn)]
    assert len(judged) == 6, "twice in D's moves and once in G's, in each of two steps"
    for fake, generator in judged:
        (by,) = {index for index, (other, _) in enumerate(drawn) if torch.equal(other, fake)}
        assert torch.equal(drawn[by][1], generator)


class NoSync(TorchDispatchMode):
    """Refuses what has to wait for a device: reading a number, or a result whose size depends on numbers."""

    WAITING = ("_local_scalar_dense", "nonzero", "is_nonzero", "masked_select", "equal", "unique", "_to_copy")

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        name = func.overloadpacket.__name__
        moves = name == "_to_copy" and (kwargs or {}).get("device") is not None
        assert name not in self.WAITING or (name == "_to_copy" and not moves), f"{name} waits for the device"
        return func(*args, **(kwargs or {}))


CASES: list[dict[str, Any]] = [
    *({"game": game, "penalty": "none"} for game in GAMES),
    *({"penalty": penalty} for penalty in PENALTIES),
    *({"augment": augment} for augment in AUGMENTS),
    {"critic_scales": 2, "conditional": "yes"},
    {"game": "minimax", "label_smoothing": 0.1, "instance_noise": 0.3, "critic_steps": 2, "network": "dcgan", "burn_in_kimg": 1},
]


@pytest.mark.parametrize("settings", CASES, ids=str)
def test_no_step_waits_for_the_device(settings: dict[str, Any]) -> None:
    state = tiny_state(**settings)
    update(state)  # the order of the epoch is drawn in the first step
    with NoSync():
        update(state)


class NoTravel(TorchFunctionMode):
    """Refuses whatever sends a tensor to a device, its own too: on a GPU's machine that would be a journey in each step."""

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        named = [*args[1:], *(kwargs or {}).values()]
        sent = func is Tensor.to and any(isinstance(value, str | torch.device) for value in named)
        assert not sent and func not in (Tensor.cuda, Tensor.cpu), f"{func} sends to a device"
        return func(*args, **(kwargs or {}))


@pytest.mark.parametrize("settings", [CASES[0], CASES[-1], {"conditional": "yes", "critic_scales": 2, "augment": "all"}], ids=str)
def test_nothing_travels_to_the_device_in_a_step(settings: dict[str, Any]) -> None:
    state = tiny_state(**settings)
    update(state)  # the order of the epoch travels, once
    with NoTravel():
        update(state)
    with pytest.raises(AssertionError, match="sends"), NoTravel():
        torch.ones(1).to("cpu")


def test_pictures_for_people_have_no_graph() -> None:
    state = tiny_state(network="dcgan")
    drawn = draw(state.G, torch.randn(3, state.config.latent_dim))
    assert drawn.grad_fn is None and not drawn.requires_grad
    assert draw(state.D, drawn).grad_fn is None


def test_the_guard_against_waiting_is_awake() -> None:
    with pytest.raises(AssertionError, match="waits"), NoSync():
        torch.ones(1).item()


def test_the_generators_move_computes_no_gradient_of_the_critics_weights() -> None:
    # D's first matrix is (8, 256): the product that would be its gradient is the only tensor of that shape G's move could make.
    state, made = tiny_state(game="non-saturating"), []

    class Shapes(TorchDispatchMode):
        def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
            out = func(*args, **(kwargs or {}))
            if func.overloadpacket.__name__ in ("mm", "addmm"):
                made.append(tuple(out.shape))
            return out

    with Shapes():
        update(state, "generator")
        assert (8, 256) not in made
        update(state, "critic")
    assert (8, 256) in made


def test_curves_tell_the_gradients_that_moved_the_players() -> None:
    state = tiny_state()
    curves = update(state)
    for player, network in (("critic", state.D), ("generator", state.G)):
        norms = [weight.grad.norm() for weight in network.parameters() if weight.grad is not None]
        assert len(norms) == len(list(network.parameters()))
        torch.testing.assert_close(torch.stack(norms).norm(), curves[f"gradient/{player}"])
        assert curves[f"gradient/{player}"] > 0


@pytest.mark.parametrize("penalty", PENALTIES)
def test_no_graph_outlives_its_move(penalty: str) -> None:
    state = tiny_state(penalty=penalty)
    curves = update(state)
    assert all(curve.grad_fn is None for curve in curves.values())
    tensors = [value for value in vars(state).values() if isinstance(value, Tensor)] + list(state.spectral.values())
    assert all(tensor.grad_fn is None for tensor in tensors)
    assert all(weight.grad is None or weight.grad.grad_fn is None for weight in (*state.G.parameters(), *state.D.parameters()))


def asked(state: GanState) -> list[Tensor]:
    """What D is shown in its own move."""
    shown: list[Tensor] = []

    def note(_: nn.Module, inputs: tuple[Tensor, ...]) -> None:
        shown.append(inputs[0].detach())

    handle = state.D.register_forward_pre_hook(note)
    update(state, "critic")
    handle.remove()
    return shown


@pytest.mark.parametrize("penalty", PENALTIES)
def test_a_penalty_looks_at_what_the_critic_judged(penalty: str) -> None:
    shown = asked(tiny_state(penalty=penalty, augment="all", instance_noise=0.5))
    assert len(shown) == (2 if PENALTIES[penalty].between else 1), "one forward for reals and fakes, one for the points between"
    if PENALTIES[penalty].between:
        real, fake = shown[0].chunk(2)
        share = ((shown[1] - real) / (fake - real)).flatten(1)
        torch.testing.assert_close(share, share[:, :1].expand_as(share), atol=2e-2, rtol=0)
