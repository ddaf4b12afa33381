"""The parts of a home page that features bring: what waits for the reader, and figures for who only looks.

A feature's `home_cards.py` has `CARDS`, a list of functions of a Reader. A function answers None where its card does not
concern the reader.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import current_app, url_for

from app.db.work import Reader
from app.kernel.text import Text

SHOWN = 5  # rows on a card; the rest is behind its link


@dataclass(frozen=True, slots=True)
class HomeRow:
    """One thing that waits. `due`: the day by which; a day that is over is shown as late."""

    title: Text | str
    href: str | None
    what: Text | str = ""
    due: date | None = None
    chip: Text | None = None
    tone: str = "out"


@dataclass(frozen=True, slots=True)
class HomeCard:
    """`count`: of all that waits, not only of `rows`. `empty`: the sentence when nothing does. `order`: small is first."""

    title: Text
    count: int
    empty: Text
    rows: tuple[HomeRow, ...] = ()
    href: str | None = None
    order: int = 50
    waits: bool = True  # the reader is expected to act; else the card only informs


@dataclass(frozen=True, slots=True)
class Figure:
    """One number of a home page that tells how things stand."""

    label: Text
    value: int
    note: Text | None = None
    href: str | None = None


Card = Callable[[Reader], HomeCard | None]


def page_url(endpoint: str, **values: Any) -> str | None:
    """The address of a page; None where that page is not served."""
    return url_for(endpoint, **values) if endpoint in current_app.view_functions else None
