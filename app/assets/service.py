"""Use cases of the register. One event each; capacity goes through the ledger's door in the same transaction."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from app.accounts import Organisation, organisation_by_ref
from app.assets import capacity
from app.assets.draft import AssetDraft, check_draft, kind_named
from app.assets.facts import facts_of, subject_of
from app.assets.locating import cell_regions_of, region_of
from app.assets.models import Asset, AssetHost
from app.assets.queries import AssetDetail, asset_detail, draft_of
from app.assets.rules import HOST_DEPTH, LIFE, check_no_cycle
from app.catalogue.tiers import Tier
from app.catalogue.validation import is_empty
from app.db.work import UnitOfWork
from app.disclosure import view
from app.kernel.errors import DomainError, Problem, fail
from app.kernel.event import Event, changes
from app.kernel.permission import Subject
from app.kernel.text import Text
from app.kernel.version import check_version


@dataclass(frozen=True, slots=True)
class EditAsset:
    """`changes`: fields of `AssetDraft` by name; `attributes` and `capacity` merge by name, None or "" takes a value away."""

    ref: str
    version: int | None
    changes: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class MoveAsset:
    """`action`: one of `LIFE.transitions`."""

    ref: str
    version: int | None
    action: str


def register_asset(work: UnitOfWork, draft: AssetDraft) -> AssetDetail:
    """Put an asset on the register. Owner's editors and above. Raises `invalid` with every problem, `owner_ref_taken`."""
    asset = add_asset(work, draft)
    announce(work, asset, "asset.registered", {}, {**snapshot(asset), "capacity": dict(draft.capacity)})
    return asset_detail(work, asset.ref)


def add_asset(work: UnitOfWork, draft: AssetDraft, *, pointer: str = "") -> Asset:
    """The row, checked, permitted, located, with its hosts and totals; says nothing: the use case around it emits its one
    event."""
    clean, problems = check_draft(draft, pointer=pointer)
    if problems:
        raise fail("invalid", problems)
    owner = _organisation(work, draft.owner, f"{pointer}/owner")
    geometry = clean.geometry
    region = region_of(geometry, owner.profile, clean.region, pointer=f"{pointer}/geometry")
    work.permit("asset.register", Subject(owner_id=owner.id, region=region))
    if clean.grade != "general":
        work.permit("asset.grade", Subject(owner_id=owner.id, region=region))
    asset = Asset(kind=clean.kind, owner_id=owner.id, created_at=work.now, region=region)
    asset.cell_region = cell_regions_of([geometry], owner.profile)[0]
    _fill(work, asset, clean, pointer)
    work.session.add(asset)
    _check_number(work.session, asset, pointer)
    work.session.flush()
    set_hosts(work, asset, clean.hosted_by, pointer)
    if clean.capacity:
        capacity.book().set_totals(work, asset.id, clean.capacity)
    return asset


def edit_asset(work: UnitOfWork, command: EditAsset) -> AssetDetail:
    """Change what is stated about an asset. Owner's editors and above; the grade takes a manager. Raises `stale_version`,
    `invalid`."""
    return asset_detail(work, change_asset(work, command).ref)


def change_asset(work: UnitOfWork, command: EditAsset) -> Asset:
    """As `edit_asset`, without reading the whole page of it again."""
    asset = load(work, command.ref, "asset.edit", command.version)
    current = draft_of(work, asset)
    clean, problems = check_draft(_merged(current, command.changes))
    if problems:
        raise fail("invalid", problems)
    if clean.grade != asset.grade:
        work.permit("asset.grade", subject_of(asset))
    if clean.status != asset.status:
        raise fail(
            "invalid",
            [
                Problem(
                    "status_moves",
                    Text("The status is changed by its own actions.", "状态请通过相应操作变更。"),
                    pointer="/status",
                )
            ],
        )
    before = {**snapshot(asset), "hosted_by": sorted(current.hosted_by), "capacity": dict(current.capacity)}
    owner = work.session.get_one(Organisation, asset.owner_id)
    if clean.geometry is not None and not clean.geometry.equals_exact(asset.geom, 0.0):
        asset.region = region_of(clean.geometry, owner.profile, clean.region or asset.region)
        asset.cell_region = cell_regions_of([clean.geometry], owner.profile)[0]
        work.permit("asset.edit", subject_of(asset))
    _fill(work, asset, clean, "")
    _check_number(work.session, asset, "")
    if sorted(clean.hosted_by) != sorted(current.hosted_by):
        set_hosts(work, asset, clean.hosted_by)
    if clean.capacity != current.capacity:
        gone = {name: 0.0 for name in current.capacity if name not in clean.capacity}
        capacity.book().set_totals(work, asset.id, {**gone, **clean.capacity})
    else:
        capacity.book().settle(work, asset.id)
    _touch(work, asset)
    announce(
        work,
        asset,
        "asset.edited",
        before,
        {**snapshot(asset), "hosted_by": sorted(clean.hosted_by), "capacity": dict(clean.capacity)},
    )
    return asset


