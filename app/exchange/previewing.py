"""What the page of an import shows of its file before any of it is on the register: the first rows as they stand, and where the rows
lie on the map."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import shapely
from sqlalchemy import select

from app.catalogue.kinds import KINDS
from app.db.work import Reader
from app.exchange.models import ImportBatch, ImportRow
from app.exchange.reading.model import Cell, Source
from app.exchange.values import plain_number
from app.kernel.errors import fail
from app.kernel.permission import Subject as Facts

HEAD_ROWS = 8
MOST_MARKS = 1500  # more of them say no more, and make the page heavy
MOST_ASTRAY = 300
WORDS = 60


def written(cell: Cell, most: int = WORDS) -> str:
    """A cell as a person wrote it: workbooks keep every number as a fraction."""
    if cell is None:
        return ""
    return (plain_number(cell) if isinstance(cell, float) else str(cell))[:most]


def heads(source: Source, sheets: Sequence[str]) -> dict[str, list[dict[str, Any]]]:
    """The first rows of each sheet, with their numbers."""
    return {
        name: [{"row": row.number, "cells": [written(cell) for cell in row.cells]} for row in source.table(name).rows[:HEAD_ROWS]]
        for name in sheets
    }


def import_marks(reader: Reader, ref: str) -> list[dict[str, Any]]:
    """The rows of an import that wait to be brought in as marks of a map, those that are wrong and yet have a place among them."""
    batch = reader.session.scalar(select(ImportBatch).where(ImportBatch.ref == ref))
    if batch is None:
        raise fail("not_found")
    reader.permit("import.view", Facts(owner_id=batch.organisation_id, status=batch.status))
    rows = reader.session.execute(
        select(ImportRow.sheet, ImportRow.row, ImportRow.kind, ImportRow.data, ImportRow.wkb)
        .where(ImportRow.import_id == batch.id)
        .order_by(ImportRow.id)
        .limit(MOST_MARKS)
    )
    found = []
    for sheet, number, kind, data, wkb in rows:
        values = data.get("values", {})
        name = values.get("name") or values.get("title") or ""
        found.append({**_mark(sheet, number, shapely.from_wkb(wkb), name), "state": "fits", "hue": KINDS[kind].hue})
    for astray in batch.findings.get("astray", ()):
        place = shapely.Point(astray["lon"], astray["lat"])
        found.append({**_mark(astray["sheet"], astray["row"], place, ""), "state": "near"})
    return found


def _mark(sheet: str, row: int, place: Any, name: str) -> dict[str, Any]:
    at = place if place.geom_type == "Point" else place.representative_point()
    label = f"{name} · {sheet} {row}" if name else f"{sheet} {row}"
    mark = {"id": f"{sheet}:{row}", "lon": round(at.x, 6), "lat": round(at.y, 6), "label": label}
    return mark if place.geom_type == "Point" else {**mark, "geometry": shapely.geometry.mapping(shapely.simplify(place, 0.0001))}
