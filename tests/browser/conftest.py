"""A real server, a real Chromium, and a list of everything either of them complains about."""

from __future__ import annotations

import importlib.util
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.error import URLError
from urllib.parse import parse_qs, urlsplit
from urllib.request import urlopen

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Locator, Page

ROOT = Path(__file__).parents[2]
SCREENS = Path(__file__).parent / "screens"
PATIENCE_S = 60.0
"""How long anything may take before it counts as broken: CI has two noisy cores."""
ALIVE = ("preparing", "running", "paused", "stopping")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
STREAMLIT_PROBES = re.compile(r"/(runs|compare|explore|interpolate|dirac|playground)/_stcore/(health|host-config)$")
"""Opened at /runs or /compare, Streamlit's own script asks there for its server, gets a 404, and asks at / next."""
TROUBLE = re.compile(r"Traceback|Error|Exception|WARNING|Warning|email", re.IGNORECASE)


def until(condition: Callable[[], Any], what: str, patience_s: float = PATIENCE_S) -> Any:
    """What `condition` returns as soon as it is true; fails, saying `what` was waited for, when it never is."""
    end = time.monotonic() + patience_s
    while not (value := condition()):
        if time.monotonic() > end:
            pytest.fail(f"waited {patience_s:.0f} s in vain: {what}")
        time.sleep(0.05)
    return value


class Server:
    """`streamlit run app.py` as a user starts it, with a home, runs and data of its own."""

    def __init__(self, home: Path, source: Path = ROOT, options: Sequence[str] = ()) -> None:
        self.home, self.source, self.options = home, source, options
        self.runs, self.data, self.log = home / "runs", home / "data", home / "server.log"
        self.process: subprocess.Popen[bytes] | None = None
        self.port = 0

    @property
    def url(self) -> str:
        return f"http://localhost:{self.port}"

    def start(self) -> Server:
        """Start, and return once it answers."""
        self.home.mkdir(parents=True, exist_ok=True)
        self.data.mkdir(exist_ok=True)
        self.port = _free_port()
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "streamlit", "run", "app.py", "--server.port", str(self.port), *self.options],
                cwd=self.source,
                env=self._environment(),
                stdin=subprocess.PIPE,  # a question at the first start would wait here for ever
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        until(self._answers, f"the server to start; its log says: {self.log.read_text()}")
        return self

    def end(self, how: signal.Signals, patience_s: float = PATIENCE_S) -> int:
        """Send a signal and wait for the process; its exit code."""
        assert self.process is not None
        self.process.send_signal(how)
        try:
            return self.process.wait(patience_s)
        finally:
            self.process.kill()
            self.process.wait()
            if self.process.stdin:
                self.process.stdin.close()

    @property
    def serves(self) -> bool:
        """Whether the process is there."""
        return self.process is not None and self.process.poll() is None

    def status(self, run_id: str) -> dict[str, Any]:
        """What the run's status file says."""
        values: dict[str, Any] = json.loads((self.runs / run_id / "status.json").read_text())
        return values

    def run_ids(self) -> set[str]:
        """Every run on disk."""
        return {path.parent.name for path in self.runs.glob("*/status.json")}

    def at_work(self) -> set[str]:
        """Runs whose file says that they have not ended."""
        return {run_id for run_id in self.run_ids() if self.status(run_id)["state"] in ALIVE}

    def trouble(self, since: int) -> list[str]:
        """Lines of the log, after its first `since` bytes, that no healthy server writes."""
        return [line for line in self.log.read_bytes()[since:].decode(errors="replace").splitlines() if TROUBLE.search(line)]

    def _environment(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("GANSCOPE_", "STREAMLIT_", "DISPLAY"))}
        own = {"HOME": self.home, "GANSCOPE_RUNS": self.runs, "GANSCOPE_DATA": self.data, "PYTHONUNBUFFERED": "1"}
        # Whatever the machine is connected to: a download finds nobody.
        nowhere = dict.fromkeys(("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"), f"http://localhost:{_free_port()}")
        return kept | {name: str(value) for name, value in own.items()} | nowhere

    def _answers(self) -> bool:
        assert self.process is not None
        if self.process.poll() is not None:
            pytest.fail(f"the server ended at its start:\n{self.log.read_text()}")
        try:
            with urlopen(f"{self.url}/_stcore/health", timeout=5) as answer:
                return bool(answer.status == 200)
        except (URLError, OSError):
            return False


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("localhost", 0))
        port: int = probe.getsockname()[1]
        return port


