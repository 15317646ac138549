"""The commands that take a run along, and let one in."""

from __future__ import annotations

import argparse
import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NoReturn

from tqdm import tqdm

from gan_core.export import EXPORTS, Options, export, missing
from gan_core.export.arrive import import_run
from gan_core.export.base import FPS, SIDES, WHOSE
from gan_core.files import RUNS_VARIABLE, USUAL_RUNS, runs_folder
from gan_core.store import RunStore

RUNS_HELP = f"the folder of runs (what {RUNS_VARIABLE} names, else {USUAL_RUNS.name})"
RUN_HELP = f"a run's id in the folder of runs (what {RUNS_VARIABLE} names, else {USUAL_RUNS.name}), or the path of its folder"


def add_commands(commands: Any) -> None:
    """Add `export` and `import` to the command line's subparsers."""
    usual = Options()
    taking = commands.add_parser("export", help="take a run along: pictures, a time-lapse, weights, a script")
    taking.set_defaults(command=_export)
    taking.add_argument("run", metavar="RUN", help=RUN_HELP)
    taking.add_argument("--kind", required=True, metavar="KIND", help=f"one of {', '.join(EXPORTS)}")
    taking.add_argument("--out", type=Path, required=True, metavar="FILE", help="the file to write")
    taking.add_argument("--weights", default=usual.weights, metavar="WHOSE", help=f"{' or '.join(WHOSE)} ({usual.weights})")
    taking.add_argument("--step", type=int, metavar="N", help="the moment of a sheet (the last one)")
    taking.add_argument(
        "--fps", type=float, default=usual.fps, metavar="F", help=f"frames a second, {FPS[0]:g} to {FPS[1]:g} ({usual.fps:g})"
    )
    taking.add_argument("--side", type=int, default=usual.side, metavar="PX", help=f"longest side, {SIDES[0]} to {SIDES[1]} ({usual.side})")

    letting_in = commands.add_parser("import", help="let a run in that was exported as a zip")
    letting_in.set_defaults(command=_import)
    letting_in.add_argument("file", type=Path, metavar="FILE", help="a zip that `export --kind run` made")
    letting_in.add_argument("--out", type=Path, default=runs_folder(), metavar="DIR", help=RUNS_HELP)


def run_of(run: str, root: Path) -> tuple[RunStore, str]:
    """The store and id of a run named by its id in `root`, or by the path of its folder."""
    path = Path(run)
    store, run_id = (RunStore(path.resolve().parent), path.resolve().name) if (path / "config.json").is_file() else (RunStore(root), run)
    store.folder(run_id)
    return store, run_id


@contextmanager
def writing(out: Path) -> Iterator[None]:
    """For whoever writes the file a command was asked for: its folder is there; ValueError where the disk does not let us."""
    try:
        if out.is_dir():  # said before the work rather than after it
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
        out.parent.mkdir(parents=True, exist_ok=True)
        yield
    except FileExistsError as error:
        raise ValueError(f"{out} cannot be written: {error.filename} is a file, not a folder. Name another file with --out.") from error
    except OSError as error:
        raise ValueError(f"{out} cannot be written: {error.strerror or error}. Name another file with --out.") from error


def _export(options: argparse.Namespace) -> int:
    chosen = Options(weights=options.weights, step=options.step, fps=options.fps, side=options.side)
    store, run_id = run_of(options.run, runs_folder())
    if reason := missing(options.kind, store, run_id):
        raise ValueError(reason)
    bar: tqdm[NoReturn] = tqdm(desc=options.kind, bar_format="{l_bar}{bar}| {n}/{total}", leave=False, delay=0.3)

    def move(done: int, total: int) -> None:
        bar.total = total
        bar.update(done - bar.n)

    try:
        with writing(options.out):
            export(store, run_id, kind=options.kind, path=options.out, options=chosen, progress=move)
    except RuntimeError as error:
        raise ValueError(str(error)) from error
    finally:
        bar.close()
    print(f"{EXPORTS[options.kind].label} of {run_id} in {options.out}")
    return 0


def _import(options: argparse.Namespace) -> int:
    run_id = import_run(options.out, options.file)
    print(f"{run_id} in {options.out}")
    return 0
