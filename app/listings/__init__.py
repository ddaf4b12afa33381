"""Offers of spare capacity on assets. What other rooms may use of it is listed here."""

from __future__ import annotations

from app.listings.models import Listing

__all__ = ["Listing"]
