"""Reads of the register, every one through disclosure: frozen views, filters, keyset pages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select

from app.accounts import Organisation, OrganisationName, names, organisation_by_ref, subtree_ids
from app.assets import capacity
from app.assets.draft import AssetDraft
from app.assets.facts import facts_of, subject_of
from app.assets.models import NAMES, Asset, AssetHost
from app.audit import HistoryRow, history
from app.catalogue.declaration import AssetKind
from app.catalogue.derive import derived_names, effective_attributes
from app.catalogue.kinds import KINDS
from app.catalogue.profiles import get_profile
from app.catalogue.tiers import Tier
from app.db.containment import region_within
from app.db.paging import seek
from app.db.spatial import bbox
from app.db.words import containing
from app.db.work import Reader
from app.disclosure import AssetFace, Columns, own, view, view_all, visible
from app.kernel.errors import fail
from app.kernel.permission import Subject

COLUMNS = Columns(Asset.id, Asset.owner_id, Asset.operator_id, Organisation.sector, Asset.kind, Asset.region, Asset.public_tier)
SORTS: Mapping[str, tuple[Any, bool]] = {
    "name": (Asset.name, False),
    "-name": (Asset.name, True),
    "created": (Asset.id, False),
    "-created": (Asset.id, True),
}
Bounds = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class AssetFilter:
    """`owner`: "mine", or an organisation's reference (its subtree). `listed`: has an open listing. `bbox`: west, south, east,
    north."""

    q: str | None = None
    kind: str | None = None
    sector: str | None = None
    region: str | None = None
    status: str | None = None
    owner: str | None = None
    listed: bool | None = None
    bbox: Bounds | None = None
    sort: str = "-created"


@dataclass(frozen=True, slots=True)
class AssetRow:
    """One line of a list."""

    face: AssetFace
    kind: AssetKind
    owner: OrganisationName
    is_listed: bool


@dataclass(frozen=True, slots=True)
class AssetLink:
    """Another asset that this one stands on, or that stands on this one."""

    ref: str
    name: str
    kind: AssetKind


@dataclass(frozen=True, slots=True)
class AssetDetail:
    """An asset for its page and for the API. `attributes` are the effective ones; `derived` names those that no one stated."""

    face: AssetFace
    kind: AssetKind
    owner: OrganisationName
    operator: OrganisationName | None
    attributes: Mapping[str, Any]
    derived: frozenset[str]
    capacity: Mapping[str, Decimal]
    hosts: Sequence[AssetLink]
    hosted: Sequence[AssetLink]
    subject: Subject
    created_at: datetime
    updated_at: datetime | None
    public_tier: Tier | None
    raw_attributes: Mapping[str, Any] = field(default_factory=dict)

    @property
    def ref(self) -> str:
        return self.face.ref or ""

    @property
    def version(self) -> int:
        return self.face.version or 0


def asset_row(reader: Reader, ref: str) -> Asset:
    """The row, or `not_found`; the caller passes it through disclosure."""
    asset = reader.session.scalar(select(Asset).where(Asset.ref == ref))
    if asset is None:
        raise fail("not_found")
    return asset


def asset_detail(reader: Reader, ref: str) -> AssetDetail:
    """One asset as the actor may see it, or `not_found`."""
    asset = asset_row(reader, ref)
    return detail_of(reader, asset, view(reader, facts_of(reader.session, [asset])[0]))


def detail_of(reader: Reader, asset: Asset, face: AssetFace) -> AssetDetail:
    """The asset behind the face that disclosure gave the actor."""
    kind = KINDS[asset.kind]
    organisations = names(reader.session, [asset.owner_id, face.operator_id])
    owner = organisations[asset.owner_id]
    return AssetDetail(
        face=face,
        kind=kind,
        owner=owner,
        operator=organisations.get(face.operator_id or 0),
        attributes=shown_effective(kind, asset.attributes, face, owner.profile),
        derived=derived_names(kind, asset.attributes),
        capacity=capacity.book().totals(reader.session, [asset.id]).get(asset.id, {}),
        hosts=_links(reader, select(AssetHost.host_id).where(AssetHost.asset_id == asset.id)) if face.is_exact else (),
        hosted=_links(reader, select(AssetHost.asset_id).where(AssetHost.host_id == asset.id)) if face.is_exact else (),
        subject=subject_of(asset),
        created_at=asset.created_at,
        updated_at=asset.updated_at if face.is_exact else None,
        public_tier=None if asset.public_tier is None else Tier[asset.public_tier],
        raw_attributes=face.attributes,
    )


def shown_effective(kind: AssetKind, attributes: Mapping[str, Any], face: AssetFace, profile: str) -> dict[str, Any]:
    """The effective attributes, of those that the face shows. Derived from all that is known: a height under conductors counts
    whoever asks."""
    hidden = set(attributes) - set(face.attributes)
    whole = effective_attributes(kind, attributes, get_profile(profile))
    return {
        declared.name: whole[declared.name]
        for declared in kind.attributes
        if declared.name in whole and declared.name not in hidden
    }


def draft_of(reader: Reader, asset: Asset) -> AssetDraft:
    """What is stated about an asset now, as one would state it again; the place is in WGS-84."""
    hosts = reader.session.scalars(
        select(Asset.ref).join(AssetHost, AssetHost.host_id == Asset.id).where(AssetHost.asset_id == asset.id)
    )
    organisations = names(reader.session, [asset.owner_id, asset.operator_id])
    totals = capacity.book().totals(reader.session, [asset.id]).get(asset.id, {})
    operator = organisations.get(asset.operator_id or 0)
    return AssetDraft(
        kind=asset.kind,
        name=asset.name,
        geometry=asset.geom,
        attributes=dict(asset.attributes),
        capacity={name: float(total) for name, total in totals.items()},
        owner=organisations[asset.owner_id].ref,
        operator=operator.ref if operator else None,
        owner_ref=asset.owner_ref,
        status=asset.status,
        available_from=asset.available_from,
        address=asset.address,
        land_consent=asset.land_consent,
        host_consent=asset.host_consent,
        declared_crs=asset.declared_crs,
        accuracy_m=asset.accuracy_m,
        grade=asset.grade,
        hosted_by=tuple(hosts),
        provenance=asset.provenance,
        assumed=tuple(asset.assumed),
        region=asset.region,
    )


def asset_draft(reader: Reader, ref: str) -> AssetDraft:
    """What is stated, for its owner's form; `not_found` for everybody else."""
    asset = asset_row(reader, ref)
    if not view(reader, facts_of(reader.session, [asset])[0]).is_internal:
        raise fail("not_found")
    return draft_of(reader, asset)


