"""How long does the Runs page take with many runs? Listing them from disk, and the page's whole script.

    python -m benchmarks.run_list                    (half a minute: 500 runs)

A few runs are really trained for a moment, one on each of some data sets, and their folders copied without the weights. The script of the
page runs as for a visitor, through Streamlit's AppTest: all of it but the browser's drawing.
"""

from __future__ import annotations

import argparse
import json
import shutil
import statistics
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from streamlit.testing.v1 import AppTest

from benchmarks.step_rate import heading, spread, table
from gan_core.config import RunConfig
from gan_core.events import Metrics, Save
from gan_core.loop import train
from gan_core.store import RunStore
from live import manager

GOAL_MS = 300.0
DATA = ("digits", "ring-8", "grid-25")
SHELL = Path(__file__).parents[1] / "ui" / "shell.py"


def trained(store: RunStore, data: str, steps: int) -> Path:
    """The folder of a real run of some steps."""
    config = RunConfig(data=data, network="mlp", width=32, batch_size=32, threads=1, device="cpu")
    record = store.new(config)
    with closing(train(config)) as events:
        for event in events:
            record.append(event)
            if isinstance(event, Metrics) and event.place.step >= steps:
                break
        record.append(events.send(Save()))
    record.close("stopped", "")
    return record.folder


def fill(root: Path, count: int) -> RunStore:
    """A folder of `count` runs, a second apart."""
    store = RunStore(root)
    models = [trained(store, data, 200) for data in DATA]
    for index in range(count - len(models)):
        model = models[index % len(models)]
        folder = root / f"{model.name}-{index}"
        shutil.copytree(model, folder, ignore=shutil.ignore_patterns("weights", "*-living*", "*-averaged*"))
        path = folder / "status.json"
        status = json.loads(path.read_text(encoding="utf-8"))
        changed = {"run_id": folder.name, "created_at": status["created_at"] - index}
        path.write_text(json.dumps(status | changed, indent=1), encoding="utf-8")
    return store


def timed(what: Callable[[], object], times: int) -> list[float]:
    """Milliseconds of each call."""
    took = []
    for _ in range(times):
        began = time.perf_counter()
        what()
        took.append(1000 * (time.perf_counter() - began))
    return took


def page_times(root: Path, times: int) -> list[float]:
    """Milliseconds of the page's script, after two runs that warm it up."""
    live = manager.install(lambda: manager.LiveManager(train, root))
    try:
        at = AppTest.from_file(str(SHELL), default_timeout=120)
        at.run()
        at.switch_page("../pages/runs.py").run()
        took = timed(at.run, times)
        assert not at.exception
        return took
    finally:
        live.close()
        manager.uninstall()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=500)
    parser.add_argument("--times", type=int, default=15)
    asked = parser.parse_args()
    print(heading())
    with tempfile.TemporaryDirectory() as folder:
        store = fill(Path(folder), asked.runs)
        listing, page = timed(store.list, asked.times), page_times(Path(folder), asked.times)
    rows = [["ms, median (range)", f"{asked.runs} runs"], ["list from disk", spread(listing)], ["the page's script", spread(page)]]
    met = "met" if statistics.median(listing) <= GOAL_MS else "MISSED"
    print(f"{table(rows)}Goal: the list within {GOAL_MS:g} ms: {met}.")


if __name__ == "__main__":
    main()
