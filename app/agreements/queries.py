"""Reads of agreements, for their parties and for the regulators that they are or were before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, false, func, or_, select, true

from app.access import AccessRequest
from app.accounts import OrganisationName, names, people_names
from app.agreements.content import differences
from app.agreements.models import Agreement, AgreementVersion, CapacityLine, Signature
from app.agreements.rules import DRAFTING
from app.agreements.service import subject_of
from app.agreements.views import AgreementRow, AgreementView, LineView, SignatureView, VersionView
from app.assets import Asset
from app.audit import HistoryRow, history
from app.catalogue.kinds import KINDS
from app.catalogue.rent_terms import rent_terms
from app.db.paging import seek
from app.db.words import contains_words
from app.db.work import Reader
from app.kernel.errors import fail
from app.kernel.permission import Subject
from app.kernel.timewindow import Window
from app.listings import Listing
from app.needs import Need


@dataclass(frozen=True, slots=True)
class AgreementFilter:
    """`status`: a state, or "open" for all that can still change. `side`: owner, requester, or both when None."""

    status: str | None = None
    side: str | None = None
    q: str | None = None


@dataclass(frozen=True, slots=True)
class Found:
    results: Sequence[AgreementRow]
    count: int
    after: tuple[Any, ...] | None
    before: tuple[Any, ...] | None


def _own(reader: Reader, side: str | None) -> ColumnElement[bool]:
    if reader.actor.is_system:
        return true()
    sides = {"owner": Agreement.owner_id.in_(reader.actor.subtree), "requester": Agreement.requester_id.in_(reader.actor.subtree)}
    return or_(*sides.values()) if side is None else sides.get(side, false())


def list_agreements(
    reader: Reader,
    wanted: AgreementFilter,
    limit: int = 50,
    after: tuple[Any, ...] | None = None,
    before: tuple[Any, ...] | None = None,
) -> Found:
    """The agreements of the actor's organisations, newest first. A regulator finds those before it in its inbox."""
    reader.permit("agreement.list")
    conditions = [_own(reader, wanted.side)]
    if wanted.status:
        conditions.append(
            Agreement.status.in_(DRAFTING | {"submitted"}) if wanted.status == "open" else Agreement.status == wanted.status
        )
    if wanted.q:
        conditions.append(or_(contains_words(Agreement.title, wanted.q), Agreement.ref == wanted.q.strip()))
    count = reader.session.scalar(select(func.count()).select_from(Agreement).where(*conditions)) or 0
    backwards = before is not None
    statement = seek(
        select(Agreement).where(*conditions), [(Agreement.id, True)], before if backwards else after, limit, reverse=backwards
    )
    rows = list(reader.session.scalars(statement))
    more, rows = len(rows) > limit, rows[:limit]
    if backwards:
        rows.reverse()
    has_next, has_previous = (True, more) if backwards else (more, after is not None)
    return Found(
        agreement_rows(reader, rows),
        count,
        (rows[-1].id,) if rows and has_next else None,
        (rows[0].id,) if rows and has_previous else None,
    )


def agreement_rows(reader: Reader, rows: Sequence[Agreement]) -> list[AgreementRow]:
    known = names(reader.session, {i for row in rows for i in (row.owner_id, row.requester_id)})
    return [
        AgreementRow(
            row.ref,
            row.title,
            row.status,
            row.version,
            known[row.owner_id],
            known[row.requester_id],
            row.region,
            row.current_number,
            row.held_until,
            row.in_force_at,
            row.created_at,
            row.updated_at,
        )
        for row in rows
    ]


def agreement_detail(reader: Reader, ref: str) -> AgreementView:
    """One agreement, or `not_found`."""
    agreement = reader.session.scalar(select(Agreement).where(Agreement.ref == ref))
    if agreement is None:
        raise fail("not_found")
    reader.permit("agreement.view", subject_of(agreement))
    versions = list(
        reader.session.scalars(
            select(AgreementVersion).where(AgreementVersion.agreement_id == agreement.id).order_by(AgreementVersion.number.desc())
        )
    )
    return AgreementView(
        row=agreement_rows(reader, [agreement])[0],
        request_ref=reader.session.get_one(AccessRequest, agreement.request_id).ref,
        need_ref=reader.session.get_one(Need, agreement.need_id).ref,
        profile=agreement.profile,
        lines=line_views(reader, versions[0].id),
        versions=_versions(reader, versions),
        subject=subject_of(agreement),
        party_ids=frozenset({agreement.owner_id, agreement.requester_id}) & reader.actor.subtree,
    )


