"""The map and the list as one: what is chosen, shown and drawn stands in the address; without script the list does it all."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.support.story import PASSWORD, Stage
from tests.support.visitor import Door, visitors

pytestmark = pytest.mark.browser
FUTIAN = "lon=114.05&lat=22.55&radius_m=6000"


@pytest.fixture
def door(chromium: Browser, stage: Stage) -> Iterator[Door]:
    with visitors(chromium, stage) as made:
        yield made


def address(page: Page) -> dict[str, list[str]]:
    return parse_qs(urlsplit(page.url).query)


def test_the_map_and_the_list_are_one_and_stand_in_the_address(door: Door) -> None:
    page = door("requester", "en").open(f"/listings/?kind=tower&{FUTIAN}").page
    rows = page.locator("#listings [data-feature]")
    second = rows.nth(1).get_attribute("data-feature")
    rows.nth(1).click(position={"x": 300, "y": 8})
    page.wait_for_function("location.search.includes('chosen=') && location.search.includes('map=')")
    assert address(page)["chosen"] == [second]
    page.reload()
    expect(page.locator("#listings .is-selected")).to_have_attribute("data-feature", str(second))

    before = page.locator("#listings .list-bar .num").inner_text()
    page.get_by_role("button", name="In an area").click()
    box = page.locator(".map-canvas").bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, max(box["y"], 0) + 260
    for dx, dy in ((-60, -60), (60, -60), (60, 60), (-60, 60)):
        page.mouse.click(x + dx, y + dy)
        page.wait_for_timeout(300)  # two clicks at once would end the area
    page.mouse.dblclick(x - 60, y + 60)
    page.wait_for_function("location.search.includes('wkt=POLYGON')")
    expect(page.locator(".chosen-filters")).to_contain_text("drawn area")
    assert page.locator("#listings .list-bar .num").inner_text() != before
    assert "lon" not in address(page)
    page.go_back()
    expect(page.locator(".chosen-filters")).to_contain_text("114.05")


def test_without_script_the_list_narrows_and_compares(chromium: Browser, stage: Stage) -> None:
    context = chromium.new_context(java_script_enabled=False, base_url=stage.url, locale="en-GB")
    page = context.new_page()
    page.goto("/sign-in")
    page.locator("input[name=email]").fill("requester@demo.infrashare.invalid")
    page.locator("input[name=password]").fill(PASSWORD)
    page.locator("main form button[type=submit]").first.click()
    page.goto("/listings/")
    page.locator("details.filters-more summary").click()
    for name, value in {"lon": "114.05", "lat": "22.55", "radius_m": "3000"}.items():
        page.locator(f"input[name={name}]").fill(value)
    page.locator(".filters-go").click()
    expect(page.locator(".chosen-filters")).to_contain_text("3")
    expect(page.locator("#listings [data-feature]").first).to_be_visible()
    expect(page.locator("noscript")).to_have_count(1)
    context.close()
