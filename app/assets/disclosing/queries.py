"""Reads: closer looks, grants and exemptions as the actor is concerned by them. An asset is named only as far as the reader sees
it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Generic, TypeVar

from sqlalchemy import ColumnElement, Select, and_, func, or_, select

from app.accounts import Organisation, OrganisationName, all_organisations, names
from app.assets.disclosing.models import CloserLook
from app.assets.disclosing.subjects import exemption_subject, grant_subject, look_subject
from app.assets.facts import facts_of
from app.assets.models import Asset
from app.audit import HistoryRow, history
from app.catalogue.declaration import AssetKind
from app.catalogue.kinds import KINDS
from app.db.clock import database_now
from app.db.containment import region_within_any
from app.db.paging import seek
from app.db.work import Reader
from app.disclosure import AssetFace, Exemption, Grant, state_of, view_all
from app.kernel.errors import fail
from app.kernel.permission import Subject

T = TypeVar("T")
Key = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Found(Generic[T]):
    """One page of a list."""

    rows: Sequence[T]
    count: int
    after: Key | None = None
    before: Key | None = None


@dataclass(frozen=True, slots=True)
class What:
    """One asset (as the reader sees it: None where it may only be counted), or all of an owner in a region."""

    face: AssetFace | None
    kind: AssetKind | None
    region: str | None
    is_area: bool


@dataclass(frozen=True, slots=True)
class LookView:
    ref: str
    status: str
    what: What
    requester: OrganisationName
    owner: OrganisationName | None
    tier: str
    purpose_code: str
    purpose: str
    starts_on: date | None
    ends_on: date
    asked_at: datetime
    answer: str | None
    answered_at: datetime | None
    grant_ref: str | None
    subject: Subject


@dataclass(frozen=True, slots=True)
class GrantView:
    """`state` as of now, by the database's clock."""

    ref: str
    state: str
    source: str
    what: What
    owner: OrganisationName
    holder: OrganisationName
    giver: OrganisationName | None
    tier: str
    purpose_code: str | None
    purpose: str
    ground: str | None
    starts_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None
    revoke_reason: str | None
    subject: Subject


@dataclass(frozen=True, slots=True)
class ExemptionView:
    ref: str
    status: str
    duty: str
    what: What
    owner: OrganisationName
    authority: OrganisationName | None
    reason: str
    asked_at: datetime
    decision: str | None
    decided_at: datetime | None
    expires_at: datetime | None
    is_past: bool
    subject: Subject


def look_list(
    reader: Reader, status: str | None = None, after: Key | None = None, before: Key | None = None, limit: int = 50
) -> Found[LookView]:
    """The requests that the actor's organisations made or are to answer, newest first."""
    reader.permit("disclosure.list")
    region = func.coalesce(Asset.region, CloserLook.region)
    answering = _answering(reader)
    concerned = or_(
        CloserLook.requester_id.in_(reader.actor.subtree),
        _ours(reader, CloserLook.owner_id, region),
        and_(CloserLook.owner_id.is_(None), or_(*answering)) if answering else CloserLook.id.is_(None),
    )
    base = select(CloserLook).outerjoin(Asset, Asset.id == CloserLook.asset_id).where(concerned)
    if status:
        base = base.where(CloserLook.status == status)
    return _page(reader, base, CloserLook.id, after, before, limit, lambda rows: _looks(reader, rows))


def _answering(reader: Reader) -> list[ColumnElement[bool]]:
    """Where the actor's administration answers for an owner that the requester cannot know."""
    return [region_within_any(CloserLook.region, c.regions) for c in reader.actor.competences if c.authority == "communications"]


def looks_to_answer(reader: Reader) -> list[tuple[CloserLook, str]]:
    """The open requests that the actor's organisations answer, with the region of each."""
    region = func.coalesce(Asset.region, CloserLook.region)
    parts = [_ours(reader, CloserLook.owner_id, region)]
    if answering := _answering(reader):
        parts.append(and_(CloserLook.owner_id.is_(None), or_(*answering)))
    found = select(CloserLook, region).outerjoin(Asset, Asset.id == CloserLook.asset_id)
    return list(reader.session.execute(found.where(CloserLook.status == "open", or_(*parts))))


def look_detail(reader: Reader, ref: str) -> LookView:
    look = reader.session.scalar(select(CloserLook).where(CloserLook.ref == ref))
    if look is None:
        raise fail("not_found")
    view = _looks(reader, [look])[0]
    reader.permit("closer_look.view", view.subject)
    return view


