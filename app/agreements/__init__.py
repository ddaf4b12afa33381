"""Agreements: immutable versions, capacity lines that may run both ways, signatures."""

from __future__ import annotations

from app.agreements.amend import AmendAgreement, amend_agreement, amendment_of, check_no_amendment
from app.agreements.content import Change, canonical, differences
from app.agreements.document import LANGUAGES, agreement_pdf
from app.agreements.models import Agreement, AgreementVersion, CapacityLine, Signature
from app.agreements.moves import enter_force, give_back, lines_of, refuse, submit
from app.agreements.queries import agreement_detail, agreement_rows, line_views
from app.agreements.rules import AGREEMENT, LIVE, RIGHTS
from app.agreements.schemas import AGREEMENT_ROW, LINE, line_json
from app.agreements.schemas import row_json as agreement_row_json
from app.agreements.service import Drafted, event_of, holder_of, load, own_party, subject_of, touch
from app.agreements.showing import life_of
from app.agreements.verifying.papers import Reprint, paper_name, register_paper
from app.agreements.views import AgreementRow, AgreementView, LineView

__all__ = [
    "AGREEMENT",
    "AGREEMENT_ROW",
    "LANGUAGES",
    "LINE",
    "LIVE",
    "RIGHTS",
    "Agreement",
    "AgreementRow",
    "AgreementVersion",
    "AgreementView",
    "AmendAgreement",
    "CapacityLine",
    "Change",
    "Drafted",
    "LineView",
    "Reprint",
    "Signature",
    "agreement_detail",
    "agreement_pdf",
    "agreement_row_json",
    "agreement_rows",
    "amend_agreement",
    "amendment_of",
    "canonical",
    "check_no_amendment",
    "differences",
    "enter_force",
    "event_of",
    "give_back",
    "holder_of",
    "life_of",
    "line_json",
    "line_views",
    "lines_of",
    "load",
    "own_party",
    "paper_name",
    "refuse",
    "register_paper",
    "subject_of",
    "submit",
    "touch",
]
