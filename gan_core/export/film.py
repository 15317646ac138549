"""How a run's samples came to be: its kept moments as a moving picture, the step in a strip below."""

from __future__ import annotations

import math
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from gan_core.events import Pictures
from gan_core.export.base import Options, Progress
from gan_core.export.sheet import samples_at, steps_of
from gan_core.pictures import SCATTER_COLOURS, half_of, read_pictures, scatter_image, sheet_image
from gan_core.sentences import Sentence
from gan_core.store import RunStore

STRIP, LETTERS = 28, 15
"""Heights of the strip and of its letters, in pixels."""
INK = (200, 204, 212)
LAST_MS = 1500
"""How long the last frame stays before a moving picture begins again."""
CODECS = ("libx264", "libopenh264", "mpeg4")
"""The first that the installed PyAV has; all of them take yuv420p, which every player shows."""
CODEC_OPTIONS = {"libx264": {"crf": "23", "preset": "veryfast"}, "libopenh264": {}, "mpeg4": {"qscale": "3"}}


class Film(Image.Image):
    """The frames of a time-lapse as Pillow takes them from a file: one at a time, made when it is sought, so none is kept."""

    def __init__(self, store: RunStore, run_id: str, options: Options, progress: Progress) -> None:
        """ValueError where the run keeps no pictures."""
        self.steps = steps_of(store, run_id)
        self.n_frames = len(self.steps)
        self._store, self._run_id, self._options, self._progress = store, run_id, options, progress
        self._done = 0
        self._half = self._widest()
        self._picture: Image.Image | None = None
        first = self.frame(0)
        super().__init__()
        self.im, self._mode, self._size = first.im, first.mode, first.size

    def frame(self, index: int) -> Image.Image:
        """One moment; where it was thinned away meanwhile, the picture before it. Always the same even size."""
        pictures = samples_at(self._store, self._run_id, self.steps[index], self._options.weights)
        if pictures is not None:
            self._picture = self._drawn(pictures)
        if self._picture is None:
            place = {"run": self._run_id, "step": self.steps[index]}
            raise ValueError(Sentence("The run {run} keeps no pictures of step {step} that can be read.", **place))
        return _with_strip(self._picture, f"step {self.steps[index]:,}")

    def frames(self) -> Iterator[Image.Image]:
        """Every moment, in order."""
        for index in range(self.n_frames):
            yield self.frame(index)
            self._tell(index)

    def seek(self, frame: int) -> None:
        """Be that frame; EOFError after the last one, as Pillow wants it."""
        if frame >= self.n_frames:
            raise EOFError
        self._tell(frame - 1)
        self.im = self.frame(frame).im

    def durations(self, fps: float) -> list[int]:
        """Milliseconds that each frame stays."""
        return [round(1000 / fps)] * (self.n_frames - 1) + [LAST_MS]

    def _tell(self, index: int) -> None:
        # Pillow seeks back to the first frame in the end, also after it was told to give up.
        if index >= self._done:
            self._done = index + 1
            self._progress(self._done, self.n_frames)

    def _widest(self) -> float:
        """Half the side of the square that holds the reals and the last samples: the same for every frame."""
        reals = read_pictures(self._store.folder(self._run_id) / "samples" / "reals", self._store.config(self._run_id).shape)
        last = samples_at(self._store, self._run_id, self.steps[-1], self._options.weights)
        return max([half_of(points) for points in (reals, last) if points is not None and points.ndim == 2], default=1.0)

    def _drawn(self, pictures: Pictures) -> Image.Image:
        side = self._options.side
        if pictures.ndim == 2:
            return scatter_image(pictures, side=side, half=self._half)
        sheet = sheet_image(pictures)
        longest = max(sheet.size)
        if longest > side:
            sheet.thumbnail((side, side), Image.Resampling.BOX)
            return sheet
        return sheet.resize((sheet.width * (side // longest), sheet.height * (side // longest)), Image.Resampling.NEAREST)


def make_pillow(store: RunStore, run_id: str, *, path: Path, options: Options, progress: Progress, format: str) -> None:
    """A GIF or a WebP that begins again after its last frame."""
    film = Film(store, run_id, options, progress)
    film.save(path, format=format, save_all=True, duration=film.durations(options.fps), loop=0)
    progress(film.n_frames, film.n_frames)


def make_video(store: RunStore, run_id: str, *, path: Path, options: Options, progress: Progress) -> None:
    """An MP4, one frame a moment; RuntimeError where the encoder fails."""
    import av  # only who makes videos waits for it

    film = Film(store, run_id, options, progress)
    codec = next((name for name in CODECS if name in av.codecs_available), CODECS[-1])
    try:
        with av.open(str(path), "w", format="mp4") as container:
            video: Any = container.add_stream(codec, rate=Fraction(options.fps).limit_denominator(1000), options=CODEC_OPTIONS[codec])
            video.width, video.height = film.size
            video.pix_fmt = "yuv420p"
            for frame in film.frames():
                container.mux(video.encode(av.VideoFrame.from_ndarray(np.asarray(frame.convert("RGB")), format="rgb24")))
            container.mux(video.encode())
    except av.FFmpegError as error:
        raise RuntimeError(Sentence("The video of {run} could not be written: {error}.", run=run_id, error=error)) from error


def _with_strip(picture: Image.Image, words: str) -> Image.Image:
    """The picture over a dark strip with some words; both sides even, as videos want them."""
    ground, ink = (SCATTER_COLOURS[0], INK) if picture.mode == "RGB" else (SCATTER_COLOURS[0][0], INK[0])
    size = tuple(2 * math.ceil(side / 2) for side in (picture.width, picture.height + STRIP))
    frame = Image.new(picture.mode, (size[0], size[1]), ground)
    frame.paste(picture, (0, 0))
    place = (10, picture.height + STRIP // 2)
    ImageDraw.Draw(frame).text(place, words, fill=ink, font=ImageFont.load_default(LETTERS), anchor="lm")
    return frame
