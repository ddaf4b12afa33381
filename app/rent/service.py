"""Use cases of rent: issue a statement; and telling every tenant of an asset when one joins or leaves what changes for it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import func, select

from app.agreements import Agreement, event_of, lines_of, load, own_party, touch
from app.db.work import UnitOfWork
from app.kernel.errors import fail
from app.kernel.event import Event
from app.kernel.timewindow import FAR, Window
from app.rent.models import RentStatement, RentStatementLine
from app.rent.reckoning import Item, Owed, lines_on, schedule, to_bill
from app.rent.rules import Segment

COMES_OR_GOES = (
    "agreement.accepted_as_built",
    "agreement.ended",
    "agreement.removed",
    "agreement.amended",
    "capacity.baseline_entered",
    "capacity.baseline_ended",
)


@dataclass(frozen=True, slots=True)
class IssueStatement:
    """`until`: the first day that is not billed; None: the days of the months that are over."""

    ref: str
    until: date | None = None
    seen_version: int | None = None


@dataclass(frozen=True, slots=True)
class Issued:
    """The statements made, one for each currency: their ids. `version`: the agreement's new one."""

    refs: tuple[str, ...]
    version: int


def issue_statement(work: UnitOfWork, command: IssueStatement) -> Issued:
    """Bill everything up to a day that no statement has yet, for the lines that the actor's side supplies.

    Who may: managers of a party that supplies. Raises `not_yet_over`, `nothing_to_bill`."""
    agreement = load(work, command.ref, "rent.bill", command.seen_version)
    until = command.until or work.today.replace(day=1)
    if until > work.today:
        raise fail("not_yet_over", until=work.today - timedelta(days=1))
    supplier = own_party(work, agreement)
    currencies = sorted({line.currency for line in lines_of(work, agreement)})
    made = [one for currency in currencies if (one := _issue(work, agreement, supplier, currency, until)) is not None]
    if not made:
        raise fail("nothing_to_bill", until=until - timedelta(days=1))
    touch(work, agreement)
    work.emit(
        event_of(
            agreement,
            "rent.statement_issued",
            {},
            {
                "statements": [
                    {
                        "id": one.ref,
                        "number": one.number,
                        "until": until.isoformat(),
                        "total_minor": one.total_minor,
                        "currency": one.currency,
                    }
                    for one in made
                ]
            },
        )
    )
    return Issued(tuple(one.ref for one in made), agreement.version)


def _issue(work: UnitOfWork, agreement: Agreement, supplier: int, currency: str, until: date) -> RentStatement | None:
    items = to_bill(work.session, agreement, supplier, currency, until, work.zone)
    if not items:
        return None
    number = work.session.scalar(select(func.count()).where(RentStatement.agreement_id == agreement.id)) or 0
    other = agreement.requester_id if supplier == agreement.owner_id else agreement.owner_id
    statement = RentStatement(
        agreement_id=agreement.id,
        number=number + 1,
        supplier_id=supplier,
        beneficiary_id=other,
        until=until,
        currency=currency,
        total_minor=sum(item.amount_minor for item in items),
        issued_by=work.actor.user_id,
        created_at=work.now,
    )
    work.session.add(statement)
    work.session.flush()
    work.session.add_all(_row(statement, agreement, n, item) for n, item in enumerate(items, start=1))
    work.session.flush()
    return statement


def _row(statement: RentStatement, agreement: Agreement, number: int, item: Item) -> RentStatementLine:
    row = RentStatementLine(
        statement_id=statement.id,
        number=number,
        kind=item.kind,
        agreement_id=agreement.id,
        amount_minor=item.amount_minor,
        item_number=item.item,
        text=item.text,
    )
    if item.owed is not None:
        row.line_number, row.asset_id = item.owed.line.number, item.owed.line.asset_id
    if (old := item.reverses) is not None:
        row.reverses_id, row.starts, row.ends, row.tenants, row.anchor = old.id, old.starts, old.ends, old.tenants, old.anchor
        row.base_discount, row.shared_discount, row.index_factor = old.base_discount, old.shared_discount, old.index_factor
        row.base_minor, row.shared_minor, row.year_days = old.base_minor, old.shared_minor, old.year_days
    if (segment := item.segment) is not None:
        row.starts, row.ends, row.tenants, row.anchor = segment.window.start, segment.window.end, segment.tenants, segment.anchor
        row.base_discount, row.shared_discount = str(segment.base_discount), str(segment.shared_discount)
        row.index_factor, row.year_days = str(segment.index), segment.year_days
        row.base_minor, row.shared_minor = segment.base_minor, segment.shared_minor
    return row


def reprice(work: UnitOfWork, event: Event) -> None:
    """A tenant came or went: every other agreement on the asset whose price follows the tenants changes from that day, each with
    its own record."""
    if event.action not in COMES_OR_GOES:
        return
    for asset_id, day in _where(work, event):
        for owed in lines_on(work.session, asset_id):
            if owed.agreement.ref != event.subject_ref:
                _reprice_one(work, owed, day)


def _where(work: UnitOfWork, event: Event) -> list[tuple[int, date]]:
    """The assets on which somebody came or went, and the day."""
    if event.subject_type == "asset":
        starts = event.after.get("starts")
        return [(int(event.data["asset_id"]), max(work.today, date.fromisoformat(starts)) if starts else work.today)]
    agreement = work.session.get_one(Agreement, event.data["agreement_id"])
    if agreement.billing_from is None:
        return []
    day = agreement.ended_on or agreement.billing_from
    return [(asset_id, day) for asset_id in sorted({line.asset_id for line in lines_of(work, agreement)})]


def _reprice_one(work: UnitOfWork, owed: Owed, day: date) -> None:
    around = owed.window.intersection(Window(day - timedelta(days=1), min(FAR, day + timedelta(days=1))))
    if not owed.terms.ladder or around is None or around.length_days < 2:
        return
    days = schedule(work.session, owed, around, work.zone)
    before, after = days[0], days[-1]
    if (before.tenants, before.base_discount, before.shared_discount) == (
        after.tenants,
        after.base_discount,
        after.shared_discount,
    ):
        return
    work.emit(
        event_of(
            owed.agreement,
            "rent.repriced",
            {"line": owed.line.number, **_said(before)},
            {"line": owed.line.number, "from": day.isoformat(), "currency": owed.line.currency, **_said(after)},
        )
    )


def _said(segment: Segment) -> Mapping[str, Any]:
    return {"tenants": segment.tenants, "anchor": segment.anchor, "annual_minor": round(segment.annual)}
