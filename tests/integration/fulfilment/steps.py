"""Steps that several tests begin with: an agreement in force, installed, accepted; a second tenant."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import select

from app.access.answers import AcceptRequest, accept_request
from app.access.service import CreateRequest, create_request
from app.agreements.lines import LineInput
from app.agreements.models import Agreement
from app.agreements.service import AcceptOffer, EditAgreement, accept_offer, edit_agreement
from app.approvals.service import SubmitAgreement, submit_agreement
from app.fulfilment.building import AnswerInstallation, Install, answer_installation, install
from app.kernel.actor import Actor, Role
from app.listings import Listing
from app.needs import Need, NeedsList
from tests.integration.life.steps import act, drafted, sign_both
from tests.support import life, places
from tests.support.life import World

RENT = {"price_minor": 4_000_000, "site_minor": 600_000, "power_minor": 400_000, "shared": True}


def line(world: World, beneficiary: Actor, **more: Any) -> LineInput:
    values: dict[str, Any] = {
        "asset_ref": world.asset_ref,
        "supplier_ref": world.owner.organisation_ref,
        "beneficiary_ref": beneficiary.organisation_ref,
        "amounts": {"platform": 1, "load_kg": 50},
        "starts": date(2026, 7, 1),
        "ends": date(2030, 1, 1),
        "listing_ref": world.listing_ref,
        "index_percent": Decimal(0),
    }
    rent = RENT if "price_minor" not in more else {"shared": True}
    return LineInput(**(values | rent | more))


def approve(world: World, ref: str) -> None:
    for actor in (world.administration, world.power_regulator):
        act(world, actor, ref, "approve")


def into_force(world: World, ref: str) -> str:
    sign_both(world, ref)
    world.do(world.owner, submit_agreement, SubmitAgreement(ref))
    approve(world, ref)
    return ref


def in_force(world: World, **more: Any) -> str:
    ref = drafted(world)
    world.do(world.owner, edit_agreement, EditAgreement(ref, [line(world, world.requester, **more)]))
    return into_force(world, ref)


def installed(world: World, ref: str, actor: Actor | None = None, **more: Any) -> str:
    world.do(actor or world.requester, install, Install(ref, world.bus.today(), "Two AAU 5613 at 31 m", **more))
    return ref


def accepted(world: World, ref: str, actor: Actor | None = None) -> str:
    installed(world, ref, actor)
    world.do(world.owner, answer_installation, AnswerInstallation(ref, True))
    return ref


def another_tenant(world: World, name: str) -> tuple[World, str]:
    """A further carrier with a matched need on the same listing, and its agreement in force."""
    with world.bus.database.write() as session:
        carrier = places.organisation(session, name, "telecom")
        round_ = session.scalars(select(NeedsList)).one()
        entry = life.need(session, carrier.id, round_, quantity=1, quantity_outstanding=1, title=f"{name} at Huaqiangbei")
        listing = session.scalars(select(Listing).where(Listing.ref == world.listing_ref)).one()
        life.matched(session, entry, listing)
        theirs = replace(world, requester=life.person(session, carrier, Role.MANAGER), need_ref=entry.ref)
    request = theirs.do(theirs.requester, create_request, CreateRequest(theirs.need_ref, theirs.listing_ref, submit=True))
    with theirs.read() as session:
        asked = session.scalars(select(Need).where(Need.ref == theirs.need_ref)).one()
    assert asked.quantity == 1
    theirs.do(theirs.owner, accept_request, AcceptRequest(str(request), 1))
    ref = str(theirs.do(theirs.requester, accept_offer, AcceptOffer(str(request), 2)).ref)
    theirs.do(theirs.owner, edit_agreement, EditAgreement(ref, [line(theirs, theirs.requester)]))
    return theirs, into_force(theirs, ref)


def status(world: World, ref: str) -> str:
    return str(world.one(Agreement, ref).status)
