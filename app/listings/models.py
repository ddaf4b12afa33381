"""Offers: the part of an asset that its owner opens, when and on what terms."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, String, Text, func, literal_column
from sqlalchemy.orm import Mapped, mapped_column, relationship, validates

from app.assets import Asset
from app.db.base import Base, Row, Stamped, Versioned
from app.db.spatial import Geo, spatial_index
from app.db.words import word_index
from app.listings.mark import mark_of, mark_x, mark_y

COUNTED_BY = ("kind", "sector", "face_tier", "price_minor", "height_m")  # tiles count from the index alone
NO_PRICE = 2**62  # listings with a price on request come last, or first when turned round


class Listing(Row, Stamped, Versioned, Base):
    """status: draft, published, suspended, withdrawn. `kind`, `region`, `sector`, `geom`, `operator_id` repeat the asset's for
    search and tiles, kept in step by the use cases. `offered`: dimension → what is open, in the dimension's unit; empty means all
    that is free. `price_minor`: per year, per one of the kind's counted thing, None = on request. `exclusivity`: none, one
    beneficiary of this listing, one beneficiary of the asset whichever of its listings. `tier`: what the owner shows to others
    without a grant; `face_tier`: the same lowered by the asset's grade. `face_geom`, `face_region`: the place as `face_tier` shows
    it, so that a search by others answers from nothing more exact; `mark_x`, `mark_y`: where that stands on the world map.
    `height_m`: the height that it promises, as everybody may know it. `opened_at`: when it was opened last.
    `title` is public wherever the listing is."""

    __tablename__ = "listing"
    asset_id: Mapped[int] = mapped_column(ForeignKey("asset.id"), index=True)
    owner_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    operator_id: Mapped[int | None] = mapped_column(ForeignKey("organisation.id"))
    kind: Mapped[str] = mapped_column(String(40))
    region: Mapped[str] = mapped_column(String(12))
    sector: Mapped[str] = mapped_column(String(20))
    title: Mapped[str] = mapped_column(String(200))
    geom: Mapped[Any] = mapped_column(Geo())
    status: Mapped[str] = mapped_column(String(12), default="draft")
    offered: Mapped[dict[str, Any]] = mapped_column(default=dict)
    window_start: Mapped[date]
    window_end: Mapped[date]
    price_minor: Mapped[int | None]
    currency: Mapped[str] = mapped_column(String(3), default="CNY")
    terms: Mapped[str | None] = mapped_column(Text)
    tier: Mapped[str] = mapped_column(String(2), default="T2")
    exclusivity: Mapped[str] = mapped_column(String(8), default="none", server_default="none")
    face_tier: Mapped[str] = mapped_column(String(2))
    face_geom: Mapped[Any] = mapped_column(Geo())
    face_region: Mapped[str | None] = mapped_column(String(12))
    mark_x: Mapped[int] = mapped_column(default=mark_x)
    mark_y: Mapped[int] = mapped_column(default=mark_y)
    height_m: Mapped[float | None]
    opened_at: Mapped[datetime | None]
    provenance: Mapped[str] = mapped_column(String(12), default="declared")
    import_id: Mapped[int | None] = mapped_column(index=True)
    asset: Mapped[Asset] = relationship()
    __table_args__ = (
        CheckConstraint("status IN ('draft','published','suspended','withdrawn')", name="status"),
        CheckConstraint("tier IN ('T0','T1','T2')", name="tier"),
        CheckConstraint("exclusivity IN ('none','listing','asset')", name="exclusivity"),
        CheckConstraint("face_tier <= tier", name="face_tier"),
        CheckConstraint("window_start < window_end", name="window"),
        CheckConstraint("price_minor IS NULL OR price_minor >= 0", name="price"),
        Index("ix_listing_search", "status", "kind", "region"),
        Index("ix_listing_face", "status", "face_region", "kind", "sector", "face_tier"),
        Index("ix_listing_mark", "status", "mark_x", "mark_y", *COUNTED_BY),
        Index("ix_listing_owner_id", "owner_id"),
        Index("ix_listing_title", "title", "id"),
        Index("ix_listing_opened_at", "opened_at"),
    )

    @validates("face_geom")
    def _moved(self, _name: str, face: Any) -> Any:
        self.mark_x, self.mark_y = mark_of(face)
        return face


# written out, not bound: an index on an expression serves only the very same expression
PRICE = func.coalesce(Listing.price_minor, literal_column(str(NO_PRICE), BigInteger))
Index("ix_listing_price", PRICE, Listing.id)
spatial_index(Listing.__table__, "geom")  # type: ignore[arg-type]
spatial_index(Listing.__table__, "face_geom")  # type: ignore[arg-type]
word_index(Listing.__table__, "title")  # type: ignore[arg-type]
