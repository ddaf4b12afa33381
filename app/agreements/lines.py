"""From what a party writes to sound lines on real assets, and the capacity they hold."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from shapely import to_wkt
from sqlalchemy import select

from app.accounts import organisation_by_ref
from app.agreements.models import Agreement, AgreementVersion, CapacityLine
from app.agreements.rules import Line, check_lines
from app.assets import Asset, facts_of
from app.catalogue.profiles import Rent, get_profile
from app.catalogue.rent_terms import rent_terms, terms_of
from app.catalogue.tiers import Tier
from app.db.work import UnitOfWork
from app.disclosure import grant, tier_for
from app.kernel.errors import Problem, fail
from app.kernel.quantity import to_milli
from app.kernel.text import Text
from app.kernel.timewindow import Window
from app.ledger import Holder, Wanted, hold, hold_difference, release
from app.listings import Listing

HOLDER = "agreement"


@dataclass(frozen=True, slots=True)
class LineInput:
    """A line as a party writes it: refs, amounts in the unit of their dimension. `against_line`: number of the line in return.

    `price_minor`: a year, for a tenant alone; `site_minor` and `power_minor` of it are for the site and the power intake.
    `shared`: the price follows the profile's ladder of tenants; `index_percent`: it rises by so much each year."""

    asset_ref: str
    supplier_ref: str
    beneficiary_ref: str
    amounts: Mapping[str, float]
    starts: date
    ends: date
    right: str = "lease"
    price_minor: int | None = None
    currency: str = "CNY"
    against_line: int | None = None
    listing_ref: str | None = None
    site_minor: int = 0
    power_minor: int = 0
    index_percent: Decimal = Decimal(0)
    shared: bool = False


@dataclass(frozen=True, slots=True)
class Placed:
    """A sound line on its asset."""

    line: Line
    asset: Asset
    listing: Listing | None
    slots: dict[str, list[int]] = field(default_factory=dict)


def place(work: UnitOfWork, agreement: Agreement, given: Sequence[LineInput]) -> list[Placed]:
    """Check the lines and find their assets. Raises `lines_unsound`, `not_found`."""
    rent = get_profile(agreement.profile).rent
    placed = [_place(work, number, line, rent) for number, line in enumerate(given, start=1)]
    check_lines([one.line for one in placed], frozenset({agreement.owner_id, agreement.requester_id}))
    known = set(work.session.scalars(select(CapacityLine.asset_id).where(CapacityLine.version_id.in_(_versions(agreement)))))
    for one in placed:
        _check_asset(work, one, known)
    return placed


def _versions(agreement: Agreement) -> Any:
    return select(AgreementVersion.id).where(AgreementVersion.agreement_id == agreement.id)


def _place(work: UnitOfWork, number: int, given: LineInput, rent: Rent) -> Placed:
    if given.ends <= given.starts:
        raise fail(
            "lines_unsound",
            [Problem("invalid", Text("Ends before it starts.", "结束日期早于开始日期。"), pointer=f"/lines/{number - 1}/ends")],
        )
    if given.price_minor is None and (given.shared or given.site_minor or given.power_minor or given.index_percent):
        said = Text("Only a price is divided, shared or indexed.", "有价格的条款才可拆分、随共享优惠或递增。")
        raise fail("lines_unsound", [Problem("invalid", said, pointer=f"/lines/{number - 1}/price_minor")])
    asset = work.session.scalar(select(Asset).where(Asset.ref == given.asset_ref))
    if asset is None:
        raise fail("not_found")
    listing = None
    if given.listing_ref is not None:
        listing = work.session.scalar(select(Listing).where(Listing.ref == given.listing_ref, Listing.asset_id == asset.id))
        if listing is None:
            raise fail("not_found")
    supplier, beneficiary = (organisation_by_ref(work.session, ref) for ref in (given.supplier_ref, given.beneficiary_ref))
    line = Line(
        number,
        asset.ref,
        supplier.id,
        beneficiary.id,
        given.right,
        {name: to_milli(a) for name, a in given.amounts.items() if a},
        Window(given.starts, given.ends),
        given.price_minor,
        given.currency,
        given.against_line,
        given.listing_ref,
        rent=terms_of(
            given.price_minor, given.site_minor, given.power_minor, given.index_percent, given.shared, rent, work.today
        ),
    )
    return Placed(line, asset, listing)


def _check_asset(work: UnitOfWork, placed: Placed, known: set[int]) -> None:
    """A line is on its supplier's asset, and on one that its writer can see or that the agreement already names."""
    if placed.asset.owner_id != placed.line.supplier_id:
        said = Text("The asset is not the supplier's.", "该设施不属于供方。")
        raise fail("lines_unsound", [Problem("invalid", said, pointer=f"/lines/{placed.line.number - 1}/asset")])
    if placed.asset.id not in known:
        tier = tier_for(work, facts_of(work.session, [placed.asset])[0])
        if tier is None or tier is Tier.T0:
            raise fail("not_found")


