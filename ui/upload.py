"""A zip of one's own images, kept where the data are."""

from __future__ import annotations

from typing import Any

import streamlit as st

from gan_core.data.base import data_root
from gan_core.data.folder import keep_upload
from ui.text import _, said


def upload_zip() -> None:
    """A button that opens the place for the file; what is dropped there becomes the folder of the settings."""
    with st.popover(_("Upload a zip"), icon=":material/upload:", width="stretch"):
        file = st.file_uploader(_("A zip of images; folders inside become classes"), type="zip")
        if file is not None and file.file_id != st.session_state.get("uploaded"):
            _keep(file)


def _keep(file: Any) -> None:
    try:
        path = keep_upload(file.name, file.getvalue(), data_root())
    except ValueError as error:
        st.error(said(error))
        return
    st.session_state.uploaded = file.file_id
    st.session_state.settings["folder"] = st.session_state["_folder"] = str(path)
