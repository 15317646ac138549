"""Runs in threads: one thread, one lock and one immutable snapshot each. Knows neither torch nor the loop.

A run is whatever `SourceFactory` makes: a generator of events that takes commands. Everything that listens gets the events
in the run thread, in order; everything that looks takes `RunHandle.snapshot()`, which never changes under its hands.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, Literal

from gan_core.coach import Coach
from gan_core.events import (
    ALIVE,
    Changed,
    Command,
    Draw,
    Event,
    EventSource,
    Finished,
    Half,
    Metrics,
    Pace,
    Paced,
    Player,
    RunState,
    Save,
    SourceFactory,
    Started,
    Step,
    Weights,
)
from gan_core.history import History, Rows
from gan_core.pacing import Pacer
from gan_core.recorder import Recorder
from gan_core.snapshot import Rate, Snapshot, changes_of


class RunHandle:
    """One run and its thread."""

    def __init__(
        self,
        run_id: str,
        source: SourceFactory,
        *,
        record: Recorder,
        history: History | None = None,
        marks: Sequence[Changed] = (),
        coach: Coach | None = None,
        clock: Callable[[], float] = time.monotonic,
        explain: Callable[[BaseException], str] = str,
    ) -> None:
        """`history`, `marks` and the `coach` have heard an earlier life of the run; `explain` makes a sentence of what went wrong."""
        self.run_id = run_id
        self._source, self._record, self._clock, self._explain = source, record, clock, explain
        self._history, self._coach = history or History(), coach
        self._changed = threading.Condition()
        self._snapshot = Snapshot(run_id, marks=tuple(marks), coach=coach.sayings if coach else ())
        self._weights: Weights | None = None
        self._commands: deque[Command] = deque()
        self._paused = self._stop = False
        self._listeners: list[Callable[[], None]] = []
        self._rate, self._pacer = Rate(), Pacer()
        self._thread = threading.Thread(target=self._run, name=f"run {run_id}", daemon=True)

    def start(self) -> None:
        """Begin; once."""
        self._thread.start()

    def snapshot(self) -> Snapshot:
        """The run as it is now."""
        with self._changed:
            return self._snapshot

    def rows(self, end: tuple[int, int] | None) -> Rows:
        """The curves after `end`, as `History.since`."""
        with self._changed:
            return self._history.since(end)

    def weights(self) -> Weights | None:
        """The newest weights it has handed out, for looking; None before the first."""
        with self._changed:
            return self._weights

    def pause(self) -> None:
        """Ask for no further event until `resume`."""
        with self._changed:
            if not self._stop and self._snapshot.state in ("preparing", "running"):
                self._paused = True
                self._change(state="paused", steps_per_s=0.0, images_per_s=0.0)

    def resume(self) -> None:
        """Go on after `pause`."""
        with self._changed:
            if not self._stop and self._paused:
                self._paused = False
                self._rate = Rate()
                self._change(state="running" if self._snapshot.started else "preparing", played=None)

    def stop(self) -> None:
        """Save and end, soon; `join` waits for it."""
        with self._changed:
            if self._snapshot.state in ALIVE:
                self._stop = True
                self._change(state="stopping")

    def send(self, command: Command) -> None:
        """Give the loop a command; it is carried out also while paused."""
        with self._changed:
            self._commands.append(command)
            self._changed.notify_all()

    def step(self, player: Player | Literal["half"]) -> None:
        """Pause, play one step of both players or of one, or half a step, and show what it made of the samples."""
        self.pause()
        for command in (Half(),) if player == "half" else (Step(player), Draw()):  # samples follow the second half
            self.send(command)

    def pace(self, halves_per_s: float | None) -> None:
        """Go by so many halves of a step a second from now on; None: as fast as it can. ValueError for a pace there is not."""
        with self._changed:
            if self._pacer.turn(halves_per_s):
                self._commands.append(Pace(by_halves=halves_per_s is not None))
                self._rate = Rate()
            if self._snapshot.state in ALIVE and halves_per_s != self._snapshot.pace:
                self._change(pace=halves_per_s)

    def join(self, timeout: float | None = None) -> bool:
        """Wait for the thread's end; whether it has ended."""
        self._thread.join(timeout)
        return not self._thread.is_alive()

    def wait_for(self, condition: Callable[[Snapshot], bool], timeout: float) -> bool:
        """Wait until a snapshot fulfils `condition`; whether one did in time."""
        with self._changed:
            return self._changed.wait_for(lambda: condition(self._snapshot), timeout)

    def listen(self, wake: Callable[[], None]) -> Callable[[], None]:
        """Call `wake` after every change, from whatever thread made it; returns what ends that."""
        with self._changed:
            self._listeners.append(wake)

        def deaf() -> None:
            with self._changed:
                if wake in self._listeners:
                    self._listeners.remove(wake)

        return deaf

    def _change(self, **changes: Any) -> None:
        # Called under the lock. Listeners only set a flag or schedule a callback, so calling them here is safe and keeps their order.
        self._snapshot = replace(self._snapshot, version=self._snapshot.version + 1, **changes)
        self._wake()

    def _wake(self) -> None:
        self._changed.notify_all()
        for wake in self._listeners:
            wake()

    def _run(self) -> None:
        state: RunState = "failed"
        message = ""
        try:
            state = self._drive(self._source())
        except Exception as error:  # noqa: BLE001 - the one place: whatever breaks a run ends that run, and nothing else
            message = self._explain(error)
        finally:
            self._end(state, message)

    def _end(self, state: RunState, message: str) -> None:
        try:
            self._record.close(state, message)
        except Exception as error:  # noqa: BLE001 - the same place: a full disk must not leave a run that never ends
            state, message = "failed", message or self._explain(error)
        finally:
            with self._changed:
                self._weights = None  # from now on it is looked at from disk
                self._change(state=state, message=message)

    def _drive(self, source: EventSource) -> RunState:
        """Take events until the end; stop is save, then close, both here in the run thread."""
        try:
            for event in source:
                self._take(event)
                while (command := self._next_command()) is not None:
                    self._take(source.send(command))
                if self._stop:
                    if self.snapshot().started:
                        self._take(source.send(Save()))
                    return "stopped"
                if isinstance(event, Finished):
                    return "finished"
            return "finished"
        finally:
            source.close()

    def _next_command(self) -> Command | None:
        """The next command, waiting while paused and until the next half is due; None to go on training."""
        with self._changed:
            while not (self._stop or (self._commands and self._snapshot.started)):
                wait_s = None if self._paused else self._pacer.due_s()
                if wait_s is not None and wait_s <= 0:
                    return None
                self._changed.wait(wait_s)
            return None if self._stop else self._commands.popleft()

    def _take_half(self, event: Metrics) -> None:
        """Show half a step; what is kept of it is kept when the step is whole."""
        with self._changed:
            self._pacer.played()
            if self._paused and event.half == 2:
                self._commands.appendleft(Draw())
            self._change(place=event.place, played=event)
        if event.half == 2:
            self._take(event.whole())

    def _take(self, event: Event) -> None:
        if isinstance(event, Metrics) and event.half:
            self._take_half(event)
            return
        self._record.append(event)
        with self._changed:
            if self._coach is not None and self._coach.take(event):
                self._change(coach=self._coach.sayings)
            match event:
                case Started():
                    live: RunState = "stopping" if self._stop else "paused" if self._paused else "running"
                    self._history.drop_after(event.place.step)
                    self._change(started=event, place=event.place, preparing=None, state=live, knobs=dict(event.knobs))
                case Metrics() if event.moved:
                    self._history.append(event)
                    self._change(place=event.place, played=event)
                case Metrics():
                    self._history.append(event)
                    # What was under way when somebody paused comes in afterwards.
                    steps, images = (0.0, 0.0) if self._paused else self._rate.at(self._clock(), event.place)
                    self._change(place=event.place, steps_per_s=steps, images_per_s=images, way=event.way)
                case Paced(by_halves=False) if not self._paused:
                    self._change(played=None)
                case Weights():
                    self._weights = event
                    self._wake()  # nothing changed that a snapshot holds
                case _ if changes := changes_of(self._snapshot, event):
                    self._change(**changes)
