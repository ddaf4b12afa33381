"""Access requests: a requester's application on a match, the owner's answer, the offer and its hold."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import Base, Row, Stamped, Versioned

_OPEN = text("status IN ('draft','submitted','incomplete','complete','accepted','countered','disputed')")

_ASKED = text("status IN ('asked','dated')")
_QUOTED = text("status = 'open'")
_DISPUTED = text("status = 'open'")


class AccessRequest(Row, Stamped, Versioned, Base):
    """status: draft, submitted, incomplete, complete, accepted, countered, refused, disputed, withdrawn, expired, agreed.

    `asked`: requirement values at the time of asking. `missing`: what the owner named, once. `completeness`: found, deemed.
    `escalated_at`: when silence took it to the administration. `settler_id`: the regulator before which it is disputed.
    `refusal_evidence`: code of the evidence → ref of its attachment; kept while a refusal is disputed and after."""

    __tablename__ = "access_request"
    need_id: Mapped[int] = mapped_column(ForeignKey("need.id"), index=True)
    listing_id: Mapped[int] = mapped_column(ForeignKey("listing.id"), index=True)
    requester_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), index=True)
    owner_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), index=True)
    region: Mapped[str] = mapped_column(String(12))
    profile: Mapped[str] = mapped_column(String(40))
    status: Mapped[str] = mapped_column(String(12), default="draft")
    asked: Mapped[dict[str, Any]]
    window_start: Mapped[date]
    window_end: Mapped[date]
    message: Mapped[str | None] = mapped_column(Text)
    purpose: Mapped[str | None] = mapped_column(String(300))
    submitted_at: Mapped[datetime | None]
    answered_at: Mapped[datetime | None]
    missing: Mapped[str | None] = mapped_column(Text)
    missing_named_at: Mapped[datetime | None]
    completeness: Mapped[str | None] = mapped_column(String(8))
    complete_at: Mapped[datetime | None]
    escalated_at: Mapped[datetime | None]
    settler_id: Mapped[int | None] = mapped_column(ForeignKey("organisation.id"), index=True)
    refusal_ground: Mapped[str | None] = mapped_column(String(40))
    refusal_reason: Mapped[str | None] = mapped_column(Text)
    refusal_evidence: Mapped[dict[str, Any]] = mapped_column(default=dict)
    __table_args__ = (
        CheckConstraint(
            "status IN ('draft','submitted','incomplete','complete','accepted','countered','refused','disputed','withdrawn',"
            "'expired','agreed')",
            name="status",
        ),
        CheckConstraint("status <> 'refused' OR refusal_ground IS NOT NULL", name="refusal"),
        CheckConstraint("status <> 'incomplete' OR missing IS NOT NULL", name="missing"),
        CheckConstraint("status <> 'disputed' OR settler_id IS NOT NULL", name="disputed"),
        CheckConstraint("completeness IN ('found','deemed')", name="completeness"),
        CheckConstraint("window_start < window_end", name="window"),
        Index("ix_access_request_status", "status"),
        Index(
            "uq_access_request_open",
            "need_id",
            "listing_id",
            unique=True,
            sqlite_where=_OPEN,
            postgresql_where=_OPEN,
        ),
    )


class Survey(Row, Stamped, Base):
    """A look at the site before the answer. status: asked, dated, done, void. `attachment_ref`: the report."""

    __tablename__ = "access_survey"
    request_id: Mapped[int] = mapped_column(ForeignKey("access_request.id"), index=True)
    asked_by: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    reason: Mapped[str] = mapped_column(Text)
    status: Mapped[str] = mapped_column(String(8), default="asked")
    held_on: Mapped[date | None]
    result: Mapped[str | None] = mapped_column(Text)
    attachment_ref: Mapped[str | None] = mapped_column(String(13))
    done_at: Mapped[datetime | None]
    __table_args__ = (
        CheckConstraint("status IN ('asked','dated','done','void')", name="status"),
        CheckConstraint("status <> 'dated' OR held_on IS NOT NULL", name="dated"),
        CheckConstraint("(status = 'done') = (result IS NOT NULL)", name="done"),
        Index("uq_access_survey_open", "request_id", unique=True, sqlite_where=_ASKED, postgresql_where=_ASKED),
    )


class Quote(Row, Stamped, Base):
    """What access would cost, item by item. status: open, replaced. `items`: [{label, basis: yearly|once, amount_minor}]."""

    __tablename__ = "access_quote"
    request_id: Mapped[int] = mapped_column(ForeignKey("access_request.id"), index=True)
    number: Mapped[int]
    status: Mapped[str] = mapped_column(String(8), default="open")
    items: Mapped[list[Any]]
    currency: Mapped[str] = mapped_column(String(3))
    valid_until: Mapped[date]
    message: Mapped[str | None] = mapped_column(Text)
    __table_args__ = (
        CheckConstraint("status IN ('open','replaced')", name="status"),
        Index("uq_access_quote_number", "request_id", "number", unique=True),
        Index("uq_access_quote_open", "request_id", unique=True, sqlite_where=_QUOTED, postgresql_where=_QUOTED),
    )


class Dispute(Row, Stamped, Base):
    """A dispute before the competent regulator, with its binding decision. status: open, decided, withdrawn. decision: uphold,
    order, price. `about`: the state that is disputed: complete (silence), refused, countered. `terms`: what was ordered.
    `documents`: refs of the attachments that the decision rests on."""

    __tablename__ = "access_dispute"
    request_id: Mapped[int] = mapped_column(ForeignKey("access_request.id"), index=True)
    number: Mapped[int]
    opened_by: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    regulator_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), index=True)
    about: Mapped[str] = mapped_column(String(12))
    claim: Mapped[str] = mapped_column(Text)
    status: Mapped[str] = mapped_column(String(10), default="open")
    decision: Mapped[str | None] = mapped_column(String(8))
    reasons: Mapped[str | None] = mapped_column(Text)
    terms: Mapped[dict[str, Any]] = mapped_column(default=dict)
    documents: Mapped[list[Any]] = mapped_column(default=list)
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    __table_args__ = (
        CheckConstraint("status IN ('open','decided','withdrawn')", name="status"),
        CheckConstraint("about IN ('complete','refused','countered')", name="about"),
        CheckConstraint("decision IN ('uphold','order','price')", name="decision"),
        CheckConstraint(
            "(status = 'decided') = (decision IS NOT NULL AND reasons IS NOT NULL AND decided_at IS NOT NULL)", name="decided"
        ),
        Index("uq_access_dispute_number", "request_id", "number", unique=True),
        Index("uq_access_dispute_open", "request_id", unique=True, sqlite_where=_DISPUTED, postgresql_where=_DISPUTED),
    )


class Offer(Row, Stamped, Base):
    """What the owner offers, holding its capacity until it expires. origin: accept, counter, order (by a regulator). status: open, agreed, released,
    expired.

    `lines`: [{asset_id, listing_id, amounts: dimension → thousandths, slots: dimension → numbers}]; `price_minor`: a year,
    for all. `terms`: requirement → the value offered, where the asset has a limit. `quote_number`: of the quote it is priced by;
    its one-off items are in `once_items`."""

    __tablename__ = "offer"
    request_id: Mapped[int] = mapped_column(ForeignKey("access_request.id"), index=True)
    number: Mapped[int]
    origin: Mapped[str] = mapped_column(String(8))
    status: Mapped[str] = mapped_column(String(10), default="open")
    lines: Mapped[list[Any]]
    terms: Mapped[dict[str, Any]] = mapped_column(default=dict, server_default=text("'{}'"))
    price_minor: Mapped[int]
    currency: Mapped[str] = mapped_column(String(3))
    quote_number: Mapped[int | None]
    once_items: Mapped[list[Any]] = mapped_column(default=list, server_default=text("'[]'"))
    window_start: Mapped[date]
    window_end: Mapped[date]
    message: Mapped[str | None] = mapped_column(Text)
    expires_at: Mapped[datetime]
    __table_args__ = (
        CheckConstraint("origin IN ('accept','counter','order')", name="origin"),
        CheckConstraint("status IN ('open','agreed','released','expired')", name="status"),
        Index("uq_offer_number", "request_id", "number", unique=True),
        Index(
            "uq_offer_open",
            "request_id",
            unique=True,
            sqlite_where=text("status = 'open'"),
            postgresql_where=text("status = 'open'"),
        ),
    )
