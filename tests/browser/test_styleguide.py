"""The page layer in a real browser: nothing that axe objects to, nothing that the CSP stops, list and map as one, forms that
survive."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from app.kernel.datum import Datum, from_wgs84
from tests.support import browser
from tests.support.pages import page_app

PAGES = (
    "/styleguide/",
    "/styleguide/list",
    "/styleguide/detail",
    "/styleguide/form",
    "/styleguide/inbox",
    "/styleguide/error/forbidden",
)
pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with browser.served(page_app()) as url:
        yield url


@contextmanager
def opened(chromium: Browser, url: str, width: int = 1280, **options: Any) -> Iterator[Page]:
    """A page of a new profile."""
    context = chromium.new_context(viewport={"width": width, "height": 900}, **options)
    page = context.new_page()
    page.set_default_timeout(10_000)
    page.goto(url)
    page.wait_for_load_state("load")
    yield page
    context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("locale", ["en-GB", "zh-CN"])
def test_axe_finds_nothing(chromium: Browser, address: str, locale: str, scheme: str) -> None:
    with opened(chromium, f"{address}/styleguide/", locale=locale, color_scheme=scheme) as page:
        expect(page.locator(".map-canvas canvas").first).to_be_visible()
        result = Axe().run(page)
        found = [f"{v['id']}: {n['target']} {n['failureSummary']}" for v in result.response["violations"] for n in v["nodes"]]
        assert found == []


@pytest.mark.parametrize("locale", ["en-GB", "zh-CN"])
def test_every_step_of_a_life_shows_on_a_phone(chromium: Browser, address: str, locale: str) -> None:
    with opened(chromium, f"{address}/styleguide/detail", 390, locale=locale) as page:
        steps = page.locator(".steps > li")
        ends = steps.evaluate_all("all => all.map(one => one.getBoundingClientRect().right)")
        assert len(ends) > 3
        assert max(ends) <= page.evaluate("document.documentElement.clientWidth")
        assert page.locator(".steps").evaluate("one => one.scrollWidth <= one.clientWidth")


@pytest.mark.parametrize("path", PAGES[1:])
def test_axe_finds_nothing_on_the_skeletons(chromium: Browser, address: str, path: str) -> None:
    with opened(chromium, address + path, locale="zh-CN") as page:
        result = Axe().run(page)
        assert [f"{v['id']}: {n['target']}" for v in result.response["violations"] for n in v["nodes"]] == []


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("locale", ["en-GB", "zh-CN"])
def test_a_phone_needs_no_sideways_scroll(chromium: Browser, address: str, path: str, locale: str) -> None:
    with opened(chromium, address + path, width=390, locale=locale, has_touch=True, is_mobile=True) as page:
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
        small = page.eval_on_selector_all(
            "main .button, header.top a, header.top summary, main select",
            "all => all.filter(e => e.checkVisibility() && e.getBoundingClientRect().height < 43.5).map(e => e.className || e.tagName)",
        )
        assert small == []


@pytest.mark.parametrize("path", PAGES)
def test_the_content_security_policy_stops_nothing(chromium: Browser, address: str, path: str) -> None:
    context = chromium.new_context()
    page = context.new_page()
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text) if "Content Security Policy" in message.text else None)
    page.on("pageerror", lambda error: said.append(str(error)))
    page.goto(address + path)
    page.wait_for_load_state("networkidle")
    context.close()
    assert said == []


def test_choosing_in_the_list_and_on_the_map_is_one(chromium: Browser, address: str) -> None:
    with opened(chromium, f"{address}/styleguide/detail") as page:
        first, second = page.locator('[data-feature="m1"]'), page.locator('[data-feature="m2"]')
        expect(page.locator(".map-canvas canvas").first).to_be_visible()
        expect(first).to_have_class("card match is-selected")
        second.locator(".note").first.click()
        expect(second).to_have_class("card match is-selected")
        expect(first).to_have_class("card match")
        box = page.locator(".map-canvas").bounding_box()
        assert box is not None
        for step in range(60):  # walk along the canvas until the first match's point is under the pointer
            x = box["x"] + box["width"] * (0.5 + step / 200)
            for y in (0.30, 0.34, 0.38, 0.42, 0.46):
                page.mouse.move(x, box["y"] + box["height"] * y)
                if page.locator(".map-canvas.is-pointing").count():
                    page.mouse.click(x, box["y"] + box["height"] * y)
                    expect(second).to_have_class("card match")
                    return
        pytest.fail("no point of the map answered the pointer")


def test_typed_fields_and_drawing_follow_each_other(chromium: Browser, address: str) -> None:
    with opened(chromium, f"{address}/styleguide/form") as page:
        expect(page.locator(".map-canvas canvas").first).to_be_visible()
        page.get_by_role("button", name="Draw on the map").click()
        box = page.locator(".map-canvas").bounding_box()
        assert box is not None
        page.mouse.click(box["x"] + box["width"] * 0.6, box["y"] + box["height"] * 0.5)
        expect(page.locator("#f-lon")).not_to_have_value("114.0213")
        longitude, latitude = (float(page.locator(f"#f-{name}").input_value()) for name in ("lon", "lat"))
        assert 114.0213 < longitude < 114.1
        assert latitude == pytest.approx(22.6541, abs=0.02)
        page.locator("#f-shape").select_option("area")
        expect(page.locator("#f-lon")).to_be_hidden()
        page.locator("#f-wkt").fill("POLYGON ((114 22.6, 114.1 22.6, 114.1 22.7, 114 22.6))")
        page.get_by_role("button", name="Clear").click()
        expect(page.locator("#f-wkt")).to_have_value("")


def test_what_is_typed_survives_a_lost_tab(chromium: Browser, address: str) -> None:
    with opened(chromium, f"{address}/styleguide/form") as page:
        page.locator("#f-sample_line").fill("Line 4")
        page.wait_for_timeout(500)  # drafts are kept when typing rests
        page.reload()
        expect(page.locator("#f-sample_line")).to_have_value("Line 4")
        page.get_by_role("button", name="Discard it").click()
        expect(page.locator("#f-sample_line")).to_have_value("")


def test_filters_swap_the_results_and_keep_the_address(chromium: Browser, address: str) -> None:
    with opened(chromium, f"{address}/styleguide/list") as page:
        page.locator("select[name=kind]").select_option("tower")
        page.wait_for_url("**/styleguide/list?*kind=tower*")
        expect(page.locator("#results table")).to_be_visible()
        page.reload()
        expect(page.locator("select[name=kind]")).to_have_value("tower")


def test_without_scripts_the_page_is_whole(chromium: Browser, address: str) -> None:
    with opened(chromium, f"{address}/styleguide/detail", java_script_enabled=False) as page:
        assert "Everything on it is in the list beside it." in page.locator(".map noscript").inner_html()
        expect(page.locator("article.match")).to_have_count(3)
        page.goto(f"{address}/styleguide/list")
        page.locator("select[name=kind]").select_option("tower")
        page.get_by_role("button", name="Apply").click()
        assert "kind=tower" in page.url


def test_the_map_s_readout_is_the_server_s_gcj_02(chromium: Browser, address: str) -> None:
    with opened(chromium, f"{address}/styleguide/detail") as page:
        output = page.locator(".map-foot output")
        expect(output).to_contain_text("114.0")
        longitude, latitude = (float(part.split("°")[0]) for part in output.inner_text().split(", "))
        page.locator(".map-foot select").select_option("gcj02")
        shown = [float(part.split("°")[0]) for part in output.inner_text().split(", ")]
        assert shown == pytest.approx(from_wgs84(Datum.GCJ02, longitude, latitude), abs=2e-5)