class Screen:
    """One tab, in the words of a person who uses it."""

    def __init__(self, page: Page) -> None:
        self.page = page

    @property
    def view(self) -> Locator:
        """The live view."""
        return self.page.locator(".gs-view")

    @property
    def run_id(self) -> str:
        """The run in the address; empty if there is none."""
        return parse_qs(urlsplit(self.page.url).query).get("run", [""])[0]

    def run_in_link(self) -> str:
        """The run in the address, which has it a little later than the live view; waited for."""
        self.until("() => new URL(location).searchParams.has('run')")
        return self.run_id

    def button(self, key: str) -> Locator:
        """A button of ours by its key, such as start, pause, resume, stop, continue."""
        # Streamlit draws a button with help twice, for pointers and for fingers, and hides one.
        return self.page.locator(f".st-key-{key} button:visible")

    def press(self, key: str) -> None:
        """Click a button, once it is there."""
        self.button(key).click()

    def sees(self, text: str | re.Pattern[str]) -> Locator:
        """The first place where this can be read, waited for."""
        place = self.page.get_by_text(text).first
        place.wait_for()
        return place

    def has(self, key: str) -> bool:
        """Whether there is such a button now."""
        return self.button(key).count() > 0

    def offers(self, *keys: str) -> None:
        """Wait until all these buttons can be seen."""
        for key in keys:
            self.button(key).wait_for()

    def fact(self, name: str) -> str:
        """One of the live view's data attributes: state, step, epoch, rows, samples-step, connected."""
        return self.view.get_attribute(f"data-{name}") or ""

    def number(self, name: str) -> float:
        """A data attribute that is a number."""
        return float(self.fact(name) or 0)

    def reaches(self, name: str, least: float) -> float:
        """Wait until a number of the view is at least this much; what it is then."""
        self.view.wait_for()
        self.page.wait_for_function(
            "([name, least]) => Number(document.querySelector('.gs-view')?.getAttribute(`data-${name}`)) >= least", arg=[name, least]
        )
        return self.number(name)

    def is_in(self, state: str) -> None:
        """Wait until the view says that the run is in this state."""
        self.page.locator(f".gs-view[data-state={state}]").wait_for()

    def trains(self, steps: int = 1) -> None:
        """Wait until the run goes on by this many steps."""
        self.is_in("running")
        self.reaches("step", self.number("step") + steps)

    def picture(self, name: str = "fakes") -> str:
        """All pixels of a canvas, as text to compare."""
        return str(self.page.locator(f".gs-{name} canvas").evaluate("canvas => canvas.toDataURL()"))

    def new_picture(self, old: str, name: str = "fakes") -> str:
        """Wait until a canvas shows something else than `old`."""
        self.page.wait_for_function("([name, old]) => document.querySelector(`.gs-${name} canvas`).toDataURL() !== old", arg=[name, old])
        return self.picture(name)

    def plot(self, expression: str) -> Any:
        """A value of Plotly's chart, which `expression` calls `plot`; waited for until it has been drawn."""
        self.until("() => document.querySelector('.gs-plot')?._fullLayout?.xaxis && document.querySelector('.gs-plot').data[0].x.length")
        return self.page.evaluate(f"(() => {{ const plot = document.querySelector('.gs-plot'); return {expression}; }})()")

    def until(self, expression: str, arg: Any = None) -> None:
        """Wait for JavaScript to be true."""
        self.page.wait_for_function(expression, arg=arg)

    def chosen(self, name: str, text: str) -> None:
        """Wait until a list shows this choice."""
        self.until("([name, text]) => document.querySelector(`.st-key-_${name} input`)?.value === text", [name, text])

    def set_seed(self, seed: int) -> None:
        """Change a setting, as a person would; returns when the page has been drawn again with it."""
        box = self.page.locator(".st-key-_seed input")
        if not box.is_visible():
            self.page.locator(".st-key-more-settings summary").click()
            self.page.get_by_role("tab", name="Run", exact=True).click()
        box.fill(str(seed))
        box.press("Enter")
        self.until("seed => new URL(location).searchParams.get('seed') === seed", str(seed))

    def until_on_disk(self, there: Callable[[], bool], what: str) -> None:
        """Wait for something on disk, while the page goes on."""
        until(lambda: there() or self.page.wait_for_timeout(50), f"{what} to be written")

    def go(self, screen: str) -> None:
        """Go to another screen by the menu."""
        self.page.get_by_test_id("stSidebarNav").get_by_role("link", name=screen).click()
        self.page.get_by_role("heading", name=screen, exact=True).wait_for()

    def shoot(self, name: str) -> None:
        """A picture of the whole page, for people to look at."""
        SCREENS.mkdir(exist_ok=True)
        size = self.page.viewport_size
        assert size is not None
        # Streamlit scrolls inside the page: a taller window shows the rest.
        whole = self.page.evaluate("document.querySelector('[data-testid=stMain]').scrollHeight")
        self.page.set_viewport_size({"width": size["width"], "height": max(whole, size["height"])})
        self.page.screenshot(path=SCREENS / f"{name}.png")
        self.page.set_viewport_size(size)