def line_views(reader: Reader, version_id: int) -> list[LineView]:
    """The capacity lines of one version."""
    rows = list(
        reader.session.scalars(select(CapacityLine).where(CapacityLine.version_id == version_id).order_by(CapacityLine.number))
    )
    known = names(reader.session, {i for row in rows for i in (row.supplier_id, row.beneficiary_id)})
    assets = {a.id: a for a in reader.session.scalars(select(Asset).where(Asset.id.in_({row.asset_id for row in rows})))}
    wanted = {row.listing_id for row in rows if row.listing_id is not None}
    listings = dict(reader.session.execute(select(Listing.id, Listing.ref).where(Listing.id.in_(wanted))).all())
    return [
        LineView(
            row.number,
            assets[row.asset_id].ref,
            assets[row.asset_id].name,
            KINDS[assets[row.asset_id].kind],
            listings.get(row.listing_id or 0),
            known[row.supplier_id],
            known[row.beneficiary_id],
            row.right,
            dict(row.amounts),
            dict(row.slots),
            Window(row.starts, row.ends),
            row.price_minor,
            row.currency,
            row.against_line,
            rent_terms(row.rent, row.price_minor or 0) if row.rent is not None else None,
        )
        for row in rows
    ]


def _versions(reader: Reader, rows: Sequence[AgreementVersion]) -> list[VersionView]:
    """`rows` newest first, each with its signatures and what it changed."""
    signatures = _signatures(reader, [row.id for row in rows])
    authors = people_names(reader.session, {row.created_by for row in rows})
    older: Sequence[AgreementVersion | None] = [*rows[1:], None]
    return [
        VersionView(
            row.number,
            row.content,
            row.content_hash,
            row.reason,
            authors.get(row.created_by or 0),
            row.created_at,
            signatures.get(row.id, ()),
            () if before is None else tuple(c for c in differences(before.content, row.content) if c.path != "number"),
        )
        for row, before in zip(rows, older, strict=True)
    ]


def _signatures(reader: Reader, version_ids: Sequence[int]) -> Mapping[int, Sequence[SignatureView]]:
    rows = list(reader.session.scalars(select(Signature).where(Signature.version_id.in_(version_ids)).order_by(Signature.id)))
    known: Mapping[int, OrganisationName] = names(
        reader.session, {i for row in rows for i in (row.organisation_id, row.agent_id)}
    )
    people = people_names(reader.session, {row.user_id for row in rows})
    found: dict[int, list[SignatureView]] = {}
    for row in rows:
        found.setdefault(row.version_id, []).append(
            SignatureView(
                known[row.organisation_id],
                people.get(row.user_id, ""),
                known.get(row.agent_id or 0),
                row.signed_at,
                row.content_hash,
            )
        )
    return found


def agreement_history(reader: Reader, ref: str) -> list[HistoryRow]:
    """What happened to an agreement, newest first. Raises `not_found`."""
    agreement_detail(reader, ref)
    return history(reader, "agreement", ref)


def agreement_of_request(reader: Reader, request_ref: str) -> str | None:
    """The agreement that was drafted from a request, if there is one; of its amendments the last that stands."""
    return reader.session.scalar(
        select(Agreement.ref)
        .join(AccessRequest, AccessRequest.id == Agreement.request_id)
        .where(AccessRequest.ref == request_ref)
        .order_by(Agreement.status.in_(("refused", "withdrawn")), Agreement.id.desc())
        .limit(1)
    )


def documented(reader: Reader, ref: str) -> Subject:
    """The facts about an agreement for who may read and add documents. Raises `not_found`."""
    agreement = reader.session.scalar(select(Agreement).where(Agreement.ref == ref))
    if agreement is None:
        raise fail("not_found")
    return subject_of(agreement)
