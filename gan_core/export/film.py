"""Moving pictures: what a film is, the two ways to write one, and how a run's samples came to be, the step in a strip below."""

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
    """Frames as Pillow takes them from a file: one at a time, made when it is sought."""

    def __init__(self, n_frames: int, options: Options, progress: Progress) -> None:
        self.n_frames, self.fps = n_frames, options.fps
        self._options, self._progress, self._done = options, progress, 0
        first = self.frame(0)
        super().__init__()
        self.im, self._mode, self._size = first.im, first.mode, first.size

    def frame(self, index: int) -> Image.Image:
        """One frame, always of the same even size."""
        raise NotImplementedError

    def frames(self) -> Iterator[Image.Image]:
        """Every frame, in order."""
        for index in range(self.n_frames):
            yield self.frame(index)
            self._tell(index)

    def seek(self, frame: int) -> None:
        """Be that frame; EOFError after the last one, as Pillow wants it."""
        if frame >= self.n_frames:
            raise EOFError
        self._tell(frame - 1)
        self.im = self.frame(frame).im

    def durations(self) -> list[int]:
        """Milliseconds that each frame stays."""
        return [round(1000 / self.fps)] * self.n_frames

    def tell_end(self) -> None:
        """Say that all of it is done: Pillow asks for no frame after the last one."""
        self._progress(self.n_frames, self.n_frames)

    def _tell(self, index: int) -> None:
        # Pillow seeks back to the first frame in the end, also after it was told to give up.
        if index >= self._done:
            self._done = index + 1
            self._progress(self._done, self.n_frames)


def write_moving(film: Film, path: Path, format: str) -> None:
    """A GIF or a WebP that begins again after its last frame. Frames that are equal become one that stays longer."""
    film.save(path, format=format, save_all=True, duration=film.durations(), loop=0)
    film.tell_end()


def write_video(film: Film, path: Path, run_id: str) -> None:
    """An MP4; RuntimeError where the encoder fails."""
    import av  # only who makes videos waits for it

    codec = next((name for name in CODECS if name in av.codecs_available), CODECS[-1])
    try:
        with av.open(str(path), "w", format="mp4") as container:
            video: Any = container.add_stream(codec, rate=Fraction(film.fps).limit_denominator(1000), options=CODEC_OPTIONS[codec])
            video.width, video.height = film.size
            video.pix_fmt = "yuv420p"
            for frame in film.frames():
                container.mux(video.encode(av.VideoFrame.from_ndarray(np.asarray(frame.convert("RGB")), format="rgb24")))
            container.mux(video.encode())
    except av.FFmpegError as error:
        raise RuntimeError(Sentence("The video of {run} could not be written: {error}.", run=run_id, error=error)) from error


class TimeLapse(Film):
    """A run's kept moments, each with its step."""

    def __init__(self, store: RunStore, run_id: str, options: Options, progress: Progress) -> None:
        """ValueError where the run keeps no pictures."""
        self.steps = steps_of(store, run_id)
        self._store, self._run_id = store, run_id
        self._half = self._widest(options.weights)
        self._picture: Image.Image | None = None
        super().__init__(len(self.steps), options, progress)

    def frame(self, index: int) -> Image.Image:
        """One moment; where it was thinned away meanwhile, the picture before it."""
        pictures = samples_at(self._store, self._run_id, self.steps[index], self._options.weights)
        if pictures is not None:
            self._picture = self._drawn(pictures)
        if self._picture is None:
            place = {"run": self._run_id, "step": self.steps[index]}
            raise ValueError(Sentence("The run {run} keeps no pictures of step {step} that can be read.", **place))
        return _with_strip(self._picture, f"step {self.steps[index]:,}")

    def durations(self) -> list[int]:
        """The last frame stays longer: it is what the run has come to."""
        return [*super().durations()[:-1], LAST_MS]

    def _widest(self, weights: str) -> float:
        """Half the side of the square that holds the reals and the last samples: the same for every frame."""
        reals = read_pictures(self._store.folder(self._run_id) / "samples" / "reals", self._store.config(self._run_id).shape)
        last = samples_at(self._store, self._run_id, self.steps[-1], weights)
        return max([half_of(points) for points in (reals, last) if points is not None and points.ndim == 2], default=1.0)

    def _drawn(self, pictures: Pictures) -> Image.Image:
        side = self._options.side
        return scatter_image(pictures, side=side, half=self._half) if pictures.ndim == 2 else fitted(sheet_image(pictures), side)


def make_pillow(store: RunStore, run_id: str, *, path: Path, options: Options, progress: Progress, format: str) -> None:
    """A time-lapse as a GIF or a WebP."""
    write_moving(TimeLapse(store, run_id, options, progress), path, format)


def make_video(store: RunStore, run_id: str, *, path: Path, options: Options, progress: Progress) -> None:
    """A time-lapse as an MP4; RuntimeError where the encoder fails."""
    write_video(TimeLapse(store, run_id, options, progress), path, run_id)


def fitted(sheet: Image.Image, side: int) -> Image.Image:
    """A picture that is no larger than `side`: enlarged by a whole number, so that pixels stay squares, or made smaller."""
    longest = max(sheet.size)
    if longest > side:
        sheet.thumbnail((side, side), Image.Resampling.BOX)
        return sheet
    return sheet.resize((sheet.width * (side // longest), sheet.height * (side // longest)), Image.Resampling.NEAREST)


def _with_strip(picture: Image.Image, words: str) -> Image.Image:
    """The picture over a dark strip with some words; both sides even, as videos want them."""
    ground, ink = (SCATTER_COLOURS[0], INK) if picture.mode == "RGB" else (SCATTER_COLOURS[0][0], INK[0])
    size = tuple(2 * math.ceil(side / 2) for side in (picture.width, picture.height + STRIP))
    frame = Image.new(picture.mode, (size[0], size[1]), ground)
    frame.paste(picture, (0, 0))
    place = (10, picture.height + STRIP // 2)
    ImageDraw.Draw(frame).text(place, words, fill=ink, font=ImageFont.load_default(LETTERS), anchor="lm")
    return frame
