"""The columns of listings: what is offered where, when and for how much, and what the assets have of what criteria compare."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import numpy as np
import orjson
import shapely
from numpy.typing import NDArray
from sqlalchemy import ColumnElement, and_, case, func, select
from sqlalchemy.orm import Session

from app.assets import Asset
from app.catalogue.declaration import MILLI, AssetKind, Derivation
from app.catalogue.profiles import get_profile
from app.catalogue.tiers import Tier
from app.db.many import one_of
from app.disclosure import shown_attributes
from app.engine import MISSING, ON_REQUEST, Listings
from app.engine.compile import KindTables, encode
from app.engine.problem import Ints, Places
from app.engine.rows import places_of, supply_field
from app.listings import Listing
from app.matching.columns import Sort, Words, as_wkb, halves, read_columns
from app.matching.source_ledger import Claims, Totals, is_whole
from app.matching.values import read_values


class Heads(NamedTuple):
    """Organisations by ascending id: whose head counts for them, and their profile."""

    id: Ints
    head: Ints
    profile: Sequence[str]

    def rows(self, organisations: Ints) -> Ints:
        return np.searchsorted(self.id, organisations)


class Stock(NamedTuple):
    """Listings as they stand in their own table, in ascending id. `opened`: [n, D] thousandths, MISSING where the offer does
    not say how much."""

    id: Ints
    asset_id: Ints
    kind: NDArray[np.int16]
    owner: Ints
    profile: NDArray[np.int16]
    profiles: tuple[str, ...]
    price_minor: Ints
    currency: NDArray[np.int32]
    start: NDArray[np.int32]
    end: NDArray[np.int32]
    place: Places
    opened: Ints


def read_listings(
    session: Session, where: ColumnElement[bool], tables: KindTables, heads: Heads, geometry: Any, whole: bool = False
) -> Stock:
    """`geometry`: the column of the places to go by, exact or as everybody may know them. `whole`: most are asked for."""
    wanted = [*terms(session, tables), (as_wkb(geometry), "wkb")]
    statement = select(*(column.label(f"c{n}") for n, (column, _) in enumerate(wanted))).where(where)
    found = in_order(read_columns(session, statement, [sort for _, sort in wanted], Listing if whole else None))
    return stock_of(found[:6], heads, places_in("listings", found[6], route=False), _opened(session, found[0], where, tables))


def terms(session: Session, tables: KindTables) -> list[tuple[Any, Sort]]:
    """The columns of a listing's own table that `stock_of` takes."""
    words, names = Words.of(session), [k.name for k in tables.kinds]
    return [
        (Listing.id, "int"),
        (Listing.asset_id, "int"),
        (words.both(Listing.owner_id, words.place_of(Listing.kind, names)), "int"),
        (func.coalesce(Listing.price_minor, ON_REQUEST), "int"),
        (Listing.currency, "letters"),
        (words.both(words.ordinal(Listing.window_start), words.ordinal(Listing.window_end)), "int"),
    ]


def in_order(found: Sequence[NDArray[Any]]) -> Sequence[NDArray[Any]]:
    """The columns by the first of them, ascending."""
    if not (np.diff(found[0]) < 0).any():
        return found
    order = np.argsort(found[0], kind="stable")
    return [column[order] for column in found]


def stock_of(found: Sequence[NDArray[Any]], heads: Heads, place: Places, opened: Ints) -> Stock:
    """Of the columns `terms`."""
    ids, assets, owned, price, currency, window = found
    (owner, kind), (start, end) = halves(owned), halves(window)
    organisation = heads.rows(owner)
    profiles = tuple(sorted(set(heads.profile)))
    profile_of = np.array([profiles.index(name) for name in heads.profile], np.int16)
    return Stock(
        ids, assets, kind.astype(np.int16), heads.head[organisation], profile_of[organisation], profiles, price,
        currency_codes(currency), start.astype(np.int32), end.astype(np.int32), place, opened,
    )  # fmt: skip


def places_in(who: str, wkb: NDArray[Any], route: bool) -> Places:
    """Stored geometries as places; points alone are read as they lie."""
    if wkb.dtype.kind == "V" and wkb.dtype.itemsize == 21:
        point = wkb.view([("order", "u1"), ("type", "<u4"), ("lon", "<f8"), ("lat", "<f8")])
        if ((point["order"] == 1) & (point["type"] == 1)).all():
            return Places.points(np.ascontiguousarray(point["lon"]), np.ascontiguousarray(point["lat"]))
    return places_of(who, np.asarray(shapely.from_wkb(wkb.tolist()), object).reshape(len(wkb)), route)


def currency_codes(letters: NDArray[Any]) -> NDArray[np.int32]:
    """`compile.currency_code` of many."""
    if letters.dtype.kind == "V" and letters.dtype.itemsize == 3:
        each = np.ascontiguousarray(letters).view(np.uint8).reshape(-1, 3).astype(np.int32)
        return np.asarray(each[:, 0] << 16 | each[:, 1] << 8 | each[:, 2], np.int32)
    return np.array([int.from_bytes(bytes(value), "big") for value in letters], np.int32)