def grant_list(
    reader: Reader,
    side: str = "given",
    state: str | None = None,
    after: Key | None = None,
    before: Key | None = None,
    limit: int = 50,
    asset: str | None = None,
) -> Found[GrantView]:
    """side: given (of one's own assets, by anybody), held (by one's own organisations), ordered (by oneself); newest first."""
    reader.permit("disclosure.list")
    region = func.coalesce(Asset.region, Grant.region)
    sides: Mapping[str, ColumnElement[bool]] = {
        "given": _ours(reader, Grant.owner_id, region),
        "held": Grant.organisation_id.in_(reader.actor.subtree),
        "ordered": and_(Grant.source == "order", Grant.granted_by == reader.actor.organisation_id),
    }
    if side not in sides:
        raise fail("malformed")
    base = select(Grant).outerjoin(Asset, Asset.id == Grant.asset_id).where(sides[side])
    if asset:
        base = base.where(Asset.ref == asset)
    if state:
        base = base.where(_in_state(state))
    return _page(reader, base, Grant.id, after, before, limit, lambda rows: _grants(reader, rows))


def _in_state(state: str) -> ColumnElement[bool]:
    now = database_now()
    standing = and_(Grant.revoked_at.is_(None), or_(Grant.expires_at.is_(None), Grant.expires_at > now))
    conditions: Mapping[str, ColumnElement[bool]] = {
        "active": and_(standing, Grant.starts_at <= now),
        "coming": and_(standing, Grant.starts_at > now),
        "expired": and_(Grant.revoked_at.is_(None), Grant.expires_at <= now),
        "revoked": Grant.revoked_at.is_not(None),
    }
    if state not in conditions:
        raise fail("malformed")
    return conditions[state]


def grant_detail(reader: Reader, ref: str) -> GrantView:
    made = reader.session.scalar(select(Grant).where(Grant.ref == ref))
    if made is None:
        raise fail("not_found")
    view = _grants(reader, [made])[0]
    reader.permit("grant.view", view.subject)
    return view


def exemption_list(
    reader: Reader, status: str | None = None, after: Key | None = None, before: Key | None = None, limit: int = 50
) -> Found[ExemptionView]:
    """The cases of one's own assets, and those that one is competent to decide; newest first."""
    reader.permit("disclosure.list")
    base = _cases().where(or_(_ours(reader, Exemption.owner_id, Asset.region), *_watched(reader)))
    if status:
        base = base.where(Exemption.status == status)
    return _page(reader, base, Exemption.id, after, before, limit, lambda rows: _exemptions(reader, rows))


def cases_to_decide(reader: Reader) -> list[Exemption]:
    """The cases that wait for a decision which the actor is competent to make."""
    watched = _watched(reader)
    if not watched:
        return []
    return list(reader.session.scalars(_cases().where(Exemption.status == "asked", or_(*watched))))


def _cases() -> Select[Exemption]:
    return select(Exemption).join(Asset, Asset.id == Exemption.asset_id).join(Organisation, Organisation.id == Asset.owner_id)


def _watched(reader: Reader) -> list[ColumnElement[bool]]:
    """The cases of the actor's competences."""
    watched = []
    for held in reader.actor.competences:
        parts = [region_within_any(Asset.region, held.regions)] if held.regions else []
        if held.authority != "communications":
            parts.append(Organisation.sector.in_(held.sectors))
            parts += [Asset.kind.in_(held.host_kinds)] if held.host_kinds else []
        watched.append(and_(Asset.id.is_not(None), *parts))
    return watched


def exemption_detail(reader: Reader, ref: str) -> ExemptionView:
    case = reader.session.scalar(select(Exemption).where(Exemption.ref == ref))
    if case is None:
        raise fail("not_found")
    view = _exemptions(reader, [case])[0]
    reader.permit("exemption.view", view.subject)
    return view


def case_history(reader: Reader, subject_type: str, ref: str) -> list[HistoryRow]:
    """What happened to a look, a grant or an exemption, for who may see it."""
    {"closer_look": look_detail, "grant": grant_detail, "exemption": exemption_detail}[subject_type](reader, ref)
    return history(reader, subject_type, ref)


