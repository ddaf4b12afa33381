"""Reckonings of who should build together, the groups they found, the consents to them, and the corridors that trenches follow."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import Base, BigId, Row


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

    form: site (`height_m`) or trench (`length_m`; `sections`: [{line: [[lon, lat]], length_m, needs: [id], corridor: name}]).
    `lon`, `lat`: the site, or the middle of the section that most use.
    `core_excess_minor`: the most that some members together pay above building by themselves.
    `near`: existing towers that could serve, nearer than the same-place rule allows: [{listing_id, distance_m, rule_m}]."""

    __tablename__ = "cobuild_group"
    run_id: Mapped[int] = mapped_column(ForeignKey("cobuild_run.id"), index=True)
    key: Mapped[str] = mapped_column(String(64), index=True)
    kind: Mapped[str] = mapped_column(String(40))
    region: Mapped[str] = mapped_column(String(12), index=True)
    profile: Mapped[str] = mapped_column(String(40))
    form: Mapped[str] = mapped_column(String(8), default="site", server_default="site")
    status: Mapped[str] = mapped_column(String(12), default="proposed")
    lon: Mapped[float]
    lat: Mapped[float]
    height_m: Mapped[float]  # 0 for a trench
    length_m: Mapped[float | None]
    sections: Mapped[list[Any]] = mapped_column(default=list, server_default="[]")
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
        CheckConstraint("form IN ('site','trench') AND (form = 'trench') = (length_m IS NOT NULL)", name="form"),
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
    was stated (`alone_stated` false). `share_minor`: Shapley's value; `proportion_minor`: by proportion to `alone_minor`.
    `way_m`: in a trench, the length of the member's own way."""

    __tablename__ = "cobuild_member"
    group_id: Mapped[int] = mapped_column(ForeignKey("cobuild_group.id", ondelete="CASCADE"), primary_key=True)
    need_id: Mapped[int] = mapped_column(ForeignKey("need.id", ondelete="CASCADE"), primary_key=True, index=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), index=True)
    alone_minor: Mapped[int]
    alone_stated: Mapped[bool]
    share_minor: Mapped[int]
    proportion_minor: Mapped[int]
    way_m: Mapped[float | None]


class CobuildExemption(Row, Base):
    """A case of exemption from the same-place rule. status: requested, granted, refused. `requested_by` None: the administration
    opened it of its own accord. A decision stands with its reason; a granted one is the group's `exemption_reason` too."""

    __tablename__ = "cobuild_exemption"
    group_id: Mapped[int] = mapped_column(ForeignKey("cobuild_group.id", ondelete="CASCADE"), index=True)
    status: Mapped[str] = mapped_column(String(12))
    requested_by: Mapped[int | None] = mapped_column(ForeignKey("organisation.id"))
    requested_at: Mapped[datetime]
    grounds: Mapped[str] = mapped_column(Text)
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    decision_reason: Mapped[str | None] = mapped_column(Text)
    __table_args__ = (
        CheckConstraint("status IN ('requested','granted','refused')", name="status"),
        CheckConstraint("(status = 'requested') = (decided_at IS NULL)", name="decided"),
        CheckConstraint("(decided_at IS NULL) = (decision_reason IS NULL)", name="reason"),
        Index(
            "uq_cobuild_exemption_open",
            "group_id",
            unique=True,
            sqlite_where=text("status <> 'refused'"),
            postgresql_where=text("status <> 'refused'"),
        ),
    )


class CorridorLayer(Row, Base):
    """Roads, railways or other lines that trenches may follow, as an administration loaded them. sort: road, rail, power, pipeline,
    other. `lines`: how many. They serve the needs of `region`."""

    __tablename__ = "corridor_layer"
    administration_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    region: Mapped[str] = mapped_column(String(12), index=True)
    name: Mapped[str] = mapped_column(String(200))
    sort: Mapped[str] = mapped_column(String(12))
    source: Mapped[str] = mapped_column(Text)
    declared_crs: Mapped[str] = mapped_column(String(40))
    lines: Mapped[int]
    length_m: Mapped[float]
    created_at: Mapped[datetime]
    created_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    __table_args__ = (CheckConstraint("sort IN ('road','rail','power','pipeline','other')", name="sort"),)


class Corridor(Base):
    """One line of a layer: `line` is [[lon, lat], …] in WGS-84; `west` to `north` its bounds."""

    __tablename__ = "corridor"
    id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=True)
    layer_id: Mapped[int] = mapped_column(ForeignKey("corridor_layer.id", ondelete="CASCADE"), index=True)
    name: Mapped[str | None] = mapped_column(String(200))
    line: Mapped[list[Any]]
    west: Mapped[float]
    south: Mapped[float]
    east: Mapped[float]
    north: Mapped[float]


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
