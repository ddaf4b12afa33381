"""Without a mouse: the skip link, questions that keep the focus, menus, lists that are sorted and narrowed, a file that is chosen."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.support.story import Stage
from tests.support.visitor import Door, visitors, written

pytestmark = pytest.mark.browser
FOCUSED = "document.activeElement"


@pytest.fixture
def door(chromium: Browser, stage: Stage) -> Iterator[Door]:
    with visitors(chromium, stage) as made:
        yield made


def tab_to(page: Page, selector: str, most: int = 60) -> None:
    """Press Tab until the focus is on what `selector` names."""
    for _ in range(most):
        page.keyboard.press("Tab")
        if page.evaluate(f"{FOCUSED}.matches({selector!r})"):
            return
    raise AssertionError(f"{selector} is not reached by Tab")


def test_the_first_stop_leads_past_the_bar(door: Door) -> None:
    page = door("owner").open("/listings/").page
    page.keyboard.press("Tab")
    expect(page.locator(".skip")).to_be_focused()
    expect(page.locator(".skip")).to_be_in_viewport()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate(f"{FOCUSED}.closest('main') !== null")


def test_every_stop_of_a_page_shows_that_it_has_the_focus(door: Door) -> None:
    page = door("owner").open("/requests/").page
    for _ in range(20):
        page.keyboard.press("Tab")
        assert page.evaluate(f"getComputedStyle({FOCUSED}).outlineStyle !== 'none' || {FOCUSED} === document.body")


def test_a_question_keeps_the_focus_until_it_is_closed(door: Door) -> None:
    owner = door("owner").open("/listings/?owner=mine")
    page = owner.press(owner.page.locator("article.match a").first).page
    tab_to(page, "details[data-confirm] > summary")
    page.keyboard.press("Enter")
    sheet = page.locator("details[data-confirm][open]")
    expect(sheet.locator("button").first).to_be_focused()
    for _ in range(5):
        page.keyboard.press("Tab")
        assert page.evaluate(f"{FOCUSED}.closest('details[data-confirm][open]') !== null"), "the focus left the question"
    page.keyboard.press("Shift+Tab")
    assert page.evaluate(f"{FOCUSED}.closest('details[data-confirm][open]') !== null"), "the focus left the question backwards"
    page.keyboard.press("Escape")
    expect(sheet).to_have_count(0)
    assert page.evaluate(f"{FOCUSED}.matches('details[data-confirm] > summary')"), "the focus is back where it was"


def test_a_menu_opens_and_closes(door: Door) -> None:
    page = door("owner").open("/").page
    tab_to(page, "details[data-menu] > summary")
    page.keyboard.press("Enter")
    expect(page.locator("details[data-menu][open]")).to_have_count(1)
    page.keyboard.press("Tab")
    assert page.evaluate(f"{FOCUSED}.matches('.menu-item')")
    page.keyboard.press("Escape")
    expect(page.locator("details[data-menu][open]")).to_have_count(0)


def test_a_table_is_sorted(door: Door) -> None:
    page = door("owner").open("/assets/").page
    for order in ("ascending", "descending"):
        tab_to(page, 'a.sort[href*="name"]')
        with page.expect_navigation():
            page.keyboard.press("Enter")
        expect(page.locator("th[aria-sort]")).to_have_attribute("aria-sort", order)


@pytest.mark.parametrize(
    ("locale", "words", "offered"), [("zh_CN", "深圳", "广东省深圳市"), ("en", "shenzhen", "Shenzhen, Guangdong")]
)
def test_a_list_is_narrowed_to_a_region_by_its_name(door: Door, locale: str, words: str, offered: str) -> None:
    page = door("owner", locale).open("/listings/").page
    box = page.locator('main input[name="region"]')
    box.focus()
    page.keyboard.type(words)
    expect(page.locator("#choices-region option").first).to_have_attribute("value", offered)
    page.keyboard.press("Enter")
    page.wait_for_url("**region=**")
    expect(page.locator("#results article").first).to_be_visible()
    page.reload()
    expect(page.locator('main input[name="region"]')).to_have_value(offered)


def test_a_chosen_file_is_named_in_the_language_of_the_page(door: Door, tmp_path: Path) -> None:
    page = door("owner", "zh_CN").open("/imports/new?subject=listings").page
    drop = page.locator("[data-drop]")
    expect(drop.locator("label")).to_have_text("选择文件")
    page.set_input_files('input[type="file"]', written(tmp_path, "塔桅.csv", "名称"))
    expect(drop.locator("[data-chosen]")).to_have_text("塔桅.csv")
    tab_to(page, 'input[type="file"]')
    assert drop.locator("label").evaluate("e => getComputedStyle(e).outlineStyle") == "solid"
