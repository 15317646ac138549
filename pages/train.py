"""The Train screen: choose, press Start, watch both players learn."""

from __future__ import annotations

import streamlit as st

from ui import controls, run_panel
from ui.text import _

complaints = controls.begin()
heading, line = st.columns([1, 4], vertical_alignment="bottom")
heading.title(_("Train"), anchor=False)
for complaint in complaints:
    st.warning(complaint, icon=":material/link_off:")

*choices, actions = st.columns([3, 3, 3, 4], vertical_alignment="bottom")
controls.choose(*choices)
run_id = run_panel.shown_run()
with actions:
    run_panel.buttons(run_id)
config = controls.more()
with line:
    run_panel.status_line(config, run_id)
run_panel.trouble()
run_panel.waiting()
if run_id is None:
    run_panel.invitation()
else:
    run_panel.live_view(run_id)
if config is not None:
    controls.write_url(st.session_state.preset, st.session_state.settings, run_id)
