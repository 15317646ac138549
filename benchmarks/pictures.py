"""What does it look like? The pictures of README, taken in a real Chromium of the runs that came with the program.

    python -m benchmarks.pictures                    (two minutes)
    python -m benchmarks.pictures --only playground

They go to docs/pictures/, as small as they can be without showing it.
"""

from __future__ import annotations

import argparse
import io
import shutil
from collections.abc import Callable

from PIL import Image
from playwright.sync_api import Page

from benchmarks.live_app import Server, chromium, click
from benchmarks.step_rate import ROOT

FOLDER = ROOT / "docs" / "pictures"
FILM_WIDTH, FILM_FRAMES, FRAME_MS = 760, 24, 260
LARGEST = 300_000
VIEW_ALONE = "[data-testid=stSidebar], .gs-formula, .gs-scores { display: none !important }"


def keep(picture: bytes, name: str) -> None:
    """Write a PNG; with 256 colours only where all of them would be too large for a README."""
    path = FOLDER / name
    with Image.open(io.BytesIO(picture)) as image:
        image.convert("RGB").save(path, optimize=True)
        if path.stat().st_size > LARGEST:
            image.convert("RGB").quantize(256, method=Image.Quantize.MAXCOVERAGE).save(path, optimize=True)


def keep_film(frames: list[bytes], name: str) -> None:
    """Write frames as an endless film that rests at its end."""
    images = [Image.open(io.BytesIO(frame)).convert("RGB") for frame in frames]
    height = round(FILM_WIDTH / images[0].width * images[0].height)
    small = [image.resize((FILM_WIDTH, height), Image.Resampling.LANCZOS) for image in images]
    shown = [FRAME_MS] * (len(small) - 1) + [8 * FRAME_MS]
    film = io.BytesIO()
    small[0].save(film, "WEBP", save_all=True, append_images=small[1:], duration=shown, loop=0, quality=70, method=4)
    (FOLDER / name).write_bytes(film.getvalue())  # whole, or not at all


def film(page: Page, server: Server) -> None:
    """A finished run moment by moment, as its timeline plays it."""
    page.set_viewport_size({"width": 1180, "height": 1000})
    page.goto(f"{server.url}/?run=demo-glyphs")
    page.add_style_tag(content=VIEW_ALONE)
    slider = page.locator("[data-time=slider]")
    page.wait_for_function("document.querySelector('.gs-plot')?._fullLayout && document.querySelector('[data-time=slider]').max > 20")
    last = int(slider.get_attribute("max") or 0)
    frames = []
    for number in range(FILM_FRAMES):
        slider.fill(str(round(last * (number / (FILM_FRAMES - 1)) ** 1.5)))  # more happens early
        page.wait_for_function(
            "(({ moment, samplesStep }) => !moment || moment === samplesStep)(document.querySelector('.gs-view').dataset)"
        )
        page.wait_for_timeout(150)
        frames.append(page.screenshot(clip=page.locator(".gs-body").bounding_box()))
    keep_film(frames, "run.webp")


def train(page: Page, server: Server) -> None:
    """A run at work: a fork of one with a long past, and with a knob turned on the way."""
    page.set_viewport_size({"width": 1440, "height": 1000})
    page.goto(f"{server.url}/?run=demo-glyphs")
    click(page, "fork")
    page.locator(".st-key-fork-go button").click()
    page.locator(".gs-view[data-state=running]").wait_for()
    page.wait_for_function("document.querySelector('.gs-view').dataset.step > 9020")
    page.wait_for_timeout(8000)
    keep(page.screenshot(), "train.png")
    click(page, "stop")
    page.locator(".gs-view[data-state=stopped]").wait_for()


def playground(page: Page, server: Server) -> None:
    """The plane with everything on it, some seconds in."""
    page.set_viewport_size({"width": 1440, "height": 900})
    page.goto(f"{server.url}/playground?layers=reals,fakes,heat,grid,arrows")
    page.locator(".pl-play").click()
    page.wait_for_function("document.querySelector('.gs-plane-view').dataset.step > 400")
    page.wait_for_timeout(2000)
    keep(page.screenshot(), "playground.png")


def explore(page: Page, server: Server) -> None:
    """A place between two things in the run that came with the program."""
    page.set_viewport_size({"width": 1440, "height": 900})
    page.goto(f"{server.url}/explore?run=demo-fashion&seed=3")
    page.locator(".gs-explore[data-connected=true]").wait_for()
    page.wait_for_timeout(6000)
    keep(page.screenshot(), "explore.png")


TAKES: dict[str, Callable[[Page, Server], None]] = {"film": film, "train": train, "playground": playground, "explore": explore}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", choices=TAKES)
    asked = parser.parse_args()
    for name, take in TAKES.items():
        if asked.only in (None, name):
            with Server() as server, chromium() as page:
                for demo in (ROOT / "checkpoints").glob("demo-*"):
                    shutil.copytree(demo, server.runs / demo.name)
                take(page, server)
    for path in sorted(FOLDER.glob("*.*")):
        print(f"{path.relative_to(ROOT)}: {path.stat().st_size / 1000:.0f} kB")


if __name__ == "__main__":
    main()
