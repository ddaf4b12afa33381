"""The same-place rule's exemptions: a member asks once all have consented, the administration decides with its reasons."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select

from app.db.work import UnitOfWork
from app.kernel.errors import fail
from app.kernel.event import Event
from app.kernel.permission import Subject
from app.matching.cobuilding.models import CobuildExemption, CobuildGroup, CobuildMember
from app.matching.cobuilding.rules import EXEMPTION, check_exemption
from app.matching.cobuilding.service import group_by_ref, member_of
from app.matching.cobuilding.store import organisations
from app.needs import Need, NeedsList


@dataclass(frozen=True, slots=True)
class RequestExemption:
    ref: str
    grounds: str


@dataclass(frozen=True, slots=True)
class DecideExemption:
    """`granted` False: refused."""

    ref: str
    reason: str
    granted: bool = True


def request_exemption(work: UnitOfWork, command: RequestExemption) -> None:
    """Ask that the group may build where the same-place rule forbids it. Who may: who writes for a member, once all consented.
    The administration of the members' lists is told."""
    group, own, subject = member_of(work, command.ref)
    work.permit("cobuild.request_exemption", subject)
    grounds = check_exemption(len(group.near), group.exempted_at is not None, command.grounds)
    if _pending(work, group) is not None:
        raise fail("exemption_pending")
    work.session.add(
        CobuildExemption(
            group_id=group.id, status=EXEMPTION.initial, requested_by=min(own), requested_at=work.now, grounds=grounds
        )
    )
    work.session.flush()
    told = tuple(sorted({*organisations(work, group), *_administrations(work, group)}))
    _emit(work, group, "exemption_requested", told, {"grounds": grounds})


def decide_exemption(work: UnitOfWork, command: DecideExemption) -> None:
    """Grant or refuse, for a reason that stays on record; of its own accord the administration can only grant. Who may: the
    administration."""
    group = group_by_ref(work, command.ref)
    work.permit("cobuild.exempt", Subject(region=group.region, status=group.status))
    reason = check_exemption(len(group.near), group.exempted_at is not None, command.reason)
    case = _pending(work, group)
    if case is None:
        if not command.granted:
            raise fail("exemption_not_asked")
        case = CobuildExemption(group_id=group.id, status=EXEMPTION.initial, requested_at=work.now, grounds=reason)
        work.session.add(case)
    case.status = EXEMPTION.move(case.status, "grant" if command.granted else "refuse")
    case.decided_at, case.decided_by, case.decision_reason = work.now, work.actor.user_id, reason
    if command.granted:
        group.exemption_reason, group.exempted_at, group.exempted_by = reason, work.now, work.actor.user_id
    work.session.flush()
    _emit(work, group, "exempted" if command.granted else "exemption_refused", organisations(work, group), {"reason": reason})


def _pending(work: UnitOfWork, group: CobuildGroup) -> CobuildExemption | None:
    waiting = select(CobuildExemption).where(CobuildExemption.group_id == group.id, CobuildExemption.status == "requested")
    return work.session.scalar(waiting)


def _administrations(work: UnitOfWork, group: CobuildGroup) -> set[int]:
    """Those that keep the needs lists of the group's members."""
    keepers = (
        select(NeedsList.administration_id)
        .join(Need, Need.needs_list_id == NeedsList.id)
        .join(CobuildMember, CobuildMember.need_id == Need.id)
        .where(CobuildMember.group_id == group.id)
    )
    return set(work.session.scalars(keepers))


def _emit(work: UnitOfWork, group: CobuildGroup, action: str, told: tuple[int, ...], after: dict[str, str]) -> None:
    work.emit(Event(f"cobuild_group.{action}", "cobuild_group", group.ref, told, after=after, region=group.region))