def _opened(session: Session, ids: Ints, where: ColumnElement[bool], tables: KindTables) -> Ints:
    """What offers say of how much they open; most open all that is free and say nothing."""
    words, wide = Words.of(session), tables.widths[1]
    out = np.full((len(ids), wide), MISSING, np.int64)
    wanted: list[tuple[Any, Sort]] = [(Listing.id, "int")]
    for column in range(wide):
        made = {
            k.name: words.number_in(Listing.offered, mine[column])
            for k, mine in zip(tables.kinds, tables.capacity_names, strict=True)
            if column < len(mine)
        }
        wanted.append((case(made, value=Listing.kind), "float"))
    statement = select(*(column.label(f"c{n}") for n, (column, _) in enumerate(wanted)))
    listing, *amounts = read_columns(session, statement.where(where, words.has_any(Listing.offered)), [s for _, s in wanted])
    row = np.searchsorted(ids, listing)
    known = (row < len(ids)) & (ids[np.minimum(row, len(ids) - 1)] == listing) if len(ids) else np.zeros(len(listing), bool)
    for column, amount in enumerate(amounts):
        stated = known & ~np.isnan(amount)
        out[row[stated], column] = np.rint(amount[stated] * MILLI).astype(np.int64)
    return out


def read_stated(session: Session, tables: KindTables, assets: Ints | None, tier: Tier) -> tuple[Ints, Ints]:
    """(asset id, [assets, V]): what owners state of what criteria compare, so far as a viewer of `tier` may know it; of these
    assets, or None: of all of the kinds."""
    conditions: list[ColumnElement[bool]] = [Asset.kind.in_([k.name for k in tables.kinds])]
    if assets is not None:
        conditions.append(one_of(session, Asset.id, assets.tolist()))
    fields = [
        [supply_field(k, name) if is_shown(k, name, tier) else None for name in names]
        for k, names in zip(tables.kinds, tables.supply_names, strict=True)
    ]
    whole = Asset if is_whole(tables, assets) else None
    return read_values(session, Asset.id, Asset.kind, Asset.attributes, tables.kinds, fields, and_(*conditions), whole)


def is_shown(kind: AssetKind, name: str, tier: Tier) -> bool:
    return name in shown_attributes(kind, {name: None}, tier)


def completed(
    session: Session, stock: Stock, stated: tuple[Ints, Ints], tables: KindTables, assets: Ints | None, tier: Tier
) -> Ints:
    """[n, V] of the listings: what is stated of their assets, and what follows where nobody states it, of what `tier` shows."""
    ids, values = stated
    out = values[_rows(ids, stock.asset_id)]
    for k, kind in enumerate(tables.kinds):
        for derivation in kind.derived:
            if derivation.attribute in tables.supply_names[k]:
                column = tables.supply_names[k].index(derivation.attribute)
                rows = np.flatnonzero((stock.kind == k) & (out[:, column] == MISSING))
                if len(rows):
                    out[rows, column] = _derived(session, stock, rows, kind, derivation, assets, tier)
    return out


def _rows(ids: Ints, wanted: Ints) -> Ints:
    """Where each of `wanted` lies in `ids`, which holds them all, once: mostly in the same place."""
    if len(wanted) and np.array_equal(ids[: len(wanted)], wanted):
        return np.arange(len(wanted))
    if (np.diff(ids) > 0).all():
        return np.searchsorted(ids, wanted)
    order = np.argsort(ids, kind="stable")
    return np.asarray(order[np.searchsorted(ids[order], wanted)])


def _derived(
    session: Session, stock: Stock, rows: Ints, kind: AssetKind, derivation: Derivation, assets: Ints | None, tier: Tier
) -> list[int]:
    """What follows for these rows, of what their assets state."""
    words = Words.of(session)
    inputs = [name for name in derivation.inputs if is_shown(kind, name, tier)]
    conditions: list[ColumnElement[bool]] = [Asset.kind == kind.name]
    if is_shown(kind, derivation.attribute, tier):
        conditions.append(words.lacks(Asset.attributes, derivation.attribute))
    if assets is not None:
        conditions.append(one_of(session, Asset.id, np.unique(stock.asset_id[rows]).tolist()))
    statement = select(Asset.id, words.words_in(Asset.attributes, inputs).label("inputs")).where(*conditions)
    ids, texts = read_columns(session, statement, ["int", "text"])
    return concluded(kind, derivation, inputs, texts[_rows(ids, stock.asset_id[rows])], stock, rows)


def concluded(
    kind: AssetKind, derivation: Derivation, inputs: Sequence[str], texts: Iterable[str | bytes], stock: Stock, rows: Ints
) -> list[int]:
    """What follows for these rows from their inputs, each the text of a JSON list: the rule is asked once for each combination of
    them and the profile."""
    declared = kind.attribute(derivation.attribute)
    profiles = [get_profile(name) for name in stock.profiles]
    known: dict[tuple[str | bytes, int], int] = {}
    out: list[int] = []
    for key in zip(texts, stock.profile[rows].tolist(), strict=True):
        if key not in known:
            given = {n: v for n, v in zip(inputs, orjson.loads(key[0]), strict=False) if v is not None}
            value = derivation.rule(given, profiles[key[1]])
            known[key] = MISSING if value is None else encode(declared, value)
        out.append(known[key])
    return out


def assemble(stock: Stock, values: Ints, totals: Totals, claims: Claims, tables: KindTables) -> Listings:
    """The engine's columns of all that was read. A claim counts for every listing of its asset."""
    total = totals.of(stock.asset_id, stock.kind)
    offered = np.where(stock.opened == MISSING, total, np.minimum(stock.opened, total))
    offered[total == MISSING] = MISSING
    ptr, columns = claims.of(stock.asset_id, stock.kind)
    return Listings(
        id=stock.id,
        kind=stock.kind,
        place=stock.place,
        price_minor=stock.price_minor,
        currency=stock.currency,
        start=stock.start,
        end=stock.end,
        owner=stock.owner,
        values=values,
        offered=offered,
        total=total,
        claim_ptr=ptr,
        **columns,
    )
