"""Which class G is asked for, on Explore and Interpolate: chosen, drawn, undone, linked, kept and taken along."""

from __future__ import annotations

import json

import pytest
from kept_runs import keep_run
from test_exploring import Explorer
from test_walking import Walk

from ui.components.parts import script

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def told(server):
    """A stopped run whose players are told the class, one of three."""
    with pytest.MonkeyPatch.context() as patch:
        store, run_id = keep_run(server.runs, patch, moments=3, conditional="yes")
    yield run_id
    store.delete(run_id)


class Chooser(Explorer):
    """The Explore page of such a run."""

    def tile(self, label):
        return self.page.locator(".ex-classes button").nth(label)

    def choose(self, label):
        before = self.image()
        self.tile(label).click()
        return self.changes(before)

    def asks_for(self, label):
        """Wait until this class is the chosen one."""
        self.screen.until("label => document.querySelectorAll('.ex-classes button')[label]?.getAttribute('aria-checked') === 'true'", label)


@pytest.fixture
def explore(visit, told):
    return lambda query="", **options: Chooser(visit(f"/explore?run={told}{query}", **options))


@pytest.mark.slow
def test_the_class_is_chosen_undone_and_linked(explore):
    chooser = explore("&seed=4&class=1")
    chooser.asks_for(1)
    chooser.ready()
    begin, around = chooser.image(), chooser.image("map")
    chooser.page.locator(".ex-classes canvas[data-drawn]").nth(2).wait_for()
    other = chooser.choose(2)
    chooser.asks_for(2)
    chooser.says("class", "2")
    assert chooser.says("seed") == "4", "the place stays"
    chooser.changes(around, "map")
    chooser.click("undo")
    chooser.shows(begin)
    chooser.asks_for(1)
    chooser.says("class", "1")
    chooser.click("redo")
    chooser.shows(other)
    chooser.says("class", "2")
    chooser.page.reload()
    chooser.draws()
    chooser.shows(other)


@pytest.mark.slow
def test_a_walk_goes_from_class_to_class(visit, told):
    walk = Walk(visit(f"/interpolate?run={told}&keys=s4.1,s4&frames=16"), told)
    walk.drawn("slerp:16")
    walk.has_keys("s4.1", "s4")
    page = walk.page
    first = walk.pixels(".gs-cards li:nth-child(2) canvas")
    page.get_by_label("Class of key 2").focus()
    page.get_by_label("Class of key 2").select_option("2")
    walk.has_keys("s4.1", "s4.2")
    walk.walks("s4.1", "s4.2")
    assert page.get_by_label("Class of key 2").evaluate("it => it === document.activeElement"), "the keys are drawn anew under the fingers"
    assert walk.pixels(".gs-cards li:nth-child(2) canvas") != first
    images = set()
    for frame in (0, 7, 15):
        page.locator("[data-player=slider]").fill(str(frame))
        images.add(walk.image())
    assert len(images) == 3, "one z, and only the class moves"


@pytest.mark.slow
def test_tiles_are_a_choice_for_keys_too(explore):
    chooser = explore()
    chooser.asks_for(0)
    assert chooser.page.locator(".ex-classes").get_attribute("role") == "radiogroup"
    assert chooser.page.locator(".ex-classes [tabindex='0']").count() == 1
    chooser.tile(0).focus()
    for key, label in (("ArrowRight", 1), ("End", 2), ("ArrowRight", 0), ("ArrowLeft", 2), ("Home", 0)):
        chooser.page.keyboard.press(key)
        chooser.asks_for(label)
        assert chooser.tile(label).evaluate("it => it === document.activeElement")


@pytest.mark.slow
def test_a_favourite_and_the_walk_take_the_class_along(explore, server):
    chooser = explore("&seed=4&class=1")
    chooser.asks_for(1)
    kept = chooser.image()
    chooser.click("keep")
    chooser.screen.sees("Kept. All favourites are on the Runs page.")
    assert json.loads((server.runs / "favourites" / "favourites.json").read_text())["favourites"][0]["label"] == 1
    chooser.choose(2)
    chooser.tab("kept")
    chooser.page.locator(".ex-photo").first.click()
    chooser.shows(kept)
    chooser.asks_for(1)
    chooser.page.locator(".ex-drop").first.click()
    chooser.page.locator(".ex-kept li").wait_for(state="detached")
    chooser.click("reset")
    chooser.says("seed", "4")
    chooser.click("walk")
    chooser.screen.until("document.querySelector('.gs-cards li:last-child')?.dataset.key === 's4.1'")


@pytest.mark.slow
def test_every_panel_follows_the_class_and_so_do_the_directions_that_depend_on_it(explore):
    chooser = explore("&x=principal-1&y=sefa-1")
    chooser.ready()
    assert chooser.page.locator("[data-axis=x] option[value=classes]").evaluate("option => option.hidden")
    chooser.tab("time")
    chooser.page.locator(".ex-film canvas[data-drawn]").first.wait_for()
    film = chooser.page.locator(".ex-film canvas").last.evaluate("it => it.toDataURL()")
    rail = chooser.page.locator(".ex-sliders canvas").first.evaluate("it => it.toDataURL()")
    chooser.choose(2)
    chooser.screen.until("old => [...document.querySelectorAll('.ex-film canvas')].at(-1).toDataURL() !== old", film)
    chooser.screen.until("old => document.querySelector('.ex-sliders canvas').toDataURL() !== old", rail)


