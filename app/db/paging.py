"""Keyset paging in SQL: the same order on both databases, whatever the depth of the page."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, or_


def seek(
    statement: Select[Any],
    columns: Sequence[tuple[Any, bool]],
    after: tuple[Any, ...] | None,
    limit: int,
    *,
    reverse: bool = False,
) -> Select[Any]:
    """Order `statement` by `columns` ((column, descending) pairs; the last one unique) and start behind the key `after`.

    `reverse` walks the other way (for a previous page): the caller turns the rows round. Fetches limit + 1 rows to tell
    whether there is more."""
    ordered = [(column, descending != reverse) for column, descending in columns]
    if after is not None:
        statement = statement.where(_behind(ordered, after))
    return statement.order_by(*(c.desc() if d else c.asc() for c, d in ordered)).limit(limit + 1)


def _behind(ordered: Sequence[tuple[Any, bool]], key: tuple[Any, ...]) -> ColumnElement[bool]:
    branches: list[ColumnElement[bool]] = []
    for place, (column, descending) in enumerate(ordered):
        same = [c == key[i] for i, (c, _) in enumerate(ordered[:place])]
        branches.append(and_(*same, column < key[place] if descending else column > key[place]))
    return or_(*branches)
