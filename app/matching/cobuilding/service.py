"""Use cases of a co-construction group: consent, take it back, record an exemption, ask for a reckoning."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select

from app.db.work import UnitOfWork
from app.kernel.errors import fail
from app.kernel.event import Event
from app.kernel.permission import Subject
from app.matching.cobuilding.models import CobuildConsent, CobuildGroup, CobuildMember
from app.matching.cobuilding.rules import GROUP, all_consent
from app.matching.cobuilding.source import to_build
from app.matching.cobuilding.store import consents, organisations, supersede
from app.needs import Need


@dataclass(frozen=True, slots=True)
class Consent:
    ref: str


def start_reckoning(work: UnitOfWork, command: None = None) -> None:
    """Queue a reckoning. Who may: a communications administration, the platform's administrator."""
    work.permit("cobuild.start")
    work.enqueue("cobuild.reckon", {"match_run": None}, key="cobuild.reckon")


def give_consent(work: UnitOfWork, command: Consent) -> str:
    """Consent for the organisation acted for and those below it. The last consent opens the group to its members. Returns the
    status. Who may: who writes for a member."""
    group, own, subject = member_of(work, command.ref)
    work.permit("cobuild.consent", subject)
    before = group.status
    GROUP.move(before, "consent")
    if not _holds(work, group):
        raise fail("cobuild_stale")
    given = {consent.organisation_id for consent in consents(work, group)}
    for organisation in sorted(own - given):
        work.session.add(
            CobuildConsent(group_id=group.id, organisation_id=organisation, person_id=work.actor.user_id, given_at=work.now)
        )
    everybody = organisations(work, group)
    if all_consent(everybody, given | own):
        group.status, group.settled_at = GROUP.move(before, "agree"), work.now
    action, told = ("consented", tuple(sorted(own))) if group.status == before else ("agreed", everybody)
    _record(work, group, action, told, (before, len(given)), len(given | own))
    return group.status


def withdraw_consent(work: UnitOfWork, command: Consent) -> str:
    """Take the consent back, as long as not all have consented."""
    group, own, subject = member_of(work, command.ref)
    work.permit("cobuild.consent", subject)
    GROUP.move(group.status, "withdraw")
    given = list(consents(work, group))
    taken = [consent for consent in given if consent.organisation_id in own]
    for consent in taken:
        consent.withdrawn_at = work.now
    _record(work, group, "consent_withdrawn", tuple(sorted(own)), (group.status, len(given)), len(given) - len(taken))
    return group.status


def leave_groups(work: UnitOfWork, need_ref: str) -> None:
    """A need changed or left: the proposed groups that it is in no longer hold."""
    found = work.session.scalars(
        select(CobuildGroup)
        .join(CobuildMember, CobuildMember.group_id == CobuildGroup.id)
        .join(Need, Need.id == CobuildMember.need_id)
        .where(Need.ref == need_ref, CobuildGroup.status == "proposed")
        .order_by(CobuildGroup.id)
    ).all()
    for group in found:
        if not _holds(work, group):
            supersede(work, group)


def group_by_ref(work: UnitOfWork, ref: str) -> CobuildGroup:
    found = work.session.scalar(select(CobuildGroup).where(CobuildGroup.ref == ref))
    if found is None:
        raise fail("not_found")
    return found


def member_of(work: UnitOfWork, ref: str) -> tuple[CobuildGroup, set[int], Subject]:
    """The group, the member organisations that the actor acts for, and the subject of the policy."""
    group = group_by_ref(work, ref)
    own = set(organisations(work, group)) & work.actor.subtree
    return group, own, Subject(requester_id=min(own, default=None), region=group.region, status=group.status)


def _holds(work: UnitOfWork, group: CobuildGroup) -> bool:
    """Whether all its needs are still to be built."""
    members = select(CobuildMember.need_id).where(CobuildMember.group_id == group.id)
    gone = select(Need.id).where(Need.id.in_(members), ~to_build())
    return work.session.scalar(gone.limit(1)) is None


def _record(
    work: UnitOfWork, group: CobuildGroup, action: str, told: tuple[int, ...], before: tuple[str, int], consents: int
) -> None:
    """`before`: the status, and how many had consented."""
    was = {"status": before[0], "consents": before[1]}
    now = {"status": group.status, "consents": consents}
    work.emit(Event(f"cobuild_group.{action}", "cobuild_group", group.ref, told, was, now, group.region))
