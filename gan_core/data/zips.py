"""What is in a zip, checked from its directory and again while reading; nothing is ever unpacked to disk from here."""

from __future__ import annotations

import os
import stat
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import BinaryIO

from gan_core.data.pictures import FORMATS, MOST_FILE_BYTES, Unreadable
from gan_core.sentences import Sentence

MOST_TOTAL_BYTES = 2_000_000_000
MOST_RATIO = 200
"""Pictures hardly shrink in a zip, and texts ten times; a file that grows more than this many times is made to fill the memory."""
PACKED_AS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
"""Others are rare, and a short LZMA stream may ask for gigabytes of memory."""
ENCRYPTED = 0x1 | 0x40
"""Flag bits: encrypted, strongly encrypted."""


@dataclass(frozen=True)
class Entry:
    """A file that has not been read yet."""

    path: PurePosixPath
    """Seen from the folder or zip it is in."""
    read: Callable[[], bytes]
    """Its bytes; Unreadable if they are damaged, ValueError if they are too many."""


def wanted(path: PurePosixPath) -> bool:
    """True for a picture by its suffix that is neither hidden nor in a hidden folder, nor in what macOS adds to a zip."""
    return path.suffix.lower() in FORMATS and not any(part.startswith(".") or part == "__MACOSX" for part in path.parts)


@dataclass(frozen=True)
class Limits:
    """Which files of a zip are looked at, and how large each may be."""

    wanted: Callable[[PurePosixPath], bool]
    file_bytes: int


@contextmanager
def opened(file: Path | BinaryIO, name: str, limits: Limits | None = None) -> Iterator[list[Entry]]:
    """The wanted files in a zip, in order of their paths, readable while the context lasts; ValueError if it is none or breaks a limit.

    Without `limits` they are those of pictures.
    """
    # Only opening is guarded: an error in the body of the caller's `with` is the caller's own.
    try:
        archive = zipfile.ZipFile(file)
    except (zipfile.BadZipFile, NotImplementedError, OSError, EOFError, UnicodeDecodeError) as error:
        raise ValueError(Sentence("{name} cannot be read as a zip file ({error}). Pack it again.", name=name, error=error)) from error
    with archive:
        yield _entries(archive, name, limits or Limits(wanted, MOST_FILE_BYTES))


def within_limit(data: bytes, path: PurePosixPath, most: int = 0) -> bytes:
    """The same bytes; ValueError if they are more than the file may have: `most`, or what a picture may have."""
    most = most or MOST_FILE_BYTES
    if len(data) > most:
        raise ValueError(
            Sentence(
                "{path} is larger than {most} MB, the most such a file may have. Shrink it or leave it out.",
                path=path,
                most=most // 1_000_000,
            )
        )
    return data


def _entries(archive: zipfile.ZipFile, name: str, limits: Limits) -> list[Entry]:
    """The wanted files, after every member's name and all the sizes in the directory were checked."""
    members = [(_checked_path(info), info) for info in archive.infolist()]
    total = sum(info.file_size for _, info in members)
    # The file's own size as well: members may overlap, so that each looks harmless and all of them share the same few bytes.
    most = min(MOST_TOTAL_BYTES, MOST_RATIO * _size_of(archive))
    if total > most:
        raise ValueError(
            Sentence(
                "{name} would unpack to {total:,} bytes, where {most:,} are allowed. Pack fewer or smaller files.",
                name=name,
                total=total,
                most=most,
            )
        )
    files = [(path, info) for path, info in members if limits.wanted(path) and not info.is_dir()]
    for path, info in files:
        _check_packing(path, info, limits.file_bytes)
    ordered = sorted(files, key=lambda pair: str(pair[0]))
    return [Entry(path, partial(_read, archive, info, path=path, most=limits.file_bytes)) for path, info in ordered]


def _checked_path(info: zipfile.ZipInfo) -> PurePosixPath:
    """The member's path; ValueError if it leads out of the zip or is a link."""
    # Windows' rules know both kinds of slashes, and drives: what they take for harmless is harmless everywhere.
    path = PureWindowsPath(info.filename)
    if path.drive or path.root or ".." in path.parts:
        raise ValueError(
            Sentence("The zip has a file {name} that points out of it. Pack it again, with plain names.", name=repr(info.filename))
        )
    if stat.S_ISLNK(info.external_attr >> 16):
        raise ValueError(
            Sentence(
                "The zip has a link, {name}, where only files and folders are allowed. Pack the files themselves.", name=repr(info.filename)
            )
        )
    return PurePosixPath(*path.parts)


def _check_packing(path: PurePosixPath, info: zipfile.ZipInfo, most: int) -> None:
    """None; ValueError if the directory says that this file cannot or should not be unpacked."""
    if info.flag_bits & ENCRYPTED or info.compress_type not in PACKED_AS:
        raise ValueError(
            Sentence("{path} is encrypted or packed in an unusual way. Pack it again as an ordinary zip without a password.", path=path)
        )
    if info.file_size > most:
        raise ValueError(
            Sentence(
                "{path} has {count:,} bytes, and such a file may have {most:,} at most. Shrink it or leave it out.",
                path=path,
                count=info.file_size,
                most=most,
            )
        )
    if info.file_size > MOST_RATIO * info.compress_size:
        raise ValueError(
            Sentence(
                "{path} would grow from {packed:,} to {count:,} bytes, more than {times} times. Leave it out.",
                path=path,
                packed=info.compress_size,
                count=info.file_size,
                times=MOST_RATIO,
            )
        )


def _read(archive: zipfile.ZipFile, info: zipfile.ZipInfo, *, path: PurePosixPath, most: int) -> bytes:
    """The bytes of a member: never more than the limit, whatever the directory says."""
    try:
        with archive.open(info) as member:
            data = member.read(min(most, MOST_RATIO * info.compress_size) + 1)
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, RuntimeError) as error:
        raise Unreadable(str(error)) from error
    if len(data) > MOST_RATIO * info.compress_size:
        raise ValueError(Sentence("{path} grows more than {times} times while it is unpacked. Leave it out.", path=path, times=MOST_RATIO))
    return within_limit(data, path, most)


def _size_of(archive: zipfile.ZipFile) -> int:
    """Bytes of the zip file itself."""
    assert archive.fp is not None
    return archive.fp.seek(0, os.SEEK_END)
