"""API tokens: made by a person for one organisation, shown once, ended by revoking or by time."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta

from sqlalchemy import select

from app.accounts import rules
from app.accounts.models import ApiToken, User
from app.accounts.secret import new_token
from app.db.work import UnitOfWork
from app.kernel.errors import fail
from app.kernel.event import Event


@dataclass(frozen=True, slots=True)
class CreateToken:
    name: str
    scopes: frozenset[str] = frozenset({"read"})
    days: int = 90


@dataclass(frozen=True, slots=True)
class CreatedToken:
    """`text` is shown to the person now and never again."""

    ref: str
    text: str = field(repr=False)


def create_token(work: UnitOfWork, command: CreateToken) -> CreatedToken:
    """Make a token that acts as this person for the organisation acted for now. Raises `invalid`."""
    work.permit("token.create")
    organisation_id = work.actor.organisation_id
    if organisation_id is None:
        raise fail("forbidden")
    rules.refuse(rules.token_problems(command.name, command.scopes, command.days))
    secret = new_token()
    scopes = sorted(command.scopes | {"read"})
    made = ApiToken(
        user_id=work.session.get_one(User, work.actor.user_id).id,
        organisation_id=organisation_id,
        name=command.name.strip(),
        prefix=secret.prefix,
        secret_hash=secret.hash,
        scopes=scopes,
        created_at=work.now,
        expires_at=work.now + timedelta(days=command.days),
        last_used_at=None,
        revoked_at=None,
    )
    work.session.add(made)
    work.session.flush()
    after = {"name": made.name, "prefix": made.prefix, "scopes": scopes, "expires_at": made.expires_at.isoformat()}
    work.emit(Event("token.created", "token", made.ref, (organisation_id,), after=after))
    return CreatedToken(made.ref, secret.text)


@dataclass(frozen=True, slots=True)
class RevokeToken:
    ref: str


def revoke_token(work: UnitOfWork, command: RevokeToken) -> None:
    """End one of one's own tokens at once. Raises `not_found`; a token revoked already stays so."""
    work.permit("token.revoke")
    token = work.session.scalar(select(ApiToken).where(ApiToken.ref == command.ref, ApiToken.user_id == work.actor.user_id))
    if token is None:
        raise fail("not_found")
    if token.revoked_at is None:
        token.revoked_at = work.now
        work.emit(
            Event(
                "token.revoked", "token", token.ref, (token.organisation_id,), after={"name": token.name, "prefix": token.prefix}
            )
        )
