"""What happens to an agreement through its regulators: parts of the approvals' use cases, in their transaction. They emit
nothing of the agreement itself."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, time

from sqlalchemy import select

from app.access import AccessRequest, legs_together
from app.agreements.models import Agreement, CapacityLine
from app.agreements.rules import AGREEMENT
from app.agreements.service import current, event_of, hold_end, holder_of, let_go, load, touch
from app.assets import Asset
from app.catalogue.declaration import AssetKind
from app.catalogue.demand import supplied
from app.catalogue.kinds import KINDS
from app.catalogue.tiers import Tier
from app.db.work import UnitOfWork
from app.disclosure import grant, revoke
from app.kernel.event import Event
from app.kernel.timewindow import FAR, Window
from app.ledger import Wanted, check_unlapsed, convert, held_by, take_place
from app.needs import Need, serve


def submit(work: UnitOfWork, ref: str, seen_version: int | None) -> Agreement:
    """Put the signed version before its regulators: what was held is now pending, without an end of its own. Raises
    `hold_lapsed`."""
    agreement = load(work, ref, "agreement.submit", seen_version)
    agreement.status = AGREEMENT.move(agreement.status, "submit")
    check_unlapsed(work, holder_of(agreement), agreement.held_until)
    _turn(work, agreement, "pending")
    _show_assets(work, agreement)
    agreement.held_until = None
    touch(work, agreement)
    return agreement


def enter_force(work: UnitOfWork, agreement: Agreement) -> dict[str, object]:
    """All deciding regulators approved: the capacity is committed and the need is served. Returns what changed, for the
    record. An amendment takes the place of what it amends, which is recorded there."""
    agreement.status, agreement.in_force_at = AGREEMENT.move(agreement.status, "enter_force"), work.now
    served = _served(work, agreement)
    if agreement.amends_id is None:
        convert(work, holder_of(agreement), "committed")
    else:
        served -= replace_amended(work, agreement)
    status, outstanding = serve(work, agreement.need_id, max(0, served))
    touch(work, agreement)
    return {"status": agreement.status, "need_status": status, "need_outstanding": outstanding}


def replace_amended(work: UnitOfWork, agreement: Agreement) -> int:
    """Take the place of the amended agreement, on the day of entry into force. What stands as it was accepted needs no new
    acceptance. Returns how much of the need the amended one served."""
    old = work.session.scalars(select(Agreement).where(Agreement.id == agreement.amends_id).with_for_update()).one()
    before, was = old.status, lines_of(work, old)
    served = _served(work, old)
    old.status, old.ended_on = AGREEMENT.move(old.status, "supersede"), work.today
    lines = lines_of(work, agreement)
    take_place(
        work, [_wanted(line, work) for line in lines], [dict(line.slots) for line in lines], holder_of(agreement), holder_of(old)
    )
    revoke(work, old.ref)
    if before == "accepted" and _built(lines) == _built(was):
        agreement.status, agreement.billing_from = AGREEMENT.move(agreement.status, "carry_over"), work.today
    touch(work, old)
    work.emit(
        event_of(
            old,
            "agreement.amended",
            {"status": before},
            {"status": old.status, "by": agreement.ref, "ended_on": work.today.isoformat()},
        )
    )
    return served


def _wanted(line: CapacityLine, work: UnitOfWork) -> Wanted:
    kind = work.session.get_one(Asset, line.asset_id).kind
    window = Window(line.starts, line.ends)
    return Wanted(line.asset_id, kind, line.amounts, window, line.beneficiary_id, line.listing_id)


def _built(lines: Sequence[CapacityLine]) -> list[str]:
    """What stands on the assets by these lines, whatever it costs and however long it stays."""
    return sorted(
        repr((line.asset_id, line.beneficiary_id, sorted(line.amounts.items()), sorted(line.slots.items()))) for line in lines
    )


def _turn(work: UnitOfWork, agreement: Agreement, kind: str, expires_at: datetime | None = None) -> None:
    """Change what the agreement has in hand; an amendment may need nothing beyond what the amended one has."""
    holder = holder_of(agreement)
    if agreement.amends_id is None or held_by(work.session, holder.type, holder.ref):
        convert(work, holder, kind, expires_at=expires_at)


def give_back(work: UnitOfWork, agreement: Agreement) -> dict[str, object]:
    """A regulator returned it: its capacity is held again for the time that an offer has, while the parties amend it."""
    agreement.status, agreement.held_until = AGREEMENT.move(agreement.status, "return"), hold_end(work, agreement)
    _turn(work, agreement, "held", agreement.held_until)
    touch(work, agreement)
    return {"status": agreement.status, "held_until": agreement.held_until.isoformat()}


def refuse(work: UnitOfWork, agreement: Agreement) -> dict[str, object]:
    """A regulator refused it: its capacity is free again."""
    agreement.status = AGREEMENT.move(agreement.status, "refuse")
    let_go(work, agreement)
    touch(work, agreement)
    return {"status": agreement.status}


def lose_hold(work: UnitOfWork, event: Event) -> None:
    """The ledger ended the hold of a draft: it holds nothing until a new version does."""
    if event.action == "capacity.hold_expired" and event.subject_type == "agreement":
        agreement = work.session.scalars(select(Agreement).where(Agreement.ref == event.subject_ref)).one()
        let_go(work, agreement)
        touch(work, agreement)


def lines_of(work: UnitOfWork, agreement: Agreement) -> list[CapacityLine]:
    version = current(work, agreement)
    return list(
        work.session.scalars(select(CapacityLine).where(CapacityLine.version_id == version.id).order_by(CapacityLine.number))
    )


def _show_assets(work: UnitOfWork, agreement: Agreement) -> None:
    """From submission on each beneficiary sees its assets for the term of the line."""
    for line in lines_of(work, agreement):
        end = None if line.ends == FAR else datetime.combine(line.ends, time.min, tzinfo=UTC)
        grant(work, line.asset_id, line.beneficiary_id, Tier.T3, agreement.title[:200], end, agreement.ref)


def _served(work: UnitOfWork, agreement: Agreement) -> int:
    """How many of what the need asks for the lines to its requester supply: all lines together; of a route's leg, once every leg
    is in force, as many as pass through its narrowest line."""
    need = work.session.get_one(Need, agreement.need_id)
    kind = KINDS[need.kind]
    if (legs := legs_together(work.session, agreement.request_id)) is not None:
        agreements = _of_legs(work, legs)
        if len(agreements) < len(legs):
            return 0
        parts = [part for one in agreements for part in _supplied(work, one, kind)]
        return min([need.quantity_outstanding, *parts])
    if found := _supplied(work, agreement, kind):
        return min(sum(found), need.quantity_outstanding)
    asked = work.session.get_one(AccessRequest, agreement.request_id).asked.get(kind.quantity) or 0
    return min(int(asked), need.quantity_outstanding)


def _supplied(work: UnitOfWork, agreement: Agreement, kind: AssetKind) -> list[int]:
    """How many each line to the requester supplies, of those that are counted."""
    lines = [line for line in lines_of(work, agreement) if line.beneficiary_id == agreement.requester_id]
    asked = work.session.get_one(AccessRequest, agreement.request_id).asked
    parts = [supplied(kind, one.amounts, asked) for one in lines if work.session.get_one(Asset, one.asset_id).kind == kind.name]
    return [part for part in parts if part is not None]


def _of_legs(work: UnitOfWork, request_ids: Sequence[int]) -> list[Agreement]:
    """The agreements in force on these requests."""
    statement = select(Agreement).where(Agreement.request_id.in_(request_ids), Agreement.status == "in_force")
    return list(work.session.scalars(statement.order_by(Agreement.id)))
