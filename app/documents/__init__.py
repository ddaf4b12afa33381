"""Documents as files: typeset PDF, maps and QR codes as SVG. Pure: knows no row, no request; the same facts give the same bytes."""

from __future__ import annotations

from app.documents.drawing import Place, map_svg
from app.documents.typesetting import qr_svg, typeset

__all__ = ["Place", "map_svg", "qr_svg", "typeset"]
