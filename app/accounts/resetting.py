"""Setting a forgotten password by a link sent to the account's own mailbox."""

from __future__ import annotations

from dataclasses import dataclass

from app.accounts import mails, one_time, rules, service
from app.accounts.models import User
from app.accounts.people import replace_password
from app.db.work import Reader, UnitOfWork
from app.kernel.errors import fail
from app.kernel.event import Event
from app.notices import queue_mail


@dataclass(frozen=True, slots=True)
class AskReset:
    """`link`: the address of the reset page up to its secret."""

    email: str
    link: str


def ask_reset(work: UnitOfWork, command: AskReset) -> None:
    """Mail a link if there is an active account; the caller learns nothing either way."""
    work.permit("session.start")
    user = service.person_by_email(work, command.email)
    if user is None or user.status != "active":
        return
    secret, _ = one_time.issue(work, "reset", user.email, rules.RESET_LIFE, user_id=user.id)
    words = mails.RESET.format(link=command.link + secret, minutes=int(rules.RESET_LIFE.total_seconds() // 60))
    queue_mail(work, user.email, mails.subject(mails.RESET_SUBJECT), mails.both(words))
    work.emit(Event("person.reset_asked", "person", user.ref))


def reset_email(reader: Reader, secret: str) -> str:
    """Whose password the link sets, or `link_unusable`."""
    reader.permit("session.start")
    return one_time.find(reader, "reset", secret).email


@dataclass(frozen=True, slots=True)
class Reset:
    secret: str
    password_hash: str


def reset_password(work: UnitOfWork, command: Reset) -> None:
    """Set the password and end every session of the account. The link, and every other open one of this account, is used up."""
    work.permit("session.start")
    link = one_time.find(work, "reset", command.secret)
    user = work.session.get(User, link.user_id)
    if user is None or user.status != "active":
        raise fail("link_unusable")
    one_time.use_up(work, "reset", user.id)
    replace_password(work, user, command.password_hash)
