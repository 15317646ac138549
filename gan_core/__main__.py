"""The same core without a screen: train, sample, score, export, import, presets, data. Bad input: exit code 2, one line on stderr."""

from __future__ import annotations

import argparse
import math
import signal
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NoReturn

import numpy as np

from gan_core import parallel
from gan_core.config import RunConfig
from gan_core.crew import Parted
from gan_core.data import DATA, Request
from gan_core.events import Checkpoint, EventSource, Metrics, Pictures, RunState, Save
from gan_core.files import runs_folder, write_swapped
from gan_core.looking import sample
from gan_core.loop import train
from gan_core.pictures import scatter_image, sheet_image
from gan_core.presets import PRESETS
from gan_core.progress import Progress
from gan_core.record import RunRecord
from gan_core.scoring import add_score
from gan_core.store import RunStore
from gan_core.take import RUN_HELP, RUNS_HELP, add_commands, run_of, writing


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        """One line instead of argparse's two."""
        raise ValueError(f"{message}. `{self.prog} --help` lists what there is.")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; its exit code: 0 done, 1 the run failed, 2 bad input."""
    try:
        if parallel.follows():
            return parallel.follow()
        options = _parser().parse_args(arguments)
        if parallel.processes() > 1 and options.command is not _train:
            raise ValueError("Only train can be shared by several processes; run this command without torchrun.")
        code: int = options.command(options)
        return code
    except ValueError as error:
        print(" ".join(str(error).split()), file=sys.stderr)
        return 2


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(prog="python -m gan_core", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND", parser_class=_Parser)

    training = commands.add_parser("train", help="train a GAN, or go on with a run")
    training.set_defaults(command=_train)
    what = training.add_mutually_exclusive_group()
    what.add_argument("--preset", metavar="NAME", help="settings to begin with; `presets` lists them")
    what.add_argument("--resume", metavar="RUN", help="go on with an interrupted or stopped run: its id, or the path of its folder")
    training.add_argument("--set", metavar="KEY=VALUE", action="append", default=[], help="change one setting; can be repeated")
    limit = training.add_mutually_exclusive_group()
    limit.add_argument("--seconds", type=float, metavar="S", help="stop after S seconds of training")
    limit.add_argument("--epochs", type=int, metavar="N", help="stop after epoch N")
    limit.add_argument("--steps", type=int, metavar="N", help="stop after N steps")
    training.add_argument("--device", metavar="NAME", help="auto, cuda, mps or cpu")
    training.add_argument("--out", type=Path, default=runs_folder(), metavar="DIR", help=RUNS_HELP)
    training.add_argument("--json", action="store_true", help="one JSON object a line instead of a progress bar")

    sampling = commands.add_parser("sample", help="draw samples with a trained generator")
    sampling.set_defaults(command=_sample)
    sampling.add_argument("run", metavar="RUN", help=RUN_HELP)
    sampling.add_argument("--n", type=int, default=64, metavar="N", help="how many (64)")
    sampling.add_argument("--seed", type=int, default=0, metavar="S", help="equal seeds draw equal samples (0)")
    sampling.add_argument("--class", dest="label", metavar="NAME", help="of one class alone, for runs that are told the class")
    sampling.add_argument("--weights", choices=("averaged", "living"), default="averaged", help="with which weights (averaged)")
    sampling.add_argument("--out", type=Path, required=True, metavar="FILE", help="a .png sheet, or an .npz of arrays")

    add_score(commands)
    add_commands(commands)
    commands.add_parser("presets", help="list the presets").set_defaults(command=_presets)
    commands.add_parser("data", help="list the data sets, and which are at hand").set_defaults(command=_data)
    return parser


def _train(options: argparse.Namespace) -> int:
    for name in ("seconds", "epochs", "steps"):
        value = getattr(options, name)
        if value is not None and not 0 < value < math.inf:
            raise ValueError(f"--{name} is {value}, and it has to be a finite number more than 0; leave it out to train without this limit")
    store, config, checkpoint = _what_to_train(options)
    DATA[config.data].look(config.request, told=config.told)
    shared = parallel.processes() > 1
    if shared:
        parallel.check(config)
    until = (checkpoint.place.step if checkpoint else 0) + options.steps if options.steps else 0
    record = store.reopen(run_of(options.resume, options.out)[1]) if checkpoint else store.new(config)
    progress = Progress(options, record.run_id)
    return _drive((parallel.lead if shared else train)(config, checkpoint, until_step=until), record, progress)


def _what_to_train(options: argparse.Namespace) -> tuple[RunStore, RunConfig, Checkpoint | None]:
    changes = _changes(options)
    if options.resume is None:
        preset = options.preset or next(iter(PRESETS))
        if preset not in PRESETS:
            raise ValueError(f"There is no preset {preset!r}. There are {', '.join(PRESETS)}")
        return RunStore(options.out), PRESETS[preset].config.but(**changes), None
    store, run_id = run_of(options.resume, options.out)
    options.out = store.root
    if set(changes) - {"device", "threads", "stop_after_epochs"}:
        raise ValueError(f"--resume goes on with the settings the run has; {', '.join(changes)} cannot be set")
    if options.steps or options.seconds:
        changes.setdefault("stop_after_epochs", "0")  # the limit asked for now counts, not the one the run began with
    return store, store.config(run_id).but(**changes), store.checkpoint(run_id)


def _changes(options: argparse.Namespace) -> dict[str, str]:
    changes = {}
    for pair in options.set:
        name, equals, value = pair.partition("=")
        if not equals:
            raise ValueError(f"--set is {pair!r}, and it has to be KEY=VALUE, for instance gamma=0.5")
        changes[name.strip()] = value.strip()
    if options.device:
        changes["device"] = options.device
    if options.epochs:
        changes["stop_after_epochs"] = str(options.epochs)
    return changes


def _drive(source: EventSource, record: RunRecord, progress: Progress) -> int:
    """Take the run's events until its end, the limit or Ctrl-C; always leave a closed record."""
    seconds, stop = progress.options.seconds, _stop_signal()
    state: RunState = "failed"
    message = ""
    try:
        for event in source:
            record.append(event)
            progress.show(event)
            spent = event.place.elapsed_s - progress.started.place.elapsed_s if isinstance(event, Metrics) and progress.started else 0.0
            if stop() or (seconds is not None and spent >= seconds):
                if progress.started is not None:
                    record.append(source.send(Save()))
                state = "stopped"
                break
        else:
            state = "finished"
    except (ValueError, FloatingPointError, Parted) as error:
        message = str(error)
        print(message, file=sys.stderr)
        return 2 if isinstance(error, ValueError) else 1
    finally:
        source.close()
        record.close(state, message)
        progress.end()
    return 0


