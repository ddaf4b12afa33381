"""Rent on real agreements: tenants come and go, statements reconcile to the last fen."""

from __future__ import annotations

import io
from datetime import date, timedelta
from fractions import Fraction

import pytest
from openpyxl import load_workbook
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from app.audit.models import AuditRecord
from app.fulfilment.building import SettleItem, StartMakeReady, settle_item, start_make_ready
from app.fulfilment.ending import AnswerEnd, ProposeEnd, Removal, answer_end, confirm_removal, declare_removal, propose_end
from app.fulfilment.rules import MakeReady
from app.kernel.clock import FixedClock
from app.kernel.errors import DomainError
from app.ledger.service import EnterClaim, enter_claim
from app.rent.export import workbook
from app.rent.queries import rent_of, statement
from app.rent.service import IssueStatement, issue_statement
from tests.integration.fulfilment.steps import accepted, another_tenant, in_force
from tests.support.life import World


def bill(world: World, ref: str, until: date) -> list[tuple[str, int | None, int]]:
    made = world.do(world.owner, issue_statement, IssueStatement(ref, until))
    view = world.ask(world.requester, statement, made.refs[0])
    assert view.row.total_minor == sum(one.amount_minor for one in view.lines)
    return [(one.kind, one.tenants, one.amount_minor) for one in view.lines]


