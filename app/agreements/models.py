"""Agreements: immutable versions, capacity lines that may run both ways, signatures."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import Base, NullJson, Row, Stamped, Versioned
from app.db.immutable import guard
from app.kernel.ids import new_ref

_FIRST = "amends_id IS NULL"
_STANDS = "amends_id IS NOT NULL AND status NOT IN ('refused', 'withdrawn')"


class Agreement(Row, Stamped, Versioned, Base):
    """status: as in rules.AGREEMENT. `held_until`: when the capacity held for a draft is free again; None when nothing is held or
    the claim has no such end. `regulator_ids`: before whom it was or is. `amends_id`: the agreement that this one replaces when
    it enters into force. `billing_from`: the day from which rent is due; `ended_on`: the first day on which none is. `salt`:
    makes the hash of its assets' ledger hard to guess, for its regulators alone; agreements of before have none."""

    __tablename__ = "agreement"
    request_id: Mapped[int] = mapped_column(ForeignKey("access_request.id"))
    amends_id: Mapped[int | None] = mapped_column(ForeignKey("agreement.id"))
    need_id: Mapped[int] = mapped_column(ForeignKey("need.id"))
    owner_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), index=True)
    requester_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), index=True)
    title: Mapped[str] = mapped_column(String(200))
    region: Mapped[str] = mapped_column(String(12))
    profile: Mapped[str] = mapped_column(String(40))
    status: Mapped[str] = mapped_column(String(12), default="drafted")
    current_number: Mapped[int] = mapped_column(default=1)
    held_until: Mapped[datetime | None]
    regulator_ids: Mapped[list[Any]] = mapped_column(default=list)
    in_force_at: Mapped[datetime | None]
    billing_from: Mapped[date | None]
    ended_on: Mapped[date | None]
    salt: Mapped[str | None] = mapped_column(String(13), default=new_ref)
    __table_args__ = (
        CheckConstraint(
            "status IN ('drafted','signed','submitted','returned','in_force','make_ready','installed','accepted','ended','removed',"
            "'amended','refused','withdrawn')",
            name="status",
        ),
        CheckConstraint("status <> 'accepted' OR billing_from IS NOT NULL", name="billing"),
        CheckConstraint("(status IN ('ended','removed','amended')) = (ended_on IS NOT NULL)", name="ended"),
        CheckConstraint("amends_id IS NULL OR amends_id <> id", name="amends"),
        Index("ix_agreement_status", "status"),
        Index("uq_agreement_of_request", "request_id", unique=True, sqlite_where=text(_FIRST), postgresql_where=text(_FIRST)),
        Index("uq_agreement_amendment", "amends_id", unique=True, sqlite_where=text(_STANDS), postgresql_where=text(_STANDS)),
    )


class AgreementVersion(Row, Base):
    """What was agreed, exactly. Immutable (a trigger refuses updates and deletes); `content_hash` is SHA-256 over its
    canonical JSON."""

    __tablename__ = "agreement_version"
    agreement_id: Mapped[int] = mapped_column(ForeignKey("agreement.id"))
    number: Mapped[int]
    content: Mapped[dict[str, Any]]
    content_hash: Mapped[str] = mapped_column(String(64))
    reason: Mapped[str | None] = mapped_column(Text)
    created_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    created_at: Mapped[datetime]
    __table_args__ = (Index("uq_agreement_version_number", "agreement_id", "number", unique=True),)


class CapacityLine(Row, Base):
    """One line of a version: who supplies what to whom, by which right, for which consideration.

    right: lease, iru, swap, cobuild_share. consideration: money (price_minor a year) or another line of the same version
    (`against_line`). `rent`: how the price follows tenants and index (rules.RentTerms), None: it stays. `amounts`: dimension →
    thousandths; `slots`: dimension → the slot numbers."""

    __tablename__ = "capacity_line"
    version_id: Mapped[int] = mapped_column(ForeignKey("agreement_version.id"), index=True)
    number: Mapped[int]
    asset_id: Mapped[int] = mapped_column(ForeignKey("asset.id"), index=True)
    listing_id: Mapped[int | None] = mapped_column(ForeignKey("listing.id"))
    supplier_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    beneficiary_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    right: Mapped[str] = mapped_column(String(16))
    amounts: Mapped[dict[str, Any]]
    slots: Mapped[dict[str, Any]] = mapped_column(default=dict)
    starts: Mapped[date]
    ends: Mapped[date]
    price_minor: Mapped[int | None]
    currency: Mapped[str] = mapped_column(String(3))
    against_line: Mapped[int | None]
    rent: Mapped[dict[str, Any] | None] = mapped_column(NullJson)
    __table_args__ = (
        CheckConstraint("\"right\" IN ('lease','iru','swap','cobuild_share')", name="right"),
        CheckConstraint("(price_minor IS NULL) <> (against_line IS NULL)", name="consideration"),
        CheckConstraint("supplier_id <> beneficiary_id", name="two_parties"),
        CheckConstraint("starts < ends", name="window"),
        CheckConstraint("rent IS NULL OR price_minor IS NOT NULL", name="rent"),
        Index("uq_capacity_line_number", "version_id", "number", unique=True),
    )


class Signature(Row, Base):
    """A party's signature on one version, over its content hash."""

    __tablename__ = "signature"
    version_id: Mapped[int] = mapped_column(ForeignKey("agreement_version.id"))
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    user_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    agent_id: Mapped[int | None] = mapped_column(ForeignKey("organisation.id"))
    content_hash: Mapped[str] = mapped_column(String(64))
    signed_at: Mapped[datetime]
    __table_args__ = (Index("uq_signature_party", "version_id", "organisation_id", unique=True),)


for _model in (AgreementVersion, CapacityLine, Signature):
    guard(_model.__table__)  # type: ignore[arg-type]
