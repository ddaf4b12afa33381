"""Rent by formula: who is on an asset when, what each pays from which day, statements that reconcile line by line."""

from __future__ import annotations

from app.rent.models import RentStatement

__all__ = ["RentStatement"]
