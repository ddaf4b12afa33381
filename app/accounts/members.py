"""Use cases of belonging: invite, accept, change a role, leave, end a membership. An organisation never loses its last
administrator."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select

from app.accounts import mails, one_time, rules, service
from app.accounts.directory import organisation_by_ref
from app.accounts.models import Membership, OneTimeToken, Organisation, User
from app.db.work import Reader, UnitOfWork
from app.kernel.errors import fail
from app.kernel.event import Event
from app.kernel.permission import Subject
from app.notices import queue_mail


@dataclass(frozen=True, slots=True)
class Invite:
    """`link`: the address of the invitation page up to its secret."""

    organisation_ref: str
    email: str
    role: str
    regions: tuple[str, ...]
    link: str


def invite(work: UnitOfWork, command: Invite) -> str:
    """Mail an invitation and return its ref. An administrator of the organisation or the platform; raises `invalid`,
    `already_member`."""
    organisation = _permitted(work, "member.invite", command.organisation_ref)
    email, regions = rules.clean_email(command.email), sorted(set(command.regions))
    rules.refuse([*rules.email_problems(email), *rules.region_problems(regions)])
    role = rules.check_role(command.role, organisation.kind, work.actor.is_administrator)
    known = service.person_by_email(work, email)
    if known is not None and service.active_membership(work, known.id, organisation.id) is not None:
        raise fail("already_member", name=email, organisation=organisation.name)
    secret, link = one_time.issue(
        work,
        "invite",
        email,
        rules.INVITATION_LIFE,
        organisation_id=organisation.id,
        role=role.value,
        regions=regions,
    )
    words = {
        "organisation": organisation.name,
        "inviter": work.actor.name,
        "role": rules.ROLE_NAMES[role],
        "days": rules.INVITATION_LIFE.days,
        "link": command.link + secret,
    }
    queue_mail(work, email, mails.subject(mails.INVITATION_SUBJECT.format(**words)), mails.both(mails.INVITATION.format(**words)))
    after = {"email": email, "role": role.value, "regions": regions}
    work.emit(Event("member.invited", "organisation", organisation.ref, (organisation.id,), after=after))
    return link.ref


@dataclass(frozen=True, slots=True)
class WithdrawInvitation:
    organisation_ref: str
    ref: str


def withdraw_invitation(work: UnitOfWork, command: WithdrawInvitation) -> None:
    """Make an open invitation useless. Raises `not_found`."""
    organisation = _permitted(work, "member.invite", command.organisation_ref)
    link = work.session.scalar(
        select(OneTimeToken).where(
            OneTimeToken.ref == command.ref,
            OneTimeToken.organisation_id == organisation.id,
            OneTimeToken.purpose == "invite",
            OneTimeToken.used_at.is_(None),
        )
    )
    if link is None:
        raise fail("not_found")
    link.used_at = work.now
    work.emit(
        Event("member.invitation_withdrawn", "organisation", organisation.ref, (organisation.id,), before={"email": link.email})
    )


@dataclass(frozen=True, slots=True)
class InvitationView:
    organisation: str
    organisation_zh: str | None
    email: str
    role: str
    has_account: bool


def invitation(reader: Reader, secret: str) -> InvitationView:
    """What a link invites to, or `link_unusable`."""
    reader.permit("session.start")
    link, organisation = _invited(reader, secret)
    known = service.person_by_email(reader, link.email)
    return InvitationView(organisation.name, organisation.name_zh, link.email, link.role or "", known is not None)


@dataclass(frozen=True, slots=True)
class Accept:
    """`password_hash` and `name` make the account; a person who has one keeps theirs."""

    secret: str
    name: str = ""
    locale: str = "zh_CN"
    password_hash: str | None = None


def accept(work: UnitOfWork, command: Accept) -> None:
    """Join the organisation: holding the link proves the mailbox. Raises `link_unusable`, `invalid`, `already_member`."""
    work.permit("session.start")
    link, organisation = _invited(work, command.secret)
    person = service.person_by_email(work, link.email)
    if person is None:
        if command.password_hash is None:
            raise fail("invalid", [rules.problem("/password", "Set a password.", "请设置密码。")])
        person = service.create_person(
            work,
            email=link.email,
            name=command.name,
            locale=command.locale,
            password_hash=command.password_hash,
        )
    elif person.status != "active":
        raise fail("link_unusable")
    link.used_at = work.now
    service.add_membership(work, person, organisation, link.role or "", link.regions)


def _invited(reader: Reader, secret: str) -> tuple[OneTimeToken, Organisation]:
    link = one_time.find(reader, "invite", secret)
    organisation = reader.session.get(Organisation, link.organisation_id)
    if organisation is None or organisation.status != "active":
        raise fail("link_unusable")
    return link, organisation


@dataclass(frozen=True, slots=True)
class ChangeMember:
    organisation_ref: str
    membership_ref: str
    role: str
    regions: tuple[str, ...] = ()


def change_member(work: UnitOfWork, command: ChangeMember) -> None:
    """Give a member another role or other regions. Raises `last_admin`, `role_not_granted`, `invalid`."""
    organisation = _permitted(work, "member.invite", command.organisation_ref)
    membership, person = _held(work, organisation, command.membership_ref)
    regions = sorted(set(command.regions))
    rules.refuse(rules.region_problems(regions))
    role = rules.check_role(command.role, organisation.kind, work.actor.is_administrator)
    if role not in rules.LEADING or regions:
        _keep_one_admin(work, organisation, membership)
    before = {"person": person.name, "role": membership.role, "regions": list(membership.regions)}
    membership.role, membership.regions, membership.updated_at = role.value, regions, work.now
    after = {"person": person.name, "role": role.value, "regions": regions}
    work.emit(Event("member.changed", "organisation", organisation.ref, (organisation.id,), before, after))


@dataclass(frozen=True, slots=True)
class EndMembership:
    organisation_ref: str
    membership_ref: str


def end_membership(work: UnitOfWork, command: EndMembership) -> None:
    """End somebody's membership: sessions and tokens for the organisation stop at once. Raises `last_admin`."""
    organisation = _permitted(work, "member.end", command.organisation_ref)
    membership, person = _held(work, organisation, command.membership_ref)
    _end(work, organisation, membership, person, "member.ended")


