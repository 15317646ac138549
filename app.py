"""GANscope: `streamlit run app.py`. Puts the screens, our own routes and the training loop together."""

from __future__ import annotations

import asyncio
import gc
import os
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from pathlib import Path

import streamlit as st
from starlette.middleware import Middleware

from gan_core.config import RunConfig
from gan_core.devices import give_way
from gan_core.events import Checkpoint, EventSource, Metrics
from gan_core.files import runs_folder
from gan_core.loop import train
from gan_core.presets import PRESETS
from live import manager
from live.browser import BrowserCookie
from live.nodelay import NoDelay
from live.routes import ROUTES

HERE = Path(__file__).parent


def max_runs() -> int:
    """How many runs may train on one device at a time; a bad GANSCOPE_MAX_RUNS ends the start with a sentence."""
    text = os.environ.get("GANSCOPE_MAX_RUNS", "1")
    if not (text.isdecimal() and int(text) > 0):
        raise SystemExit(f"GANSCOPE_MAX_RUNS is {text!r}, and it has to be a whole number from 1 on.")
    return int(text)


def train_beside_a_page(config: RunConfig, resume: Checkpoint | None = None) -> EventSource:
    """`train`, in a thread that lets the page go first (docs/decisions/threads.md)."""
    give_way()
    return (yield from train(config, resume))


def warm_up() -> None:
    """Play the default preset's first steps: what torch imports late, and the data set, are there when somebody presses Start."""
    with closing(train(next(iter(PRESETS.values())).config)) as events:
        next(event for event in events if isinstance(event, Metrics))
    # All that was imported stays: the collector need not walk through half a million objects again after each script run.
    gc.collect()
    gc.freeze()


@asynccontextmanager
async def lifespan(app: st.App) -> AsyncIterator[None]:
    """Make the process's manager at the start; stop and save every run at the end."""
    live = manager.install(lambda: manager.LiveManager(train_beside_a_page, runs_folder(), max_runs()))
    live.store.empty_trash()
    threading.Thread(target=warm_up, name="warm-up", daemon=True).start()
    try:
        yield
    finally:
        await asyncio.to_thread(live.close)
        manager.uninstall()


app = st.App(HERE / "ui" / "shell.py", lifespan=lifespan, routes=ROUTES, middleware=[Middleware(NoDelay), Middleware(BrowserCookie)])
