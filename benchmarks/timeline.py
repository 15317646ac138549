"""How quickly does the live view show a moment of the past, and how smooth is its time-lapse?

A run is trained on the command line until it has moments, then opened in a real Chromium. Printed: milliseconds from the slider's
input event to the frame after the picture was painted, with the strip already fetched and without, and frames a second of the time-lapse.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from pathlib import Path

from playwright.sync_api import Page

from benchmarks.live_app import Server, chromium
from benchmarks.step_rate import ROOT

GOAL_MS, GOAL_FRAMES_PER_S = 50, 30
SCRUB_JS = """async places => {
  const view = document.querySelector(".gs-view");
  const slider = view.querySelector("[data-time=slider]");
  const times = [];
  for (const place of places) {
    await new Promise(done => {
      const began = performance.now();
      const seen = new MutationObserver(() => {
        if (view.dataset.samplesStep !== view.dataset.moment) return;
        seen.disconnect();
        requestAnimationFrame(() => requestAnimationFrame(() => (times.push(performance.now() - began), done())));
      });
      seen.observe(view, { attributeFilter: ["data-samples-step", "data-moment"] });
      slider.value = place;
      slider.dispatchEvent(new Event("input", { bubbles: true }));
    });
  }
  return times;
}"""
PLAY_JS = """() => new Promise(done => {
  const view = document.querySelector(".gs-view");
  const play = view.querySelector("[data-time=play]");
  const frames = [];
  new MutationObserver(() => frames.push(performance.now())).observe(view, { attributeFilter: ["data-samples-step"] });
  new MutationObserver(() => play.ariaPressed === "false" && done(frames)).observe(play, { attributeFilter: ["aria-pressed"] });
  play.click();
})"""


def main() -> None:
    """Train, look, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=int, default=120, help="of training: about two moments a second are kept, 240 at most")
    parser.add_argument("--data", default="glyphs")
    parser.add_argument("--rounds", type=int, default=5, help="of 40 jumps each")
    options = parser.parse_args()
    print(f"python -m benchmarks.timeline {' '.join(sys.argv[1:])}   {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f} at the start")
    with Server() as server:
        training = [sys.executable, "-m", "gan_core", "train", "--set", f"data={options.data}", "--seconds", str(options.seconds)]
        subprocess.run([*training, "--out", str(server.runs)], cwd=ROOT, check=True, capture_output=True)
        with chromium() as page:
            moments = opened(page, server.url, server.run)
            report("first look at a moment, nothing fetched", page.evaluate(SCRUB_JS, [moments // 2]))
            jumps = [(7919 * jump) % moments for jump in range(40)]
            page.evaluate(SCRUB_JS, list(range(moments - 1, 0, -1)))  # by now the strip is there
            report("jump to any moment, strip fetched", [time for _ in range(options.rounds) for time in page.evaluate(SCRUB_JS, jumps)])
            sweep = list(range(moments))
            report("drag along, strip fetched", [time for _ in range(options.rounds) for time in page.evaluate(SCRUB_JS, sweep)])
            page.locator("[data-time=now]").click()
            lapse(page.evaluate(PLAY_JS), moments)


def opened(page: Page, address: str, run: Path) -> int:
    """Open the run; how many moments it has."""
    page.goto(f"{address}/?run={run.name}")
    page.wait_for_function(
        "Number(document.querySelector('[data-time=slider]')?.max) > 10 && document.querySelector('.gs-plot')._fullLayout"
    )
    return int(page.locator("[data-time=slider]").get_attribute("max") or 0)


def report(what: str, times: list[float]) -> None:
    """One line: median and 95th percentile."""
    ordered = sorted(times)
    middle, late = ordered[len(ordered) // 2], ordered[min(len(ordered) - 1, int(0.95 * len(ordered)))]
    print(f"{what:44} n={len(times):5}  p50 {middle:6.1f} ms  p95 {late:6.1f} ms  (goal {GOAL_MS} ms)")


def lapse(frames: list[float], moments: int) -> None:
    """One line about the time-lapse."""
    gaps = sorted(b - a for a, b in zip(frames, frames[1:], strict=False))
    rate = 1000 * (len(frames) - 1) / (frames[-1] - frames[0])
    asked = min(GOAL_FRAMES_PER_S, max(4, moments / 8))
    print(
        f"{'time-lapse of all ' + str(moments) + ' moments':44} n={len(frames):5}  {rate:.1f} frames/s, longest gap {gaps[-1]:.0f} ms "
        f"(asked for {asked:.1f}; goal {GOAL_FRAMES_PER_S} with 240 moments)"
    )


if __name__ == "__main__":
    main()
