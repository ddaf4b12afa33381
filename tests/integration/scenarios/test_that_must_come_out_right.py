"""The scenarios that must come out right, each told from its first call to its last through the API. The four duct sections are
told in `matching/test_route_requests.py`, the tenants on the ladder in `test_ladder.py`."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from threading import Barrier, Thread
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app.db.work import Bus
from app.deadlines.models import Deadline
from app.kernel.clock import FixedClock
from tests.integration.main_job.test_tower_by_api import LISTING, NEED
from tests.integration.works.test_faces import WORKS
from tests.support import programs as by
from tests.support.programs import API, Program, Programs

AT_88 = {"attributes": {"structure": "monopole", "structure_height_m": 40, "utilisation_pct": 82}, "capacity": {"load_kg": 1000}}


@pytest.fixture
def programs(app: Flask, bus: Bus) -> Programs:
    return by.shenzhen(app, bus)


def listed(programs: Programs, **asset: Any) -> tuple[str, str]:
    """(listing, asset) of the power company's tower."""
    more = {**LISTING["asset"], **asset, "capacity": {**LISTING["asset"]["capacity"], **asset.get("capacity", {})}}
    made = programs.owner.send("/listings", {**LISTING, "asset": more}, status=201)
    return made["id"], made["asset"]["id"]


def asked(programs: Programs, *wanted: tuple[Program, dict[str, Any]], opens_on: str = "2026-06-01", **more: Any) -> list[str]:
    """A need of each on one list, published and matched."""
    round_ = by.open_round(programs, opens_on, f"{int(opens_on[:4]) + 1}{opens_on[4:]}")
    body = {**NEED, **more, "needs_list": round_.rpartition("/")[2]}
    needs = [who.send("/needs", {**body, "requirements": wants}, status=201)["id"] for who, wants in wanted]
    by.publish_round(programs, round_)
    by.match(programs)
    return needs


def requested(who: Program, need: str, listing: str) -> str:
    return (
        f"/access-requests/{who.send('/access-requests', {'need': need, 'listing': listing, 'submit': True}, status=201)['id']}"
    )


def load_of(programs: Programs, asset: str) -> dict[str, float]:
    """What takes the tower's load over the term, in kg."""
    found: dict[str, float] = {}
    for claim in programs.owner.get(f"/assets/{asset}/capacity")["claims"]:
        if claim["dimension"] == "load_kg":
            found[claim["kind"]] = found.get(claim["kind"], 0) + claim["amount"]
    return found


def test_load_race_on_a_tower_at_88_per_cent_including_6_reserved_two_requests_of_9(app: Flask, programs: Programs) -> None:
    """Both are accepted at the same instant: one is held (97 %), the other is refused with the reason and stays as it was."""
    listing, asset = listed(programs, **AT_88)
    reserve = {"kind": "reserve", "amounts": {"load_kg": 60}}
    programs.owner.send(f"/assets/{asset}/capacity/claims", reserve, status=201)
    assert load_of(programs, asset) == {"baseline": 820, "reserve": 60}
    wants = {"mounts": 1, "height_m": 20, "load_kg": 90}
    needs = asked(programs, (programs.requester, wants), (programs.rival, wants))
    paths = [requested(who, need, listing) for who, need in zip((programs.requester, programs.rival), needs, strict=True)]
    gate, answers = Barrier(2), dict.fromkeys(paths)

    def accept(path: str, client: FlaskClient) -> None:
        gate.wait()
        answers[path] = client.post(f"{API}{path}/accept", json={}, headers={"If-Match": '"1"'})  # type: ignore[assignment]

    threads = []
    for path in paths:
        client = app.test_client()
        client.environ_base.update(programs.owner.client.environ_base)
        threads.append(Thread(target=accept, args=(path, client)))
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    said: dict[int, tuple[str, Any]] = {answer.status_code: (path, answer.json) for path, answer in answers.items()}  # type: ignore[attr-defined]
    assert sorted(said) == [200, 409]
    assert (said[409][1]["code"], said[409][1]["detail"]) == (
        "structure_full",
        "The structure would carry 106 % of what it can: 97 % is taken by existing, reserved, held and pending loads, "
        "90 kg (9 %) is asked, 30 kg is free.",
    )
    assert load_of(programs, asset) == {"baseline": 820, "reserve": 60, "held": 90}
    assert [programs.owner.get(said[status][0])["status"] for status in (200, 409)] == ["accepted", "submitted"]


