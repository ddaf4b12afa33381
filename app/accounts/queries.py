"""What the pages of accounts show: frozen views of people, memberships, organisations and credentials."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from app.accounts.acting import choices
from app.accounts.models import ApiToken, Membership, Organisation, User
from app.accounts.rules import ROLE_NAMES
from app.db.work import Reader
from app.kernel.actor import Role
from app.kernel.errors import fail
from app.kernel.text import Text


@dataclass(frozen=True, slots=True)
class ActingView:
    """An organisation that the reader may act for; `agent`: own organisation, when it acts for another."""

    ref: str
    name: str
    role: str
    agent: str | None


def acting_choices(reader: Reader) -> list[ActingView]:
    """Whom the reader may act for."""
    if reader.actor.user_id is None:
        return []
    locale = reader.actor.locale
    return [
        ActingView(c.organisation.ref, c.organisation.in_(locale), c.role.value, c.agent.in_(locale) if c.agent else None)
        for c in choices(reader.session, reader.actor.user_id, reader.today)
    ]


def acting_choice(reader: Reader, ref: str) -> str:
    """The name of one of them, or `not_found`."""
    for choice in acting_choices(reader):
        if choice.ref == ref:
            return choice.name
    raise fail("not_found")


@dataclass(frozen=True, slots=True)
class MembershipView:
    ref: str
    organisation_ref: str
    organisation: str
    role: Text
    regions: tuple[str, ...]
    since: datetime


@dataclass(frozen=True, slots=True)
class AccountView:
    ref: str
    name: str
    email: str
    locale: str
    last_sign_in_at: datetime | None
    memberships: tuple[MembershipView, ...]


def own_account(reader: Reader) -> AccountView:
    """The reader's own account with its memberships."""
    reader.permit("account.view")
    user = reader.session.get_one(User, reader.actor.user_id)
    rows = reader.session.execute(
        select(Membership, Organisation)
        .join(Organisation, Organisation.id == Membership.organisation_id)
        .where(Membership.user_id == user.id, Membership.ended_at.is_(None))
        .order_by(Membership.id)
    )
    held = tuple(
        MembershipView(m.ref, o.ref, o.in_(user.locale), ROLE_NAMES[Role(m.role)], tuple(m.regions), m.created_at)
        for m, o in rows
    )
    return AccountView(user.ref, user.name, user.email, user.locale, user.last_sign_in_at, held)


@dataclass(frozen=True, slots=True)
class TokenView:
    """state: active, expired, revoked."""

    ref: str
    name: str
    prefix: str
    scopes: tuple[str, ...]
    organisation: str
    organisation_ref: str
    created_at: datetime
    expires_at: datetime
    last_used_at: datetime | None
    state: str


def own_tokens(reader: Reader) -> list[TokenView]:
    """The reader's own tokens, newest first."""
    reader.permit("token.list")
    rows = reader.session.execute(
        select(ApiToken, Organisation)
        .join(Organisation, Organisation.id == ApiToken.organisation_id)
        .where(ApiToken.user_id == reader.actor.user_id)
        .order_by(ApiToken.id.desc())
    )
    return [_token(token, organisation, reader) for token, organisation in rows]


def own_token(reader: Reader, ref: str) -> TokenView:
    """One of them, or `not_found`."""
    for token in own_tokens(reader):
        if token.ref == ref:
            return token
    raise fail("not_found")


def _token(token: ApiToken, organisation: Organisation, reader: Reader) -> TokenView:
    state = "revoked" if token.revoked_at else "expired" if token.expires_at <= reader.now else "active"
    return TokenView(
        token.ref,
        token.name,
        token.prefix,
        tuple(token.scopes),
        organisation.in_(reader.actor.locale),
        organisation.ref,
        token.created_at,
        token.expires_at,
        token.last_used_at,
        state,
    )
