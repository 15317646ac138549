"""The Playground's view on a page of its own, over sockets made of paper: a test says what the server says."""

from __future__ import annotations

import base64
import json
import struct

import numpy as np

from gan_core.config import RunConfig
from ui import figures, formula
from ui.components import plane_view
from ui.components.parts import script, text
from ui.palette import PALETTE

PAPER = """
class Paper {
    static CONNECTING = 0;
    static OPEN = 1;
    static all = [];
    constructor(url) { Object.assign(this, { url: String(url), readyState: 0, sent: [] }); Paper.all.push(this); }
    send(bytes) { this.sent.push([...new Uint8Array(bytes.buffer ?? bytes)]); }
    close() { this.readyState = 3; }
    opened() { this.readyState = 1; this.onopen?.(); }
    says(bytes) { this.onmessage?.({ data: bytes.buffer }); }
}
window.WebSocket = Paper;
window.Paper = Paper;
window.told = [];
window.bytesOf = (text) => Uint8Array.from(atob(text), (sign) => sign.charCodeAt(0));
"""
SHOW = """
window.show = (data) => view({ parentElement: document.body, data, setTriggerValue: (name, value) => told.push([name, value]) });
"""


def frame(header, arrays=None):
    """A message as the server packs it; `arrays` are by name, or by a path with a dot for the first level."""
    body = b""
    for name, array in (arrays or {}).items():
        array = np.ascontiguousarray(array)
        place = {"dtype": str(array.dtype), "shape": list(array.shape), "offset": len(body)}
        outer, _, inner = name.partition(".")
        if inner:
            header.setdefault(outer, {})[inner] = place
        else:
            header[outer] = place
        body += array.tobytes() + b" " * (-array.nbytes % 8)
    head = json.dumps(header).encode()
    head += b" " * (-(4 + len(head)) % 8)
    return struct.pack("<I", len(head)) + head + body


def read(message):
    """The header of what the view has sent."""
    (size,) = struct.unpack("<I", message[:4])
    return json.loads(message[4 : 4 + size])


def data_of(config, **others):
    """What a page would hand over for a run with these settings."""
    return {
        "run": "r",
        "url": "/live/run/r",
        "token": "t",
        "latent": {"url": "/live/latent/r", "token": "t"},
        "state": "running",
        "controls": True,
        "game": config.game,
        "axis": "probability",
        "verdict": figures.verdict(config),
        "pace": None,
        "latent_dim": 2,
        "noise": "gaussian",
        "figure": figures.live(config),
        "formula": formula.formula(config),
        "drawn_for": {},
        "layers": dict.fromkeys(plane_view.LAYERS, True),
        "words": dict(plane_view.WORDS),
        "palette": {mode: dict(colours) for mode, colours in PALETTE.items()},
    } | others


def ring(count, seed=0, spread=0.06, modes=8):
    """Points on a ring of eight."""
    rng = np.random.default_rng(seed)
    angles = rng.integers(modes, size=count) * 2 * np.pi / modes
    return (1.4 * np.stack([np.cos(angles), np.sin(angles)], 1) + spread * rng.standard_normal((count, 2))).astype(np.float32)


def look(turn=0.0, heat_turn=None, size=0.8, count=256, n=48, m=15):
    """What a server might answer: a generator that has bent its noise this far, and a critic that leans this way."""
    lean = turn if heat_turn is None else heat_turn
    z = np.random.default_rng(1).standard_normal((count, 2)).astype(np.float32)

    def bent(points):
        radius = np.linalg.norm(points, axis=-1, keepdims=True) + 1e-6
        angle = np.arctan2(points[..., 1:], points[..., :1]) + 0.35 * np.sin(3 * radius) + turn
        far = size * (0.35 * radius + 1.1 * np.tanh(2 * radius))
        return np.concatenate([far * np.cos(angle), far * np.sin(angle)], -1).astype(np.float32)

    axis = (np.arange(n) + 0.5) / n * 4 - 2
    x, y = np.meshgrid(axis, -axis)
    level = (
        4 * np.exp(-((np.hypot(x, y) - 1.4) ** 2) / 0.18) * (1 + 0.6 * np.cos(8 * np.arctan2(y, x)) + 0.5 * np.cos(np.arctan2(y, x) - lean))
        - 2.2
    )
    heat = (1 / (1 + np.exp(-level))).astype(np.float32)
    grid = np.linspace(-2.33, 2.33, m).astype(np.float32)
    fakes = bent(z)
    rows = np.clip(((2 - fakes[:, 1]) / 4 * n).astype(int), 0, n - 1)
    columns = np.clip(((fakes[:, 0] + 2) / 4 * n).astype(int), 0, n - 1)
    slope_y, slope_x = np.gradient(heat)
    return {
        "heat": heat,
        "warped": bent(np.stack(np.meshgrid(grid, grid), -1)),
        "grid_z": grid,
        "fakes": fakes,
        "z": z,
        "verdict": heat[rows, columns],
        "arrows": np.stack([slope_x, -slope_y], -1)[rows, columns].astype(np.float32),
    }


