"""Use cases of the two parties: draft from an accepted offer, change, sign, withdraw. What regulators cause is in moves.py."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from app.access import AccessRequest, Offer, agree, check_allowed, stated_terms
from app.access import holder_of as holder_of_request
from app.accounts import names
from app.agreements.content import content_hash
from app.agreements.lines import HOLDER, LineInput, Placed, hold_lines, line_content, place, rows_of
from app.agreements.models import Agreement, AgreementVersion, Signature
from app.agreements.rules import AGREEMENT, Line
from app.assets import Asset
from app.catalogue.kinds import KINDS
from app.catalogue.profiles import get_profile
from app.catalogue.tiers import Tier
from app.db.work import UnitOfWork
from app.disclosure import grant, revoke
from app.kernel.errors import fail
from app.kernel.event import Event
from app.kernel.ids import new_ref
from app.kernel.money import Money
from app.kernel.permission import Subject
from app.kernel.timewindow import Window
from app.kernel.version import check_version
from app.ledger import Holder, convert, release
from app.listings import Listing
from app.needs import Need


@dataclass(frozen=True, slots=True)
class AcceptOffer:
    """`request_ref`: whose open offer is taken. `seen_version`: of the request."""

    request_ref: str
    seen_version: int | None = None


@dataclass(frozen=True, slots=True)
class EditAgreement:
    """A new version with these lines and terms. `reason`: why it changed, for the other party."""

    ref: str
    lines: Sequence[LineInput]
    terms: str = ""
    reason: str | None = None
    seen_version: int | None = None


@dataclass(frozen=True, slots=True)
class SignAgreement:
    """`content_hash`: of the version that was read and is signed."""

    ref: str
    content_hash: str
    seen_version: int | None = None


@dataclass(frozen=True, slots=True)
class MoveAgreement:
    ref: str
    seen_version: int | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Drafted:
    """A new agreement."""

    ref: str
    version: int


def holder_of(agreement: Agreement) -> Holder:
    return Holder(HOLDER, agreement.ref)


def subject_of(agreement: Agreement) -> Subject:
    """Regulators see an agreement that is or was before them."""
    return Subject(
        owner_id=agreement.owner_id,
        requester_id=agreement.requester_id,
        regulator_ids=frozenset(agreement.regulator_ids),
        region=agreement.region,
        status=agreement.status,
    )


def load(work: UnitOfWork, ref: str, policy: str, seen_version: int | None = None) -> Agreement:
    """The agreement, locked, if the actor may do `policy` to it in the version it saw."""
    agreement = work.session.scalar(select(Agreement).where(Agreement.ref == ref).with_for_update())
    if agreement is None:
        raise fail("not_found")
    work.permit(policy, subject_of(agreement))
    check_version(seen_version, agreement.version)
    return agreement


def current(work: UnitOfWork, agreement: Agreement) -> AgreementVersion:
    return work.session.scalars(
        select(AgreementVersion).where(
            AgreementVersion.agreement_id == agreement.id, AgreementVersion.number == agreement.current_number
        )
    ).one()


def accept_offer(work: UnitOfWork, command: AcceptOffer) -> Drafted:
    """Take the open offer and draft the agreement from it: the draft inherits the hold and its expiry.

    Who may: managers of the requester. Raises `no_open_offer`, `hold_lapsed`."""
    request, offer = agree(work, command.request_ref, command.seen_version)
    return draft_from(work, request, offer)


def draft_from(work: UnitOfWork, request: AccessRequest, offer: Offer) -> Drafted:
    """The agreement on an offer that was taken: the draft inherits its hold. Tells of it."""
    need = work.session.get_one(Need, request.need_id)
    agreement = Agreement(
        request_id=request.id,
        need_id=need.id,
        owner_id=request.owner_id,
        requester_id=request.requester_id,
        title=need.title,
        region=request.region,
        profile=request.profile,
        status=AGREEMENT.initial,
        held_until=offer.expires_at,
        created_at=work.now,
    )
    work.session.add(agreement)
    work.session.flush()
    convert(work, holder_of_request(request), "held", holder_of(agreement), offer.expires_at)
    placed = _from_offer(work, request, offer)
    for one in placed:
        grant(work, one.asset.id, one.line.beneficiary_id, Tier.T3, agreement.title[:200], offer.expires_at, agreement.ref)
    revoke(work, request.ref)
    version = write_version(work, agreement, placed, _terms_of(work, request, offer), None)
    work.emit(
        event_of(
            agreement,
            "agreement.drafted",
            {},
            {
                "status": agreement.status,
                "request": request.ref,
                "request_status": request.status,
                "offer": offer.number,
                "number": version.number,
                "content_hash": version.content_hash,
            },
        )
    )
    return Drafted(agreement.ref, agreement.version)


def _terms_of(work: UnitOfWork, request: AccessRequest, offer: Offer) -> str:
    """What the offer says in words: what it offers otherwise than asked, what is paid once, and the owner's message."""
    kind = KINDS[work.session.get_one(Listing, request.listing_id).kind]
    otherwise = stated_terms(kind, offer.terms, request.asked)
    once = [
        f"{item['label']}: {Money(item['amount_minor'], offer.currency).amount} {offer.currency} (once 一次性)"
        for item in offer.once_items
    ]
    return "\n".join(part for part in (otherwise.en, otherwise.zh, *once, offer.message or "") if part)


