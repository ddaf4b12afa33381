"""Works projects, their elements along the chainage, and what each organisation answered."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import Base, Row, Stamped, Versioned
from app.db.spatial import Geo
from app.ledger import Claim
from app.works.guards import attach

_STANDING = text("status IN ('waiting','late','accepted')")
_PASSED = text("status = 'passed'")


class WorksProject(Row, Stamped, Versioned, Base):
    """One project. `terms`: the profile's rule as it was when the works were announced. `join_until`: the last day on which a
    request to join is in time. `lacks_reserve`: something of the mandatory reservation is not in the ledger."""

    __tablename__ = "works_project"
    sponsor_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), index=True)
    kind: Mapped[str] = mapped_column(String(12))
    name: Mapped[str] = mapped_column(String(200))
    description: Mapped[str] = mapped_column(Text, default="")
    region: Mapped[str] = mapped_column(String(12), index=True)
    profile: Mapped[str] = mapped_column(String(40))
    geom: Mapped[Any] = mapped_column(Geo())
    from_m: Mapped[int]
    to_m: Mapped[int]
    permit_on: Mapped[date]
    starts_on: Mapped[date]
    completes_on: Mapped[date]
    status: Mapped[str] = mapped_column(String(10), default="draft")
    announced_on: Mapped[date | None]
    join_until: Mapped[date | None]
    terms: Mapped[dict[str, Any]] = mapped_column(default=dict)
    lacks_reserve: Mapped[bool] = mapped_column(default=False)
    closed_at: Mapped[datetime | None]
    reason: Mapped[str | None] = mapped_column(Text)
    __table_args__ = (
        CheckConstraint("kind IN ('subway','tunnel','bridge','road','pipeline')", name="kind"),
        CheckConstraint("status IN ('draft','announced','completed','cancelled')", name="status"),
        CheckConstraint("from_m < to_m", name="chainage"),
        CheckConstraint("permit_on <= starts_on AND starts_on < completes_on", name="dates"),
        CheckConstraint("(announced_on IS NULL) = (join_until IS NULL)", name="window"),
        CheckConstraint("status NOT IN ('announced','completed') OR announced_on IS NOT NULL", name="announced"),
        CheckConstraint("status <> 'draft' OR announced_on IS NULL", name="draft"),
        CheckConstraint("(status IN ('completed','cancelled')) = (closed_at IS NOT NULL)", name="closed"),
        CheckConstraint("status <> 'cancelled' OR reason IS NOT NULL", name="reason"),
    )


class WorksElement(Row, Base):
    """One thing that the works build. `capacity`, `reserved`: dimension → amount, as planned; what is reserved in truth is the
    ledger's. `asset_id`: the planned asset, from the announcement on."""

    __tablename__ = "works_element"
    project_id: Mapped[int] = mapped_column(ForeignKey("works_project.id"))
    number: Mapped[int]
    kind: Mapped[str] = mapped_column(String(40))
    name: Mapped[str] = mapped_column(String(200))
    from_m: Mapped[int]
    to_m: Mapped[int]
    level: Mapped[str] = mapped_column(String(40), default="")
    bore_mm: Mapped[int | None]
    capacity: Mapped[dict[str, Any]]
    reserved: Mapped[dict[str, Any]]
    asset_id: Mapped[int | None] = mapped_column(ForeignKey("asset.id"), unique=True)
    __table_args__ = (
        CheckConstraint("from_m <= to_m", name="chainage"),
        CheckConstraint("kind NOT IN ('duct','cable') OR from_m < to_m", name="length"),
        CheckConstraint("bore_mm IS NULL OR bore_mm > 0", name="bore"),
        Index("uq_works_element_number", "project_id", "number", unique=True),
    )


class WorksJoin(Row, Stamped, Base):
    """What one organisation answered to announced works: asks to join, or does not. `join_until` and `late_rule` are the project's
    on that day, so that a late request can be no other than its rule lets it be."""

    __tablename__ = "works_join"
    project_id: Mapped[int] = mapped_column(ForeignKey("works_project.id"))
    number: Mapped[int]
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), index=True)
    status: Mapped[str] = mapped_column(String(10))
    what: Mapped[str] = mapped_column(Text)
    elements: Mapped[list[Any]]
    asked_on: Mapped[date]
    join_until: Mapped[date]
    late_rule: Mapped[str] = mapped_column(String(10))
    answered_on: Mapped[date | None]
    answer: Mapped[str | None] = mapped_column(Text)
    __table_args__ = (
        CheckConstraint("status IN ('waiting','accepted','refused','withdrawn','late','too_late','passed')", name="status"),
        CheckConstraint("late_rule IN ('closed','sponsor','never')", name="late_rule"),
        CheckConstraint("(status IN ('waiting','late')) = (answered_on IS NULL)", name="answered"),
        CheckConstraint("status NOT IN ('refused','too_late') OR answer IS NOT NULL", name="reason"),
        CheckConstraint("status <> 'waiting' OR asked_on <= join_until OR late_rule = 'never'", name="in_time"),
        CheckConstraint(
            "status NOT IN ('accepted','refused') OR asked_on <= join_until OR late_rule <> 'closed'", name="taken_late"
        ),
        CheckConstraint("status <> 'late' OR (asked_on > join_until AND late_rule = 'sponsor')", name="late"),
        CheckConstraint("status <> 'too_late' OR (asked_on > join_until AND late_rule = 'closed')", name="too_late"),
        Index("uq_works_join_number", "project_id", "number", unique=True),
        Index(
            "uq_works_join_standing",
            "project_id",
            "organisation_id",
            unique=True,
            sqlite_where=_STANDING,
            postgresql_where=_STANDING,
        ),
        Index(
            "uq_works_join_passed", "project_id", "organisation_id", unique=True, sqlite_where=_PASSED, postgresql_where=_PASSED
        ),
    )


WorksProject.__table__.add_is_dependent_on(Claim.__table__)  # type: ignore[attr-defined]
attach(WorksProject.__table__)  # type: ignore[arg-type]
