"""A request over a whole route or for a whole bundle, its legs (an access request to each owner), and the further sections of a leg."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from app.access.routes.guards import guard
from app.db.base import Base, Row, Stamped, Versioned

OPEN = "status IN ('open','standing','broken')"


class RouteRequest(Row, Stamped, Versioned, Base):
    """status: open, standing, broken, agreed, withdrawn. `bundle_id`: it is for all needs of a bundle, `need_id` the first of them,
    `units` their number; without terms and figures. `terms`: of the question beside the need's own (handover, building,
    limits). `figures`: of the route as it was last asked for. `round`: counts the routes that were asked for."""

    __tablename__ = "route_request"
    need_id: Mapped[int] = mapped_column(ForeignKey("need.id"), index=True)
    bundle_id: Mapped[int | None] = mapped_column(ForeignKey("bundle.id"), index=True)
    requester_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), index=True)
    region: Mapped[str] = mapped_column(String(12))
    status: Mapped[str] = mapped_column(String(12), default="open")
    units: Mapped[int]
    window_start: Mapped[date]
    window_end: Mapped[date]
    terms: Mapped[dict[str, Any]]
    figures: Mapped[dict[str, Any]]
    round: Mapped[int] = mapped_column(default=1)
    message: Mapped[str | None] = mapped_column(Text)
    purpose: Mapped[str | None] = mapped_column(String(300))
    __table_args__ = (
        CheckConstraint("status IN ('open','standing','broken','agreed','withdrawn')", name="status"),
        CheckConstraint("window_start < window_end", name="window"),
        CheckConstraint("units > 0", name="units"),
        Index("uq_route_request_open", "need_id", unique=True, sqlite_where=text(OPEN), postgresql_where=text(OPEN)),
    )


class RouteLeg(Row, Base):
    """One owner's part, asked for by an access request of its own. `left_at`: it is no longer on the route. `lost_at`: its
    agreement came to nothing."""

    __tablename__ = "route_leg"
    route_id: Mapped[int] = mapped_column(ForeignKey("route_request.id"), index=True)
    request_id: Mapped[int] = mapped_column(ForeignKey("access_request.id"), unique=True)
    need_id: Mapped[int] = mapped_column(ForeignKey("need.id"), index=True)
    owner_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    round: Mapped[int]
    position: Mapped[int]
    left_at: Mapped[datetime | None]
    lost_at: Mapped[datetime | None]
    __table_args__ = (Index("uq_route_leg_owner", "route_id", "need_id", "owner_id", "round", unique=True),)


class RequestSection(Row, Base):
    """A listing that an access request asks for beside its first: a further section of the same owner's leg."""

    __tablename__ = "request_section"
    request_id: Mapped[int] = mapped_column(ForeignKey("access_request.id"), index=True)
    listing_id: Mapped[int] = mapped_column(ForeignKey("listing.id"), index=True)
    position: Mapped[int]
    __table_args__ = (Index("uq_request_section", "request_id", "listing_id", unique=True),)


guard()
