"""The counts of tiles that hold too many listings to be counted while somebody waits: counted by a job after a change, read by
tiles. A tile that is read meanwhile is as old as the last count, a minute at most."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, cast

from sqlalchemy import Table, bindparam, delete, func, insert, select

from app.db.work import Reader, UnitOfWork
from app.listings import WORLD, Listing
from app.maps.models import TileTally

WORLD_BITS = WORLD.bit_length() - 1
LEVELS = (15, 12, 9)  # cells of 1.2, 10 and 78 km at the equator
DEEPEST = 11  # zoom whose cells are those of the finest level: deeper tiles hold few enough to be counted at once
MANY = 20_000  # marks in a tile, or listings in all, before anything is counted beforehand
CHUNK = 20_000
Key = tuple[int, int, int, str, str]
Sums = tuple[int, int, int]


def level_for(zoom: int) -> int:
    """The coarsest level whose cells are no larger than those that a tile of this zoom counts in."""
    return next(level for level in reversed(LEVELS) if level >= zoom + 4)


def has_many(reader: Reader) -> bool:
    """Whether there are so many listings that counting beforehand pays. Ids are given in order: none is looked at."""
    return (reader.session.scalar(select(func.max(Listing.id))) or 0) > MANY


def counted(reader: Reader) -> dict[Key, Sums]:
    """Every open listing, by cell of each level."""
    shift = 1 << (WORLD_BITS - LEVELS[0])
    x, y = (Listing.mark_x // shift).label("x"), (Listing.mark_y // shift).label("y")
    rows = reader.session.execute(
        select(x, y, Listing.kind, Listing.sector, func.count(), func.sum(Listing.mark_x), func.sum(Listing.mark_y))
        .where(Listing.status == "published")
        .group_by(x, y, Listing.kind, Listing.sector)
    )
    found: dict[Key, Sums] = {}
    for cell_x, cell_y, kind, sector, count, sum_x, sum_y in rows:
        for level in LEVELS:
            fold = LEVELS[0] - level
            key = (level, int(cell_x) >> fold, int(cell_y) >> fold, kind, sector)
            was = found.get(key, (0, 0, 0))
            found[key] = (was[0] + int(count), was[1] + int(sum_x), was[2] + int(sum_y))
    return found


def known(reader: Reader) -> dict[Key, Sums]:
    t = TileTally
    rows = reader.session.execute(select(t.level, t.x, t.y, t.kind, t.sector, t.count, t.sum_x, t.sum_y))
    return {(r[0], r[1], r[2], r[3], r[4]): (r[5], r[6], r[7]) for r in rows}


def changed(reader: Reader) -> tuple[list[Key], dict[Key, Sums]]:
    """What is no longer so, and what is so instead."""
    then, now = known(reader), counted(reader)
    return [key for key, sums in then.items() if now.get(key) != sums], {k: s for k, s in now.items() if then.get(k) != s}


def store(work: UnitOfWork, difference: tuple[list[Key], dict[Key, Sums]]) -> int:
    """Write the difference: in one short transaction, whatever the count took. Returns how many cells changed."""
    gone, fresh = difference
    connection, t = work.session.connection(), TileTally
    table = cast(Table, t.__table__)
    if gone:
        names = ("level", "x", "y", "kind", "sector")
        where = [getattr(t, name) == bindparam(f"k_{name}") for name in names]
        rows = [dict(zip((f"k_{name}" for name in names), key, strict=True)) for key in gone]
        connection.execute(delete(table).where(*where), rows)
    for chunk in _chunks(fresh):
        connection.execute(insert(table), chunk)
    return len(gone) + len(fresh)


def _chunks(fresh: dict[Key, Sums]) -> Iterator[list[dict[str, Any]]]:
    rows = [
        {"level": k[0], "x": k[1], "y": k[2], "kind": k[3], "sector": k[4], "count": s[0], "sum_x": s[1], "sum_y": s[2]}
        for k, s in fresh.items()
    ]
    for start in range(0, len(rows), CHUNK):
        yield rows[start : start + CHUNK]


def tally_of(
    reader: Reader, zoom: int, x: int, y: int, grid: int, kind: str | None, sector: str | None
) -> list[tuple[str, int, int, int]] | None:
    """(kind, count, sum of x, sum of y) for each of the tile's `grid` × `grid` cells; None where nothing was counted yet."""
    if reader.session.scalar(select(TileTally.level).limit(1)) is None:
        return None
    level = level_for(zoom)
    side, t = 1 << (level - zoom), TileTally  # cells of the level along the tile
    fold = max(side // grid, 1)
    wanted = [t.level == level, t.x.between(x * side, (x + 1) * side - 1), t.y.between(y * side, (y + 1) * side - 1)]
    wanted += [t.kind == kind] if kind else []
    wanted += [t.sector == sector] if sector else []
    column, row = (t.x // fold).label("gx"), (t.y // fold).label("gy")
    rows = reader.session.execute(
        select(t.kind, func.sum(t.count), func.sum(t.sum_x), func.sum(t.sum_y))
        .where(*wanted)
        .group_by(t.kind, column, row)
        .order_by(t.kind, column, row)
    )
    return [(row[0], int(row[1]), int(row[2]), int(row[3])) for row in rows]
