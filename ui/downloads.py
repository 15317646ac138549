"""The button behind which a file lies. What cannot be made when it is pressed is a line in the server's log, not a traceback."""

from __future__ import annotations

import logging
from collections.abc import Callable

import streamlit as st
from streamlit.runtime import backend_operation_handler
from streamlit.runtime.media_file_storage import MediaFileStorageError


def button(label: str, data: bytes | Callable[[], bytes], name: str, mime: str, *, key: str) -> None:
    """A download that leaves the page as it is; data that are called for are made when it is pressed."""
    logging.getLogger(backend_operation_handler.__name__).addFilter(in_a_line)  # once: it knows those that it has
    st.download_button(label, data, name, mime, key=key, icon=":material/download:", type="primary", on_click="ignore")


def in_a_line(record: logging.LogRecord) -> bool:
    """A filter of what Streamlit logs of a file that cannot be made, which the page says too: why, without a traceback."""
    error = record.exc_info[1] if record.exc_info else None
    if isinstance(error, MediaFileStorageError):
        why = error.__cause__ or error
        record.msg, record.args = "A file for download could not be made: %s", (str(why) or type(why).__name__,)
        record.exc_info = record.exc_text = None
    return True
