"""Files that are made when somebody presses Download, by Streamlit's own machinery: what goes wrong is a line in the log."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from streamlit.proto.BackMsg_pb2 import BackendOperationRequest
from streamlit.runtime import media_file_manager
from streamlit.runtime.backend_operation_handler import DeferredFileHandler
from streamlit.runtime.media_file_manager import MediaFileManager
from streamlit.runtime.memory_media_file_storage import MemoryMediaFileStorage
from streamlit.testing.v1 import AppTest

from ui import downloads

LOG = "streamlit.runtime.backend_operation_handler"


@pytest.fixture
def log(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """What Streamlit logs, as it writes it."""
    lines: list[str] = []

    class Kept(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            lines.append(self.format(record))

    logger, handler = logging.getLogger(LOG), Kept()
    monkeypatch.setattr(media_file_manager, "_get_session_id", lambda: "session")
    logger.addHandler(handler)
    yield lines
    logger.removeHandler(handler)


def pressed(make: Callable[[], bytes]) -> str:
    """What the browser is told when somebody presses a button with this behind it."""

    def page() -> None:
        from ui import downloads

        downloads.button("Download", lambda: b"", "a.txt", "text/plain", key="here")

    assert not AppTest.from_function(page).run().exception
    files = MediaFileManager(MemoryMediaFileStorage("/media"))
    request = BackendOperationRequest(request_id="1")
    request.deferred_file.file_id = files.add_deferred(make, "text/plain", "1.2.3", "a.txt")
    return asyncio.run(DeferredFileHandler(lambda: files).handle(request, "session")).error_msg


@pytest.mark.parametrize(
    ("error", "words"),
    [(ValueError("There is no run x."), "There is no run x."), (OSError(28, "No space left"), "No space left"), (KeyError(), "KeyError")],
)
def test_what_cannot_be_made_is_a_line_in_the_log(log: list[str], error: Exception, words: str) -> None:
    def fails() -> bytes:
        raise error

    assert "Failed" in pressed(fails)
    (line,) = log
    assert line.startswith("A file for download could not be made: ") and words in line
    assert "Traceback" not in line and "\n" not in line


def test_a_file_that_is_gone_by_then_is_a_line_too(log: list[str], tmp_path: Path) -> None:
    assert pressed((tmp_path / "gone.zip").read_bytes)
    assert "gone.zip" in log[0] and "Traceback" not in log[0]


def test_what_can_be_made_says_nothing(log: list[str]) -> None:
    assert pressed(lambda: b"abc") == "" and not log


def test_other_troubles_keep_their_traceback() -> None:
    try:
        raise ZeroDivisionError
    except ZeroDivisionError as error:
        record = logging.LogRecord(LOG, logging.ERROR, __file__, 1, "trouble", (), (type(error), error, error.__traceback__))
    assert downloads.in_a_line(record) and record.exc_info and record.msg == "trouble"
