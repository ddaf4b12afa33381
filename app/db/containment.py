"""Region containment by code, in SQL: the same answer as `kernel.permission.contains`, for a column of codes."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import ColumnElement, and_, false, func, not_, or_, true


def region_within(column: Any, outer: str) -> ColumnElement[bool]:
    """True where the code in `column` lies in `outer`: six-digit adcodes by zero-padded prefix (a range, so that an index
    serves), others by dash-separated prefix."""
    if outer == "*":
        return true()
    if not (outer.isdigit() and len(outer) == 6):
        return or_(column == outer, column.like(f"{outer}-%"))
    prefix = outer
    while prefix.endswith("00"):
        prefix = prefix[:-2]
    if prefix:
        return and_(func.length(column) == 6, column >= prefix.ljust(6, "0"), column <= prefix.ljust(6, "9"))
    return and_(func.length(column) == 6, not_(column.like("%-%")))


def region_within_any(column: Any, outers: Iterable[str]) -> ColumnElement[bool]:
    """True where the code lies in one of `outers`."""
    return or_(false(), *(region_within(column, outer) for outer in sorted(outers)))
