"""The Interpolate screen: from one image to another through the latent space of a network, straight or along the sphere."""

from __future__ import annotations

import streamlit as st

from ui import arrival, interpolate, interpolate_runs
from ui.text import _

heading, chooser = st.columns([2, 5], vertical_alignment="bottom")
with heading:
    arrival.heading(_("Interpolate"))
interpolate_runs.begin()
with chooser:
    run_id = interpolate_runs.choose()
complaints = interpolate_runs.complaints()
if run_id is not None:
    complaints += interpolate.begin(run_id)
for complaint in complaints:
    st.warning(complaint, icon=":material/link_off:")
if run_id is not None:
    interpolate.walk(run_id)
    interpolate.files(run_id)
else:
    interpolate_runs.invitation()
interpolate.write_url(run_id)
