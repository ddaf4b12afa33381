"""From rows to the engine's `Problem`: published listings, published needs, and the ledger's claims. Owns no rule of matching.

Organisations of one tree count as one (the id passed to the engine is the root's). Prices and budgets are per counted unit and
year.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import shapely
from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from app.accounts import Organisation
from app.assets import Asset
from app.catalogue.declaration import MILLI, Sort
from app.catalogue.derive import effective_attributes
from app.catalogue.kinds import KINDS
from app.catalogue.profiles import get_profile
from app.catalogue.tiers import Tier
from app.disclosure import shown_attributes
from app.engine import NO_BUDGET, ON_REQUEST, Capacity, Claim, ListingRow, NeedRow, Problem, problem_from_rows
from app.ledger import claims_for, totals_for
from app.listings import Listing
from app.matching.fairness import Standing, bonus_milli
from app.needs import Need, NeedsList

OPEN_NEEDS = ("published", "matched")


@dataclass(frozen=True, slots=True)
class Sight:
    """A listing as a viewer sees it: its place, and the tier that says which attributes are known."""

    place: shapely.Geometry
    tier: Tier


See = Callable[[int, shapely.Geometry], Sight | None]


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


def roots(session: Session) -> dict[int, int]:
    """Organisation id → id of the head of its tree."""
    parent = dict(session.execute(select(Organisation.id, Organisation.parent_id)).all())

    def top(organisation: int) -> int:
        above = parent[organisation]
        return organisation if above is None else top(above)

    return {organisation: top(organisation) for organisation in parent}


def load_problem(session: Session, scope: Scope = Scope(), see: See | None = None) -> Problem:
    """The problem as the database says it now. `see(listing_id, geometry)` generalises what a viewer may see; None hides the
    listing."""
    heads = roots(session)
    kinds = [KINDS[scope.kind]] if scope.kind else list(KINDS.all())
    return problem_from_rows(kinds, listing_rows(session, scope, heads, see), need_rows(session, scope, heads))


def _filtered(
    statement: Select[Any], model: Any, scope: Scope, ids: Collection[int] | None, statuses: Sequence[str]
) -> Select[Any]:
    statement = (
        statement.where(model.kind == scope.kind)
        if scope.kind
        else statement.where(model.kind.in_([k.name for k in KINDS.all()]))
    )
    if ids is not None:
        statement = statement.where(model.id.in_(ids))
    return statement if ids is not None and not scope.open_only else statement.where(model.status.in_(statuses))


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

    rows = session.execute(_filtered(statement, Listing, scope, scope.listing_ids, ("published",)).order_by(Listing.id)).all()
    assets = None if scope.listing_ids is None else [row.asset_id for row in rows]
    totals, claims = _totals(session, assets), _claims(session, assets)
    for row in rows:
        seen = whole(row.geom) if see is None else see(row.id, row.geom)
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
    for row in session.execute(_filtered(statement, Need, scope, scope.need_ids, OPEN_NEEDS).order_by(Need.id)):
        kind = KINDS[row.kind]
        outstanding = row.quantity_outstanding or row.quantity
        yield NeedRow(
            id=row.id,
            kind=row.kind,
            organisation=heads[row.organisation_id],
            place=row.geom,
            radius_m=row.radius_m,
            budget_minor=NO_BUDGET if row.budget_minor is None else row.budget_minor // row.quantity,
            currency=row.currency,
            start=row.window_start.toordinal(),
            end=row.window_end.toordinal(),
            values={**row.requirements, kind.quantity: outstanding},
            bonus_milli=bonus_milli(
                get_profile(row.profile), Standing(row.purpose, row.submitted_on, row.opens_on, row.closes_on)
            ),
        )
