"""How much an asset has of each dimension. A total never goes below what is claimed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from app.catalogue.declaration import MILLI, Dimension, Sort
from app.catalogue.kinds import KINDS
from app.db.work import UnitOfWork
from app.kernel.quantity import to_milli
from app.kernel.timewindow import FAR, Window
from app.ledger.claiming import BEGINNING, dimension_of, kind_of, total_of, touch
from app.ledger.in_the_way import above_total, in_use
from app.ledger.models import Capacity
from app.ledger.queries import active, capacities, taken
from app.ledger.rules import peak_milli
from app.ledger.structure import lift, settle


def set_totals(work: UnitOfWork, asset_id: int, totals: Mapping[str, float]) -> None:
    """Set the totals named, in units of their dimension. Raises `capacity_in_use` naming the holders when claims need more."""
    kind = kind_of(work.session, asset_id)
    rows = capacities(work.session, asset_id, lock=True)
    lift(work, asset_id)
    for name, amount in totals.items():
        dimension = dimension_of(kind, name)
        total = total_of(dimension, to_milli(amount))
        row = rows.get(name)
        if row is None:
            work.session.add(Capacity(asset_id=asset_id, dimension=name, sort=dimension.sort.value, total_milli=total))
            continue
        _check_total(work.session, asset_id, dimension, total)
        row.total_milli = total
    work.session.flush()
    touch(work.session, {asset_id})
    settle(work, asset_id)


def bulk_totals(session: Session, rows: Iterable[tuple[int, str, Mapping[str, float | None]]]) -> int:
    """Set totals of many assets at once: (asset id, name of its kind, dimension → amount; None is left out). Returns how many.

    One Core statement for imports; lowering a total below its claims is refused by the constraint alone."""
    values = [
        {
            "asset_id": asset_id,
            "dimension": name,
            "sort": dimension.sort.value,
            "total_milli": total_of(dimension, to_milli(amount)),
            "version": 0,
        }
        for asset_id, kind, totals in rows
        for name, amount in totals.items()
        if amount is not None
        for dimension in (dimension_of(KINDS[kind], name),)
    ]
    if values:
        touch(session, {int(value["asset_id"]) for value in values})
        insert = (postgresql if session.get_bind().dialect.name == "postgresql" else sqlite).insert(Capacity)
        session.execute(
            insert.on_conflict_do_update(
                index_elements=["asset_id", "dimension"], set_={"total_milli": insert.excluded.total_milli}
            ),
            values,
        )
    return len(values)


def _check_total(session: Session, asset_id: int, dimension: Dimension, total_milli: int) -> None:
    claims = active(session, asset_id, dimensions=(dimension.name,))
    above = above_total(dimension, claims, total_milli)
    if not above:
        return
    if dimension.sort is Sort.SLOTS:
        taken_milli = max(claim.slot or 0 for claim in above) * MILLI
    else:
        taken_milli = peak_milli(taken(claims, dimension.name), Window(BEGINNING, FAR))
    raise in_use(dimension, total_milli, taken_milli, above)