def hold_lines(work: UnitOfWork, agreement: Agreement, placed: Sequence[Placed], expires_at: datetime) -> list[Placed]:
    """Give up what the agreement holds and hold its new lines instead, all or none; returns them with their slots.

    Each beneficiary may see the asset in full while the capacity is held. Raises `no_capacity`."""
    release(work, Holder(HOLDER, agreement.ref))
    if agreement.amends_id is not None:
        return _hold_beyond(work, agreement, placed, expires_at)
    held = []
    for one in sorted(placed, key=lambda p: (p.asset.id, p.line.number)):  # one order of locks for everybody
        holder = Holder(HOLDER, agreement.ref, one.line.beneficiary_id, one.listing.id if one.listing else None)
        limits = {name: to_milli(amount) for name, amount in one.listing.offered.items()} if one.listing else None
        slots = hold(work, one.asset.id, one.asset.kind, one.line.amounts, one.line.window, holder, expires_at, limits=limits)
        grant(work, one.asset.id, one.line.beneficiary_id, Tier.T3, agreement.title[:200], expires_at, agreement.ref)
        held.append(replace(one, line=replace(one.line, slots=slots), slots=slots))
    return sorted(held, key=lambda p: p.line.number)


def _hold_beyond(work: UnitOfWork, agreement: Agreement, placed: Sequence[Placed], expires_at: datetime) -> list[Placed]:
    """An amendment holds what the agreement that it amends does not have."""
    amended = Holder(HOLDER, work.session.get_one(Agreement, agreement.amends_id).ref)
    wanted = [
        Wanted(
            one.asset.id,
            one.asset.kind,
            one.line.amounts,
            one.line.window,
            one.line.beneficiary_id,
            one.listing.id if one.listing else None,
            {name: to_milli(amount) for name, amount in one.listing.offered.items()} if one.listing else None,
        )
        for one in placed
    ]
    slots = hold_difference(work, wanted, Holder(HOLDER, agreement.ref), amended, expires_at)
    for one in placed:
        grant(work, one.asset.id, one.line.beneficiary_id, Tier.T3, agreement.title[:200], expires_at, agreement.ref)
    return [replace(one, line=replace(one.line, slots=chosen), slots=chosen) for one, chosen in zip(placed, slots, strict=True)]


def placed_of(work: UnitOfWork, rows: Sequence[CapacityLine]) -> list[Placed]:
    """The lines of a version as they stand, to begin another with."""
    found = []
    for row in rows:
        asset = work.session.get_one(Asset, row.asset_id)
        listing = work.session.get_one(Listing, row.listing_id) if row.listing_id is not None else None
        line = Line(
            row.number,
            asset.ref,
            row.supplier_id,
            row.beneficiary_id,
            row.right,
            dict(row.amounts),
            Window(row.starts, row.ends),
            row.price_minor,
            row.currency,
            row.against_line,
            listing.ref if listing else None,
            dict(row.slots),
            rent=rent_terms(row.rent, row.price_minor or 0) if row.rent is not None else None,
        )
        found.append(Placed(line, asset, listing, dict(row.slots)))
    return found


def rows_of(placed: Sequence[Placed], version_id: int) -> list[CapacityLine]:
    return [
        CapacityLine(
            version_id=version_id,
            number=one.line.number,
            asset_id=one.asset.id,
            listing_id=one.listing.id if one.listing else None,
            supplier_id=one.line.supplier_id,
            beneficiary_id=one.line.beneficiary_id,
            right=one.line.right,
            amounts=one.line.amounts,
            slots=one.slots,
            starts=one.line.window.start,
            ends=one.line.window.end,
            price_minor=one.line.price_minor,
            currency=one.line.currency,
            against_line=one.line.against_line,
            rent=one.line.rent.as_json() if one.line.rent else None,
        )
        for one in placed
    ]


def line_content(one: Placed, refs: Mapping[int, Mapping[str, str]]) -> dict[str, Any]:
    """A line as the version says it. `refs`: id of a party → {ref, name}."""
    line = one.line
    price: dict[str, Any] = {"price_minor_a_year": line.price_minor, "currency": line.currency}
    if line.rent is not None:
        price["rent"] = line.rent.as_json()
    return {
        "number": line.number,
        "asset": {
            "id": one.asset.ref,
            "name": one.asset.name,
            "kind": one.asset.kind,
            "region": one.asset.region,
            "place": to_wkt(one.asset.geom, rounding_precision=7),
        },
        "listing": one.listing.ref if one.listing else None,
        "supplier": dict(refs[line.supplier_id]),
        "beneficiary": dict(refs[line.beneficiary_id]),
        "right": line.right,
        "amounts_milli": dict(line.amounts),
        "slots": dict(one.slots),
        "starts": line.window.start.isoformat(),
        "ends": line.window.end.isoformat(),
        "consideration": price if line.against_line is None else {"against_line": line.against_line},
    }
