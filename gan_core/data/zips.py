"""What is in a zip of pictures, checked from its directory and again while reading; nothing is ever unpacked to disk."""

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
"""Pictures hardly shrink in a zip; a file that grows more than this many times is made to fill the memory."""
PACKED_AS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
"""Others are rare, and a short LZMA stream may ask for gigabytes of memory."""
ENCRYPTED = 0x1 | 0x40
"""Flag bits: encrypted, strongly encrypted."""


@dataclass(frozen=True)
class Entry:
    """A picture file that has not been read yet."""

    path: PurePosixPath
    """Seen from the folder or zip it is in."""
    read: Callable[[], bytes]
    """Its bytes; Unreadable if they are damaged, ValueError if they are too many."""


@contextmanager
def opened(file: Path | BinaryIO, name: str) -> Iterator[list[Entry]]:
    """The pictures in a zip, in order of their paths, readable while the context lasts; ValueError if it is none or breaks a limit."""
    # Only opening is guarded: an error in the body of the caller's `with` is the caller's own.
    try:
        archive = zipfile.ZipFile(file)
    except (zipfile.BadZipFile, NotImplementedError, OSError, EOFError, UnicodeDecodeError) as error:
        raise ValueError(
            Sentence("{name} cannot be read as a zip file ({error}). Pack the pictures again.", name=name, error=error)
        ) from error
    with archive:
        yield _entries(archive, name)


def wanted(path: PurePosixPath) -> bool:
    """True for a picture by its suffix that is neither hidden nor in a hidden folder, nor in what macOS adds to a zip."""
    return path.suffix.lower() in FORMATS and not any(part.startswith(".") or part == "__MACOSX" for part in path.parts)


def within_limit(data: bytes, path: PurePosixPath) -> bytes:
    """The same bytes; ValueError if they are more than a picture may have."""
    if len(data) > MOST_FILE_BYTES:
        sentence = Sentence(
            "{path} is larger than {most} MB, the most a picture may have. Shrink it or leave it out.",
            path=path,
            most=MOST_FILE_BYTES // 1_000_000,
        )
        raise ValueError(sentence)
    return data


def _entries(archive: zipfile.ZipFile, name: str) -> list[Entry]:
    """The pictures, after every member's name and all the sizes in the directory were checked."""
    members = [(_checked_path(info), info) for info in archive.infolist()]
    total = sum(info.file_size for _, info in members)
    # The file's own size as well: members may overlap, so that each looks harmless and all of them share the same few bytes.
    most = min(MOST_TOTAL_BYTES, MOST_RATIO * _size_of(archive))
    if total > most:
        sentence = Sentence(
            "{name} would unpack to {total:,} bytes, where {most:,} are allowed. Pack fewer or smaller pictures.",
            name=name,
            total=total,
            most=most,
        )
        raise ValueError(sentence)
    pictures = [(path, info) for path, info in members if wanted(path) and not info.is_dir()]
    for path, info in pictures:
        _check_packing(path, info)
    return [Entry(path, partial(_read, archive, info, path=path)) for path, info in sorted(pictures, key=lambda pair: str(pair[0]))]


def _checked_path(info: zipfile.ZipInfo) -> PurePosixPath:
    """The member's path; ValueError if it leads out of the zip or is a link."""
    # Windows' rules know both kinds of slashes, and drives: what they take for harmless is harmless everywhere.
    path = PureWindowsPath(info.filename)
    if path.drive or path.root or ".." in path.parts:
        sentence = Sentence(
            "The zip has a file {name} that points out of it. Pack the pictures again, with plain names.", name=repr(info.filename)
        )
        raise ValueError(sentence)
    if stat.S_ISLNK(info.external_attr >> 16):
        sentence = Sentence(
            "The zip has a link, {name}, where only files and folders are allowed. Pack the pictures themselves.", name=repr(info.filename)
        )
        raise ValueError(sentence)
    return PurePosixPath(*path.parts)


def _check_packing(path: PurePosixPath, info: zipfile.ZipInfo) -> None:
    """None; ValueError if the directory says that this picture cannot or should not be unpacked."""
    if info.flag_bits & ENCRYPTED or info.compress_type not in PACKED_AS:
        sentence = Sentence(
            "{path} is encrypted or packed in an unusual way. Pack the pictures again as an ordinary zip without a password.", path=path
        )
        raise ValueError(sentence)
    if info.file_size > MOST_FILE_BYTES:
        sentence = Sentence(
            "{path} has {bytes:,} bytes, and a picture may have {most:,} at most. Shrink it or leave it out.",
            path=path,
            bytes=info.file_size,
            most=MOST_FILE_BYTES,
        )
        raise ValueError(sentence)
    if info.file_size > MOST_RATIO * info.compress_size:
        sentence = Sentence(
            "{path} would grow from {packed:,} to {bytes:,} bytes, more than {most} times. Leave it out.",
            path=path,
            packed=info.compress_size,
            bytes=info.file_size,
            most=MOST_RATIO,
        )
        raise ValueError(sentence)


def _read(archive: zipfile.ZipFile, info: zipfile.ZipInfo, *, path: PurePosixPath) -> bytes:
    """The bytes of a member: never more than the limit, whatever the directory says."""
    try:
        with archive.open(info) as member:
            data = member.read(min(MOST_FILE_BYTES, MOST_RATIO * info.compress_size) + 1)
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, RuntimeError) as error:
        raise Unreadable(str(error)) from error
    if len(data) > MOST_RATIO * info.compress_size:
        raise ValueError(Sentence("{path} grows more than {most} times while it is unpacked. Leave it out.", path=path, most=MOST_RATIO))
    return within_limit(data, path)


def _size_of(archive: zipfile.ZipFile) -> int:
    """Bytes of the zip file itself."""
    assert archive.fp is not None
    return archive.fp.seek(0, os.SEEK_END)
