"""Organisations in a tree, people, memberships, competences, agencies, tokens."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.db.base import Base, Row, Stamped, Versioned


class Organisation(Row, Stamped, Versioned, Base):
    """kind: company, authority, platform. status: active, deactivated. `profile`: jurisdiction profile code. `home_region`:
    its seat."""

    __tablename__ = "organisation"
    name: Mapped[str] = mapped_column(String(200))
    name_zh: Mapped[str | None] = mapped_column(String(200))
    short_name: Mapped[str | None] = mapped_column(String(80))
    sector: Mapped[str] = mapped_column(String(20))
    kind: Mapped[str] = mapped_column(String(12), default="company")
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("organisation.id"))
    home_region: Mapped[str | None] = mapped_column(String(12))
    profile: Mapped[str] = mapped_column(String(40), default="cn-default")
    status: Mapped[str] = mapped_column(String(12), default="active")
    is_demo: Mapped[bool] = mapped_column(default=False)
    parent: Mapped[Organisation | None] = relationship(remote_side="Organisation.id")

    def in_(self, locale: str) -> str:
        """The name in the language of the reader."""
        return self.name_zh if self.name_zh and locale.lower().startswith("zh") else self.name

    __table_args__ = (
        CheckConstraint("sector IN ('telecom','power','transport','municipal','public_security','other')", name="sector"),
        CheckConstraint("kind IN ('company','authority','platform')", name="kind"),
        CheckConstraint("status IN ('active','deactivated')", name="status"),
        Index("ix_organisation_name", "name"),
        Index("ix_organisation_parent_id", "parent_id"),
    )


class CompetenceGrant(Row, Base):
    """What a regulator may decide. authority: communications, sector. Lists are JSON; empty `host_kinds` means any."""

    __tablename__ = "competence"
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), index=True)
    authority: Mapped[str] = mapped_column(String(20))
    level: Mapped[str] = mapped_column(String(12))
    sectors: Mapped[list[Any]]
    regions: Mapped[list[Any]]
    host_kinds: Mapped[list[Any]] = mapped_column(default=list)
    __table_args__ = (
        CheckConstraint("authority IN ('communications','sector')", name="authority"),
        CheckConstraint("level IN ('national','province','prefecture')", name="level"),
    )


class User(Row, Stamped, Base):
    """status: invited, active, deactivated. The password is an argon2id hash."""

    __tablename__ = "person"
    email: Mapped[str] = mapped_column(String(254), unique=True)  # stored in lower case
    name: Mapped[str] = mapped_column(String(120))
    password_hash: Mapped[str | None] = mapped_column(String(200))
    locale: Mapped[str] = mapped_column(String(8), default="zh_CN")
    status: Mapped[str] = mapped_column(String(12), default="active")
    session_epoch: Mapped[int] = mapped_column(default=0)  # raised to end every session of this person
    is_demo: Mapped[bool] = mapped_column(default=False)
    last_sign_in_at: Mapped[datetime | None]
    __table_args__ = (CheckConstraint("status IN ('invited','active','deactivated')", name="status"),)


class Membership(Row, Stamped, Base):
    """A person's one role in an organisation, reaching its subtree, limited to `regions` when that is not empty."""

    __tablename__ = "membership"
    user_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), index=True)
    role: Mapped[str] = mapped_column(String(16))
    regions: Mapped[list[Any]] = mapped_column(default=list)
    ended_at: Mapped[datetime | None]
    user: Mapped[User] = relationship()
    organisation: Mapped[Organisation] = relationship()
    __table_args__ = (
        CheckConstraint("role IN ('admin','manager','editor','viewer','officer','evaluator','administrator')", name="role"),
        Index(
            "uq_membership_active",
            "user_id",
            "organisation_id",
            unique=True,
            sqlite_where=text("ended_at IS NULL"),
            postgresql_where=text("ended_at IS NULL"),
        ),
    )


class Agency(Row, Stamped, Base):
    """`agent` may act for `principal` from `starts` until `ends` (exclusive)."""

    __tablename__ = "agency"
    principal_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), index=True)
    agent_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), index=True)
    starts: Mapped[date]
    ends: Mapped[date | None]
    regions: Mapped[list[Any]] = mapped_column(default=list)
    ended_at: Mapped[datetime | None]
    __table_args__ = (CheckConstraint("principal_id <> agent_id", name="two_parties"),)


class OneTimeToken(Row, Base):
    """An invitation or a password reset: only the SHA-256 of the secret is kept; used once; expires."""

    __tablename__ = "one_time_token"
    purpose: Mapped[str] = mapped_column(String(12))
    secret_hash: Mapped[str] = mapped_column(String(64), unique=True)
    email: Mapped[str] = mapped_column(String(254))
    user_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    organisation_id: Mapped[int | None] = mapped_column(ForeignKey("organisation.id"))
    role: Mapped[str | None] = mapped_column(String(16))
    regions: Mapped[list[Any]] = mapped_column(default=list)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
    __table_args__ = (CheckConstraint("purpose IN ('invite','reset')", name="purpose"),)


class EndedSession(Base):
    """A session that was left before its cookie expired: a copy of the cookie opens nothing. Until `expires_at` no copy has run out."""

    __tablename__ = "ended_session"
    session_id: Mapped[str] = mapped_column(String(22), primary_key=True)
    expires_at: Mapped[datetime] = mapped_column(index=True)


class ApiToken(Row, Base):
    """A program's credential: `prefix` is shown, `secret_hash` kept, scopes are read and write."""

    __tablename__ = "api_token"
    user_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    name: Mapped[str] = mapped_column(String(80))
    prefix: Mapped[str] = mapped_column(String(16))
    secret_hash: Mapped[str] = mapped_column(String(64), unique=True)
    scopes: Mapped[list[Any]]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    last_used_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
    __table_args__ = (UniqueConstraint("prefix"),)
