"""A needs list from its opening to its close, outcomes of its entries, bundles: over the API, on both databases."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import select

from app.audit.models import AuditRecord
from app.kernel.clock import FixedClock
from app.needs import serve
from app.needs.models import Need
from tests.support.asking import Region, asked, move, need_body, opened, pointers, published


def rounds(region: Region, ref: str, step: str, **body: Any) -> Any:
    address = f"/api/v1/needs-lists/{ref}"
    version = region.administration.get(address).headers["ETag"]
    return region.administration.post(f"{address}/{step}", json=body or None, headers={"If-Match": version})


def status(region: Region, ref: str) -> tuple[str, str | None]:
    seen = region.carrier.get(f"/api/v1/needs/{ref}").json
    return seen["status"], seen["outcome"]


def test_only_the_administration_of_the_region_opens_a_list(region: Region) -> None:
    body = {"region": "440300", "name": "Shenzhen", "opens_on": "2026-07-01", "closes_on": "2026-08-01"}
    for who in ("carrier", "grid", "regulator", "evaluator", "far"):
        assert getattr(region, who).post("/api/v1/needs-lists", json=body).status_code == 403, who
    assert region.administration.post("/api/v1/needs-lists", json=body).status_code == 201
    assert region.administration.post("/api/v1/needs-lists", json={**body, "region": "110000"}).status_code == 403
    late = region.administration.post("/api/v1/needs-lists", json={**body, "closes_on": "2026-07-01"})
    assert pointers(late) == {"/closes_on"}


def test_a_list_is_edited_by_version_while_it_collects(region: Region) -> None:
    address = f"/api/v1/needs-lists/{region.list_ref}"
    body = {"name": "Winter 2026", "opens_on": "2026-06-01", "closes_on": "2026-12-01"}
    assert region.administration.put(address, json=body).status_code == 428
    assert region.administration.put(address, json=body, headers={"If-Match": '"7"'}).status_code == 412
    assert region.administration.put(address, json=body, headers={"If-Match": '"1"'}).headers["ETag"] == '"2"'
    assert region.carrier.put(address, json=body, headers={"If-Match": '"2"'}).status_code == 403
    assert region.carrier.get(address).json["name"] == "Winter 2026"
    published(region)
    assert region.administration.put(address, json=body, headers={"If-Match": '"3"'}).json["code"] == "illegal_transition"


@pytest.mark.parametrize(
    ("now", "collects"),
    [
        (datetime(2026, 5, 31, 12, tzinfo=UTC), False),
        (datetime(2026, 6, 1, 12, tzinfo=UTC), True),
        (datetime(2026, 8, 31, 12, tzinfo=UTC), True),
        (datetime(2026, 9, 1, 12, tzinfo=UTC), False),
    ],
)
def test_entries_come_in_only_while_it_collects(region: Region, clock: FixedClock, now: datetime, collects: bool) -> None:
    draft = asked(region, submit=False)
    clock.instant = now
    assert region.carrier.get(f"/api/v1/needs-lists/{region.list_ref}").json["collecting"] is collects
    made = region.carrier.post("/api/v1/needs", json=need_body(region.list_ref))
    sent = move(region.carrier, draft, "submit")
    assert (made.status_code, sent.status_code) == ((201, 200) if collects else (409, 409))
    if not collects:
        assert made.json["code"] == sent.json["code"] == "round_not_collecting"


def test_publishing_takes_what_was_submitted(region: Region) -> None:
    entered, draft = asked(region), asked(region, submit=False)
    assert published(region) == 1
    assert (status(region, entered), status(region, draft)) == (("published", None), ("draft", None))
    assert move(region.carrier, draft, "submit").json["code"] == "round_not_collecting"
    assert rounds(region, region.list_ref, "publish").json["code"] == "illegal_transition"


def test_a_list_closes_when_every_entry_has_an_outcome(region: Region) -> None:
    first, second, draft = asked(region), asked(region, title="Another site"), asked(region, submit=False, title="Half an idea")
    assert rounds(region, region.list_ref, "close").json["code"] == "illegal_transition"
    published(region)
    refused = rounds(region, region.list_ref, "close")
    assert (refused.status_code, refused.json["code"]) == (409, "round_has_open_entries")
    assert "2" in refused.json["detail"]
    assert "Another site" in refused.json["detail"]
    assert "Half an idea" not in refused.json["detail"]  # a draft is its requester's own
    assert move(region.administration, first, "outcome", outcome="served").status_code == 200
    assert rounds(region, region.list_ref, "close").status_code == 409
    assert move(region.administration, second, "outcome", outcome="to_be_cobuilt").status_code == 200
    assert rounds(region, region.list_ref, "close").status_code == 200
    assert status(region, draft) == ("left", "withdrawn")
    assert region.carrier.get(f"/api/v1/needs-lists/{region.list_ref}").json["status"] == "closed"


@pytest.mark.parametrize("outcome", ["served", "partly_served", "returned", "to_be_cobuilt", "own_build"])
def test_the_administration_gives_outcomes(region: Region, outcome: str) -> None:
    ref = asked(region)
    assert move(region.carrier, ref, "outcome", outcome=outcome).status_code == 403
    if outcome in ("returned", "own_build"):
        assert move(region.administration, ref, "outcome", outcome=outcome).json["code"] == "outcome_reason_missing"
        assert move(region.administration, ref, "outcome", outcome=outcome, reason=" ").json["code"] == "outcome_reason_missing"
    assert move(region.administration, ref, "outcome", outcome=outcome, reason="No site within 5 km.").status_code == 200
    assert status(region, ref) == ("left", outcome)
    assert move(region.administration, ref, "outcome", outcome="served").json["code"] == "illegal_transition"


@pytest.mark.parametrize("outcome", ["merged", "carried_over", "withdrawn", "forgotten"])
def test_other_outcomes_have_their_own_step(region: Region, outcome: str) -> None:
    answer = move(region.administration, asked(region), "outcome", outcome=outcome)
    assert (answer.status_code, pointers(answer)) == (422, {"/outcome"})


def test_a_duplicate_is_merged_and_the_link_is_kept(region: Region) -> None:
    kept, copy = asked(region), asked(region, title="The same again")
    assert move(region.administration, copy, "merge", into=kept).status_code == 200
    seen = region.carrier.get(f"/api/v1/needs/{copy}").json
    assert (seen["outcome"], seen["merged_into"]) == ("merged", kept)
    for wrong in (kept, copy):
        assert move(region.administration, kept, "merge", into=wrong).json["code"] == "merge_target_unfit"
    other_list = asked(region, needs_list=opened(region, name="Another list"))
    assert move(region.administration, kept, "merge", into=other_list).json["code"] == "merge_target_unfit"


@pytest.mark.parametrize("who", ["administration", "carrier"])
def test_an_entry_is_carried_over_whole(region: Region, who: str) -> None:
    ref = asked(
        region,
        owner_ref="N-7",
        note="By the metro exit",
        tier="T1",
        priority="high",
        accepts_cobuild=True,
        latest_start="2028-01-01",
    )
    published(region)
    following = opened(region, name="Winter 2026")
    answer = move(getattr(region, who), ref, "carry-over", needs_list=following)
    assert answer.status_code == 201
    old, new = (region.carrier.get(f"/api/v1/needs/{r}").json for r in (ref, answer.json["id"]))
    assert (old["outcome"], new["carried_from"], new["status"], new["needs_list"]) == (
        "carried_over",
        ref,
        "submitted",
        following,
    )
    apart = {"id", "status", "outcome", "needs_list", "carried_from", "version", "created_at"}
    assert {k: v for k, v in old.items() if k not in apart} == {k: v for k, v in new.items() if k not in apart}
    assert move(region.administration, answer.json["id"], "carry-over", needs_list=following).json["code"] == "conflict"


def test_an_agreement_serves_a_need_in_part_and_then_in_whole(region: Region) -> None:
    ref = asked(region, requirements={"mounts": 3, "height_m": 20})
    published(region)
    with region.bus.database.read() as session:
        need_id = session.scalars(select(Need.id).where(Need.ref == ref)).one()
    for quantity, expected in ((1, ("published", 2)), (5, ("left", 0))):
        assert region.bus.execute(lambda work, q: serve(work, need_id, q), region.actors["administration"], quantity) == expected
    assert status(region, ref) == ("left", "served")


def test_needs_are_tied_and_loosened(region: Region) -> None:
    refs = [asked(region, title=f"Need {n}") for n in range(3)]
    other = asked(region, region.rival)
    assert region.carrier.post("/api/v1/bundles", json={"name": "Metro", "needs": [refs[0], other]}).status_code == 404
    assert region.carrier.post("/api/v1/bundles", json={"name": "Metro", "needs": [refs[0], refs[0]]}).status_code in (
        409,
        422,
        404,
    )
    made = region.carrier.post("/api/v1/bundles", json={"name": "Metro", "needs": refs[:2]})
    assert made.status_code == 201
    assert region.carrier.get(f"/api/v1/needs/{refs[0]}").json["bundle"] == made.json["id"]
    assert region.carrier.post("/api/v1/bundles", json={"name": "Twice", "needs": refs[1:]}).status_code == 409
    assert region.rival.delete(f"/api/v1/bundles/{made.json['id']}").status_code == 404
    assert region.carrier.delete(f"/api/v1/bundles/{made.json['id']}").status_code == 204
    assert region.carrier.get(f"/api/v1/needs/{refs[0]}").json["bundle"] is None


def test_every_step_is_on_record_once(region: Region) -> None:
    ref = asked(region, submit=False)
    move(region.carrier, ref, "submit")
    published(region)
    move(region.administration, ref, "outcome", outcome="own_build", reason="No site within 5 km.")
    with region.bus.database.read() as session:
        told = session.execute(select(AuditRecord.action, AuditRecord.after).order_by(AuditRecord.id)).all()
    assert [action for action, _ in told] == [
        "needs_list.opened",
        "need.created",
        "need.submitted",
        "needs_list.published",
        "need.own_build",
    ]
    assert told[-1].after["reason"] == "No site within 5 km."


def test_counts_of_a_list_hold_only_what_the_viewer_sees(region: Region) -> None:
    asked(region), asked(region, submit=False), asked(region, region.rival)
    counts = {
        who: getattr(region, who).get(f"/api/v1/needs-lists/{region.list_ref}").json["counts"].get("all", 0)
        for who in ("carrier", "rival", "administration", "regulator", "city")
    }
    assert counts == {"carrier": 2, "rival": 1, "administration": 2, "regulator": 0, "city": 0}
