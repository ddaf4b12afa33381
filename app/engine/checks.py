"""What a column may hold. The first fault found is a `ProblemError` naming column and row (as given, before sorting)."""

from __future__ import annotations

from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from app.engine.compile import KindTables
from app.engine.problem import (
    AREA,
    LARGEST,
    LINE,
    MAX_RADIUS_MM,
    MISSING,
    MOST_BONUS,
    POINT,
    ROUTE,
    Listings,
    Needs,
    Places,
    ProblemError,
)
from app.kernel.money import MOST_MINOR

SHAPES = {LINE: ("LineString", "MultiLineString"), ROUTE: ("LineString",), AREA: ("Polygon", "MultiPolygon")}


def check_listings(rows: Listings, tables: KindTables) -> None:
    n, (values, capacities, _) = len(rows.id), tables.widths
    _shared("listings", rows, n, tables)
    _place("listings", rows.place, n, allowed=(POINT, LINE, AREA))
    _shape("listings.values", rows.values, (n, values))
    _refuse(
        "listings.values", (rows.values != MISSING) & (np.abs(rows.values) > LARGEST), f"an amount over {LARGEST} thousandths"
    )
    for name in ("offered", "total"):
        column = getattr(rows, name)
        _shape(f"listings.{name}", column, (n, capacities))
        _refuse(f"listings.{name}", (column != MISSING) & ((column < 0) | (column > LARGEST)), "a capacity below 0 or too large")
    _refuse("listings.total", (rows.offered != MISSING) & (rows.total == MISSING), "offered without a total")
    _refuse("listings.price_minor", (rows.price_minor < -1) | (rows.price_minor > MOST_MINOR), "a price below −1 or too large")
    _refuse("listings.currency", (rows.price_minor >= 0) & (rows.currency == 0), "a price without a currency")
    _claims(rows, n * capacities, capacities)
    _slots(rows, tables)


def check_needs(rows: Needs, tables: KindTables) -> None:
    n, (_, _, wide) = len(rows.id), tables.widths
    _shared("needs", rows, n, tables)
    _place("needs", rows.place, n, allowed=(POINT, AREA, ROUTE))
    _shape("needs.values", rows.values, (n, wide))
    stated = rows.values != MISSING
    _refuse(
        "needs.values", stated & ((rows.values < -LARGEST) | (rows.values > LARGEST)), f"an amount over {LARGEST} thousandths"
    )
    _refuse(
        "needs.radius_mm",
        (rows.radius_mm < 0) | (rows.radius_mm > MAX_RADIUS_MM),
        f"a reach below 0 or over {MAX_RADIUS_MM // 10**6} km",
    )
    _refuse("needs.radius_mm", (rows.place.form != AREA) & (rows.radius_mm == 0), "a circle or a route needs a reach above 0")
    _refuse("needs.budget_minor", (rows.budget_minor < -1) | (rows.budget_minor > MOST_MINOR), "a budget below −1 or too large")
    _refuse("needs.bonus", (rows.bonus < 0) | (rows.bonus > MOST_BONUS), f"a bonus below 0 or over {MOST_BONUS} milli-points")
    _refuse("needs.currency", (rows.budget_minor >= 0) & (rows.currency == 0), "a budget without a currency")


def _shared(who: str, rows: Listings | Needs, n: int, tables: KindTables) -> None:
    names = (
        ("kind", "currency", "start", "end", "owner", "price_minor")
        if isinstance(rows, Listings)
        else ("kind", "currency", "start", "end", "organisation", "radius_mm", "budget_minor", "bonus")
    )
    for name in ("id", *names):
        column = getattr(rows, name)
        _shape(f"{who}.{name}", column, (n,))
        if not np.issubdtype(column.dtype, np.integer):
            raise ProblemError(f"{who}.{name}", None, f"must hold integers, not {column.dtype}")
    order = np.argsort(rows.id, kind="stable")
    twice = np.zeros(n, bool)
    twice[order[1:]] = rows.id[order[1:]] == rows.id[order[:-1]]
    _refuse(f"{who}.id", twice, "this id occurs twice")
    _refuse(f"{who}.kind", (rows.kind < 0) | (rows.kind >= len(tables.kinds)), "no such kind")
    _refuse(f"{who}.end", rows.end <= rows.start, "the window ends before it starts")


