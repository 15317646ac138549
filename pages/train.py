"""The Train screen: choose, press Start, watch both players learn; turn knobs, step, fork."""

from __future__ import annotations

import streamlit as st

from ui import address, arrival, controls, fork, hand, orders, run_panel, session
from ui.text import _

complaints = controls.begin()
run_id = run_panel.shown_run()
if run_id is None or run_panel.nothing_of(run_id):
    session.show_projector(False)  # what leads out of it is in the live view
in_hand = hand.held(run_id) is not None
config = None
if not session.projector():
    with st.container(key="head"):
        heading, line, tools = st.columns([2, 5, 6], vertical_alignment="bottom")
    with heading:
        arrival.heading(_("Train"))
    for complaint in complaints:
        st.warning(complaint, icon=":material/link_off:")
    with st.container(key="settings"):
        choices, actions = st.columns([9, 4], vertical_alignment="bottom")
        with choices:
            if in_hand:
                hand.knobs(run_id)
            else:
                controls.choose()
        with actions:
            hand.buttons(run_id)
        rest, steps = st.columns([9, 4], vertical_alignment="top")
        with rest:
            config = controls.more(all_of_them=in_hand)
        with steps:
            hand.steps(run_id)
    with line:
        run_panel.status_line(config, run_id)
    with tools:
        run_panel.tools(run_id)
orders.trouble()
orders.waiting()
fork.dialog()
if run_id is None:
    run_panel.invitation()
else:
    run_panel.live_view(run_id)
address.write_url(run_id, projector=session.projector())
run_panel.guide()
