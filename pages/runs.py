"""The Runs screen: every run on disk, to find, open, continue, name, compare, take along or delete."""

from __future__ import annotations

import streamlit as st

from ui import favourites, playground_away, run_edit, run_list, run_row
from ui.text import _

runs = run_list.heading()
run_list.trouble()
run_list.deleted()
playground_away.line()
if runs:
    run_row.table(run_list.pages(run_list.choose(runs)))
else:
    st.info(_("No run yet. Start one on the Train page, and it is kept here."), icon=":material/history:")
favourites.gallery()
run_edit.dialogs()
