"""What the life refuses, to whom, and in which words."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import select

from app.access.answers import CounterRequest, RefuseRequest, counter_request, refuse_request
from app.access.models import AccessRequest
from app.access.queries import RequestFilter, list_requests, request_detail
from app.access.service import CreateRequest, MoveRequest, create_request, submit_request
from app.agreements.models import Agreement
from app.agreements.service import (
    SignAgreement,
    sign_agreement,
)
from app.approvals.deciding import Decide, decide
from app.approvals.models import Approval
from app.approvals.service import SubmitAgreement, submit_agreement
from app.attachments.models import Attachment
from app.kernel.actor import Role
from app.kernel.errors import DomainError
from tests.integration.life.steps import act, before_regulators, drafted, hash_of, sign_both, submitted, task_of
from tests.support import life, places
from tests.support.life import World

FULL = {"platform": 4000, "load_kg": 500_000, "wind_area_m2": 12_000, "power_kw": 20_000}
TAKEN = {**FULL, "platform": 2000, "load_kg": 380_000}


def test_who_does_not_decide_cannot_and_who_decides_does_not_merely_note(world: World) -> None:
    ref = before_regulators(world)
    with pytest.raises(DomainError) as caught:
        act(world, world.administration, ref, "note")
    assert caught.value.code == "deciding"
    with world.bus.database.write() as session:
        session.execute(
            Approval.__table__.update().where(Approval.regulator_id == world.administration.organisation_id).values(mode="file")
        )
    with pytest.raises(DomainError) as caught:
        act(world, world.administration, ref, "approve")
    assert caught.value.code == "not_deciding"
    act(world, world.power_regulator, ref, "approve")
    assert world.one(Agreement, ref).status == "in_force"
    act(world, world.administration, ref, "note")


def test_without_a_competent_regulator_nothing_is_submitted(world: World) -> None:
    with world.bus.database.write() as session:
        for grant in session.scalars(
            select(life.CompetenceGrant).where(life.CompetenceGrant.organisation_id == world.power_regulator.organisation_id)
        ):
            session.delete(grant)
    ref = drafted(world)
    sign_both(world, ref)
    with pytest.raises(DomainError) as caught:
        world.do(world.owner, submit_agreement, SubmitAgreement(ref))
    assert caught.value.code == "no_competent_regulator"
    assert world.one(Agreement, ref).status == "signed"


def test_a_refusal_needs_a_ground_of_the_list_its_evidence_and_words(world: World) -> None:
    ref = submitted(world)

    def refuse(ground: str, reason: str = "It would fall.", **evidence: str) -> str:
        with pytest.raises(DomainError) as caught:
            world.do(world.owner, refuse_request, RefuseRequest(ref, ground, reason, evidence, 1))
        return caught.value.code

    assert refuse("because") == "unknown_refusal_ground"
    assert refuse("safety") == "refusal_evidence_missing"
    assert refuse("safety", safety_assessment="nosuchattachm") == "refusal_evidence_missing"
    with world.bus.database.write() as session:
        document = Attachment(
            subject_type="access_request",
            subject_ref=ref,
            organisation_id=world.owner.organisation_id,
            uploaded_by=None,
            purpose="evidence",
            filename="a.pdf",
            media_type="application/pdf",
            size_bytes=3,
            sha256="0" * 64,
            created_at=places.MADE_AT,
        )
        session.add(document)
    assert refuse("safety", " ", safety_assessment=document.ref) == "reason_missing"
    world.do(world.owner, refuse_request, RefuseRequest(ref, "safety", "It would fall.", {"safety_assessment": document.ref}, 1))
    assert world.one(AccessRequest, ref).status == "refused"


def test_what_is_not_open_cannot_be_asked_for(world: World) -> None:
    def ask(**more: object) -> str:
        with pytest.raises(DomainError) as caught:
            world.do(world.requester, create_request, CreateRequest(world.need_ref, world.listing_ref, **more))  # type: ignore[arg-type]
        return caught.value.code

    assert ask(quantity=3) == "invalid"
    assert ask(window_end=date(2040, 1, 1)) == "outside_window"
    assert ask(window_end=date(2026, 1, 1)) == "invalid"
    world.do(world.requester, create_request, CreateRequest(world.need_ref, world.listing_ref))
    assert ask() == "request_open"


def test_more_than_the_listing_opens_is_not_offered(world: World) -> None:
    ref = submitted(world)
    with pytest.raises(DomainError) as caught:
        world.do(world.owner, counter_request, CounterRequest(ref, 1, {"platform": 4}, 1))
    assert caught.value.code == "no_capacity"
    assert world.one(AccessRequest, ref).status == "submitted"


def test_a_draft_is_its_requesters_own(world: World) -> None:
    ref = world.do(world.requester, create_request, CreateRequest(world.need_ref, world.listing_ref))
    for actor in (world.owner, world.administration, world.stranger):
        with pytest.raises(DomainError) as caught:
            world.ask(actor, request_detail, ref)
        assert caught.value.code == "not_found"
        assert world.ask(actor, list_requests, RequestFilter()).count == 0
    world.do(world.requester, submit_request, MoveRequest(ref, 1))
    assert world.ask(world.administration, request_detail, ref).status == "submitted"
    assert world.ask(world.owner, list_requests, RequestFilter(side="owner", status="open")).count == 1
    with pytest.raises(DomainError) as caught:
        world.ask(world.stranger, request_detail, ref)
    assert caught.value.code == "not_found"


def test_editors_and_others_cannot_sign_or_decide(world: World) -> None:
    from dataclasses import replace

    ref = drafted(world)
    editor = replace(world.owner, roles=frozenset({Role.EDITOR}))
    cases = [(editor, "forbidden"), (world.stranger, "not_found"), (world.administration, "not_found")]
    for actor, code in cases:
        with pytest.raises(DomainError) as caught:
            world.do(actor, sign_agreement, SignAgreement(ref, hash_of(world, ref)))
        assert caught.value.code == code
    sign_both(world, ref)
    with pytest.raises(DomainError) as caught:
        world.do(world.owner, sign_agreement, SignAgreement(ref, hash_of(world, ref)))
    assert caught.value.code == "illegal_transition"
    world.do(world.owner, submit_agreement, SubmitAgreement(ref))
    task = task_of(world, world.administration, ref)
    viewer = replace(world.administration, roles=frozenset({Role.VIEWER}))
    for actor, code in [(viewer, "forbidden"), (world.power_regulator, "not_found"), (world.owner, "not_found")]:
        with pytest.raises(DomainError) as caught:
            world.do(actor, decide, Decide(task.ref, "approve", task.content_hash, task.ledger_hash, task.version))
        assert caught.value.code == code
