"""Downloads, against a server of our own: what arrives is whole and right, or it is not there."""

from __future__ import annotations

import gzip
import hashlib
import socket
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import pytest
from torchvision.datasets import KMNIST

from gan_core.data import DATA, Request, download, files, idx
from gan_core.data.base import ROOT_VARIABLE
from gan_core.data.download import Unreachable, Wanted, fetch
from gan_core.events import Preparing

BODY = bytes(range(256)) * 2000
MD5 = hashlib.md5(BODY).hexdigest()

Answer = Callable[[BaseHTTPRequestHandler], None]


def whole(body: bytes) -> Answer:
    """All of it, as it should be."""

    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)

    return answer


def of_unknown_length(handler: BaseHTTPRequestHandler) -> None:
    handler.send_response(200)
    handler.end_headers()
    handler.wfile.write(BODY)


def broken_off(handler: BaseHTTPRequestHandler) -> None:
    handler.send_response(200)
    handler.send_header("Content-Length", str(len(BODY)))
    handler.end_headers()
    handler.wfile.write(BODY[:1000])


def missing(handler: BaseHTTPRequestHandler) -> None:
    handler.send_error(404)


class Mirror:
    """A server with answers by path; other paths are missing."""

    def __init__(self) -> None:
        self.answers: dict[str, Answer] = {}
        self.asked: list[str] = []
        mirror = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                mirror.asked.append(self.path)
                mirror.answers.get(self.path, missing)(self)

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/"


