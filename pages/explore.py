"""The Explore screen: drag through the latent space of a network, even while it learns."""

from __future__ import annotations

import streamlit as st

from ui import arrival, explore
from ui.text import _

with st.container(key="explore-head"):
    heading, chooser = st.columns([2, 5], vertical_alignment="bottom")
with heading:
    arrival.heading(_("Explore"))
there = explore.runs()
complaints = explore.begin(there)
for complaint in complaints:
    st.warning(complaint, icon=":material/link_off:")
if there:
    with chooser:
        explore.choose(there)
    explore.view()
else:
    explore.invitation()
explore.write_url()
