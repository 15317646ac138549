"""Zips of pictures: read in memory, and refused where they are made to do harm."""

from __future__ import annotations

import hashlib
import io
import struct
import zipfile
from pathlib import Path

import pytest
from picture_files import many, noise, of, packed, zipped

from gan_core.data import pictures, zips
from gan_core.data.folder import keep_upload


@pytest.mark.parametrize(
    "name", ["../evil.png", "a/../../evil.png", "/etc/evil.png", "C:\\evil.png", "..\\evil.png", "\\\\host\\x\\evil.png"]
)
def test_a_member_that_leads_out_of_the_zip(tmp_path: Path, name: str) -> None:
    with pytest.raises(ValueError, match="points out of it"):
        of(zipped(tmp_path, many(70) | {name: noise(0)}))


def test_a_link_in_a_zip(tmp_path: Path) -> None:
    link = zipfile.ZipInfo("link.png")
    link.create_system = 3
    link.external_attr = 0o120777 << 16
    path = Path(zipped(tmp_path, many(70)))
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr(link, "/etc/passwd")
    with pytest.raises(ValueError, match=r"a link, 'link\.png'"):
        of(str(path))


def test_a_member_that_grows_too_much(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"bomb\.bmp would grow .* more than 200 times"):
        of(zipped(tmp_path, many(500) | {"bomb.bmp": bytes(250_000)}))


def test_a_zip_that_grows_too_much(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="would unpack to"):
        of(zipped(tmp_path, many(70) | {"zeros.txt": bytes(100_000_000)}))


def test_a_zip_with_too_much_in_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(zips, "MOST_TOTAL_BYTES", 10_000)
    with pytest.raises(ValueError, match="where 10,000 are allowed"):
        of(zipped(tmp_path, many(70)))


def test_a_directory_that_lies_about_sizes_makes_no_more_memory(tmp_path: Path) -> None:
    bomb = bytes(250_000)
    small = struct.pack("<I", 100)
    raw = packed(many(70) | {"bomb.bmp": bomb}).replace(struct.pack("<I", len(bomb)), small)
    with zips.opened(io.BytesIO(raw), "lie.zip") as entries:
        liar = next(entry for entry in entries if entry.path.name == "bomb.bmp")
        with pytest.raises(pictures.Unreadable):
            liar.read()


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_rare_ways_of_packing_are_refused(tmp_path: Path, method: int) -> None:
    path = tmp_path / "pictures.zip"
    path.write_bytes(packed(many(70), method))
    with pytest.raises(ValueError, match="packed in an unusual way"):
        of(str(path))


def test_a_damaged_member_is_left_out(tmp_path: Path) -> None:
    contents = many(70)
    raw = packed(contents, zipfile.ZIP_STORED)
    at = raw.index(contents["5.png"]) + 40
    (tmp_path / "pictures.zip").write_bytes(raw[:at] + bytes([raw[at] ^ 1]) + raw[at + 1 :])
    data = of(str(tmp_path / "pictures.zip"))
    assert len(data.train) + len(data.heldout) == 69


@pytest.mark.parametrize("data", [b"", b"no zip", packed(many(70))[:-30]])
def test_what_is_no_zip(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "pictures.zip").write_bytes(data)
    with pytest.raises(ValueError, match=r"pictures\.zip cannot be read as a zip"):
        of(str(tmp_path / "pictures.zip"))


# Uploads


def test_an_upload_is_kept_under_its_checksum(tmp_path: Path) -> None:
    raw = packed(many(70))
    path = keep_upload("my pictures.zip", raw, tmp_path)
    assert path == tmp_path / "uploads" / f"{hashlib.sha256(raw).hexdigest()[:16]}.zip"
    assert path.read_bytes() == raw
    assert keep_upload("again.zip", raw, tmp_path) == path
    assert list(path.parent.iterdir()) == [path]
    assert len(of(str(path)).train) == 63


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (b"no zip", r"mine\.zip cannot be read"),
        (packed(many(3)), r"mine\.zip has 3"),
        (packed(many(70) | {"../x.png": b""}), "points out of it"),
    ],
)
def test_an_upload_that_breaks_a_limit_is_not_kept(tmp_path: Path, raw: bytes, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        keep_upload("mine.zip", raw, tmp_path)
    assert list(tmp_path.iterdir()) == []