@pytest.mark.slow
def test_what_cannot_be_asked_for_is_said(explore, visit, told):
    chooser = explore("&class=7&x=classes-1")
    chooser.screen.sees("class is '7', and it can be a number from 0 to 2")
    chooser.screen.sees("here G is told the class: class=0 asks for it")
    chooser.asks_for(0)
    walk = Walk(visit(f"/interpolate?run={told}&keys=s1.9,s2"), told)
    walk.screen.sees("the key 's1.9' asks for a class there is not. There are those from 0 to 2.")
    walk.has_keys("s1", "s2")


@pytest.mark.slow
def test_a_cell_of_the_sheet_becomes_a_key_of_its_blend(visit, told):
    walk = Walk(visit(f"/interpolate?run={told}&keys=s4,s4.1,s4.2,s4.1&frames=16"), told)
    walk.drawn("slerp:16")
    walk.screen.until("() => document.querySelector('.gs-corners').dataset.drawn === '36'")
    walk.page.locator(".gs-corners canvas").focus()
    for key in ("Home", "ArrowRight", "ArrowDown", "Enter"):
        walk.page.keyboard.press(key)
    walk.screen.until("() => document.querySelectorAll('.gs-cards li').length === 5")
    key = walk.keys[4]
    assert key.endswith(".0-640.1-200.2-160")
    walk.has_keys("s4", "s4.1", "s4.2", "s4.1", key)
    assert walk.page.get_by_label("Class of key 5").locator("option:checked").inner_text().count("+") == 2
    walk.page.get_by_label("Class of key 5").select_option("1")
    walk.has_keys("s4", "s4.1", "s4.2", "s4.1", key.partition(".")[0] + ".1")
    walk.page.locator("[data-open=samples]").click()
    walk.page.locator("[data-drawer=samples][data-drawn='64']").wait_for()
    walk.page.locator("[data-do=random]").click()
    walk.screen.until("() => document.querySelectorAll('.gs-cards li').length === 6")
    assert walk.keys[5].endswith(".1"), "a new key is of the class that the walk has come to"


@pytest.mark.slow
def test_a_run_that_learns_shows_its_classes_as_soon_as_it_draws(visit):
    screen = visit("/?data=digits&network=mlp&width=16&batch_size=16&threads=1&conditional=yes")
    screen.press("start")
    screen.until("() => new URL(location).searchParams.has('run')")
    chooser = Chooser(visit.again(screen, f"/explore?run={screen.run_id}&class=3"))
    chooser.asks_for(3)
    assert chooser.page.locator(".ex-classes button").all_inner_texts() == [*"0123456789"]


@pytest.mark.slow
@pytest.mark.parametrize(("width", "scheme"), [(1440, "dark"), (390, "light")])
def test_it_fits_its_window(explore, width, scheme):
    chooser = explore("&class=2", viewport={"width": width, "height": 900}, color_scheme=scheme)
    chooser.asks_for(2)
    chooser.tab("rail") if width < 790 else None
    chooser.page.locator(".ex-more summary").click()
    chooser.page.locator(".ex-numbers label").last.scroll_into_view_if_needed()
    assert chooser.page.evaluate("document.querySelector('[data-testid=stMain]').scrollWidth") <= width
    below = chooser.page.evaluate(
        """() => {
        const bottom = (name) => document.querySelector(name).getBoundingClientRect().bottom;
        return document.querySelector(innerWidth < 790 ? ".ex-pad" : ".ex-told").getBoundingClientRect().top - bottom(".ex-picture");
    }"""
    )
    assert below < 130, "opening all numbers leaves no hole under the image"
    chooser.screen.shoot(f"class-{width}-{scheme}")


def makes_choice(page, names):
    """The choice alone, on an empty page."""
    page.goto("data:text/html,<div id=root><section hidden><p data-slot=class_hint></p><div class=ex-classes></div></section></div>")
    make = """
        const place = { label: 1, setLabel(next) { this.label = next; } };
        const words = { class: "Class", class_of: "Ask for {name}" };
        window.choice = makeClassChoice({ root: document.querySelector("#root"), place });
    """
    page.add_script_tag(content=script(("frames", "numbers", "explore_paint", "explore_class")) + make)
    page.evaluate("names => choice.update({ told: true, classes: names }, words)", names)


@pytest.mark.slow
def test_many_classes_are_a_list(chromium):
    page = chromium.new_page()
    makes_choice(page, [f"kind {number}" for number in range(30)])
    assert page.locator("select option").count() == 30 and page.locator("select").input_value() == "1"
    page.locator("select").select_option("17")
    assert page.evaluate("[place.label, choice.labels[0], choice.count, choice.turned(), choice.turned()]") == [17, 17, 0, True, False]
    page.evaluate("choice.update({ told: true, classes: ['a', 'b'] }, words)")
    assert page.locator("select").count() == 0 and page.locator("button").all_inner_texts() == ["a", "b"]
    page.evaluate("choice.update({ told: false, classes: [] }, words)")
    assert page.evaluate("[choice.labels, document.querySelector('section').hidden]") == [None, True]
    page.close()
