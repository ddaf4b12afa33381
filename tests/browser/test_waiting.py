"""What takes longer says that it is under way, and stops saying so: after a link, and when the back button brings the page again."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from tests.support.story import Stage
from tests.support.visitor import visitors

pytestmark = pytest.mark.browser


NOTED = """() => new MutationObserver(() => { const bar = document.querySelector('.waiting');
  if (!bar.hidden) sessionStorage.setItem('seen', bar.textContent); })
    .observe(document.querySelector('.waiting'), { attributes: true, childList: true })"""  # a page that is left cannot be asked


@pytest.mark.parametrize(("language", "words"), [("en", "One moment"), ("zh_CN", "请稍候")])
def test_a_slow_page_says_that_it_is_under_way(chromium: Browser, stage: Stage, language: str, words: str) -> None:
    with visitors(chromium, stage) as door:
        page: Page = door("requester", language).open("/").page
        expect(page.locator(".waiting")).to_be_hidden()
        page.evaluate(NOTED)
        held: list[Route] = []  # a line that is slow, not a server
        page.route("**/listings/", lambda route: held.append(route))
        page.locator('a[href="/listings/"]').first.click(no_wait_after=True)
        page.wait_for_timeout(900)
        held[0].continue_()
        page.wait_for_url("**/listings/")
        assert words in (page.evaluate("sessionStorage.getItem('seen')") or "")
        expect(page.locator(".waiting")).to_be_hidden()
        page.go_back()
        expect(page.locator(".waiting")).to_be_hidden()
