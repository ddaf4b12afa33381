"""Agreements: immutable versions, capacity lines that may run both ways, signatures."""

from __future__ import annotations

from app.agreements.models import Agreement, AgreementVersion, CapacityLine, Signature
from app.agreements.moves import enter_force, give_back, lines_of, refuse, submit
from app.agreements.rules import AGREEMENT
from app.agreements.service import event_of, holder_of, subject_of

__all__ = [
    "AGREEMENT", "Agreement", "AgreementVersion", "CapacityLine", "Signature", "enter_force", "event_of", "give_back", "holder_of", "lines_of",
    "refuse", "subject_of", "submit",
]
