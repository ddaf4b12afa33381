"""The generated national marketplace as rows of a database: a million listings in seconds, past every use case.

Triggers rest while it writes and secondary indexes are left out: what is measured is reading them whole. Whoever measures
anything else builds its market with `bench.market`.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any, cast

import numpy as np
import pyarrow as pa
import pyarrow.csv
import shapely
from sqlalchemy import Connection, Table, insert, text

from app.accounts import Organisation
from app.assets import Asset
from app.engine import MISSING, Listings, Needs, Places, Problem
from app.engine.compile import KindTables, currency_name
from app.ledger import Capacity, Claim
from app.listings import Listing
from app.needs import Need, NeedsList
from bench import databases
from bench.instances import ORGANISATIONS

NOW = datetime(2026, 1, 1, tzinfo=UTC)
CHUNK = 50_000
Columns = Mapping[str, Any]


def fill(place: databases.Place, problem: Problem) -> None:
    """Write the problem's listings with their ledger and its needs; places must be points."""
    bus = place.bus()
    engine, put = bus.database.engine, _copy if place.engine == databases.POSTGRESQL else _executemany
    with engine.execution_options(writes=True).begin() as connection:
        _rest(connection)
        connection.execute(insert(_table(Organisation)), _organisations())
        for model, columns in (*_listing_tables(problem), *_need_tables(problem)):
            put(connection, _table(model), columns)
    bus.database.dispose()
    databases.settle(place)


def _table(model: Any) -> Table:
    return cast(Table, model.__table__)


def _rest(connection: Connection) -> None:
    """No trigger fires, and only keys are kept in order."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SET LOCAL session_replication_role = replica"))
        names = (
            "SELECT indexname FROM pg_indexes WHERE schemaname = 'public' AND tablename IN ('asset','listing','need','claim') "
            "AND indexname LIKE 'ix%' AND indexname <> 'ix_claim_profile'"
        )
        for name in connection.scalars(text(names)).all():
            connection.execute(text(f"DROP INDEX {name}"))
        return
    names = "type = 'trigger' OR type = 'index' AND name LIKE 'ix%' AND name <> 'ix_claim_profile'"
    for kind, name in connection.execute(text(f"SELECT type, name FROM sqlite_master WHERE {names}")).all():
        connection.execute(text(f"DROP {kind} {name}"))


def _organisations() -> list[dict[str, Any]]:
    made = {"sector": "telecom", "kind": "company", "profile": "cn-default", "status": "active", "created_at": NOW, "version": 1}
    return [{"id": n, "ref": f"org{n:010d}", "name": f"Organisation {n}", **made} for n in range(1, ORGANISATIONS + 1)]


def _listing_tables(problem: Problem) -> Iterator[tuple[Any, Columns]]:
    rows, tables = problem.listings, problem.tables
    n, kinds = len(rows), np.array([k.name for k in problem.kinds])[rows.kind]
    where, geom = [f"{id_:012d}" for id_ in rows.id.tolist()], _wkb(rows.place)
    same = {"created_at": NOW, "version": 1, "region": "440000", "provenance": "derived", "kind": kinds}
    yield Asset, {
        "id": rows.id, "ref": [f"a{w}" for w in where], "name": where, "owner_id": rows.owner, "status": "operational",
        "geom": geom, "public_tier": "T2", "land_consent": "unknown", "host_consent": "unknown", "declared_crs": "EPSG:4326",
        "grade": "general", "attributes": _attributes(rows, tables), "assumed": "[]", **same,
    }  # fmt: skip
    yield Listing, {
        "id": rows.id, "ref": [f"l{w}" for w in where], "title": where, "asset_id": rows.id, "owner_id": rows.owner,
        "sector": "telecom", "geom": geom, "face_geom": geom, "status": "published", "offered": "{}",
        "window_start": _days(rows.start), "window_end": _days(rows.end), "price_minor": rows.price_minor,
        "currency": currency_name(int(rows.currency[0])), "tier": "T2", "face_tier": "T2", "mark_x": 0, "mark_y": 0, **same,
    }  # fmt: skip
    names, slots, cells = _cells(rows, tables)
    yield Capacity, {
        "asset_id": rows.id[cells // rows.total.shape[1]], "dimension": names[cells],
        "sort": np.where(slots[cells], "slots", "quantity"), "total_milli": rows.total.ravel()[cells], "version": 0,
    }  # fmt: skip
    cell = np.repeat(np.arange(n * rows.total.shape[1]), np.diff(rows.claim_ptr))
    yield Claim, {
        "id": np.arange(1, len(cell) + 1), "ref": [f"c{i:012d}" for i in range(len(cell))], "created_at": NOW,
        "asset_id": rows.id[cell // rows.total.shape[1]], "dimension": names[cell], "kind": "baseline", "state": "active",
        "slot": _or_none(rows.claim_slot, slots[cell]), "amount_milli": rows.claim_amount, "starts": _days(rows.claim_start),
        "ends": _days(rows.claim_end), "holder_type": "occupant", "holder_ref": "tenant",
    }  # fmt: skip


def _need_tables(problem: Problem) -> Iterator[tuple[Any, Columns]]:
    rows, tables = problem.needs, problem.tables
    geom, quantity = _wkb(rows.place), _quantity(rows, tables)
    made = {"created_at": NOW, "version": 1, "region": "440000"}
    yield NeedsList, {
        "id": [1], "ref": "n000000000001", "administration_id": 1, "name": "National", "opens_on": date(2026, 1, 1),
        "closes_on": date(2027, 1, 1), "status": "published", **made,
    }  # fmt: skip
    yield Need, {
        "id": rows.id, "ref": [f"n{id_:012d}" for id_ in rows.id.tolist()], "needs_list_id": 1, "title": "Need",
        "organisation_id": rows.organisation, "kind": np.array([k.name for k in problem.kinds])[rows.kind], "shape": "circle",
        "geom": geom, "face_geom": geom, "radius_m": rows.radius_mm / 1000, "requirements": _requirements(rows, tables),
        "quantity": quantity, "quantity_outstanding": quantity, "window_start": _days(rows.start), "window_end": _days(rows.end),
        "budget_minor": rows.budget_minor * quantity, "currency": currency_name(int(rows.currency[0])), "priority": "normal",
        "accepts_cobuild": False, "tier": "T2", "status": "published", "provenance": "derived", "declared_crs": "EPSG:4326",
        "assumed": "[]", **made,
    }  # fmt: skip


def _wkb(place: Places) -> list[bytes]:
    return list(shapely.to_wkb(shapely.points(place.lon, place.lat)))


def _days(ordinals: Any) -> list[date]:
    known = {day: date.fromordinal(day) for day in np.unique(ordinals).tolist()}
    return [known[day] for day in ordinals.tolist()]


def _or_none(values: Any, stated: Any) -> list[int | None]:
    return [value if is_stated else None for value, is_stated in zip(values.tolist(), stated.tolist(), strict=True)]


def _number(milli: int) -> str:
    return f"{milli / 1000:g}" if milli % 1000 else str(milli // 1000)


def _attributes(rows: Listings, tables: KindTables) -> list[str]:
    return [
        _json(tables.supply_names[kind], values) for kind, values in zip(rows.kind.tolist(), rows.values.tolist(), strict=True)
    ]


def _json(names: Sequence[str], values: Sequence[int]) -> str:
    stated = (f'"{name}": {_number(value)}' for name, value in zip(names, values, strict=False) if value != MISSING)
    return "{" + ", ".join(stated) + "}"


def _quantity(rows: Needs, tables: KindTables) -> Any:
    column = np.array([names.index(k.quantity) for k, names in zip(tables.kinds, tables.demand_names, strict=True)])
    return np.maximum(rows.values[np.arange(len(rows)), column[rows.kind]] // 1000, 1)


def _requirements(rows: Needs, tables: KindTables) -> list[str]:
    return [
        _json(tables.demand_names[kind], values) for kind, values in zip(rows.kind.tolist(), rows.values.tolist(), strict=True)
    ]


def _cells(rows: Listings, tables: KindTables) -> tuple[Any, Any, Any]:
    """By cell (listing × column) the dimension's name and whether it is numbered; and the cells that have a total."""
    wide = rows.total.shape[1]
    names = np.full((len(tables.kinds), wide), "", dtype="U40")
    slots = np.zeros((len(tables.kinds), wide), bool)
    for k, mine in enumerate(tables.capacity_names):
        names[k, : len(mine)], slots[k, : len(mine)] = mine, tables.slots(k)
    return names[rows.kind].ravel(), slots[rows.kind].ravel(), np.flatnonzero(rows.total.ravel() != MISSING)