class Stage:
    """The view in a tab, and its server made of paper."""

    def __init__(self, page, config=None, **others):
        self.page = page
        self.config = config or RunConfig(data="ring-8", network="mlp", game="non-saturating", penalty="R1")
        self.data = data_of(self.config, **others)
        view = script(plane_view.MODULES).replace("export default function", "window.view = function")
        theme = PALETTE["light"]
        page.goto("data:text/html,<base href='http://here/playground'><meta charset=utf-8>")
        page.set_content(
            "<base href='http://here/playground'><style>"
            + f":root {{ --st-background-color: {theme['background']}; --st-secondary-background-color: {theme['surface']}; "
            + f"--st-text-color: {theme['text']}; --st-primary-color: {theme['primary']}; --st-font: sans-serif; --st-base-radius: 8px }}"
            + "@media (prefers-color-scheme: dark) { :root { "
            + f"--st-background-color: {PALETTE['dark']['background']}; --st-secondary-background-color: {PALETTE['dark']['surface']}; "
            + f"--st-text-color: {PALETTE['dark']['text']}; --st-primary-color: {PALETTE['dark']['primary']} }} }}"
            + " body { margin: 16px; background: var(--st-background-color) }</style><style>"
            + text("formula.css")
            + text("plane_view.css")
            + "</style>"
            + text("plane_view.html")
        )
        page.add_script_tag(content=PAPER + view + SHOW)
        self.show()

    def show(self, **others):
        """Hand the view its data, as a rerun of the page does."""
        self.data |= others
        self.page.evaluate("data => show(data)", self.data)

    def _tell(self, which, message):
        self.page.evaluate(
            "([which, text]) => Paper.all.filter(({ url }) => url.includes(which)).at(-1).says(bytesOf(text))",
            [which, base64.b64encode(message).decode()],
        )

    def open(self):
        """Both sockets have arrived."""
        self.page.evaluate("Paper.all.forEach(paper => paper.readyState === 0 && paper.opened())")

    def push(self, arrays=None, **header):
        """A frame of the run."""
        place = {"step": header.pop("step", 1), "epoch": 0.0, "images": 0, "elapsed_s": 1.0}
        rates = {"images_per_s": 1.0, "steps_per_s": 850.0}
        common = {"run": "r", "state": "running", "message": "", "preparing": None, "place": place, "rates": rates, "rows": None}
        common |= {"samples": None, "reals": None, "knobs": {}, "marks": None, "played": None, "pace": None}
        self._tell("/live/run", frame(common | header, arrays))

    def curves(self, steps=200):
        """Rows of losses and verdicts."""
        names = ["loss/critic", "loss/generator", "verdict/real", "verdict/fake", "penalty/real"]
        t = np.arange(steps, dtype=np.float64)
        wild = np.random.default_rng(0).standard_normal((5, steps))
        values = [
            1.386 - np.exp(-t / 60) * 0.7,
            0.69 + np.exp(-t / 50),
            0.5 + 0.3 * np.exp(-t / 60),
            0.5 - 0.3 * np.exp(-t / 60),
            t * 0 + 0.1,
        ]
        columns = [10 * t, t / 10, 64 * t, t / 20, *(value + 0.04 * noise for value, noise in zip(values, wild, strict=True))]
        rows = {"reset": True, "names": names}
        self.push({"rows.array": np.stack(columns, 1), "reals": ring(512)}, step=10 * steps, rows=rows)

    def asked(self):
        """Headers of what was asked over the latent socket."""
        sent = self.page.evaluate("Paper.all.filter(({ url }) => url.includes('/live/latent')).at(-1).sent")
        return [read(bytes(message)) for message in sent]

    def answer(self, step, arrays=None, ask=None, **header):
        """Answer the newest ask for a look."""
        ask = ask or [one for one in self.asked() if not one["figures"]][-1]
        common = {
            "id": ask["id"],
            "lane": ask["lane"],
            "ask": "plane",
            "step": step,
            "at": None,
            "span": [0.0, 0.0, 2.0],
            "axis": "probability",
        }
        self._tell("/live/latent", frame(common | header, look() if arrays is None else arrays))

    def news(self, step):
        """There are newer weights."""
        self._tell("/live/latent", frame({"news": step}))

    def fact(self, name):
        """A data attribute of the view."""
        return self.page.locator(".gs-plane-view").get_attribute(f"data-{name}")

    def told(self):
        """Commands since the last call, without their numbers."""
        heard = self.page.evaluate("told.splice(0)")
        return [{key: value for key, value in what.items() if key != "n"} for name, what in heard if name == "command"]
