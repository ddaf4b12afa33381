"""What is news of an answer: openings, what newly fits, lower prices; each once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from app.listings import Standing
from app.searches.news import CHEAPER, FITS, OPENED, Item, Known, known_after, news_among

SINCE = datetime(2026, 7, 1, tzinfo=UTC)
OLD, NEW = SINCE - timedelta(days=9), SINCE + timedelta(hours=1)


def one(price: int | None = 100, opened: datetime = OLD, currency: str = "CNY") -> Standing:
    return Standing(1, opened, price, currency)


def found(now: Standing, before: Known | None, *, remembers: bool = True, is_wide: bool = False) -> list[Item]:
    return news_among([now], {} if before is None else {1: before}, SINCE, remembers=remembers, is_wide=is_wide)


def test_each_reason_is_found() -> None:
    known = Known(True, OLD, 100, "CNY")
    assert found(one(opened=NEW), None, remembers=False) == [Item(1, OPENED)]
    assert found(one(opened=NEW), Known(True, NEW, 100, "CNY")) == []
    assert found(one(), None) == [Item(1, FITS)]
    assert found(one(), None, remembers=False) == []
    assert found(one(), Known(False, OLD, 100, "CNY")) == [Item(1, FITS)]
    assert found(one(), Known(False, OLD, 100, "CNY", fit_told=True)) == []
    assert found(one(99), known) == [Item(1, CHEAPER, 100)]
    assert found(one(100), known) == found(one(None), known) == found(one(1, currency="EUR"), known) == []


def test_of_a_wide_answer_only_openings_are_news() -> None:
    assert found(one(opened=NEW), None, is_wide=True) == [Item(1, OPENED)]
    assert found(one(), None, is_wide=True) == found(one(99), Known(True, OLD, 100, "CNY"), is_wide=True) == []


def test_the_lowest_price_and_what_was_told_are_remembered() -> None:
    known = known_after(one(80), None, Item(1, FITS))
    assert (known.price_minor, known.fit_told, known.is_in) == (80, True, True)
    assert known_after(one(120), known, None) == known
    assert known_after(one(None), known, None).price_minor == 80
    assert known_after(one(5, currency="EUR"), known, None).price_minor == 5
