"""The columns of listings as one viewer sees them: what stands around one need, each at the place and with the attributes of its
sight. Of hundreds, so each table is asked once, and what an asset states is opened here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import orjson
import shapely
from numpy.typing import NDArray
from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from app.assets import Asset
from app.catalogue.declaration import MILLI
from app.catalogue.tiers import Tier
from app.engine import MISSING, Listings
from app.engine.compile import KindTables
from app.engine.problem import Ints
from app.engine.rows import places_of, supply_field
from app.listings import Listing
from app.matching.columns import Sort, read_few_columns
from app.matching.source_ledger import read_claims, read_totals
from app.matching.source_listings import Heads, Stock, assemble, concluded, in_order, is_shown, stock_of, terms
from app.matching.values import put_values


@dataclass(frozen=True, slots=True)
class Sight:
    """A listing as a viewer sees it: its place, and the tier that says which attributes are known."""

    place: shapely.Geometry
    tier: Tier


See = Callable[[int], Sight | None]


def read_seen(session: Session, where: ColumnElement[bool], tables: KindTables, heads: Heads, see: See) -> Listings:
    """`see(listing_id)` is how the viewer sees a listing; None hides it."""
    stated: list[tuple[Any, Sort]] = [(Listing.offered, "text"), (Asset.attributes, "text")]
    wanted = [*terms(session, tables), *stated]
    columns = (column.label(f"c{n}") for n, (column, _) in enumerate(wanted))
    statement = select(*columns).join(Asset, Asset.id == Listing.asset_id).where(where)
    found = in_order(read_few_columns(session, statement, [sort for _, sort in wanted]))
    sights = [see(number) for number in found[0].tolist()]
    shown = [sight for sight in sights if sight is not None]
    if len(shown) < len(sights):
        kept = np.array([sight is not None for sight in sights], bool)
        found = [column[kept] for column in found]
    places = np.empty(len(shown), object)
    places[:] = [sight.place for sight in shown]
    nothing = np.full((len(shown), tables.widths[1]), MISSING, np.int64)
    stock = stock_of(found[:6], heads, places_of("listings", places, route=False), nothing)
    stock = stock._replace(opened=_opened(stock.kind, found[6], tables))
    values = _values(stock, np.array([sight.tier for sight in shown], np.int16), found[7], tables)
    assets = np.unique(stock.asset_id)
    return assemble(stock, values, read_totals(session, tables, assets), read_claims(session, tables, assets), tables)


def _opened(kind: NDArray[np.int16], texts: NDArray[Any], tables: KindTables) -> Ints:
    """What offers say of how much they open; most open all that is free and say nothing."""
    out = np.full((len(kind), tables.widths[1]), MISSING, np.int64)
    for row in np.flatnonzero((texts != "{}") & (texts != "")).tolist():
        offered = orjson.loads(texts[row])
        for column, name in enumerate(tables.capacity_names[kind[row]]):
            if (amount := offered.get(name)) is not None:
                out[row, column] = round(amount * MILLI)
    return out


def _values(stock: Stock, tier: NDArray[np.int16], texts: NDArray[Any], tables: KindTables) -> Ints:
    """[n, V]: what is stated of their assets and follows where nobody states it, of what each one's tier shows."""
    out = np.full((len(tier), tables.widths[0]), MISSING, np.int64)
    for k, kind in enumerate(tables.kinds):
        names = tables.supply_names[k]
        for one in sorted(set(tier[stock.kind == k].tolist())):
            rows = np.flatnonzero((stock.kind == k) & (tier == one))
            held = [orjson.loads(text) for text in texts[rows]]
            fields = [supply_field(kind, name) if is_shown(kind, name, Tier(one)) else None for name in names]
            put_values(out, rows, held, fields)
            for derivation in kind.derived:
                if derivation.attribute not in names:
                    continue
                column = names.index(derivation.attribute)
                inputs = [name for name in derivation.inputs if is_shown(kind, name, Tier(one))]
                at = np.flatnonzero(out[rows, column] == MISSING)
                given = [orjson.dumps([held[n].get(name) for name in inputs]) for n in at.tolist()]
                out[rows[at], column] = concluded(kind, derivation, inputs, given, stock, rows[at])
    return out
