"""Reads of access requests: lists and one request, for its parties and the communications administration of its region."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, and_, false, func, or_, select, true

from app.access.answers import limits_here
from app.access.casework import disputes_of, quotes_of, surveys_of
from app.access.clocks import RESUBMISSION, covered, due_dates, has, running
from app.access.models import AccessRequest, Offer
from app.access.rules import OPEN
from app.access.service import exists_for, subject_of
from app.access.views import OfferView, RequestRow, RequestView
from app.accounts import names
from app.assets import Asset, facts_of
from app.attachments import Attachment
from app.audit import HistoryRow, history
from app.catalogue.demand import demand
from app.catalogue.kinds import KINDS
from app.catalogue.tiers import Tier
from app.db.containment import region_within, region_within_any
from app.db.paging import seek
from app.db.words import contains_words
from app.db.work import Reader
from app.disclosure import AssetFace, shown, tiers_for
from app.kernel.errors import fail
from app.kernel.permission import Subject
from app.kernel.timewindow import Window
from app.listings import Listing
from app.needs import Need


@dataclass(frozen=True, slots=True)
class RequestFilter:
    """`side`: requester, owner, settler, or all when None. `status`: a state, several with commas, or "open"."""

    side: str | None = None
    status: str | None = None
    kind: str | None = None
    region: str | None = None
    need_ref: str | None = None
    listing_ref: str | None = None
    q: str | None = None


@dataclass(frozen=True, slots=True)
class Found:
    results: Sequence[RequestRow]
    count: int
    after: tuple[Any, ...] | None
    before: tuple[Any, ...] | None


def visible(reader: Reader) -> ColumnElement[bool]:
    """The requests that the actor may see: its own on either side, drafts of its own, and those of the regions it administers."""
    actor = reader.actor
    if actor.is_system:
        return true()
    parts = [AccessRequest.requester_id.in_(actor.subtree), and_(AccessRequest.status != "draft", _owned(reader))]
    parts.append(AccessRequest.settler_id == actor.organisation_id)
    parts += [
        and_(AccessRequest.status != "draft", region_within_any(AccessRequest.region, c.regions) if c.regions else true())
        for c in actor.competences
        if c.authority == "communications"
    ]
    return or_(*parts)


def _owned(reader: Reader) -> ColumnElement[bool]:
    regions = reader.actor.regions
    mine = AccessRequest.owner_id.in_(reader.actor.subtree)
    return and_(mine, region_within_any(AccessRequest.region, regions)) if regions else mine


def list_requests(
    reader: Reader,
    wanted: RequestFilter,
    limit: int = 50,
    after: tuple[Any, ...] | None = None,
    before: tuple[Any, ...] | None = None,
) -> Found:
    """Newest first, filtered and paged."""
    reader.permit("access.list")
    joined: Any = (
        select(AccessRequest, Need, Listing)
        .join(Need, Need.id == AccessRequest.need_id)
        .join(Listing, Listing.id == AccessRequest.listing_id)
    )
    conditions = [visible(reader), *_conditions(reader, wanted)]
    count = (
        reader.session.scalar(
            select(func.count())
            .select_from(AccessRequest)
            .join(Need, Need.id == AccessRequest.need_id)
            .join(Listing, Listing.id == AccessRequest.listing_id)
            .where(*conditions)
        )
        or 0
    )
    backwards = before is not None
    statement = seek(
        joined.where(*conditions), [(AccessRequest.id, True)], before if backwards else after, limit, reverse=backwards
    )
    rows = list(reader.session.execute(statement))
    more, rows = len(rows) > limit, rows[:limit]
    if backwards:
        rows.reverse()
    has_next, has_previous = (True, more) if backwards else (more, after is not None)
    return Found(
        rows_of(reader, rows),
        count,
        (rows[-1][0].id,) if rows and has_next else None,
        (rows[0][0].id,) if rows and has_previous else None,
    )


def _conditions(reader: Reader, wanted: RequestFilter) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if wanted.side is not None:
        found.append(
            {
                "requester": AccessRequest.requester_id.in_(reader.actor.subtree),
                "owner": _owned(reader),
                "settler": AccessRequest.settler_id == reader.actor.organisation_id,
            }.get(wanted.side, false())
        )
    if wanted.status:
        found.append(AccessRequest.status.in_(OPEN if wanted.status == "open" else wanted.status.split(",")))
    if wanted.kind:
        found.append(Listing.kind == wanted.kind)
    if wanted.region:
        found.append(region_within(AccessRequest.region, wanted.region))
    if wanted.need_ref:
        found.append(Need.ref == wanted.need_ref)
    if wanted.listing_ref:
        found.append(Listing.ref == wanted.listing_ref)
    if wanted.q:
        titles = contains_words(Need.title, wanted.q), contains_words(Listing.title, wanted.q)
        found.append(or_(*titles, AccessRequest.ref == wanted.q.strip()))
    return found


def rows_of(reader: Reader, rows: Sequence[tuple[AccessRequest, Need, Listing]]) -> list[RequestRow]:
    """Lines of a list, as the reader may see them."""
    known = names(reader.session, {i for request, _, _ in rows for i in (request.requester_id, request.owner_id)})
    due = due_dates(reader, [request.ref for request, _, _ in rows])
    shown = seen(reader, [listing for _, _, listing in rows])
    return [
        RequestRow(
            request.ref,
            request.status,
            request.version,
            KINDS[listing.kind],
            need.title,
            need.ref,
            listing.ref,
            listing.title if _is_named(shown[listing.id]) else None,
            known[request.requester_id],
            known[request.owner_id],
            request.region,
            Window(request.window_start, request.window_end),
            request.created_at,
            request.submitted_at,
            due.get(request.ref),
        )
        for request, need, listing in rows
    ]


def _is_named(seen: AssetFace | None) -> bool:
    return seen is not None  # a title is public wherever its listing is


def seen(reader: Reader, listings: Sequence[Listing]) -> dict[int, AssetFace | None]:
    """The asset of each listing as the actor sees it, by listing; None where it may at most be counted."""
    ids = {listing.asset_id for listing in listings}
    facts = {
        one.id: one for one in facts_of(reader.session, reader.session.scalars(select(Asset).where(Asset.id.in_(ids))).all())
    }
    tiers = tiers_for(reader, list(facts.values()))

    def face(listing: Listing) -> AssetFace | None:
        tier = tiers[listing.asset_id]
        return None if tier is None or tier is Tier.T0 else shown(reader, facts[listing.asset_id], tier, KINDS[listing.kind])

    return {listing.id: face(listing) for listing in listings}


def request_detail(reader: Reader, ref: str) -> RequestView:
    """One request, or `not_found`."""
    request = reader.session.scalar(select(AccessRequest).where(AccessRequest.ref == ref))
    if request is None or not exists_for(reader, request):
        raise fail("not_found")
    reader.permit("access.view", subject_of(request))
    need, listing = reader.session.get_one(Need, request.need_id), reader.session.get_one(Listing, request.listing_id)
    asking = request.requester_id in reader.actor.subtree
    return RequestView(
        row=rows_of(reader, [(request, need, listing)])[0],
        asked=dict(request.asked),
        amounts=demand(KINDS[listing.kind], request.asked),
        message=request.message,
        purpose=request.purpose,
        profile=request.profile,
        answered_at=request.answered_at,
        updated_at=request.updated_at,
        refusal_ground=request.refusal_ground,
        refusal_reason=request.refusal_reason,
        refusal_evidence=dict(request.refusal_evidence),
        offers=tuple(offers_of(reader, request)),
        face=seen(reader, [listing])[listing.id],
        listing_price_minor=listing.price_minor,
        currency=listing.currency,
        listing_window=Window(listing.window_start, listing.window_end),
        budget_minor=need.budget_minor if asking else None,
        subject=subject_of(request),
        answering=request.status != "draft" and request.owner_id in reader.actor.subtree,
        asking=asking,
        clocks=running(reader, request.ref),
        missing=request.missing,
        may_name_missing=request.missing_named_at is None or has(reader, request, RESUBMISSION),
        covered=covered(reader, request),
        completeness=request.completeness,
        complete_at=request.complete_at,
        escalated_at=request.escalated_at,
        surveys=surveys_of(reader, request),
        quotes=quotes_of(reader, request),
        disputes=disputes_of(reader, request),
        limits=limits_here(reader, request) if _knows_limits(reader, request) else (),
        settling=request.settler_id is not None and request.settler_id == reader.actor.organisation_id,
    )


def _knows_limits(reader: Reader, request: AccessRequest) -> bool:
    """The owner's limits are for the owner, and for the regulator that settles."""
    return request.owner_id in reader.actor.subtree or (
        request.settler_id is not None and request.settler_id == reader.actor.organisation_id
    )


