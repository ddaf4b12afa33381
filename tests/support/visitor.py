"""One person at a browser: opens pages, sends forms, and notes everything that is wrong with any page on the way."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Locator, Page, ViewportSize, expect

from tests.support.story import PASSWORD, Stage

LIMIT_MS = 30_000
DESK, PHONE = ViewportSize(width=1280, height=900), ViewportSize(width=390, height=844)
REFUSALS = (403, 404, 422)  # pages of their own; a browser says them on its console, too
SPILT = """w => [...document.querySelectorAll('body *')].filter(e => e.getBoundingClientRect().right > w + 1)
    .slice(0, 3).map(e => e.outerHTML.slice(0, 90))"""


class Visitor:
    """A browser profile of its own, in one language. `faults` is empty when all that it saw is well."""

    def __init__(self, page: Page, stage: Stage, who: str, locale: str) -> None:
        self.page, self.stage, self.who, self.locale = page, stage, who, locale
        self.faults: list[str] = []
        self.expected: tuple[int, ...] = ()  # statuses beside 200 that the test wants to see
        page.on("pageerror", lambda error: self._note(f"script: {error}"))
        page.on("console", lambda message: self._console(message.type, message.text))
        page.on("requestfailed", lambda request: self._failed(request.url, request.failure or ""))
        page.on("response", lambda answer: self._answer(answer.status, answer.url))

    def _note(self, fault: str) -> None:
        self.faults.append(f"{self.who} [{self.locale}] {self.page.url}: {fault}")

    def _console(self, kind: str, text: str) -> None:
        refusal = any(f"status of {status}" in text for status in self.expected)
        if kind in ("error", "warning") and not refusal:
            self._note(f"console: {text}")

    def _failed(self, url: str, why: str) -> None:
        if "ERR_ABORTED" not in why:  # what a page was loading when one left it
            self._note(f"request: {url} {why}")

    def _answer(self, status: int, url: str) -> None:
        if status >= 400 and status not in self.expected:
            self._note(f"{status} {url}")

    def look(self) -> None:
        """What holds on every page: its language, one heading, and no sideways scroll on a phone."""
        page = self.page
        if page.locator("html").get_attribute("lang") != self.locale.replace("_", "-"):
            self._note(f"language {page.locator('html').get_attribute('lang')}")
        if page.locator("h1").count() != 1:
            self._note("not one h1")
        page.set_viewport_size(PHONE)
        if page.evaluate("document.documentElement.scrollWidth") > PHONE["width"]:
            self._note(f"scrolls sideways: {page.evaluate(SPILT, PHONE['width'])}")
        page.set_viewport_size(DESK)

    def open(self, path: str) -> Visitor:
        self.page.goto(self.stage.url + path)
        self.look()
        return self

    def sign_in(self, email: str) -> Visitor:
        self.open("/sign-in")
        self.fill({"email": email, "password": PASSWORD})
        return self.send("/sign-in")

    def fill(self, values: dict[str, str], within: str = "main") -> Visitor:
        """Type into fields by name; a choice is chosen by its value."""
        for name, value in values.items():
            field = self.page.locator(f'{within} [name="{name}"]:visible').first
            if field.evaluate("e => e.tagName") == "SELECT":
                field.select_option(value)
            else:
                field.fill(value)
        return self

    def send(self, action: str, button: str = "") -> Visitor:
        """Send the form whose address ends so (the page's own when empty), opening the question before it where there is one."""
        form = self.page.locator(
            f'form[method="post"][action$="{action}"]' if action else 'main form[method="post"]:not([action])'
        ).first
        self._open_question(form)
        return self.press(form.locator(f"button{button or '.button'}:not([data-close])").first)

    def _open_question(self, form: Locator) -> None:
        question = form.locator("xpath=ancestor::details[1]")
        if question.count() and question.get_attribute("open") is None:
            question.locator("summary").first.click()

    def press(self, control: Locator) -> Visitor:
        """Press what leads to another page, and look at that."""
        with self.page.expect_navigation():
            control.click()
        self.look()
        return self

    def follow(self, href: str) -> Visitor:
        """Follow the first visible link of the page whose address contains `href`."""
        return self.press(self.page.locator(f'main a[href*="{href}"]:visible').first)

    def reads(self, en: str, zh: str) -> Visitor:
        """The page says this, in the language of the visitor."""
        expect(self.page.locator("main")).to_contain_text(zh if self.locale == "zh_CN" else en)
        return self

    @property
    def path(self) -> str:
        return self.page.url.removeprefix(self.stage.url).split("?")[0]


Door = Callable[..., Visitor]


@contextmanager
def visitors(chromium: Browser, stage: Stage, scripts: bool = True) -> Iterator[Door]:
    """`door(who, locale)` signs a person of the demo in, once for each language; `who` is None for a stranger. Without `scripts`
    the browser runs none. Faults fail the test at the end."""
    inside: dict[tuple[str | None, str], Visitor] = {}

    def door(who: str | None = None, locale: str = "en") -> Visitor:
        if (who, locale) not in inside:
            context = chromium.new_context(
                viewport=DESK, locale=locale.replace("_", "-"), base_url=stage.url, java_script_enabled=scripts
            )
            context.set_default_timeout(LIMIT_MS)
            visitor = inside[who, locale] = Visitor(context.new_page(), stage, who or "stranger", locale)
            visitor.page.goto(f"{stage.url}/language/{locale}")
            if who:
                visitor.sign_in(f"{who}@demo.infrashare.invalid")
        return inside[who, locale]

    yield door
    faults = [fault for visitor in inside.values() for fault in visitor.faults]
    for visitor in inside.values():
        visitor.page.context.close()
    assert not faults, "\n".join(faults)


def written(folder: Path, name: str, text: str) -> Path:
    """A file to upload."""
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path
