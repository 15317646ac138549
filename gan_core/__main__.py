"""The same core without a screen: train, sample, presets, data. Bad input ends with exit code 2 and one line."""

from __future__ import annotations

from pathlib import Path

RUNS = Path("checkpoints")
