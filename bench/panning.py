"""What a browser's main thread does while a person pans and zooms a map: its long tasks, as the browser itself reports them."""

from __future__ import annotations

from typing import Any

STEPS = 24
WATCH = """() => {
  window.longTasks = [];
  new PerformanceObserver((list) => list.getEntries().forEach((entry) => window.longTasks.push(entry.duration)))
    .observe({ type: "longtask" });
}"""


def longest_tasks(address: str, cookie: str, path: str) -> list[float] | None:
    """Milliseconds of every task over 50 ms while the map of a page is dragged and zoomed; None without a browser, with the
    reason printed."""
    from tests.support import browser

    program = browser.program()
    if program is None:
        print(f"Chromium is not installed, panning is left out: {browser.INSTALL}")
        return None
    from playwright.sync_api import sync_playwright

    name, _, value = cookie.partition("=")
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=program, args=browser.arguments())
        context = started.new_context(viewport={"width": 1280, "height": 800})
        context.add_cookies([{"name": name, "value": value, "url": address}])
        page = context.new_page()
        page.goto(address + path)
        page.wait_for_load_state("networkidle")
        page.evaluate(WATCH)
        _move(page)
        found = page.evaluate("window.longTasks")
        started.close()
    return [float(task) for task in found]


def _move(page: Any) -> None:
    """Drag back and forth, and zoom in and out, over the middle of the map."""
    box = page.locator(".map-canvas").bounding_box()
    x, y = box["x"] + box["width"] / 2, max(box["y"], 0) + 250
    for step in range(STEPS):
        page.mouse.move(x, y)
        page.mouse.down()
        page.mouse.move(x + (120 if step % 4 < 2 else -120), y + (80 if step % 2 else -80), steps=8)
        page.mouse.up()
        if step % 6 == 5:
            page.mouse.wheel(0, -240 if step % 12 == 5 else 240)
        page.wait_for_timeout(250)
    page.wait_for_load_state("networkidle")
