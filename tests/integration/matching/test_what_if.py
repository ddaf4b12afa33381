"""What if the need were asked otherwise: the answer is what a need asked that way really gets, and nothing is stored; both engines."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import func, select

from app.audit.models import AuditRecord
from app.needs.models import Need
from tests.integration.matching.test_matching import matches
from tests.support.asking import HERE, Region, asked, listed, published

BASE: dict[str, Any] = {"requirements": {"mounts": 1, "height_m": 25, "load_kg": 120}, "budget_minor": 2_000_000, "radius_m": 500}
CHANGES: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {  # the question, and a need that is asked so
    "radius": ({"radius_m": 1500}, {"radius_m": 1500}),
    "smaller radius": ({"radius_m": 100}, {"radius_m": 100}),
    "height": ({"requirements": "height_m:15"}, {"requirements": {"mounts": 1, "height_m": 15, "load_kg": 120}}),
    "higher": ({"requirements": "height_m:34"}, {"requirements": {"mounts": 1, "height_m": 34, "load_kg": 120}}),
    "date": (
        {"window_start": "2028-02-01", "window_end": "2030-01-01"},
        {"window_start": "2028-02-01", "window_end": "2030-01-01"},
    ),
    "price": ({"budget_minor": 9_000_000}, {"budget_minor": 9_000_000}),
    "less": ({"budget_minor": 500_000}, {"budget_minor": 500_000}),
    "quantity": (
        {"requirements": "mounts:3", "budget_minor": 3_000_000},
        {"requirements": {"mounts": 3, "height_m": 25, "load_kg": 120}, "budget_minor": 3_000_000},
    ),
    "all": (
        {"radius_m": 2000, "budget_minor": 9_000_000, "requirements": "height_m:10,mounts:1", "window_start": "2028-02-01"},
        {
            "radius_m": 2000,
            "budget_minor": 9_000_000,
            "requirements": {"mounts": 1, "height_m": 10, "load_kg": 120},
            "window_start": "2028-02-01",
        },
    ),
}


def market(region: Region) -> None:
    for number, more in enumerate(
        (
            {},
            {"height": 20},
            {"price_minor": 5_000_000},
            {"window_start": "2028-01-01"},
            {"at": [HERE[0] + 0.008, HERE[1]]},
            {"at": [HERE[0] + 0.003, HERE[1]], "height": 33, "price_minor": 400_000},
        )
    ):
        listed(region, title=f"Tower {number}", **more)


def fitting(found: dict[str, Any]) -> set[str]:
    return {pair["listing"]["id"] for pair in found["results"]}


@pytest.mark.parametrize("change", CHANGES)
def test_the_answer_is_what_such_a_need_gets(region: Region, change: str) -> None:
    market(region)
    question, body = CHANGES[change]
    need, twin = asked(region, **BASE), asked(region, **{**BASE, **body})
    published(region)
    with region.bus.database.read() as session:
        rows = session.scalar(select(func.count(AuditRecord.id))), session.scalars(select(Need.version).order_by(Need.id)).all()
    answer = region.carrier.get(f"/api/v1/needs/{need}/what-if", query_string=question)
    assert answer.status_code == 200, answer.json
    before, after = fitting(matches(region.carrier, need)), fitting(matches(region.carrier, twin))
    found = answer.json
    assert (found["before"], found["after"]) == (len(before), len(after))
    assert {pair["listing"]["id"] for pair in found["gained"]} == after - before
    assert {pair["listing"]["id"] for pair in found["lost"]} == before - after
    assert (found["gained_count"], found["lost_count"]) == (len(after - before), len(before - after))
    assert all(pair["matches"] for pair in found["gained"])
    assert not any(pair["matches"] for pair in found["lost"])
    assert before != after
    with region.bus.database.read() as session:
        assert rows == (
            session.scalar(select(func.count(AuditRecord.id))),
            session.scalars(select(Need.version).order_by(Need.id)).all(),
        )


@pytest.mark.parametrize(
    ("question", "status"),
    [
        ({"radius_m": "nan"}, 422),
        ({"radius_m": 0}, 422),
        ({"radius_m": 1e9}, 422),
        ({"requirements": "wings:2"}, 422),
        ({"requirements": "height_m:tall"}, 422),
        ({"requirements": "mounts:0"}, 422),
        ({"window_end": "2026-01-01"}, 422),
        ({"budget_minor": -1}, 422),
    ],
)
def test_what_cannot_be_asked_is_refused(region: Region, question: dict[str, Any], status: int) -> None:
    listed(region)
    need = asked(region, **BASE)
    published(region)
    assert region.carrier.get(f"/api/v1/needs/{need}/what-if", query_string=question).status_code == status


def test_it_is_for_whoever_sees_the_needs_matches(region: Region) -> None:
    need = asked(region, **BASE)
    published(region)
    for client in (region.rival, region.far):
        assert client.get(f"/api/v1/needs/{need}/what-if").status_code == 404
        assert client.get(f"/needs/{need}/what-if").status_code == 404
    assert region.administration.get(f"/needs/{need}/what-if").status_code == 200


def test_the_page_reads_what_is_typed(region: Region) -> None:
    market(region)
    need = asked(region, **BASE)
    published(region)
    assert f"/needs/{need}/what-if" in region.carrier.get(f"/needs/{need}").text
    page = region.carrier.get(
        f"/needs/{need}/what-if?radius_m=500&budget=90,000&req.height_m=15&req.mounts=1&req.load_kg=120"
    ).text
    assert "Won by this change" in page
    assert "Tower 1" in page
    wrong = region.carrier.get(f"/needs/{need}/what-if?radius_m=far&req.height_m=")
    assert wrong.status_code == 200
    assert "Give a number." in wrong.text
