"""What changes at once, and a problem with it taken in."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, fields
from typing import Any, TypeVar

import numpy as np

from app.engine.checks import check_listings, check_needs
from app.engine.compile import KindTables
from app.engine.problem import Listings, Needs, Places, Problem, settled
from app.engine.rows import ListingRow, NeedRow, listing_columns, need_columns

Rows = TypeVar("Rows", Listings, Needs)


@dataclass(frozen=True, eq=False)
class Change:
    """`listings`, `needs`: new or changed, as they are from now on; `gone_*`: ids of what is no longer there (one that never
    was is no error)."""

    listings: Listings
    needs: Needs
    gone_listings: Collection[int] = ()
    gone_needs: Collection[int] = ()


def change_of(
    tables: KindTables,
    listings: Sequence[ListingRow] = (),
    needs: Sequence[NeedRow] = (),
    gone_listings: Collection[int] = (),
    gone_needs: Collection[int] = (),
) -> Change:
    """A checked change. Raises `ProblemError` naming column and row, and when an id is both changed and gone."""
    offered, asked = listing_columns(tables, listings), need_columns(tables, needs)
    check_listings(offered, tables)
    check_needs(asked, tables)
    for who, ids, gone in (("listings", offered.id, gone_listings), ("needs", asked.id, gone_needs)):
        if both := set(ids.tolist()) & set(gone):
            raise ValueError(f"{who}: {sorted(both)} cannot be changed and gone at once")
    return Change(offered, asked, gone_listings, gone_needs)


def merged(problem: Problem, change: Change) -> Problem:
    """The problem with the change taken in. O(n)."""
    return settled(
        problem.kinds,
        _merged(problem.listings, change.listings, change.gone_listings),
        _merged(problem.needs, change.needs, change.gone_needs),
    )


def _merged(rows: Rows, block: Rows, gone: Collection[int]) -> Rows:
    replaced = np.isin(rows.id, np.array([*block.id.tolist(), *gone], np.int64))
    kept = rows.take(np.flatnonzero(~replaced).astype(np.int64))
    columns: dict[str, Any] = {f.name: _joined(f.name, getattr(kept, f.name), getattr(block, f.name)) for f in fields(rows)}
    return type(rows)(**columns)


def _joined(name: str, upper: Any, lower: Any) -> Any:
    if isinstance(upper, Places):
        return Places(*(np.concatenate((getattr(upper, f.name), getattr(lower, f.name))) for f in fields(Places)))
    return np.concatenate((upper, lower[1:] + upper[-1] if name == "claim_ptr" else lower))
