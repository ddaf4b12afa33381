"""What was done about a request beside its answers: surveys, quotes, disputes. For those who may see the request."""

from __future__ import annotations

from sqlalchemy import select

from app.access.models import AccessRequest, Dispute, Quote, Survey
from app.access.views import DisputeView, QuoteView, SurveyView
from app.accounts import names
from app.db.work import Reader


def surveys_of(reader: Reader, request: AccessRequest) -> tuple[SurveyView, ...]:
    """Newest first."""
    rows = reader.session.scalars(select(Survey).where(Survey.request_id == request.id).order_by(Survey.id.desc())).all()
    known = names(reader.session, {row.asked_by for row in rows})
    return tuple(
        SurveyView(row.status, known[row.asked_by], row.reason, row.held_on, row.result, row.attachment_ref, row.created_at)
        for row in rows
    )


def quotes_of(reader: Reader, request: AccessRequest) -> tuple[QuoteView, ...]:
    """Newest first."""
    rows = reader.session.scalars(select(Quote).where(Quote.request_id == request.id).order_by(Quote.number.desc()))
    return tuple(
        QuoteView(
            row.number,
            row.status,
            tuple(row.items),
            row.currency,
            row.valid_until,
            row.status == "open" and row.valid_until >= reader.today,
            row.message,
            row.created_at,
        )
        for row in rows
    )


def disputes_of(reader: Reader, request: AccessRequest) -> tuple[DisputeView, ...]:
    """Newest first."""
    rows = reader.session.scalars(select(Dispute).where(Dispute.request_id == request.id).order_by(Dispute.number.desc())).all()
    known = names(reader.session, {row.regulator_id for row in rows})
    return tuple(
        DisputeView(
            row.number,
            row.status,
            known[row.regulator_id],
            row.about,
            row.claim,
            row.decision,
            row.reasons,
            dict(row.terms),
            tuple(row.documents),
            row.created_at,
            row.decided_at,
        )
        for row in rows
    )
