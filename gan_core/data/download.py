"""One file from the first mirror that gives it: streamed, its md5 checked, and in its place whole or not at all."""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Generator
from dataclasses import dataclass
from functools import reduce
from http.client import HTTPException
from pathlib import Path
from typing import BinaryIO
from urllib.error import HTTPError
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

from gan_core.data.base import pace
from gan_core.events import Preparing
from gan_core.sentences import Sentence

TIMEOUT_S = 15.0
"""A mirror that is silent for this long is given up, while connecting as well as in the middle of a file."""
CHUNK_BYTES = 1 << 16
MOST_BYTES = 1 << 30
"""No set here is half as large: a mirror that goes on for ever must not fill the disk."""


@dataclass(frozen=True)
class Wanted:
    """A file, where it can be had, and how to tell that it is the right one."""

    name: str
    md5: str
    urls: tuple[str, ...]


class Unreachable(Exception):
    """No mirror gave the file; says why, mirror by mirror."""


def fetch(wanted: Wanted, folder: Path) -> Generator[Preparing, None, Path]:
    """Path of the file, now in `folder`; progress in bytes on the way, once more from 0 if the next mirror has to be tried.

    Raises Unreachable when every mirror failed. A generator that is closed half-way leaves no file behind.
    """
    reasons: list[Sentence] = []
    for url in wanted.urls:
        try:
            return (yield from _from_mirror(wanted, url, folder=folder))
        except HTTPError as error:
            # The answer "404" is an open connection too.
            error.close()
            reasons.append(_reason(url, error))
        except (OSError, HTTPException) as error:
            reasons.append(_reason(url, getattr(error, "reason", None) or error or type(error).__name__))
    raise Unreachable(reduce(lambda some, more: Sentence("{some}; {more}", some=some, more=more), reasons))


def _reason(url: str, why: object) -> Sentence:
    return Sentence("{host}: {why}", host=_host(url), why=why)


def md5_of(path: Path) -> str:
    """md5 of a file, in hexadecimal digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, lambda: hashlib.md5(usedforsecurity=False)).hexdigest()


def _from_mirror(wanted: Wanted, url: str, *, folder: Path) -> Generator[Preparing, None, Path]:
    """Path of the file, moved to its name only after the check; OSError or HTTPException if this mirror fails."""
    handle, temporary = tempfile.mkstemp(prefix=f".{wanted.name}.", suffix=".part", dir=folder)
    part = Path(temporary)
    try:
        with os.fdopen(handle, "wb") as file:
            md5 = yield from _stream(wanted.name, url, file=file)
        if md5 != wanted.md5:
            raise OSError(Sentence("sent a file with md5 {found}, where {md5} was expected; it was removed", found=md5, md5=wanted.md5))
        # mkstemp lets nobody else read, but a data folder may be shared by a whole class.
        part.chmod(0o644)
        return part.replace(folder / wanted.name)
    finally:
        part.unlink(missing_ok=True)


def _stream(name: str, url: str, *, file: BinaryIO) -> Generator[Preparing, None, str]:
    """md5 of what was written to `file`; OSError if it broke off early or would not end."""
    digest, done, due = hashlib.md5(usedforsecurity=False), 0, pace()
    with urlopen(Request(url, headers={"User-Agent": "GANscope"}), timeout=TIMEOUT_S) as response:
        total = response.length or 0
        yield Preparing(name, 0, total)
        # Stops by itself at the last byte: a server that keeps the connection open would be waited for.
        while not total or done < total:
            # read1 returns what has come so far: on a slow line, progress moves with every packet.
            chunk = response.read1(CHUNK_BYTES)
            if not chunk:
                break
            file.write(chunk)
            digest.update(chunk)
            done += len(chunk)
            if done > MOST_BYTES:
                raise OSError(Sentence("sent more than {most:,} bytes", most=MOST_BYTES))
            if due():
                yield Preparing(name, done, total)
    if done < total:
        raise OSError(Sentence("broke off after {done:,} of {total:,} bytes", done=done, total=total))
    yield Preparing(name, done, done)
    return digest.hexdigest()


def _host(url: str) -> str:
    """The name of the machine, which is what a network's administrator will ask for."""
    return urlsplit(url).netloc