@pytest.fixture
def mirror(monkeypatch: pytest.MonkeyPatch) -> Iterator[Mirror]:
    monkeypatch.setenv("no_proxy", "*")
    made = Mirror()
    thread = threading.Thread(target=made.server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield made
    made.server.shutdown()
    thread.join()
    made.server.server_close()


@pytest.fixture
def nobody(monkeypatch: pytest.MonkeyPatch) -> str:
    """An address at which nobody listens."""
    monkeypatch.setenv("no_proxy", "*")
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{listener.getsockname()[1]}/"


def wanted(*urls: str) -> Wanted:
    return Wanted("file.gz", MD5, tuple(url + "file.gz" for url in urls))


def test_a_file_arrives_whole_and_progress_ends_at_the_end(mirror: Mirror, tmp_path: Path) -> None:
    mirror.answers["/file.gz"] = whole(BODY)
    progress = list(fetch(wanted(mirror.url), tmp_path))
    assert (tmp_path / "file.gz").read_bytes() == BODY
    assert [path.name for path in tmp_path.iterdir()] == ["file.gz"]
    assert progress[0] == Preparing("file.gz", 0, len(BODY), "bytes")
    assert progress[-1] == Preparing("file.gz", len(BODY), len(BODY), "bytes")


def test_progress_is_told_ten_times_a_second_at_most(mirror: Mirror, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    mirror.answers["/file.gz"] = whole(BODY)
    monkeypatch.setattr(download, "CHUNK_BYTES", 1000)
    monkeypatch.setattr("gan_core.data.base.time.monotonic", lambda: 0.0)
    assert len(list(fetch(wanted(mirror.url), tmp_path))) == 2
    monkeypatch.setattr("gan_core.data.base.BETWEEN_REPORTS_S", 0.0)
    assert len(list(fetch(wanted(mirror.url), tmp_path))) > 500


def test_a_file_of_unknown_length_arrives(mirror: Mirror, tmp_path: Path) -> None:
    mirror.answers["/file.gz"] = of_unknown_length
    progress = list(fetch(wanted(mirror.url), tmp_path))
    assert (tmp_path / "file.gz").read_bytes() == BODY
    assert (progress[0].total, progress[-1].total) == (0, len(BODY))


@pytest.mark.parametrize(
    ("answer", "reason"),
    [(whole(BODY[:-1] + b"!"), f"where {MD5} was expected; it was removed"), (broken_off, "broke off after 1,000 of"), (missing, "404")],
)
def test_what_is_not_right_is_not_kept(mirror: Mirror, tmp_path: Path, answer: Answer, reason: str) -> None:
    mirror.answers["/file.gz"] = answer
    with pytest.raises(Unreachable, match=reason):
        list(fetch(wanted(mirror.url), tmp_path))
    assert list(tmp_path.iterdir()) == []


def test_a_file_without_end_is_given_up(mirror: Mirror, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    mirror.answers["/file.gz"] = of_unknown_length
    monkeypatch.setattr(download, "MOST_BYTES", 100_000)
    with pytest.raises(Unreachable, match="more than 100,000 bytes"):
        list(fetch(wanted(mirror.url), tmp_path))
    assert list(tmp_path.iterdir()) == []


def test_a_silent_server_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("no_proxy", "*")
    monkeypatch.setattr(download, "TIMEOUT_S", 0.1)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}/"
        with pytest.raises(Unreachable, match="timed out"):
            list(fetch(wanted(url), tmp_path))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("answer", [whole(b"wrong"), broken_off, missing])
def test_the_next_mirror_is_tried(mirror: Mirror, nobody: str, tmp_path: Path, answer: Answer) -> None:
    mirror.answers |= {"/bad/file.gz": answer, "/good/file.gz": whole(BODY)}
    list(fetch(wanted(nobody, mirror.url + "bad/", mirror.url + "good/"), tmp_path))
    assert mirror.asked == ["/bad/file.gz", "/good/file.gz"]
    assert (tmp_path / "file.gz").read_bytes() == BODY


def test_stopping_half_way_leaves_nothing(mirror: Mirror, tmp_path: Path) -> None:
    mirror.answers["/file.gz"] = whole(BODY)
    fetching = fetch(wanted(mirror.url), tmp_path)
    next(fetching)
    fetching.close()
    assert list(tmp_path.iterdir()) == []


# A whole set


def tiny_files() -> dict[str, bytes]:
    """The four files of MNIST with twelve images each."""
    made = {}
    for name in idx.NAMES:
        values = np.zeros((12, 28, 28), np.uint8) if "images" in name else np.arange(12, dtype=np.uint8) % 10
        header = bytes((0, 0, 8, values.ndim)) + np.array(values.shape, ">u4").tobytes()
        made[name] = gzip.compress(header + values.tobytes())
    return made


@pytest.fixture
def bodies(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, bytes]:
    """KMNIST made tiny, with torchvision's checksums changed, to be downloaded into an empty root."""
    made = tiny_files()
    monkeypatch.setattr(KMNIST, "resources", [(name, hashlib.md5(body).hexdigest()) for name, body in made.items()])
    monkeypatch.setenv(ROOT_VARIABLE, str(tmp_path / "own"))
    monkeypatch.chdir(tmp_path)
    return made


def test_a_set_is_downloaded_once(bodies: dict[str, bytes], mirror: Mirror, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(KMNIST, "mirrors", [mirror.url])
    mirror.answers = {f"/{name}": whole(body) for name, body in bodies.items()}
    loading, progress = DATA["kmnist"].load(Request()), []
    with pytest.raises(StopIteration) as end:
        while True:
            progress.append(next(loading))
    assert end.value.value.train.shape == (12, 1, 28, 28)
    assert [report.what for report in progress if report.done == report.total] == list(bodies)
    assert DATA["kmnist"].where(Request()) == str(tmp_path / "own" / "kmnist")
    assert list(DATA["kmnist"].load(Request())) == []
    assert len(mirror.asked) == 4


def test_what_is_there_is_not_fetched_again(
    bodies: dict[str, bytes], mirror: Mirror, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(KMNIST, "mirrors", [mirror.url])
    mirror.answers = {f"/{name}": whole(body) for name, body in bodies.items()}
    folder = tmp_path / "own" / "kmnist"
    folder.mkdir(parents=True)
    there, damaged, *_ = bodies
    (folder / there).write_bytes(bodies[there])
    (folder / damaged).write_bytes(b"half a fi")
    list(DATA["kmnist"].load(Request()))
    assert [path.removeprefix("/") for path in mirror.asked] == list(bodies)[1:]


def test_when_nobody_answers_the_sentence_says_what_to_do(
    bodies: dict[str, bytes], nobody: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(KMNIST, "mirrors", [nobody])
    with pytest.raises(ValueError, match="kmnist could not be downloaded") as caught:
        list(DATA["kmnist"].load(Request()))
    sentence = str(caught.value)
    assert str(tmp_path / "own" / "kmnist") in sentence
    assert all(name in sentence for name in bodies)
    offline = [name for name, source in DATA.items() if source.where(Request()) is not None]
    assert sentence.endswith(f"These need no download: {', '.join(offline)}.")
    assert {"glyphs", "digits", "ring-8", "grid-25"} <= set(offline)
    assert not {"kmnist", "folder"} & set(offline)


def test_a_folder_that_cannot_be_made_is_named(bodies: dict[str, bytes], tmp_path: Path) -> None:
    (tmp_path / "own").write_text("a file in the way")
    with pytest.raises(ValueError, match=rf"own/kmnist cannot be made .*{ROOT_VARIABLE}"):
        list(DATA["kmnist"].load(Request()))


@pytest.mark.parametrize("name", files.PUBLISHED)
def test_torchvision_still_lists_what_we_say(name: str) -> None:
    published = files.PUBLISHED[name]
    listed = files._wanted(name)
    assert tuple(one.name for one in listed) == published.files.NAMES
    assert all(one.urls and len(one.md5) == 32 for one in listed)
