"""The register: physical things, listed or not, and what they stand on."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import Base, Row, Stamped, Versioned
from app.db.spatial import Geo, spatial_index
from app.db.words import word_index

NAMES = ("name", "owner_ref", "address")  # by which its owner looks for it


class Asset(Row, Stamped, Versioned, Base):
    """One physical thing. `attributes` holds the values of the kind's declared attributes in their units; `assumed` names those
    that an import filled by a stated default. `owner_id`: title holder. `declared_crs`, `accuracy_m`: as the owner stated them.
    `public_tier`: what everybody may see of it now, NULL without an open listing; kept in step by the listings. `cell_region`:
    region of the middle of its disclosure cell, so that an approximate place says nothing more."""

    __tablename__ = "asset"
    kind: Mapped[str] = mapped_column(String(40))
    name: Mapped[str] = mapped_column(String(200))
    owner_ref: Mapped[str | None] = mapped_column(String(120))  # the owner's own number for it
    owner_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    operator_id: Mapped[int | None] = mapped_column(ForeignKey("organisation.id"))
    status: Mapped[str] = mapped_column(String(20), default="operational")
    available_from: Mapped[date | None]
    geom: Mapped[Any] = mapped_column(Geo())
    region: Mapped[str] = mapped_column(String(12))
    cell_region: Mapped[str | None] = mapped_column(String(12))
    public_tier: Mapped[str | None] = mapped_column(String(2))
    address: Mapped[str | None] = mapped_column(String(300))
    land_consent: Mapped[str] = mapped_column(String(12), default="unknown")
    host_consent: Mapped[str] = mapped_column(String(12), default="unknown")
    provenance: Mapped[str] = mapped_column(String(12), default="declared")
    declared_crs: Mapped[str] = mapped_column(String(40), default="EPSG:4326")
    accuracy_m: Mapped[float | None]
    grade: Mapped[str] = mapped_column(String(12), default="general")
    attributes: Mapped[dict[str, Any]] = mapped_column(default=dict)
    assumed: Mapped[list[Any]] = mapped_column(default=list)
    import_id: Mapped[int | None] = mapped_column(index=True)
    __table_args__ = (
        CheckConstraint(
            "status IN ('proposed','planned','under_construction','operational','inactive','retired')", name="status"
        ),
        CheckConstraint("provenance IN ('declared','surveyed','derived','demo')", name="provenance"),
        CheckConstraint("grade IN ('general','important','core')", name="grade"),
        CheckConstraint("public_tier IN ('T0','T1','T2')", name="public_tier"),
        CheckConstraint("land_consent IN ('unknown','held','needed','refused')", name="land_consent"),
        CheckConstraint("host_consent IN ('unknown','held','needed','refused')", name="host_consent"),
        Index("uq_asset_owner_ref", "owner_id", "kind", "owner_ref", unique=True),
        Index("ix_asset_kind_region", "kind", "region"),
        Index("ix_asset_owner_id", "owner_id"),
        Index("ix_asset_operator_id", "operator_id"),
    )


spatial_index(Asset.__table__, "geom")  # type: ignore[arg-type]
word_index(Asset.__table__, *NAMES)  # type: ignore[arg-type]


class AssetHost(Base):
    """`asset` stands on, hangs from or lies in `host`: cable → duct → bridge."""

    __tablename__ = "asset_host"
    asset_id: Mapped[int] = mapped_column(ForeignKey("asset.id", ondelete="CASCADE"), primary_key=True)
    host_id: Mapped[int] = mapped_column(ForeignKey("asset.id"), primary_key=True, index=True)
    __table_args__ = (CheckConstraint("asset_id <> host_id", name="not_itself"),)
