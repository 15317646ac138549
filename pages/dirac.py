"""The page of the GAN of two numbers: what makes a game of two come to rest, go round or fly apart."""

from __future__ import annotations

import streamlit as st

from ui import arrival, dirac
from ui.text import _

arrival.heading(_("Two numbers"))
complaints = dirac.begin()
for complaint in complaints:
    st.warning(complaint, icon=":material/link_off:")
st.markdown(
    _(
        "The smallest GAN there is: all real points lie at 0, **:orange[G]** has one number, **:orange[θ]**, the place of its fakes, and "
        "**:blue[D]** has one too, **:blue[ψ]**, the slope of its verdict. Both should end in the middle, at 0. Do they?"
    )
)
dirac.portraits()
dirac.write_url()