def organisation_choices(reader: Reader) -> list[OrganisationName]:
    """Whom something can be opened to: every organisation but one's own."""
    reader.permit("disclosure.list")
    return [one for one in all_organisations(reader.session) if one.id != reader.actor.organisation_id]


def _ours(reader: Reader, owner: Any, region: Any) -> ColumnElement[bool]:
    found: ColumnElement[bool] = owner.in_(reader.actor.subtree)
    return and_(found, region_within_any(region, reader.actor.regions)) if reader.actor.regions else found


def _page(
    reader: Reader,
    base: Select[Any],
    key: Any,
    after: Key | None,
    before: Key | None,
    limit: int,
    shown: Callable[[list[Any]], list[T]],
) -> Found[T]:
    found = list(reader.session.scalars(seek(base, [(key, True)], after or before, limit, reverse=before is not None)))
    more, found = len(found) > limit, found[:limit]
    if before is not None:
        found.reverse()
    count = (
        reader.session.scalar(
            select(func.count()).select_from(base.with_only_columns(key, maintain_column_froms=True).subquery())
        )
        or 0
    )
    has_next, has_previous = (more, after is not None) if before is None else (True, more)
    return Found(
        shown(found), count, (found[-1].id,) if found and has_next else None, (found[0].id,) if found and has_previous else None
    )


def _whats(reader: Reader, rows: Sequence[Any]) -> dict[int, What]:
    """By the row's id; the faces of all assets in one pass."""
    ids = {row.asset_id for row in rows if row.asset_id is not None}
    assets = list(reader.session.scalars(select(Asset).where(Asset.id.in_(ids)))) if ids else []
    faces = {face.id: face for face in view_all(reader, facts_of(reader.session, assets))}
    kinds = {asset.id: KINDS[asset.kind] for asset in assets}
    found = {}
    for row in rows:
        if row.asset_id is None:
            found[row.id] = What(None, KINDS[row.kind] if row.kind else None, row.region, True)
        else:
            face = faces.get(row.asset_id)
            found[row.id] = What(face, kinds[row.asset_id], face.region if face else None, False)
    return found


def _looks(reader: Reader, rows: Sequence[CloserLook]) -> list[LookView]:
    whats = _whats(reader, rows)
    organisations = names(reader.session, {number for row in rows for number in (row.requester_id, row.owner_id)})
    grants = {row.grant_id for row in rows if row.grant_id is not None}
    refs = dict(reader.session.execute(select(Grant.id, Grant.ref).where(Grant.id.in_(grants))).all()) if grants else {}
    return [
        LookView(
            row.ref,
            row.status,
            whats[row.id],
            organisations[row.requester_id],
            organisations.get(row.owner_id or 0),
            row.tier,
            row.purpose_code,
            row.purpose,
            row.starts_on,
            row.ends_on,
            row.asked_at,
            row.answer,
            row.answered_at,
            refs.get(row.grant_id or 0),
            look_subject(reader, row),
        )
        for row in rows
    ]


def _grants(reader: Reader, rows: Sequence[Grant]) -> list[GrantView]:
    whats = _whats(reader, rows)
    organisations = names(reader.session, {n for row in rows for n in (row.owner_id, row.organisation_id, row.granted_by)})
    return [
        GrantView(
            row.ref,
            state_of(row.starts_at, row.expires_at, row.revoked_at, reader.database_now),
            row.source,
            whats[row.id],
            organisations[row.owner_id],
            organisations[row.organisation_id],
            organisations.get(row.granted_by or 0),
            row.tier,
            row.purpose_code,
            row.purpose,
            row.ground,
            row.starts_at,
            row.expires_at,
            row.revoked_at,
            row.revoke_reason,
            grant_subject(reader, row),
        )
        for row in rows
    ]


def _exemptions(reader: Reader, rows: Sequence[Exemption]) -> list[ExemptionView]:
    whats = _whats(reader, rows)
    organisations = names(reader.session, {n for row in rows for n in (row.owner_id, row.authority_id)})
    return [
        ExemptionView(
            row.ref,
            row.status,
            row.duty,
            whats[row.id],
            organisations[row.owner_id],
            organisations.get(row.authority_id or 0),
            row.reason,
            row.asked_at,
            row.decision,
            row.decided_at,
            row.expires_at,
            row.status == "granted" and row.expires_at is not None and row.expires_at <= reader.database_now,
            exemption_subject(reader, row),
        )
        for row in rows
    ]
