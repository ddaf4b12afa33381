"""Use cases of a person's own account: signing in, name, language, password, leaving the platform."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import delete, select, update
from sqlalchemy.dialects import postgresql, sqlite

from app.accounts import rules, service
from app.accounts.models import ApiToken, EndedSession, Membership, Organisation, User
from app.db.work import Reader, UnitOfWork
from app.kernel.errors import fail
from app.kernel.event import Event

SKEW = timedelta(hours=1)  # by which the clock that dates cookies may run behind the database's


@dataclass(frozen=True, slots=True)
class Credentials:
    ref: str
    email: str
    password_hash: str | None
    epoch: int

    @property
    def identity(self) -> str:
        return f"{self.ref}.{self.epoch}"

    def in_session(self, session_id: str) -> str:
        """What the cookie of a session says."""
        return f"{self.identity}.{session_id}"


def credentials(reader: Reader, email: str) -> Credentials | None:
    user = reader.session.scalar(select(User).where(User.email == email, User.status == "active"))
    return _credentials(user) if user else None


def own_credentials(reader: Reader) -> Credentials:
    reader.permit("account.view")
    return _credentials(reader.session.get_one(User, reader.actor.user_id))


def _credentials(user: User) -> Credentials:
    return Credentials(user.ref, user.email, user.password_hash, user.session_epoch)


@dataclass(frozen=True, slots=True)
class SignIn:
    """`better_hash`: of the same password with today's parameters, when the kept one is outdated."""

    user_ref: str
    better_hash: str | None = None


def note_sign_in(work: UnitOfWork, command: SignIn) -> None:
    """Keep the time of signing in, and the better hash; forget the sessions whose cookies have run out. Run as the person."""
    work.session.execute(delete(EndedSession).where(EndedSession.expires_at <= work.database_now))
    user = work.session.scalars(select(User).where(User.ref == command.user_ref)).one()
    user.last_sign_in_at = work.now
    user.password_hash = command.better_hash or user.password_hash
    work.emit(Event("person.signed_in", "person", user.ref))


@dataclass(frozen=True, slots=True)
class SignOut:
    """`lasts`: how long a cookie of the session that was set just now can be used."""

    session_id: str
    lasts: timedelta


def note_sign_out(work: UnitOfWork, command: SignOut) -> None:
    """End the session, wherever its cookie was copied to. Run as the person; ending it twice changes nothing."""
    if work.session.get(EndedSession, command.session_id) is not None:
        return
    insert = (postgresql if work.session.get_bind().dialect.name == "postgresql" else sqlite).insert(EndedSession)
    left = {"session_id": command.session_id, "expires_at": work.database_now + command.lasts + SKEW}
    if work.session.scalar(insert.on_conflict_do_nothing().returning(EndedSession.session_id), left) is not None:
        work.emit(Event("person.signed_out", "person", work.actor.user_ref or ""))


@dataclass(frozen=True, slots=True)
class SetPassword:
    password_hash: str


def set_password(work: UnitOfWork, command: SetPassword) -> int:
    """Replace one's own password; the returned epoch is the only one whose sessions go on."""
    work.permit("account.edit")
    return replace_password(work, work.session.get_one(User, work.actor.user_id), command.password_hash)


def replace_password(work: UnitOfWork, user: User, password_hash: str) -> int:
    user.password_hash = password_hash
    user.session_epoch += 1
    user.updated_at = work.now
    work.emit(Event("person.password_changed", "person", user.ref))
    return user.session_epoch


@dataclass(frozen=True, slots=True)
class EditAccount:
    name: str
    locale: str


def edit_account(work: UnitOfWork, command: EditAccount) -> None:
    """Change one's own name and language."""
    work.permit("account.edit")
    rules.refuse([*rules.name_problems(command.name), *rules.locale_problems(command.locale)])
    user = work.session.get_one(User, work.actor.user_id)
    before = {"name": user.name, "locale": user.locale}
    after = {"name": command.name.strip(), "locale": command.locale}
    if after != before:
        user.name, user.locale, user.updated_at = after["name"], after["locale"], work.now
        work.emit(Event("person.edited", "person", user.ref, before=before, after=after))


def keep_locale(work: UnitOfWork, locale: str) -> None:
    """Remember the language that the person chose in the top bar. A preference, not a change of state: no event."""
    work.permit("account.edit")
    work.session.execute(update(User).where(User.id == work.actor.user_id).values(locale=locale))


def deactivate_self(work: UnitOfWork, command: None = None) -> None:
    """Close one's own account. Raises `last_admin` while an organisation depends on the person."""
    work.permit("account.edit")
    deactivate(work, work.session.get_one(User, work.actor.user_id))


@dataclass(frozen=True, slots=True)
class DeactivatePerson:
    user_ref: str


def deactivate_person(work: UnitOfWork, command: DeactivatePerson) -> None:
    """Close somebody's account. The platform's administrator; raises `not_found`, `last_admin`."""
    work.permit("person.deactivate")
    user = work.session.scalar(select(User).where(User.ref == command.user_ref))
    if user is None:
        raise fail("not_found")
    deactivate(work, user)


def deactivate(work: UnitOfWork, user: User) -> None:
    """End sessions, tokens and memberships of a person. Nothing that the person did is forgotten."""
    if user.status == "deactivated":
        return
    held = work.session.execute(
        select(Membership, Organisation)
        .join(Organisation, Organisation.id == Membership.organisation_id)
        .where(Membership.user_id == user.id, Membership.ended_at.is_(None))
    ).all()
    for membership, organisation in held:
        if organisation.status == "active":
            rules.check_last_admin(
                service.leading_members(work, organisation.id), membership.role, membership.regions, organisation.name
            )
        membership.ended_at = membership.updated_at = work.now
    work.session.execute(
        update(ApiToken).where(ApiToken.user_id == user.id, ApiToken.revoked_at.is_(None)).values(revoked_at=work.now)
    )
    user.status, user.session_epoch, user.updated_at = "deactivated", user.session_epoch + 1, work.now
    concerned = tuple(organisation.id for _, organisation in held)
    work.emit(
        Event(
            "person.deactivated",
            "person",
            user.ref,
            concerned,
            {"status": "active"},
            {"status": "deactivated", "person": user.name},
        )
    )