class Visitors:
    """Browsers that come to servers, and what they have to complain about."""

    def __init__(self, chromium: Browser, server: Callable[[], Server]) -> None:
        self._chromium, self._server = chromium, server
        self._homes: list[tuple[BrowserContext, Server]] = []
        self._read: dict[int, tuple[Server, int]] = {}
        self.complaints: list[str] = []

    def __call__(self, path: str = "/", *, server: Server | None = None, toured: bool = True, **options: Any) -> Screen:
        """A page in a browser of its own, which has seen the tour unless said otherwise; `options` are Playwright's for a context."""
        server = server or self._server()
        self.mind(server)
        context = self._chromium.new_context(**{"viewport": {"width": 1280, "height": 900}} | options)
        context.set_default_timeout(PATIENCE_S * 1000)
        if toured:
            context.add_init_script("try { localStorage.setItem('ganscope.tour', 'seen') } catch {}")
        self._listen(context, server)
        self._homes.append((context, server))
        return self._open(context, server.url + path)

    def again(self, screen: Screen, path: str = "/") -> Screen:
        """Another tab of the browser that has `screen`."""
        context, server = next(home for home in self._homes if home[0] == screen.page.context)
        return self._open(context, server.url + path)

    @property
    def address(self) -> str:
        """Where the common server is."""
        return self._server().url

    def mind(self, server: Server) -> None:
        """Read what the server's log says from now on."""
        self._read.setdefault(id(server), (server, server.log.stat().st_size))

    def leave(self) -> None:
        """Stop what is left running and close every browser."""
        for context, server in self._homes:
            if server.serves and server.at_work():
                self._stop(context, server)
            context.close()
        left = [run_id for _, server in self._homes if server.serves for run_id in server.at_work()]
        self._homes.clear()
        assert not left, f"at work still, in the way of every test to come: {left}"

    def all_complaints(self) -> list[str]:
        """What browsers and servers had to say."""
        return self.complaints + [f"server log: {line}" for server, since in self._read.values() for line in server.trouble(since)]

    def _open(self, context: BrowserContext, url: str) -> Screen:
        page = context.new_page()
        page.goto(url)
        page.get_by_test_id("stMain").get_by_role("heading").first.wait_for()
        return Screen(page)

    def _stop(self, context: BrowserContext, server: Server) -> None:
        tabs = [Screen(page) for page in context.pages]
        for run_id in server.at_work():
            at_hand = (tab for tab in tabs if tab.run_id == run_id and tab.has("stop"))
            screen = next(at_hand, None) or self._open(context, f"{server.url}/?run={run_id}")
            # Another browser's run leaves Start where its own has Stop; neither is there before the page is drawn.
            screen.page.locator(":is(.st-key-stop, .st-key-start) button:visible").first.wait_for()
            if screen.has("stop"):
                screen.press("stop")
                until(lambda run_id=run_id: server.status(run_id)["state"] not in ALIVE, f"{run_id} to stop")

    def _listen(self, context: BrowserContext, server: Server) -> None:
        process = server.process

        def say(line: str, url: str = "") -> None:
            gone = process is None or process.poll() is not None  # a page whose server has gone says so, as it should
            if not gone and not STREAMLIT_PROBES.search(url):
                self.complaints.append(line)

        def hear(line: ConsoleMessage) -> None:
            if line.type in ("error", "warning"):
                say(f"console {line.type}: {line.text}", line.location["url"])

        context.on("console", hear)
        context.on("weberror", lambda error: say(f"page error: {error.error}"))
        context.on("response", lambda answer: answer.status >= 400 and say(f"HTTP {answer.status}: {answer.url}", answer.url))
        # A request that is aborted was given up by the page that left, as at each reload.
        context.on("requestfailed", lambda request: request.failure != "net::ERR_ABORTED" and say(f"{request.failure}: {request.url}"))


def _missing() -> str:
    """A sentence about what a browser test lacks here; empty where nothing is missing."""
    if importlib.util.find_spec("playwright") is None:
        return "The Python package playwright is not installed: pip install -r requirements-dev.txt."
    if shutil.which("chromium") is None:
        return "Chromium is not installed: apt install chromium."
    return ""


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """Debian's Chromium, headless; without it the tests skip, or fail where GANSCOPE_REQUIRE_BROWSER is set."""
    if missing := _missing():
        if os.environ.get("GANSCOPE_REQUIRE_BROWSER"):
            pytest.fail(missing)
        pytest.skip(missing)
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server for all tests that leave it as they found it."""
    server = Server(tmp_path_factory.mktemp("server")).start()
    yield server
    server.end(signal.SIGTERM)


@pytest.fixture
def own_server(tmp_path: Path) -> Iterator[Callable[..., Server]]:
    """Makes servers that a test may break."""
    made = []

    def make(source: Path = ROOT, *options: str) -> Server:
        made.append(Server(tmp_path / "own", source, options).start())
        return made[-1]

    yield make
    for server in made:
        server.end(signal.SIGKILL)


@pytest.fixture
def visit(chromium: Browser, own_server: object, request: pytest.FixtureRequest) -> Iterator[Visitors]:
    """Opens pages, and fails the test if anything at all was complained about; browsers leave before `own_server` ends."""
    visitors = Visitors(chromium, lambda: request.getfixturevalue("server"))
    yield visitors
    visitors.leave()
    if complaints := visitors.all_complaints():
        pytest.fail("\n".join(complaints))
