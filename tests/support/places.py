"""Rows that tests of capacity stand on: organisations and assets, made without the pages that make them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import shapely
from sqlalchemy.orm import Session

from app.accounts.models import Organisation
from app.assets.models import Asset

MADE_AT = datetime(2026, 6, 1, tzinfo=UTC)


def organisation(session: Session, name: str, sector: str = "telecom", **more: Any) -> Organisation:
    row = Organisation(name=name, sector=sector, created_at=MADE_AT, **more)
    session.add(row)
    session.flush()
    return row


def asset(session: Session, owner: Organisation, kind: str = "tower", **more: Any) -> Asset:
    values: dict[str, Any] = {"name": "T-1", "geom": shapely.Point(114.05, 22.54), "region": "440300"} | more
    row = Asset(kind=kind, owner_id=owner.id, created_at=MADE_AT, **values)
    session.add(row)
    session.flush()
    return row
