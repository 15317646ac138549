"""A page over a slow line: what it writes into the address comes back late, and moves nothing."""

from __future__ import annotations

import re
import time

import pytest
from test_exploring import Explorer, demo  # noqa: F401 - a fixture

pytestmark = pytest.mark.browser

LATE_S = 0.7


class SlowLine:
    """Streamlit's messages to a page, which come `late_s` after they were sent while somebody waits for something."""

    def __init__(self, page):
        self.page, self.late_s, self._flying = page, 0.0, []
        page.route_web_socket(re.compile("_stcore/stream"), self._join)

    def wait(self, seconds):
        """Let time go by."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            self.page.wait_for_timeout(20)
            self._bring()

    def _join(self, socket):
        server = socket.connect_to_server()
        socket.on_message(server.send)
        server.on_message(lambda message: self._sent(socket, message))

    def _sent(self, socket, message):
        self._flying.append((time.monotonic() + self.late_s, socket, message))
        self._bring()

    def _bring(self):
        while self._flying and self._flying[0][0] <= time.monotonic():
            _, socket, message = self._flying.pop(0)
            socket.send(message)


@pytest.mark.slow
def test_a_slider_stays_where_a_hand_has_put_it(visit, server, demo):  # noqa: F811 - the fixture above
    screen = visit("/runs")
    line = SlowLine(screen.page)
    screen.page.goto(f"{server.url}/explore?run={demo}")
    explorer = Explorer(screen)
    explorer.ready()
    slider = screen.page.locator(".ex-sliders input").first
    began, line.late_s = float(slider.input_value()), LATE_S
    slider.focus()
    for _ in range(12):
        screen.page.keyboard.press("ArrowRight")
        line.wait(0.15)
    there = slider.input_value()
    assert float(there) == pytest.approx(began + 12 * 0.05, abs=0.03)
    line.wait(5 * LATE_S)  # every address that it was told has come back
    assert slider.input_value() == there
    assert screen.page.locator("[data-do=undo]").is_enabled()
