"""The API's shape of co-construction groups and of the gap map."""

from __future__ import annotations

from typing import Any

from marshmallow import RAISE, Schema, fields, validate

from app.matching.cobuilding.queries import ExemptionView, GroupView, MemberView
from app.web.shapes import (
    CURRENCY,
    DAY,
    FLAG,
    MINOR,
    MOMENT,
    NUMBER,
    PARTY,
    REF,
    TEXT,
    WHOLE,
    Shape,
    choice,
    many,
    maybe,
    named,
    record,
)  # fmt: skip


class ExemptionIn(Schema):
    class Meta:
        unknown = RAISE

    reason = fields.String(required=True, validate=validate.Length(min=1, max=2000))
    decision = fields.String(load_default="granted", validate=validate.OneOf(("granted", "refused")))


class ExemptionRequestIn(Schema):
    class Meta:
        unknown = RAISE

    grounds = fields.String(required=True, validate=validate.Length(min=1, max=2000))


PLACE: Shape = record(lon=NUMBER, lat=NUMBER)
MEMBER = named(
    "CobuildMember",
    record(
        need=REF, title=TEXT, organisation=PARTY, own=FLAG, consented=FLAG, alone_minor=MINOR, alone_stated=FLAG,
        share_minor=MINOR, gain_minor=MINOR, proportion_minor=MINOR, proportion_gain_minor=MINOR, way_m=maybe(NUMBER),
    ),
)  # fmt: skip
SECTION = record(
    line={**many(many(NUMBER)), "description": "[longitude, latitude], …"}, length_m=NUMBER, corridor=maybe(TEXT), needs=many(REF)
)
SITE = named(
    "CobuildSite",
    record(
        place=PLACE,
        height_m=maybe(NUMBER),
        length_m=maybe(NUMBER),
        start_from=DAY,
        start_until=DAY,
        cost_minor=MINOR,
        core_excess_minor=MINOR,
        stable=FLAG,
        sections=many(SECTION),
    ),
)
EXEMPTION = named(
    "CobuildExemption",
    record(
        status=choice("requested", "granted", "refused"), requested_by=maybe(PARTY), requested_at=MOMENT, grounds=TEXT,
        decided_at=maybe(MOMENT), decision_reason=maybe(TEXT),
    ),
)  # fmt: skip
NEAR = record(listing=REF, title=TEXT, distance_m=NUMBER, rule_m=WHOLE)
GROUP = named(
    "CobuildGroup",
    record(
        id=REF, form=choice("site", "trench"), kind=TEXT, region=TEXT, status=choice("proposed", "agreed", "superseded"),
        currency=CURRENCY, needs=WHOLE,
        organisations=WHOLE, cell={**many(NUMBER), "description": "west, south, east, north"}, consented=FLAG, members=many(MEMBER),
        site=maybe(SITE), near=many(NEAR), near_count=WHOLE, exemption_reason=maybe(TEXT), exemptions=many(EXEMPTION), created_at=MOMENT,
    ),
)  # fmt: skip
STATUS = named("CobuildStatus", record(id=REF, status=choice("proposed", "agreed", "superseded")))


def group_json(view: GroupView) -> dict[str, Any]:
    opened = view.opened
    return {
        "id": view.ref,
        "form": view.form,
        "kind": view.kind,
        "region": view.region,
        "status": view.status,
        "currency": view.currency,
        "needs": view.needs,
        "organisations": view.organisations,
        "cell": list(view.cell),
        "consented": view.consented,
        "members": [_member_json(member) for member in view.members],
        "site": None
        if opened is None
        else {
            "place": {"lon": opened.lon, "lat": opened.lat},
            "height_m": opened.height_m,
            "length_m": opened.length_m,
            "start_from": opened.start_from.isoformat(),
            "start_until": opened.start_until.isoformat(),
            "cost_minor": opened.cost_minor,
            "core_excess_minor": opened.core_excess_minor,
            "stable": opened.core_excess_minor <= 0,
            "sections": [
                {"line": [list(at) for at in s.line], "length_m": s.length_m, "corridor": s.corridor, "needs": list(s.need_refs)}
                for s in opened.sections
            ],
        },
        "near": [{"listing": n.listing_ref, "title": n.title, "distance_m": n.distance_m, "rule_m": n.rule_m} for n in view.near],
        "near_count": view.near_count,
        "exemption_reason": view.exempted,
        "exemptions": [_exemption_json(case) for case in view.exemptions],
        "created_at": view.created_at.isoformat(),
    }


def _exemption_json(case: ExemptionView) -> dict[str, Any]:
    who = case.requested_by
    return {
        "status": case.status,
        "requested_by": None if who is None else {"id": who.ref, "name": who.name},
        "requested_at": case.requested_at.isoformat(),
        "grounds": case.grounds,
        "decided_at": None if case.decided_at is None else case.decided_at.isoformat(),
        "decision_reason": case.decision_reason,
    }


def _member_json(member: MemberView) -> dict[str, Any]:
    return {
        "need": member.need_ref,
        "title": member.title,
        "organisation": {"id": member.organisation.ref, "name": member.organisation.name},
        "own": member.own,
        "consented": member.consented,
        "alone_minor": member.alone_minor,
        "alone_stated": member.alone_stated,
        "share_minor": member.share_minor,
        "gain_minor": member.gain_minor,
        "proportion_minor": member.proportion_minor,
        "proportion_gain_minor": member.proportion_gain_minor,
        "way_m": member.way_m,
    }