def move_asset(work: UnitOfWork, command: MoveAsset) -> AssetDetail:
    """Take an asset to its next status. Owner's managers. Raises `illegal_transition`, `stale_version`."""
    asset = load(work, command.ref, "asset.status", command.version)
    if command.action not in LIFE.transitions:
        raise fail("not_found")
    before = asset.status
    asset.status = LIFE.move(asset.status, command.action)
    _touch(work, asset)
    announce(work, asset, "asset.status_changed", {"status": before}, {"status": asset.status})
    return asset_detail(work, asset.ref)


def load(work: UnitOfWork, ref: str, policy: str, version: int | None) -> Asset:
    """The asset for a change: `not_found` when the actor cannot see it, `forbidden` when it may not, `stale_version`."""
    asset = work.session.scalar(select(Asset).where(Asset.ref == ref).with_for_update())
    if asset is None:
        raise fail("not_found")
    view(work, facts_of(work.session, [asset])[0])
    work.permit(policy, subject_of(asset))
    check_version(version, asset.version)
    return asset


def set_public_tier(work: UnitOfWork, asset_id: int, tier: Tier | None) -> None:
    """What everybody may see of the asset from now on; its open listings decide."""
    work.session.execute(update(Asset).where(Asset.id == asset_id).values(public_tier=None if tier is None else tier.name))


def set_hosts(work: UnitOfWork, asset: Asset, refs: Iterable[str], pointer: str = "") -> None:
    """Replace what the asset stands on. A host must be visible to the actor. Raises `host_cycle`, `invalid`."""
    hosts = {host.id: host.name for host in (_host(work, ref, pointer) for ref in dict.fromkeys(refs))}
    check_no_cycle(asset.id, hosts, _links_above(work.session, hosts))
    work.session.execute(delete(AssetHost).where(AssetHost.asset_id == asset.id))
    work.session.add_all([AssetHost(asset_id=asset.id, host_id=host) for host in hosts])
    work.session.flush()


def snapshot(asset: Asset) -> dict[str, Any]:
    """The asset for the record, JSON-ready."""
    names = (
        "name",
        "owner_ref",
        "operator_id",
        "status",
        "region",
        "address",
        "land_consent",
        "host_consent",
        "declared_crs",
        "accuracy_m",
        "grade",
    )
    return {
        "kind": asset.kind,
        **{name: getattr(asset, name) for name in names},
        "attributes": dict(asset.attributes),
        "available_from": asset.available_from.isoformat() if asset.available_from else None,
        "geometry": asset.geom.wkt
        if asset.geom.geom_type == "Point"
        else f"{asset.geom.geom_type}, {len(asset.geom.wkt)} characters",
    }


