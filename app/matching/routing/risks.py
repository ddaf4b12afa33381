"""What a span lies in or hangs from, up to the last host, whoever owns it, and what of that a viewer may be told.

A risk counts in every answer, also where its host is hidden: two routes over one unseen bridge must not pass for diverse. Such
a host is told as no more than "a structure that is not open to you".
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

import shapely
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts import OrganisationName, names
from app.assets import Asset, AssetHost, facts_of
from app.catalogue.kinds import KINDS
from app.catalogue.tiers import Tier
from app.db.work import Reader
from app.disclosure import shown, tiers_for
from app.kernel.text import Text

CHUNK = 500
HIDDEN = Text("A structure that is not open to you", "一处未向您开放的设施")


@dataclass(frozen=True, slots=True)
class RiskView:
    """What two routes share, as the viewer may know it. `kind` None, `owner` None: hidden. `geometry`: exact or the cell."""

    title: Text
    kind: str | None = None
    owner: OrganisationName | None = None
    ref: str | None = None
    geometry: shapely.Geometry | None = None


def risks_of(session: Session, asset_ids: Collection[int]) -> dict[int, tuple[int, ...]]:
    """By asset: the ids of its hosts, their hosts and so on; and its own, where more than one thing listed depends on it."""
    above = _hosts(session, set(asset_ids))
    chains = {asset: _chain(asset, above) for asset in asset_ids}
    hosting = {host for chain in chains.values() for host in chain}
    return {asset: tuple(sorted(chain | ({asset} & hosting))) for asset, chain in chains.items()}


def shared_assets(asset_ids: Iterable[int]) -> set[int]:
    """Assets that several listings offer parts of."""
    return {asset for asset, count in Counter(asset_ids).items() if count > 1}


def _hosts(session: Session, front: set[int]) -> dict[int, set[int]]:
    """Every link on the way up."""
    found: dict[int, set[int]] = defaultdict(set)
    seen: set[int] = set()
    while front:
        seen |= front
        wanted, reached = sorted(front), set()
        for at in range(0, len(wanted), CHUNK):
            rows = session.execute(
                select(AssetHost.asset_id, AssetHost.host_id).where(AssetHost.asset_id.in_(wanted[at : at + CHUNK]))
            )
            for asset, host in rows:
                found[asset].add(host)
                reached.add(host)
        front = reached - seen
    return found


def _chain(asset: int, above: Mapping[int, set[int]]) -> set[int]:
    chain: set[int] = set()
    front = {asset}
    while front:
        front = {host for one in front for host in above.get(one, ())} - chain
        chain |= front
    return chain


def risk_views(reader: Reader, asset_ids: Collection[int]) -> dict[int, RiskView]:
    """Each risk as the actor may know it."""
    if not asset_ids:
        return {}
    assets = reader.session.scalars(select(Asset).where(Asset.id.in_(asset_ids))).all()
    facts = facts_of(reader.session, assets)
    tiers, owners = tiers_for(reader, facts), names(reader.session, {one.owner_id for one in facts})
    found = {}
    for one in facts:
        tier, kind = tiers[one.id], KINDS[one.kind]
        if tier is None or tier is Tier.T0:
            found[one.id] = RiskView(HIDDEN)
            continue
        seen = shown(reader, one, tier, kind)
        title = Text(seen.name, seen.name) if seen.name else kind.label
        found[one.id] = RiskView(title, one.kind, owners[one.owner_id], seen.ref, seen.geometry)
    return found
