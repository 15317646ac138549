"""From a step that is done to the pixel that shows it: the run's events on disk beside what a page has drawn, on the same clock."""

from __future__ import annotations

import json
import threading
import time
from bisect import bisect_left
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType

from playwright.sync_api import Page

from benchmarks.live_app import Server

POLL_S = 0.005


class Done:
    """When each step of a run was done, and when its grids were drawn: read from the events as they are written."""

    def __init__(self, run: Path) -> None:
        self._file, self._leave = run / "events.jsonl", threading.Event()
        self.steps: dict[int, float] = {}
        """Step -> seconds since 1970. Those of one row of curves share the time since the row before equally."""
        self.grids: dict[int, float] = {}
        self._thread = threading.Thread(target=self._follow)

    def __enter__(self) -> Done:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._leave.set()
        self._thread.join()

    def _follow(self) -> None:
        with self._file.open() as file:
            file.seek(0, 2)
            line = ""
            while not self._leave.is_set():
                line += file.readline()
                if not line.endswith("\n"):
                    self._leave.wait(POLL_S)
                    continue
                self._take(json.loads(line), time.time())
                line = ""

    def _take(self, event: dict[str, object], now: float) -> None:
        step = event.get("step")
        if event["event"] == "samples" and isinstance(step, int):
            self.grids[step] = now
        elif event["event"] == "metrics" and isinstance(step, int):
            count, before = event["steps"], self.steps.get(max(self.steps, default=-1), 0.0)
            assert isinstance(count, int)
            took = min(now - before, 1.0) if before else 0.0
            self.steps |= {step - back: now - took * back / count for back in range(count)}


def delays(done: dict[int, float], shown: Sequence[Sequence[float]]) -> list[float]:
    """Milliseconds from each step that was done to the first picture of it, or of a later one; `shown` has [step, ms since 1970]."""
    steps, found = [step for step, _ in shown], []
    for step, at in sorted(done.items()):
        place = bisect_left(steps, step)
        if steps and steps[0] <= step and place < len(shown):
            found.append(shown[place][1] - 1000 * at)
    return found


def live_path(server: Server, page: Page, seconds: float) -> tuple[dict[str, list[float]], dict[str, float]]:
    """Delays of steps on the curves and of grids, in ms; and what the page received and drew, a second."""
    zero = "Object.assign(bench, { rows: 0, grids: 0, drawn: 0, painted: 0, curvesAt: [], gridsAt: [], since: performance.now() })"
    with Done(server.run) as done:
        page.evaluate(zero)
        page.wait_for_timeout(1000 * seconds)
        counts = page.evaluate("({ ...bench, seconds: (performance.now() - bench.since) / 1000 })")
    shown = {"curves": delays(done.steps, counts["curvesAt"]), "grids": delays(done.grids, counts["gridsAt"])}
    return shown, {name: counts[name] / counts["seconds"] for name in ("rows", "drawn", "grids", "painted")}