def test_38_m_wanted_on_a_220_kv_tower_whose_lowest_conductor_hangs_at_27_m(programs: Programs) -> None:
    """No match at 38 m; accepting it is refused; the counter-offer goes to the highest allowed, 27 m less the 3 m of 220 kV."""
    lattice = {"structure": "power_line", "structure_height_m": 48, "voltage_kv": 220, "lowest_conductor_m": 27}
    listing, _ = listed(programs, attributes=lattice)
    (need,) = asked(programs, (programs.requester, {"mounts": 2, "height_m": 38, "load_kg": 120}))
    found = programs.requester.get(f"/needs/{need}/matches")
    assert (found["feasible"], found["results"]) == (0, [])
    (near,) = found["alternates"]
    assert [r["detail"] for r in near["reasons"] if not r["passed"]] == [
        "Top of antenna allowed to 24 m only: 14 m short of 38 m."
    ]
    assert near["smallest_change"] == "Lower the antenna to 24 m."
    path = requested(programs.requester, need, listing)
    at_38 = programs.owner.send(f"{path}/accept", {}, version=1, status=422)
    assert (at_38["code"], [e["pointer"] for e in at_38["errors"]]) == ("beyond_limit", ["/terms/height_m"])
    above = programs.owner.send(f"{path}/counter", {"terms": {"height_m": 24.1}}, version=1, status=422)
    assert above["code"] == "beyond_limit"
    programs.owner.send(f"{path}/counter", {"terms": {"height_m": 24}}, version=1)
    assert programs.requester.get(path)["offers"][0]["terms"] == {"height_m": 24}
    agreement = by.drafted(programs, path)
    assert "Top of antenna at least: 24 m (asked: 38 m)." in programs.requester.get(agreement)["terms"]


@pytest.mark.parametrize(
    ("filed", "complete_on", "answer_on", "escalated_on"),
    [
        # Sunday 26 January 2025 is worked for the Spring Festival (28 January to 4 February); so is Saturday 8 February
        (date(2025, 1, 20), date(2025, 1, 26), date(2025, 2, 21), date(2025, 2, 26)),
        # 15 to 23 February 2026 are off, Saturdays 14 and 28 February are worked
        (date(2026, 1, 20), date(2026, 1, 27), date(2026, 2, 24), date(2026, 2, 27)),
    ],
)
def test_filed_on_20_january_before_the_spring_festival_and_the_owner_is_silent(
    programs: Programs, clock: FixedClock, filed: date, complete_on: date, answer_on: date, escalated_on: date
) -> None:
    """Completeness in real working days, deemed complete, escalated at one month; the administration may be asked to decide."""
    clock.instant = datetime(filed.year, filed.month, filed.day, 2, tzinfo=UTC)
    made = programs.owner.send("/listings", {**LISTING, "window_start": "2025-01-01"}, status=201)["id"]
    wants = {"mounts": 1, "height_m": 20, "load_kg": 60}
    (need,) = asked(programs, (programs.requester, wants), opens_on=filed.replace(day=1).isoformat())
    path = requested(programs.requester, need, made)

    def clocks() -> dict[str, Any]:
        return {one["rule"]: one for one in programs.requester.get(path)["clocks"]}

    checked = clocks()["request_completeness"]
    assert (checked["due_on"], checked["provisional"]) == (complete_on.isoformat(), False)
    assert any("Spring Festival" in step for step in checked["steps"]) is (filed.year == 2025)  # the one that is worked for it
    clock.instant = _end_of(complete_on) - timedelta(minutes=1)
    programs.work_off()
    assert programs.requester.get(path)["status"] == "submitted"
    clock.instant = _end_of(complete_on)
    programs.work_off()
    now = programs.requester.get(path)
    assert (now["status"], now["completeness"]) == ("complete", "deemed")
    running = clocks()
    assert running["request_answer"]["due_on"] == answer_on.isoformat()
    assert running["request_escalation"]["due_on"] == escalated_on.isoformat()
    assert any("Spring Festival" in step for step in running["request_answer"]["steps"])
    claim = {"claim": "The owner is silent."}
    version = programs.requester.version(path)
    assert programs.requester.send(f"{path}/dispute", claim, version=version, status=409)["code"] == "not_silent_yet"
    clock.instant = _end_of(escalated_on)
    programs.work_off()
    now = programs.requester.get(path)
    assert (now["status"], now["escalated_at"] is not None) == ("complete", True)
    assert clocks()["request_answer"]["status"] == "passed"
    programs.requester.send(f"{path}/dispute", claim, version=programs.requester.version(path))
    order = {"decision": "order", "reasons": "Nothing speaks against it.", "price_minor": 1_200_000}
    programs.administration.send(
        f"{path}/dispute/decision", order, version=programs.administration.version(path), **programs.administration.proof()
    )
    now = programs.requester.get(path)
    assert (now["status"], now["offers"][0]["origin"], now["offers"][0]["amounts"]["platform"]) == ("accepted", "order", 1)


