"""Favourites: single images people want to keep, each with where it came from; they outlive their run."""

from __future__ import annotations

import dataclasses
import math
import re
import secrets
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from filelock import FileLock

from gan_core.events import Pictures
from gan_core.files import read_json, write_json, write_whole
from gan_core.pictures import sheet_image
from gan_core.sentences import Sentence

MOST = 500
"""Favourites that are kept, at most: one look at all of them stays quick."""
LONGEST_NAME = 80
WEIGHTS = ("living", "averaged")
_ID = re.compile(r"[0-9a-f]{12}")


@dataclass(frozen=True)
class Favourite:
    """One image that was kept."""

    id: str
    run_id: str
    step: int
    index: int
    """Its number among the run's fakes, from 0; -1 for a place of its own in the latent space."""
    weights: str
    """The generator's weights it was drawn with: "living" or "averaged"."""
    verdict: float | None
    """D's verdict on it then, on the axis of the run's game."""
    z: tuple[float, ...]
    """What it was drawn from."""
    kept_at: float
    """Seconds since 1970."""
    name: str = ""
    """What somebody called it."""
    label: int = -1
    """The class G was asked for; -1 where it is not told any."""


class Favourites:
    """The favourites of a folder of runs. Methods may be called from any thread and any process: one lock."""

    def __init__(self, root: Path) -> None:
        """`root` is the folder of runs; they are kept in `favourites/` there."""
        self.folder = root / "favourites"
        self._list = self.folder / "favourites.json"

    def all(self) -> list[Favourite]:
        """Every favourite that can be read and has its picture, newest first."""
        if not self._list.exists():
            return []
        entries = read_json(self._list).get("favourites")
        known = [_favourite(entry) for entry in entries] if isinstance(entries, list) else []
        found = [favourite for favourite in known if favourite is not None and self.picture(favourite.id).exists()]
        return sorted(found, key=lambda favourite: favourite.kept_at, reverse=True)

    def picture(self, id: str) -> Path:
        """The PNG of a favourite; ValueError for what cannot be an id."""
        if not _ID.fullmatch(id):
            raise ValueError(Sentence("{id} is no favourite's id.", id=repr(id)))
        return self.folder / f"{id}.png"

    def keep(
        self,
        run_id: str,
        step: int,
        *,
        index: int,
        weights: str,
        picture: Pictures,
        verdict: float | None,
        z: Sequence[float],
        label: int = -1,
    ) -> str:
        """Keep one image (height, width, channels), uint8, and return its id; ValueError where it is none, or MOST are kept."""
        if picture.dtype != np.uint8 or picture.ndim != 3 or picture.shape[2] not in (1, 3):
            found = f"{picture.dtype} {picture.shape}"
            raise ValueError(Sentence("A favourite is one uint8 image (height, width, 1 or 3), and this is {found}.", found=found))
        finite = None if verdict is None or not math.isfinite(verdict) else float(verdict)
        numbers = tuple(float(value) for value in z)
        favourite = Favourite(secrets.token_hex(6), run_id, int(step), int(index), weights, finite, numbers, time.time(), label=int(label))
        if _favourite(dataclasses.asdict(favourite)) is None:
            what = {"run": repr(run_id), "step": step, "image": index, "weights": repr(weights)}
            raise ValueError(Sentence("Not a favourite: run {run}, step {step}, image {image}, weights {weights}.", **what))
        with self._locked():
            known = self.all()
            if len(known) >= MOST:
                raise ValueError(
                    Sentence("There are {most} favourites, and more are not kept. Remove some on the Runs page first.", most=MOST)
                )
            image = sheet_image(picture[None])
            write_whole(self.picture(favourite.id), lambda path: image.save(path, format="PNG"))
            self._write([favourite, *known])
        return favourite.id

    def rename(self, id: str, name: str) -> None:
        """Call a favourite something; ValueError where there is none, or for a name that is too long."""
        name = " ".join(name.split())
        if len(name) > LONGEST_NAME:
            raise ValueError(Sentence("The name has {count} characters, and {most} are allowed.", count=len(name), most=LONGEST_NAME))
        with self._locked():
            self._write([dataclasses.replace(item, name=name) if item.id == id else item for item in self._with(id)])

    def remove(self, id: str) -> None:
        """Forget a favourite and its picture; ValueError where there is none."""
        with self._locked():
            self._write([item for item in self._with(id) if item.id != id])
            self.picture(id).unlink(missing_ok=True)

    def _with(self, id: str) -> list[Favourite]:
        known = self.all()
        if id not in {favourite.id for favourite in known}:
            raise ValueError(Sentence("This favourite is not there any more: it was removed on another page."))
        return known

    def _locked(self) -> FileLock:
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise ValueError(Sentence("No favourite can be kept in {folder}: {error}.", folder=self.folder, error=error)) from error
        return FileLock(self.folder / "lock", thread_local=False)

    def _write(self, favourites: Sequence[Favourite]) -> None:
        write_json(self._list, {"favourites": [dataclasses.asdict(favourite) for favourite in favourites]})


def _favourite(entry: Any) -> Favourite | None:
    """A favourite from what the file says; None where that is none, for one bad entry must not cost the others."""
    fields = {field.name for field in dataclasses.fields(Favourite)}
    if not isinstance(entry, Mapping):
        return None
    try:
        favourite = Favourite(**{name: value for name, value in entry.items() if name in fields})
        numbers = tuple(float(value) for value in favourite.z)
        valid = (
            _ID.fullmatch(favourite.id)
            and all(isinstance(text, str) for text in (favourite.run_id, favourite.name))
            and all(isinstance(value, int) and value >= least for value, least in ((favourite.step, 0), (favourite.index, -1)))
            and isinstance(favourite.label, int)
            and favourite.weights in WEIGHTS
            and (favourite.verdict is None or math.isfinite(favourite.verdict))
            and math.isfinite(favourite.kept_at)
            and all(math.isfinite(value) for value in numbers)
        )
    except (TypeError, ValueError):
        return None
    return dataclasses.replace(favourite, z=numbers) if valid else None
