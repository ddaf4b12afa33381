"""Rows as a caller has them, turned into the columns of a `Problem`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from app.catalogue.declaration import AssetKind, Field
from app.engine.compile import KindTables, compile_kinds, currency_code, encode
from app.engine.problem import (
    AREA,
    FOREVER,
    LINE,
    MISSING,
    NO_BUDGET,
    ON_REQUEST,
    POINT,
    ROUTE,
    Listings,
    Needs,
    Places,
    Problem,
    ProblemError,
    build_problem,
)

NO_FORM = 255
# by shapely's type id: point, line, ring, polygon, multi-point, multi-line, multi-polygon, collection; -1: none
FORM_OF = np.array([POINT, LINE, NO_FORM, AREA, NO_FORM, LINE, AREA, NO_FORM, NO_FORM], np.uint8)


@dataclass(frozen=True, slots=True)
class Claim:
    """One use of a capacity over `[start, end)`: an amount of a quantity, or one numbered slot."""

    start: int
    end: int
    amount_milli: int = 0
    slot: int = 0


@dataclass(frozen=True, slots=True)
class Capacity:
    """One dimension of one listing, in thousandths of its unit (slots too: 3 slots are 3000). Free is never more than
    `offered`."""

    offered_milli: int
    total_milli: int
    claims: tuple[Claim, ...] = ()


@dataclass(frozen=True, slots=True)
class ListingRow:
    """`place`: WGS-84 point, line or polygon. `values`: attribute name → value in the declared unit, as the forms hold it; only
    those
    that a criterion reads are used. Days are ordinals."""

    id: int
    kind: str
    owner: int
    place: shapely.Geometry
    price_minor: int = ON_REQUEST
    currency: str = ""
    start: int = 1
    end: int = FOREVER
    values: Mapping[str, object] = field(default_factory=dict)
    capacity: Mapping[str, Capacity] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class NeedRow:
    """`place`: a point with `radius_m`, a polygon (`radius_m`: extra reach, 0 for containment) or an A–B line with `radius_m`
    as its
    corridor. `bonus_milli`: points of policy."""

    id: int
    kind: str
    organisation: int
    place: shapely.Geometry
    radius_m: float = 0
    budget_minor: int = NO_BUDGET
    currency: str = ""
    start: int = 1
    end: int = FOREVER
    values: Mapping[str, object] = field(default_factory=dict)
    bonus_milli: int = 0


def problem_from_rows(kinds: Sequence[AssetKind], listings: Iterable[ListingRow], needs: Iterable[NeedRow]) -> Problem:
    """Build and check a `Problem`. Raises `ProblemError` naming column and row."""
    tables = compile_kinds(tuple(kinds))
    return build_problem(tables.kinds, listing_columns(tables, list(listings)), need_columns(tables, list(needs)))


def listing_columns(tables: KindTables, rows: Sequence[ListingRow]) -> Listings:
    kind = _kinds(tables, "listings", rows)
    wide, deep, _ = tables.widths
    n = len(rows)
    values, offered, total = (np.full((n, w), MISSING, np.int64) for w in (wide, deep, deep))
    claims: list[Claim] = []
    counts = np.zeros(n * deep, np.int64)
    for i, row in enumerate(rows):
        for j, name in enumerate(tables.supply_names[kind[i]]):
            given = row.capacity[name].offered_milli if name in row.capacity else None
            values[i, j] = (
                given
                if given is not None
                else _encoded(supply_field(tables.kinds[kind[i]], name), row.values.get(name), "listings.values", i)
            )
        for j, name in enumerate(tables.capacity_names[kind[i]]):
            if (capacity := row.capacity.get(name)) is not None:
                offered[i, j], total[i, j] = capacity.offered_milli, capacity.total_milli
                claims += capacity.claims
                counts[i * deep + j] = len(capacity.claims)
    return Listings(
        id=_column(rows, "id"),
        kind=kind,
        place=_places("listings", [r.place for r in rows], route=False),
        price_minor=_column(rows, "price_minor"),
        currency=_currencies("listings", rows),
        start=_column(rows, "start", np.int32),
        end=_column(rows, "end", np.int32),
        owner=_column(rows, "owner"),
        values=values,
        offered=offered,
        total=total,
        claim_ptr=np.concatenate(([0], np.cumsum(counts))).astype(np.int64),
        claim_slot=_column(claims, "slot", np.int32),
        claim_start=_column(claims, "start", np.int32),
        claim_end=_column(claims, "end", np.int32),
        claim_amount=_column(claims, "amount_milli"),
    )


def need_columns(tables: KindTables, rows: Sequence[NeedRow]) -> Needs:
    kind = _kinds(tables, "needs", rows)
    values = np.full((len(rows), tables.widths[2]), MISSING, np.int64)
    for i, row in enumerate(rows):
        for j, name in enumerate(tables.demand_names[kind[i]]):
            values[i, j] = _encoded(tables.kinds[kind[i]].requirement(name), row.values.get(name), "needs.values", i)
    radius = np.array([r.radius_m for r in rows], np.float64)
    if not np.isfinite(radius).all():
        raise ProblemError("needs.radius_mm", int(np.flatnonzero(~np.isfinite(radius))[0]), "not a number")
    return Needs(
        id=_column(rows, "id"),
        kind=kind,
        place=_places("needs", [r.place for r in rows], route=True),
        radius_mm=np.rint(radius * 1000).astype(np.int64),
        budget_minor=_column(rows, "budget_minor"),
        currency=_currencies("needs", rows),
        start=_column(rows, "start", np.int32),
        end=_column(rows, "end", np.int32),
        organisation=_column(rows, "organisation"),
        values=values,
        bonus=_column(rows, "bonus_milli"),
    )


def supply_field(kind: AssetKind, name: str) -> Field:
    """The attribute, or a limit dimension seen as a number."""
    found = next((f for f in kind.attributes if f.name == name), None)
    return found if found is not None else Field(name, kind.dimension(name).label)


def _encoded(declared: Field, value: object, column: str, row: int) -> int:
    if value is None or value == "":
        return MISSING
    try:
        return encode(declared, value)
    except (ValueError, ArithmeticError) as error:
        raise ProblemError(column, row, f"{declared.name}: {error}") from error


def _column(rows: Sequence[object], name: str, dtype: type[np.signedinteger[Any]] = np.int64) -> NDArray[Any]:
    return np.array([getattr(r, name) for r in rows], dtype)


def _kinds(tables: KindTables, who: str, rows: Sequence[ListingRow | NeedRow]) -> NDArray[Any]:
    codes = {k.name: i for i, k in enumerate(tables.kinds)}
    for i, row in enumerate(rows):
        if row.kind not in codes:
            raise ProblemError(f"{who}.kind", i, f"no such kind: {row.kind}")
    return np.array([codes[r.kind] for r in rows], np.int16)


def _currencies(who: str, rows: Sequence[ListingRow | NeedRow]) -> NDArray[Any]:
    known: dict[str, int] = {}
    for i, row in enumerate(rows):
        if row.currency not in known:
            try:
                known[row.currency] = currency_code(row.currency)
            except ValueError as error:
                raise ProblemError(f"{who}.currency", i, str(error)) from error
    return np.array([known[r.currency] for r in rows], np.int32)


def _places(who: str, shapes: Sequence[shapely.Geometry], route: bool) -> Places:
    given = np.empty(len(shapes), object)
    given[:] = shapes
    return places_of(who, given, route)


def places_of(who: str, shapes: NDArray[np.object_], route: bool) -> Places:
    """Geometries as places. `route`: lines are A–B routes."""
    form = FORM_OF[shapely.get_type_id(shapes)]
    bad = (form == NO_FORM) | shapely.is_empty(shapes)
    if bad.any():
        raise ProblemError(f"{who}.place", int(np.flatnonzero(bad)[0]), "expected a point, a line or a polygon")
    point = form == POINT
    if route:
        form[form == LINE] = ROUTE
    lon, lat = (np.where(point, of(shapes), 0.0) for of in (shapely.get_x, shapely.get_y))
    kept = shapes.copy()
    kept[point] = None
    return Places(form, lon, lat, kept)