def share(minor: int, days: int, base: str, shared: str) -> int:
    return round((minor * 3 // 4 * Fraction(base) + minor // 4 * Fraction(shared)) * days / 365)


def test_third_tenant_joins_and_everyones_rent_moves_down_the_ladder_from_that_day(world: World, clock: FixedClock) -> None:
    first = accepted(world, in_force(world))
    clock.advance(timedelta(days=10))  # 11 July
    theirs, second = another_tenant(world, "Second Mobile")
    accepted(theirs, second, theirs.requester)
    clock.advance(timedelta(days=10))  # 21 July
    other, third = another_tenant(world, "Third Mobile")
    accepted(other, third, other.requester)
    clock.advance(timedelta(days=10))  # 31 July
    assert bill(world, first, date(2026, 7, 31)) == [
        ("rent", 1, share(4_000_000, 10, "1", "1")),
        ("rent", 2, share(4_000_000, 10, "0.65", "0.6")),
        ("rent", 3, share(4_000_000, 10, "0.55", "0.5")),
    ]
    assert bill(theirs, second, date(2026, 7, 31)) == [
        ("rent", 2, share(4_000_000, 10, "0.7", "0.6")),
        ("rent", 3, share(4_000_000, 10, "0.6", "0.5")),
    ]
    with world.read() as session:
        told = session.execute(
            select(AuditRecord.subject_ref, AuditRecord.before, AuditRecord.after)
            .where(AuditRecord.action == "rent.repriced")
            .order_by(AuditRecord.id)
        ).all()
    assert [(ref, before["tenants"], after["tenants"], after["from"]) for ref, before, after in told] == [
        (first, 1, 2, "2026-07-11"),
        (first, 2, 3, "2026-07-21"),
        (second, 2, 3, "2026-07-21"),
    ]


def test_a_tenant_leaves_and_the_rest_pay_more_and_the_next_is_anchor(world: World, clock: FixedClock) -> None:
    first = accepted(world, in_force(world))
    theirs, second = another_tenant(world, "Second Mobile")
    clock.advance(timedelta(days=1))
    accepted(theirs, second, theirs.requester)
    clock.advance(timedelta(days=9))
    world.do(world.requester, propose_end, ProposeEnd(first, "agreed", "We move.", world.bus.today()))
    world.do(world.owner, answer_end, AnswerEnd(first, True))
    world.do(world.requester, declare_removal, Removal(first, world.bus.today()))
    world.do(world.owner, confirm_removal, Removal(first))
    clock.advance(timedelta(days=10))
    assert [(kind, tenants) for kind, tenants, _ in bill(theirs, second, world.bus.today())] == [("rent", 2), ("rent", 1)]
    assert bill(world, first, world.bus.today())[-1][0] == "rent"
    with pytest.raises(DomainError) as caught:
        bill(world, first, world.bus.today())
    assert caught.value.code == "nothing_to_bill"


def test_what_turned_out_otherwise_is_taken_back_and_billed_anew(world: World, clock: FixedClock) -> None:
    ref = accepted(world, in_force(world))
    clock.advance(timedelta(days=20))
    before = bill(world, ref, date(2026, 7, 21))
    assert before == [("rent", 1, share(4_000_000, 20, "1", "1"))]
    occupant = EnterClaim(world.asset_ref, "baseline", {"platform": 1}, date(2026, 7, 11), None, "A tenant nobody had entered")
    world.do(world.owner, enter_claim, occupant)
    clock.advance(timedelta(days=10))
    after = bill(world, ref, date(2026, 7, 31))
    assert after == [
        ("reversal", 1, -before[0][2]),
        ("rent", 1, share(4_000_000, 10, "1", "1")),
        ("rent", 2, share(4_000_000, 10, "0.65", "0.6")),
        ("rent", 2, share(4_000_000, 10, "0.65", "0.6")),
    ]
    view = world.ask(world.owner, rent_of, ref)
    billed = sum(row.total_minor for row in view.statements)
    owed = [one for line in view.lines for one in line.stretches]
    exact = sum(
        (one.annual * min(one.days, (date(2026, 7, 31) - one.window.start).days) / 365)
        for one in owed
        if one.window.start < date(2026, 7, 31)
    )
    assert abs(billed - exact) <= len(before) + len(after)
    assert view.unbilled_minor == {"CNY": 0}


def test_make_ready_is_billed_once_with_the_rent(world: World, clock: FixedClock) -> None:
    ref = in_force(world)
    world.do(world.owner, start_make_ready, StartMakeReady(ref, [MakeReady("Bracket", "new_attachment", 5, {})]))
    world.do(world.owner, settle_item, SettleItem(ref, 1, None, 450_000))
    accepted(world, ref)
    clock.advance(timedelta(days=1))
    assert bill(world, ref, date(2026, 7, 2))[-1] == ("make_ready", None, 450_000)
    clock.advance(timedelta(days=1))
    assert [kind for kind, _, _ in bill(world, ref, date(2026, 7, 3))] == ["rent"]


def test_only_the_supplier_bills_and_only_days_that_are_over(world: World, clock: FixedClock) -> None:
    ref = accepted(world, in_force(world))
    clock.advance(timedelta(days=3))
    for actor, until, code in (
        (world.requester, date(2026, 7, 4), "nothing_to_bill"),
        (world.owner, date(2026, 7, 5), "not_yet_over"),
        (world.stranger, date(2026, 7, 4), "not_found"),
    ):
        with pytest.raises(DomainError) as caught:
            world.do(actor, issue_statement, IssueStatement(ref, until))
        assert caught.value.code == code
    with pytest.raises(DomainError):
        world.ask(world.stranger, rent_of, ref)


def test_a_statement_is_written_once(world: World, clock: FixedClock) -> None:
    ref = accepted(world, in_force(world))
    clock.advance(timedelta(days=3))
    bill(world, ref, date(2026, 7, 4))
    for statement_ in (
        "UPDATE rent_statement SET total_minor = 0",
        "DELETE FROM rent_statement_line",
        "DELETE FROM rent_statement",
    ):
        with pytest.raises(DBAPIError, match="never changed"), world.bus.database.write() as session:
            session.execute(text(statement_))


def test_the_workbook_adds_up(world: World, clock: FixedClock) -> None:
    ref = accepted(world, in_force(world))
    clock.advance(timedelta(days=31))
    made = world.do(world.owner, issue_statement, IssueStatement(ref))
    view = world.ask(world.owner, statement, made.refs[0])
    sheet = load_workbook(io.BytesIO(workbook(view))).active
    assert sheet is not None
    rows = list(sheet.iter_rows(min_row=5, values_only=True))
    assert sum(row[14] for row in rows[:-1]) == pytest.approx(view.row.total_minor / 100)  # type: ignore[misc]
    assert rows[-1][13] == pytest.approx(view.row.total_minor / 100)
    assert str(rows[-1][14]).startswith("=SUM(O5:")