def announce(work: UnitOfWork, asset: Asset, action: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> None:
    was, now = changes(before, after)
    concerned = tuple({asset.owner_id, asset.operator_id or asset.owner_id})
    work.emit(Event(action, "asset", asset.ref, concerned, was, now, asset.region, {"asset_id": asset.id}))


def reschedule(work: UnitOfWork, asset_id: int, available_from: date) -> date | None:
    """Give a planned asset another first day, and return the one before; says nothing: the use case around it emits its event."""
    asset = work.session.scalars(select(Asset).where(Asset.id == asset_id).with_for_update()).one()
    was, asset.available_from = asset.available_from, available_from
    _touch(work, asset)
    return was


def move_along(work: UnitOfWork, asset_id: int, action: str) -> None:
    """Take an asset to its next status, where that is possible, with what it belongs to; says nothing, as `reschedule`."""
    asset = work.session.scalars(select(Asset).where(Asset.id == asset_id).with_for_update()).one()
    if LIFE.allows(asset.status, action):
        asset.status = LIFE.move(asset.status, action)
        _touch(work, asset)


def _touch(work: UnitOfWork, asset: Asset) -> None:
    asset.version += 1
    asset.updated_at = work.now


def _fill(work: UnitOfWork, asset: Asset, clean: AssetDraft, pointer: str) -> None:
    for name in (
        "name",
        "owner_ref",
        "status",
        "available_from",
        "address",
        "land_consent",
        "host_consent",
        "declared_crs",
        "accuracy_m",
        "grade",
        "provenance",
    ):
        setattr(asset, name, getattr(clean, name))
    asset.operator_id = None if clean.operator is None else _organisation(work, clean.operator, f"{pointer}/operator").id
    asset.geom = clean.geometry
    asset.attributes, asset.assumed = dict(clean.attributes), list(clean.assumed)


def _merged(current: AssetDraft, changed: Mapping[str, Any]) -> AssetDraft:
    """The current statement with the changes; a value that a person states is no longer assumed. Unchanged places keep their
    system."""
    given = dict(changed)
    for name in ("attributes", "capacity"):
        if name in given:
            merged = {**getattr(current, name), **given[name]}
            given[name] = {key: value for key, value in merged.items() if not is_empty(value)}
    if "geometry" not in given:
        given["geometry"] = current.geometry
    elif "declared_crs" not in given:
        given["declared_crs"] = "EPSG:4326"
    stated = {
        key
        for name in ("attributes", "capacity")
        for key, value in changed.get(name, {}).items()
        if str(getattr(current, name).get(key)) != str(value) or is_empty(value)
    }
    draft = replace(current, **given, assumed=tuple(name for name in current.assumed if name not in stated))
    return draft if "geometry" in changed else replace(draft, declared_crs="EPSG:4326")


def _organisation(work: UnitOfWork, ref: str | None, pointer: str) -> Organisation:
    """The organisation named, the actor's own when none is."""
    if ref is None and work.actor.organisation_id is not None:
        return work.session.get_one(Organisation, work.actor.organisation_id)
    try:
        return organisation_by_ref(work.session, ref or "")
    except DomainError:
        raise fail(
            "invalid", [Problem("unknown_organisation", Text("There is no such organisation.", "没有该单位。"), pointer=pointer)]
        ) from None


def _host(work: UnitOfWork, ref: str, pointer: str) -> Asset:
    host = work.session.scalar(select(Asset).where(Asset.ref == ref))
    try:
        if host is None:
            raise fail("not_found")
        view(work, facts_of(work.session, [host])[0])
    except DomainError:
        problem = Problem(
            "unknown_host",
            Text("There is no such asset that you can see.", "没有您可以查看的该设施。"),
            pointer=f"{pointer}/hosted_by",
        )
        raise fail("invalid", [problem]) from None
    return host


def _links_above(session: Session, hosts: Iterable[int]) -> dict[int, list[int]]:
    """Every link met on the way up from `hosts`."""
    found: dict[int, list[int]] = {}
    front: Sequence[int] = list(hosts)
    for _ in range(HOST_DEPTH):
        rows = (
            session.execute(select(AssetHost.asset_id, AssetHost.host_id).where(AssetHost.asset_id.in_(front))).all()
            if front
            else []
        )
        for asset_id, host_id in rows:
            found.setdefault(asset_id, []).append(host_id)
        front = [host for _, host in rows if host not in found]
    return found


def _check_number(session: Session, asset: Asset, pointer: str) -> None:
    """The owner's own number is one asset's of a kind."""
    if asset.owner_ref is None:
        return
    with session.no_autoflush:
        other = session.scalar(
            select(Asset.ref)
            .where(
                Asset.owner_id == asset.owner_id,
                Asset.kind == asset.kind,
                Asset.owner_ref == asset.owner_ref,
                Asset.ref != (asset.ref or ""),
            )
            .limit(1)
        )
    if other is not None:
        taken = Problem(
            "owner_ref_taken",
            Text("Another of your assets of this kind has this number.", "本单位同类设施已使用此编号。"),
            pointer=f"{pointer}/owner_ref",
        )
        raise fail("owner_ref_taken", [taken], number=asset.owner_ref)


__all__ = [
    "EditAsset",
    "MoveAsset",
    "add_asset",
    "announce",
    "change_asset",
    "edit_asset",
    "kind_named",
    "load",
    "move_along",
    "move_asset",
    "register_asset",
    "reschedule",
    "set_hosts",
    "set_public_tier",
    "snapshot",
]
