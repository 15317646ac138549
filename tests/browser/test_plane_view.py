"""The Playground's view in a browser: what it asks, what it tells, how it moves, and the parts of a slow step."""

from __future__ import annotations

import numpy as np
import pytest
from plane_stage import Stage, look

from ui.components import plane_view

pytestmark = pytest.mark.browser
MOVED = "document.querySelector('.gs-plane-view').gsPlane.frames"


@pytest.fixture(scope="module")
def tab(chromium):
    page = chromium.new_page(viewport={"width": 1100, "height": 860})
    page.set_default_timeout(20_000)
    complaints = []
    page.on("console", lambda line: line.type in ("error", "warning") and complaints.append(line.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    yield page
    page.close()
    assert complaints == []


@pytest.fixture
def stage(tab):
    stage = Stage(tab)
    stage.open()
    stage.curves()
    return stage


def looks(stage):
    return [one for one in stage.asked() if not one["figures"]]


def until(stage, expression, arg=None):
    stage.page.wait_for_function(expression, arg=arg)


def pixels(stage):
    return stage.page.locator(".pl-frame canvas").evaluate("canvas => canvas.toDataURL()")


def part_is(stage, number):
    until(stage, "number => document.querySelector('.gs-plane-view').dataset.part === String(number)", number)


def test_one_look_flies_and_the_next_is_asked_when_there_is_news(stage):
    [first] = looks(stage)
    assert first["ask"] == "plane" and first["weights"] == "living" and first["at"] is None
    stage.news(2)
    stage.news(3)
    assert len(looks(stage)) == 1, "one is on its way"
    stage.answer(1)
    assert len(looks(stage)) == 2, "there was news meanwhile"
    stage.answer(3)
    assert len(looks(stage)) == 2, "nothing newer is known"
    until(stage, "() => Paper.all.at(-1).sent.length > 2")
    measure = [one for one in stage.asked() if one["figures"]][-1]
    figures = {"modes": 7, "of": 8, "on_mode": 0.934, "reverse_kl": 0.12, "energy": 0.0123, "energy_floor": 0.0004}
    stage.answer(3, {}, ask=measure, figures=figures)
    texts = stage.page.locator(".pl-figures dd").all_inner_texts()
    assert [text.split("\n")[0] for text in texts] == ["7/8", "93%", "0.12", "0.012"]
    assert [text.split("\n")[1] for text in texts] == ["ideal 8/8", "ideal 98.9%", "ideal 0", "ideal 0.0004"]
    stage.news(4)
    stage.answer(4, {}, trouble="no_weights")
    until(stage, "() => Paper.all.at(-1).sent.length > 4")


def test_fakes_glide_and_come_to_rest(stage):
    stage.answer(1)
    until(stage, f"() => {MOVED} > 0")
    before = pixels(stage)
    stage.news(2)
    stage.answer(2, look(0.5))
    until(stage, "before => document.querySelector('.pl-frame canvas').toDataURL() !== before", before)
    rests(stage)


def rests(stage):
    until(stage, f"() => new Promise(done => {{ const at = {MOVED}; setTimeout(() => done({MOVED} === at), 150); }})")


def test_each_layer_shows_and_hides(stage):
    layers = dict.fromkeys(plane_view.LAYERS, False) | {"fakes": True}
    stage.show(layers=layers)
    stage.answer(1)
    stage.news(2)
    stage.answer(2, look(0.4))
    until(stage, f"() => {MOVED} > 1")
    rests(stage)
    for layer in sorted(plane_view.LAYERS, key=lambda name: name == "fakes"):  # trails are the fakes' own
        before = pixels(stage)
        layers = layers | {layer: not layers[layer]}
        button = stage.page.locator(f"[data-layer={layer}]")
        button.click()
        assert button.get_attribute("aria-pressed") == str(layers[layer]).lower()
        [told] = stage.told()
        assert told == {"name": "layers", "layers": layers} and plane_view.command_of(told) == told
        until(stage, "before => document.querySelector('.pl-frame canvas').toDataURL() !== before", before)


def test_buttons_keys_and_speed_are_told(stage):
    stage.push(step=5, state="paused")
    for selector in ("[data-do=toggle]", "[data-step=both]", "[data-step=critic]", "[data-step=generator]", "[data-do=rewind]"):
        stage.page.locator(selector).click()
    steps = [{"name": "step", "player": player} for player in ("both", "critic", "generator")]
    assert stage.told() == [{"name": "toggle"}, *steps, {"name": "rewind"}]
    stage.page.locator(".pl-frame canvas").focus()
    for key in (" ", "s", "d", "g"):
        stage.page.keyboard.press(key)
    assert stage.told() == [{"name": "toggle"}, *steps]
    slider = stage.page.locator(".pl-speed input")
    slider.focus()
    slider.press("Home")
    assert "2 s" in stage.page.locator(".pl-speed output").inner_text()
    until(stage, "() => told.some(([, command]) => command.name === 'pace')")
    [pace] = stage.told()
    assert pace["value"] == pytest.approx(1 / 7) and plane_view.command_of(pace) == pace
    stage.show(controls=False)
    assert stage.page.locator("[data-do=toggle]").is_disabled() and slider.is_disabled()


PARTS_SEEN = """
() => {
    window.parts = [];
    const root = document.querySelector(".gs-plane-view");
    new MutationObserver(() => {
        const lit = [...root.querySelectorAll(".gs-work")].map((term) => `${term.dataset.player} ${term.dataset.curve}`);
        const at = [...root.querySelectorAll(".pl-stage li")].findIndex((item) => item.getAttribute("aria-current") === "step");
        parts.push([Number(root.dataset.part), at + 1, root.querySelector(".pl-stage p").textContent, [...new Set(lit)]]);
    }).observe(root, { attributeFilter: ["data-part"] });
}
"""
JUDGE, D_LOSS, G_LOSS = ["critic verdict/real", "critic verdict/fake"], ["critic loss/critic"], ["generator loss/generator"]


def test_a_slow_step_is_played_part_by_part_with_its_term(stage):
    stage.answer(1, look(0.1))
    stage.push(step=1, pace=1.0)
    assert stage.fact("slow") == "true"
    stage.page.evaluate(PARTS_SEEN)
    stage.news(1)
    stage.answer(1, look(0.1, heat_turn=1.0), half=1)
    part_is(stage, 5)
    stage.news(2)
    stage.answer(2, look(0.4, heat_turn=1.0))
    part_is(stage, 7)
    seen = stage.page.evaluate("parts")
    numbers = [number for number, *_rest in seen]
    assert numbers == sorted(numbers) and numbers[0] < 3 and numbers[-1] == 7, "a busy machine may miss one"
    lit = [None, JUDGE, JUDGE, JUDGE, D_LOSS, D_LOSS, G_LOSS, G_LOSS]
    for number, listed, sentence, terms in seen:
        assert (listed, sentence, terms) == (number, plane_view.WORDS[f"says_{number}"], lit[number])
    stage.push(step=2, pace=None)
    assert stage.fact("part") == "0" and not stage.page.locator(".pl-stage").is_visible()


@pytest.mark.parametrize(("player", "parts"), [("critic", range(1, 6)), ("generator", range(6, 8))])
def test_whose_turn_it_was_is_what_the_run_says(stage, player, parts):
    stage.answer(1)
    stage.push(step=1, pace=7.0, state="paused")
    stage.page.evaluate(PARTS_SEEN)
    played = {"step": 2, "player": player, "half": 0, "moved": {"critic": 0.0, "generator": 0.0}, "values": {}}
    stage.push(step=2, pace=7.0, state="paused", played=played)
    stage.news(2)
    stage.answer(2)  # and nothing has changed: a learning rate may be 0
    part_is(stage, parts[-1])
    assert {number for number, *_rest in stage.page.evaluate("parts")} <= set(parts)


def test_a_fake_in_hand_says_its_numbers(stage):
    facts = look(0.0)
    stage.answer(1, facts)
    until(stage, f"() => {MOVED} > 0")
    one = int(np.argmax(facts["fakes"][:, 0]))  # nobody is farther right
    box = stage.page.locator(".pl-frame canvas").bounding_box()
    x, y = map(float, facts["fakes"][one])
    stage.page.mouse.move(box["x"] + (x + 2) / 4 * box["width"] + 1, box["y"] + (2 - y) / 4 * box["height"])
    card = stage.page.locator(".pl-card")
    card.wait_for()
    z, verdict = facts["z"][one], facts["verdict"][one]
    text = card.inner_text().replace("\n", " ")
    assert f"({z[0]:.2f}, {z[1]:.2f})" in text and f"{verdict:.2f}" in text
    column = int(np.clip(np.searchsorted(facts["grid_z"], z[0], "right") - 1, 0, 13)) + 1
    assert f"column {column}," in text
    stage.page.mouse.move(2, 2)
    card.wait_for(state="hidden")
    stage.page.locator(".pl-frame canvas").focus()
    stage.page.keyboard.press("ArrowRight")
    card.wait_for()
    assert stage.page.locator(".pl-said").inner_text().startswith("Fake ")
    stage.page.keyboard.press("Escape")
    card.wait_for(state="hidden")


def test_before_the_first_run_the_target_is_there(tab):
    stage = Stage(tab, run=None, url=None, token=None, latent=None, state=None, target=[[0.0, 1.0], [1.0, 0.0], [-1.0, -1.0]])
    assert tab.locator(".pl-empty").inner_text() == plane_view.WORDS["empty"]
    assert tab.evaluate("Paper.all.length") == 0
    tab.locator("[data-do=toggle]").click()
    assert stage.told() == [{"name": "toggle"}]
    stage.show(run="r", url="/live/run/r", token="t", latent={"url": "/live/latent/r", "token": "t"}, state="preparing")
    assert tab.evaluate("Paper.all.length") == 2


def test_what_a_browser_must_not_say_is_no_command():
    wrong = [None, {"name": "stop"}, {"name": "step", "player": "nobody"}, {"name": "pace", "value": 0}, {"name": "pace", "value": True}]
    wrong += [{"name": "layers", "layers": {"reals": True}}, {"name": "layers", "layers": dict.fromkeys(plane_view.LAYERS, 1)}]
    assert [plane_view.command_of(one) for one in wrong] == [None] * len(wrong)


@pytest.mark.slow
def test_reduced_motion_jumps_and_a_phone_has_one_column(chromium):
    page = chromium.new_page(viewport={"width": 390, "height": 844}, reduced_motion="reduce", has_touch=True)
    stage = Stage(page)
    stage.open()
    stage.curves()
    stage.answer(1)
    stage.news(2)
    stage.answer(2, look(0.5))
    page.wait_for_timeout(100)
    frames = page.evaluate(MOVED)
    page.wait_for_timeout(200)
    assert page.evaluate(MOVED) - frames <= 1
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    tops = [page.locator(name).bounding_box()["y"] for name in (".pl-frame", ".pl-bar", ".pl-figures", ".pl-chart")]
    assert tops == sorted(tops)
    page.close()
