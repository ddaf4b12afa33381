"""Reckonings of who should build together, the groups they found, and the consents to them."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import Base, Row


class CobuildRun(Row, Base):
    """One reckoning, reproducible. `results`: a row per region, profile and currency: needs, groups, total, alone, bound."""

    __tablename__ = "cobuild_run"
    match_run_id: Mapped[int | None] = mapped_column(ForeignKey("match_run.id"), index=True)
    computed_at: Mapped[datetime]
    engine_version: Mapped[str] = mapped_column(String(24))
    seed: Mapped[int]
    params: Mapped[dict[str, Any]]
    results: Mapped[list[Any]]
    timings: Mapped[dict[str, Any]]


class CobuildGroup(Row, Base):
    """Needs to be built once, together. status: proposed, agreed, superseded. `key`: of the exact terms; consent is to them.

    `lon`, `lat`: the site. `core_excess_minor`: the most that some members together pay above building by themselves.
    `near`: existing towers that could serve, nearer than the same-place rule allows: [{listing_id, distance_m, rule_m}]."""

    __tablename__ = "cobuild_group"
    run_id: Mapped[int] = mapped_column(ForeignKey("cobuild_run.id"), index=True)
    key: Mapped[str] = mapped_column(String(64), index=True)
    kind: Mapped[str] = mapped_column(String(40))
    region: Mapped[str] = mapped_column(String(12), index=True)
    profile: Mapped[str] = mapped_column(String(40))
    status: Mapped[str] = mapped_column(String(12), default="proposed")
    lon: Mapped[float]
    lat: Mapped[float]
    height_m: Mapped[float]
    start_from: Mapped[date]
    start_until: Mapped[date]
    cost_minor: Mapped[int]
    currency: Mapped[str] = mapped_column(String(3))
    core_excess_minor: Mapped[int]
    near: Mapped[list[Any]]
    exemption_reason: Mapped[str | None] = mapped_column(Text)
    exempted_at: Mapped[datetime | None]
    exempted_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    created_at: Mapped[datetime]
    settled_at: Mapped[datetime | None]
    __table_args__ = (
        CheckConstraint("status IN ('proposed','agreed','superseded')", name="status"),
        CheckConstraint("start_from <= start_until", name="window"),
        CheckConstraint("(exempted_at IS NULL) = (exemption_reason IS NULL)", name="exemption"),
        Index(
            "uq_cobuild_group_open",
            "key",
            unique=True,
            sqlite_where=text("status <> 'superseded'"),
            postgresql_where=text("status <> 'superseded'"),
        ),
    )


class CobuildMember(Base):
    """A need in a group. `alone_minor`: its stand-alone alternative as fixed at submission, or by the profile's costs where none
    was stated (`alone_stated` false). `share_minor`: Shapley's value; `proportion_minor`: by proportion to `alone_minor`."""

    __tablename__ = "cobuild_member"
    group_id: Mapped[int] = mapped_column(ForeignKey("cobuild_group.id", ondelete="CASCADE"), primary_key=True)
    need_id: Mapped[int] = mapped_column(ForeignKey("need.id", ondelete="CASCADE"), primary_key=True, index=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), index=True)
    alone_minor: Mapped[int]
    alone_stated: Mapped[bool]
    share_minor: Mapped[int]
    proportion_minor: Mapped[int]


class CobuildConsent(Row, Base):
    """An organisation's consent to a group; withdrawn ones stay on record."""

    __tablename__ = "cobuild_consent"
    group_id: Mapped[int] = mapped_column(ForeignKey("cobuild_group.id", ondelete="CASCADE"), index=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    given_at: Mapped[datetime]
    withdrawn_at: Mapped[datetime | None]
    __table_args__ = (
        Index(
            "uq_cobuild_consent_open",
            "group_id",
            "organisation_id",
            unique=True,
            sqlite_where=text("withdrawn_at IS NULL"),
            postgresql_where=text("withdrawn_at IS NULL"),
        ),
    )
