"""From a session or a token to an actor, afresh on every request: nothing here outlives one.

A session that was left, a deactivated person, an ended membership or agency, a deactivated organisation: there is no principal, and
the session is over.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from sqlalchemy import bindparam, exists, select, update
from sqlalchemy.orm import Session

from app.accounts.acting import actor_for, choices, choose
from app.accounts.again import proven_at
from app.accounts.models import ApiToken, EndedSession, Membership, Organisation, User
from app.accounts.secret import digest, is_token
from app.db.work import Reader, UnitOfWork
from app.kernel.actor import ANONYMOUS, SYSTEM, Actor
from app.web.auth import Loaders, Principal
from app.web.execute import bus

USE_NOTED_EVERY = timedelta(minutes=1)
_ACTIVE = select(User).where(
    User.ref == bindparam("ref"), User.status == "active", ~exists().where(EndedSession.session_id == bindparam("session_id"))
)
_TOKEN = (
    select(ApiToken, User, Organisation.ref)
    .join(User, User.id == ApiToken.user_id)
    .join(Organisation, Organisation.id == ApiToken.organisation_id)
    .where(
        ApiToken.secret_hash == bindparam("secret"),
        ApiToken.revoked_at.is_(None),
        ApiToken.expires_at > bindparam("now"),
        User.status == "active",
    )
)
log = structlog.get_logger()


def person_by_session(reader: Reader, identity: str, organisation_ref: str | None) -> Principal | None:
    """`identity` is "ref.epoch.session"; the epoch rises when a password changes, which ends the person's other sessions. A session
    without a number could not be ended: there is none."""
    ref, epoch, session_id = (*identity.split("."), "", "")[:3]
    if not session_id:
        return None
    user = reader.session.scalar(_ACTIVE, {"ref": ref, "session_id": session_id})
    if user is None or str(user.session_epoch) != epoch:
        return None
    actor = _actor(reader, user, organisation_ref)
    return None if actor is None else Principal(actor, user.session_epoch, session_id)


@dataclass(frozen=True, slots=True)
class TokenUse:
    actor: Actor
    token_id: int
    last_used_at: datetime | None


def actor_by_token(reader: Reader, secret: str) -> TokenUse | None:
    row = reader.session.execute(_TOKEN, {"secret": digest(secret), "now": reader.now}).one_or_none()
    if row is None:
        return None
    token, user, organisation_ref = row
    actor = _actor(reader, user, organisation_ref, frozenset(token.scopes))
    return None if actor is None else TokenUse(actor, token.id, token.last_used_at)


def _actor(reader: Reader, user: User, organisation_ref: str | None, scopes: frozenset[str] | None = None) -> Actor | None:
    found = choices(reader.session, user.id, reader.today)
    if not found and (organisation_ref is not None or _has_membership(reader.session, user.id)):
        return None
    try:
        return actor_for(reader.session, user, choose(found, organisation_ref), scopes)
    except LookupError:
        return None


def _has_membership(session: Session, user_id: int) -> bool:
    """Whether the person belongs to an organisation at all: then, with no choice left, all of them are deactivated."""
    return (
        session.scalar(select(Membership.id).where(Membership.user_id == user_id, Membership.ended_at.is_(None)).limit(1))
        is not None
    )


def note_use(work: UnitOfWork, token_id: int) -> None:
    work.session.execute(update(ApiToken).where(ApiToken.id == token_id).values(last_used_at=work.now))


def by_session(identity: str, organisation_ref: str | None) -> Principal | None:
    return bus().ask(person_by_session, ANONYMOUS, identity, organisation_ref)


def by_token(secret: str) -> Actor | None:
    """The actor of a valid token; its last use is noted at most once a minute, so that reading does not become writing."""
    if not is_token(secret):
        return None
    found = bus().ask(actor_by_token, ANONYMOUS, secret)
    if found is None:
        log.warning("token refused", prefix=secret[4:12])
        return None
    if found.last_used_at is None or bus().clock.now() - found.last_used_at >= USE_NOTED_EVERY:
        bus().execute(note_use, SYSTEM, found.token_id)
    return found.actor


LOADERS = Loaders(by_session, by_token, proven_at)
