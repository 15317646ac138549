"""The active runs of a process, a fixed number on each device."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence

from gan_core.events import ALIVE
from gan_core.runner import RunHandle


class Busy(Exception):
    """The device is taken; `running` says by which runs."""

    def __init__(self, running: Sequence[RunHandle]) -> None:
        self.running = tuple(running)
        super().__init__(f"Already training: {', '.join(handle.run_id for handle in self.running)}.")


class RunManager:
    """The active runs of a process, at most `limit` on each device."""

    def __init__(self, limit: int = 1) -> None:
        self.limit = limit
        self._lock = threading.Lock()
        self._handles: dict[str, tuple[str, RunHandle]] = {}

    def start(self, device: str, make: Callable[[], RunHandle]) -> RunHandle:
        """Make and start a run on `device`; Busy, and nothing is made, where its places are taken."""
        with self._lock:
            running = [other for place, other in self._handles.values() if place == device and other.snapshot().state in ALIVE]
            if len(running) >= self.limit:
                raise Busy(running)
            handle = make()
            self._handles[handle.run_id] = (device, handle)
            handle.start()
            return handle

    def get(self, run_id: str) -> RunHandle | None:
        """The run of this process with that name, running or ended."""
        with self._lock:
            return self._handles[run_id][1] if run_id in self._handles else None

    def active(self) -> list[RunHandle]:
        """Runs that have not ended, oldest first."""
        with self._lock:
            return [handle for _, handle in self._handles.values() if handle.snapshot().state in ALIVE]

    def forget(self, run_id: str) -> None:
        """Drop an ended run from memory (its files stay)."""
        with self._lock:
            if run_id in self._handles and self._handles[run_id][1].snapshot().state not in ALIVE:
                del self._handles[run_id]

    def stop_all(self, timeout: float) -> bool:
        """Stop and save every run; whether all ended within `timeout` seconds together."""
        handles, end = self.active(), time.monotonic() + timeout
        for handle in handles:
            handle.stop()
        joined = [handle.join(max(0.0, end - time.monotonic())) for handle in handles]
        return all(joined)
