"""The Runs screen: every run on disk, to open, continue, take along or delete."""

from __future__ import annotations

import streamlit as st

from ui import run_list
from ui.text import _

st.title(_("Runs"), anchor=False)
runs = run_list.found()
if not runs:
    st.info(_("No run yet. Start one on the Train page, and it is kept here."), icon=":material/history:")
run_list.trouble()
for status in runs:
    run_list.card(status)
run_list.more()
