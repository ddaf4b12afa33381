"""Who saw what of ours: the ledger of disclosure as the owner reads it. No person of another organisation is named to it below the
organisation, but by their name as the record has it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from sqlalchemy import Select, func, select

from app.accounts import OrganisationName, names, organisation_by_ref
from app.assets.models import Asset
from app.catalogue.declaration import AssetKind
from app.catalogue.kinds import KINDS
from app.db.containment import region_within_any
from app.db.paging import seek
from app.db.work import Reader
from app.disclosure import Grant, Sight

Key = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class SightFilter:
    """`asset`, `organisation`: refs. Days of the jurisdiction, both included."""

    asset: str | None = None
    organisation: str | None = None
    tier: str | None = None
    basis: str | None = None
    since: date | None = None
    until: date | None = None


@dataclass(frozen=True, slots=True)
class SightRow:
    asset_ref: str | None
    asset_name: str
    kind: AssetKind | None
    organisation: OrganisationName
    person: str
    tier: str
    basis: str
    grant_ref: str | None
    purpose_code: str | None
    purpose: str | None
    via: str
    first_at: datetime
    last_at: datetime
    times: int


@dataclass(frozen=True, slots=True)
class SightPage:
    rows: Sequence[SightRow]
    count: int
    after: Key | None = None
    before: Key | None = None


def sights(
    reader: Reader, wanted: SightFilter, after: Key | None = None, before: Key | None = None, limit: int = 50
) -> SightPage:
    """Newest first, for the people of the owner, in the regions that their role reaches."""
    reader.permit("disclosure.ledger")
    base = _base(reader, wanted)
    found = list(reader.session.execute(seek(base, [(Sight.id, True)], after or before, limit, reverse=before is not None)))
    more, found = len(found) > limit, found[:limit]
    if before is not None:
        found.reverse()
    count = reader.session.scalar(select(func.count()).select_from(base.with_only_columns(Sight.id).subquery())) or 0
    has_next, has_previous = (more, after is not None) if before is None else (True, more)
    last = (found[-1][0].id,) if found and has_next else None
    return SightPage(_rows(reader, found), count, last, (found[0][0].id,) if found and has_previous else None)


def _base(reader: Reader, wanted: SightFilter) -> Select[Any, Any]:
    base = select(Sight, Asset).outerjoin(Asset, Asset.id == Sight.asset_id).where(Sight.owner_id.in_(reader.actor.subtree))
    if reader.actor.regions:
        base = base.where(region_within_any(Asset.region, reader.actor.regions))
    if wanted.asset:
        base = base.where(Asset.ref == wanted.asset)
    if wanted.organisation:
        base = base.where(Sight.organisation_id == organisation_by_ref(reader.session, wanted.organisation).id)
    for column, value in ((Sight.tier, wanted.tier), (Sight.basis, wanted.basis)):
        if value:
            base = base.where(column == value)

    def midnight(day: date) -> datetime:
        return datetime.combine(day, time(), reader.zone).astimezone(UTC)

    if wanted.since:
        base = base.where(Sight.last_at >= midnight(wanted.since))
    return base.where(Sight.first_at < midnight(wanted.until + timedelta(days=1))) if wanted.until else base


def _rows(reader: Reader, found: Sequence[Any]) -> list[SightRow]:
    organisations = names(reader.session, {sight.organisation_id for sight, _ in found})
    ids = {sight.grant_id for sight, _ in found if sight.grant_id}
    grants = dict(reader.session.execute(select(Grant.id, Grant.ref).where(Grant.id.in_(ids))).all()) if ids else {}
    return [
        SightRow(
            asset.ref if asset else None,
            asset.name if asset else "–",
            KINDS[asset.kind] if asset else None,
            organisations[sight.organisation_id],
            sight.person_name,
            sight.tier,
            sight.basis,
            grants.get(sight.grant_id),
            sight.purpose_code,
            sight.purpose,
            sight.via,
            sight.first_at,
            sight.last_at,
            sight.times,
        )
        for sight, asset in found
    ]