def _place(who: str, place: Places, n: int, allowed: tuple[int, ...]) -> None:
    for name in ("form", "lon", "lat", "shape"):
        _shape(f"{who}.place.{name}", getattr(place, name), (n,))
    _refuse(f"{who}.place.form", ~np.isin(place.form, allowed), "no such form of place here")
    point = place.form == POINT
    _refuse(f"{who}.place.lon", point & ~(np.abs(place.lon) <= 360), "not a longitude")
    _refuse(f"{who}.place.lat", point & ~(np.abs(place.lat) <= 90), "not a latitude")
    for row in np.flatnonzero(~point):
        _one_shape(who, int(row), place.shape[row], int(place.form[row]))


def _one_shape(who: str, row: int, shape: Any, form: int) -> None:
    column = f"{who}.place.shape"
    if not isinstance(shape, shapely.Geometry) or shape.geom_type not in SHAPES[form]:
        raise ProblemError(column, row, f"expected {' or '.join(SHAPES[form])}")
    coords = shapely.get_coordinates(shape)
    if not len(coords):
        raise ProblemError(column, row, "the geometry is empty")
    if not np.isfinite(coords).all() or (np.abs(coords[:, 0]) > 540).any() or (np.abs(coords[:, 1]) > 90).any():
        raise ProblemError(column, row, "a coordinate is not a longitude and latitude")
    if form == AREA and not shape.is_valid:
        raise ProblemError(column, row, f"the area is not valid: {shapely.is_valid_reason(shape)}")


def _claims(rows: Listings, cells: int, wide: int) -> None:
    ptr = rows.claim_ptr
    _shape("listings.claim_ptr", ptr, (cells + 1,))
    m = len(rows.claim_slot)
    if ptr[0] != 0 or ptr[-1] != m or (np.diff(ptr) < 0).any():
        raise ProblemError("listings.claim_ptr", None, "must rise from 0 to the number of claims")
    for name in ("claim_start", "claim_end", "claim_amount"):
        _shape(f"listings.{name}", getattr(rows, name), (m,))
    cell = np.repeat(np.arange(cells), np.diff(ptr))
    listing = cell // wide
    _refuse("listings.claim_end", rows.claim_end <= rows.claim_start, "a claim ends before it starts", listing)
    _refuse(
        "listings.claim_amount", (rows.claim_amount < 0) | (rows.claim_amount > LARGEST), "a claim below 0 or too large", listing
    )
    _refuse("listings.total", rows.total.ravel()[cell] == MISSING, "claims on a capacity without a total", listing)


def _slots(rows: Listings, tables: KindTables) -> None:
    """Slots are whole, and a claim names one that exists."""
    wide = rows.offered.shape[1]
    numbered = np.zeros((max(1, len(tables.kinds)), wide), bool)
    for k in range(len(tables.kinds)):
        flags = tables.slots(k)
        numbered[k, : len(flags)] = flags
    if not len(rows.id):
        return
    mine = numbered[rows.kind]
    for name in ("offered", "total"):
        column = getattr(rows, name)
        _refuse(f"listings.{name}", mine & (column != MISSING) & (column % 1000 != 0), "slots are counted in whole numbers")
    cell = np.repeat(np.arange(rows.offered.size), np.diff(rows.claim_ptr))
    of_slots = mine.ravel()[cell]
    outside = (rows.claim_slot < 1) | (rows.claim_slot > rows.total.ravel()[cell] // 1000)
    _refuse("listings.claim_slot", of_slots & outside, "a claim on a slot that does not exist", cell // wide)


def _shape(column: str, array: NDArray[Any], shape: tuple[int, ...]) -> None:
    if array.shape != shape:
        raise ProblemError(column, None, f"has shape {array.shape}, expected {shape}")


def _refuse(column: str, bad: NDArray[np.bool_], reason: str, row: NDArray[np.int64] | None = None) -> None:
    """`row`: the row that each entry belongs to, when entries are not rows."""
    if bad.any():
        at = int(np.flatnonzero(bad.reshape(len(bad), -1).any(axis=1))[0])
        raise ProblemError(column, at if row is None else int(row[at]), reason)
