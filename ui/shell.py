"""The frame around every screen: language, theme, logo, menu. Streamlit runs this script for each visit; tests run it too."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from ui import frame, going, language
from ui.text import _

ROOT = Path(__file__).parent.parent
ASSETS = ROOT / "ui" / "assets"

st.set_page_config(page_icon=str(ASSETS / "icon.png"), layout="wide")
st.html(ASSETS / "page.css")
st.logo(str(ASSETS / "logo.svg"), size="large", icon_image=str(ASSETS / "icon.svg"))
language.begin()
pages = {
    "train": st.Page(ROOT / "pages" / "train.py", title=_("Train"), icon=":material/play_circle:", default=True),
    "playground": st.Page(ROOT / "pages" / "playground.py", title=_("Playground"), icon=":material/toys_fan:", url_path="playground"),
    "explore": st.Page(ROOT / "pages" / "explore.py", title=_("Explore"), icon=":material/travel_explore:", url_path="explore"),
    "interpolate": st.Page(ROOT / "pages" / "interpolate.py", title=_("Interpolate"), icon=":material/route:", url_path="interpolate"),
    "runs": st.Page(ROOT / "pages" / "runs.py", title=_("Runs"), icon=":material/history:", url_path="runs"),
    "compare": st.Page(ROOT / "pages" / "compare.py", title=_("Compare"), icon=":material/compare:", url_path="compare"),
    "dirac": st.Page(ROOT / "pages" / "dirac.py", title=_("Two numbers"), icon=":material/cyclone:", url_path="dirac"),
}
page = st.navigation(list(pages.values()))
going.follow(pages, page)
language.switch()
language.complaint()
frame.draw(page)
