"""Reads through disclosure: the tier of each asset for the actor, faces, and the same rule as a condition in SQL."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, false, or_, true

from app.catalogue.kinds import KINDS
from app.catalogue.tiers import Tier
from app.db.containment import region_within_any
from app.db.many import one_of
from app.db.work import Reader
from app.disclosure.faces import AssetFace, AssetFacts
from app.disclosure.held import held, held_by_area, sorts_held
from app.disclosure.rules import tier_of
from app.disclosure.sightings import shown
from app.kernel.actor import Actor
from app.kernel.errors import fail


def granted_tiers(reader: Reader, asset_ids: Sequence[int]) -> dict[int, list[Tier]]:
    """The tiers of the grants that the actor's organisations hold now, by asset."""
    if not reader.actor.subtree or not asset_ids:
        return {}
    found: dict[int, list[Tier]] = defaultdict(list)
    sorts = reader.session.scalars(sorts_held(reader.actor)).all()  # most hold none, and nothing more is asked
    for by_area in sorts:
        statement = held_by_area(reader.actor) if by_area else held(reader.actor)
        asset_id = statement.selected_columns[0]
        for number, name in reader.session.execute(statement.where(one_of(reader.session, asset_id, set(asset_ids)))):
            found[number].append(Tier[name])
    return found


def tiers_for(reader: Reader, assets: Sequence[AssetFacts]) -> dict[int, Tier | None]:
    """How precisely the actor sees each asset; None: not at all."""
    granted = granted_tiers(reader, [asset.id for asset in assets])
    return {asset.id: tier_of(reader.actor, asset, granted.get(asset.id, ())) for asset in assets}


def tier_for(reader: Reader, asset: AssetFacts) -> Tier | None:
    return tiers_for(reader, [asset])[asset.id]


def view(reader: Reader, asset: AssetFacts) -> AssetFace:
    """The asset's face for the actor; `not_found` where it can at most be counted."""
    tier = tier_for(reader, asset)
    if tier is None or tier is Tier.T0:
        raise fail("not_found")
    return shown(reader, asset, tier, KINDS[asset.kind])


def view_all(reader: Reader, assets: Sequence[AssetFacts]) -> list[AssetFace]:
    """The faces of those that the actor may see one by one, in the given order."""
    tiers = tiers_for(reader, assets)
    return [
        shown(reader, asset, tier, KINDS[asset.kind])
        for asset in assets
        if (tier := tiers[asset.id]) is not None and tier > Tier.T0
    ]


@dataclass(frozen=True, slots=True)
class Columns:
    """The columns of a query that the rule reads. `public_tier`: "T0".."T2" or NULL, as everybody sees it."""

    asset_id: Any
    owner_id: Any
    operator_id: Any
    owner_sector: Any
    kind: Any
    region: Any
    public_tier: Any


def visible(actor: Actor, columns: Columns, *, at_least: Tier = Tier.T1) -> ColumnElement[bool]:
    """`tier_of(...) >= at_least` (T1 or T2) as a condition: the rows that the actor may see one by one, or exactly. What is true
    of most rows is asked first: a count of everything then asks no more of them."""
    if actor.is_system:
        return true()
    if actor.is_anonymous:
        return false()
    names = [tier.name for tier in Tier if tier >= at_least]
    return or_(_public(columns, names), _own(actor, columns), _watched(actor, columns), _granted(actor, columns, names))


def own(actor: Actor, columns: Columns) -> ColumnElement[bool]:
    """The rows that are the actor's own, by title or by operation."""
    return true() if actor.is_system else _own(actor, columns)


def _own(actor: Actor, columns: Columns) -> ColumnElement[bool]:
    holds = or_(columns.owner_id.in_(actor.subtree), columns.operator_id.in_(actor.subtree))
    return and_(holds, region_within_any(columns.region, actor.regions)) if actor.regions else holds


def _watched(actor: Actor, columns: Columns) -> ColumnElement[bool]:
    conditions = []
    for competence in actor.competences:
        parts = [region_within_any(columns.region, competence.regions)] if competence.regions else []
        if competence.authority != "communications":
            parts.append(columns.owner_sector.in_(competence.sectors))
            if competence.host_kinds:
                parts.append(columns.kind.in_(competence.host_kinds))
        conditions.append(and_(true(), *parts))
    return or_(false(), *conditions)


def _granted(actor: Actor, columns: Columns, names: Sequence[str]) -> ColumnElement[bool]:
    found: ColumnElement[bool] = or_(
        *(columns.asset_id.in_(_ids(statement, names)) for statement in (held(actor), held_by_area(actor)))
    )
    return found


def _ids(statement: Select[Any, Any], names: Sequence[str]) -> Select[Any]:
    asset_id, tier = statement.selected_columns
    return statement.where(tier.in_(names)).with_only_columns(asset_id, maintain_column_froms=True)


def _public(columns: Columns, names: Sequence[str]) -> ColumnElement[bool]:
    found: ColumnElement[bool] = columns.public_tier.in_(names)
    return found
