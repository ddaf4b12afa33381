"""How many open listings stand in each cell of the world map, counted beforehand for the tiles that would count hundreds of
thousands."""

from __future__ import annotations

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import Base


class TileTally(Base):
    """One cell of a level (2^level cells go round the world), of one kind and sector. `sum_x`, `sum_y`: of the marks, in units
    of the world map: their middle is where the count stands. By what everybody may know, as tiles count."""

    __tablename__ = "tile_tally"
    level: Mapped[int] = mapped_column(primary_key=True)
    x: Mapped[int] = mapped_column(primary_key=True)
    y: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(40), primary_key=True)
    sector: Mapped[str] = mapped_column(String(20), primary_key=True)
    count: Mapped[int]
    sum_x: Mapped[int]
    sum_y: Mapped[int]