def _from_offer(work: UnitOfWork, request: AccessRequest, offer: Offer) -> list[Placed]:
    placed = []
    for number, given in enumerate(offer.lines, start=1):
        asset, listing = work.session.get_one(Asset, given["asset_id"]), work.session.get_one(Listing, given["listing_id"])
        line = Line(
            number,
            asset.ref,
            request.owner_id,
            request.requester_id,
            "lease",
            dict(given["amounts"]),
            Window(offer.window_start, offer.window_end),
            offer.price_minor if number == 1 else 0,
            offer.currency,
            None,
            listing.ref,
            dict(given["slots"]),
        )
        placed.append(Placed(line, asset, listing, dict(given["slots"])))
    return placed


def edit_agreement(work: UnitOfWork, command: EditAgreement) -> int:
    """Make a new version; signatures on the old one no longer count. Its capacity is held instead of the old one's. Returns
    the new row version.

    Who may: drafters of either party. Raises `lines_unsound`, `no_capacity`, `beyond_limit`."""
    agreement = load(work, command.ref, "agreement.edit", command.seen_version)
    before, after = agreement.status, AGREEMENT.move(agreement.status, "edit")
    voided = len(signatures(work, current(work, agreement)))
    placed = place(work, agreement, command.lines)
    for one in placed:
        if one.line.beneficiary_id == agreement.requester_id:
            check_allowed(work, agreement.request_id, one.asset, one.line.amounts)
    expires_at = _expiry(work, agreement)
    placed = hold_lines(work, agreement, placed, expires_at)
    agreement.status, agreement.held_until, agreement.current_number = after, expires_at, agreement.current_number + 1
    version = write_version(work, agreement, placed, command.terms, command.reason)
    touch(work, agreement)
    work.emit(
        event_of(
            agreement,
            "agreement.changed",
            {"status": before, "number": version.number - 1},
            {
                "status": after,
                "number": version.number,
                "content_hash": version.content_hash,
                "signatures_voided": voided,
                "reason": command.reason,
            },
        )
    )
    return agreement.version


def _expiry(work: UnitOfWork, agreement: Agreement) -> datetime:
    """A draft lives for the offer's time; one whose time ran out begins a new one."""
    if agreement.held_until is not None and agreement.held_until > work.database_now:
        return agreement.held_until
    return hold_end(work, agreement)


def hold_end(work: UnitOfWork, agreement: Agreement) -> datetime:
    return work.database_now + timedelta(days=get_profile(agreement.profile).offer_hold_days)


def sign_agreement(work: UnitOfWork, command: SignAgreement) -> int:
    """Sign the version that was read. Who may: managers of either party, once each. Returns the new row version.

    Raises `version_changed`, `already_signed`."""
    agreement = load(work, command.ref, "agreement.sign", command.seen_version)
    before, version = agreement.status, current(work, agreement)
    AGREEMENT.move(agreement.status, "sign")
    if command.content_hash != version.content_hash:
        raise fail("version_changed")
    party = own_party(work, agreement)
    signed = {signature.organisation_id for signature in signatures(work, version)}
    if party in signed:
        raise fail("already_signed")
    work.session.add(
        Signature(
            version_id=version.id,
            organisation_id=party,
            user_id=work.actor.user_id,
            agent_id=work.actor.agent_id,
            content_hash=version.content_hash,
            signed_at=work.now,
        )
    )
    both = signed | {party} == {agreement.owner_id, agreement.requester_id}
    agreement.status = AGREEMENT.move(agreement.status, "complete" if both else "sign")
    touch(work, agreement)
    work.emit(
        event_of(
            agreement,
            "agreement.signed",
            {"status": before},
            {
                "status": agreement.status,
                "number": version.number,
                "content_hash": version.content_hash,
                "party": party,
            },
        )
    )
    return agreement.version


