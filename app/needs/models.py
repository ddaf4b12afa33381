"""Needs lists (rounds), their entries, and bundles of entries that are useful only together."""

from __future__ import annotations

from datetime import date
from typing import Any

import shapely
from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column, validates

from app.db.base import Base, Row, Stamped, Versioned
from app.db.spatial import Geo, spatial_index
from app.disclosure import snapped
from app.needs.terms import Terms


class NeedsList(Row, Stamped, Versioned, Base):
    """A region's published round, kept by its communications administration. status: open, published, closed. What it asks of its
    entries is told in `terms.Terms`."""

    __tablename__ = "needs_list"
    administration_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), index=True)
    region: Mapped[str] = mapped_column(String(12))
    name: Mapped[str] = mapped_column(String(200))
    name_zh: Mapped[str | None] = mapped_column(String(200))
    opens_on: Mapped[date]
    closes_on: Mapped[date]
    status: Mapped[str] = mapped_column(String(12), default="open")
    asks: Mapped[str | None] = mapped_column(Text)
    asks_zh: Mapped[str | None] = mapped_column(Text)
    publishes_on: Mapped[date | None]
    kinds: Mapped[list[Any]] = mapped_column(default=list, server_default="[]")
    must_state: Mapped[list[Any]] = mapped_column(default=list, server_default="[]")
    audience: Mapped[str] = mapped_column(String(8), default="all", server_default="all")
    __table_args__ = (
        CheckConstraint("status IN ('open','published','closed')", name="status"),
        CheckConstraint("opens_on < closes_on", name="period"),
        CheckConstraint("publishes_on IS NULL OR publishes_on >= closes_on", name="published"),
        CheckConstraint("audience IN ('all','invited')", name="audience"),
        Index("ix_needs_list_region", "region"),
    )

    @property
    def terms(self) -> Terms:
        return Terms(self.asks, self.asks_zh, self.publishes_on, tuple(self.kinds), tuple(self.must_state), self.audience)


class NeedsBudget(Base):
    """What an organisation may spend a year, in `currency`, on all its entries of a list together."""

    __tablename__ = "needs_budget"
    needs_list_id: Mapped[int] = mapped_column(ForeignKey("needs_list.id", ondelete="CASCADE"), primary_key=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), primary_key=True)
    limit_minor: Mapped[int]
    currency: Mapped[str] = mapped_column(String(3))
    __table_args__ = (
        CheckConstraint("limit_minor >= 0", name="limit"),
        Index("ix_needs_budget_organisation_id", "organisation_id"),
    )


class ListPaper(Base):
    """A needs list that was printed: what identifies the copy to everybody who holds it, and the file itself to whoever compares it.
    What stands in it, and for whom, is kept with its `mark`."""

    __tablename__ = "needs_list_paper"
    content_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    needs_list_id: Mapped[int] = mapped_column(ForeignKey("needs_list.id", ondelete="CASCADE"), index=True)
    file_hash: Mapped[str] = mapped_column(String(64), index=True)
    mark: Mapped[str] = mapped_column(String(13), unique=True)
    status: Mapped[str] = mapped_column(String(12))
    made_on: Mapped[date]


class Bundle(Row, Stamped, Base):
    """Needs that are only useful together: matched, allocated and requested as one."""

    __tablename__ = "bundle"
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), index=True)
    name: Mapped[str] = mapped_column(String(200))


def face_of(context: Any) -> Any:
    """The default of `face_geom`, for rows that are inserted in bulk."""
    return _face(context.get_current_parameters()["geom"])


def _face(geometry: Any) -> Any:
    return snapped(shapely.from_wkb(geometry) if isinstance(geometry, bytes) else geometry)


