"""The z of a seed, as Explore and Interpolate draw it in the browser: from the run's own noise, and the same for ever."""

from __future__ import annotations

import numpy as np
import pytest

from gan_core.noise import NOISES
from ui.components.parts import script

pytestmark = pytest.mark.browser
SOWN = "([seed, count, noise]) => [...sownOf(seed, count, noise)]"


@pytest.fixture(scope="module")
def page(chromium):
    page = chromium.new_page()
    page.add_script_tag(content=script(("explore_place", "interpolate_z")).replace("export default ", ""))
    yield page
    page.close()


@pytest.mark.parametrize("noise", NOISES)
def test_a_seed_is_drawn_from_the_runs_noise(page, noise):
    z = np.array(page.evaluate(SOWN, [7, 20_000, noise]))
    assert abs(z.mean()) < 0.03 and z.std() == pytest.approx(1, abs=0.03)
    assert bool(np.abs(z).max() < 1.7321) is (noise == "uniform")
    key = page.evaluate("noise => [...zOfKey('s7', { dim: 5, noise })]", noise)
    assert key == z[:5].tolist(), "a key frame of that seed is the same place"


def test_links_of_old_keep_their_pictures(page):
    assert np.round(page.evaluate(SOWN, [3, 4, "gaussian"]), 3).tolist() == [-0.969, 0.412, 0.013, 1.171]
