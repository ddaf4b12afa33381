"""Figures in the browser: charts are drawn from their tables, the drawing library comes only when a chart is near, and the tour is walked
by keyboard alone."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, expect

from app.config import ROOT
from tests.support.story import Stage
from tests.support.visitor import visitors

pytestmark = pytest.mark.browser


def test_charts_are_drawn_and_the_tour_is_walked_by_keyboard(chromium: Browser, stage: Stage) -> None:
    with visitors(chromium, stage) as made:
        page = made("administration", "en").page
        loaded: list[str] = []
        page.on("request", lambda request: loaded.append(request.url))
        page.goto(f"{stage.url}/tour/")
        drawing = max((ROOT / "app" / "static" / "dist").glob("chunk-*.js"), key=lambda file: file.stat().st_size).name
        assert not [url for url in loaded if drawing in url], "the drawing library is for boards alone"
        page.locator("main form button").first.focus()
        page.keyboard.press("Enter")
        expect(page.locator("#tour")).to_contain_text("step 1 of 6")
        page.goto(f"{stage.url}/boards/oversight")
        plot = page.locator("#chart-decisions .chart-plot")
        expect(plot.locator("canvas")).to_be_visible()
        expect(page.locator("#chart-decisions table")).to_be_visible()
        expect(page.locator('[data-picture="decisions"][data-type="png"]')).to_be_visible()
        with page.expect_download() as taken:
            page.locator('[data-picture="decisions"][data-type="svg"]').click()
        assert taken.value.suggested_filename == "decisions.svg"
        drawn = taken.value.path().read_text(encoding="utf-8")
        assert "<title>Agreements decided and waiting</title>" in drawn
        assert "<desc>Tasks to decide on an agreement" in drawn
        assert drawn.count("<path") > 10
        plots = page.locator("[data-chart]")
        assert page.locator("[data-chart] canvas").count() < plots.count(), "the test needs a chart that is not near yet"
        page.wait_for_load_state("networkidle")
        assert page.pdf(format="A4").startswith(b"%PDF-")
        expect(page.locator("[data-chart] canvas")).to_have_count(plots.count())
        page.emulate_media(media="print", color_scheme="dark")
        for place in range(plots.count()):
            box = plots.nth(place).locator("canvas").bounding_box()
            assert box is not None
            assert min(box["width"], box["height"]) > 100, "drawn, and as large on paper"
        page.emulate_media(media="screen", color_scheme="light")
        page.get_by_role("button", name="Leave the tour").focus()
        page.keyboard.press("Enter")
        expect(page.locator("#tour")).to_have_count(0)
