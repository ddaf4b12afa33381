"""Runs of the allocation, what each need got, and from which listing."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import Base, Row


class AllocationRun(Row, Base):
    """A stored, reproducible allocation: equal input, parameters, seed and version give an equal answer, unless time ran out.

    `needs_list_id` None: every open need. `region`: whose administration and regulators see it whole; `*` for all. `scenario`:
    what was asked for (`scenario.Scenario`). `value`, `bound` in points, `proven` when nothing better exists. `base_id`: the run
    that a scenario was made from."""

    __tablename__ = "allocation_run"
    needs_list_id: Mapped[int | None] = mapped_column(ForeignKey("needs_list.id"), index=True)
    base_id: Mapped[int | None] = mapped_column(ForeignKey("allocation_run.id"))
    region: Mapped[str] = mapped_column(String(12))
    scenario: Mapped[dict[str, Any]]
    status: Mapped[str] = mapped_column(String(10), default="running")
    job_id: Mapped[int | None]
    started_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    started_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
    engine_version: Mapped[str] = mapped_column(String(24))
    input_hash: Mapped[str | None] = mapped_column(String(64))
    seed: Mapped[int]
    params: Mapped[dict[str, Any]]
    needs: Mapped[int] = mapped_column(default=0)
    listings: Mapped[int] = mapped_column(default=0)
    pairs: Mapped[int] = mapped_column(default=0)
    served: Mapped[int] = mapped_column(default=0)
    value: Mapped[int | None]
    bound: Mapped[int | None]
    proven: Mapped[bool] = mapped_column(default=False)
    methods: Mapped[dict[str, Any]] = mapped_column(default=dict)
    timings: Mapped[dict[str, Any]] = mapped_column(default=dict)
    message: Mapped[str | None] = mapped_column(Text)
    __table_args__ = (
        CheckConstraint("status IN ('running','done','failed','cancelled')", name="status"),
        CheckConstraint("(status = 'done') = (value IS NOT NULL AND bound IS NOT NULL)", name="answer"),
        CheckConstraint("value IS NULL OR value <= bound", name="bound"),
        CheckConstraint("proven IS FALSE OR value = bound", name="proven"),
    )


class AllocationNeed(Base):
    """One need of a run. `wanted`, `given` in the kind's counted unit; `candidates`: listings that could serve it. `outcome`:
    served, partly; else why not: no_candidate, bundle (a need it is bundled with cannot be served), contested, budget (what its
    organisation has left pays for none of its listings), exclusive (its listings that have room serve another organisation)."""

    __tablename__ = "allocation_need"
    run_id: Mapped[int] = mapped_column(ForeignKey("allocation_run.id", ondelete="CASCADE"), primary_key=True)
    need_id: Mapped[int] = mapped_column(ForeignKey("need.id", ondelete="CASCADE"), primary_key=True)
    wanted: Mapped[int]
    given: Mapped[int]
    candidates: Mapped[int]
    weight: Mapped[int]
    outcome: Mapped[str] = mapped_column(String(12))
    __table_args__ = (
        CheckConstraint(
            "outcome IN ('served','partly','no_candidate','bundle','contested','budget','exclusive')", name="outcome"
        ),
        CheckConstraint("given BETWEEN 0 AND wanted", name="given"),
        CheckConstraint("(outcome IN ('served','partly')) = (given > 0)", name="served"),
        Index("ix_allocation_need_outcome", "run_id", "outcome"),
        Index("ix_allocation_need_need_id", "need_id"),
    )


class AllocationLine(Base):
    """`quantity` of a listing for a need, in the kind's counted unit. `score`: milli-points of their match. `slots`: dimension →
    the numbers that are free throughout, where the listing's places are numbered."""

    __tablename__ = "allocation_line"
    run_id: Mapped[int] = mapped_column(ForeignKey("allocation_run.id", ondelete="CASCADE"), primary_key=True)
    need_id: Mapped[int] = mapped_column(ForeignKey("need.id", ondelete="CASCADE"), primary_key=True)
    listing_id: Mapped[int] = mapped_column(ForeignKey("listing.id", ondelete="CASCADE"), primary_key=True)
    quantity: Mapped[int]
    score: Mapped[int]
    distance_mm: Mapped[int]
    slots: Mapped[dict[str, Any]] = mapped_column(default=dict)
    __table_args__ = (
        CheckConstraint("quantity > 0", name="quantity"),
        Index("ix_allocation_line_listing", "listing_id", "run_id"),
        Index("ix_allocation_line_need_id", "need_id"),
    )
