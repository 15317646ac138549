"""The Compare screen: two to four runs over each other, and what sets them apart."""

from __future__ import annotations

import streamlit as st

from ui import arrival, comparison, score_table
from ui.text import _

arrival.heading(_("Compare"))
complaints = comparison.begin()
for complaint in complaints:
    st.warning(complaint, icon=":material/link_off:")
runs = comparison.choose()
if len(runs) < comparison.LEAST:
    comparison.invitation()
else:
    comparison.side_by_side(runs)
    score_table.beside(runs)
comparison.write_url()
