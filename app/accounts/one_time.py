"""Links that work once: invitations and password resets. Only the hash of the secret is kept."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select, update

from app.accounts.models import OneTimeToken
from app.accounts.secret import digest, new_link_secret
from app.db.work import Reader, UnitOfWork
from app.kernel.errors import fail


def issue(
    work: UnitOfWork,
    purpose: str,
    email: str,
    life: timedelta,
    *,
    user_id: int | None = None,
    organisation_id: int | None = None,
    role: str | None = None,
    regions: list[str] | None = None,
) -> tuple[str, OneTimeToken]:
    """Save a link; the returned secret goes into the mail and nowhere else."""
    secret = new_link_secret()
    made = OneTimeToken(
        purpose=purpose,
        secret_hash=digest(secret),
        email=email,
        user_id=user_id,
        organisation_id=organisation_id,
        role=role,
        regions=regions or [],
        created_at=work.now,
        expires_at=work.now + life,
        used_at=None,
    )
    work.session.add(made)
    work.session.flush()
    return secret, made


def find(reader: Reader, purpose: str, secret: str) -> OneTimeToken:
    """The unused, unexpired link, or `link_unusable`."""
    statement = select(OneTimeToken).where(OneTimeToken.secret_hash == digest(secret), OneTimeToken.purpose == purpose)
    found = reader.session.scalar(statement.with_for_update() if isinstance(reader, UnitOfWork) else statement)
    if found is None or found.used_at is not None or found.expires_at <= reader.now:
        raise fail("link_unusable")
    return found


def use_up(work: UnitOfWork, purpose: str, user_id: int) -> None:
    """Mark every open link of this purpose and person as used."""
    work.session.execute(
        update(OneTimeToken)
        .where(OneTimeToken.purpose == purpose, OneTimeToken.user_id == user_id, OneTimeToken.used_at.is_(None))
        .values(used_at=work.now)
    )
