"""Rent as its parties read it: what it is now and why, how it went, the statements."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts import OrganisationName, names
from app.agreements import Agreement, subject_of
from app.assets import Asset
from app.catalogue.rent_terms import RentTerms
from app.db.work import Reader
from app.kernel.errors import fail
from app.kernel.permission import Subject
from app.kernel.timewindow import FAR, Window
from app.rent.models import RentStatement, RentStatementLine
from app.rent.reckoning import Owed, owed_lines, schedule, statements_of, to_bill
from app.rent.rules import Segment


@dataclass(frozen=True, slots=True)
class RentLine:
    """One line of the agreement: its terms, what holds today (None: nobody is there today), and its stretches so far and to come."""

    number: int
    asset_name: str
    supplier: OrganisationName
    beneficiary: OrganisationName
    currency: str
    terms: RentTerms
    window: Window
    today: Segment | None
    stretches: Sequence[Segment]


@dataclass(frozen=True, slots=True)
class StatementRow:
    ref: str
    number: int
    supplier: OrganisationName
    beneficiary: OrganisationName
    until: date
    currency: str
    total_minor: int
    created_at: datetime


@dataclass(frozen=True, slots=True)
class RentView:
    """`unbilled_minor`: by currency, of the days up to yesterday, for the reader's side as a supplier; empty when it supplies
    nothing."""

    ref: str
    title: str
    version: int
    status: str
    billing_from: date | None
    lines: Sequence[RentLine]
    statements: Sequence[StatementRow]
    unbilled_minor: Mapping[str, int]
    today: date
    supplies: bool
    subject: Subject


@dataclass(frozen=True, slots=True)
class StatementLineView:
    """As it was issued. `starts`, `last`: its days."""

    number: int
    kind: str
    line_number: int | None
    asset_name: str | None
    starts: date | None
    last: date | None
    days: int | None
    tenants: int | None
    anchor: bool | None
    base_discount: str | None
    shared_discount: str | None
    index_factor: str | None
    base_minor: int | None
    shared_minor: int | None
    year_days: int | None
    amount_minor: int
    text: str
    reverses: int | None


@dataclass(frozen=True, slots=True)
class StatementView:
    row: StatementRow
    agreement_ref: str
    agreement_title: str
    lines: Sequence[StatementLineView]


def rent_of(reader: Reader, ref: str) -> RentView:
    """Raises `not_found`."""
    agreement = _agreement(reader, ref)
    owed = owed_lines(reader.session, agreement)
    mine = {agreement.owner_id, agreement.requester_id} & set(reader.actor.subtree)
    suppliers = sorted({one.line.supplier_id for one in owed} & mine)
    known = names(reader.session, {agreement.owner_id, agreement.requester_id})
    unbilled: dict[str, int] = {}
    for supplier in suppliers:
        for currency in sorted({one.line.currency for one in owed}):
            items = to_bill(reader.session, agreement, supplier, currency, reader.today, reader.zone)
            unbilled[currency] = unbilled.get(currency, 0) + sum(item.amount_minor for item in items)
    return RentView(
        agreement.ref,
        agreement.title,
        agreement.version,
        agreement.status,
        agreement.billing_from,
        [_line(reader, one, known) for one in owed],
        [_statement(row, known) for row in statements_of(reader.session, agreement.id)],
        unbilled,
        reader.today,
        bool(suppliers),
        subject_of(agreement),
    )


def _agreement(reader: Reader, ref: str) -> Agreement:
    agreement = reader.session.scalar(select(Agreement).where(Agreement.ref == ref))
    if agreement is None:
        raise fail("not_found")
    reader.permit("rent.view", subject_of(agreement))
    return agreement


def _line(reader: Reader, owed: Owed, known: Mapping[int, OrganisationName]) -> RentLine:
    horizon = (
        min(owed.window.end, max(reader.today, owed.window.start) + timedelta(days=366))
        if owed.window.end == FAR
        else owed.window.end
    )
    stretches = schedule(reader.session, owed, Window(owed.window.start, horizon), reader.zone)
    return RentLine(
        owed.line.number,
        reader.session.get_one(Asset, owed.line.asset_id).name,
        known[owed.line.supplier_id],
        known[owed.line.beneficiary_id],
        owed.line.currency,
        owed.terms,
        owed.window,
        next((one for one in stretches if reader.today in one.window), None),
        stretches,
    )


def _statement(row: RentStatement, known: Mapping[int, OrganisationName]) -> StatementRow:
    return StatementRow(
        row.ref,
        row.number,
        known[row.supplier_id],
        known[row.beneficiary_id],
        row.until,
        row.currency,
        row.total_minor,
        row.created_at,
    )


def statement(reader: Reader, ref: str) -> StatementView:
    """One statement with its lines as they were issued. Raises `not_found`."""
    row = reader.session.scalar(select(RentStatement).where(RentStatement.ref == ref))
    if row is None:
        raise fail("not_found")
    reader.permit("rent.view", subject_of(reader.session.get_one(Agreement, row.agreement_id)))
    return statement_of(reader.session, row)


def statement_of(session: Session, row: RentStatement) -> StatementView:
    """The statement for whoever may have it: who calls has asked."""
    agreement = session.get_one(Agreement, row.agreement_id)
    lines = list(
        session.scalars(
            select(RentStatementLine).where(RentStatementLine.statement_id == row.id).order_by(RentStatementLine.number)
        )
    )
    assets = {asset_id: session.get_one(Asset, asset_id).name for asset_id in {line.asset_id for line in lines if line.asset_id}}
    reversed_on = dict(
        session.execute(
            select(RentStatementLine.id, RentStatement.number)
            .join(RentStatement, RentStatement.id == RentStatementLine.statement_id)
            .where(RentStatementLine.id.in_([line.reverses_id for line in lines if line.reverses_id]))
        ).all()
    )
    known = names(session, {row.supplier_id, row.beneficiary_id})
    return StatementView(
        _statement(row, known), agreement.ref, agreement.title, [_line_view(line, assets, reversed_on) for line in lines]
    )


def _line_view(line: RentStatementLine, assets: Mapping[int, str], reversed_on: Mapping[int, int]) -> StatementLineView:
    window = Window(line.starts, line.ends) if line.starts and line.ends else None
    return StatementLineView(
        line.number,
        line.kind,
        line.line_number,
        assets.get(line.asset_id or 0),
        line.starts,
        window.last if window else None,
        window.length_days if window else None,
        line.tenants,
        line.anchor,
        line.base_discount,
        line.shared_discount,
        line.index_factor,
        line.base_minor,
        line.shared_minor,
        line.year_days,
        line.amount_minor,
        line.text,
        reversed_on.get(line.reverses_id or 0),
    )
