"""The Playground: two small networks play over a plane of points, and every move can be seen."""

from __future__ import annotations

import streamlit as st

from ui import arrival, orders, playground, playground_run, run_panel
from ui.text import _

with st.container(key="head"):
    heading, words, line = st.columns([3, 9, 4], vertical_alignment="bottom")
with heading:
    arrival.heading(_("Playground"))
complaints = playground.begin()
playground_run.go_on_beginning()
with words:
    st.caption(
        _(
            ":orange[**G**] turns random numbers into points and wants them to lie like the :green[**real ones**]; :blue[**D**] colours "
            "the plane by how real a point looks there, and its slope tells G where to go. Press Play."
        )
    )
with line:
    run_panel.status_line(None, playground_run.shown_run())
for complaint in complaints:
    st.warning(complaint, icon=":material/link_off:")
with st.container(key="settings"):
    choices, actions = st.columns([10, 4], vertical_alignment="center")
    with choices:
        playground.targets()
    with actions:
        playground.players()
    playground.knobs()
orders.trouble()
orders.waiting()
playground.dialog()
playground_run.view()
playground.write_url()
