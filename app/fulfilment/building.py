"""Use cases from entry into force to acceptance: make-ready, its items, the installation, the acceptance as built."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from sqlalchemy import func, select

from app.access import order_of
from app.agreements import AGREEMENT, Agreement, event_of, lines_of, load, own_party, touch
from app.catalogue.profiles import get_profile
from app.db.work import UnitOfWork
from app.deadlines import meet_deadline, start_deadline
from app.fulfilment.models import Installation, MakeReadyItem
from app.fulfilment.rules import MakeReady, check_as_built, check_items, shares_of
from app.kernel.errors import Problem, fail
from app.kernel.event import Event
from app.kernel.quantity import to_milli
from app.kernel.text import Text

SUBJECT, CLOCK = "agreement", "make_ready"


@dataclass(frozen=True, slots=True)
class StartMakeReady:
    """`items`: what is done, why, for how much. `due_on`: until when."""

    ref: str
    items: Sequence[MakeReady]
    due_on: date | None = None
    seen_version: int | None = None


@dataclass(frozen=True, slots=True)
class SettleItem:
    """An item is done, at its final cost, or dropped (`final_minor` None)."""

    ref: str
    number: int
    done_on: date | None = None
    final_minor: int | None = None
    note: str | None = None
    seen_version: int | None = None


@dataclass(frozen=True, slots=True)
class Install:
    """`built`: line number → dimension → amount in its unit, where it differs from what was agreed."""

    ref: str
    installed_on: date
    equipment: str
    built: Mapping[int, Mapping[str, float]] = field(default_factory=dict)
    seen_version: int | None = None


@dataclass(frozen=True, slots=True)
class AnswerInstallation:
    """Accept as built, or return it with its defects."""

    ref: str
    accept: bool
    defects: str | None = None
    seen_version: int | None = None


def start_make_ready(work: UnitOfWork, command: StartMakeReady) -> int:
    """Open the work that the asset needs before anything is installed. Who may: drafters of the owner. Returns the new version.

    Raises `invalid` with every fault of the items."""
    agreement = load(work, command.ref, "fulfilment.prepare", command.seen_version)
    before, agreement.status = agreement.status, AGREEMENT.move(agreement.status, "start_make_ready")
    if not command.items:
        raise _invalid("/items", "Name at least one piece of work.", "请至少填写一项工作。")
    check_items(command.items, agreement.owner_id, agreement.requester_id)
    first = work.session.scalar(select(func.max(MakeReadyItem.number)).where(MakeReadyItem.agreement_id == agreement.id)) or 0
    rows = [_item(work, agreement, item, first + number, command.due_on) for number, item in enumerate(command.items, start=1)]
    work.session.add_all(rows)
    touch(work, agreement)
    after = {"status": agreement.status, "items": [_said(row) for row in rows], "due_on": _day(command.due_on)}
    work.emit(event_of(agreement, "agreement.make_ready_started", {"status": before}, after))
    return agreement.version


def _item(work: UnitOfWork, agreement: Agreement, item: MakeReady, number: int, due_on: date | None) -> MakeReadyItem:
    return MakeReadyItem(
        agreement_id=agreement.id,
        number=number,
        title=item.title.strip()[:200],
        cause=item.cause,
        amount_minor=item.amount_minor,
        currency=get_profile(agreement.profile).currency,
        shares=_shares(agreement, item),
        weights={str(party): weight for party, weight in item.weights.items()} if item.cause == "shared_benefit" else {},
        violator=item.violator.strip()[:120] if item.cause == "existing_violation" else "",
        due_on=due_on,
        created_at=work.now,
    )


def _shares(agreement: Agreement, item: MakeReady) -> list[dict[str, object]]:
    return [
        {"payer": share.payer, "name": share.name, "minor": share.minor}
        for share in shares_of(item, agreement.owner_id, agreement.requester_id)
    ]


def settle_item(work: UnitOfWork, command: SettleItem) -> int:
    """Close one item at what it cost; its shares follow. Who may: drafters of the owner. Returns the agreement's new version."""
    agreement = load(work, command.ref, "fulfilment.prepare", command.seen_version)
    row = work.session.scalar(
        select(MakeReadyItem).where(MakeReadyItem.agreement_id == agreement.id, MakeReadyItem.number == command.number)
    )
    if row is None or row.status != "open":
        raise fail("not_found")
    before = _said(row)
    if command.final_minor is None:
        row.status = "dropped"
    else:
        if command.final_minor < 0:
            raise _invalid("/final_minor", "A cost is not negative.", "费用不能为负。")
        done_on = command.done_on or work.today
        if done_on > work.today:
            raise _invalid("/done_on", "This day is still to come.", "该日期尚未到来。")
        row.status, row.done_on, row.final_minor = "done", done_on, command.final_minor
        weights = {int(party): int(weight) for party, weight in row.weights.items()}
        item = MakeReady(row.title, row.cause, command.final_minor, weights, row.violator)
        row.shares = _shares(agreement, item)
    row.note, row.updated_at = (command.note or "").strip() or None, work.now
    touch(work, agreement)
    work.emit(event_of(agreement, "agreement.make_ready_settled", {"item": before}, {"item": _said(row)}))
    return agreement.version


