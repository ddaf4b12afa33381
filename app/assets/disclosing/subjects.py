"""What the policies may ask about a closer look, a grant and an exemption; which regulators are competent for an asset."""

from __future__ import annotations

from sqlalchemy.orm import Session

from app.accounts import Organisation, competences
from app.assets.disclosing.models import CloserLook
from app.assets.models import Asset
from app.db.work import Reader
from app.disclosure import Exemption, Grant, is_competent, state_of
from app.kernel.permission import Subject, within


def competent_ids(session: Session, owner_sector: str, kind: str, region: str) -> frozenset[int]:
    """The regulators that watch over such an asset there."""
    return frozenset(held.organisation_id for held in competences(session) if is_competent(held, owner_sector, kind, region))


def look_subject(reader: Reader, look: CloserLook) -> Subject:
    """Where the owner is known only it answers; else the communications administrations of the region."""
    held = competences(reader.session) if look.owner_id is None else ()
    answering = {c.organisation_id for c in held if c.authority == "communications" and within(look.region, c.regions)}
    return Subject(
        owner_id=look.owner_id,
        requester_id=look.requester_id,
        regulator_ids=frozenset(answering),
        region=_region(reader, look.asset_id, look.region),
        status=look.status,
    )


def grant_subject(reader: Reader, made: Grant) -> Subject:
    """The regulator that ordered it; of others the owner and the holder."""
    ordered_by = {made.granted_by} if made.source == "order" and made.granted_by is not None else set()
    return Subject(
        owner_id=made.owner_id,
        requester_id=made.organisation_id,
        regulator_ids=frozenset(ordered_by),
        region=_region(reader, made.asset_id, made.region),
        status=state_of(made.starts_at, made.expires_at, made.revoked_at, reader.database_now),
    )


def exemption_subject(reader: Reader, case: Exemption) -> Subject:
    asset = reader.session.get_one(Asset, case.asset_id)
    sector = reader.session.get_one(Organisation, asset.owner_id).sector
    return Subject(
        owner_id=case.owner_id,
        regulator_ids=competent_ids(reader.session, sector, asset.kind, asset.region),
        region=asset.region,
        status=case.status,
    )


def _region(reader: Reader, asset_id: int | None, region: str | None) -> str | None:
    """An owner's people reach what stands in their regions: of an asset its own region counts."""
    return region if asset_id is None else reader.session.get_one(Asset, asset_id).region