def _stop_signal() -> Callable[[], bool]:
    """Whether someone has asked to stop (Ctrl-C, or the system): looked at between events, so that nothing is cut in half."""
    asked: list[int] = []
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda got, frame: asked.append(got))
    return lambda: bool(asked)


def _sample(options: argparse.Namespace) -> int:
    if options.n < 1:
        raise ValueError(f"--n is {options.n}, and it has to be at least 1")
    if options.seed < 0:
        raise ValueError(f"--seed is {options.seed}, and it has to be a whole number from 0 on")
    if options.out.suffix not in (".png", ".npz"):
        raise ValueError(f"--out is {options.out}, and it has to end in .png or .npz")
    store, run_id = run_of(options.run, runs_folder())
    config = store.config(run_id)
    prefix = "average." if options.weights == "averaged" else "generator."
    label = _label_of(store, run_id, options.label) if options.label is not None else None
    tensors = store.checkpoint(run_id).tensors
    with writing(options.out):
        pictures = sample(config, tensors, prefix=prefix, count=options.n, seed=options.seed, label=label)
        write_swapped(options.out, lambda path: _write_samples(path, pictures, options.out.suffix))
    print(f"{options.n} samples of {run_id} in {options.out}")
    return 0


def _label_of(store: RunStore, run_id: str, name: str) -> int:
    """The number of the class called `name`, or numbered so; ValueError with the classes there are."""
    started = store.started(run_id)
    classes = started.classes if started is not None else ()
    if not classes:
        raise ValueError(f"--class is {name!r}, and the run {run_id} was not told any classes")
    found = [number for number, known in enumerate(classes) if name.casefold() in (known.casefold(), str(number))]
    if not found:
        raise ValueError(f"--class is {name!r}. There are {', '.join(classes)}")
    return found[0]


def _write_samples(path: Path, pictures: Pictures, suffix: str) -> None:
    if suffix == ".png":
        image = sheet_image(pictures) if pictures.ndim == 4 else scatter_image(pictures)
        image.save(path, format="PNG")
    else:
        arrays = {"images": pictures.squeeze(3) if pictures.shape[-1] == 1 else pictures} if pictures.ndim == 4 else {"points": pictures}
        with path.open("wb") as file:
            np.savez_compressed(file, allow_pickle=False, **arrays)


def _presets(options: argparse.Namespace) -> int:
    for preset in PRESETS.values():
        untested = "" if preset.tried else " (untested here)"
        print(f"{preset.name:22} {preset.title}{untested}: {preset.help}")
    return 0


def _data(options: argparse.Namespace) -> int:
    for name, source in DATA.items():
        print(f"{name:16} {source.where(Request()) or 'not here':44} {source.help}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
