"""Agreements: immutable versions, capacity lines that may run both ways, signatures."""

from __future__ import annotations

from app.agreements.content import Change, canonical, differences
from app.agreements.models import Agreement, AgreementVersion, CapacityLine, Signature
from app.agreements.moves import enter_force, give_back, lines_of, refuse, submit
from app.agreements.queries import agreement_rows, line_views
from app.agreements.rules import AGREEMENT, RIGHTS
from app.agreements.schemas import AGREEMENT_ROW, LINE, line_json
from app.agreements.schemas import row_json as agreement_row_json
from app.agreements.service import event_of, holder_of, subject_of
from app.agreements.views import AgreementRow, LineView

__all__ = [
    "AGREEMENT",
    "AGREEMENT_ROW",
    "LINE",
    "RIGHTS",
    "Agreement",
    "AgreementRow",
    "AgreementVersion",
    "CapacityLine",
    "Change",
    "LineView",
    "Signature",
    "agreement_row_json",
    "agreement_rows",
    "canonical",
    "differences",
    "enter_force",
    "event_of",
    "give_back",
    "holder_of",
    "line_json",
    "line_views",
    "lines_of",
    "refuse",
    "subject_of",
    "submit",
]
