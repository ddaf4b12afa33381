"""From agreements and claims to what is owed: who is on an asset when, and the lines of a statement. Reads only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, tzinfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts import names
from app.agreements import Agreement, AgreementVersion, CapacityLine
from app.catalogue.rent_terms import RentTerms, rent_terms
from app.fulfilment import settled_items
from app.kernel.timewindow import Window
from app.ledger import Claim
from app.rent.models import RentStatement, RentStatementLine
from app.rent.rules import Segment, Tenancy, presence, segments, unbilled


@dataclass(frozen=True, slots=True)
class Owed:
    """A line of an agreement whose beneficiary is on the asset, or was. `window`: while rent is owed."""

    agreement: Agreement
    line: CapacityLine
    terms: RentTerms
    window: Window
    tenant: str


@dataclass(frozen=True, slots=True)
class Item:
    """A line of a statement to be. `segment`: of rent; `reverses`: the earlier line that it takes back; `item`: number of a
    make-ready item."""

    kind: str
    amount_minor: int
    owed: Owed | None = None
    segment: Segment | None = None
    reverses: RentStatementLine | None = None
    item: int | None = None
    text: str = ""


def tenant_key(organisation_ref: str) -> str:
    return f"organisation {organisation_ref}"


def lines_on(session: Session, asset_id: int) -> list[Owed]:
    """Every line on the asset under which somebody is or was there."""
    rows = session.execute(
        select(Agreement, CapacityLine)
        .join(AgreementVersion, AgreementVersion.id == CapacityLine.version_id)
        .join(Agreement, Agreement.id == AgreementVersion.agreement_id)
        .where(
            CapacityLine.asset_id == asset_id,
            AgreementVersion.number == Agreement.current_number,
            Agreement.billing_from.is_not(None),
        )
        .order_by(Agreement.id, CapacityLine.number)
    )
    return _owed(session, [(agreement, line) for agreement, line in rows])


def owed_lines(session: Session, agreement: Agreement, supplier_id: int | None = None) -> list[Owed]:
    """The lines of one agreement on which rent is owed in money, of one supplier or all."""
    lines = session.scalars(
        select(CapacityLine)
        .join(AgreementVersion, AgreementVersion.id == CapacityLine.version_id)
        .where(AgreementVersion.agreement_id == agreement.id, AgreementVersion.number == agreement.current_number)
        .order_by(CapacityLine.number)
    )
    mine = [line for line in lines if line.price_minor is not None and supplier_id in (None, line.supplier_id)]
    return _owed(session, [(agreement, line) for line in mine])


def _owed(session: Session, rows: Sequence[tuple[Agreement, CapacityLine]]) -> list[Owed]:
    known = names(session, {line.beneficiary_id for _, line in rows})
    found = []
    for agreement, line in rows:
        window = presence(agreement.billing_from, agreement.ended_on, Window(line.starts, line.ends))
        if window is not None:
            terms = rent_terms(line.rent, line.price_minor or 0)
            found.append(Owed(agreement, line, terms, window, tenant_key(known[line.beneficiary_id].ref)))
    return found


def tenancies(session: Session, asset_id: int, zone: tzinfo) -> list[Tenancy]:
    """Who is on the asset when: under agreements that were accepted as built, and tenants from before the platform. One of these
    that was ended was there until that day, by the days of `zone`."""
    found = [Tenancy(one.tenant, one.window) for one in lines_on(session, asset_id)]
    before = session.execute(
        select(Claim.holder_ref, Claim.starts, Claim.ends, Claim.state, Claim.updated_at)
        .where(Claim.asset_id == asset_id, Claim.kind == "baseline")
        .order_by(Claim.holder_ref, Claim.starts, Claim.id)
    )
    for who, starts, ends, state, changed in before:
        end = ends if state == "active" or changed is None else min(ends, changed.astimezone(zone).date())
        if starts < end:
            found.append(Tenancy(f"occupant {who}", Window(starts, end)))
    return found


def schedule(session: Session, owed: Owed, window: Window, zone: tzinfo) -> list[Segment]:
    """What a line costs over a window of its presence, stretch by stretch."""
    return segments(owed.terms, owed.line.starts, window, owed.tenant, tenancies(session, owed.line.asset_id, zone))


def billed(session: Session, agreement_id: int, line_number: int) -> list[RentStatementLine]:
    """The rent lines of earlier statements that stand, in order."""
    taken_back = select(RentStatementLine.reverses_id).where(RentStatementLine.reverses_id.is_not(None))
    return list(
        session.scalars(
            select(RentStatementLine)
            .where(
                RentStatementLine.agreement_id == agreement_id,
                RentStatementLine.line_number == line_number,
                RentStatementLine.kind == "rent",
                RentStatementLine.id.not_in(taken_back),
            )
            .order_by(RentStatementLine.starts, RentStatementLine.id)
        )
    )


def to_bill(session: Session, agreement: Agreement, supplier_id: int, currency: str, until: date, zone: tzinfo) -> list[Item]:
    """The lines of a statement up to `until`: earlier days that turned out otherwise taken back and billed anew, days that no
    statement has, and make-ready that the other party bears."""
    found: list[Item] = []
    for owed in owed_lines(session, agreement, supplier_id):
        if owed.line.currency != currency:
            continue
        so_far = billed(session, agreement.id, owed.line.number)
        for row in so_far:
            found += _corrected(session, owed, row, zone)
        left = unbilled(owed.window, max((row.ends for row in so_far if row.ends), default=None), until)
        if left is not None:
            found += [Item("rent", one.amount_minor, owed, one) for one in schedule(session, owed, left, zone)]
    return found + _make_ready(session, agreement, supplier_id, currency)


def _corrected(session: Session, owed: Owed, row: RentStatementLine, zone: tzinfo) -> list[Item]:
    """Nothing when the line stands as it was billed."""
    if row.starts is None or row.ends is None:
        return []
    window = Window(row.starts, row.ends).intersection(owed.window)
    anew = schedule(session, owed, window, zone) if window is not None else []
    if len(anew) == 1 and anew[0].window == Window(row.starts, row.ends) and anew[0].amount_minor == row.amount_minor:
        return []
    return [Item("reversal", -row.amount_minor, owed, None, row), *(Item("rent", one.amount_minor, owed, one) for one in anew)]


def _make_ready(session: Session, agreement: Agreement, supplier_id: int, currency: str) -> list[Item]:
    """Shares of finished make-ready that the requester bears, billed by the owner, once each."""
    if supplier_id != agreement.owner_id:
        return []
    done = set(
        session.scalars(
            select(RentStatementLine.item_number).where(
                RentStatementLine.agreement_id == agreement.id, RentStatementLine.item_number.is_not(None)
            )
        )
    )
    return [
        Item("make_ready", share, item=number, text=title)
        for number, title, money, share in settled_items(session, agreement.id, agreement.requester_id)
        if number not in done and money == currency and share
    ]


def statements_of(session: Session, agreement_id: int) -> list[RentStatement]:
    """Newest first."""
    return list(
        session.scalars(
            select(RentStatement).where(RentStatement.agreement_id == agreement_id).order_by(RentStatement.number.desc())
        )
    )
