"""A year's arrangement as an authority publishes it: which days are off and which are make-up workdays. Read from a file and
checked whole, so that all that is wrong is said at once. Pure."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from http import HTTPStatus
from typing import Any

from app.kernel.errors import Problem, declare, fail
from app.kernel.text import Text
from app.kernel.workcalendar import HOLIDAY, MAKE_UP, YEARLY, is_weekend

COLUMNS = ("date", "kind", "name_en", "name_zh")
MOST_DAYS = 366
declare(
    "calendar_file",
    HTTPStatus.UNPROCESSABLE_ENTITY,
    "The file of the year cannot be read: it is CSV in UTF-8 with the columns date, kind (off or workday), name_en, name_zh.",
    "无法读取该年度文件：须为 UTF-8 编码的 CSV，列为 date、kind（off 或 workday）、name_en、name_zh。",
)


@dataclass(frozen=True, slots=True)
class ListedDay:
    """kind: off, workday. `day` as it was written."""

    day: str
    kind: str
    name_en: str
    name_zh: str


def read_year(content: bytes) -> tuple[ListedDay, ...]:
    """The lines of a file. Raises `calendar_file`."""
    try:
        rows = csv.DictReader(io.StringIO(content.decode("utf-8-sig")), strict=True)
        if tuple(name.strip().lower() for name in rows.fieldnames or ()) != COLUMNS:
            raise fail("calendar_file")
        rows.fieldnames = list(COLUMNS)
        found = tuple(_listed(row) for row in rows)
    except (UnicodeDecodeError, csv.Error, TypeError) as error:
        raise fail("calendar_file") from error
    return found


def _listed(row: dict[str | Any, Any]) -> ListedDay:
    """A line with as many values as columns."""
    if None in row:
        raise fail("calendar_file")
    return ListedDay(*((row[name] or "").strip() for name in COLUMNS))


def check_year(calendar: str, year: int, days: Iterable[ListedDay], citation: str) -> dict[str, Any]:
    """The days that differ from the plain week, ready to be kept. Raises `unknown_calendar`, or `invalid` with each wrong line."""
    if calendar not in YEARLY:
        raise fail("unknown_calendar", calendar=calendar)
    listed, kept, problems = list(days), dict[str, Any](), list[Problem]()
    if not 1900 <= year <= 2200:
        problems.append(_problem("/year", Text("A year from 1900 to 2200.", "年份须在 1900 至 2200 之间。")))
    if not citation.strip() or len(citation) > 300:
        problems.append(_problem("/citation", Text("Name the document that publishes it.", "请注明公布该安排的文件。")))
    if len(listed) > MOST_DAYS:
        problems.append(_problem("/days", Text("A year has no more days.", "天数超过一年。")))
    for number, one in enumerate(listed[:MOST_DAYS]):
        if wrong := _wrong(one, year, kept):
            problems.append(_problem(f"/days/{number}", wrong, number + 2))
        else:
            kept[one.day] = _kept(one)
    if not any(not counts for counts, _, _ in kept.values()) and not problems:
        problems.append(_problem("/days", Text("No day off is listed.", "未列出任何放假日。")))
    if problems:
        raise fail("invalid", problems)
    return dict(sorted(kept.items()))


def _wrong(one: ListedDay, year: int, kept: dict[str, Any]) -> Text | None:
    try:
        day = date.fromisoformat(one.day)
    except ValueError:
        return Text("“{day}” is no date: write 2027-02-06.", "“{day}”不是日期，格式如 2027-02-06。").format(day=one.day)
    named = {"day": one.day}
    if one.day != day.isoformat() or day.year != year:
        return Text("{day} does not lie in the year.", "{day} 不在该年度内。").format(**named)
    if one.day in kept:
        return Text("{day} is listed twice.", "{day} 重复。").format(**named)
    if one.kind not in ("off", "workday"):
        return Text("{day}: kind is off or workday.", "{day}：kind 须为 off 或 workday。").format(**named)
    if one.kind == "workday" and not is_weekend(day):
        return Text("{day} is a workday of the plain week already.", "{day} 本为工作日，无须列为调休上班。").format(**named)
    if not one.name_en or not one.name_zh:
        return Text("{day}: name the festival in both languages.", "{day}：请填写中英文节日名称。").format(**named)
    return None


def _kept(one: ListedDay) -> list[Any]:
    name = Text(one.name_en[:100], one.name_zh[:100])
    why = (MAKE_UP if one.kind == "workday" else HOLIDAY).format(name=name)
    return [one.kind == "workday", why.en, why.zh]


def _problem(pointer: str, text: Text, row: int | None = None) -> Problem:
    return Problem("invalid", text, pointer=pointer, row=row)
