"""One spatial layer for PostGIS and SQLite (R*Tree + shapely functions under PostGIS names).

Feature code imports only `Geo`, `spatial_index`, `bbox`, `intersects`, `within_degrees`. Stored geometry is WGS-84 lon/lat.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from typing import Any

import shapely
from sqlalchemy import DDL, Boolean, Table, event, func, literal
from sqlalchemy.engine import Dialect
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql import visitors
from sqlalchemy.sql.elements import ColumnElement
from sqlalchemy.sql.functions import GenericFunction
from sqlalchemy.types import UserDefinedType

SRID = 4326


class Geo(UserDefinedType[Any]):
    """A geometry column: shapely geometry (or WKB bytes) in, shapely geometry out."""

    cache_ok = True

    def get_col_spec(self, **kw: Any) -> str:
        return f"geometry(GEOMETRY,{SRID})"

    def bind_expression(self, bindvalue: Any) -> Any:
        return func.ST_GeomFromWKB(bindvalue, SRID, type_=self)

    def column_expression(self, column: Any) -> Any:
        return func.ST_AsBinary(column, type_=self)

    def bind_processor(self, dialect: Dialect) -> Callable[[Any], bytes | None]:
        def process(value: Any) -> bytes | None:
            if value is None or isinstance(value, bytes):
                return value
            return bytes(shapely.to_wkb(value))

        return process

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], Any]:
        return lambda value: None if value is None else shapely.from_wkb(bytes(value))


class ST_AsBinary(GenericFunction[Any]):  # noqa: N801 - PostGIS's name; found as `func.ST_AsBinary`
    """A stored geometry as well-known binary, which on SQLite it is."""

    name = "ST_AsBinary"
    inherit_cache = True


@compiles(ST_AsBinary, "sqlite")
def _binary_on_sqlite(element: ST_AsBinary, compiler: Any, **kw: Any) -> str:
    (column,) = element.clauses
    return str(compiler.process(column, **kw))


@compiles(Geo, "sqlite")
def _geo_on_sqlite(element: Geo, compiler: Any, **kw: Any) -> str:
    return "BLOB"


class bbox(ColumnElement[bool]):  # noqa: N801 - reads as a predicate
    """True where the geometry's bounds meet the box west, south, east, north (degrees), or one of several such boxes; uses the
    spatial index."""

    inherit_cache = True
    type = Boolean()
    _is_implicitly_boolean = True
    _traverse_internals = [
        ("column", visitors.InternalTraversal.dp_clauseelement),
        ("box", visitors.InternalTraversal.dp_clauseelement_list),
    ]

    def __init__(self, column: Any, west: float, south: float, east: float, north: float, *others: float) -> None:
        """`others`: the sides of further boxes, one after another."""
        self.column = column.__clause_element__() if hasattr(column, "__clause_element__") else column
        self.box = [literal(float(value)) for value in (west, south, east, north, *others)]

    def self_group(self, against: Any = None) -> bbox:
        return self  # else SQLite gets "(...) = 1" and the R*Tree is not used

    def sides(self, compiler: Any, **kw: Any) -> list[tuple[str, ...]]:
        """West, south, east and north of each box, compiled."""
        values = [compiler.process(value, **kw) for value in self.box]
        return [tuple(values[place : place + 4]) for place in range(0, len(values), 4)]


@compiles(bbox, "postgresql")
def _bbox_on_postgresql(element: bbox, compiler: Any, **kw: Any) -> str:
    kw["within_columns_clause"] = False
    column = compiler.process(element.column, **kw)
    met = [f"{column} && ST_MakeEnvelope({', '.join(sides)}, {SRID})" for sides in element.sides(compiler)]
    return met[0] if len(met) == 1 else f"({' OR '.join(met)})"


@compiles(bbox, "sqlite")
def _bbox_on_sqlite(element: bbox, compiler: Any, **kw: Any) -> str:
    table = element.column.table
    key = compiler.process(table.c.id)
    base = getattr(table, "element", table).name
    met = [
        f"SELECT id FROM rtree_{base}_{element.column.name} "
        f"WHERE maxx >= {west} AND miny <= {north} AND minx <= {east} AND maxy >= {south}"
        for west, south, east, north in element.sides(compiler)
    ]
    return f"{key} IN ({' UNION '.join(met)})"


def intersects(column: Any, geometry: Any) -> ColumnElement[bool]:
    """True where the stored geometry intersects `geometry` (planar in degrees, after the index)."""
    exact: ColumnElement[bool] = func.ST_Intersects(column, literal(geometry, Geo()), type_=Boolean())
    return bbox(column, *shapely.bounds(geometry)) & exact


def index_statements(dialect: str, table: str, column: str) -> list[str]:
    """The DDL of a spatial index: GiST, or an R*Tree kept by triggers."""
    if dialect == "postgresql":
        return [f"CREATE INDEX ix_{table}_{column} ON {table} USING gist ({column})"]
    tree = f"rtree_{table}_{column}"

    def bounds(row: str) -> str:
        return f"{row}.id, " + ", ".join(f"ST_{f}({row}.{column})" for f in ("XMin", "XMax", "YMin", "YMax"))

    return [
        f"CREATE VIRTUAL TABLE {tree} USING rtree(id, minx, maxx, miny, maxy)",
        f"CREATE TRIGGER {tree}_insert AFTER INSERT ON {table} WHEN NEW.{column} IS NOT NULL "
        f"BEGIN INSERT OR REPLACE INTO {tree} VALUES ({bounds('NEW')}); END",
        f"CREATE TRIGGER {tree}_update AFTER UPDATE OF {column}, id ON {table} BEGIN DELETE FROM {tree} WHERE id = OLD.id; "
        f"INSERT INTO {tree} SELECT {bounds('NEW')} WHERE NEW.{column} IS NOT NULL; END",
        f"CREATE TRIGGER {tree}_delete AFTER DELETE ON {table} BEGIN DELETE FROM {tree} WHERE id = OLD.id; END",
    ]


def drop_statements(dialect: str, table: str, column: str) -> list[str]:
    """Undo `index_statements`."""
    if dialect == "postgresql":
        return [f"DROP INDEX ix_{table}_{column}"]
    tree = f"rtree_{table}_{column}"
    return [*(f"DROP TRIGGER IF EXISTS {tree}_{verb}" for verb in ("insert", "update", "delete")), f"DROP TABLE {tree}"]


SPATIAL: list[tuple[str, str]] = []  # (table, column): migrations rebuild what a batch rebuild drops


def spatial_index(table: Table, column: str) -> None:
    """Give a geometry column its index wherever its table is created."""
    SPATIAL.append((table.name, column))
    for dialect in ("postgresql", "sqlite"):
        for statement in index_statements(dialect, table.name, column):
            event.listen(table, "after_create", DDL(statement.replace("%", "%%")).execute_if(dialect=dialect))  # type: ignore[no-untyped-call]
    for statement in drop_statements("sqlite", table.name, column):
        event.listen(table, "before_drop", DDL(statement).execute_if(dialect="sqlite"))  # type: ignore[no-untyped-call]


def register_functions(connection: Any) -> None:
    """Register the PostGIS names that this layer uses on a SQLite connection."""

    def function(name: str, arity: int, body: Callable[..., Any]) -> None:
        connection.create_function(name, arity, body, deterministic=True)

    prepared: dict[bytes, Any] = {}

    def query_geometry(wkb: bytes) -> Any:
        found = prepared.get(wkb)
        if found is None:
            if len(prepared) > 64:
                prepared.clear()
            found = prepared[wkb] = shapely.from_wkb(wkb)
            shapely.prepare(found)
        return found

    def bound(place: int) -> Callable[[bytes | None], float | None]:
        def of(wkb: bytes | None) -> float | None:
            if wkb is None:
                return None
            if len(wkb) == 21 and wkb[0] == 1:  # a little-endian 2-D point: no need to build a geometry
                return float(struct.unpack_from("<2d", wkb, 5)[place % 2])
            return float(shapely.bounds(shapely.from_wkb(wkb))[place])

        return of

    function("ST_GeomFromWKB", 2, lambda wkb, srid: wkb)
    for place, name in enumerate(("XMin", "YMin", "XMax", "YMax")):
        function(f"ST_{name}", 1, bound(place))
    function("ST_Intersects", 2, lambda a, b: None if a is None else int(query_geometry(b).intersects(shapely.from_wkb(a))))
