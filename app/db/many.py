"""A column among many numbers: one bound value, however many they are. A parameter for each would be written out, sent and
planned one by one, which for a thousand takes longer than finding their rows."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from sqlalchemy import ARRAY, BigInteger, ColumnElement, Text, any_, bindparam, cast, func, select
from sqlalchemy.orm import Session


def one_of(session: Session, column: Any, ids: Collection[int]) -> ColumnElement[bool]:
    """The column is one of these numbers."""
    listed = ",".join(map(str, sorted(ids)))
    if session.get_bind().dialect.name == "sqlite":
        return column.in_(select(func.json_each(f"[{listed}]").table_valued("value").c.value))  # type: ignore[no-any-return]
    return column == any_(cast(bindparam(None, f"{{{listed}}}", Text), ARRAY(BigInteger)))  # type: ignore[no-any-return]
