"""Documents as files: typeset PDF, maps and QR codes as SVG. Pure: knows no row, no request; the same facts give the same bytes."""

from __future__ import annotations

from app.documents.drawing import Place, map_svg
from app.documents.frame import LANGUAGES, language_of, official
from app.documents.typesetting import qr_svg, typeset

__all__ = ["LANGUAGES", "Place", "language_of", "map_svg", "official", "qr_svg", "typeset"]