def asset_history(reader: Reader, ref: str) -> list[HistoryRow]:
    """Every change of the asset, for those who see it whole."""
    asset_draft(reader, ref)
    return history(reader, "asset", ref)


def list_assets(
    reader: Reader,
    wanted: AssetFilter,
    *,
    after: tuple[Any, ...] | None = None,
    before: tuple[Any, ...] | None = None,
    limit: int = 50,
) -> tuple[list[AssetRow], int, tuple[Any, ...] | None, tuple[Any, ...] | None]:
    """(rows, count, key after, key before): the assets that the actor sees exactly. Approximate ones are found by their
    listings."""
    reader.permit("asset.list")
    conditions = _conditions(reader, wanted)
    base = select(Asset).join(Organisation, Organisation.id == Asset.owner_id).where(*conditions)
    order = _order(wanted.sort)
    page = list(reader.session.scalars(seek(base, order, after or before, limit, reverse=before is not None)))
    more = len(page) > limit
    page = page[:limit]
    if before is not None:
        page.reverse()
    count = reader.session.scalar(select(func.count()).select_from(base.with_only_columns(Asset.id).subquery())) or 0
    has_next, has_previous = (more, after is not None) if before is None else (True, more)
    keys = [_key(wanted.sort, asset) for asset in (page[-1:] + page[:1])]
    return _rows(reader, page), count, keys[0] if keys and has_next else None, keys[1] if keys and has_previous else None


def _order(sort: str) -> list[tuple[Any, bool]]:
    if sort not in SORTS:
        raise fail("malformed")
    column, descending = SORTS[sort]
    return [(column, descending)] if column is Asset.id else [(column, descending), (Asset.id, descending)]


def _key(sort: str, asset: Asset) -> tuple[Any, ...]:
    return (asset.id,) if SORTS[sort][0] is Asset.id else (asset.name, asset.id)


def _rows(reader: Reader, assets: Sequence[Asset]) -> list[AssetRow]:
    faces = {face.id: face for face in view_all(reader, facts_of(reader.session, assets))}
    owners = names(reader.session, {asset.owner_id for asset in assets})
    return [
        AssetRow(faces[asset.id], KINDS[asset.kind], owners[asset.owner_id], asset.public_tier is not None)
        for asset in assets
        if asset.id in faces
    ]


def _conditions(reader: Reader, wanted: AssetFilter) -> list[ColumnElement[bool]]:
    mine = wanted.owner == "mine"
    found = [own(reader.actor, COLUMNS) if mine else visible(reader.actor, COLUMNS, at_least=Tier.T2)]
    if wanted.owner and not mine:
        found.append(Asset.owner_id.in_(subtree_ids(reader.session, organisation_by_ref(reader.session, wanted.owner).id)))
    exact = {Asset.kind: wanted.kind, Organisation.sector: wanted.sector, Asset.status: wanted.status}
    found += [column == value for column, value in exact.items() if value]
    if wanted.region:
        found.append(region_within(Asset.region, wanted.region))
    if wanted.listed is not None:
        found.append(Asset.public_tier.is_not(None) if wanted.listed else Asset.public_tier.is_(None))
    if wanted.bbox:
        found.append(bbox(Asset.geom, *wanted.bbox))
    if wanted.q:
        found.append(containing(reader.session, Asset, wanted.q, NAMES))
    return found


def host_choices(reader: Reader, q: str, limit: int = 20) -> list[AssetRow]:
    """Assets that an asset could stand on, by name or number."""
    rows, _count, _after, _before = list_assets(reader, AssetFilter(q=q, sort="name"), limit=limit)
    return rows


def _links(reader: Reader, ids: Select[Any]) -> list[AssetLink]:
    assets = list(reader.session.scalars(select(Asset).where(Asset.id.in_(ids)).order_by(Asset.name, Asset.id)))
    return [
        AssetLink(f.ref or "", f.name or "", KINDS[f.kind])
        for f in view_all(reader, facts_of(reader.session, assets))
        if f.is_exact
    ]
