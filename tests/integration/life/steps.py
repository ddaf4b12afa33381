"""Steps of the life that several tests begin with."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import select

from app.access.answers import AcceptRequest, accept_request
from app.access.service import CreateRequest, create_request
from app.agreements.models import Agreement, AgreementVersion
from app.agreements.service import (
    AcceptOffer,
    SignAgreement,
    accept_offer,
    sign_agreement,
)
from app.approvals.deciding import Confirm, Decide, confirm, decide
from app.approvals.decisions import ConditionAsked
from app.approvals.models import Approval
from app.approvals.queries import task_detail
from app.approvals.service import SubmitAgreement, submit_agreement
from app.kernel.actor import Actor
from tests.support.life import World


def submitted(world: World) -> str:
    return str(world.do(world.requester, create_request, CreateRequest(world.need_ref, world.listing_ref, submit=True)))


def offered(world: World) -> str:
    ref = submitted(world)
    world.do(world.owner, accept_request, AcceptRequest(ref, 1))
    return ref


def drafted(world: World) -> str:
    return str(world.do(world.requester, accept_offer, AcceptOffer(offered(world), 2)).ref)


def hash_of(world: World, ref: str) -> str:
    with world.read() as session:
        agreement = session.scalars(select(Agreement).where(Agreement.ref == ref)).one()
        return session.scalars(
            select(AgreementVersion.content_hash).where(
                AgreementVersion.agreement_id == agreement.id, AgreementVersion.number == agreement.current_number
            )
        ).one()


def sign_both(world: World, ref: str) -> None:
    for actor in (world.owner, world.requester):
        world.do(actor, sign_agreement, SignAgreement(ref, hash_of(world, ref)))


def before_regulators(world: World) -> str:
    ref = drafted(world)
    sign_both(world, ref)
    world.do(world.owner, submit_agreement, SubmitAgreement(ref))
    return ref


def task_of(world: World, actor: Actor, ref: str) -> Approval:
    with world.read() as session:
        found = session.scalars(
            select(Approval)
            .join(Agreement, Agreement.id == Approval.agreement_id)
            .where(Agreement.ref == ref, Approval.regulator_id == actor.organisation_id)
            .order_by(Approval.id.desc())
        ).first()
    assert found is not None
    return found


def ledger_hash_of(world: World, actor: Actor, task_ref: str) -> str:
    return str(world.ask(actor, task_detail, task_ref).ledger_hash)


def propose(world: World, actor: Actor, ref: str, action: str, **words: Any) -> Approval:
    """The officer proposes (or notes); returns the task as it is then."""
    task = task_of(world, actor, ref)
    seen = ledger_hash_of(world, actor, task.ref)
    world.do(world.fresh(actor), decide, Decide(task.ref, action, task.content_hash, seen, task.version, **words))
    return task_of(world, actor, ref)


def act(world: World, actor: Actor, ref: str, action: str, **words: Any) -> None:
    """A whole decision: the officer proposes it, a colleague confirms."""
    task = propose(world, actor, ref, action, **words)
    if task.status == "proposed":
        seen = ledger_hash_of(world, actor, task.ref)
        world.do(world.fresh(world.second(actor)), confirm, Confirm(task.ref, task.content_hash, seen, task.version))


def condition(world: World, text: str = "Keep the access road open.", by: Actor | None = None) -> ConditionAsked:
    obliged = (by or world.owner).organisation_ref or ""
    return ConditionAsked(text, obliged, world.bus.today() + timedelta(days=30))