class Need(Row, Stamped, Versioned, Base):
    """One entry. status: draft, submitted, published, matched, left (with an `outcome`).

    `shape`: circle (geom is a point, `radius_m`), area (polygon), route (A–B line, `radius_m` is the corridor's half width).
    `requirements`: values of the kind's declared requirements in their units. `window_start` is the earliest start,
    `window_end` the end of the term asked for (exclusive). `alternative`: the stand-alone alternative, fixed at submission.
    `divisible`: its quantity may come from several listings.
    `tier`: how precisely owners of other sectors see it. `face_geom`, `face_region`: the place as it is shown and searched at
    T1. `submitted_on`: since when the entry waits; carried over, since it was first submitted."""

    __tablename__ = "need"
    needs_list_id: Mapped[int] = mapped_column(ForeignKey("needs_list.id"), index=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    owner_ref: Mapped[str | None] = mapped_column(String(120))
    kind: Mapped[str] = mapped_column(String(40))
    region: Mapped[str] = mapped_column(String(12))
    title: Mapped[str] = mapped_column(String(200))
    shape: Mapped[str] = mapped_column(String(8))
    geom: Mapped[Any] = mapped_column(Geo())
    face_geom: Mapped[Any] = mapped_column(Geo(), default=face_of)
    face_region: Mapped[str | None] = mapped_column(String(12))
    radius_m: Mapped[float]
    requirements: Mapped[dict[str, Any]] = mapped_column(default=dict)
    quantity: Mapped[int]
    quantity_outstanding: Mapped[int]
    window_start: Mapped[date]
    window_end: Mapped[date]
    latest_start: Mapped[date | None]
    minimum_term_months: Mapped[int | None]
    budget_minor: Mapped[int | None]
    currency: Mapped[str] = mapped_column(String(3), default="CNY")
    priority: Mapped[str] = mapped_column(String(8), default="normal")
    purpose: Mapped[str] = mapped_column(String(20), default="general", server_default="general")
    submitted_on: Mapped[date | None]
    accepts_cobuild: Mapped[bool] = mapped_column(default=False)
    divisible: Mapped[bool] = mapped_column(default=False, server_default=text("false"))
    tier: Mapped[str] = mapped_column(String(2), default="T0")
    alternative: Mapped[dict[str, Any] | None]
    note: Mapped[str | None] = mapped_column(Text)
    status: Mapped[str] = mapped_column(String(12), default="draft")
    outcome: Mapped[str | None] = mapped_column(String(24))
    outcome_reason: Mapped[str | None] = mapped_column(Text)
    merged_into_id: Mapped[int | None] = mapped_column(ForeignKey("need.id"))
    carried_from_id: Mapped[int | None] = mapped_column(ForeignKey("need.id"))
    bundle_id: Mapped[int | None] = mapped_column(ForeignKey("bundle.id"), index=True)
    provenance: Mapped[str] = mapped_column(String(12), default="declared")
    declared_crs: Mapped[str] = mapped_column(String(40), default="EPSG:4326")
    assumed: Mapped[list[Any]] = mapped_column(default=list)
    import_id: Mapped[int | None] = mapped_column(index=True)
    __table_args__ = (
        CheckConstraint("status IN ('draft','submitted','published','matched','left')", name="status"),
        CheckConstraint("(status = 'left') = (outcome IS NOT NULL)", name="outcome"),
        CheckConstraint(
            "outcome IS NULL OR outcome IN ('served','partly_served','merged','carried_over','returned','to_be_cobuilt',"
            "'own_build','withdrawn')",
            name="outcome_known",
        ),
        CheckConstraint(
            "outcome IS NULL OR outcome NOT IN ('own_build','returned') OR outcome_reason IS NOT NULL", name="outcome_reason"
        ),
        CheckConstraint("(outcome IS NOT NULL AND outcome = 'merged') = (merged_into_id IS NOT NULL)", name="merged_link"),
        CheckConstraint("shape IN ('circle','area','route')", name="shape"),
        CheckConstraint("radius_m >= 0", name="radius"),
        CheckConstraint("window_start < window_end", name="window"),
        CheckConstraint("quantity > 0 AND quantity_outstanding BETWEEN 0 AND quantity", name="quantity"),
        CheckConstraint("priority IN ('high','normal','low')", name="priority"),
        CheckConstraint("purpose IN ('general','universal_service','emergency')", name="purpose"),
        CheckConstraint("tier IN ('T0','T1','T2')", name="tier"),
        Index("ix_need_search", "status", "kind", "region"),
        Index("ix_need_organisation_id", "organisation_id"),
    )

    @validates("geom")
    def _moved(self, _name: str, geometry: Any) -> Any:
        self.face_geom = _face(geometry)
        return geometry


spatial_index(Need.__table__, "geom")  # type: ignore[arg-type]
spatial_index(Need.__table__, "face_geom")  # type: ignore[arg-type]
