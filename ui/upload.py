"""One's own data, kept where the data are: a zip of images, or a table of points."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import streamlit as st

from gan_core.data.base import data_root
from gan_core.data.folder import keep_upload
from gan_core.data.points import keep_csv
from ui.text import N_, _, said


@dataclass(frozen=True)
class Upload:
    """What a data set of one's own takes."""

    label: str
    """Of the field that names it."""
    button: str
    hint: str
    endings: tuple[str, ...]
    keep: Callable[[str, bytes, Path], Path]
    """Where the file now lies; ValueError, with a sentence, for one that is of no use."""


UPLOADS: dict[str, Upload] = {
    "folder": Upload(
        N_("Folder or zip"), N_("Upload a zip"), N_("A zip of images; folders inside become classes"), endings=("zip",), keep=keep_upload
    ),
    "points": Upload(
        N_("CSV file"), N_("Upload a CSV"), N_("A table of two columns, x and y"), endings=("csv", "tsv", "txt"), keep=keep_csv
    ),
}


def upload_own(what: Upload) -> None:
    """A button that opens the place for the file; what is dropped there becomes the folder of the settings."""
    with st.popover(_(what.button), icon=":material/upload:", width="stretch"):
        file = st.file_uploader(_(what.hint), type=list(what.endings))
        if file is not None and file.file_id != st.session_state.get("uploaded"):
            _keep(file, what)


def _keep(file: Any, what: Upload) -> None:
    try:
        path = what.keep(file.name, file.getvalue(), data_root())
    except ValueError as error:
        st.error(said(error))
        return
    st.session_state.uploaded = file.file_id
    st.session_state.settings["folder"] = st.session_state["_folder"] = str(path)
