"""The figures of merit of a run as JSON; measured now, unless they were already at this checkpoint."""

from __future__ import annotations

import json
from pathlib import Path

import torch

from gan_core.devices import threads_beside_a_page
from gan_core.export.base import Options, Progress
from gan_core.metrics.score import score
from gan_core.metrics.scores import kept_scores
from gan_core.store import RunStore


def make(store: RunStore, run_id: str, *, path: Path, options: Options, progress: Progress) -> None:
    """One JSON object, as `Scores.to_dict`; kept with the run too."""
    scores = kept_scores(store.folder(run_id), options.weights)
    if scores is not None and scores.step == store.status(run_id).checkpoint_step:
        progress(1, 1)
    else:
        torch.set_num_threads(threads_beside_a_page())  # of this thread: it may work beside a run
        scores = score(store, run_id, weights=options.weights, progress=progress)
    path.write_text(json.dumps(scores.to_dict(), indent=1) + "\n", encoding="utf-8")
