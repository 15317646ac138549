"""The app as a user runs it, for the benchmarks that watch it: a server of its own, and a page of a real Chromium that counts."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright
from websockets.sync.client import connect

from benchmarks.step_rate import ROOT, THREAD_VARIABLES
from live.tickets import Tickets

PATIENCE_S = 90.0
CHROMIUM = "/usr/bin/chromium"
FLAGS = "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-component-update --disable-sync"
WATCH_JS = """
(() => {
  const bench = (window.bench = { frames: 0, rows: 0, grids: 0, drawn: 0, painted: 0, click: 0, firstGrid: 0, states: {} });
  Object.assign(bench, { curvesAt: [], gridsAt: [] }); // [step, ms since 1970]
  const now = () => performance.timeOrigin + performance.now();
  // The second frame from here on begins when the pixels are on the screen.
  const onScreen = (told) => requestAnimationFrame(() => requestAnimationFrame(told));
  let newest = -1;
  const receive = ({ data }) => {
    const frame = JSON.parse(new TextDecoder().decode(new Uint8Array(data, 4, new DataView(data).getUint32(0, true))));
    bench.frames += 1;
    bench.rows += frame.rows ? 1 : 0;
    if (frame.rows) newest = frame.place.step;
    bench.grids += frame.samples ? 1 : 0;
  };
  window.WebSocket = class extends WebSocket {
    constructor(...all) {
      super(...all);
      if (String(all[0]).includes("/live/run/")) this.addEventListener("message", receive);
    }
  };
  document.addEventListener("click", () => Object.assign(bench, { click: now(), firstGrid: 0, states: {} }), true);
  const draw = CanvasRenderingContext2D.prototype.drawImage;
  let waits = false;
  CanvasRenderingContext2D.prototype.drawImage = function (...all) {
    if (bench.click && !bench.firstGrid && !waits && this.canvas.closest?.(".gs-fakes")) {
      waits = true;
      onScreen(() => ((bench.firstGrid = now()), (waits = false)));
    }
    return draw.apply(this, all);
  };
  // Curves are drawn by Plotly, as paths, or go on in the canvas over it, line by line: once for all that one task draws.
  let drawing = false;
  const drewCurves = () => {
    if (drawing) return;
    drawing = true;
    setTimeout(() => (drawing = false));
    bench.drawn += 1;
    const step = newest;
    if (step >= 0) onScreen(() => bench.curvesAt.push([step, now()]));
  };
  const stroke = CanvasRenderingContext2D.prototype.stroke;
  CanvasRenderingContext2D.prototype.stroke = function (...all) {
    if (this.canvas.matches?.(".gs-tail")) drewCurves();
    return stroke.apply(this, all);
  };
  new MutationObserver((changes) => {
    if (changes.some(({ attributeName, target }) => attributeName === "d" && target.closest(".gs-stage"))) drewCurves();
    for (const { attributeName, target, oldValue } of changes) {
      const value = target.getAttribute(attributeName);
      if (attributeName === "data-state") bench.states[value] ??= now();
      if (attributeName !== "data-samples-step" || value === oldValue) continue;
      bench.painted += 1;
      onScreen(() => bench.gridsAt.push([Number(value), now()]));
    }
  }).observe(document, { subtree: true, attributeOldValue: true, attributeFilter: ["d", "data-state", "data-samples-step"] });
})();
"""


@contextmanager
def chromium() -> Iterator[Page]:
    """A page of a real Chromium that counts what the live view receives and draws."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS.split())
        page = page_of(browser)
        page.add_init_script(WATCH_JS)
        yield page
        browser.close()


def page_of(browser: Browser) -> Page:
    """A page as a user has it, which counts nothing: counting makes frames of its own."""
    page = browser.new_page(viewport={"width": 1440, "height": 900})
    page.set_default_timeout(PATIENCE_S * 1000)
    page.add_init_script("try { localStorage.setItem('ganscope.tour', 'seen') } catch {}")
    return page


def click(page: Page, key: str) -> None:
    """Press the button with that key."""
    page.locator(f".st-key-{key} button:visible").first.click()


def start(page: Page, server: Server) -> list[float]:
    """Press Start on a fresh page; seconds until the run exists, until it has its data, and until the first fakes are on the screen."""
    page.goto(server.url)
    click(page, "start")
    page.wait_for_function("bench.firstGrid > 0", polling=100)
    clicked, grid = page.evaluate("[bench.click / 1000, bench.firstGrid / 1000]")
    made, began = ((server.run / name).stat().st_mtime for name in ("config.json", "samples/reals.png"))
    return [made - clicked, began - clicked, grid - clicked]


class Server:
    """`streamlit run app.py` as a user starts it, on a free port, its runs in a temporary folder."""

    def __init__(self, app: str = "app.py") -> None:
        self.app = app

    def __enter__(self) -> Server:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.began = time.time()
        self.url = f"http://localhost:{self.port}"
        self.runs = Path(tempfile.mkdtemp(prefix="ganscope-bench-"))
        env = {name: value for name, value in os.environ.items() if name not in THREAD_VARIABLES} | {"GANSCOPE_RUNS": str(self.runs)}
        command = [sys.executable, "-m", "streamlit", "run", self.app, "--server.port", str(self.port), "--server.headless", "true"]
        with (self.runs / "server.log").open("w") as log:
            self.process = subprocess.Popen(command, cwd=ROOT, env=env, stdout=log, stderr=subprocess.STDOUT)
        end = time.monotonic() + PATIENCE_S
        while time.monotonic() < end and self.process.poll() is None:
            with suppress(OSError), urllib.request.urlopen(f"{self.url}/_stcore/health", timeout=5):
                return self
            time.sleep(0.1)
        raise RuntimeError(f"The server did not start:\n{(self.runs / 'server.log').read_text()}")

    def __exit__(self, *_: object) -> None:
        self.process.terminate()
        try:
            self.process.wait(15)
        except subprocess.TimeoutExpired:
            self.process.kill()
        shutil.rmtree(self.runs, ignore_errors=True)

    @property
    def run(self) -> Path:
        """The folder of the newest run."""
        return max(self.runs.glob("*/events.jsonl"), key=lambda path: path.stat().st_mtime).parent

    def mark(self) -> tuple[float, int]:
        """When the next row of curves is written, and at which step."""
        end = time.monotonic() + PATIENCE_S
        with (self.run / "events.jsonl").open() as file:
            file.seek(0, os.SEEK_END)
            line = ""
            while time.monotonic() < end:
                line += file.readline()
                if not line.endswith("\n"):
                    time.sleep(0.005)
                elif '"event":"metrics"' in line:
                    return time.perf_counter(), json.loads(line)["step"]
                else:
                    line = ""
        raise RuntimeError("The run has stopped writing events.")

    def address(self, run_id: str) -> str:
        """Where the run's frames are, with a ticket."""
        ticket = Tickets(self.runs / ".ticket-secret").issue(run_id)
        return f"ws://localhost:{self.port}/live/run/{run_id}?ticket={ticket}"

    @contextmanager
    def socket(self, run_id: str) -> Iterator[Any]:
        """A connection to the run's own socket, as the page makes one."""
        with connect(self.address(run_id), origin=self.url, max_size=None, compression=None) as connection:  # type: ignore[arg-type]
            yield connection