@dataclass(frozen=True, slots=True)
class Leave:
    organisation_ref: str


def leave(work: UnitOfWork, command: Leave) -> None:
    """Leave an organisation. Raises `not_found` for who is not in it, `last_admin`."""
    work.permit("account.edit")
    organisation = organisation_by_ref(work.session, command.organisation_ref)
    membership = service.active_membership(work, work.actor.user_id or 0, organisation.id)
    if membership is None:
        raise fail("not_found")
    _end(work, organisation, membership, work.session.get_one(User, membership.user_id), "member.left")


def _end(work: UnitOfWork, organisation: Organisation, membership: Membership, person: User, action: str) -> None:
    _keep_one_admin(work, organisation, membership)
    membership.ended_at = membership.updated_at = work.now
    before = {"person": person.name, "role": membership.role, "regions": list(membership.regions)}
    work.emit(Event(action, "organisation", organisation.ref, (organisation.id,), before=before))


def _keep_one_admin(work: UnitOfWork, organisation: Organisation, membership: Membership) -> None:
    rules.check_last_admin(service.leading_members(work, organisation.id), membership.role, membership.regions, organisation.name)


def _permitted(work: UnitOfWork, policy: str, organisation_ref: str) -> Organisation:
    organisation = organisation_by_ref(work.session, organisation_ref)
    work.permit(policy, Subject(owner_id=organisation.id, status=organisation.status))
    return organisation


def _held(work: UnitOfWork, organisation: Organisation, membership_ref: str) -> tuple[Membership, User]:
    found = work.session.execute(
        select(Membership, User)
        .join(User, User.id == Membership.user_id)
        .where(Membership.ref == membership_ref, Membership.organisation_id == organisation.id, Membership.ended_at.is_(None))
    ).one_or_none()
    if found is None:
        raise fail("not_found")
    return found[0], found[1]
