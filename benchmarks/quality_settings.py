"""What `quality_per_second` compares: one name a setting, written as changes to RunConfig's defaults, so that no preset moves under it."""

from __future__ import annotations

from typing import Any

from gan_core.config import RunConfig
from gan_core.presets import PRESETS

Changes = dict[str, Any]

NETWORKS: dict[str, Changes] = {
    "mlp": {"network": "mlp", "width": 256},
    "mlp-bn": {"network": "mlp-bn", "width": 64},
    "dcgan": {"network": "dcgan", "width": 16, "gamma": 0.3, "lr_generator": 2e-3, "lr_critic": 2e-3},
    "modern": {"network": "modern", "width": 8, "gamma": 0.3},
}
"""At widths that a processor's core plays many steps a second of."""

PAIRS: dict[str, Changes] = {
    "relativistic R1+R2": {"game": "relativistic", "penalty": "R1+R2"},
    "relativistic R1": {"game": "relativistic", "penalty": "R1"},
    "non-saturating R1+R2": {"game": "non-saturating", "penalty": "R1+R2"},
    "non-saturating R1": {"game": "non-saturating", "penalty": "R1"},
    "non-saturating none": {"game": "non-saturating", "penalty": "none"} | dict.fromkeys(("lr_generator", "lr_critic"), 2e-4),
    "least-squares none": {"game": "least-squares", "penalty": "none"} | dict.fromkeys(("lr_generator", "lr_critic"), 2e-4),
    "hinge spectral": {"game": "hinge", "penalty": "spectral"} | dict.fromkeys(("lr_generator", "lr_critic"), 1e-3),
    "wasserstein WGAN-GP": {"game": "wasserstein", "penalty": "WGAN-GP", "gamma": 20.0, "critic_steps": 5}
    | dict.fromkeys(("lr_generator", "lr_critic"), 5e-4),
}
"""Games and what goes with each; without a penalty at the classic learning rate, else at the network's."""

GRID: dict[str, Changes] = {f"{network} {pair}": NETWORKS[network] | PAIRS[pair] for network in ("mlp", "dcgan") for pair in PAIRS} | {
    f"{network} relativistic R1+R2": NETWORKS[network] | PAIRS["relativistic R1+R2"] for network in ("mlp-bn", "modern")
}

TUNED: dict[str, Changes] = {
    "mlp gamma 0.3": {"gamma": 0.3},
    "mlp lr 2e-3": {"lr_generator": 2e-3, "lr_critic": 2e-3},
    "mlp lazy 4": {"penalty_every": 4},
    "mlp width 128": {"width": 128},
    "mlp batch 32": {"batch_size": 32},
    "mlp batch 32 lazy 4": {"batch_size": 32, "penalty_every": 4},
    "mlp batch 128": {"batch_size": 128},
    "mlp z of 32": {"latent_dim": 32},
    "mlp z of 16": {"latent_dim": 16},
    "mlp z of 8": {"latent_dim": 8},
    "mlp two layers": {"depth": 2},
    "mlp average 50": {"ema_halflife_kimg": 50.0},
    "mlp falling lr": {"lr_generator": 2e-3, "lr_critic": 2e-3, "lr_end": 0.2, "burn_in_kimg": 600.0, "ema_halflife_kimg": 50.0},
    "dcgan width 12": NETWORKS["dcgan"] | {"width": 12},
    "dcgan width 24": NETWORKS["dcgan"] | {"width": 24},
    "dcgan lazy 4": NETWORKS["dcgan"] | {"penalty_every": 4},
    "dcgan batch 32": NETWORKS["dcgan"] | {"batch_size": 32},
    "dcgan batch 32 lazy 4": NETWORKS["dcgan"] | {"batch_size": 32, "penalty_every": 4},
    "dcgan batch 16 lazy 4": NETWORKS["dcgan"] | {"batch_size": 16, "penalty_every": 4},
    "dcgan batch 16 lazy 4 z of 16": NETWORKS["dcgan"] | {"batch_size": 16, "penalty_every": 4, "latent_dim": 16},
    "dcgan lr 1e-3": NETWORKS["dcgan"] | {"lr_generator": 1e-3, "lr_critic": 1e-3},
}
"""One thing or two changed in the relativistic game with R1+R2."""

CLASSICS: dict[str, Changes] = {
    name: {knob: value for knob, value in preset.config.to_dict().items() if value != getattr(RunConfig(), knob) and knob != "data"}
    for name, preset in PRESETS.items()
    if name.startswith("classic-")
}
"""The five programs as they were published."""

SETTINGS: dict[str, Changes] = GRID | TUNED | CLASSICS
