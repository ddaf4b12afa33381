"""Grants of precision, and exemptions: who may see what more exactly than its tier says, for what, where, until when."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import Base, BigId, Row


class Grant(Row, Base):
    """`organisation` may see at `tier`, from `starts_at` until `expires_at`, for `purpose`: one `asset`, or everything of `owner`
    in `region` (of one `kind`). source: owner (given by hand), order (of a regulator, with its `ground`), agreement (of a
    request or an agreement, `reason_ref`). `region_like`: the codes inside the region, as a pattern."""

    __tablename__ = "disclosure_grant"
    asset_id: Mapped[int | None] = mapped_column(ForeignKey("asset.id", ondelete="CASCADE"))
    owner_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), index=True)
    region: Mapped[str | None] = mapped_column(String(12))
    region_like: Mapped[str | None] = mapped_column(String(16))
    kind: Mapped[str | None] = mapped_column(String(40))
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), index=True)
    tier: Mapped[str] = mapped_column(String(2))
    source: Mapped[str] = mapped_column(String(10), default="agreement")
    purpose_code: Mapped[str | None] = mapped_column(String(20))
    purpose: Mapped[str] = mapped_column(String(200))
    ground: Mapped[str | None] = mapped_column(Text)
    reason_ref: Mapped[str | None] = mapped_column(String(13))
    granted_by: Mapped[int | None] = mapped_column(ForeignKey("organisation.id"))
    granted_at: Mapped[datetime]
    starts_at: Mapped[datetime]
    expires_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
    revoke_reason: Mapped[str | None] = mapped_column(Text)
    __table_args__ = (
        CheckConstraint("tier IN ('T1','T2','T3')", name="tier"),
        CheckConstraint("source IN ('owner','order','agreement')", name="source"),
        CheckConstraint("(asset_id IS NULL) = (region IS NOT NULL)", name="scope"),
        CheckConstraint("(region IS NULL) = (region_like IS NULL)", name="region"),
        CheckConstraint("asset_id IS NULL OR kind IS NULL", name="kind"),
        CheckConstraint("source <> 'order' OR ground IS NOT NULL", name="ground"),
        CheckConstraint("source = 'agreement' OR expires_at IS NOT NULL", name="ends"),
        CheckConstraint("source = 'agreement' OR expires_at > starts_at", name="period"),
        Index("ix_disclosure_grant_lookup", "asset_id", "organisation_id"),
    )


class Exemption(Row, Base):
    """A case: the owner asks that an asset be exempt from a duty, the competent authority decides with its reasons. duty:
    disclosure (nobody gets a closer look, whatever area was granted), listing (it need not be opened). status: asked, granted,
    refused, withdrawn, ended."""

    __tablename__ = "disclosure_exemption"
    asset_id: Mapped[int] = mapped_column(ForeignKey("asset.id", ondelete="CASCADE"), index=True)
    owner_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), index=True)
    duty: Mapped[str] = mapped_column(String(12))
    reason: Mapped[str] = mapped_column(Text)
    region: Mapped[str] = mapped_column(String(12), index=True)
    status: Mapped[str] = mapped_column(String(10), default="asked")
    asked_at: Mapped[datetime]
    asked_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    decision: Mapped[str | None] = mapped_column(Text)
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    authority_id: Mapped[int | None] = mapped_column(ForeignKey("organisation.id"))
    expires_at: Mapped[datetime | None]
    __table_args__ = (
        Index("ix_disclosure_exemption_status", "status"),
        CheckConstraint("duty IN ('disclosure','listing')", name="duty"),
        CheckConstraint("status IN ('asked','granted','refused','withdrawn','ended')", name="status"),
        CheckConstraint(
            "status NOT IN ('granted','refused','ended') OR (decision IS NOT NULL AND decided_at IS NOT NULL)", name="decision"
        ),
        CheckConstraint("status NOT IN ('granted','ended') OR expires_at IS NOT NULL", name="ends"),
    )


class Sight(Base):
    """The ledger of disclosure: a person saw an asset of somebody else at a tier, through one way (`via`: the route), in one hour.

    basis: public (everybody sees as much), grant (`grant_id`, 0 where there is none), competence (of a regulator). `times`: how
    often. The row keeps no key to asset or person: what was seen stays on record when they go."""

    __tablename__ = "disclosure_sight"
    id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=True)
    asset_id: Mapped[int]
    owner_id: Mapped[int]
    organisation_id: Mapped[int]
    person_id: Mapped[int]
    person_name: Mapped[str] = mapped_column(String(120))
    tier: Mapped[str] = mapped_column(String(2))
    basis: Mapped[str] = mapped_column(String(10))
    grant_id: Mapped[int] = mapped_column(default=0)
    purpose_code: Mapped[str | None] = mapped_column(String(20))
    purpose: Mapped[str | None] = mapped_column(String(200))
    via: Mapped[str] = mapped_column(String(60))
    hour: Mapped[datetime]
    first_at: Mapped[datetime]
    last_at: Mapped[datetime]
    times: Mapped[int] = mapped_column(default=1)
    __table_args__ = (
        CheckConstraint("tier IN ('T1','T2','T3')", name="tier"),
        CheckConstraint("basis IN ('public','grant','competence')", name="basis"),
        CheckConstraint("(basis = 'grant') = (grant_id <> 0)", name="grant"),
        Index(
            "uq_disclosure_sight_key",
            "asset_id",
            "organisation_id",
            "person_id",
            "tier",
            "via",
            "grant_id",
            "hour",
            unique=True,
        ),
        Index("ix_disclosure_sight_owner", "owner_id", "id"),
    )


class ExportMark(Row, Base):
    """An export that left: to whom, how graded, which assets (their ids), on which grants (their refs). Its `ref` is the mark in
    the file; the canary in its coordinates is computed from `secret`, which never leaves."""

    __tablename__ = "disclosure_export"
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), index=True)
    person_id: Mapped[int | None]
    person_name: Mapped[str] = mapped_column(String(120))
    grade: Mapped[str] = mapped_column(String(12))
    made_at: Mapped[datetime]
    secret: Mapped[str] = mapped_column(String(32))
    assets: Mapped[list[Any]]
    grants: Mapped[list[Any]]
