"""From the database to the engine's `Problem`: published listings, published needs, and the ledger's claims; a whole market by
columns, what one viewer sees row by row, with the same outcome. Owns no rule of matching.

Organisations of one tree count as one (the id passed to the engine is the root's). Prices and budgets are per counted unit and
year.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from sqlalchemy import ColumnElement, and_, select
from sqlalchemy.orm import Session

from app.accounts import Organisation
from app.assets import Asset
from app.catalogue.declaration import MILLI, AssetKind, Sort
from app.catalogue.derive import effective_attributes
from app.catalogue.kinds import KINDS
from app.catalogue.profiles import get_profile
from app.catalogue.tiers import Tier
from app.db.many import one_of
from app.disclosure import shown_attributes
from app.engine import NO_BUDGET, ON_REQUEST, Capacity, Claim, ListingRow, Listings, NeedRow, Problem, build_problem
from app.engine.compile import KindTables, compile_kinds
from app.engine.facts import indexed
from app.engine.problem import Ints
from app.ledger import claims_for, totals_for
from app.listings import Listing
from app.matching.fairness import Standing, bonus_milli
from app.matching.source_ledger import Totals, is_whole, read_cells, read_claims, read_totals, totals_in
from app.matching.source_listings import Heads, assemble, completed, read_listings, read_stated
from app.matching.source_needs import read_needs
from app.matching.source_seen import See, Sight, read_seen
from app.needs import Need, NeedsList

OPEN_NEEDS = ("published", "matched")
AREAS = ("Polygon", "MultiPolygon")
FEW = 1_000  # needs that are named one by one
LEAST_M = 0.001  # what is no area has a reach


@dataclass(frozen=True, slots=True)
class Scope:
    """What to load. None = all that is open for matching; `listing_ids`/`need_ids` load these whatever their status, or, with
    `open_only`, those of them that are open. `disclosed`: listings as everybody may know them, by the public face of their place
    and the general attributes, so that what is made of it may be told to requesters; else exactly, for owners and authorities."""

    kind: str | None = None
    listing_ids: Collection[int] | None = None
    need_ids: Collection[int] | None = None
    open_only: bool = False
    disclosed: bool = False

    @property
    def kinds(self) -> tuple[AssetKind, ...]:
        return (KINDS[self.kind],) if self.kind else tuple(KINDS.all())

    def where(self, session: Session, model: Any, ids: Collection[int] | None, statuses: Sequence[str]) -> ColumnElement[bool]:
        conditions = [model.kind.in_([k.name for k in self.kinds])]
        if ids is not None:
            conditions.append(one_of(session, model.id, ids))
        if ids is None or self.open_only:
            conditions.append(model.status.in_(statuses))
        return and_(*conditions)


def roots(session: Session) -> dict[int, int]:
    """Organisation id → id of the head of its tree."""
    heads = heads_of(session)
    return dict(zip(heads.id.tolist(), heads.head.tolist(), strict=True))


def heads_of(session: Session) -> Heads:
    """Every organisation with the head of its tree and its profile, by id."""
    rows = session.execute(select(Organisation.id, Organisation.parent_id, Organisation.profile).order_by(Organisation.id)).all()
    parent = {row.id: row.parent_id for row in rows}

    def top(organisation: int) -> int:
        while (above := parent[organisation]) is not None:
            organisation = above
        return organisation

    ids = np.array([row.id for row in rows], np.int64)
    return Heads(ids, np.array([top(row.id) for row in rows], np.int64), [row.profile for row in rows])


def load_problem(session: Session, scope: Scope = Scope(), see: See | None = None, beside: Session | None = None) -> Problem:
    """The problem as the database says it now, read by columns. `see(listing_id)` is how a viewer sees a listing; None hides it.
    `beside`: a second session on the same snapshot, to read on two connections at once."""
    heads = heads_of(session)
    tables = compile_kinds(scope.kinds)
    wanted = scope.where(session, Need, scope.need_ids, OPEN_NEEDS)
    if see is None and beside is not None and scope.listing_ids is None:
        return _on_two(session, beside, scope, tables, heads, wanted)
    needs = read_needs(session, wanted, tables, heads, few=scope.need_ids is not None and len(scope.need_ids) <= FEW)
    if see is None:
        return build_problem(tables.kinds, _listings(session, scope, tables, heads), needs)
    where = scope.where(session, Listing, scope.listing_ids, ("published",))
    return build_problem(tables.kinds, read_seen(session, where, tables, heads, see), needs)


def _on_two(
    session: Session, beside: Session, scope: Scope, tables: KindTables, heads: Heads, wanted: ColumnElement[bool]
) -> Problem:
    """Everything that is open, read on two connections at once; what is read is worked on while the next is on its way."""
    where, geometry, tier = _offers(session, scope)
    with ThreadPoolExecutor(3) as pool:

        def read_beside() -> tuple[Future[Totals], tuple[Ints, Ints]]:
            cells = read_cells(beside, tables)
            return pool.submit(totals_in, cells, tables), read_stated(beside, tables, None, tier)

        other = pool.submit(read_beside)
        stock = read_listings(session, where, tables, heads, geometry, is_whole(tables, None))
        index = pool.submit(indexed, stock.place, stock.kind, len(tables.kinds))
        claims = read_claims(session, tables, None)
        needs = read_needs(session, wanted, tables, heads)
        totals, stated = other.result()
        listings = assemble(stock, completed(session, stock, stated, tables, None, tier), totals.result(), claims, tables)
        index.result()
    return build_problem(tables.kinds, listings, needs)


def _offers(session: Session, scope: Scope) -> tuple[ColumnElement[bool], Any, Tier]:
    """Which listings a scope means, by what column of their places, and the tier of what is known of their assets."""
    where = scope.where(session, Listing, scope.listing_ids, ("published",))
    return where, *((Listing.face_geom, Tier.T2) if scope.disclosed else (Listing.geom, Tier.T3))


def _listings(session: Session, scope: Scope, tables: KindTables, heads: Heads) -> Listings:
    """The listings of a scope in columns, in order of their ids."""
    where, geometry, tier = _offers(session, scope)
    stock = read_listings(session, where, tables, heads, geometry)
    chosen = None if scope.listing_ids is None else np.unique(stock.asset_id)
    values = completed(session, stock, read_stated(session, tables, chosen, tier), tables, chosen, tier)
    return assemble(stock, values, read_totals(session, tables, chosen), read_claims(session, tables, chosen), tables)


def listing_rows(session: Session, scope: Scope, heads: Mapping[int, int], see: See | None) -> Iterator[ListingRow]:
    """The listings of a scope as the engine takes them, in order of their ids."""
    statement = (
        select(
            Listing.id,
            Listing.asset_id,
            Listing.kind,
            Listing.owner_id,
            (Listing.face_geom if scope.disclosed else Listing.geom).label("geom"),
            Listing.offered,
            Listing.window_start,
            Listing.window_end,
            Listing.price_minor,
            Listing.currency,
            Asset.attributes,
            Organisation.profile,
        )
        .join(Asset, Asset.id == Listing.asset_id)
        .join(Organisation, Organisation.id == Listing.owner_id)
    )

    def whole(place: shapely.Geometry) -> Sight:
        return Sight(place, Tier.T2 if scope.disclosed else Tier.T3)

    rows = session.execute(
        statement.where(scope.where(session, Listing, scope.listing_ids, ("published",))).order_by(Listing.id)
    ).all()
    assets = None if scope.listing_ids is None else [row.asset_id for row in rows]
    totals, claims = _totals(session, assets), _claims(session, assets)
    for row in rows:
        seen = whole(row.geom) if see is None else see(row.id)
        if seen is None:
            continue
        kind = KINDS[row.kind]
        capacity = {}
        for dimension in kind.dimensions:
            if dimension.sort is Sort.LIMIT:
                continue
            total = totals.get((row.asset_id, dimension.name))
            if total is None:
                continue
            offered = row.offered.get(dimension.name)
            capacity[dimension.name] = Capacity(
                total if offered is None else min(total, round(offered * MILLI)),
                total,
                tuple(claims.get((row.asset_id, dimension.name), ())),
            )
        yield ListingRow(
            id=row.id,
            kind=row.kind,
            owner=heads[row.owner_id],
            place=seen.place,
            price_minor=ON_REQUEST if row.price_minor is None else row.price_minor,
            currency=row.currency,
            start=row.window_start.toordinal(),
            end=row.window_end.toordinal(),
            values=effective_attributes(kind, shown_attributes(kind, row.attributes, seen.tier), get_profile(row.profile)),
            capacity=capacity,
        )


def _totals(session: Session, assets: Sequence[int] | None) -> dict[tuple[int, str], int]:
    columns = totals_for(session, assets)
    return {
        (asset, name): total for asset, name, total in zip(columns.asset_id, columns.dimension, columns.total_milli, strict=True)
    }


def _claims(session: Session, assets: Sequence[int] | None) -> dict[tuple[int, str], list[Claim]]:
    found: dict[tuple[int, str], list[Claim]] = defaultdict(list)
    columns = claims_for(session, assets)
    rows = zip(columns.asset_id, columns.dimension, columns.slot, columns.amount_milli, columns.starts, columns.ends, strict=True)
    for asset, dimension, slot, amount, starts, ends in rows:
        found[asset, dimension].append(
            Claim(starts.toordinal(), ends.toordinal(), amount_milli=0 if slot else amount, slot=slot or 0)
        )
    for listed in found.values():
        listed.sort(key=lambda claim: (claim.start, claim.end, claim.slot, claim.amount_milli))
    return found


def need_rows(session: Session, scope: Scope, heads: Mapping[int, int]) -> Iterator[NeedRow]:
    """The needs of a scope as the engine takes them, in order of their ids."""
    statement = select(
        Need.id,
        Need.kind,
        Need.organisation_id,
        Need.geom,
        Need.radius_m,
        Need.budget_minor,
        Need.currency,
        Need.quantity_outstanding,
        Need.quantity,
        Need.window_start,
        Need.window_end,
        Need.requirements,
        Need.purpose,
        Need.submitted_on,
        NeedsList.opens_on,
        NeedsList.closes_on,
        Organisation.profile,
    )
    statement = statement.join(NeedsList, NeedsList.id == Need.needs_list_id).join(
        Organisation, Organisation.id == Need.organisation_id
    )
    for row in session.execute(statement.where(scope.where(session, Need, scope.need_ids, OPEN_NEEDS)).order_by(Need.id)):
        kind = KINDS[row.kind]
        outstanding = row.quantity_outstanding or row.quantity
        yield NeedRow(
            id=row.id,
            kind=row.kind,
            organisation=heads[row.organisation_id],
            place=row.geom,
            radius_m=row.radius_m if row.geom.geom_type in AREAS else max(row.radius_m, LEAST_M),
            budget_minor=NO_BUDGET if row.budget_minor is None else row.budget_minor // row.quantity,
            currency=row.currency,
            start=row.window_start.toordinal(),
            end=row.window_end.toordinal(),
            values={**row.requirements, kind.quantity: outstanding},
            bonus_milli=bonus_milli(
                get_profile(row.profile), Standing(row.purpose, row.submitted_on, row.opens_on, row.closes_on)
            ),
        )