def request_history(reader: Reader, ref: str) -> list[HistoryRow]:
    """What happened to a request, newest first. Raises `not_found`."""
    request_detail(reader, ref)
    return history(reader, "access_request", ref)


def attachable(reader: Reader, ref: str) -> Subject:
    """The facts for who may attach documents to a request. Raises `not_found`."""
    request = reader.session.scalar(select(AccessRequest).where(AccessRequest.ref == ref))
    if request is None or not exists_for(reader, request):
        raise fail("not_found")
    return subject_of(request)


def evidence_of(reader: Reader, ref: str) -> list[tuple[str, str]]:
    """(ref, file name) of the documents that the owner attached to a request as evidence."""
    request = reader.session.scalars(select(AccessRequest).where(AccessRequest.ref == ref)).one()
    rows = reader.session.execute(
        select(Attachment.ref, Attachment.filename)
        .where(
            Attachment.subject_type == "access_request",
            Attachment.subject_ref == ref,
            Attachment.purpose == "evidence",
            Attachment.organisation_id == request.owner_id,
            Attachment.removed_at.is_(None),
        )
        .order_by(Attachment.id)
    )
    return [(attachment, filename) for attachment, filename in rows]


def offers_of(reader: Reader, request: AccessRequest) -> list[OfferView]:
    """Every offer that was made, the newest first."""
    found = reader.session.scalars(select(Offer).where(Offer.request_id == request.id).order_by(Offer.number.desc()))
    return [_offer(offer) for offer in found]


def documents_of(reader: Reader, ref: str, purpose: str | None = None) -> list[tuple[str, str]]:
    """(ref, file name) of the documents on a request that the reader may see; of one purpose, those it attached itself."""
    request_detail(reader, ref)
    found = select(Attachment.ref, Attachment.filename).where(
        Attachment.subject_type == "access_request", Attachment.subject_ref == ref, Attachment.removed_at.is_(None)
    )
    if purpose is not None:
        found = found.where(Attachment.purpose == purpose, Attachment.organisation_id.in_(reader.actor.subtree))
    return [(one, name) for one, name in reader.session.execute(found.order_by(Attachment.id))]


def _offer(offer: Offer) -> OfferView:
    line = offer.lines[0]
    return OfferView(
        offer.number,
        offer.origin,
        offer.status,
        dict(line["amounts"]),
        dict(line["slots"]),
        offer.price_minor,
        offer.currency,
        Window(offer.window_start, offer.window_end),
        offer.message,
        offer.expires_at,
        offer.created_at,
        dict(offer.terms),
        offer.quote_number,
        tuple(offer.once_items),
    )
