"""Choosing a language: who decides, the way back to the page, and no way off the site."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask, g
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st

from app.kernel.actor import Actor
from app.web import links
from app.web.i18n import language_chosen, select_locale
from tests.support.pages import page_app


@pytest.fixture(scope="module")
def app() -> Flask:
    return page_app()


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.mark.parametrize(
    ("cookie", "account", "header", "path", "expected"),
    [
        (None, None, None, "/", "en"),
        (None, None, "zh-CN,zh;q=0.9,en;q=0.5", "/", "zh_CN"),
        (None, None, "fr,de", "/", "en"),
        (None, None, "fr,zh-TW;q=0.3", "/", "zh_CN"),
        ("en", None, "zh-CN", "/", "en"),
        (None, "zh_CN", "en", "/", "zh_CN"),
        ("en", "zh_CN", "zh", "/", "en"),
        ("xx", None, "zh", "/", "zh_CN"),
        ("en", "en", "zh-CN", "/api/v1/needs", "zh_CN"),
        ("zh_CN", None, None, "/api/v1/needs", "zh_CN"),
    ],
)
def test_who_decides(app: Flask, cookie: str | None, account: str | None, header: str | None, path: str, expected: str) -> None:
    headers = {
        name: value
        for name, value in (("Accept-Language", header), ("Cookie", f"language={cookie}" if cookie else None))
        if value
    }
    with app.test_request_context(path, headers=headers):
        if account:
            g.actor = Actor(user_id=1, locale=account)
        assert select_locale() == expected


def test_the_switch_returns_to_the_page_with_its_query_and_is_remembered(client: FlaskClient) -> None:
    answer = client.get("/language/zh_CN?next=/styleguide/list?sort=-name%26q=x")
    assert (answer.status_code, answer.location) == (302, "/styleguide/list?sort=-name&q=x")
    page = client.get("/styleguide/list").get_data(as_text=True)
    assert '<html lang="zh-CN"' in page
    assert "没有符合" in page or "发布资源" in page


def test_the_choice_is_announced(app: Flask, client: FlaskClient) -> None:
    heard: list[str] = []

    def hear(sender: Flask, locale: str) -> None:
        heard.append(locale)

    with language_chosen.connected_to(hear, app):
        client.get("/language/zh_CN")
    assert heard == ["zh_CN"]


def test_an_unknown_language_is_not_there(client: FlaskClient) -> None:
    assert client.get("/language/tlh").status_code == 404


@pytest.mark.parametrize(
    "target",
    [
        "https://evil.example/",
        "//evil.example/",
        "/\\evil.example",
        "/\t/evil.example",
        "javascript:alert(1)",
        "evil",
        "",
        "\\\\evil",
        "/a\nb",
        "http:/evil",
    ],
)
def test_no_way_off_the_site(client: FlaskClient, target: str) -> None:
    assert links.safe_next(target) == "/"
    assert client.get("/language/en", query_string={"next": target}).location == "/"


@given(st.text(alphabet="/\\.:?#@ abc\t\n%", max_size=12))
def test_what_passes_is_a_path_of_this_site(target: str) -> None:
    kept = links.safe_next(target)
    assert kept.startswith("/")
    assert not kept.startswith(("//", "/\\"))


def test_a_constant_is_written_afresh_for_each_reader(app: Flask) -> None:
    """Jinja folds filters of constants while it compiles, unless told not to."""
    template = app.jinja_env.from_string("{{ 2 | quantity('position') }}")
    seen = []
    for locale in ("en", "zh_CN"):
        with app.test_request_context("/", headers={"Cookie": f"language={locale}"}):
            seen.append(template.render())
    assert seen == ["2\u00a0positions", "2\u00a0个"]


@pytest.fixture
def at_list(app: Flask) -> Iterator[None]:
    with app.test_request_context("/needs?sector=power&kind=tower&kind=duct&page=4&sort=name"):
        yield


@pytest.mark.usefixtures("at_list")
def test_a_changed_query_starts_at_the_first_page() -> None:
    assert links.url_with(sort="-name") == "/needs?sector=power&kind=tower&kind=duct&sort=-name"
    assert links.url_with(kind=None, sector=None, sort=None) == "/needs"
    assert links.url_with(page=5) == "/needs?sector=power&kind=tower&kind=duct&page=5&sort=name"
    assert links.url_with(kind=["room"]) == "/needs?sector=power&kind=room&sort=name"
