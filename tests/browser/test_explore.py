"""The map and the list as one: what is chosen, shown and drawn stands in the address; without script the list does it all."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.support.story import PASSWORD, Stage

pytestmark = pytest.mark.browser
FUTIAN = "lon=114.05&lat=22.55&radius_m=6000"
REQUESTER = "requester@demo.infrashare.invalid"


@pytest.fixture
def page(chromium: Browser, stage: Stage, request: pytest.FixtureRequest) -> Iterator[Page]:
    """The requester's browser, with and without JavaScript; a script that fails fails the test."""
    context = chromium.new_context(
        java_script_enabled=request.param, base_url=stage.url, locale="en-GB", viewport={"width": 1280, "height": 900}
    )
    context.add_cookies([{"name": "language", "value": "en", "url": stage.url}])
    faults: list[str] = []
    opened = context.new_page()
    opened.on("pageerror", lambda error: faults.append(str(error)))
    opened.goto("/sign-in")
    opened.locator("input[name=email]").fill(REQUESTER)
    opened.locator("input[name=password]").fill(PASSWORD)
    opened.locator("main form button[type=submit]").first.click()
    yield opened
    context.close()
    assert not faults, faults


def address(page: Page) -> dict[str, list[str]]:
    return parse_qs(urlsplit(page.url).query)


@pytest.mark.parametrize("page", [True], indirect=True, ids=["script"])
def test_the_map_and_the_list_are_one_and_stand_in_the_address(page: Page) -> None:
    page.goto(f"/listings/?kind=tower&{FUTIAN}")
    rows = page.locator("#listings [data-feature]")
    second = str(rows.nth(1).get_attribute("data-feature"))
    expect(page).to_have_url(re.compile("map="))
    rows.nth(1).click(position={"x": 300, "y": 8})
    expect(page).to_have_url(re.compile(f"chosen={second}"))
    page.reload()
    expect(page.locator("#listings .is-selected")).to_have_attribute("data-feature", second)
    expect(page).to_have_url(re.compile(f"chosen={second}"))

    page.get_by_role("button", name="In an area").click()
    page.locator(".map-canvas").evaluate("element => element.scrollIntoView()")
    box = page.locator(".map-canvas").bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, max(box["y"], 0) + 400
    for dx, dy in ((-60, -60), (60, -60), (60, 60), (-60, 60)):
        page.mouse.click(x + dx, y + dy)
        page.wait_for_timeout(300)  # two clicks at once would end the area
    page.mouse.click(x - 60, y - 60)  # back at its first corner
    expect(page).to_have_url(re.compile("wkt=POLYGON"))
    expect(page.locator(".chosen-filters")).to_contain_text("drawn area")
    assert "lon" not in address(page)
    page.go_back()
    expect(page.locator(".chosen-filters")).to_contain_text("114.05")


@pytest.mark.parametrize("page", [False], indirect=True, ids=["no script"])
def test_without_script_the_list_narrows_by_a_typed_place(page: Page) -> None:
    page.goto("/listings/")
    page.locator("details.filters-more summary").click()
    for name, value in {"lon": "114.05", "lat": "22.55", "radius_m": "3000"}.items():
        page.locator(f"input[name={name}]").fill(value)
    page.locator(".filters-go").click()
    expect(page.locator(".chosen-filters")).to_contain_text("of 114.05")
    expect(page.locator("#listings [data-feature]").first).to_contain_text("away")
