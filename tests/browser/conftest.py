"""Fixtures of the tests that look at pages: `page` is a fresh browser profile, `live_url` where the test's application
answers."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, sync_playwright

from tests.support import browser, missing
from tests.support.story import Stage, staged

LIMIT_MS = 30_000


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    program = browser.program()
    if program is None:
        missing.lacking("Chromium", browser.INSTALL)
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=program, args=browser.arguments())
        yield started
        started.close()


@pytest.fixture
def live_url(app: Flask) -> Iterator[str]:
    with browser.served(app) as url:
        yield url


@pytest.fixture
def page(chromium: Browser, live_url: str, request: pytest.FixtureRequest) -> Iterator[Page]:
    """A page of a new profile at 1280 × 800; errors of scripts and refusals of the content policy fail the test."""
    context = chromium.new_context(viewport={"width": 1280, "height": 800}, locale="en-GB", base_url=live_url)
    context.set_default_timeout(LIMIT_MS)
    opened = context.new_page()
    faults: list[str] = []
    opened.on("pageerror", lambda error: faults.append(str(error)))
    opened.on("console", lambda message: faults.append(message.text) if is_refusal(message.type, message.text) else None)
    yield opened
    context.close()
    assert not faults, faults


def is_refusal(kind: str, text: str) -> bool:
    return kind == "error" and "Content Security Policy" in text


@pytest.fixture(scope="session")
def stage(session_folder: Path, tmp_path_factory: pytest.TempPathFactory, quick_passwords: None) -> Iterator[Stage]:
    """The demo's story, told once in this run; what is done to it stays within this process."""
    with staged(session_folder, tmp_path_factory.mktemp("story")) as made:
        yield made
