"""Exports of assets as the actor sees them: marked with whose copy it is, and with the highest grade that they contain.

The mark stands in the file's name and metadata; a canary, in the last decimals of its coordinates, survives without them.
"""

from __future__ import annotations

import csv
import io
import json
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from sqlalchemy import or_, select

from app.assets.queries import AssetFilter, AssetRow, list_assets
from app.db.work import UnitOfWork
from app.disclosure import ExportMark, Grant, anchor, holds_now, marked
from app.kernel.errors import declare, fail
from app.kernel.event import Event
from app.kernel.permission import WRITERS

MOST = 10_000
ORDER = ("general", "important", "core")
COLUMNS = ("id", "kind", "name", "owner", "owner_ref", "status", "region", "lon", "lat", "tier_seen", "grade")
MEDIA = {"csv": "text/csv; charset=utf-8", "geojson": "application/geo+json"}
declare(
    "export_graded",
    HTTPStatus.FORBIDDEN,
    "This export would hold {grade} assets; a manager must make it.",
    "导出内容含{grade}级设施，须由管理人员导出。",
)


@dataclass(frozen=True, slots=True)
class Export:
    """`form`: csv or geojson."""

    wanted: AssetFilter
    form: str = "csv"


@dataclass(frozen=True, slots=True)
class Exported:
    mark: str
    grade: str
    filename: str
    media: str
    content: bytes


def export_assets(work: UnitOfWork, command: Export) -> Exported:
    """The assets that the actor sees exactly, as a file. It inherits the highest grade that it contains, in its name and in itself;
    above general a manager must make it. Whom it was made for is recorded, and every asset in it counts as seen."""
    work.permit("asset.export")
    if command.form not in MEDIA:
        raise fail("malformed")
    rows, count, _after, _before = list_assets(work, command.wanted, limit=MOST)
    if count > MOST:
        raise fail("malformed")
    grade = max((row.face.grade or "general" for row in rows), key=ORDER.index, default="general")
    if grade != "general" and not work.actor.roles & WRITERS and not work.actor.competences:
        raise fail("export_graded", grade=grade)
    mark = _mark(work, rows, grade)
    after = {"grade": grade, "assets": len(rows), "mark": mark.ref}
    work.emit(Event("export.made", "export", mark.ref, (mark.organisation_id,), after=after))
    write = _csv if command.form == "csv" else _geojson
    content = write(rows, mark, grade)
    return Exported(mark.ref, grade, f"assets-{grade}-{mark.ref}.{command.form}", MEDIA[command.form], content)


def _mark(work: UnitOfWork, rows: Sequence[AssetRow], grade: str) -> ExportMark:
    ids = [row.face.id for row in rows]
    held = select(Grant.ref).where(Grant.organisation_id.in_(work.actor.subtree), holds_now())
    owners = {row.face.owner_id for row in rows}
    grants = work.session.scalars(held.where(or_(Grant.asset_id.in_(ids), Grant.asset_id.is_(None) & Grant.owner_id.in_(owners))))
    mark = ExportMark(
        organisation_id=work.actor.organisation_id,
        person_id=work.actor.user_id,
        person_name=work.actor.name,
        grade=grade,
        made_at=work.now,
        secret=secrets.token_hex(16),
        assets=ids,
        grants=sorted(grants),
    )
    work.session.add(mark)
    work.session.flush()
    return mark


def _values(row: AssetRow, mark: ExportMark) -> dict[str, Any]:
    face = row.face
    lon, lat = marked(*anchor(face.geometry), mark.secret)
    return {
        "id": face.ref,
        "kind": face.kind,
        "name": face.name,
        "owner": row.owner.name,
        "owner_ref": face.owner_ref,
        "status": face.status,
        "region": face.region,
        "lon": lon,
        "lat": lat,
        "tier_seen": face.tier.name,
        "grade": face.grade,
    }


def _csv(rows: Sequence[AssetRow], mark: ExportMark, grade: str) -> bytes:
    """UTF-8 with a byte order mark; the mark and the grade of the whole stand in two more columns of each row."""
    out = io.StringIO()
    writer = csv.DictWriter(out, [*COLUMNS, "export_grade", "export_mark"])
    writer.writeheader()
    for row in rows:
        values = _values(row, mark) | {"export_grade": grade, "export_mark": mark.ref}
        writer.writerow({name: _cell(value) for name, value in values.items()})
    return out.getvalue().encode("utf-8-sig")


def _cell(value: Any) -> Any:
    """No cell becomes a formula; numbers stay numbers."""
    if isinstance(value, str) and value[:1] in "=+-@\t\r" and not value.lstrip("-").replace(".", "", 1).isdigit():
        return "'" + value
    return value


def _geojson(rows: Sequence[AssetRow], mark: ExportMark, grade: str) -> bytes:
    """Coordinates are written as text that is a number, so that no digit is lost."""
    features = []
    for row in rows:
        values = _values(row, mark)
        lon, lat = values.pop("lon"), values.pop("lat")
        place = f'{{"type":"Point","coordinates":[{lon},{lat}]}}'
        features.append(f'{{"type":"Feature","geometry":{place},"properties":{json.dumps(values, ensure_ascii=False)}}}')
    head = json.dumps({"mark": mark.ref, "grade": grade, "made_at": mark.made_at.isoformat()})
    return f'{{"type":"FeatureCollection","infrashare":{head},"features":[{",".join(features)}]}}'.encode()