def install(work: UnitOfWork, command: Install) -> int:
    """Record what was installed, as built; the other party accepts it or returns it. Who may: drafters of either party.

    Raises `items_open`, `as_built_exceeds`, `invalid`."""
    agreement = load(work, command.ref, "fulfilment.install", command.seen_version)
    before, agreement.status = agreement.status, AGREEMENT.move(agreement.status, "install")
    if still := open_items(work, agreement.id):
        raise fail("items_open", count=still)
    if not command.equipment.strip():
        raise _invalid("/equipment", "Say what was installed.", "请填写所安装的设备。")
    if command.installed_on > work.today:
        raise _invalid("/installed_on", "This day is still to come.", "该日期尚未到来。")
    agreed = {line.number: {name: int(amount) for name, amount in line.amounts.items()} for line in lines_of(work, agreement)}
    given = {n: {name: to_milli(amount) for name, amount in amounts.items()} for n, amounts in command.built.items()}
    built = {n: amounts | given.get(n, {}) for n, amounts in agreed.items()} | {n: given[n] for n in given.keys() - agreed.keys()}
    check_as_built(built, agreed)
    number = work.session.scalar(select(func.count()).where(Installation.agreement_id == agreement.id)) or 0
    row = Installation(
        agreement_id=agreement.id,
        number=number + 1,
        installed_on=command.installed_on,
        equipment=command.equipment.strip(),
        built={str(n): amounts for n, amounts in built.items()},
        recorded_by=own_party(work, agreement),
        created_at=work.now,
    )
    work.session.add(row)
    meet_deadline(work, SUBJECT, agreement.ref, CLOCK)
    touch(work, agreement)
    after = {"status": agreement.status, "installed_on": _day(row.installed_on), "equipment": row.equipment, "built": row.built}
    work.emit(event_of(agreement, "agreement.installed", {"status": before}, after))
    return agreement.version


def answer_installation(work: UnitOfWork, command: AnswerInstallation) -> int:
    """Accept what stands there, and rent runs from today; or return it with its defects. Who may: managers of the party that did
    not install.

    Raises `own_step`, `invalid`."""
    agreement = load(work, command.ref, "fulfilment.accept", command.seen_version)
    before, after_status = agreement.status, AGREEMENT.move(agreement.status, "accept_as_built" if command.accept else "correct")
    row = work.session.scalars(
        select(Installation).where(Installation.agreement_id == agreement.id, Installation.status == "waiting")
    ).one()
    row.answered_by, row.answered_on = other_party(work, agreement, row.recorded_by), work.today
    row.updated_at = work.now
    if command.accept:
        row.status, agreement.billing_from = "accepted", work.today
        after: dict[str, object] = {"status": after_status, "billing_from": _day(work.today)}
    else:
        if not (command.defects or "").strip():
            raise _invalid("/defects", "Say what must be corrected.", "请填写须整改的内容。")
        row.status, row.defects = "returned", (command.defects or "").strip()
        after = {"status": after_status, "defects": row.defects}
    agreement.status = after_status
    touch(work, agreement)
    action = "agreement.accepted_as_built" if command.accept else "agreement.returned_for_correction"
    work.emit(event_of(agreement, action, {"status": before}, after))
    return agreement.version


def entered_force(work: UnitOfWork, event: Event) -> Agreement | None:
    """The agreement that this event brought into force."""
    change = event.after if event.action == "agreements.submitted" else event.after.get("agreement_change", {})
    if isinstance(change, Mapping) and change.get("need_status") and "agreement_id" in event.data:
        return work.session.get_one(Agreement, event.data["agreement_id"])
    return None


def start_clock(work: UnitOfWork, event: Event) -> None:
    """The clock of make-ready runs from the entry into force, where the profile has one: as long as the size of the order says."""
    agreement = entered_force(work, event)
    if agreement is not None and agreement.status == "in_force":
        profile, units = get_profile(agreement.profile), order_of(work, agreement.request_id)
        if profile.clock(CLOCK) is not None and units is not None:
            start_deadline(work, profile, CLOCK, SUBJECT, agreement.ref, agreement.owner_id, work.now, units)


def open_items(work: UnitOfWork, agreement_id: int) -> int:
    still = select(func.count()).where(MakeReadyItem.agreement_id == agreement_id, MakeReadyItem.status == "open")
    return work.session.scalar(still) or 0


def other_party(work: UnitOfWork, agreement: Agreement, first: int) -> int:
    """The party that answers what `first` did, when the actor is of it; else `own_step`."""
    other = agreement.requester_id if first == agreement.owner_id else agreement.owner_id
    if other not in work.actor.subtree:
        raise fail("own_step")
    return other


def _said(row: MakeReadyItem) -> dict[str, object]:
    return {
        "number": row.number,
        "title": row.title,
        "cause": row.cause,
        "amount_minor": row.amount_minor,
        "final_minor": row.final_minor,
        "shares": row.shares,
        "status": row.status or "open",
    }


def _day(day: date | None) -> str | None:
    return day.isoformat() if day else None


def _invalid(pointer: str, en: str, zh: str) -> Exception:
    return fail("invalid", [Problem("invalid", Text(en, zh), pointer=pointer)])
