"""A recorded change in words: fields by their names, values as the pages write them, in both languages."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from flask import Flask

from app.assets.changes import NAMES, VALUES, change_words
from app.audit import Change, HistoryRow
from app.kernel.text import Text
from tests.support.pages import page_app

STATES = {"draft": Text("draft", "草稿"), "published": Text("published", "已发布")}
CASES = [
    (Change("title", "Mast 1", "Mast 2"), "Title: Mast 1 → Mast 2", "标题：Mast 1 → Mast 2"),
    (Change("title", None, "Mast 2"), "Title: – → Mast 2", "标题：– → Mast 2"),
    (Change("status", "draft", "published"), "State: draft → published", "状态：草稿 → 已发布"),
    (Change("status", "draft", "lost"), "State: draft → lost", "状态：草稿 → lost"),
    (Change("tier", "T0", "T2"), "Disclosure: Counted → Exact", "披露级别：仅计数 → 精确"),
    (
        Change("window_start", "2027-01-01", "2027-02-01"),
        "First day: 1 Jan 2027 → 1 Feb 2027",
        "首日：2027年1月1日 → 2027年2月1日",
    ),
    (
        Change("window_end", "2028-01-01", "2029-03-01"),
        "Last day: 31 Dec 2027 → 28 Feb 2029",
        "末日：2027年12月31日 → 2029年2月28日",
    ),
    (Change("window_end", "9999-12-31", "2029-01-01"), "Last day: no end → 31 Dec 2028", "末日：无截止 → 2028年12月31日"),
    (Change("region", "440000", "440300"), "Region: Guangdong → Shenzhen, Guangdong", "行政区划：广东省 → 广东省深圳市"),
    (Change("land_consent", "needed", "held"), "Consent for the land: To be obtained → Held", "土地许可：待取得 → 已取得"),
    (Change("grade", "general", "core"), "Grade of the data: General → Core", "数据分级：一般 → 核心"),
    (Change("geometry", "POINT (1 2)", "POINT (1 3)"), "Place changed", "位置已变更"),
]


@pytest.fixture(scope="module")
def app() -> Flask:
    return page_app()


@pytest.fixture(params=["en", "zh_CN"])
def locale(request: pytest.FixtureRequest, app: Flask) -> Iterator[str]:
    with app.test_request_context("/", headers={"Cookie": f"language={request.param}"}):
        yield str(request.param)


def row(*changes: Change) -> HistoryRow:
    nobody = Text("", "")
    return HistoryRow(
        datetime(2027, 1, 1, tzinfo=UTC), "listing.edit", Text("Edited", "已编辑"), "A", nobody, None, changes, "0" * 64
    )


@pytest.mark.parametrize(("change", "en", "zh"), CASES, ids=lambda case: case.field if isinstance(case, Change) else "")
def test_a_change_is_said_by_its_name_with_values_as_pages_write_them(change: Change, en: str, zh: str, locale: str) -> None:
    before_it = Change("version", "1", "2")  # keeps a field that had nothing from being the first record
    assert change_words(row(before_it, change), STATES) == [zh if locale == "zh_CN" else en]


def test_prices_are_of_their_currency(locale: str) -> None:
    said = change_words(row(Change("price_minor", "120000", None)), STATES, "NZD")
    assert len(said) == 1
    assert "1,200" in said[0]
    assert "NZ" in said[0]
    assert said[0].endswith("→ –")


def test_a_first_record_changes_nothing(locale: str) -> None:
    assert change_words(row(Change("title", None, "Mast 1"), Change("tier", None, "T0")), STATES) == []


def test_fields_without_a_name_are_left_out_and_the_order_is_kept(locale: str) -> None:
    said = change_words(row(Change("terms", "a", "b"), Change("secret_column", "1", "2"), Change("name", "a", "b")), STATES)
    assert len(said) == 2
    assert "b" in said[1]


def test_every_field_whose_values_are_said_has_a_name() -> None:
    assert set(VALUES) <= set(NAMES)
