"""The database restates every rule: rows that no use case would write are refused by both engines."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
import shapely
from sqlalchemy import insert
from sqlalchemy.exc import IntegrityError

from app.kernel.ids import new_ref
from app.needs.models import Need, NeedsList
from tests.support import places
from tests.support.asking import Region

WRONG: list[tuple[str, dict[str, Any]]] = [
    ("status", {"status": "lost"}),
    ("outcome", {"status": "left", "outcome": None}),
    ("outcome", {"status": "published", "outcome": "served"}),
    ("outcome_known", {"status": "left", "outcome": "forgotten"}),
    ("outcome_reason", {"status": "left", "outcome": "own_build"}),
    ("outcome_reason", {"status": "left", "outcome": "returned"}),
    ("merged_link", {"status": "left", "outcome": "merged"}),
    ("merged_link", {"merged_into_id": "self"}),
    ("merged_link", {"status": "left", "outcome": "served", "merged_into_id": "self"}),
    ("shape", {"shape": "blob"}),
    ("radius", {"radius_m": -1.0}),
    ("window", {"window_end": date(2027, 1, 1)}),
    ("quantity", {"quantity": 0, "quantity_outstanding": 0}),
    ("quantity", {"quantity_outstanding": 3}),
    ("quantity", {"quantity_outstanding": -1}),
    ("priority", {"priority": "urgent"}),
    ("tier", {"tier": "T3"}),
]


def row(region: Region, list_id: int, **more: Any) -> dict[str, Any]:
    return {
        "ref": new_ref(),
        "needs_list_id": list_id,
        "organisation_id": region.ids["carrier"],
        "kind": "tower",
        "region": "440304",
        "title": "A need",
        "shape": "circle",
        "geom": shapely.to_wkb(shapely.Point(114.05, 22.54)),
        "radius_m": 300.0,
        "requirements": {},
        "quantity": 2,
        "quantity_outstanding": 2,
        "window_start": date(2027, 1, 1),
        "window_end": date(2030, 1, 1),
        "created_at": places.MADE_AT,
        "version": 1,
        **more,
    }


def list_id(region: Region, session: Any) -> int:
    return int(session.query(NeedsList).filter_by(ref=region.list_ref).one().id)


def test_the_row_of_the_test_is_sound(region: Region) -> None:
    with region.bus.database.write() as session:
        session.execute(insert(Need), [row(region, list_id(region, session))])


@pytest.mark.parametrize(("name", "wrong"), WRONG, ids=[f"{name}-{place}" for place, (name, _) in enumerate(WRONG)])
def test_the_database_refuses(region: Region, name: str, wrong: dict[str, Any]) -> None:
    with region.bus.database.write() as session:
        number = list_id(region, session)
        other = session.scalars(insert(Need).returning(Need.id), [row(region, number)]).one()
    values = {key: other if value == "self" else value for key, value in wrong.items()}
    with pytest.raises(IntegrityError, match=f"ck_need_{name}"), region.bus.database.write() as session:
        session.execute(insert(Need), [row(region, number, **values)])


@pytest.mark.parametrize(("name", "wrong"), [("status", {"status": "lost"}), ("period", {"closes_on": date(2026, 6, 1)})])
def test_a_list_too(region: Region, name: str, wrong: dict[str, Any]) -> None:
    values = {
        "ref": new_ref(),
        "administration_id": region.ids["administration"],
        "region": "440000",
        "name": "A",
        "opens_on": date(2026, 6, 1),
        "closes_on": date(2026, 7, 1),
        "created_at": places.MADE_AT,
        **wrong,
    }
    with pytest.raises(IntegrityError, match=f"ck_needs_list_{name}"), region.bus.database.write() as session:
        session.execute(insert(NeedsList), [values])