def withdraw_agreement(work: UnitOfWork, command: MoveAgreement) -> int:
    """Give the agreement up, also while it is before the regulators; its capacity is free again. Returns the new row version."""
    agreement = load(work, command.ref, "agreement.withdraw", command.seen_version)
    before, regulators = agreement.status, agreement.regulator_ids
    agreement.status = AGREEMENT.move(agreement.status, "withdraw")
    let_go(work, agreement)
    touch(work, agreement)
    after = {"status": agreement.status, "reason": command.reason}
    told = regulators if before == "submitted" else ()  # what lay before them is gone
    work.emit(event_of(agreement, "agreement.withdrawn", {"status": before}, after, told))
    return agreement.version


def let_go(work: UnitOfWork, agreement: Agreement) -> None:
    """Release the agreement's capacity and the sight of its assets."""
    release(work, holder_of(agreement))
    revoke(work, agreement.ref)
    agreement.held_until = None


def own_party(work: UnitOfWork, agreement: Agreement) -> int:
    """The party that the actor acts for; the one acted for when both lie in its tree."""
    parties = [p for p in (agreement.owner_id, agreement.requester_id) if p in work.actor.subtree]
    if work.actor.organisation_id in parties:
        return int(work.actor.organisation_id or 0)
    return parties[0]


def signatures(work: UnitOfWork, version: AgreementVersion) -> list[Signature]:
    return list(work.session.scalars(select(Signature).where(Signature.version_id == version.id).order_by(Signature.id)))


def write_version(
    work: UnitOfWork, agreement: Agreement, placed: Sequence[Placed], terms: str, reason: str | None
) -> AgreementVersion:
    """Write the agreement's current number as an immutable version with its lines."""
    content = _content(work, agreement, placed, terms)
    version = AgreementVersion(
        agreement_id=agreement.id,
        number=agreement.current_number,
        content=content,
        content_hash=content_hash(content),
        reason=reason,
        created_by=work.actor.user_id,
        created_at=work.now,
    )
    work.session.add(version)
    work.session.flush()
    work.session.add_all(rows_of(placed, version.id))
    work.session.flush()
    return version


def _content(work: UnitOfWork, agreement: Agreement, placed: Sequence[Placed], terms: str) -> dict[str, Any]:
    known = names(work.session, {agreement.owner_id, agreement.requester_id})
    refs: Mapping[int, Mapping[str, str]] = {
        id_: {"id": name.ref, "name": name.name, "name_zh": name.name_zh or name.name} for id_, name in known.items()
    }
    request, need = work.session.get_one(AccessRequest, agreement.request_id), work.session.get_one(Need, agreement.need_id)
    amends = {"amends": work.session.get_one(Agreement, agreement.amends_id).ref} if agreement.amends_id is not None else {}
    return amends | {
        "agreement": agreement.ref,
        "number": agreement.current_number,
        "title": agreement.title,
        "profile": agreement.profile,
        "region": agreement.region,
        "request": request.ref,
        "need": {"id": need.ref, "title": need.title},
        "purpose": request.purpose or "",
        "owner": dict(refs[agreement.owner_id]),
        "requester": dict(refs[agreement.requester_id]),
        "terms": terms,
        "salt": new_ref(),
        "lines": [line_content(one, refs) for one in placed],
    }


def touch(work: UnitOfWork, agreement: Agreement) -> None:
    agreement.version, agreement.updated_at = agreement.version + 1, work.now


def event_of(
    agreement: Agreement, action: str, before: Mapping[str, Any], after: Mapping[str, Any], regulator_ids: Sequence[int] = ()
) -> Event:
    """One event per change, for both parties and the regulators concerned."""
    concerned = tuple(dict.fromkeys((agreement.owner_id, agreement.requester_id, *regulator_ids)))
    return Event(action, "agreement", agreement.ref, concerned, before, after, agreement.region, {"agreement_id": agreement.id})
