"""How a run on the command line says how it goes: as a progress bar, or as JSON lines."""

from __future__ import annotations

import argparse
import json
from dataclasses import dataclass
from typing import Any, NoReturn

from tqdm import tqdm

from gan_core.events import Event, Metrics, Preparing, Started


@dataclass
class Progress:
    """Says how a run goes: as a progress bar, or as JSON lines."""

    options: argparse.Namespace
    run_id: str
    bar: tqdm[NoReturn] | None = None
    started: Started | None = None
    last: Metrics | None = None

    def show(self, event: Event) -> None:
        """Take an event of the run."""
        match event:
            case Preparing():
                self._say({"event": "preparing", "what": event.what, "done": event.done, "total": event.total, "unit": event.unit})
            case Started():
                self.started = event
                self._say({"event": "started", "run": self.run_id, "device": event.device, "step": event.place.step})
            case Metrics():
                self.last = event
                self._say({"event": "metrics", **_facts(event)})

    def end(self) -> None:
        """The last word: what the run has come to."""
        if self.bar is not None:
            self.bar.close()
        if self.started is None or self.last is None:
            return
        begun, place = self.started.place, self.last.place
        seconds, steps = place.elapsed_s - begun.elapsed_s, place.step - begun.step
        rate = steps / seconds if seconds > 0 else 0.0
        losses = {name: self.last.values[name] for name in ("loss/critic", "loss/generator")}
        facts = {"run": self.run_id, "steps": place.step, "images": place.images, "elapsed_s": round(place.elapsed_s, 3)}
        if self.options.json:
            print(json.dumps(facts | {"steps_per_s": round(rate, 3)} | losses), flush=True)
        else:
            print(f"{self.run_id}: {place.step:,} steps, {place.images:,} images, {rate:.1f} steps/s, saved in {self.options.out}")

    def _say(self, facts: dict[str, Any]) -> None:
        if self.options.json:
            print(json.dumps(facts), flush=True)
        elif facts["event"] == "metrics":
            self._move_bar(facts)
        elif facts["event"] == "preparing":
            self._prepare(facts)
        elif self.bar is not None:
            self.bar.close()
            self.bar = None

    def _prepare(self, facts: dict[str, Any]) -> None:
        if self.bar is None or self.bar.desc != facts["what"]:
            self.bar = tqdm(total=facts["total"] or None, unit=facts["unit"], desc=facts["what"], unit_scale=True)
        self.bar.update(facts["done"] - self.bar.n)

    def _move_bar(self, facts: dict[str, Any]) -> None:
        options, began = self.options, self.started.place if self.started else None
        if self.bar is None:
            total = options.seconds or options.epochs or options.steps
            unit = "s" if options.seconds else "epoch" if options.epochs else "step"
            self.bar = tqdm(total=total, unit=unit, bar_format="{l_bar}{bar}| {n:.1f}/{total} {unit} {postfix}" if total else None)
        field = "elapsed_s" if options.seconds else "epoch" if options.epochs else "step"
        start = 0.0 if options.epochs or began is None else getattr(began, field)
        self.bar.n = min(facts[field] - start, self.bar.total or float("inf"))
        self.bar.set_postfix_str(f"step {facts['step']:,}, D {facts['loss/critic']:.3f}, G {facts['loss/generator']:.3f}")


def _facts(event: Metrics) -> dict[str, Any]:
    place = event.place
    way = {"way": event.way} if event.way else {}
    return {"step": place.step, "epoch": place.epoch, "images": place.images, "elapsed_s": place.elapsed_s, **way, **event.values}
