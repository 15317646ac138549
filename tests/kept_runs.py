"""Tiny real runs on disk, for tests of what can be made of one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from tiny import serve, tiny_config

from gan_core import loop
from gan_core.events import Metrics, Samples, Save, Set
from gan_core.store import RunStore


def keep_run(root: Path, monkeypatch: pytest.MonkeyPatch, *, moments: int = 5, **changes: Any) -> tuple[RunStore, str]:
    """A store, and the id of a stopped run in it that keeps so many moments, a turned knob and a checkpoint."""
    config = tiny_config(**changes)
    serve(monkeypatch, config.data)
    for name in ("SAMPLES_EVERY_S", "METRICS_EVERY_S"):
        monkeypatch.setattr(loop, name, 0.0)
    store = RunStore(root)
    record, events, seen = store.new(config), loop.train(config), 0
    for event in events:
        record.append(event)
        seen += isinstance(event, Samples)
        if isinstance(event, Metrics) and event.place.step == 2:
            record.append(events.send(Set("gamma", 0.5)))
        if seen == moments:
            record.append(events.send(Save()))
            break
    events.close()
    record.close("stopped", "")
    assert len(store.moments(record.run_id).samples) == moments
    return store, record.run_id
