"""The client of /live/latent: what it sends, what it keeps waiting, and what it asks again, against a socket made of paper."""

from __future__ import annotations

import json
import struct

import numpy as np
import pytest

from ui.components.parts import script

pytestmark = pytest.mark.browser

FAKE = """
class Paper {
    static CONNECTING = 0;
    static OPEN = 1;
    static all = [];
    constructor(url) { Object.assign(this, { url: String(url), readyState: 0, sent: [] }); Paper.all.push(this); }
    send(bytes) { this.sent.push([...new Uint8Array(bytes.buffer ?? bytes)]); }
    close() { this.readyState = 3; }
    opened() { this.readyState = 1; this.onopen?.(); }
    says(bytes) { this.onmessage?.({ data: new Uint8Array(bytes).buffer }); }
    ends(code, reason = "") { this.readyState = 3; this.onclose?.({ code, reason }); }
}
window.WebSocket = Paper;
window.Paper = Paper;
window.heard = [];
"""
MAKE = """
window.latent = makeLatent({
    url: "/live/latent/r", token: "t",
    onAnswer: ({ id, trouble, pictures }, { header }) => heard.push(["answer", id, header.ask, trouble ?? [...pictures.values]]),
    onLink: (link) => heard.push(["link", link]),
    onNews: (step) => heard.push(["news", step]),
    onRefused: ({ code }) => heard.push(["refused", code]),
});
latent.open();
"""


def frame(header, array=None):
    if array is not None:
        header = header | {"pictures": {"dtype": str(array.dtype), "shape": list(array.shape), "offset": 0}}
    text = json.dumps(header).encode()
    text += b" " * (-(4 + len(text)) % 8)
    return list(struct.pack("<I", len(text)) + text + (array.tobytes() if array is not None else b""))


class Link:
    """A page with a link over a paper socket."""

    def __init__(self, page):
        self.page = page
        page.goto("data:text/html,<base href='http://here/explore'>")
        page.add_script_tag(content=FAKE + script(("frames", "link", "latent_link")) + MAKE)

    def ask(self, lane, number):
        return self.page.evaluate(
            "([lane, number]) => latent.ask(lane, { ask: 'draw', at: number }, new Float32Array([number, 0.5]))", [lane, number]
        )

    def socket(self, call):
        self.page.evaluate(f"Paper.all.at(-1).{call}")

    def says(self, header, array=None):
        self.page.evaluate("bytes => Paper.all.at(-1).says(bytes)", frame(header, array))

    def sent(self):
        """Headers and z of what the newest socket was sent."""
        return [read(bytes(message)) for message in self.page.evaluate("Paper.all.at(-1).sent")]

    def ids(self):
        return [header["id"] for header, _z in self.sent()]

    def heard(self):
        return self.page.evaluate("heard.splice(0)")


def read(message):
    (size,) = struct.unpack("<I", message[:4])
    assert (4 + size) % 8 == 0
    header = json.loads(message[4 : 4 + size])
    place = header["z"]
    return header, np.frombuffer(message, place["dtype"], offset=4 + size + place["offset"]).reshape(place["shape"])


@pytest.fixture(scope="module")
def tab(chromium):
    page = chromium.new_page()
    yield page
    page.close()


@pytest.fixture
def link(tab):
    return Link(tab)


def test_an_ask_is_a_frame_and_its_answer_comes_back(link):
    asked = link.ask("pad", 3)
    assert link.sent() == [], "the socket is not open yet"
    link.socket("opened()")
    [(header, z)] = link.sent()
    assert header | {"z": None} == {"id": asked, "lane": "pad", "ask": "draw", "at": 3, "weights": "averaged", "labels": None, "z": None}
    assert z.tolist() == [[3, 0.5]] and z.dtype == np.float32
    assert link.page.evaluate("Paper.all[0].url") == "ws://here/live/latent/r?ticket=t"
    link.says({"id": asked, "lane": "pad"}, np.arange(4, dtype=np.uint8).reshape(1, 2, 2, 1))
    link.says({"news": 40})
    assert link.heard() == [["link", "open"], ["answer", asked, "draw", [0, 1, 2, 3]], ["news", 40]]


def test_a_link_left_on_its_way_is_closed_when_it_arrives_and_says_nothing(link):
    link.page.evaluate("latent.close()")
    assert link.page.evaluate("Paper.all[0].readyState") == 0, "a browser warns of a socket that is closed before it is there"
    link.socket("opened()")
    assert link.page.evaluate("Paper.all[0].readyState") == 3
    link.says({"news": 40})
    assert link.heard() == []


def test_two_fly_the_newest_waits_and_lanes_do_not_wait_for_each_other(link):
    link.socket("opened()")
    first, second, _third, fourth = (link.ask("pad", number) for number in range(4))
    other = link.ask("wall", 9)
    assert link.ids() == [first, second, other]
    link.says({"id": second, "lane": "pad", "trouble": "busy"})
    assert link.ids() == [first, second, other, fourth]
    link.says({"id": first, "lane": "pad", "trouble": "no_weights"})
    assert link.heard()[1:] == [["answer", second, "draw", "busy"]], "the older answer came too late"
    link.says({"id": fourth, "lane": "pad", "dropped": True})
    assert link.heard() == [] and link.page.evaluate("latent.busy")
    link.page.evaluate("latent.forget('wall')")
    link.says({"id": other, "lane": "wall", "trouble": "busy"})
    assert link.heard() == [] and not link.page.evaluate("latent.busy")


def test_what_flew_when_the_line_broke_is_asked_again(link):
    link.socket("opened()")
    _first, second = link.ask("pad", 1), link.ask("pad", 2)
    link.socket("ends(1006)")
    link.page.wait_for_function("Paper.all.length === 2")
    link.socket("opened()")
    assert link.ids() == [second]
    assert link.heard() == [["link", "open"], ["link", "lost"], ["link", "open"]]


@pytest.mark.parametrize("code", [4400, 4401, 4403, 4404])
def test_a_refusal_is_said_and_not_tried_again(link, code):
    link.socket("opened()")
    asked = link.ask("pad", 1)
    link.socket(f"ends({code})")
    assert link.heard()[1:] == [["refused", code]]
    assert link.page.evaluate("latent.idle") and link.page.evaluate("Paper.all.length") == 1
    link.page.evaluate("latent.aim({ url: '/live/latent/r', token: 'new' }); latent.open()")
    link.socket("opened()")
    assert link.page.evaluate("Paper.all[1].url").endswith("ticket=new")
    assert link.ids() == ([] if code == 4400 else [asked])


def test_closed_it_forgets(link):
    link.ask("pad", 1)
    link.page.evaluate("latent.close(); latent.open()")
    link.socket("opened()")
    assert link.sent() == []


def test_where_an_ask_was_dropped_one_flies_for_a_while(link):
    link.socket("opened()")
    first, second, third, fourth = (link.ask("pad", number) for number in range(4))
    link.says({"id": first, "lane": "pad", "dropped": True})
    assert link.ids() == [first, second], "the server has many to serve: a second ask would only be dropped"
    link.says({"id": second, "lane": "pad", "trouble": "busy"})
    assert link.ids() == [first, second, fourth]
    for number in range(40):
        newest = link.ask("pad", number)
        link.says({"id": link.ids()[-1], "lane": "pad", "trouble": "busy"})
    flying = [link.ask("pad", 7), link.ask("pad", 8)]
    assert link.ids()[-2:] == [newest, flying[0]], "after enough answers two may fly again"
    assert third not in link.ids()