def _length(columns: Columns) -> int:
    return max(len(c) for c in columns.values() if isinstance(c, list | np.ndarray))


def _executemany(connection: Connection, table: Table, columns: Columns) -> None:
    n = _length(columns)
    names = list(columns)
    places = ", ".join("?" * len(names))
    statement = f"INSERT INTO {table.name} ({', '.join(names)}) VALUES ({places})"
    cursor: Any = connection.connection.cursor()
    for begin in range(0, n, CHUNK):
        part = [_plain(columns[name], begin, min(begin + CHUNK, n)) for name in names]
        cursor.executemany(statement, list(zip(*part, strict=True)))


def _plain(column: Any, begin: int, end: int) -> list[Any]:
    if not isinstance(column, list | np.ndarray):
        column = [column] * (end - begin)
        begin, end = 0, len(column)
    part = column[begin:end].tolist() if isinstance(column, np.ndarray) else column[begin:end]
    if part and isinstance(part[0], datetime):
        return [value.replace(tzinfo=None).isoformat(" ", "microseconds") for value in part]
    return [value.isoformat() if isinstance(value, date) else value for value in part]


def _copy(connection: Connection, table: Table, columns: Columns) -> None:
    n = _length(columns)
    cursor: Any = connection.connection.cursor()
    with cursor.copy(f"COPY {table.name} ({', '.join(columns)}) FROM STDIN (FORMAT csv)") as copy:
        for begin in range(0, n, CHUNK):
            end = min(begin + CHUNK, n)
            copy.write(_csv({name: _arrow(column, begin, end) for name, column in columns.items()}))


def _arrow(column: Any, begin: int, end: int) -> Any:
    if not isinstance(column, list | np.ndarray):
        column = [column] * (end - begin)
        begin, end = 0, len(column)
    part = column[begin:end]
    if isinstance(part, list) and part and isinstance(part[0], bytes):
        return pa.array([value.hex() for value in part])
    return pa.array(part)


def _csv(columns: dict[str, Any]) -> bytes:
    out = io.BytesIO()
    pyarrow.csv.write_csv(pa.table(columns), out, pyarrow.csv.WriteOptions(include_header=False))
    return out.getvalue()