def _end_of(day: date) -> datetime:
    """Midnight in Beijing at the end of the day."""
    return datetime(day.year, day.month, day.day, 16, tzinfo=UTC)


def test_a_safety_refusal_without_evidence_bounces(programs: Programs) -> None:
    listing, _ = listed(programs)
    (need,) = asked(programs, (programs.requester, {"mounts": 1, "height_m": 20, "load_kg": 60}))
    path = requested(programs.requester, need, listing)
    refusal: dict[str, Any] = {"ground": "safety", "reason": "It is dangerous."}
    before = programs.rows()
    bounced = programs.owner.send(f"{path}/refuse", refusal, version=1, status=422)
    assert bounced["code"] == "refusal_evidence_missing"
    assert "safety assessment" in bounced["detail"]
    assert programs.rows() == before
    assert programs.requester.get(path)["status"] == "submitted"
    theirs = by.attach(programs.requester, "access_request", path.rpartition("/")[2], "not-the-owners.txt", "evidence")
    foreign = {**refusal, "evidence": {"safety_assessment": theirs}}
    assert programs.owner.send(f"{path}/refuse", foreign, version=1, status=422)["code"] == "refusal_evidence_missing"
    assessment = by.attach(programs.owner, "access_request", path.rpartition("/")[2], "assessment.txt", "evidence")
    with programs.one_record("access.request_refused"):
        programs.owner.send(f"{path}/refuse", {**refusal, "evidence": {"safety_assessment": assessment}}, version=1)
    assert programs.requester.get(path)["refusal"]["ground"] == "safety"


def test_metro_works_published_70_days_before_the_permit_a_carrier_asks_at_day_50_with_one_month_required(
    programs: Programs, clock: FixedClock, bus: Bus
) -> None:
    """Late: the sponsor may take it, without a duty; the mandatory reservation stands, and nobody ends it; the earlier decliners
    are on record."""
    metro, carrier, rival = programs.owner, programs.requester, programs.rival
    permit = clock.now().date() + timedelta(days=70)
    duct = {"kind": "duct", "name": "West gallery", "from_m": 0, "to_m": 1400, "capacity": {"hole": 8}, "reserved": {"hole": 4}}
    room = {
        "kind": "room",
        "name": "Station",
        "from_m": 700,
        "to_m": 700,
        "capacity": {"power_kw": 40},
        "reserved": {"power_kw": 10},
    }
    body = {**WORKS, "kind": "subway", "name": "Line 14", "permit_on": permit.isoformat(), "elements": [duct, room]}
    ref = metro.send("/works", body, status=201)["id"]
    metro.send(f"/works/{ref}/announce", version=1)
    seen = carrier.get(f"/works/{ref}")
    assert (seen["works"]["join_until"], seen["lacks"]) == ("2026-08-09", [])  # a month before the permit on 9 September
    clock.advance(timedelta(days=20))
    rival.send(f"/works/{ref}/passes", {"why": "Our own duct runs beside it"}, status=201)
    clock.advance(timedelta(days=30))
    programs.work_off()
    late = carrier.send(f"/works/{ref}/joins", {"what": "Two holes", "elements": [1]}, status=201)
    assert late["status"] == "late"
    assert late["answer"] == (
        "Joining was possible until 9 Aug 2026; this asks on 20 Aug 2026. A request after the window is late: what is mandatory for "
        "communications stands all the same, and the sponsor may take the request or decline it with its reason, without a duty to "
        "answer."
    )
    own = metro.get(f"/works/{ref}")
    assert [(j["organisation"]["name"], j["status"], j["what"]) for j in own["joins"]] == [
        ("Rival Mobile", "passed", "Our own duct runs beside it"),
        ("Bay Mobile", "late", "Two holes"),
    ]
    with bus.database.read() as session:  # no clock runs against the sponsor
        assert session.scalars(select(Deadline.rule).where(Deadline.subject_type == "works_join")).all() == []
    version = metro.version(f"/works/{ref}")
    assert metro.send(f"/works/{ref}/joins/2/answer", {"accept": False}, version=version, status=422)["code"] == "invalid"
    metro.send(f"/works/{ref}/joins/2/answer", {"accept": False, "answer": "The gallery is poured"}, version=version)
    for element, dimension, amount in ((own["elements"][0], "hole", 4), (own["elements"][1], "power_kw", 10)):
        claims = metro.get(f"/assets/{element['asset']}/capacity")["claims"]
        assert sum(c["amount"] for c in claims if (c["kind"], c["dimension"]) == ("reserve", dimension)) == amount
        metro.send(f"/assets/{element['asset']}/capacity/claims/{claims[0]['id']}/end", status=404)
    assert programs.administration.get("/works-overseen?lacking=true")["count"] == 0
