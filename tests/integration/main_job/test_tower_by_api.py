"""The main job for a tower by tokens alone: registered, asked for, matched, requested, agreed, approved, committed. And what
must not work."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask

from app.db.work import Bus
from tests.support import programs as by
from tests.support.programs import Programs

TOWER: dict[str, Any] = {
    "kind": "tower",
    "name": "Shennan 12",
    "geometry": {"type": "Point", "coordinates": [114.0579, 22.5431]},
    "attributes": {"structure": "monopole", "structure_height_m": 40},
    "capacity": {"platform": 3, "load_kg": 500},
}
LISTING: dict[str, Any] = {
    "title": "Platforms on a monopole",
    "window_start": "2026-07-01",
    "window_end": "2036-07-01",
    "price_minor": 1_200_000,
    "tier": "T1",
    "publish": True,
    "asset": TOWER,
}
NEED: dict[str, Any] = {
    "kind": "tower",
    "title": "5G macro at Huaqiangbei",
    "shape": "circle",
    "geometry": {"type": "Point", "coordinates": [114.058, 22.543]},
    "radius_m": 800,
    "requirements": {"mounts": 2, "height_m": 30, "load_kg": 120},
    "window_start": "2027-01-01",
    "window_end": "2030-01-01",
    "budget_minor": 4_000_000,
    "alternative": {"description": "A monopole of our own", "cost_minor": 20_000_000, "days": 200},
    "submit": True,
}


@pytest.fixture
def programs(app: Flask, bus: Bus) -> Programs:
    return by.shenzhen(app, bus)


@pytest.fixture
def market(programs: Programs) -> tuple[str, str, str]:
    """(listing, need, rival's need), matched; one platform of three is the owner's reserve."""
    listing = programs.owner.send("/listings", LISTING, status=201)
    programs.owner.send(
        f"/assets/{listing['asset']['id']}/capacity/claims", {"kind": "reserve", "amounts": {"platform": 1}}, status=201
    )
    round_ = by.open_round(programs)
    asked = [
        who.send(
            "/needs",
            {**NEED, "needs_list": round_.rpartition("/")[2], "requirements": {**NEED["requirements"], "mounts": mounts}},
            status=201,
        )["id"]
        for who, mounts in ((programs.requester, 2), (programs.rival, 1))
    ]
    by.publish_round(programs, round_)
    by.match(programs)
    return listing["id"], asked[0], asked[1]


def requested(programs: Programs, need: str, listing: str) -> str:
    made = programs.requester.send("/access-requests", {"need": need, "listing": listing, "submit": True}, status=201)
    return f"/access-requests/{made['id']}"


def platforms(programs: Programs, listing: str) -> dict[str, Any]:
    asset = programs.owner.get(f"/listings/{listing}")["asset"]["id"]
    found: dict[str, Any] = next(
        d for d in programs.owner.get(f"/assets/{asset}/capacity")["dimensions"] if d["dimension"] == "platform"
    )
    return found


def submitted(programs: Programs, need: str, listing: str) -> tuple[str, str]:
    """(request, agreement) before the regulators."""
    request = requested(programs, need, listing)
    by.offered(programs, request)
    agreement = by.drafted(programs, request)
    by.sign_and_submit(programs, agreement)
    return request, agreement


def test_each_step_leaves_one_record_and_the_last_commits(programs: Programs) -> None:
    owner, requester = programs.owner, programs.requester
    with programs.one_record("listing.published"):
        listing = owner.send("/listings", LISTING, status=201)["id"]
    with programs.one_record("needs_list.opened"):
        round_ = by.open_round(programs)
    with programs.one_record("need.submitted"):
        need = requester.send("/needs", {**NEED, "needs_list": round_.rpartition("/")[2]}, status=201)["id"]
    with programs.one_record("needs_list.published"):
        by.publish_round(programs, round_)
    by.match(programs)
    found = requester.get(f"/needs/{need}/matches")
    assert (found["colour"], found["feasible"]) == ("yellow", 1), "approximate: the place is disclosed as a cell"
    best = found["results"][0]
    assert best["listing"]["id"] == listing
    assert {r["criterion"] for r in best["reasons"]} >= {"reach", "window", "price", "height", "mounts", "load"}
    assert all(r["passed"] and r["detail"] for r in best["reasons"])
    with programs.one_record("access.request_created"):
        request = f"/access-requests/{requester.send('/access-requests', {'need': need, 'listing': listing}, status=201)['id']}"
    with programs.one_record("access.request_submitted"):
        requester.send(f"{request}/submit", version=1)
    with programs.one_record("access.request_accepted"):
        by.offered(programs, request)
    with programs.one_record("agreement.drafted"):
        agreement = by.drafted(programs, request)
    for party in (owner, requester):
        seen = party.get(agreement)
        with programs.one_record("agreement.signed"):
            party.send(f"{agreement}/sign", {"content_hash": seen["content_hash"]}, version=seen["version"])
    with programs.one_record("agreements.submitted"):
        owner.send(f"{agreement}/submit", version=owner.version(agreement))
    assert platforms(programs, listing)["free_now"] == 3, "the term has not begun"
    for who in (programs.administration, programs.regulator):
        assert requester.get(agreement)["status"] == "submitted"
        waiting = who.get("/approvals")["results"]
        assert [(task["status"], task["mode"]) for task in waiting] == [("waiting", "decide")], waiting
        with programs.one_record("approval.proposed"):
            task = by.propose(who, agreement)
        assert who.colleague is not None
        with programs.one_record("approval.approved"):
            by.confirm(who.colleague, task)
    assert requester.get(agreement)["status"] == "in_force"
    asset = owner.get(f"/listings/{listing}")["asset"]["id"]
    claims = owner.get(f"/assets/{asset}/capacity")["claims"]
    assert {(c["dimension"], c["slot"], c["kind"], c["amount"]) for c in claims} == {
        ("platform", 1, "committed", 1),
        ("platform", 2, "committed", 1),
        ("load_kg", None, "committed", 120),
    }
    assert {c["holder"]["id"] for c in claims} == {agreement.rpartition("/")[2]}
    assert requester.get(f"/needs/{need}")["outcome"] == "served"


def test_the_last_place_is_given_once(programs: Programs, market: tuple[str, str, str]) -> None:
    """Three platforms, one reserved: after two are held, one more is refused, with the reason, though the asset has three."""
    listing, need, rival_need = market
    by.offered(programs, requested(programs, need, listing))
    second = programs.rival.send("/access-requests", {"need": rival_need, "listing": listing, "submit": True}, status=201)["id"]
    before = programs.rows()
    refused = programs.owner.send(f"/access-requests/{second}/accept", version=1, status=409)
    assert refused["code"] == "no_capacity"
    assert "only 0" in refused["detail"]
    in_chinese = programs.owner.answer(f"/access-requests/{second}/accept", version=1, status=409, Accept_Language="zh-CN")
    assert in_chinese.mimetype == "application/problem+json"
    assert in_chinese.json is not None
    assert "空闲" in in_chinese.json["detail"]
    assert programs.rows() == before
    assert programs.rival.get(f"/access-requests/{second}")["status"] == "submitted"


def test_a_key_replays_each_step_and_does_it_once(programs: Programs, market: tuple[str, str, str]) -> None:
    listing, need, _ = market
    body = {"need": need, "listing": listing, "submit": True}
    with programs.one_record("access.request_submitted"):
        answers = [programs.requester.answer("/access-requests", body, status=201, Idempotency_Key="one") for _ in range(2)]
    assert answers[0].json == answers[1].json
    assert answers[1].headers["Idempotency-Replayed"] == "true"
    assert answers[0].headers["Location"] == answers[1].headers["Location"]
    request = f"/access-requests/{answers[0].json['id']}"  # type: ignore[index]
    with programs.one_record("access.request_accepted"):
        moved = [programs.owner.send(f"{request}/accept", version=1, Idempotency_Key="two") for _ in range(2)]
    assert moved[0] == moved[1]
    other = programs.owner.send(f"{request}/accept", {"message": "another body"}, version=1, status=422, Idempotency_Key="two")
    assert other["code"] == "idempotency_mismatch"
    with programs.one_record("agreement.drafted"):
        made = [
            programs.requester.send(f"{request}/accept-offer", version=2, status=201, Idempotency_Key="three") for _ in range(2)
        ]
    assert made[0] == made[1]


def test_a_failed_call_keeps_its_key_free(programs: Programs, market: tuple[str, str, str]) -> None:
    listing, need, _ = market
    request = requested(programs, need, listing)
    programs.owner.send(f"{request}/accept", version=9, status=412, Idempotency_Key="again")
    programs.owner.send(f"{request}/accept", version=1, Idempotency_Key="again")


def test_every_move_names_the_version_it_saw(programs: Programs, market: tuple[str, str, str]) -> None:
    listing, need, _ = market
    request, agreement = submitted(programs, need, listing)
    task = programs.regulator.get("/approvals")["results"][0]
    signed = {"content_hash": task["content_hash"]}
    decision = by.seen(by.task_of(programs.regulator, agreement))
    moves: list[tuple[Any, str, dict[str, Any]]] = [
        (programs.owner, f"{request}/accept", {}),
        (programs.requester, f"{request}/withdraw", {}),
        (programs.requester, f"{request}/accept-offer", {}),
        (programs.owner, f"{agreement}/sign", signed),
        (programs.owner, f"{agreement}/submit", {}),
        (programs.owner, f"{agreement}/withdraw", {}),
        (programs.owner, f"/listings/{listing}/suspend", {}),
        (programs.requester, f"/needs/{need}/withdraw", {}),
        (programs.regulator, f"/approvals/{task['id']}/approve", decision),
    ]
    before = programs.rows()
    for who, path, body in moves:
        assert who.send(path, body, status=428)["code"] == "version_required", path
        assert who.send(path, body, version=99, status=412)["code"] == "stale_version", path
        refused = who.answer(path, body, version=99, status=412, Accept_Language="zh-CN")
        assert (refused.mimetype, refused.json["title"]) == (
            "application/problem+json",
            "您打开之后此内容已被他人修改。请刷新后重新修改。",
        ), path
    assert programs.rows() == before


def test_a_return_voids_the_other_task_and_frees_nothing_yet(programs: Programs, market: tuple[str, str, str]) -> None:
    listing, need, _ = market
    _, agreement = submitted(programs, need, listing)
    task = programs.administration.get("/approvals")["results"][0]
    empty = programs.regulator.get("/approvals")["results"][0]
    bounced = programs.regulator.send(
        f"/approvals/{empty['id']}/return",
        by.seen(by.task_of(programs.regulator, agreement)),
        version=empty["version"],
        status=422,
        **programs.regulator.proof(),
    )
    assert [e["pointer"] for e in bounced["errors"]] == ["/reasons"]
    proposed = by.propose(programs.regulator, agreement, "return", reasons="The drawing is missing.")
    assert programs.regulator.colleague is not None
    with programs.one_record("approval.returned"):
        by.confirm(programs.regulator.colleague, proposed)
    assert programs.owner.get(agreement)["status"] == "returned"
    late = programs.administration.get(f"/approvals/{task['id']}")
    assert late["status"] == "void"
    refused = programs.administration.send(f"/approvals/{task['id']}/approve", by.seen(late), version=late["version"], status=409)
    assert refused["code"] in ("illegal_transition", "version_changed")
    assert programs.administration.get("/approvals")["count"] == 0


def test_a_refusal_without_its_evidence_bounces(programs: Programs, market: tuple[str, str, str]) -> None:
    listing, need, _ = market
    request = requested(programs, need, listing)
    grounds: dict[str, Any] = {"ground": "technical_unsuitability", "reason": "It would fall."}
    before = programs.rows()
    bounced = programs.owner.send(f"{request}/refuse", grounds, version=1, status=422)
    assert bounced["code"] == "refusal_evidence_missing"
    assert "technical report" in bounced["detail"]
    nowhere = {**grounds, "evidence": {"technical_report": "0" * 13}}
    assert programs.owner.send(f"{request}/refuse", nowhere, version=1, status=422)["code"] == "refusal_evidence_missing"
    assert (
        programs.owner.send(f"{request}/refuse", {**grounds, "ground": "because"}, version=1, status=422)["code"]
        == "unknown_refusal_ground"
    )
    assert programs.rows() == before
    report = by.attach(programs.owner, "access_request", request.rpartition("/")[2], "report.txt", "evidence")
    with programs.one_record("access.request_refused"):
        programs.owner.send(f"{request}/refuse", {**grounds, "evidence": {"technical_report": report}}, version=1)
    assert programs.requester.get(request)["refusal"]["ground"] == "technical_unsuitability"


def test_others_are_outside(programs: Programs, market: tuple[str, str, str]) -> None:
    listing, need, _ = market
    request, agreement = submitted(programs, need, listing)
    for path in (request, agreement, f"{agreement}/versions", f"/needs/{need}", f"/needs/{need}/matches"):
        assert programs.rival.get(path, 404)["code"] == "not_found", path
    body = {"need": need, "listing": listing}
    hidden = programs.rival.send("/access-requests", body, status=404)
    assert hidden | {"request_id": 0} == programs.rival.send("/access-requests", {**body, "need": "0" * 13}, status=404) | {
        "request_id": 0
    }, "the need of another is as absent as one that never was"
    task = programs.regulator.get("/approvals")["results"][0]
    before = programs.rows()
    for who, status in (
        (programs.rival, 403),
        (programs.administration, 404),
    ):  # the one decides nothing at all, the other not this
        who.send(
            f"/approvals/{task['id']}/approve",
            by.seen(by.task_of(programs.regulator, agreement)),
            version=task["version"],
            status=status,
        )
    assert programs.rows() == before
