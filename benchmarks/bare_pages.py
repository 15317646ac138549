"""Two pages with a heading each and nothing else, named as two of the app's are: what a switch takes in Streamlit itself. See hand.py."""

from __future__ import annotations

import streamlit as st


def train() -> None:
    """The one page."""
    st.title("Train", anchor=False)


def runs() -> None:
    """The other."""
    st.title("Runs", anchor=False)


st.set_page_config(layout="wide")
st.navigation([st.Page(train, title="Train", default=True), st.Page(runs, title="Runs", url_path="runs")]).run()
