"""On which terms owners meet: the jurisdiction's settings, where the asker does not choose its own."""

from __future__ import annotations

from dataclasses import replace

from app.accounts import Organisation
from app.catalogue.profiles import RouteTerms, all_profiles, get_profile
from app.db.work import Reader
from app.engine.routing import Joints, Meeting
from app.kernel.errors import Problem, fail
from app.kernel.text import Text
from app.matching.routing.question import RouteQuestion

NO_TERMS = Text("No jurisdiction here states terms for routes in {currency}.", "没有以 {currency} 计价的路由条款。")


def route_terms(reader: Reader, currency: str, organisation_id: int | None = None) -> RouteTerms:
    """Of the organisation that asks where its currency is asked for, else of the first jurisdiction with that currency.

    Raises `invalid` where none states any."""
    of = reader.session.get(Organisation, organisation_id) if organisation_id is not None else None
    own = [get_profile(of.profile)] if of is not None else []
    for profile in (*own, *all_profiles()):
        if profile.routes is not None and profile.currency == currency:
            return profile.routes
    raise fail("invalid", [Problem("invalid", NO_TERMS.format(currency=currency), pointer="/currency")])


def usual_terms(reader: Reader) -> tuple[RouteTerms, str] | None:
    """Those of the asker's own jurisdiction and its currency, for who wants to see what holds; None where it states none."""
    of = reader.session.get(Organisation, reader.actor.organisation_id) if reader.actor.organisation_id is not None else None
    profile = None if of is None else get_profile(of.profile)
    return None if profile is None or profile.routes is None else (profile.routes, profile.currency)


def on_terms(reader: Reader, question: RouteQuestion) -> RouteQuestion:
    """The question with the asker, and with what it leaves open as the jurisdiction sets it."""
    asker = question.organisation_id or reader.actor.organisation_id
    terms = route_terms(reader, question.currency, asker)
    return replace(
        question,
        organisation_id=asker,
        terms=terms,
        handover_minor=terms.handover_minor if question.handover_minor is None else question.handover_minor,
        build_minor_m=terms.build_per_m_minor if question.build_minor_m is None else question.build_minor_m,
        gap_m=terms.gap_m if question.gap_m is None else question.gap_m,
    )


def meeting_of(question: RouteQuestion) -> Meeting:
    """How spans meet for a question whose terms are known."""
    terms = question.known_terms
    return Meeting(
        snap_m=terms.snap_m,
        site_m=terms.site_m,
        handover_minor=question.handover_minor or 0,
        gap_m=question.gap_m or 0.0,
        reach_m=max(question.gap_m or 0.0, terms.reach_m),
        build_minor_m=question.build_minor_m or 0,
        build_fixed_minor=terms.build_fixed_minor,
        joints=joints_of(question),
    )


def joints_of(question: RouteQuestion) -> Joints:
    terms = question.known_terms
    return Joints(terms.splice_db, terms.connector_db)
